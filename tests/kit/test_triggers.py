"""The database itself keeps audit rows and what was filed: no UPDATE, no DELETE, by whatever way it comes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from casemgr.kit import audit, triggers
from casemgr.kit.models import AuditEvent, AuditSeal, AuditText
from casemgr.kit.sealing import seal

pytestmark = pytest.mark.django_db

RULES = triggers.all_rules()


def run(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.fixture
def sealed_row(shop, handler):
    event = audit.record(by=handler, action="store.changed", of=shop, note="电话里说的")
    seal()
    return event


ATTEMPTS = {
    "change a row": "UPDATE kit_auditevent SET actor_name = 'x'",
    "delete rows": "DELETE FROM kit_auditevent",
    "change a text": "UPDATE kit_audittext SET text = 'x'",
    "erase a text without saying when": "UPDATE kit_audittext SET text = '', salt = ''",
    "delete texts": "DELETE FROM kit_audittext",
    "change a seal": "UPDATE kit_auditseal SET hash = 'x'",
    "delete seals": "DELETE FROM kit_auditseal",
}


@pytest.mark.parametrize("way", ATTEMPTS)
def test_raw_sql_is_refused(way, sealed_row):
    with pytest.raises(IntegrityError, match=r"never (changed|deleted)"):
        run(ATTEMPTS[way])


@pytest.mark.parametrize("way", ATTEMPTS)
def test_without_the_triggers_the_same_sql_passes(way, sealed_row):
    triggers.remove(connection, RULES)
    if way == "delete rows":
        run("DELETE FROM kit_audittext")
    assert run(ATTEMPTS[way]) == 1


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.may_delete], ids=lambda rule: rule.name)
def test_truncate_is_refused_on_postgresql_whatever_is_in_the_table(rule):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(IntegrityError, match="never"):
        run(f"TRUNCATE {rule.table} CASCADE")


def test_replace_of_sqlite_does_not_push_a_row_out(sealed_row):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE")
    columns = ", ".join(field.column for field in AuditSeal._meta.concrete_fields if field.column != "id")
    for sql in (
        f"INSERT OR REPLACE INTO kit_auditseal (id, {columns}) SELECT id, {columns} FROM kit_auditseal",
        f"REPLACE INTO kit_auditseal ({columns}) SELECT {columns} FROM kit_auditseal",
    ):
        with pytest.raises(IntegrityError, match="never changed"):
            run(sql)
    triggers.remove(connection, RULES)
    assert run(sql) == 1


def test_triggers_stand_after_all_migrations_and_a_missing_one_is_named():
    assert triggers.missing(connection, RULES) == []
    table = "" if connection.vendor == "sqlite" else " ON kit_auditevent"
    run(f"DROP TRIGGER guard_audit_event_update{table}")
    assert triggers.missing(connection, RULES) == ["guard_audit_event_update"]


def test_a_migration_changes_rows_while_the_triggers_are_lifted(sealed_row):
    with triggers.lifted(connection, RULES):
        run("UPDATE kit_auditevent SET actor_name = 'y'")
    assert AuditEvent.objects.get(pk=sealed_row.pk).actor_name == "y"
    assert triggers.missing(connection, RULES) == []
    with pytest.raises(IntegrityError, match="never changed"):
        run(ATTEMPTS["change a row"])


def test_a_text_can_be_erased_once_and_says_when(sealed_row, lead):
    assert audit.erase_texts(by=lead, thread=sealed_row.thread) == 1
    text = AuditText.objects.get(event=sealed_row)
    assert (text.text, text.salt, text.erased_at is None) == ("", "", False)
    assert audit.erase_texts(by=lead, thread=sealed_row.thread) == 0
    with pytest.raises(IntegrityError, match="only erased"):
        run("UPDATE kit_audittext SET erased_at = NULL")
