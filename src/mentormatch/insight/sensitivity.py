"""sensitivity: which pairs stand when weights, answers or ties come out a little differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import check_parameter
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.scoring.engine import (
    plain,
    row_means,
    to_points,
    weighted_mean,
    weighted_sum,
)
from mentormatch.scoring.scores import Scores

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sensitivity"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
PartsArray: TypeAlias = npt.NDArray[np.float32]
BLOCK = 256
"""Mentees re-scored at a time, so that no second copy of all parts is made."""


@typed
def sensitivity(
    matching: Matching,
    *,
    draws: int = 20,
    within: float = 0.2,
    missing: float = 0.1,
    seed: np.random.Generator | int = 0,
) -> pd.DataFrame:
    """Tell how often each pair stands when the problem is disturbed a little and solved again.

    Three disturbances, `draws` of each:

    - weights: each criterion's weight times an even draw from ``1 - within`` to ``1 + within``
    - answers: each person's answer to each criterion goes missing with probability `missing`
    - ties: another seed, which decides among matchings that are equally good

    Parameters
    ----------
    matching
        Result of `solve`.
    draws
        How often each disturbance is drawn.
    within
        In [0, 1).
    missing
        In [0, 1).
    seed
        Generator or seed; the same one gives the same table.

    Returns
    -------
    DataFrame, one row per pair
        `mentee`, `mentor` (ids), `score`, then the share of draws in which the pair stands:
        `weights`, `answers`, `ties`; `weakest`, the smallest of the three. Least robust first.

    Raises
    ------
    ParameterError
        If a parameter is outside its domain.

    Notes
    -----
    Up to ``3 x draws`` solves. Ties cost nothing where the matching is unique. Rules, capacities,
    locks and constraints stay as they are. Memory: the parts of all criteria, 4 n m bytes each.
    """
    import pandas as pd

    ok = isinstance(draws, int) and not isinstance(draws, bool) and draws >= 1
    check_parameter(ok, "draws", "sensitivity", "an int in [1, inf)", draws)
    check_parameter(0 <= within < 1, "within", "sensitivity", "a number in [0, 1)", within)
    check_parameter(0 <= missing < 1, "missing", "sensitivity", "a number in [0, 1)", missing)
    generator = np.random.default_rng(seed)
    problem = matching.problem
    scores = problem.scores
    parts = [scores.part(c) for c in range(len(scores.criteria))]
    rows, columns = matching.pairs
    stands = {
        "weights": _share(matching, _other_weights(problem, parts, draws, within, generator)),
        "answers": _share(matching, _fewer_answers(problem, parts, draws, missing, generator)),
        "ties": _share(matching, _other_seeds(matching, draws)),
    }
    frame = pd.DataFrame(
        {
            "mentee": pd.Series([scores.mentees.ids[i] for i in rows], dtype=object),
            "mentor": pd.Series([scores.mentors.ids[j] for j in columns], dtype=object),
            "score": plain(scores.at(rows, columns)) / MILLION,
            **stands,
        }
    )
    frame["weakest"] = frame[list(stands)].min(axis=1)
    order = frame.sort_values(["weakest", "mentee", "mentor"], kind="stable")
    return order.reset_index(drop=True)


def _share(matching: Matching, problems: Iterator[Problem]) -> FloatArray:
    """Return for each pair the share of the problems whose matching holds it, 1 if none."""
    rows, columns = matching.pairs
    stood, solved = np.zeros(len(rows)), 0
    for problem in problems:
        again = solve(problem).mentors_of
        stood += (again[rows] == columns[:, None]).any(axis=1)
        solved += 1
    return stood / solved if solved else np.ones(len(rows))


def _other_weights(
    problem: Problem, parts: list[PartsArray], draws: int, within: float, rng: np.random.Generator
) -> Iterator[Problem]:
    weights = problem.scores.weights
    for _ in range(draws):
        factor = rng.uniform(1 - within, 1 + within, weights.shape[1])
        yield _rescored(problem, parts, weights * factor, None, None)


def _fewer_answers(
    problem: Problem, parts: list[PartsArray], draws: int, missing: float, rng: np.random.Generator
) -> Iterator[Problem]:
    scores = problem.scores
    n, m = scores.shape
    for _ in range(draws):
        gone = [rng.random((people, len(parts))) < missing for people in (n, m)]
        yield _rescored(problem, parts, scores.weights, gone[0], gone[1])


def _other_seeds(matching: Matching, draws: int) -> Iterator[Problem]:
    if matching.unique:
        return
    for draw in range(draws):
        yield replace(matching.problem, seed=matching.problem.seed + 1 + draw)


def _rescored(
    problem: Problem,
    parts: list[PartsArray],
    weights: FloatArray,
    mentees_gone: npt.NDArray[np.bool_] | None,
    mentors_gone: npt.NDArray[np.bool_] | None,
) -> Problem:
    """Return the problem with scores under other weights, or with answers left out."""
    scores = problem.scores
    points = np.empty(scores.shape, dtype=np.int32)
    for start in range(0, len(points), BLOCK):
        block = slice(start, start + BLOCK)
        some = np.stack([part[block] for part in parts], axis=-1)
        if mentees_gone is not None and mentors_gone is not None:
            some[mentees_gone[block][:, None, :] | mentors_gone[None, :, :]] = np.nan
        if scores.neutral is None:
            mean = weighted_mean(some, weights[block, None, :], scores.prior)
        else:
            means, blank = row_means(np.moveaxis(some, -1, 0))
            blank |= scores.neutral.blank[block]
            counted = scores.neutral.counting(some, means[:, None, :], blank[:, None, :])
            mean = np.minimum(weighted_sum(counted, weights[block, None, :], scores.prior), 1.0)
        points[block] = to_points(mean)
    np.copyto(points, ~points, where=scores.matrix("Sensitivity") < 0)
    return replace(problem, scores=_with_points(scores, points))


def _with_points(scores: Scores, points: npt.NDArray[np.int32]) -> Scores:
    changed = replace(scores, points=points)
    if "_rules" in scores.__dict__:  # the rules have not changed: keep them lowered
        changed.__dict__["_rules"] = scores.__dict__["_rules"]
    return changed
