"""The main job, end to end, by clicking: from the files of a weekend to a case closed as won in part."""

from __future__ import annotations

import pytest

from tests.flows import intake_chapters as intake


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_story_from_import_to_a_case_won_in_part(sit, weekend):
    administrator, handler, lead = (sit(login) for login in ("13800000100", "13800000102", "13800000101"))
    merchant = sit("13800000111", phone=True)
    intake.rules_are_there(administrator)
    intake.files_come_in(handler, weekend)
    intake.alerts_appear(handler)
    intake.burst_is_stopped(handler, merchant, weekend)
    intake.buyers_are_called(handler, weekend)
    intake.burst_is_reported(handler, weekend)
