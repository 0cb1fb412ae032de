"""Deadlines: windows in hours and days, exemptions, the ladder, the internal clock and the latest safe moment."""

import datetime as dt

import pytest

from casemgr.kit.clock import (
    SHANGHAI,
    Exemption,
    Window,
    add_window,
    internal_elapsed,
    ladder,
    latest_safe,
    remaining,
    ship_by,
)


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


# 2026: Spring Festival off 15-23 February; 14 and 28 February are make-up days.
FESTIVAL = {dt.date(2026, 2, day): False for day in range(15, 24)} | {
    dt.date(2026, 2, 14): True,
    dt.date(2026, 2, 28): True,
}


@pytest.mark.parametrize(
    ("amount", "unit", "counts", "due"),
    [
        (72, "hours", False, at(11, 15, 10, 30)),
        (72, "hours", True, at(11, 15, 10, 30)),
        (3, "natural_days", False, at(11, 15, 23, 59, 59)),
        (3, "natural_days", True, at(11, 14, 23, 59, 59)),
        (3, "working_days", False, at(11, 17, 23, 59, 59)),
        (3, "working_days", True, at(11, 16, 23, 59, 59)),
        (0, "working_days", False, at(11, 12, 10, 30)),
    ],
)
def test_window_closes_by_its_unit_and_first_day(amount, unit, counts, due):
    # Thursday 12 November 2026
    known = {dt.date(2026, 1, 1): False}
    window = add_window(at(11, 12, 10, 30), amount, unit, counts_first_day=counts, working_days=known)
    assert window == Window(due, ())
    assert window.due_at.tzinfo is dt.UTC


def test_working_days_skip_holidays_and_count_make_up_days():
    # Friday 13 February: Saturday 14 is worked, 15-23 are off, 24 and 25 are worked
    window = add_window(at(2, 13, 9), 3, "working_days", counts_first_day=False, working_days=FESTIVAL)
    assert window == Window(at(2, 25, 23, 59, 59), ())


def test_first_day_that_is_off_is_not_counted_even_if_it_would_be():
    window = add_window(at(2, 20, 9), 1, "working_days", counts_first_day=True, working_days=FESTIVAL)
    assert window.due_at == at(2, 24, 23, 59, 59)


def test_year_missing_from_the_calendar_warns_and_never_raises():
    window = add_window(at(12, 30, 9), 4, "working_days", counts_first_day=False, working_days=FESTIVAL)
    assert window == Window(at(1, 5, 23, 59, 59, year=2027), ("calendar_missing:2027",))
    bare = add_window(at(12, 30, 9), 4, "working_days")
    assert bare.warnings == ("calendar_missing:2026", "calendar_missing:2027")


def test_day_of_the_window_is_the_day_of_shanghai():
    late = dt.datetime(2026, 11, 12, 16, 30, tzinfo=dt.UTC)  # half past midnight of the 13th
    assert add_window(late, 1, "natural_days").due_at == at(11, 14, 23, 59, 59)


def test_naive_moment_is_refused():
    with pytest.raises(ValueError, match="an aware datetime is needed"):
        add_window(dt.datetime(2026, 11, 12), 1, "hours")  # noqa: DTZ001 (what is refused)


PAID = at(2, 10, 12)


@pytest.mark.parametrize(
    ("exemptions", "due"),
    [
        ([], at(2, 12, 12)),
        ([Exemption(at(2, 11, 12), at(2, 13, 12), "pause")], at(2, 14, 12)),
        ([Exemption(at(2, 1), at(2, 11), "pause")], at(2, 13)),
        ([Exemption(at(2, 1), at(2, 9), "pause")], at(2, 12, 12)),
        ([Exemption(at(2, 12, 12), at(2, 20), "pause")], at(2, 12, 12)),
        (
            [Exemption(at(2, 11, 12), at(2, 13, 12), "pause"), Exemption(at(2, 14), at(2, 15), "pause")],
            at(2, 15, 12),
        ),
        (
            [Exemption(at(2, 11, 12), at(2, 13, 12), "pause"), Exemption(at(2, 12, 12), at(2, 14, 12), "pause")],
            at(2, 15, 12),
        ),
        ([Exemption(at(2, 11), at(2, 15), "extend", 24)], at(2, 13, 12)),
        ([Exemption(at(2, 11), at(2, 15), "extend")], at(2, 15)),
        ([Exemption(at(2, 13), at(2, 15), "extend", 24)], at(2, 12, 12)),
        ([Exemption(at(2, 10, 18), at(2, 11), "extend", 24)], at(2, 12, 12)),
        ([Exemption(at(2, 10), at(2, 11), "waive")], None),
        ([Exemption(at(2, 12), None, "waive")], None),
        ([Exemption(at(2, 13), at(2, 20), "waive")], at(2, 12, 12)),
        ([Exemption(at(2, 11), None, "pause")], None),
    ],
)
def test_ship_by_moves_with_the_exemptions_of_the_platform(exemptions, due):
    assert ship_by(PAID, 48, exemptions) == due
    assert ship_by(PAID, 48, list(reversed(exemptions))) == due


def test_ship_by_is_unknown_without_start_or_hours():
    assert ship_by(None, 48) is None
    assert ship_by(PAID, None) is None


DUE = at(11, 25, 18)


@pytest.mark.parametrize(
    ("left", "appeal", "ship"),
    [
        (dt.timedelta(days=2, seconds=1), "calm", "calm"),
        (dt.timedelta(days=2), "soon", "calm"),
        (dt.timedelta(hours=24), "today", "calm"),
        (dt.timedelta(hours=12, seconds=1), "today", "calm"),
        (dt.timedelta(hours=12), "today", "soon"),
        (dt.timedelta(hours=4, seconds=1), "today", "soon"),
        (dt.timedelta(hours=4), "now", "today"),
        (dt.timedelta(hours=1), "now", "now"),
        (dt.timedelta(0), "now", "now"),
        (dt.timedelta(seconds=-1), "missed", "missed"),
    ],
)
def test_ladder_gets_louder_as_time_runs_out(left, appeal, ship):
    now = DUE - left
    assert (ladder(DUE, now), ladder(DUE, now, "request"), ladder(DUE, now, "ship")) == (appeal, appeal, ship)
    assert remaining(DUE, now) == left


def test_internal_clock_stands_while_others_are_waited_for():
    intervals = [
        (at(11, 1, 9), "us"),
        (at(11, 1, 11), "merchant"),
        (at(11, 2, 11), "us"),
        (at(11, 2, 12), "platform"),
        (at(11, 4, 12), "buyer"),
    ]
    assert internal_elapsed(intervals, at(11, 4, 15)) == dt.timedelta(hours=6)
    assert internal_elapsed(list(reversed(intervals)), at(11, 1, 10)) == dt.timedelta(hours=1)
    assert internal_elapsed(intervals, at(11, 1, 8)) == dt.timedelta(0)
    assert internal_elapsed([], at(11, 1, 8)) == dt.timedelta(0)


@pytest.mark.parametrize(
    ("due", "safe"),
    [
        (at(11, 25, 18, 5), at(11, 25, 14, 5)),
        (at(11, 25, 23, 59, 59), at(11, 25, 17)),
        (at(11, 25, 10), at(11, 24, 18)),
        (at(11, 25, 9), at(11, 24, 17)),
        (at(11, 25, 3), at(11, 24, 17)),
        (at(11, 25, 13), at(11, 25, 9)),
    ],
)
def test_latest_safe_moment_leaves_four_office_hours(due, safe):
    assert latest_safe(due) == safe


def test_latest_safe_moment_spans_several_days_for_long_work():
    assert latest_safe(at(11, 25, 12), needed=dt.timedelta(hours=20)) == at(11, 23, 16)


def test_office_that_never_opens_is_refused():
    with pytest.raises(ValueError, match="the office must open before it closes"):
        latest_safe(DUE, opens=dt.time(9), closes=dt.time(9))
