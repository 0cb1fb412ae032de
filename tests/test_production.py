"""Production is settings, not another code path: what is unsafe does not start, what starts has no open warning."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.house import BASE

SAFE = {
    "CASEMGR_PRODUCTION": "1",
    "CASEMGR_SECRET_KEY": "k9!Zr4_qW" * 7,
    "CASEMGR_HASH_SECRET": "h7?Pw2" * 6,
    "CASEMGR_HOSTS": "a.example",
    "CASEMGR_DATA_KEYS": "2026:" + "A" * 43 + "=",
}
DEVELOPMENT_SECRET = "development-only-secret-that-production-refuses-to-start-with-0000"


def manage(*words: str, tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASEMGR_", "DATABASE_URL"))}
    env = {**kept, "CASEMGR_VAR": str(tmp_path), **environment}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=BASE, env=env, capture_output=True, text=True, check=False
    )


def test_production_has_no_deployment_warning_and_silences_none(tmp_path):
    checked = manage("check", "--deploy", "--fail-level", "WARNING", tmp_path=tmp_path, **SAFE)
    assert (checked.returncode, checked.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"CASEMGR_SECRET_KEY": DEVELOPMENT_SECRET}, "CASEMGR_SECRET_KEY must be set"),
        ({"CASEMGR_SECRET_KEY": "short"}, "CASEMGR_SECRET_KEY must be set"),
        ({"CASEMGR_HASH_SECRET": ""}, "CASEMGR_HASH_SECRET must be set"),
        ({"CASEMGR_DATA_KEYS": ""}, "CASEMGR_DATA_KEYS must be set"),
        ({"CASEMGR_DATA_KEYS": "no-colon"}, "CASEMGR_DATA_KEYS: entry 1 is not of the form id:base64"),
        ({"CASEMGR_DATA_KEYS": "a:AAAA"}, "CASEMGR_DATA_KEYS: the key 'a' has 3 bytes instead of 32"),
        ({"CASEMGR_DEBUG": "1"}, "without CASEMGR_DEBUG"),
        ({"CASEMGR_HOSTS": "*"}, "without '*' in CASEMGR_HOSTS"),
    ],
)
def test_production_refuses_to_start_unsafe_and_says_why(tmp_path, change, sentence):
    refused = manage("check", tmp_path=tmp_path, **{**SAFE, **change})
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_every_setting_of_the_example_is_one_that_the_settings_read():
    example = (BASE / "deploy" / ".env.example").read_text()
    named = set(re.findall(r"(?m)^#?([A-Z_]+)=", example)) - {"POSTGRES_PASSWORD"}  # read by compose.yaml
    settings = (BASE / "casemgr" / "settings.py").read_text()
    assert {name for name in named if f'"{name}"' not in settings} == set()
