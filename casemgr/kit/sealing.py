"""The sealer: chains settled audit rows every minute, before a backup and before a pack is frozen."""

from __future__ import annotations

import logging

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from casemgr.kit import chain
from casemgr.kit.models import AuditEvent, AuditSeal

log = logging.getLogger(__name__)

ROWS_PER_SEAL = 5_000
# How long the sealer makes writers wait behind it while it waits for those in flight. Then it gives way till next time.
LOCK_WAIT_MS = 500
TRIES = 3


def seal() -> int:
    """Seal every row that is settled: committed, with none below it still to come. Returns how many rows were sealed.

    Any number may run at once: the chain takes one seal after another (`previous` is unique), the others follow it.
    Never raises because it had to wait too long; the tail is sealed by the next call then. Call it outside of a
    transaction: inside one its rows would be sealed before they are certain, and the lock kept to the end of it.
    """
    upto = _settled()
    count, refused = 0, 0
    while upto is not None and refused < TRIES:
        try:
            sealed = _seal_next(upto)
        except IntegrityError:  # another sealer was faster: go on behind its seal
            refused += 1
            continue
        count += sealed
        if not sealed:
            break
    transaction.on_commit(keep_head)
    return count


def keep_head() -> bool:
    """Keep the newest seal outside the database. False, and left as it is, when the one kept there is not in the chain:
    what shows that the chain was cut must not be washed away by the next seal. A restore of an older backup is such a
    cut too: it ends with `chain.write_head(chain.newest())`.
    """
    head, kept = chain.newest(), chain.read_head()
    if kept is not None and not chain.head_is_known(kept):
        log.error("the seal kept outside the database (row %s) is not in the audit chain: run verify", kept["last_id"])
        return False
    if head is not None and (kept is None or kept["last_id"] < head.last_id):
        chain.write_head(head)
    return True


def _settled() -> int | None:
    """The highest number below which nothing is still to come; None when writers kept it from being told.

    PostgreSQL gives numbers out before it commits them. A SHARE lock waits for every writer in flight and holds new ones
    back; what is numbered by then is there or never will be. It is kept for one query only. SQLite has one writer at a
    time: numbers are committed in their order.
    """
    if connection.vendor != "postgresql":
        return AuditEvent.objects.aggregate(last=Max("pk"))["last"]
    for _try in range(TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
                cursor.execute(f"LOCK TABLE {AuditEvent._meta.db_table} IN SHARE MODE")
                cursor.execute("SET LOCAL lock_timeout = DEFAULT")
                return AuditEvent.objects.aggregate(last=Max("pk"))["last"]
        except DatabaseError as error:
            log.info("audit rows are being written, sealing waits: %s", str(error).split("\n")[0])
    return None


@transaction.atomic
def _seal_next(upto: int) -> int:
    """One seal over the next rows up to `upto`; how many rows it covers."""
    last = chain.newest()
    rows = AuditEvent.objects.filter(pk__gt=last.last_id if last else 0, pk__lte=upto).order_by("pk")
    found = list(rows.values_list(*chain.COLUMNS)[:ROWS_PER_SEAL])
    if not found:
        return 0
    made = AuditSeal(
        first_id=found[0][0],
        last_id=found[-1][0],
        count=len(found),
        previous=last.hash if last else "",
        rows=chain.pack(found),
        sealed_at=timezone.now(),
    )
    made.hash = chain.seal_hash(made)
    made.save()
    return len(found)
