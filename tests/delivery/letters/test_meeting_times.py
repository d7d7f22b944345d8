"""Nobody is in two meetings at once, and as many pairs meet as any choice of times allows."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.letters.checkins import (
    NO_HOURS,
    NO_TIME,
    TAKEN,
    check_ins,
    first_meetings,
)
from mentormatch.delivery.letters.meeting_times import QUARTER, Diary, Meeting, Pair, met
from mentormatch.matching.matching import Matching
from tests.insight.people import person_hours, profiles

START = datetime(2027, 1, 11, 8, tzinfo=UTC)


def meeting(quarter: int, minutes: int = 60) -> Meeting:
    return Meeting(START + quarter * QUARTER, minutes, UTC, UTC)


def clash(one: Pair, first: Meeting, other: Pair, second: Meeting) -> bool:
    shared = set(one.people) & set(other.people)
    return bool(shared) and first.start < second.end and second.start < first.end


def most(pairs: list[Pair]) -> int:
    """Brute force: how many pairs can meet."""
    best = 0
    for chosen in product(*[[None, *pair.options] for pair in pairs]):
        held = [(p, m) for p, m in zip(pairs, chosen, strict=True) if m is not None]
        if not any(clash(*one, *other) for one, other in combinations(held, 2)):
            best = max(best, len(held))
    return best


def test_as_many_meet_as_can() -> None:
    greedy_fails = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        pairs = [
            Pair(
                (f"e{rng.integers(4)}", f"r{rng.integers(2)}"),
                [meeting(int(q)) for q in rng.choice(14, rng.integers(0, 5), replace=False)],
            )
            for _ in range(rng.integers(1, 6))
        ]
        found = met(pairs, [lambda m: (m.start,)] * len(pairs), Diary())
        held = [(p, m) for p, m in zip(pairs, found, strict=True) if m is not None]
        assert all(m in p.options for p, m in held)
        assert not any(clash(*one, *other) for one, other in combinations(held, 2)), seed
        assert len(held) == most(pairs), seed
        greedy_fails += len(held) < sum(bool(pair.options) for pair in pairs)
    assert greedy_fails > 20  # not everybody can meet, and it is seen


def test_what_is_booked_stays_booked() -> None:
    diary = Diary()
    one = Pair(("a", "r"), [meeting(0)])
    assert met([one], [lambda m: (m.start,)], diary) == [meeting(0)]
    other = Pair(("b", "r"), [meeting(2), meeting(5)])
    assert met([other], [lambda m: (m.start,)], diary) == [meeting(5)]
    third = Pair(("c", "r"), [meeting(1), meeting(8)])
    assert met([third], [lambda m: (m.start,)], diary) == [None]
    diary.cancel(one, meeting(0))
    assert met([third], [lambda m: (m.start,)], diary) == [meeting(1)]


def clashes(frame: pd.DataFrame) -> int:
    """Count meetings of one person that overlap."""
    count = 0
    for side in ("mentee", "mentor"):
        held = frame[frame["start"].notna()].sort_values([side, "start"])
        same = held[side].to_numpy()[1:] == held[side].to_numpy()[:-1]
        late = held["start"].to_numpy()[1:] < held["end"].to_numpy()[:-1]
        count += int((same & late).sum())
    return count


def with_hours(spans: list[Any], mentor_spans: list[Any], zones: tuple[str, str]) -> Matching:
    """One mentor of everybody."""
    rng = np.random.default_rng(0)
    n = len(spans)
    mentees = profiles("mentee", n, rng, availability=person_hours(spans, [zones[0]] * n))
    mentors = profiles("mentor", 1, rng, availability=person_hours([mentor_spans], [zones[1]]))
    scores = mm.Scores.from_matrix(
        np.full((n, 1), 0.5), capacity=[n], mentees=mentees, mentors=mentors
    )
    return mm.solve(mm.Problem(scores))


@pytest.mark.parametrize("seed", range(5))
def test_no_clash_over_twelve_weeks_and_the_clock_change(seed: int) -> None:
    mentees, mentors = mm.make_cohort(60, 20, seed=seed)
    matching = mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")
    )
    frame = check_ins(matching, "2027-03-01", weeks=12, every=1)
    assert clashes(frame) == 0
    assert frame["start"].notna().any()
    assert (frame["note"].isin([NO_HOURS, NO_TIME, TAKEN]) == frame["start"].isna()).all()
    people = matching.problem.scores.mentees, matching.problem.scores.mentors
    stated = [dict(zip(p.ids, p.columns["availability"].answered, strict=True)) for p in people]
    silent = [
        not (stated[0][a] and stated[1][b])
        for a, b in zip(frame["mentee"], frame["mentor"], strict=True)
    ]
    assert (frame["note"] == NO_HOURS).tolist() == silent
    assert clashes(letters_as_frame(matching)) == 0


def letters_as_frame(matching: Matching) -> pd.DataFrame:
    return mm.letters.write(matching, "2027-03-01").meetings


def test_slots_that_suffice_are_found_and_others_are_told() -> None:
    zones = ("Europe/London", "Europe/London")
    enough = with_hours([[("Mon", 9, 12)]] * 3, [("Mon", 9, 12)], zones)
    frame = check_ins(enough, "2027-01-11", weeks=4, every=1)
    assert clashes(frame) == 0
    assert set(frame["note"]) == {""}
    usual = {(who, at.hour) for who, at in zip(frame["mentee"], frame["mentee_local"], strict=True)}
    assert len(usual) == 3  # each keeps an hour of her own
    short = with_hours([[("Mon", 9, 11)]] * 3, [("Mon", 9, 11)], zones)
    frame = check_ins(short, "2027-01-11", weeks=4, every=1)
    assert clashes(frame) == 0
    by_week = frame.groupby("meeting")["start"].count()
    assert (by_week == 2).all()
    assert set(frame.loc[frame["start"].isna(), "note"]) == {TAKEN}


def test_who_has_little_time_is_not_crowded_out() -> None:
    """The second can meet at nine only; the first, who would take nine, gives way."""
    zones = ("Europe/London", "Europe/London")
    matching = with_hours([[("Mon", 9, 11)], [("Mon", 9, 10)]], [("Mon", 9, 11)], zones)
    first = first_meetings(matching, "2027-01-11")
    hours = [one.mentee_local.hour for one in first.values() if one is not None]
    assert sorted(hours) == [9, 10]
    frame = check_ins(matching, "2027-01-11", weeks=3, every=1)
    assert frame["start"].notna().all()
    assert clashes(frame) == 0


def test_the_order_of_the_rosters_changes_nothing() -> None:
    mentees, mentors = mm.make_cohort(40, 12, seed=3)
    frames = []
    for order in (slice(None), slice(None, None, -1)):
        matching = mm.match(
            mm.read_roster(mentees[order], role="mentee"),
            mm.read_roster(mentors[order], role="mentor"),
        )
        frame = check_ins(matching, "2027-03-01", weeks=6, every=2)
        keys = ["mentee", "mentor", "meeting", "start", "note"]
        frames.append(frame[keys].sort_values(keys[:3]).reset_index(drop=True))
    pd.testing.assert_frame_equal(*frames)
