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
        mm.score(mentees, mentees)


def test_solve_asks_for_a_problem() -> None:
    with pytest.raises(mm.errors.ParameterError, match="must be a Problem"):
        mm.solve(mm.score(*rosters()))
