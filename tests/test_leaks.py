"""Nothing of a merchant reaches another (T5, T6): not a word, not a number, not a file."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.models import CharField, Field, JSONField, TextField
from django.urls import reverse

from appeals.models import EvidenceItem, Filing, PackFile
from casemgr.kit.models import Job, Notification
from stores.models import Merchant, Policy, Store
from tests import make
from tests.test_bodies import scoped_models
from tests.test_strangers import ADDRESSES, FREE, url_of
from tests.world import world_of

CANARY = "金丝雀7788"
# One's own second factor is drawn anew each time.
OWN = {"me-codes", "me-factor", "me-factor-qr"}
LISTS = [name for name, args in ADDRESSES if not args and name not in FREE | OWN]
# What the stranger could type to find it, where an address takes words.
QUESTIONS = ["", f"?q={CANARY[2:]}", "?q=CANARY", "?export=csv", "?export=xlsx", f"?shop={CANARY[2:]}"]


def sung(merchant: Merchant, kinds: tuple[type[Field], ...] = (CharField, TextField, JSONField)) -> int:
    """Write the canary into every free text of everything the merchant has; returns into how many columns."""
    columns = 0
    for model in [*scoped_models(), Merchant, Store]:
        path = {Merchant: "pk", Store: "merchant"}.get(model) or f"{_store_of(model)}__merchant"
        rows = list(model._base_manager.filter(**{path: merchant.pk}).values_list("pk", flat=True))
        texts = [one for one in model._meta.fields if isinstance(one, kinds)]
        for field in texts if rows else []:
            if field.unique or field.choices or _is_a_word_of_the_code(field):
                continue
            value = (
                (f'["{CANARY}"]' if field.default is list else f'{{"x": "{CANARY}"}}')
                if isinstance(field, JSONField)
                else CANARY
            )
            columns += _written(model, field, value, rows)
    return columns


def _store_of(model) -> str:
    return getattr(model, "store_path", "store")


def _is_a_word_of_the_code(field) -> bool:
    """Columns that code reads as a word of its own or a path; a person never writes them."""
    length = getattr(field, "max_length", None)
    return field.name in {
        "status",
        "detector",
        "file",
        "shown_file",
        "receipt_file",
        "sealed_file",
        "name",
        "source",
    } or (length is not None and length < 12)


def _written(model, field, value: str, keys: list[int]) -> int:
    """One column, past every guard of the models; 0 where the database itself refuses (frozen rows, constraints)."""
    quoted = ", ".join(str(int(key)) for key in keys)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {connection.ops.quote_name(field.column)} = %s"
                f" WHERE {model._meta.pk.column} IN ({quoted})",
                [value],
            )
    except DatabaseError:
        return 0
    return 1


def text_of(answer) -> str:
    """Everything an answer says, the sheets of a workbook included."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return content.decode(errors="replace") + str(answer.headers)


@pytest.fixture
def strangers(stranger, other_handler):
    """The owner of another merchant, and the handler who looks after that merchant's shop only."""
    return [stranger, make.assign(other_handler, stranger.memberships.get().merchant.stores.get())]


def found_by(browser, world) -> list[str]:
    """Addresses, with and without things in them, whose answers hold the canary."""
    urls = [reverse(name) + question for name in LISTS for question in QUESTIONS]
    urls += [url_of(world, name, args) for name, args in ADDRESSES if args]
    answers = [(url, browser.get(url)) for url in urls]
    answers += [(url, browser.post(url.partition("?")[0], {"text": "x", "q": "CANARY"})) for url in urls]
    return sorted({url for url, answer in answers if CANARY in text_of(answer)})


def test_stranger_finds_the_canary_nowhere(shop, handler, owner, strangers, as_):
    world = world_of(shop, handler, owner)
    assert sung(shop.merchant) > 60
    for person in strangers:
        assert found_by(as_(person), world) == []


def test_sweep_finds_the_canary_where_it_belongs(shop, handler, owner, as_):
    """The control: its own people see it, on more pages than one."""
    world = world_of(shop, handler, owner)
    sung(shop.merchant, (CharField, TextField))  # their own pages read what is in the structured columns
    assert len(found_by(as_(handler), world)) > 10
    assert len(found_by(as_(owner), world)) > 3


def test_pages_of_strangers_count_nothing_of_ours(shop, handler, owner, strangers, as_, time_machine):
    time_machine.move_to(make.at("2026-11-08 10:00"), tick=False)
    make.policy("false_transaction")  # rules are everybody's
    before = {person: pages_of(as_(person)) for person in strangers}
    Policy.objects.all().delete()
    world_of(shop, handler, owner)
    for person in strangers:
        assert differing(before[person], pages_of(as_(person))) == []


def test_count_is_noticed(stranger, strangers, as_, time_machine):
    """The control: one order more in their own shop changes a page."""
    time_machine.move_to(make.at("2026-11-08 10:00"), tick=False)
    handler = strangers[1]
    before = pages_of(as_(handler))
    make.alert(stranger.memberships.get().merchant.stores.get())
    assert "alerts" in differing(before, pages_of(as_(handler)))


def pages_of(browser) -> dict[str, str]:
    texts = {name: text_of(browser.get(reverse(name), follow=True)) for name in LISTS}
    return {name: re.sub(r"\b[A-Za-z0-9]{64}\b", "TOKEN", text) for name, text in texts.items()}


def differing(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [name for name, text in before.items() if text != now[name]]


FILES = ["evidence-file", "evidence-page", "receipt-file", "pack-file", "import-refused"]


@pytest.mark.parametrize("name", FILES)
def test_file_is_served_to_its_own_people_only(name, shop, handler, owner, strangers, as_, client):
    world = world_of(shop, handler, owner)
    [args] = [args for other, args in ADDRESSES if other == name]
    url = url_of(world, name, args)
    served = {person.name: as_(person).get(url).status_code for person in [handler, *strangers]}
    assert served == {handler.name: 200, **{person.name: 404 for person in strangers}}
    assert client.get(url).status_code == 302


def test_file_is_not_served_by_its_path(shop, handler, owner, as_):
    world_of(shop, handler, owner)
    stored = [
        *EvidenceItem.objects.values_list("shown_file", flat=True),
        *PackFile.objects.values_list("file", flat=True),
    ]
    stored += Filing.objects.exclude(receipt_file="").values_list("receipt_file", flat=True)
    browser = as_(handler)  # who may even see it, by its own address
    for path in stored:
        assert default_storage.exists(path)
        for way in ("/", "/media/", "/private/", "/static/", "/static/../", "/static/%2e%2e/private/", "/files/"):
            assert browser.get(way + path, follow=True).status_code == 404, way + path
    assert str(settings.MEDIA_ROOT) not in [str(folder) for folder in settings.STATICFILES_DIRS]


def test_file_is_not_served_to_a_session_from_before(shop, handler, owner, as_):
    world = world_of(shop, handler, owner)
    url, browser = url_of(world, "evidence-file", ("code",)), as_(owner)
    assert browser.get(url).status_code == 200
    owner.is_active = False
    owner.save()
    assert browser.get(url).status_code == 302


def test_bell_and_jobs_are_of_one_person(shop, handler, owner, strangers, as_):
    world_of(shop, handler, owner)
    assert Notification.objects.filter(recipient__in=strangers).count() == 0
    job = Job.objects.get(key="k")
    assert [as_(person).get(reverse("job", args=[job.code])).status_code for person in strangers] == [404, 404]
