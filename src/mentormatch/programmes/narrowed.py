"""The earlier problem for the people who are here today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mentormatch.matching.constraints import (
    Apart,
    Constraint,
    Demand,
    Keep,
    Load,
    Quota,
    Reserve,
    ScoreFloor,
    Together,
)
from mentormatch.matching.no_mutual import NoMutual
from mentormatch.matching.objectives import (
    KeepClaims,
    MaximizeMatched,
    MaximizeTotal,
    MaximizeTotalAndKept,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.rosters.group_words import group_key
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores


def problem_today(before: Problem, today: Scores) -> Problem:
    """Return the earlier problem for today's people, without what an earlier `rematch` added.

    Constraints and priorities that name people who left hold for those who stayed; quotas,
    reserves and loads of a group or mentor that is gone are dropped.
    """
    constraints = [
        kept
        for constraint in before.constraints
        if not isinstance(constraint, Keep)
        and (kept := _narrowed(constraint, before.scores, today)) is not None
    ]
    objectives = [
        _narrowed_objective(objective, today)
        for objective in before.objectives
        if not isinstance(objective, KeepClaims)
    ]
    return replace(before, scores=today, constraints=constraints, objectives=objectives)


def _narrowed_objective(objective: Objective, today: Scores) -> Objective:
    if isinstance(objective, MaximizeTotalAndKept):
        return MaximizeTotal()
    if isinstance(objective, MaximizeMatched) and isinstance(objective.priority, Mapping):
        return MaximizeMatched(_those_here(objective.priority, today.mentees))
    return objective


def _those_here(given: Mapping[str, Any], people: Profiles) -> dict[str, Any]:
    return {person: value for person, value in given.items() if people.place(person) >= 0}


def _narrowed(constraint: Constraint, before: Scores, today: Scores) -> Constraint | None:
    """Return a constraint for the people who are here, None where nobody of it is left."""
    narrow = _NARROW.get(type(constraint))
    return constraint if narrow is None else narrow(constraint, before, today)


def _people(constraint: Together | Apart, before: Scores, today: Scores) -> Together | Apart | None:
    people = [person for person in constraint.people if today.mentees.place(person) >= 0]
    return replace(constraint, people=people) if len(people) > 1 else None


def _both(limit: NoMutual, before: Scores, today: Scores) -> NoMutual | None:
    held = limit.named(before)
    if held is None:
        return limit
    here = [
        pair
        for pair in sorted(held)
        if all(max(side.place(one) for side in (today.mentees, today.mentors)) >= 0 for one in pair)
    ]
    return replace(limit, pairs=here) if here else None


def _demand(demand: Demand, before: Scores, today: Scores) -> Demand:
    given = demand.mentors
    return Demand(_those_here(given, today.mentees)) if isinstance(given, Mapping) else demand


def _floor(floor: ScoreFloor, before: Scores, today: Scores) -> ScoreFloor:
    given = floor.least
    return ScoreFloor(_those_here(given, today.mentees)) if isinstance(given, Mapping) else floor


def _group(constraint: Quota | Reserve, before: Scores, today: Scores) -> Quota | Reserve | None:
    group = _value_gone(constraint.column, constraint.value, before.mentees, today.mentees)
    place = _place_gone(constraint.over, constraint.over_value, before.mentors, today.mentors)
    return None if group or place else constraint


def _load(load: Load, before: Scores, today: Scores) -> Load | None:
    if load.by is not None and _value_gone(load.by, load.value, before.mentors, today.mentors):
        return None
    if load.mentors is None:
        return load
    here = [mentor for mentor in load.mentors if today.mentors.place(mentor) >= 0]
    return replace(load, mentors=here) if here else None


def _place_gone(over: str, value: str | None, then: Profiles, now: Profiles) -> bool:
    if value is None or over == "programme":
        return False
    if over == "mentor":
        return now.place(value) < 0 <= then.place(value)
    return _value_gone(over, value, then, now)


def _value_gone(column: str, value: str | None, then: Profiles, now: Profiles) -> bool:
    """Whether somebody had this value and nobody has it any more."""
    if value is None or column not in then.columns or column not in now.columns:
        return False
    key = group_key(value)
    had, has = (
        {group_key(answer) for answer in people.columns[column].to_list() if answer is not None}
        for people in (then, now)
    )
    return key in had and key not in has


_NARROW: dict[type[Constraint], Callable[..., Constraint | None]] = {
    Together: _people,
    Apart: _people,
    NoMutual: _both,
    Demand: _demand,
    ScoreFloor: _floor,
    Load: _load,
    Quota: _group,
    Reserve: _group,
}

__all__ = ["problem_today"]
