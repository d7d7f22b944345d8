"""Rosters handed over in the wrong places are noticed, not matched."""

from __future__ import annotations

import io

import pytest

import mentormatch as mm


def rosters() -> tuple[mm.Profiles, mm.Profiles]:
    mentees = mm.read_roster(io.StringIO("Name,Goals\nAna,Excel\n"), role="mentee")
    mentors = mm.read_roster(io.StringIO("Name,Goals\nRaj,Excel\n"), role="mentor")
    return mentees, mentors


def test_swapped_rosters_are_refused() -> None:
    mentees, mentors = rosters()
    with pytest.raises(mm.errors.ParameterError, match="was read with role='mentor'"):
        mm.match(mentors, mentees)
    with pytest.raises(mm.errors.ParameterError, match="must be a roster of mentors"):
        mm.score(mentees, rosters()[0])  # the same roster twice would be one pool


def test_one_roster_given_twice_is_one_pool() -> None:
    people, _ = rosters()
    scores = mm.score(people, people)
    assert (scores.mentees.role, scores.mentors.role) == ("mentee", "mentor")
    assert scores.mentees.ids == scores.mentors.ids
    assert not scores.admissible.diagonal().any()


def test_solve_asks_for_a_problem() -> None:
    with pytest.raises(mm.errors.ParameterError, match="must be a Problem"):
        mm.solve(mm.score(*rosters()))
