"""form_groups: as many people as possible in groups with a coach and a time, the best total."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import Status, check_parameter, listed
from mentormatch.journal import logged
from mentormatch.matching.answer import Stage
from mentormatch.matching.constraints import MILLION, Constraint
from mentormatch.programmes.groups.lowering import GroupsAsked, Lowering, lowered
from mentormatch.programmes.groups.result import Groups, SolvedGroups
from mentormatch.programmes.groups.rules import CommonSlot, GroupRule
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.columns.solve import Answer, form, ready

__all__ = ["form_groups", "solved_groups"]

WEEKLY = CommonSlot()


@logged(lambda groups, _: f"formed groups: {groups._headline()}, {groups.status}")
@typed
def form_groups(
    scores: Scores,
    size: tuple[int, int] = (4, 6),
    *,
    meet: CommonSlot | None = WEEKLY,
    mix: Sequence[GroupRule] = (),
    alike: Scores | None = None,
    alike_weight: float = 0.3,
    capacity: str | int = "groups",
    constraints: Sequence[Constraint] = (),
    partial: bool = False,
    gap: float = 0.005,
    time_limit: float | None = None,
    seed: int = 0,
) -> Groups:
    """Put people into groups, each with a coach and a time at which all of them can.

    As many people as possible are placed; among all such plans the total is made as high as
    possible: every member's score with her coach, and what members are to one another. How far the
    plan can be from the best is proven.

    Parameters
    ----------
    scores
        Of people (as mentees) with coaches (as mentors). Inadmissible pairs are never in one
        group; a locked pair is in one.
    size
        Fewest and most members of a group.
    meet
        `CommonSlot` says how long a meeting is; None: no common time is needed.
    mix
        `NotAlone`, `AtMost` and `AtLeastValues`, kept by every group.
    alike
        Scores of the people with themselves, ``score(people, people)``: how good two of them are
        in one group. Inadmissible pairs are kept apart.
    alike_weight
        What this counts: each member's part is so much times her mean score with the others of a
        full group. Below 0, groups of people who differ.
    capacity
        "groups": the coaches' column of capacity counts groups; or a number for all.
    constraints
        `Apart` and `Together` for people.
    partial
        Leave people out where not all can be placed, rather than raise an error.
    gap
        Relative gap between bound and total at which to stop; 0 for the proven optimum, which
        takes seconds for some dozens of people and longer for more.
    time_limit
        Seconds, after which the best plan found is returned with an honest gap. Without it the
        work is bounded, and the same on every machine.
    seed
        Decides ties, together with the ids.

    Returns
    -------
    Groups
        The plan, its bound and the prices that prove it.

    Raises
    ------
    ParameterError
        If sizes do not add up, coaches lead too few groups, somebody can never meet enough others,
        a lone value has no company, or constraints contradict one another: everything at once,
        people by name.
    ColumnError
        If a roster lacks a column of hours or values.

    Notes
    -----
    Groups are columns of an integer programme, priced exactly [1]_. Measured: 60 people mostly
    proven in 4 to 16 s, with `alike` 0.5 to 0.8 % open after 20 s; 300 people below 1 % in half a
    minute. A coach of several groups with a common time has starts so far apart that no two of
    them overlap, chosen beforehand: bounds hold among plans that keep to those.

    References
    ----------
    .. [1] Barnhart et al. (1998), Operations Research 46(3), 316-329.

    Examples
    --------
    >>> import pandas as pd, mentormatch as mm
    >>> people, coaches = ["ana", "bo", "cy", "di"], ["eva", "finn"]
    >>> matrix = pd.DataFrame([[0.9, 0.1], [0.8, 0.3], [0.2, 0.7], [0.4, 0.6]], people, coaches)
    >>> plan = mm.form_groups(mm.Scores.from_matrix(matrix), (2, 2), meet=None)
    >>> plan["ana"], plan["cy"]
    (('eva', ('ana', 'bo')), ('finn', ('cy', 'di')))
    """
    whole = len(size) == 2 and all(
        isinstance(one, int) and not isinstance(one, bool) for one in size
    )
    check_parameter(
        whole and 1 <= size[0] <= size[1], "size", "form_groups",
        "(fewest, most) with 1 <= fewest <= most", size,
    )  # fmt: skip
    check_parameter(
        capacity == "groups" or (isinstance(capacity, int) and capacity >= 1), "capacity",
        "form_groups", "'groups' or a whole number >= 1", capacity,
    )  # fmt: skip
    for name, held, kind in (("mix", mix, GroupRule), ("constraints", constraints, Constraint)):
        wrong = [repr(one) for one in held if not isinstance(one, kind)]
        check_parameter(
            not wrong, name, "form_groups", f"a list of {kind.__name__} objects", listed(wrong)
        )
    check_parameter(gap >= 0, "gap", "form_groups", "a number >= 0", gap)
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "form_groups", "a number > 0",
        time_limit,
    )  # fmt: skip
    asked = GroupsAsked(
        scores, (int(size[0]), int(size[1])), meet, tuple(mix), alike, float(alike_weight),
        capacity, tuple(constraints), partial, float(gap), seed,
    )  # fmt: skip
    return solved_groups(asked, time_limit)


def solved_groups(asked: GroupsAsked, time_limit: float | None = None) -> Groups:
    """Return the best groups that are found for what was asked."""
    if time_limit is not None:
        ready()
    began = time.perf_counter()
    low = lowered(asked)
    answer = form(low.problem, gap=asked.gap, budget=Budget(time_limit), seed=asked.seed)
    solved = _told(low, answer, time_limit, time.perf_counter() - began)
    return Groups(asked, solved, (*asked.scores.notes, *_notes(asked, low, answer)), low)


def _told(low: Lowering, answer: Answer, time_limit: float | None, seconds: float) -> SolvedGroups:
    status = {"optimal": Status.OPTIMAL, "gap": Status.WITHIN_GAP}.get(
        answer.status, Status.WORK_LIMIT if time_limit is None else Status.TIME_LIMIT
    )
    stages = (
        Stage("people placed", float(answer.placed), float(answer.placed_bound), "people"),
        Stage("total score", answer.total / MILLION, answer.bound / MILLION, "score"),
    )
    plan = answer.plan
    groups = [tuple(sorted(low.order[plan.members(g)].tolist())) for g in range(plan.coach.size)]
    coach = low.coach_order[plan.coach].tolist()
    made = sorted(zip(coach, plan.slot.tolist(), groups, strict=True))
    return SolvedGroups(
        tuple(group for _j, _t, group in made), tuple(j for j, _t, _g in made),
        tuple(t for _j, t, _g in made), stages, status,
        tuple(answer.prices[low.place].tolist()), answer.bonus, seconds,
    )  # fmt: skip


def _notes(asked: GroupsAsked, low: Lowering, answer: Answer) -> list[str]:
    left = np.sort(low.order[answer.plan.group < 0])
    if not left.size:
        return []
    names = listed(asked.scores.mentees.name(int(i)) for i in left)
    return [f"{names} {'has' if left.size == 1 else 'have'} no group: diagnose()"]
