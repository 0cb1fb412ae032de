"""The doctor says what is missing and how to mend it, in the language of whoever asks, and changes nothing."""

from __future__ import annotations

import base64
import io
import json

import pytest
from django.core.management import call_command

from casemgr.kit import doctor, heartbeats
from casemgr.kit.management.language import operators_language
from casemgr.kit.models import DataKey
from casemgr.kit.privacy import key_ring
from stores.actions import reference
from tests import make

pytestmark = pytest.mark.django_db
KEYS = [f"k{n}:" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
SOUND = {
    "DEMO": False, "TOTP_REQUIRED": True, "HAS_MAIL": True, "EMAIL_HOST": "mail.example", "EMAIL_PORT": 587,
    "SECRET_KEY": "s" * 60, "HASH_SECRET": "h" * 40, "DATA_KEYS": KEYS[0], "PROXIES": 1,
}  # fmt: skip


@pytest.fixture
def sound(settings, tmp_path):
    """An installation that is set up, running and backed up."""
    for name, value in {**SOUND, "BACKUP_DIR": str(tmp_path)}.items():
        setattr(settings, name, value)
    boss = make.user("管理员", role="administrator", is_superuser=True)
    boss.set_password("long enough 1234")
    boss.save()
    reference.load()
    heartbeats.beat(heartbeats.name_of("here"), heartbeats.SCHEDULE, "backup")
    return settings


def states() -> dict[str, str]:
    return {line.key: line.state for line in doctor.examine() if line.state != "ok"}


def test_sound_installation_has_nothing_bad_and_names_what_people_should_know(sound):
    found = list(doctor.examine())
    assert {line.key for line in found if line.state == "bad"} == set()
    assert {"documents", "broker", "disk", "catalogue", "static", "calendar", "rules"} <= {line.key for line in found}
    assert [line.key for line in found if bool(line.cure) == (line.state == "ok") and line.key != "seal"] == []


@pytest.mark.parametrize(
    ("setting", "value", "key", "state"),
    [
        ("HAS_MAIL", False, "mail", "warn"),
        (
            "SECRET_KEY",
            "development-only-secret-that-production-refuses-to-start-with-0000",
            "casemgr_secret_key",
            "warn",
        ),
        ("DATA_KEYS", "", "casemgr_data_keys", "warn"),
        ("TOTP_REQUIRED", False, "second_factor", "bad"),
        ("TIME_ZONE", "UTC", "clock", "bad"),
        ("BACKUP_DIR", "", "backup_folder", "warn"),
        ("BACKUP_DIR", "/nowhere/at/all", "backup_folder", "bad"),
    ],
)
def test_what_is_missing_gets_its_line(sound, setting, value, key, state):
    before = states()
    setattr(sound, setting, value)
    assert states() == {**before, key: state}


def test_production_with_demo_and_without_known_proxies(sound):
    sound.PRODUCTION, sound.DEMO, sound.PROXIES = True, True, 0
    assert {key: state for key, state in states().items() if key in ("mode", "proxies")} == {
        "mode": "bad",
        "proxies": "warn",
    }


def test_half_done_change_of_keys_and_a_lost_key(sound):
    old, new = (key_ring.parsed(text).current for text in KEYS)
    DataKey.objects.create(name="case:C-1", wrapped=old.seal(b"k" * 32, aad="x"))
    assert "casemgr_data_keys" not in states()
    sound.DATA_KEYS = f"{KEYS[1]},{KEYS[0]}"
    assert states()["casemgr_data_keys"] == "warn"
    sound.DATA_KEYS = KEYS[1]
    assert (new.id, states()["casemgr_data_keys"]) == ("k2", "bad")


def test_people_of_the_demo_who_can_still_sign_in(sound):
    person = make.user("林晓岚", role="handler", phone="13800000102")
    assert "demo_people" not in states()
    person.set_password("demo-2026-lvye")
    person.save()
    assert states()["demo_people"] == "bad"


def test_command_tells_by_exit_code_and_speaks_the_language_of_the_terminal(sound, monkeypatch):
    out = io.StringIO()
    call_command("doctor", "--json", stdout=out)
    assert json.loads(out.getvalue())["ok"]
    sound.TIME_ZONE = "UTC"
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 1
    spoken = [operators_language(env) for env in ({"LANG": "zh_CN.UTF-8"}, {"LANG": "en_GB"}, {"LANG": "C"}, {})]
    assert spoken == ["zh-hans", "en", "zh-hans", "zh-hans"]
