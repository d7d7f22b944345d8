"""Questions about groups: why this one, why not that coach, who is left over, is it proven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import Status, counted, listed
from mentormatch.insight.explain import contributions
from mentormatch.matching.constraints import MILLION
from mentormatch.programmes.form import Verified
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.groups.rules import NotAlone
from mentormatch.rosters.columns import IntArray
from mentormatch.solvers.columns.ascent import bound_of
from mentormatch.solvers.columns.certificate import price_bound
from mentormatch.solvers.columns.lowered import Lowered
from mentormatch.solvers.columns.problem import GroupProblem, Plan
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "GroupExplanation", "WhyNotGroup", "explained", "isolation", "left_over", "verified",
    "why_not_led",
]  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class GroupExplanation(Told):
    """What a group is worth, and why.

    Attributes
    ----------
    group : int
        1, 2, ...
    coach : str
        Id.
    members : DataFrame
        One row per member: `person` (id), `name`, `slot` (on her clock), `score`, `alike`.
    contributions : DataFrame
        One row per member: points (millionths of score) per criterion, which sum to her score with
        the coach exactly.
    pairs : DataFrame
        One row per two members, where alikeness counts: `one`, `other` (ids), `points`.
    points : int
        All of it: the sum of `contributions` and `pairs`, exactly.
    text : str
        The same in words.
    """

    _table = "members"

    group: int
    coach: str
    members: pd.DataFrame
    contributions: pd.DataFrame
    pairs: pd.DataFrame
    points: int
    text: str


@dataclass(frozen=True, repr=False)
class WhyNotGroup(Told):
    """Why a person is not in a group of a coach.

    Attributes
    ----------
    person, coach : str
        Ids.
    rules : tuple of str
        What forbids it in every group of the coach; empty where nothing does.
    at_least, at_most : float or None
        Between which the total score falls where she is led by him. The first is proven by the
        prices; the second is what one exchange costs, all other groups kept, None where no single
        exchange does.
    text : str
        The same in words.
    """

    person: str
    coach: str
    rules: tuple[str, ...]
    at_least: float | None
    at_most: float | None
    text: str


def explained(groups: Groups, who: str | int) -> GroupExplanation:
    """Return what a group is worth, and why.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If there is no such group, or she is in none.
    """
    import pandas as pd

    people, coaches = groups.scores.mentees, groups.scores.mentors
    if isinstance(who, str):
        found = groups.group_of(people.position(who))
        g = groups.number(0 if found is None else found + 1)
    else:
        g = groups.number(who)
    members, j = groups.solved.members[g], groups.solved.coach[g]
    at, pair = groups.lowering.place[list(members)], groups.lowering.problem.pair
    rows = [
        (people.ids[members[a]], people.ids[members[b]], int(pair[at[a], at[b]]))
        for a in range(len(members))
        for b in range(a + 1, len(members))
        if pair is not None
    ]
    pairs = pd.DataFrame(rows, columns=["one", "other", "points"])
    fit = contributions(groups.scores, list(members), [j] * len(members))
    frame = groups.to_frame()
    frame = frame[frame["group"] == g + 1][["person", "person_name", "slot", "score", "alike"]]
    frame = frame.rename(columns={"person_name": "name"}).reset_index(drop=True)
    coach_points, alike = int(fit.to_numpy().sum()), int(pairs["points"].sum())
    when = groups.when(g, coaches, j)
    told = f"Group {g + 1}: {coaches.name(j)} leads {listed(people.name(i) for i in members)}"
    told += f" on {when}, when all of them can" if when else ""
    told += f". Their scores with {coaches.name(j)} add up to {coach_points / MILLION:.3f}"
    told += f", what they are to one another to {alike / MILLION:.3f}." if rows else "."
    return GroupExplanation(
        g + 1, coaches.ids[j], frame, fit, pairs, coach_points + alike, told
    )  # fmt: skip


def why_not_led(groups: Groups, person: str, coach: str) -> WhyNotGroup:
    """Return why a person is not in a group of a coach: what forbids it, or two numbers.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
    people, coaches = groups.scores.mentees, groups.scores.mentors
    i, j = people.position(person), coaches.position(coach)
    ids, name, his = (people.ids[i], coaches.ids[j]), people.name(i), coaches.name(j)
    here = groups.group_of(i)
    if here is not None and groups.solved.coach[here] == j:
        return WhyNotGroup(*ids, (), 0.0, 0.0, f"{name} is in a group of {his}.")
    rules = tuple(_forbidding(groups, i, j))
    if rules:
        return WhyNotGroup(
            *ids, rules, None, None, f"{name} cannot be in a group of {his}: {'; '.join(rules)}."
        )
    low = groups.lowering
    k, c = int(low.place[i]), int(low.coach_place[j])
    worth = low.problem.worth.copy()
    worth[k, np.arange(worth.shape[1]) != c] = -1
    prices = np.array(groups.solved.prices, dtype=np.int64)[low.order]
    plan = _plan(groups)
    placed, total = plan.placed, plan.total(low.problem)
    bonus = groups.solved.bonus
    bound, _ = bound_of(Lowered.of(replace(low.problem, worth=worth)), prices, bonus)
    least = max(total - (bound - bonus * placed), 0) / MILLION
    best = _one_exchange(low.problem, plan, k, c)
    most = None if best is None else max(total - best, 0) / MILLION
    if most is None:
        text = (
            f"With {name} led by {his} the total score falls by at least {least:.3f} (by the "
            "prices), or fewer people are placed; no single exchange brings her there."
        )
    else:
        text = (
            f"With {name} led by {his} the total score falls by {least:.3f} at least (by the "
            f"prices) and {most:.3f} at most (one exchange, all other groups kept)."
        )
    return WhyNotGroup(*ids, (), least, most, text)


def _forbidding(groups: Groups, i: int, j: int) -> list[str]:
    """Return what keeps a person from every group that a coach could lead."""
    scores, low = groups.scores, groups.lowering
    said = [str(rule) for rule in scores.why_inadmissible(i, j)]
    if said:
        return said
    whole = Lowered.of(low.problem)
    k, c = int(low.place[i]), int(low.coach_place[j])
    if whole.worth[c, k] < 0:
        return ["she, or somebody who must be with her, is locked with another coach or forbidden"]
    if low.problem.capacity[c] == 0:
        return [f"{scores.mentors.name(j)} leads no groups"]
    both = whole.free[k] & whole.open[c]
    if not both.any():
        return ["they have no common slot"]
    enough = (whole.free[:, both] & (whole.worth[c] >= 0)[:, None]).sum(axis=0)
    if enough.max() < low.problem.low:
        return [
            f"at no time at which both can do {low.problem.low} people can whom "
            f"{scores.mentors.name(j)} may lead"
        ]
    return []


def _plan(groups: Groups) -> Plan:
    """Return the plan by places in the problem."""
    low, solved = groups.lowering, groups.solved
    group = np.full(low.order.size, -1, dtype=np.int64)
    for g, members in enumerate(solved.members):
        group[low.place[list(members)]] = g
    coach = low.coach_place[np.array(solved.coach, dtype=np.int64)]
    return Plan(group, coach, np.array(solved.slot, dtype=np.int64))


def _one_exchange(problem: GroupProblem, plan: Plan, k: int, c: int) -> int | None:
    """Return the best total with person k in a group of coach c, everybody still placed."""
    best = None
    now = int(plan.group[k])
    for g in np.flatnonzero(plan.coach == c).tolist():
        for other in (-1, *plan.members(g).tolist()):
            group = plan.group.copy()
            group[k] = g
            if other >= 0:
                group[other] = now
            tried = replace(plan, group=group)
            changed = [g] if now < 0 else [g, now]
            if tried.placed < plan.placed or any(_faulty(problem, tried, x) for x in changed):
                continue
            total = tried.total(problem)
            best = total if best is None else max(best, total)
    return best


def _faulty(problem: GroupProblem, plan: Plan, g: int) -> bool:
    return _breaks(problem, plan.members(g), int(plan.coach[g]), int(plan.slot[g]))


def _breaks(problem: GroupProblem, members: IntArray, j: int, t: int) -> bool:
    able = problem.free[members, t].all() and (problem.worth[members, j] >= 0).all()
    return not able or problem.broken(members)


def left_over(groups: Groups) -> pd.DataFrame:
    """Return the table of `Groups.diagnose`."""
    import pandas as pd

    people = groups.scores.mentees
    alone = [people.position(person) for person in groups.unplaced]
    return pd.DataFrame(
        {
            "person": [people.ids[i] for i in alone],
            "name": [people.name(i) for i in alone],
            "reason": [_reason(groups, i) for i in alone],
            "helps": [_helps(groups, i) for i in alone],
        }
    )


def _reason(groups: Groups, i: int) -> str:
    """Return why a person is in no group."""
    low = groups.lowering
    whole, k = Lowered.of(low.problem), int(low.place[i])
    may = whole.worth[:, k] >= 0
    if not may.any():
        return "No coach may lead her."
    both = (whole.free[k] & whole.open)[may]
    if not both.any():
        return "She can at no time at which a coach can whom she may have."
    enough = max(
        int((whole.free[:, t] & (whole.worth[j] >= 0)).sum())
        for j, t in np.argwhere(whole.free[k] & whole.open & may[:, None]).tolist()
    )
    if enough < low.problem.low:
        return f"At her times at most {enough - 1} others can: too few for a group."
    for rule in groups.asked.mix:
        codes = rule.mix(groups.scores.mentees).code
        if isinstance(rule, NotAlone) and codes[i] >= 0 and (codes == codes[i]).sum() == 1:
            return f"She is the only one of her value of {rule.column}: NotAlone has no place."
    if len(groups) >= int(low.problem.capacity.sum()):
        return "All coaches lead as many groups as they can, and no group has room for her."
    return "The groups have no room for her in which every rule is kept."


def _helps(groups: Groups, i: int) -> str:
    """Return the smallest change with which she joins a group, checked on that group."""
    low, plan = groups.lowering, _plan(groups)
    problem, k = low.problem, int(low.place[i])
    coaches = groups.scores.mentors
    freed = replace(problem, free=np.ones_like(problem.free))
    larger = replace(problem, high=problem.high + 1)
    tries: list[tuple[GroupProblem, str]] = [
        (freed, "can on {when}: she joins group {number} of {coach}"),
        (larger, f"groups of {problem.high + 1} allowed: she joins group {{number}} of {{coach}}"),
    ]
    for at, rule in enumerate(groups.asked.mix):
        fewer = replace(problem, mixes=problem.mixes[:at] + problem.mixes[at + 1 :])
        tries.append((fewer, f"without {rule!r}: she joins group {{number}} of {{coach}}"))
    for changed, words in tries:
        for g in range(plan.coach.size):
            members = np.sort(np.append(plan.members(g), k))
            if not _breaks(changed, members, int(plan.coach[g]), int(plan.slot[g])):
                j = groups.solved.coach[g]
                when = groups.when(g, groups.scores.mentees, i)
                return words.format(when=when, number=g + 1, coach=coaches.name(j))
    return ""


def verified(groups: Groups) -> Verified:
    """Check the groups, add their worth up, and work the bound out from the prices."""
    low, solved = groups.lowering, groups.solved
    plan = _plan(groups)
    faults = plan.faults(low.problem)
    total = plan.total(low.problem)
    prices = np.array(solved.prices, dtype=np.int64)[low.order]
    bound = price_bound(low.problem, prices, solved.bonus) - solved.bonus * plan.placed
    value, limit = total / MILLION, bound / MILLION
    says = abs(value - groups.objective) < 0.5 / MILLION
    holds = not faults and says and bound >= total
    told = f"{counted(plan.placed, 'person', 'people')} in {counted(len(groups), 'group')}, "
    told += f"total {value:.3f}; by the prices no plan that places as many exceeds {limit:.3f}"
    if groups.bound < limit:
        told += f" ({groups.bound:.3f} by integer programming, which prices cannot show)"
    if faults:
        told += f". Broken: {listed(faults)}"
    if not says:
        told += f". The total stated is {groups.objective:.3f}"
    if groups.status == Status.OPTIMAL and limit > value:
        told += "; that it is the best was proven by HiGHS"
    return Verified(holds, value, limit, told + ".")


def isolation(groups: Groups, column: str) -> pd.DataFrame:
    """Return the table of `Groups.isolation`."""
    import pandas as pd

    rule = NotAlone(column)
    people = groups.scores.mentees
    labels, codes = rule.labels(people), rule.mix(people).code
    there = np.zeros(len(labels), dtype=np.int64)
    alone = np.zeros(len(labels), dtype=np.int64)
    for members in groups.solved.members:
        inside = codes[list(members)]
        count = np.bincount(inside[inside >= 0], minlength=len(labels))
        there += count
        alone += count == 1
    return pd.DataFrame({"value": list(labels), "people": there, "alone": alone})
