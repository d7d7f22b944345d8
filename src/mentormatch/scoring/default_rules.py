"""Which rules hold: those the rosters have columns for, and those that are added to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from mentormatch.errors import ParameterError, listed
from mentormatch.rosters.columns import Column, Numbers, People
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.rules import (
    Avoid,
    Forbid,
    Lock,
    NotPrevious,
    OnlyPreferred,
    ReportingLine,
    Rule,
)

__all__ = ["added", "as_rules", "pairs_as_rules", "rules_from_columns"]


def rules_from_columns(mentees: Profiles, mentors: Profiles) -> tuple[Rule, ...]:
    """Return the rules that the rosters have columns for."""
    both = (mentees.columns, mentors.columns)

    def either(name: str, kind: type[Column]) -> bool:
        return any(isinstance(columns.get(name), kind) for columns in both)

    rules: list[Rule] = []
    if either("supervisor_id", People):
        reason = "nobody is mentored within the own reporting line"
        rules.append(ReportingLine(reason=reason))
    if either("previous", People):
        rules.append(NotPrevious(reason="a new pair, not one matched before"))
    if either("avoid", People):
        rules.append(Avoid(reason="asked for by a participant"))
    if either("only_preferred", Numbers):
        rules.append(OnlyPreferred(reason="who asked for it gets a wish or nobody"))
    return tuple(rules)


def as_rules(rules: Iterable[Rule] | Rule | None, owner: str) -> tuple[Rule, ...]:
    """Return what the 'rules' parameter of `owner` holds.

    Raises
    ------
    ParameterError
        Naming everything that is no rule.
    """
    if rules is None:
        return ()
    given: tuple[Any, ...]
    try:
        given = (rules,) if isinstance(rules, Rule) else tuple(rules)
    except TypeError:
        given = (rules,)
    wrong = [repr(rule) for rule in given if not isinstance(rule, Rule)]
    if wrong:
        raise ParameterError(
            f"The 'rules' parameter of {owner} must hold rules such as Different('site'). "
            f"Got {listed(wrong)}."
        )
    return given


def pairs_as_rules(lock: Any, forbid: Any) -> tuple[Rule, ...]:
    """Return the rules that `lock=` and `forbid=` stand for: pairs, or a rule of that kind.

    Raises
    ------
    ParameterError
        If either is neither.
    """
    found: list[Rule] = []
    kinds: tuple[tuple[str, type[Lock] | type[Forbid], Any], ...] = (
        ("forbid", Forbid, forbid), ("lock", Lock, lock),
    )  # fmt: skip
    for name, kind, given in kinds:
        if given is None:
            continue
        try:
            rule = given if isinstance(given, kind) else kind(given)
        except ParameterError:
            raise ParameterError(
                f"The {name!r} parameter of score must be a list of (mentee, mentor) pairs, or a "
                f"{kind.__name__}. Got {given!r}."
            ) from None
        found += [rule] if rule.listed else []
    return tuple(found)


def added(rules: Iterable[Rule], more: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules and what is added to them; what says the same again is left out."""
    kept: list[Rule] = []
    for rule in (*rules, *more):
        if not any(_same(rule, other) for other in kept):
            kept.append(rule)
    return tuple(kept)


def _same(one: Rule, other: Rule) -> bool:
    if type(one) is not type(other):
        return False
    told = (field.name for field in fields(one) if field.name != "reason")
    return all(getattr(one, name) == getattr(other, name) for name in told)
