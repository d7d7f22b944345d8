"""What each objective cost the next one: solved once more without it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mentormatch.domains import typed
from mentormatch.errors import MentormatchError, ParameterError, Status, check_parameter
from mentormatch.insight.forcing import budget_of, proven
from mentormatch.matching.answer import Stage
from mentormatch.matching.matching import Matching
from mentormatch.matching.objectives import (
    BalanceLoad,
    Leximin,
    MaximizeMatched,
    MaximizeMinimum,
    MinimizeDefects,
    Objective,
)
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import run
from mentormatch.solvers.budget import Budget

if TYPE_CHECKING:
    import pandas as pd


@typed
def stage_costs(matching: Matching, *, time_limit: float | None = None) -> pd.DataFrame:
    r"""Say what each objective of a matching cost the objective after it.

    Let :math:`X_i` be the matchings that are best in the first :math:`i` objectives, in order.
    Objective :math:`i` cost the next one

    .. math:: \max_{x \in X_{i-1}} f_{i+1}(x) - \max_{x \in X_i} f_{i+1}(x)

    (the other way round for `BalanceLoad` and `MinimizeDefects`, which are minimised).

    Parameters
    ----------
    matching
        Result of `solve`; n mentees, m mentors.
    time_limit
        Seconds for each of the solves; where one finds nothing in them, its row says so by missing
        values.

    Returns
    -------
    DataFrame, one row per objective
        `objective`, `value`, `bound`, `unit`; then `next` (the objective after it), `next_value`
        (what that reached), `next_without` (what it would have reached without this one), `cost`
        (their difference, never negative), `cost_at_most` (proven; missing where an objective
        before is not) and `exact` (whether both matchings are proven optimal, so that the two are
        equal). All of these are missing for the last objective, and where the next one is not the
        same without this one: what is best among the *matched* mentees needs `MaximizeMatched`
        before it.

    Raises
    ------
    ParameterError
        If the matching has no objectives in order, such as one from `match_stable`.

    Notes
    -----
    One solve per objective but the last, of the same problem without that objective and without
    those after the next. For `Leximin` the cost is that of the worst-off.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> scores = mm.Scores.from_matrix(np.array([[1.0, 0.5], [0.5, 0.1]]), capacity=[1, 1])
    >>> worst_first = [mm.MaximizeMatched(), mm.MaximizeMinimum(), mm.MaximizeTotal()]
    >>> costs = mm.stage_costs(mm.solve(mm.Problem(scores, objectives=worst_first)))
    >>> costs["cost"].round(3).tolist()
    [nan, 0.1, nan]
    """
    import pandas as pd

    check_parameter(
        isinstance(matching, Matching), "matching", "stage_costs", "a Matching",
        type(matching).__name__,
    )  # fmt: skip
    budget_of(time_limit, "stage_costs")
    objectives = tuple(matching.problem.pursued)
    if matching.status == Status.STABLE or len(objectives) != len(matching.stages):
        raise ParameterError(
            "The 'matching' parameter of stage_costs must come from solve: this one "
            f"({matching.status.sentence}) has no objectives in order."
        )
    rows = []
    for i, (objective, stage) in enumerate(zip(objectives, matching.stages, strict=True)):
        row = {
            "objective": stage.objective, "value": stage.value, "bound": stage.bound,
            "unit": stage.unit, "next": None, "next_value": None, "next_without": None,
            "cost": None, "cost_at_most": None, "exact": None,
        }  # fmt: skip
        if i + 1 < len(objectives):
            reached = matching.stages[i + 1]
            row |= {"next": reached.objective, "next_value": reached.value}
            if not _needs(objectives[i + 1], objective, objectives[:i]):
                others = (*objectives[:i], objectives[i + 1])
                problem = replace(matching.problem, objectives=others)
                row |= _costs(matching, i, problem, Budget(time_limit))
        rows.append(row)
    frame = pd.DataFrame(rows)
    numbers = ["next_value", "next_without", "cost", "cost_at_most"]
    return frame.astype(dict.fromkeys(numbers, float)).astype({"exact": "boolean"})


def _needs(following: Objective, this: Objective, before: tuple[Objective, ...]) -> bool:
    """Whether an objective means something else, or nothing, without the one before it."""
    matched_too = any(isinstance(o, MaximizeMatched) for o in before)
    among_matched = isinstance(following, BalanceLoad | MinimizeDefects | MaximizeMinimum) or (
        isinstance(following, Leximin) and following.over == "mentees"
    )
    return isinstance(this, MaximizeMatched) and not matched_too and among_matched


def _costs(matching: Matching, i: int, problem: Problem, budget: Budget) -> dict[str, object]:
    """Solve without an objective; return what the next one then reaches, and what is proven."""
    try:
        without = run(problem, budget)
    except MentormatchError:  # out of time, and nothing found
        return {"exact": False}
    found: dict[str, object] = dict(
        _cost(matching.stages[i + 1], without.stages[-1], problem.objectives[-1])
    )
    pairs = zip(matching.stages[:i], without.stages[:i], strict=True)
    if any(a.gap or b.gap for a, b in pairs) or matching.stages[i].gap:
        found["cost_at_most"] = None  # its bound holds only for equals in the objectives before
    return found | {"exact": proven(matching) and proven(without)}


def _cost(reached: Stage, without: Stage, objective: Objective) -> dict[str, float]:
    """Compare two values of a stage; the matching itself is one way to do without the other."""
    sign = -1 if objective.minimises else 1
    best = max(sign * without.value, sign * reached.value)
    bound = max(sign * without.bound, best)
    return {
        "next_without": sign * best,
        "cost": best - sign * reached.value,
        "cost_at_most": bound - sign * reached.value,
    }
