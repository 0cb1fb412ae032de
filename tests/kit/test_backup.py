"""Backups: whole, of one moment, and put back equal; what is not whole never touches what is there."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import secrets
import threading
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone, translation

from casemgr.kit import audit, backup, jobs
from casemgr.kit.backup import archive, nightly, places, restoring, tables, writing
from casemgr.kit.models import AuditEvent, DataKey, Heartbeat, Job
from casemgr.kit.workflow import Refused
from orders.models import Order
from tests import make
from tests.places import Place

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10 if os.environ.get("CASEMGR_LONG") else 1
# The trail grows by the backup and the restore themselves; everything else must be the same to the last bit.
GROWING = {"kit_auditevent", "kit_auditseal", "kit_audittext", "kit_job"}


@pytest.fixture(autouse=True)
def _english():
    """The sentences are looked at in their source language."""
    with translation.override("en"):
        yield


def put_file(name: str, content: bytes) -> Path:
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def world(owner, merchant_staff, shop):
    """Rows with every kind of cell, and files."""
    order = make.order(
        shop,
        placed_at=dt.datetime(2026, 11, 7, 20, 3, 4, 123456, tzinfo=dt.UTC),
        amount_paid=Decimal("12345678.90"),
        recipient_sealed=bytes(range(256)),
        province='浙江\n"省"\\N',
    )
    make.line(order)
    make.order(shop, recipient_sealed=None)
    DataKey.objects.create(name="case:C-1", wrapped=b"\x00\xff")
    nested = {"b": [1, 2.5, None, {"字": "🀄"}], "a": 12345678901234567890}
    Job.objects.create(key="running", kind="kit.none", payload=nested, state="running", tries=2, token="t", worker="w")
    audit.record(by=owner, action="test.done", of=shop, after={"sum": "1.00"}, note="备注")
    put_file("evidence/一/图.png", secrets.token_bytes(3_000_000))
    put_file("packs/empty.bin", b"")
    return shop


@pytest.fixture
def place(tmp_path, request):
    """`place(name)` makes an empty place on the database under test, `place(name, "sqlite")` on SQLite."""
    made: list[Place] = []

    def new(name: str, vendor: str | None = None) -> Place:
        made.append(Place(tmp_path / f"{name}{os.getpid()}", vendor=vendor or connection.vendor))
        return made[-1]

    yield new
    for one in made:
        one.close()


def manifest_of(path: Path) -> dict:
    with archive.reading(path) as (_pack, manifest):
        return manifest


def settled(path: Path) -> dict:
    """The tables of a backup that nothing but people change."""
    return {name: kept for name, kept in manifest_of(path)["tables"].items() if name not in GROWING}


def everything() -> dict:
    """What is here now: the hash of every table, and the files."""
    rows = {model._meta.db_table: tables.stored(model, "default").sha256 for model in tables.models_of(apps)}
    found = sorted(Path(settings.MEDIA_ROOT).rglob("*"))
    return {**rows, "files": {str(path): path.read_bytes() for path in found if path.is_file()}}


def test_backup_restores_equal_elsewhere_and_on_the_other_database_and_by_force_keeps_what_was_there(
    world, place, tmp_path
):
    first = backup.write(tmp_path / "first.zip")
    files = {path.relative_to(settings.MEDIA_ROOT).as_posix() for path in Path(settings.MEDIA_ROOT).rglob("*.*")}
    embedded = place("embedded", "sqlite")
    code, restored = embedded.manage("restore", first.path)
    assert (code, restored["rows"], restored["files"], restored["requeued"], restored["warnings"], restored["aside"]) == (
        0, first.rows, 2, 1, [], {},
    )  # fmt: skip
    code, again = embedded.manage("backup", tmp_path / "second.zip")
    assert (code, settled(Path(again["path"]))) == (0, settled(tmp_path / "first.zip"))
    assert (set(embedded.files()), files) == (files, {"evidence/一/图.png", "packs/empty.bin"})
    production = embedded if connection.vendor == "sqlite" else place("production")
    if production is embedded:
        code, told = embedded.manage("restore", again["path"])
        assert (code, told["error"][:41]) == (1, "What is here is newer than this backup: t")
    secret = "another-secret-of-this-machine-0000"
    code, told = production.manage("restore", again["path"], "--force", CASEMGR_HASH_SECRET=secret)
    assert (code, len(told["warnings"]), "no buyer of the old orders" in told["warnings"][0]) == (0, 2, True)
    if production is embedded:
        assert Path(told["aside"]["database"]).is_file()
        assert (Path(told["aside"]["files"]) / "packs/empty.bin").is_file()
    assert production.manage("backup", tmp_path / "third.zip")[0] == 0
    assert settled(tmp_path / "third.zip") == settled(tmp_path / "first.zip")
    assert production.rows("SELECT state, tries, lease_until FROM kit_job WHERE key = 'running'") == [
        ("queued", 1, None)
    ]
    assert production.manage("verify", "--only", "kit")[1]["ok"]


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_former_schema_stays_beside_the_new_one(world, place, tmp_path):
    """The swap of PostgreSQL, without the long way through all migrations."""
    target = place("swap")
    copied = places._copy()
    copied.settings_dict["NAME"] = target.database
    old = connections["default"]
    connections["default"] = copied
    try:
        with copied.cursor() as cursor:
            cursor.execute("CREATE TABLE work (id int)")
            there = places.here()
            with places.building(there) as built, built.cursor() as new:
                new.execute("CREATE TABLE fresh (id int)")
            assert there.swap("20260101_000000") == "schema before_20260101_000000"
            cursor.execute(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_name IN ('work', 'fresh')"
            )
            assert sorted(cursor.fetchall()) == [("before_20260101_000000", "work"), ("public", "fresh")]
            with pytest.raises(ZeroDivisionError), places.building(there):
                raise ZeroDivisionError
            cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'restoring'")
            assert cursor.fetchone() == (0,)
    finally:
        copied.close()
        connections["default"] = old


def test_every_table_is_kept_but_sessions_heartbeats_and_what_is_no_row_of_work():
    left = set(connection.introspection.table_names()) - {model._meta.db_table for model in tables.models_of(apps)}
    assert left == {"cache_rows", "django_migrations", "django_session", "kit_heartbeat"}


class Writers:
    """People who go on working: an order with two lines and an audit row each, a file and the row that names it."""

    def __init__(self, shop) -> None:
        self.shop, self.over, self.written = shop, threading.Event(), 0
        self.failed: list[BaseException] = []
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(3)]

    def __enter__(self) -> Writers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def work(self, number: int) -> None:
        try:
            while not self.over.is_set():
                write_one(self.shop)
                self.written += 1
        except Exception as error:
            self.failed.append(error)
        finally:
            connections.close_all()


def write_one(shop) -> Order:
    content = secrets.token_bytes(20_000)
    name = f"load/{hashlib.sha256(content).hexdigest()}"
    put_file(name, content)
    with transaction.atomic():
        order = make.order(shop, order_no=f"L{secrets.token_hex(8)}")
        make.line(order)
        make.line(order)
        audit.record(by=None, action="test.order", of=order)
        Job.objects.create(key=order.order_no, kind="kit.none", state="done", file=name)
    return order


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_backup_under_write_load_is_of_one_moment_and_has_every_file_its_rows_name(world, place, tmp_path, _round):
    with Writers(world) as writers:
        threading.Event().wait(0.5)
        made = backup.write(tmp_path / "load.zip")
        before = writers.written
        threading.Event().wait(0.3)
    assert (writers.failed, before > 0, writers.written > before) == ([], True, True)
    target = place("load")
    assert target.manage("restore", made.path)[0] == 0
    [(orders, lines, events)] = target.rows(
        "SELECT (SELECT count(*) FROM orders_order WHERE order_no LIKE 'L%'),"
        " (SELECT count(*) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE order_no LIKE 'L%'),"
        " (SELECT count(*) FROM kit_auditevent WHERE action = 'test.order')"
    )
    named = {name for (name,) in target.rows("SELECT file FROM kit_job WHERE file <> ''")}
    files = target.files()
    assert (orders > 0, lines, events, len(named)) == (True, 2 * orders, orders, orders)
    assert {name for name in named if hashlib.sha256(files.get(name, b"")).hexdigest() != name.split("/")[1]} == set()
    assert target.manage("verify", "--only", "kit")[1]["ok"]


@pytest.mark.parametrize("guarded", [True, False], ids=["one moment", "without the guard"])
def test_rows_written_between_two_tables_are_in_none_of_them(world, tmp_path, monkeypatch, guarded):
    add = archive.add

    def and_then_somebody_writes(pack, name, parts, **how):
        add(pack, name, parts, **how)
        if name == "rows/orders_order":
            write_one(world)

    monkeypatch.setattr(writing.archive, "add", and_then_somebody_writes)
    if not guarded:
        monkeypatch.setattr(places, "snapshot", lambda: contextlib.nullcontext("default"))
    made = backup.write(tmp_path / "a.zip")
    kept = manifest_of(Path(made.path))["tables"]
    assert (kept["orders_order"]["rows"], kept["orders_orderline"]["rows"]) == ((2, 1) if guarded else (2, 3))


def test_file_that_retention_deletes_meanwhile_does_not_break_a_backup(world, tmp_path, monkeypatch):
    doomed = put_file("evidence/old.png", b"old")
    add = archive.add

    def and_then_it_goes(pack, name, parts, **how):
        doomed.unlink(missing_ok=True)
        add(pack, name, parts, **how)

    monkeypatch.setattr(writing.archive, "add", and_then_it_goes)
    made = backup.write(tmp_path / "a.zip")
    assert (made.files, made.gone) == (2, 1)


def rewritten(path: Path, change) -> None:
    """The backup anew with its members as `change(dict)` leaves them, and a seal that fits."""
    with zipfile.ZipFile(path) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    change(members)
    path.unlink()
    with archive.writing(path, lambda draft: None) as pack:
        for name, content in members.items():
            archive.add(pack, name, [content], squeeze=True)


def in_manifest(**facts):
    def change(members) -> None:
        members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **facts}).encode()

    return change


def with_row(members) -> None:
    members["rows/stores_merchant"] += members["rows/stores_merchant"]


def with_other_byte(members) -> None:
    members["files/evidence/一/图.png"] = b"x" + members["files/evidence/一/图.png"][1:]


def with_way_out(members) -> None:
    members["files/../out"] = b""


def flip(at: float):
    def change(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[min(int(len(content) * at), len(content) - 1)] ^= 0x10
        path.write_bytes(content)

    return change


def cut(at: float):
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * at)])


WAYS = {
    **{f"bit {at}": flip(at) for at in (0, 0.0000005, 0.2, 0.5, 0.9, 0.999, 0.9999, 0.99999, 1)},
    **{f"cut {at}": cut(at) for at in (0, 0.00001, 0.5, 0.99999)},
    "no table": lambda path: rewritten(path, lambda members: members.pop("rows/orders_order")),
    "no file": lambda path: rewritten(path, lambda members: members.pop("files/packs/empty.bin")),
    "no manifest": lambda path: rewritten(path, lambda members: members.pop("manifest.json")),
    "a row more": lambda path: rewritten(path, with_row),
    "another byte": lambda path: rewritten(path, with_other_byte),
    "a file outside": lambda path: rewritten(path, with_way_out),
    "another program": lambda path: rewritten(path, in_manifest(app="other")),
    "a newer format": lambda path: rewritten(path, in_manifest(format=2)),
    "a newer program": lambda path: rewritten(path, in_manifest(migrations=[["kit", "9999_tomorrow"]])),
    "a text": lambda path: path.write_text("not a backup at all"),
    "nothing": Path.unlink,
}


def test_whatever_is_not_a_whole_backup_is_refused_before_anything_is_touched(world, tmp_path):
    good = Path(backup.write(tmp_path / "good.zip").path)
    before, taken, unsaid = everything(), [], []
    for way, damage in WAYS.items():
        bad = tmp_path / "bad.zip"
        bad.write_bytes(good.read_bytes())
        damage(bad)
        try:
            backup.restore(bad, force=True)
            taken.append(way)
        except Refused as refusal:
            unsaid += [] if "Nothing was touched" in str(refusal) else [way]
    assert (taken, unsaid, everything() == before) == ([], ["nothing"], True)
    assert backup.check(good)["app"] == "casemgr"


@pytest.mark.parametrize(
    ("guard", "way"),
    [("check_seal", "bit 0.0000005"), ("_check_members", "no table"), ("_check_members", "another byte")],
)
def test_without_its_guard_a_damaged_backup_would_pass(world, tmp_path, monkeypatch, guard, way):
    bad = Path(backup.write(tmp_path / "bad.zip").path)
    if guard == "check_seal":  # a turned bit in the time of the first member: no zip minds it
        flip(10.5 / bad.stat().st_size)(bad)
    else:
        WAYS[way](bad)
    with pytest.raises(backup.NotWhole):
        backup.check(bad)
    monkeypatch.setattr(archive, guard, lambda *given: "")
    assert backup.check(bad)["app"] == "casemgr"


def test_place_that_is_newer_or_not_empty_is_refused_and_nothing_there_is_not(world, tmp_path):
    made = backup.write(tmp_path / "a.zip")
    manifest, now = manifest_of(Path(made.path)), timezone.now()
    before = everything()
    with pytest.raises(Refused, match="What is here is newer than this backup"):
        backup.restore(Path(made.path))
    older = restoring.Found(3, now - dt.timedelta(days=1), files=True, is_running=False)
    with pytest.raises(Refused, match=r"data here already \(3 people\)"):
        restoring.check_place(older, manifest, force=False)
    running = restoring.Found(0, None, files=False, is_running=True)
    with pytest.raises(Refused, match="CaseMgr is running"):
        restoring.check_place(running, manifest, force=True)
    assert restoring.check_place(restoring.Found(0, None, files=False, is_running=False), manifest, force=False) is None
    assert everything() == before


def test_restore_that_breaks_in_the_middle_leaves_everything_as_it_was(world, tmp_path, monkeypatch):
    made = backup.write(tmp_path / "a.zip")
    before = everything()

    def breaks(*given: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(restoring, "_leaves", breaks)
    with pytest.raises(RuntimeError):
        backup.restore(Path(made.path), force=True)
    assert everything() == before
    assert not Path(f"{settings.MEDIA_ROOT}.restoring").exists()


def test_unfinished_backup_is_never_taken_for_one(world, tmp_path, monkeypatch):
    def stop(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.archive, "check", stop)
    with pytest.raises(Refused, match="No space left on device"):
        backup.write(tmp_path / "a.zip")
    assert list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".*.part")) == []


def test_backup_overwrites_nothing_and_is_for_its_owner_only_and_beats(world, tmp_path):
    made = Path(backup.write(tmp_path).path)
    assert (made.parent, made.stat().st_mode & 0o777) == (tmp_path, 0o600)
    with pytest.raises(Refused, match="There is a file"):
        backup.write(made)
    with pytest.raises(Refused, match="does not exist"):
        backup.write(tmp_path / "no" / "a.zip")
    assert Heartbeat.objects.filter(name="backup").count() == 1
    assert AuditEvent.objects.filter(action="backup.made").count() == 1
    text = made.read_bytes()
    assert [secret for secret in (settings.SECRET_KEY, settings.HASH_SECRET) if secret.encode() in text] == []


def test_two_schedules_make_one_backup_a_day_and_fourteen_stay(world, tmp_path, settings):
    folder = tmp_path / "backups"
    assert nightly.ask() is False
    settings.BACKUP_DIR = str(folder)
    assert [nightly.ask(), nightly.ask()] == [True, True]
    [job] = Job.objects.filter(kind="kit.backup")
    assert (jobs.run_now(job).state, str(folder) in jobs.run_now(job).error) == ("failed", True)
    folder.mkdir()
    for day in range(1, 17):
        (folder / f"casemgr-2026-01-{day:02d}.zip").touch()
    (folder / "by-hand.zip").touch()
    jobs.retry(job, by=None)
    done = jobs.run_now(Job.objects.get(pk=job.pk))
    today = f"casemgr-{timezone.localdate()}.zip"
    assert (done.state, done.result["taken_away"]) == ("done", 3)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["by-hand.zip", today, *(f"casemgr-2026-01-{day:02d}.zip" for day in range(4, 17))]
    )
    assert backup.check(folder / today)["app"] == "casemgr"
