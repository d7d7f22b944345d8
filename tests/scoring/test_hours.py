"""Hours in real time: zones that shift apart, odd offsets, clock changes, and an actual slot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from mentormatch.errors import ColumnError, ParameterError
from mentormatch.scoring.criteria import SharedHours
from mentormatch.scoring.hours import REFERENCE_WEEKS, local_slots, mondays, shared_slots
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.scores import score
from tests.scoring import people as oracle
from tests.scoring.people import profiles


def quarter(day, hour, minute=0):
    return day * 96 + hour * 4 + minute // 15


def span(day, start, end):
    return set(range(quarter(day, *start), quarter(day, *end)))


def rosters(mine, yours):
    mentees = profiles("mentee", [{"id": "a", "availability": mine}])
    return mentees, profiles("mentor", [{"id": "b", "availability": yours}])


def hours(mine, yours, **options):
    criterion = SharedHours(enough=168, **options)
    part = score(*rosters(mine, yours), [criterion], []).parts["availability"][0, 0]
    return float(part) * 168


def test_london_and_auckland_keep_only_what_both_seasons_share():
    # Monday 9:00-11:00 in London is 22:00-24:00 in Auckland in January, 20:00-22:00 in July
    london = ("Europe/London", span(0, (9, 0), (11, 0)))
    late, early = span(0, (22, 0), (24, 0)), span(0, (20, 0), (22, 0))
    winter, summer = ["2025-01-15"], [date(2025, 7, 20)]
    assert hours(london, ("Pacific/Auckland", late), weeks=winter) == pytest.approx(2)
    assert hours(london, ("Pacific/Auckland", late), weeks=summer) == 0
    assert hours(london, ("Pacific/Auckland", early), weeks=summer) == pytest.approx(2)
    assert hours(london, ("Pacific/Auckland", late)) == 0
    assert hours(london, ("Pacific/Auckland", late | early)) == pytest.approx(2)


def test_kathmandu_is_exact_to_the_quarter():
    # UTC+05:45: Tuesday 15:45-16:45 there is 10:00-11:00 UTC
    utc = ("UTC", span(1, (10, 0), (11, 0)))
    assert hours(utc, ("Asia/Kathmandu", span(1, (15, 45), (16, 45)))) == pytest.approx(1)
    assert hours(utc, ("Asia/Kathmandu", span(1, (16, 0), (17, 0)))) == pytest.approx(0.75)


def test_lord_howe_shifts_by_half_an_hour():
    # UTC+11 in January, +10:30 in July
    utc = ("UTC", span(2, (1, 0), (2, 0)))
    howe = ("Australia/Lord_Howe", span(2, (12, 0), (13, 0)))
    assert hours(utc, howe, weeks=["2025-01-13"]) == pytest.approx(1)
    assert hours(utc, howe, weeks=["2025-07-14"]) == pytest.approx(0.5)
    assert hours(utc, howe) == pytest.approx(0.5)


def test_skipped_and_doubled_hours():
    always = set(range(672))
    night = span(6, (1, 0), (2, 0))  # Sunday 1:00-2:00, skipped in March, doubled in October
    both = (("Europe/London", night), ("UTC", always))
    assert hours(*both, weeks=["2025-03-30"]) == 0
    assert hours(*both, weeks=["2025-10-26"]) == pytest.approx(2)
    assert hours(*both) == pytest.approx(1)


@pytest.mark.parametrize("week", ["2025-03-24", "2025-10-20", "2025-04-06", "2025-07-14"])
def test_switch_weeks_equal_the_oracle(week):
    rng = np.random.default_rng(4)
    monday = mondays([week])[0]
    for _ in range(3):
        mine, yours = (
            (oracle.ZONES[int(rng.integers(5))], set(rng.permutation(672)[:300].tolist()))
            for _ in range(2)
        )
        a, b = {"availability": mine}, {"availability": yours}
        expected = oracle.shared_hours(a, b, weeks=(monday,))
        assert hours(mine, yours, weeks=[week]) == pytest.approx(expected)


def test_a_week_that_wraps_around():
    # Sunday 20:00-24:00 in New York is Monday 1:00-5:00 UTC in January
    assert hours(
        ("America/New_York", span(6, (20, 0), (24, 0))),
        ("UTC", span(0, (1, 0), (5, 0))),
        weeks=["2025-01-13"],
    ) == pytest.approx(4)


def test_the_default_weeks_are_fixed_mondays_half_a_year_apart():
    assert [day.weekday() for day in REFERENCE_WEEKS] == [0, 0]
    assert abs((REFERENCE_WEEKS[1] - REFERENCE_WEEKS[0]).days - 182) <= 7
    assert SharedHours().weeks == REFERENCE_WEEKS
    assert mondays([datetime(2025, 3, 30, 8), "2025-03-24"]) == (date(2025, 3, 24),)


def test_local_slots_follow_the_clock():
    slots = local_slots("Europe/London", date(2025, 7, 14))
    assert slots[0] == 4  # Monday 0:00 UTC is 1:00 in London
    assert slots[-1] == 3


def test_people_without_zones_share_the_local_clock():
    assert hours((None, {5, 6}), (None, {6, 7})) == pytest.approx(0.25)
    assert hours((None, span(0, (9, 0), (10, 0))), ("Asia/Tokyo", span(0, (9, 0), (10, 0)))) == (
        pytest.approx(1)
    )


def test_never_is_an_answer_and_no_answer_is_missing():
    assert hours(("UTC", set()), ("UTC", {1})) == 0
    assert np.isnan(hours(None, ("UTC", {1})))


def test_a_shared_slot_is_real_for_both():
    mine = ("Europe/London", span(0, (9, 0), (11, 0)) | span(3, (12, 0), (12, 30)))
    yours = ("Asia/Kathmandu", span(0, (15, 15), (16, 0)) | span(3, (17, 45), (19, 0)))
    slots = shared_slots(*rosters(mine, yours), "a", "b", weeks=["2025-01-13"])
    assert [slot.hours for slot in slots] == [0.75, 0.5]
    first = slots[0]
    assert first.start == datetime(2025, 1, 13, 9, 30, tzinfo=UTC)
    assert first.end - first.start == timedelta(minutes=45)
    assert first.mentee_start.strftime("%a %H:%M") == "Mon 09:30"
    assert first.mentor_start.strftime("%a %H:%M") == "Mon 15:15"
    assert first.mentor_start == first.start
    total = hours(mine, yours, weeks=["2025-01-13"])
    assert sum(slot.hours for slot in slots) == pytest.approx(total)
    assert shared_slots(*rosters(mine, None), "a", "b") == ()
    assert len(shared_slots(*rosters(mine, mine), "a", "b")) == 4  # two in each season


def test_a_week_must_be_a_date():
    for weeks in (["2025-02-30"], [], [7]):
        with pytest.raises(ParameterError, match="weeks"):
            mondays(weeks)


def test_an_unknown_zone_is_named():
    with pytest.raises(ColumnError, match="Europe/Atlantis"):
        hours(("Europe/Atlantis", {1}), ("UTC", {1}))


def test_a_week_alike_for_everybody_is_counted_once():
    # one zone: winter and summer show the same cells; hours that nobody shares are left out
    mine = ("Europe/London", span(0, (9, 0), (17, 0)))
    yours = ("Europe/London", span(0, (12, 0), (20, 0)))
    mentees, mentors = rosters(mine, yours)
    lowered = SharedHours().lower(Pairing(mentees, mentors))
    assert lowered.mentors.shape == (1, 1, 1)
    assert lowered.quarters.tolist() == [[4]]
    assert hours(mine, yours) == pytest.approx(5)
