"""What ends of imports and recipients when its time is over."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from casemgr.kit import retention
from casemgr.kit.workflow import Refused
from orders.actions import import_files, imports, recipients
from orders.imports import files
from orders.models import ImportRun, Order
from stores.models import Merchant

NEVER_IMPORTED = dt.timedelta(days=14)


def _originals(at: dt.datetime) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(sealed_until__lte=at).exclude(sealed_file="")


def _end_originals(at: dt.datetime) -> int:
    files.sweep()
    return sum(import_files.end_keeping(run=run, now=at) for run in _originals(at))


def _left_lying(at: dt.datetime) -> QuerySet[ImportRun]:
    """Files that somebody sent in and never imported nor cancelled."""
    return ImportRun.objects.filter(status__in=("mapping", "staged"), created_at__lte=at - NEVER_IMPORTED)


def _cancel_left_lying(at: dt.datetime) -> int:
    done = 0
    for run in _left_lying(at):
        try:
            imports.cancel(by=None, run=run)
        except Refused:  # somebody imported or cancelled it in this very moment
            continue
        done += 1
    return done


def _old_recipients(at: dt.datetime) -> QuerySet[Order]:
    """Kept recipients whose time is over, and any that an import wrote while its merchant switched them off."""
    before = at - dt.timedelta(days=settings.RECIPIENT_DAYS)
    kept = Order.objects.filter(recipient_sealed__isnull=False).alias(since=Coalesce("placed_at", "created_at"))
    return kept.filter(Q(since__lt=before) | Q(store__merchant__keep_recipient=False))


def _end_recipients(at: dt.datetime) -> int:
    old = _old_recipients(at)
    return sum(
        recipients.forget(old.filter(store__merchant=merchant), of=merchant, why="kept long enough")
        for merchant in Merchant.objects.order_by("pk")
    )


RULES = [
    retention.Rule("import_originals", lambda at: _originals(at).count(), _end_originals),
    retention.Rule("imports_left_lying", lambda at: _left_lying(at).count(), _cancel_left_lying),
    retention.Rule("recipients", lambda at: _old_recipients(at).count(), _end_recipients),
]
