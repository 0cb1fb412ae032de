"""From the draft of a round to the filed pack: text, review, the one claim, the freeze and the receipt."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import rules
from appeals.actions import deadlines
from appeals.enums import WaitingFor
from appeals.evidence import files, intake, pack, prebuilt
from appeals.models import Appeal, Case, CaseViolation, EvidenceItem, Filing, PackFile
from appeals.workflow import APPEAL, CASE, FILING
from casemgr.kit import audit, jobs, sealing
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from stores.models import User
from stores.queries import leads, merchant_people


@transaction.atomic
def start_round(*, by: User | None, case: Case, text_from: Filing | None = None) -> Filing:
    """A draft filing with its draft appeals. Begins with the text of `text_from`, else of the last filing, else empty.

    Where the platform wants more, the same appeal is supplemented and no new attempt is drafted.
    """
    latest = {appeal.matter_id: appeal for appeal in rules.latest_appeals(case)}
    wanted = [appeal for appeal in latest.values() if appeal.status == "more_wanted"]
    previous = text_from or case.filings.filter(status="filed").order_by("-pk").first()
    last_round = case.filings.filter(status="filed", is_supplement=False).aggregate(n=Max("round"))["n"] or 0
    filing = Filing.objects.create(
        case=case,
        round=last_round if wanted else last_round + 1,
        is_supplement=bool(wanted),
        box_text=previous.box_text if previous else "",
        letter_text=previous.letter_text if previous else "",
        box_draft=previous.box_draft if previous else "",
        letter_draft=previous.letter_draft if previous else "",
    )
    appeals = wanted or [_draft_appeal(matter, latest) for matter in case.matters.all() if _is_open(matter, latest)]
    filing.appeals.set(appeals)
    audit.record(
        by=by, action="filing.start", of=filing, after={"round": filing.round, "is_supplement": filing.is_supplement}
    )
    return filing


def _is_open(matter: CaseViolation, latest: dict[int, Appeal]) -> bool:
    appeal = latest.get(matter.pk)
    return appeal is None or appeal.status not in ("accepted",)


def _draft_appeal(matter: CaseViolation, latest: dict[int, Appeal]) -> Appeal:
    open_draft = matter.appeals.filter(status="draft").first()
    if open_draft is not None:
        return open_draft
    number = (matter.appeals.aggregate(n=Max("number"))["n"] or 0) + 1
    return Appeal.objects.create(matter=matter, number=number)


@transaction.atomic
def send_to_review(*, by: User, filing: Filing) -> None:
    """Case preparing -> reviewing and filing draft -> in review, together; tells the leads."""
    CASE.go(filing.case, "reviewing", by=by)
    FILING.go(filing, "in_review", by=by, changes={"sent_by": by})
    deadlines.keep_safe(filing.case)
    _tell(leads(), filing, "review", gettext_noop("%(code)s waits for your review."))


@transaction.atomic
def approve(*, by: User, filing: Filing, second_look: str = "") -> None:
    """in_review -> approved, by another person where the rules want one (appeals.rules.reviewed_by_another)."""
    changes = {"approved_by": by, "approved_at": timezone.now(), "second_look": second_look.strip()}
    FILING.go(filing, "approved", by=by, changes=changes, second_look=second_look)
    deadlines.keep_safe(filing.case)
    # What goes into the pack is settled now: it is built while nobody waits, and a fault shows before the last hour.
    payload, store_id = {"filing": filing.code}, filing.case.store_id
    jobs.enqueue(prebuilt.BUILD_PACK, key=prebuilt.key_of(filing), payload=payload, by=by, store_id=store_id)
    _tell([filing.case.owner], filing, "approved", gettext_noop("%(code)s is approved: file it now."))


@transaction.atomic
def want_changes(*, by: User, filing: Filing, note: str) -> Filing:
    """Case reviewing -> preparing. The reviewed filing is dropped as history; its text goes on in a new draft."""
    FILING.go(filing, "dropped", by=by, changes={"review_note": note.strip()}, note=note)
    CASE.go(filing.case, "preparing", by=by, note=note)
    fresh = start_round(by=by, case=filing.case, text_from=filing)
    deadlines.keep_safe(filing.case)
    Filing.objects.filter(pk=fresh.pk).update(review_note=note.strip(), gaps=filing.gaps)
    _tell(
        [filing.case.owner], filing, f"changes:{fresh.pk}", gettext_noop("%(code)s: changes wanted before it is filed.")
    )
    return fresh


def drop_open(*, by: User, case: Case, note: str) -> None:
    """Drop the draft that will not be filed. One that is being filed right now stands in the way: Refused."""
    filing = rules.open_filing(case)
    if filing is None:
        return
    if filing.status == "filing":
        raise Refused(
            _("%(name)s holds the submission.") % {"name": filing.claimed_by.name if filing.claimed_by else "–"}
        )
    FILING.go(filing, "dropped", by=by, note=note)


def claim(*, by: User, filing: Filing, was_not_submitted: bool = False) -> None:
    """approved -> filing: the right to submit goes to one person for two hours, and the pack is frozen.

    Of any number of people who claim at once exactly one wins; the others get Stale with who and when. The pack's files
    are there before the race: built by the job of the approval, else written now and thrown away by whoever loses it.
    """
    try:
        _claim(by, filing, was_not_submitted)
    except Refused as refusal:
        # An attempt that is gone because somebody else filed it: that somebody is the reason to name.
        if Filing.objects.filter(pk=filing.pk, status__in=["filing", "filed"]).exists():
            raise Stale(audit.who_was_faster(filing)) from refusal
        raise


def _claim(by: User, filing: Filing, was_not_submitted: bool) -> None:
    waiting = FILING.hurdles(filing, "filing", by=by, was_not_submitted=was_not_submitted)
    if waiting:
        raise Refused(waiting[0].text, waiting)
    sealing.seal()  # what led to the pack is chained before the pack is frozen
    ready = None if filing.frozen_at else prebuilt.ready(filing)
    built = ready if ready or filing.frozen_at else pack.build(filing)
    now = timezone.now()
    changes: dict[str, Any] = {
        "claimed_by": by,
        "claimed_at": now,
        "claim_lapses_at": now + dt.timedelta(hours=settings.CLAIM_HOURS),
        "lapsed_from": None,
    }
    if built is not None:
        changes |= {"frozen_at": now, "pack": built.summary, "pack_sha256": built.sha256}
    try:
        with transaction.atomic():
            FILING.go(filing, "filing", by=by, changes=changes, was_not_submitted=was_not_submitted)
            deadlines.keep_safe(filing.case)
            if built is not None:
                PackFile.objects.bulk_create(built.files)
    except Exception:
        if built is not None and built is not ready:
            pack.discard(built)
        raise


@transaction.atomic
def give_back(*, by: User, filing: Filing, was_submitted: bool = False) -> None:
    """filing -> approved: the holder did not submit, or a lead takes the claim away. The frozen pack stays frozen."""
    if was_submitted:
        raise Refused(_("If it was submitted, record the time and the receipt instead."))
    FILING.go(filing, "approved", by=by, changes={"claimed_by": None, "claimed_at": None, "claim_lapses_at": None})
    deadlines.keep_safe(filing.case)


def lapse(*, now: dt.datetime | None = None) -> int:
    """Claims whose two hours are over go back to approved, with the question whether it was submitted. Idempotent."""
    now = now or timezone.now()
    count = 0
    for filing in Filing.objects.filter(status="filing", claim_lapses_at__lte=now).select_related(
        "claimed_by", "case__owner"
    ):
        holder = filing.claimed_by
        try:
            with transaction.atomic():
                changes = {"claimed_by": None, "claimed_at": None, "claim_lapses_at": None, "lapsed_from": holder}
                FILING.go(filing, "approved", by=None, changes=changes, has_lapsed=True)
                deadlines.keep_safe(filing.case)
                text = gettext_noop("%(code)s: your claim lapsed. Was it submitted?")
                _tell([holder, filing.case.owner], filing, f"lapse:{filing.pk}:{int(now.timestamp())}", text)
                count += 1
        except Stale:
            continue  # filed or given back in this very moment
    return count


def record(
    *,
    by: User,
    filing: Filing,
    filed_at: dt.datetime,
    receipt_no: str = "",
    receipt: intake.Upload | None = None,
    now: dt.datetime | None = None,
) -> None:
    """filing -> filed with the time the console shows. One attempt of each violation is spent, exactly once.

    `receipt` is the screenshot of the console's confirmation, if it shows one. A claim that lapsed although it was
    submitted is recorded late, by whoever held it or a lead. Raises Refused when no attempt is left or the receipt is no
    picture, Stale when somebody recorded it first; the receipt's file is thrown away then.
    """
    with files.Shelf(f"receipts/{filing.code}", filing.case) as shelf:
        changes = {"receipt_no": receipt_no.strip(), "receipt_file": _keep_receipt(shelf, receipt)}
        with transaction.atomic():
            _record(by, filing, filed_at, changes, now or timezone.now())


def _keep_receipt(shelf: files.Shelf, receipt: intake.Upload | None) -> str:
    if receipt is None:
        return ""
    accepted = intake.accept(receipt)
    if accepted.shown is None:
        raise Refused(_("The receipt must be a picture (JPG, PNG or WebP)."))
    return shelf.put(accepted.shown, accepted.suffix)


def _record(by: User, filing: Filing, filed_at: dt.datetime, changes: dict[str, Any], now: dt.datetime) -> None:
    is_late = filing.status == "approved" and filing.lapsed_from_id is not None
    if is_late:
        _take_up_lapsed(by, filing, now)
    changes |= {
        "filed_at": filed_at,
        "recorded_by": by,
        "recorded_at": now,
        "is_recorded_late": is_late or now - filed_at > dt.timedelta(hours=settings.CLAIM_HOURS),
    }
    FILING.go(filing, "filed", by=by, changes=changes, filed_at=filed_at, now=now)
    if not filing.is_supplement:
        spend_attempts(filing)
    for appeal in filing.appeals.select_related("matter__case"):
        APPEAL.go(appeal, "filed", by=by)
    EvidenceItem.objects.filter(case=filing.case, withdrawn_at=None, protected_at=None).update(protected_at=now)
    CASE.go(filing.case, "filed", by=by, changes={"waiting_for": WaitingFor.PLATFORM}, filing=filing)
    deadlines.meet(by=by, case=filing.case, at=filed_at)
    people = merchant_people(filing.case.store)
    text = gettext_noop("%(shop)s: the appeal was filed. We tell you as soon as the platform answers.")
    tell(
        people,
        event="filed",
        key=f"filing:{filing.code}:filed",
        text=text,
        values={"shop": filing.case.store.name},
        url=f"/m/cases/{filing.case.code}/",
    )


def _take_up_lapsed(by: User, filing: Filing, now: dt.datetime) -> None:
    holder = filing.lapsed_from
    if holder is None or (by != holder and not by.is_lead):
        raise Refused(
            _("%(name)s held the submission, or a lead, records it.") % {"name": holder.name if holder else "–"}
        )
    changes = {"claimed_by": by, "claimed_at": now, "claim_lapses_at": now + dt.timedelta(hours=settings.CLAIM_HOURS)}
    FILING.go(filing, "filing", by=by, changes=changes, was_not_submitted=True)


def spend_attempts(filing: Filing) -> None:
    """Count one attempt for each violation of the filing. The database refuses more than are allowed (rule 1)."""
    for appeal in filing.appeals.select_related("matter"):
        has_room = Q(attempts_allowed__isnull=True) | Q(attempts_used__lt=F("attempts_allowed"))
        spent = CaseViolation.objects.filter(has_room, pk=appeal.matter_id).update(attempts_used=F("attempts_used") + 1)
        if not spent:
            raise Refused(_("No attempt is left."))


def _tell(people: Any, filing: Filing, event: str, text: str) -> None:
    known = [person for person in people if person is not None]
    values = {"code": filing.case.code}
    tell(
        known,
        event=f"filing.{event}",
        key=f"filing:{filing.code}:{event}",
        text=text,
        values=values,
        url=f"/cases/{filing.case.code}/",
    )
