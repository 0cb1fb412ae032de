"""Keys and what they seal: bound to its row, unreadable when changed, erased with its key, safe through a rotation."""

from __future__ import annotations

import base64
import io
import os
from io import StringIO

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import CommandError, call_command

from casemgr.kit.models import AuditEvent, DataKey
from casemgr.kit.privacy import key_ring, sealing
from casemgr.kit.privacy.key_ring import Key, Malformed, Unreadable
from casemgr.kit.privacy.sealed_files import FRAME, TAG, key_name_of, sealed_blocks, unsealed

pytestmark = pytest.mark.django_db


def ring_of(*ids: str) -> str:
    """The setting with these keys; the same id is always the same key."""
    return ",".join(f"{one}:{base64.b64encode(one.encode().ljust(32)).decode()}" for one in ids)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "entry 1 is not of the form"),
        ("one", "entry 1 is not of the form"),
        ("one:???", "'one' is not base64"),
        ("one:AAAA", "'one' has 3 bytes instead of 32"),
        (ring_of("a") + ",", "entry 2 is not of the form"),
        (ring_of("a", "a"), "two keys have the same id"),
    ],
)
def test_malformed_key_ring_is_refused_without_showing_a_key(text, sentence):
    with pytest.raises(Malformed, match=sentence):
        key_ring.parsed(text)


def test_sealed_value_names_its_key_and_opens_for_its_row_only():
    key = Key("k1", os.urandom(32))
    sealed = key.seal(b"13800001234", aad="order 1")
    assert (key_ring.key_id_of(sealed), key.open(sealed, aad="order 1")) == ("k1", b"13800001234")
    assert key.seal(b"13800001234", aad="order 1") != sealed
    for other in (key, Key("k1", os.urandom(32)), Key("k2", key.secret)):
        with pytest.raises(Unreadable):
            other.open(sealed, aad="order 2")
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes((sealed[place] ^ 1,)) + sealed[place + 1 :]
        with pytest.raises(Unreadable):
            key.open(changed, aad="order 1")


def test_without_the_row_in_the_seal_a_value_could_be_moved():
    key = Key("k1", os.urandom(32))
    unbound = key.seal(b"13800001234", aad="")
    assert key.open(unbound, aad="") == b"13800001234"  # whatever row it stands in


def sealed(content: bytes, place: str = "a/b") -> bytes:
    return b"".join(sealed_blocks([content[:100], content[100:]], key_name="case:C-1", place=place))


def opened(stored: bytes, place: str = "a/b") -> bytes:
    with unsealed(io.BytesIO(stored), place=place) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 17])
def test_file_comes_back_byte_for_byte_from_any_place(size):
    content = os.urandom(size)
    stored = sealed(content)
    assert opened(stored) == content
    assert key_name_of(io.BytesIO(stored)) == "case:C-1"
    with unsealed(io.BytesIO(stored), place="a/b") as file:
        for place in (0, size // 2, max(0, size - 5)):
            file.seek(place)
            assert file.read(9) == content[place : place + 9]
        assert file.seek(0, io.SEEK_END) == size


def test_file_that_was_cut_lengthened_changed_reordered_or_moved_does_not_open():
    stored = sealed(os.urandom(2 * FRAME + 50))
    front = len(stored) - 2 * (FRAME + TAG) - 50 - TAG
    first, second = stored[front : front + FRAME + TAG], stored[front + FRAME + TAG : front + 2 * (FRAME + TAG)]
    broken = [
        stored[:-1],
        stored[: front + 2 * (FRAME + TAG)],  # cut exactly between two frames
        stored[: front + FRAME + TAG],
        stored[:front],
        stored + b"x",
        stored[:front] + second + first + stored[front + 2 * (FRAME + TAG) :],
        stored[:-20] + bytes((stored[-20] ^ 1,)) + stored[-19:],
    ]
    for one in broken:
        with pytest.raises(Unreadable):
            opened(one)
    with pytest.raises(Unreadable):
        opened(stored, place="a/c")


def test_without_the_mark_of_the_last_frame_a_cut_file_would_open():
    cipher, frames = AESGCM(os.urandom(32)), [b"one", b"two"]
    stored = [cipher.encrypt(number.to_bytes(12, "big"), frame, b"") for number, frame in enumerate(frames)]
    assert [cipher.decrypt(number.to_bytes(12, "big"), frame, b"") for number, frame in enumerate(stored[:1])] == [
        b"one"
    ]


def test_file_of_an_older_version_is_read_as_it_is():
    assert opened(b"%PDF-1.7 clear") == b"%PDF-1.7 clear"


def test_destroyed_key_erases_and_leaves_a_row_that_says_when_and_why():
    stored, value = sealed(b"content"), sealing.data_key("case:C-1").seal(b"x", aad="y")
    assert sealing.destroy("case:C-1", reason="retention", by=None) is True
    assert sealing.destroy("case:C-1", reason="again", by=None) is False
    row = DataKey.objects.get(name="case:C-1")
    assert (bytes(row.wrapped), row.destroyed_reason, row.destroyed_at is not None) == (b"", "retention", True)
    with pytest.raises(sealing.Erased) as erased:
        opened(stored)
    assert erased.value.at == row.destroyed_at
    for use in (sealing.data_key, sealing.existing_key):
        with pytest.raises(sealing.Erased):
            use("case:C-1").open(value, aad="y")
    assert AuditEvent.objects.filter(action="key.destroyed").count() == 1


def test_rotation_loses_nothing_and_the_old_key_can_be_dropped(settings):
    settings.DATA_KEYS = ring_of("old")
    stored, secret = sealed(b"content"), sealing.seal_text("totp", aad="user 1")
    sealing.data_key("import:I-1")
    sealing.destroy("import:I-1", reason="done", by=None)

    settings.DATA_KEYS = ring_of("new", "old")
    assert (opened(stored), sealing.open_text(secret, aad="user 1")) == (b"content", "totp")
    assert sealing.rewrap_all() == {"rewrapped": 2, "current": 0, "destroyed": 1}
    assert sealing.rewrap_all() == {"rewrapped": 0, "current": 2, "destroyed": 1}

    settings.DATA_KEYS = ring_of("new")
    assert (opened(stored), sealing.open_text(secret, aad="user 1")) == (b"content", "totp")


def test_dropping_the_old_key_before_the_rotation_is_refused_in_words(settings):
    settings.DATA_KEYS = ring_of("old")
    stored = sealed(b"content")
    settings.DATA_KEYS = ring_of("new")
    with pytest.raises(Unreadable, match="'old' is not in CASEMGR_DATA_KEYS"):
        opened(stored)
    with pytest.raises(CommandError, match="put that key back"):
        call_command("rotate_keys")


def test_rotation_that_was_killed_half_way_goes_on_where_it_stopped(settings):
    settings.DATA_KEYS = ring_of("old")
    for number in range(4):
        sealing.data_key(f"case:C-{number}")
    settings.DATA_KEYS = ring_of("new", "old")
    half = DataKey.objects.order_by("pk")[0]
    fresh = sealing.ring().current.seal(
        sealing.ring().open(bytes(half.wrapped), aad=f"data key {half.name}"), aad=f"data key {half.name}"
    )
    DataKey.objects.filter(pk=half.pk).update(wrapped=fresh)
    out = StringIO()
    call_command("rotate_keys", "--json", stdout=out)
    assert out.getvalue().strip() == '{"key": "new", "rewrapped": 3, "current": 1, "destroyed": 0}'
