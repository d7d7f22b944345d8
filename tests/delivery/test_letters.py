"""Letters: two voices, right hours on both clocks, nothing sensitive of the other person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mentormatch.delivery.export import write_csv
from mentormatch.delivery.letters import letters
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import DAYS, Categories, Labels
from mentormatch.scoring.scores import Scores
from tests.delivery.test_checkins import REGIMES, london_and_auckland
from tests.insight.people import matched, person_hours, profiles, scored

GROW = ("Goal", "Reality", "Options", "Will")


@pytest.mark.parametrize(("monday", "apart"), REGIMES)
def test_each_letter_gives_the_readers_own_hour(monday: date, apart: int) -> None:
    letter = letters(london_and_auckland(), monday).iloc[0]
    day = f"Mon {monday.day}"
    ours, theirs = (
        "07:00-08:00 (Europe/London)",
        f"{7 + apart}:00-{8 + apart}:00 (Pacific/Auckland)",
    )
    assert ours in letter["letter_to_mentee"]
    assert day in letter["letter_to_mentee"]
    assert theirs in letter["letter_to_mentor"]
    assert "Auckland" not in letter["letter_to_mentee"]
    assert letter["first_meeting"].hour == int(
        letter["first_meeting"].tz_convert("Europe/London").hour
        - letter["first_meeting"].tz_convert("Europe/London").utcoffset().seconds // 3600
    )


def test_every_pair_has_two_letters_with_a_grow_agenda() -> None:
    matching = matched(20, 8)
    frame = letters(matching, "2026-09-07")
    assert list(frame["mentee"]) == list(matching.to_frame()["mentee"])
    for row in frame.to_dict("records"):
        for voice, other in (("mentee", "mentor"), ("mentor", "mentee")):
            text = row[f"letter_to_{voice}"]
            assert text.startswith(f"Dear {row[f'{voice}_name']},")
            assert row[f"{other}_name"] in text
            assert row[f"{other}_email"] in text
            places = [text.index(f"{step} (") for step in GROW]
            assert places == sorted(places)
        assert not any(word in row["letter_to_mentee"] for word in ("score", "rank"))


def test_shared_goals_and_levels_come_from_the_answers() -> None:
    rng = np.random.default_rng(0)
    hours = person_hours([[("Mon", 9, 12)]], ["Europe/London"])
    mentees = profiles(
        "mentee",
        1,
        rng,
        names=["Ana"],
        goals=Labels.of([["Python", "writing"]], [[4.0, float("nan")]], [[1.0, 2.0]]),
        skills=Labels.of([["python"]], [[2.0]]),
        availability=hours,
    )
    mentors = profiles(
        "mentor", 1, rng, names=["Tane"], goals=Labels.of([["finance"]]),
        skills=Labels.of([["PYTHON"]]), availability=hours,
    )  # fmt: skip
    scores = Scores.from_matrix([[0.5]], capacity=[1], mentees=mentees, mentors=mentors)
    letter = letters(solve(Problem(scores)), "2026-09-07").iloc[0]
    assert letter["shared_goals"] == "Python"
    assert "you want writing and Python (to level 4)" in letter["letter_to_mentee"]
    assert "Python (now at level 2)" in letter["agenda"]
    assert "you can help with Python" in letter["letter_to_mentor"]
    assert "can help with Python" in letter["letter_to_mentee"]


def test_nothing_sensitive_of_the_other_person_is_told() -> None:
    rng = np.random.default_rng(1)
    secret = Labels.of([["recovering from burnout"]] * 6)
    mentees = replace(
        profiles("mentee", 6, rng, needs=secret, gender=Categories.of(["zz-mentee"] * 6)),
        sensitive=frozenset({"gender", "needs"}),
    )
    mentors = profiles("mentor", 6, rng, gender=Categories.of(["zz-mentor"] * 6))
    matching = solve(Problem(scored(mentees, mentors)))
    frame = letters(matching, "2026-09-07")
    assert len(frame)
    everything = "\n".join(frame["letter_to_mentor"]) + "\n".join(frame["letter_to_mentee"])
    assert "burnout" not in everything
    assert "zz-" not in everything


def test_without_hours_the_two_are_asked_to_agree() -> None:
    rng = np.random.default_rng(2)
    ours = person_hours([[("Mon", 9, 10)]], ["Europe/London"])
    theirs = person_hours([[(DAYS[5], 9, 10)]], ["Europe/London"])
    mentees = profiles("mentee", 1, rng, availability=ours)
    mentors = profiles("mentor", 1, rng, availability=theirs)
    scores = Scores.from_matrix([[0.5]], capacity=[1], mentees=mentees, mentors=mentors)
    letter = letters(solve(Problem(scores)), "2026-09-07").iloc[0]
    assert "Please agree a time" in letter["letter_to_mentee"]
    assert letter["mentor_time"] == ""
    bare = letters(solve(Problem(Scores.from_matrix([[0.5]], capacity=[1]))), "2026-09-07")
    assert "Please agree a time" in bare["letter_to_mentor"][0]


def test_saved_letters_start_no_formula() -> None:
    frame = letters(matched(3, 6, names=["=1+1", "@x", "-y"]), "2026-09-07")
    text = write_csv(frame)
    assert text is not None
    assert not any(
        cell.startswith(("=", "@", "-")) for cell in text.replace("\r\n", ",").split(",")
    )
