"""The main job, end to end, by clicking: from the files of a weekend to a case closed as won in part."""

from __future__ import annotations

import pytest

from appeals.models import Case
from tests.flows import case_chapters as casework
from tests.flows import intake_chapters as intake
from tests.flows import round_chapters as rounds


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_story_from_import_to_a_case_won_in_part(sit, weekend):
    administrator, handler, lead = (sit(login) for login in ("13800000100", "13800000102", "13800000101"))
    merchant, stranger = sit("13800000111", phone=True), sit("13800000121", phone=True)
    intake.rules_are_there(administrator)
    intake.files_come_in(handler, weekend)
    intake.alerts_appear(handler)
    intake.burst_is_stopped(handler, merchant, weekend)
    intake.buyers_are_called(handler, weekend)
    intake.burst_is_reported(handler, weekend)
    case = casework.notice_becomes_a_case(handler, weekend)
    casework.cause_is_found(handler)
    casework.material_comes_together(handler, merchant, weekend, case)
    casework.facts_are_recorded(handler, lead, weekend, case)
    casework.text_is_drafted(handler, case)
    casework.reviewed_and_filed(lead, handler, case, number="1", receipt="SS20261123000001")
    rounds.rejected_for_lack_of_proof(handler, case)
    rounds.second_round(handler, merchant, lead, weekend, case)
    rounds.won_in_part(handler, case)
    rounds.merchant_reads_it(merchant)
    rounds.strangers_see_nothing(stranger, case, weekend)
    kept = Case.objects.get()
    assert (kept.status, kept.outcome) == ("closed", "partly_won")
    assert list(kept.matters.values_list("attempts_used", "attempts_allowed")) == [(2, 2)]
    assert list(kept.filings.values_list("status", "claimed_by__name")) == [("filed", "林晓岚"), ("filed", "周砚")]
