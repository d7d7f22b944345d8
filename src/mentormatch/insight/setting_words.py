"""Rules, constraints, objectives and criteria in words, for people who read no code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mentormatch.insight.wording import joined, plain
from mentormatch.matching import constraints as c
from mentormatch.matching import objectives as o
from mentormatch.matching.constraints import Constraint
from mentormatch.matching.no_mutual import NoMutual
from mentormatch.matching.objectives import Objective
from mentormatch.matching.problem import Problem
from mentormatch.matching.wishes import MaximizeWishes
from mentormatch.scoring import criteria as k
from mentormatch.scoring import rules as r
from mentormatch.scoring.consent import Consented
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.network import NetworkDistance
from mentormatch.scoring.rules import Rule
from mentormatch.scoring.scores import HandedIn
from mentormatch.scoring.wishes import Preference

__all__ = ["constraint_words", "criterion_words", "in_words", "objective_words", "rule_words"]

Words = Callable[[Any], str]
DEFECTS = {
    "no_shared_hour": "nobody without a shared hour",
    "no_help": "nobody who can help with nothing that was asked for",
    "below_level": "nobody below the mentee's level",
}
SIDES = {"mentees": "the mentees'", "mentors": "the mentors'", "mutual": "mutual"}
MEASURES = {
    "matched_share": "shares matched differ by at most",
    "mean_score": "mean scores differ by at most",
}


def _at_least(rule: r.AtLeast) -> str:
    if isinstance(rule.criterion, k.SharedHours):
        return f"at least {rule.least:g} shared hours a week"
    return f"at least {rule.least:.0%} of {plain(rule.criterion.name)}"


RULES: Mapping[type[Rule], Words] = {
    r.NotHerself: lambda rule: "nobody with oneself",
    r.NotPrevious: lambda rule: "nobody matched with before",
    Consented: lambda rule: "nobody who has not consented",
    r.Avoid: lambda rule: "nobody whom one of the two asked to avoid",
    r.OnlyPreferred: lambda rule: "nobody not wished for, for those who said so",
    r.ReportingLine: lambda rule: "nobody from one's own reporting line",
    r.AtLeast: _at_least,
    r.Without: lambda rule: DEFECTS[rule.defect],
    r.Same: lambda rule: f"the same {plain(rule.column)}",
    r.Different: lambda rule: f"a different {plain(rule.column)}",
    r.Forbid: lambda rule: "pairs that were forbidden",
    r.Lock: lambda rule: "pairs that were locked",
    HandedIn: lambda rule: "pairs that the scores handed in rule out",
}


def rule_words(rule: Rule) -> str:
    """Return a rule as people say it: "nobody from one's own reporting line"."""
    words = RULES.get(type(rule))
    return words(rule) if words else spelt(type(rule).__name__)


def spelt(name: str) -> str:
    """Return a name of code as words: "OwnRule" is "own rule"."""
    return plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()


def _of(mapping: object, one: str) -> str:
    return "as given for each person" if isinstance(mapping, Mapping) else f"{one}{mapping}"


def _bounds(least: object, most: object) -> str:
    def said(bound: object) -> str:
        return f"{bound:.0%}" if isinstance(bound, float) else plain(str(bound))

    told = [f"at least {said(least)}"] if least else []
    told += [f"at most {said(most)}"] if most is not None else []
    return " and ".join(told) or "any number"


def _load(one: c.Load) -> str:
    where = f"in each {plain(one.by)}" if one.by else "with each mentor"
    if one.value is not None:
        where = f"in {plain(str(one.by))} {one.value}"
    return f"{_bounds(one.least, one.most)} mentees {where}{' named' if one.mentors else ''}"


def _quota(one: c.Quota) -> str:
    whom = (
        f"mentees of {plain(one.column)} {one.value}"
        if one.value
        else f"of each {plain(one.column)}"
    )
    where = {"mentor": "with each mentor", "programme": "in the programme"}.get(
        one.over, f"in each {plain(one.over)}"
    )
    if one.over_value is not None:
        where = f"with {one.over_value}"
    return f"{_bounds(one.least, one.most)} {whom} {where}"


def _parity(one: c.Parity) -> str:
    if one.measure == "impact_ratio":
        return f"the share matched of each {plain(one.by)} at least {one.ratio:.0%} of the highest"
    return f"by {plain(one.by)}, {MEASURES[one.measure]} {one.within:g}"


CONSTRAINTS: Mapping[type[Constraint], Words] = {
    c.ScoreFloor: lambda one: f"no pair below a score of {_of(one.least, '')}",
    c.Load: _load,
    c.Demand: lambda one: "how many mentors each mentee wants",
    c.Quota: _quota,
    c.Parity: _parity,
    c.Reserve: lambda one: f"{one.seats} seats kept for {plain(one.column)} {one.value}",
    c.Together: lambda one: f"{joined(list(one.people))} with the same mentor",
    c.Apart: lambda one: f"{joined(list(one.people))} with different mentors",
    NoMutual: lambda one: "nobody is the mentor of her own mentor",
    c.HoursBudget: lambda one: "no mentor's mentees want more hours than the mentor offers",
    c.Keep: lambda one: f"at least {one.least} of {len(one.pairs)} earlier pairs kept",
}


def constraint_words(one: Constraint) -> str:
    """Return a constraint as people say it: "at most 2 mentees with each mentor"."""
    words = CONSTRAINTS.get(type(one))
    return words(one) if words else spelt(type(one).__name__)


def _leximin(one: o.Leximin) -> str:
    return "as good as can be for the worst off, then the next worst off"


OBJECTIVES: Mapping[type[Objective], Words] = {
    o.MaximizeMatched: lambda one: "as many mentees matched as can be",
    o.MaximizeTotal: lambda one: "the highest total score",
    o.MaximizeMinimum: lambda one: "the best worst pair",
    o.Leximin: _leximin,
    o.MaximizeWorstGroup: lambda one: f"the best mean score for the worst {plain(one.by)}",
    o.BalanceLoad: lambda one: "loads as even as can be",
    o.MinimizeChanges: lambda one: "as few changes as can be",
    o.MinimizeDefects: lambda one: "as few pairs to look at as can be",
    o.KeepClaims: lambda one: "who lost a mentor has a seat first",
    o.KeepDrawn: lambda one: "who drew a seat by lot has it",
    o.MaximizeTotalAndKept: lambda one: "the highest total score, earlier pairs kept",
    MaximizeWishes: lambda one: f"as many of {SIDES[one.side]} wishes granted as can be",
}
_BY_NAME = {kind.__name__: words for kind, words in OBJECTIVES.items()}


def objective_words(one: Objective | str) -> str:
    """Return an objective, or its name, as people say it: "the highest total score"."""
    if isinstance(one, Objective):
        words = OBJECTIVES.get(type(one))
        return words(one) if words else spelt(type(one).__name__)
    try:
        return _BY_NAME[one](None)
    except (KeyError, AttributeError):  # not ours, or its words depend on its settings
        return spelt(one)


def _by(first: str, second: object) -> str:
    names = [first, *([second] if isinstance(second, str) else list(second or ()))]  # type: ignore[call-overload]
    return joined([plain(name) for name in dict.fromkeys(names)])


def _steps(many: float) -> str:
    return f"{many:g} step" if many == 1 else f"{many:g} steps"


CRITERIA: Mapping[type[Criterion], Words] = {
    k.Covers: lambda one: f"what is asked for and offered ({_by(one.needs, one.by)})",
    k.Overlap: lambda one: f"what both named ({_by(one.column, one.by)})",
    k.Similarity: lambda one: f"how alike the answers are ({_by(one.column, one.by)})",
    k.Closeness: lambda one: f"how far apart the levels are ({_by(one.column, one.by)})",
    k.SharedHours: lambda one: f"hours at which both can meet ({plain(one.column)})",
    NetworkDistance: lambda one: f"how far apart two are in the network, best {_steps(one.ideal)}",
    Preference: lambda one: f"wishes about {plain(one.of)}" if one.of else "wishes for people",
}


def criterion_words(one: Criterion) -> str:
    """Return what a criterion compares: "what both named (languages)"."""
    words = CRITERIA.get(type(one))
    return words(one) if words else "a measure of your own"


def in_words(text: str, problem: Problem) -> str:
    """Return a sentence with the names of rules and constraints of a problem as words."""
    said = {str(rule): f"the rule “{rule_words(rule)}”" for rule in problem.scores.rules}
    said |= {repr(one): f"“{constraint_words(one)}”" for one in problem.constraints}
    for code in sorted(said, key=len, reverse=True):
        text = text.replace(code, said[code])
    return text
