#!/bin/sh
# The newcomer's machine: a clone of this repository, an empty home, and nothing on the PATH but Python, make, git and
# coreutils. Runs `make run` until the page answers, then a first `make test`, and prints how long both took.
#
#   tests/fresh_machine.sh              clones the repository this file is in (what is committed)
#   tests/fresh_machine.sh ADDRESS      clones from there
#   PYTHON=/path/to/python3.12 tests/fresh_machine.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
source=${1:-$here}
python=$("${PYTHON:-python3}" -c 'import sys; print(sys.executable)')
room=$(mktemp -d)
up=

tidy() {
    if [ -n "$up" ]; then kill "$up" 2>/dev/null || true; wait "$up" 2>/dev/null || true; fi
    rm -rf "$room"
}
trap tidy EXIT
trap 'exit 130' INT TERM

mkdir "$room/bin" "$room/home"
ln -s "$python" "$room/bin/python3"
# coreutils by name; sh is the shell that make and git call.
for tool in sh make git \
    base64 basename cat chmod cp cut date dirname echo env expr false head id install ln ls mkdir mktemp mv nproc od paste \
    printf pwd readlink realpath rm rmdir seq sha256sum sleep sort stat sync tail tee test timeout touch tr true uname uniq wc; do
    found=$(command -v "$tool") || continue
    case $found in /*) ln -s "$found" "$room/bin/$tool" ;; *) ln -s "/usr/bin/$tool" "$room/bin/$tool" ;; esac
done

bare() { # run in the clone with nothing of this machine but the tools above and what a mirror needs
    env -i HOME="$room/home" PATH="$room/bin" LANG=C.UTF-8 TMPDIR="$room" \
        ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} ${PIP_CERT:+PIP_CERT="$PIP_CERT"} \
        ${SSL_CERT_FILE:+SSL_CERT_FILE="$SSL_CERT_FILE"} ${npm_config_registry:+npm_config_registry="$npm_config_registry"} \
        ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
        ${HTTPS_PROXY:+HTTPS_PROXY="$HTTPS_PROXY"} ${HTTP_PROXY:+HTTP_PROXY="$HTTP_PROXY"} "$@"
}

answers() { # does the page to sign in answer at this address?
    "$python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5).read()' "$1" 2>/dev/null
}

git clone --quiet "$source" "$room/casemgr"
cd "$room/casemgr"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

begun=$(date +%s)
bare make run PORT="$port" >"$room/log" 2>&1 &
up=$!
until answers "http://127.0.0.1:$port/login/" || answers "http://127.0.0.1:$port/"; do
    kill -0 "$up" 2>/dev/null || { cat "$room/log"; echo 'make run ended before the page answered' >&2; exit 1; }
    [ $(($(date +%s) - begun)) -lt 900 ] || { cat "$room/log"; echo 'no page after 15 minutes' >&2; exit 1; }
    sleep 1
done
first=$(($(date +%s) - begun))
cat "$room/log"
kill "$up"
wait "$up" 2>/dev/null || true
up=

begun=$(date +%s)
bare make test ARGS=tests/kit/test_clock.py
echo "make run to the first page: $first s (the bar is 180 s); make test of one file, its packages included: $(($(date +%s) - begun)) s"
