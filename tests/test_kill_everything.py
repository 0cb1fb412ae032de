"""Everything is killed with -9 while people write: what was acknowledged is there, and nothing half-done stays.

A few kills in the ordinary run; CASEMGR_LONG=1 makes thirty.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from django.db import connection
from PIL import Image

from casemgr.kit.management.commands.up import free_port
from tests.house import BASE
from tests.kit.test_supervision import until
from tests.places import Place

KILLS = 30 if os.environ.get("CASEMGR_LONG") else 2
LOGIN, PASSWORD = "13900009999", "kill-everything-2026"
PEOPLE = 3
CAST = f"""
import django; django.setup()
from tests import make
from tests.appeals import cast
person = make.user("周砚", role="handler", phone="{LOGIN}")
person.set_password("{PASSWORD}"); person.save()
shop = make.store("绿叶拼多多店")
make.assign(person, shop)
print("case", cast.opened(shop, person).code)
"""


def picture() -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (60, 60), secrets.token_bytes(10_800)).save(out, "PNG")
    return out.getvalue()


def descendants(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except FileNotFoundError:
            continue
    return found


class House:
    """`manage.py up` in a place of its own, and people who write through its pages and note what was acknowledged."""

    def __init__(self, place: Place) -> None:
        self.place, self.port = place, free_port("127.0.0.1", 8700 + os.getpid() % 300)
        self.place.env |= {"CASEMGR_TOTP_REQUIRED": "0", "DJANGO_SETTINGS_MODULE": "casemgr.settings"}
        self.url, self.case = f"http://127.0.0.1:{self.port}", ""
        self.said: list[str] = []
        self.uploaded: list[str] = []
        self.cut = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.place.folder / "log").open("ab")
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        process = subprocess.Popen(command, cwd=BASE, env=self.place.env, stdout=log, stderr=log)
        self.process = process
        until(lambda: process.poll() is not None or self.answers(), 900)
        assert process.poll() is None, (self.place.folder / "log").read_text()[-2000:]

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/login/", timeout=5).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def sign_in(self) -> requests.Session:
        browser = requests.Session()
        page = browser.get(f"{self.url}/login/", timeout=30).text
        name = "username" if 'name="username"' in page else "login"
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
        answer = browser.post(
            f"{self.url}/login/", {name: LOGIN, "password": PASSWORD, "csrfmiddlewaretoken": token}, timeout=30
        )
        assert "/login/" not in answer.url, answer.text[-2000:]
        return browser

    def write(self, browser: requests.Session, over: threading.Event) -> None:
        """Messages and evidence in turn until the connection breaks; what was answered by a redirect is noted."""
        token = browser.cookies["csrftoken"]
        while not over.is_set():
            # Letters only: a long number in a message would be masked like a phone number.
            text, content = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _letter in range(20)), picture()
            steps = [("say/", {"text": text}, None, self.said, text)]
            digest = hashlib.sha256(content).hexdigest()
            given = {"files": (f"{digest[:8]}.png", content, "image/png")}
            steps.append(("evidence/chat_log/upload/", {"declared_true": "on"}, given, self.uploaded, digest[:8]))
            for path, data, files, noted, mark in steps:
                try:
                    answer = browser.post(
                        f"{self.url}/cases/{self.case}/{path}",
                        {**data, "csrfmiddlewaretoken": token}, files=files, allow_redirects=False, timeout=60,
                    )  # fmt: skip
                except requests.RequestException:
                    self.cut += 1
                    return
                if answer.status_code == 302 and answer.headers["Location"].startswith(f"/cases/{self.case}/"):
                    noted.append(mark)

    def lost(self) -> set[str]:
        """What was acknowledged and is not there: texts without a row, files without a row or gone (`verify` reads them)."""
        texts = {text for (text,) in self.place.rows("SELECT text FROM appeals_message")}
        rows = self.place.rows("SELECT original_name, file FROM appeals_evidenceitem")
        stored = {name[:8] for name, path in rows if (self.place.folder / "private" / path).is_file()}
        return (set(self.said) - texts) | (set(self.uploaded) - stored)


@pytest.fixture
def house(tmp_path):
    made = House(Place(tmp_path / f"house{os.getpid()}", vendor=connection.vendor))
    try:
        made.start()
        command = [sys.executable, "-c", CAST]
        done = subprocess.run(command, cwd=BASE, env=made.place.env, capture_output=True, text=True, check=True)
        made.case = done.stdout.split()[-1]
        yield made
    finally:
        made.kill()
        made.place.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_acknowledged_writes_survive_the_death_of_every_process_and_nothing_half_done_stays(house):
    chance = random.Random(20261123)
    for _kill in range(KILLS):
        over = threading.Event()
        people = [threading.Thread(target=house.write, args=(house.sign_in(), over)) for _person in range(PEOPLE)]
        for person in people:
            person.start()
        acknowledged = len(house.said)
        until(lambda: len(house.said) > acknowledged, 60)  # noqa: B023  called in this round
        time.sleep(chance.uniform(0, 1.5))
        house.kill()
        over.set()
        for person in people:
            person.join()
        assert house.lost() == set()
        house.start()
    assert (house.cut >= KILLS, len(house.uploaded) > 0) == (True, True)
    # A day later: what the killed uploads left is swept, and nothing stands without the other half.
    for file in (house.place.folder / "private").rglob("*"):
        os.utime(file, (time.time() - 2 * 86400,) * 2)
    sweep = "import django; django.setup()\nfrom appeals.tasks import tidy; tidy()"
    subprocess.run([sys.executable, "-c", sweep], cwd=BASE, env=house.place.env, check=True)
    code, told = house.place.manage("verify")
    assert (code, [one for one in told["checks"] if one["bad"]]) == (0, [])
    assert house.lost() == set()
    # The bookkeeping sees a loss: one it was never told of, and one whose file is gone.
    house.said.append("never said")
    [(path, name)] = house.place.rows("SELECT file, original_name FROM appeals_evidenceitem ORDER BY id LIMIT 1")
    (house.place.folder / "private" / path).unlink()
    assert house.lost() == {"never said", name[:8]}
