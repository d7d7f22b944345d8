"""The figures of an audit: one row per group, one row per gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.insight.audit_groups import Groups
from mentormatch.insight.intervals import (
    Floats,
    interval,
    newcombe,
    resampled,
    shuffled,
    sums,
    wilson,
)
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import BoolArray
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.engine import plain

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.scoring.scores import Scores

Positions: TypeAlias = npt.NDArray[np.int64]

MILLION = 1_000_000
FOUR_FIFTHS = 0.8
BLOCK_PAIRS = 1 << 22
"""Pairs read at a time, where there is no matrix of scores."""
EVERYBODY = "everybody"
FEWEST = 3
"""Fewest people whose mean score is told: less would tell a score, and so a person."""
MEANS = ("mean_score", "mean_low", "mean_high", "above_median", "above_low", "above_high")
"""Figures of the people with a score."""


@dataclass(frozen=True)
class Settings:
    """How an audit counts and how sure it wants to be; see `audit`."""

    small: int
    unmatched: str
    unknown: str
    confidence: float
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What each person of one roster got; arrays of (people,), in the order of ids.

    pairs : how many partners; total : sum of their points; counted : partners a mean is over.
    above : 1 where the person's mean score is above the median, 0 where not; scored : who has one.
    seats : capacity.
    options : admissible partners; best, best_any : points of the best admissible partner, and of
        the best if there were no rules (-1: none).
    others : people on the other roster.
    """

    role: Role
    pairs: Floats
    total: Floats
    counted: Floats
    above: Floats
    scored: Floats
    seats: Floats
    options: Floats
    best: Floats
    best_any: Floats
    others: int

    @property
    def matched(self) -> Floats:
        """1 where the person has a partner."""
        return (self.pairs > 0).astype(np.float64)

    def sums(self, measure: str) -> tuple[Floats, Floats]:
        """Return what a measure is the ratio of: numerator and denominator per person."""
        return {
            "matched_share": (self.matched, np.ones_like(self.pairs)),
            "mean_score": (self.total, self.counted * MILLION),
            "above_median": (self.above, self.scored),
            "load_share": (self.pairs, self.seats),
        }[measure]


def roster_order(profiles: Profiles) -> Positions:
    """Return positions in the order of ids, so that a shuffled roster gives the same audit."""
    return np.argsort(np.array(profiles.ids, dtype=object), kind="stable").astype(np.int64)


def _extremes(scores: Scores, axis: int) -> tuple[Positions, Positions, Positions]:
    """Return each person's least and most points, and how many pairs she has, along an axis."""
    n, m = scores.shape
    people = m if axis == 0 else n
    lowest, best = np.zeros(people, dtype=np.int64), np.full(people, -MILLION - 1)
    options = np.zeros(people, dtype=np.int64)
    step = n if scores.source is None else max(1, BLOCK_PAIRS // max(m, 1))
    for start in range(0, n, max(step, 1)):
        block = slice(start, start + step)
        points = scores.matrix() if scores.source is None else scores.block(np.arange(n)[block])
        least, most = points.min(axis=axis, initial=0), points.max(axis=axis, initial=-MILLION - 1)
        here = block if axis == 1 else slice(None)
        np.minimum(lowest[here], least, out=lowest[here])
        np.maximum(best[here], most, out=best[here])
        options[here] += (points >= 0).sum(axis=axis)
    return lowest, best, options


def outcomes(matching: Matching, role: Role, order: Positions, unmatched: str) -> Outcomes:
    """Gather what every person of one roster got and could have got."""
    scores = matching.problem.scores
    rows, columns = matching.pairs
    axis = 1 if role == "mentee" else 0
    person = rows if role == "mentee" else columns
    profiles = scores.mentees if role == "mentee" else scores.mentors
    people = len(profiles)
    given = plain(scores.at(rows, columns)).astype(np.float64)
    pairs = np.bincount(person, minlength=people).astype(np.float64)
    points = np.bincount(person, weights=given, minlength=people)
    counted = np.maximum(pairs, 1) if unmatched == "zero" else pairs
    scored = counted > 0
    mean = points / np.where(scored, counted, 1)
    middle = float(np.median(mean[scored])) if scored.any() else 0.0
    # inadmissible points are ~points: the largest of them is the smallest score
    lowest, best, options = _extremes(scores, axis)
    every = Outcomes(
        role=role,
        pairs=pairs,
        total=np.asarray(points, dtype=np.float64),
        counted=counted.astype(np.float64),
        above=(scored & (mean > middle)).astype(np.float64),
        scored=scored.astype(np.float64),
        seats=np.asarray(profiles.capacity, dtype=np.float64),
        options=options.astype(np.float64),
        best=np.where(best >= 0, best, -1).astype(np.float64),
        best_any=np.maximum(best, np.where(lowest < 0, ~lowest, -1)).astype(np.float64),
        others=scores.shape[axis],
    )
    arrays = {
        name: value[order] for name, value in vars(every).items() if isinstance(value, np.ndarray)
    }
    return Outcomes(role=role, others=every.others, **arrays)


@dataclass(frozen=True, eq=False)
class Counted:
    """The figures of the groups of one attribute; arrays of (groups,), NaN where not judged.

    resamples : per measure float64 (groups, draws): what other people of the same kind would give.
    deals : per measure float64 (groups, draws): what outcomes dealt at random would give.
    """

    groups: Groups
    people: Floats
    figures: dict[str, Floats]
    resamples: dict[str, Floats]
    deals: dict[str, Floats]


def count(
    results: Outcomes, listed: Sequence[Groups], settings: Settings, dealt: int
) -> list[Counted]:
    """Count every group of every attribute; outcomes are dealt for the first `dealt` only."""
    if not listed:
        return []
    sizes = [len(groups.labels) for groups in listed]
    members = np.column_stack([groups.members for groups in listed])
    judged = np.concatenate([groups.judged for groups in listed])
    figures = _figures(results, members, settings)
    resamples = _draw(results, ("mean_score", "load_share"), resampled, members, judged, settings)
    first = judged & (np.repeat(np.arange(len(listed)), sizes) < dealt)
    deals = _draw(results, MEASURES[results.role], shuffled, members, first, settings)
    for measure, short in (("mean_score", "mean"), ("load_share", "load")):
        ends = interval(resamples[measure], settings.confidence)
        figures[f"{short}_low"], figures[f"{short}_high"] = ends
    for values in figures.values():
        values[~judged] = np.nan
    edges = np.concatenate(([0], np.cumsum(sizes)))
    scored = members.T.astype(np.float64) @ results.scored
    for start, end in pairwise(edges.tolist()):
        few = start + _of_few(scored[start:end], judged[start:end], min(settings.small, FEWEST))
        for values in (*(figures[name] for name in MEANS), resamples["mean_score"]):
            values[few] = np.nan
    people = members.sum(axis=0).astype(np.float64)
    return [
        Counted(
            groups,
            people[start:end],
            *(
                {name: values[start:end] for name, values in every.items()}
                for every in (figures, resamples, deals)
            ),
        )
        for groups, start, end in zip(listed, edges, edges[1:], strict=False)
    ]


def _of_few(scored: Floats, judged: BoolArray, fewest: int) -> Positions:
    """Return the groups whose means would tell the score of one or two people.

    scored : people with a score in each group; what is held back together must be enough of them.
    """
    hidden = (~judged | (scored < fewest)) & (scored > 0)
    if ((scored > 0) & (scored < fewest)).any():
        for place in np.argsort(scored, kind="stable"):
            if scored[hidden].sum() >= fewest:
                break
            hidden[place] |= scored[place] > 0
    return np.flatnonzero(hidden)


def _draw(
    results: Outcomes,
    measures: Sequence[str],
    how: Callable[..., list[Floats]],
    members: BoolArray,
    judged: BoolArray,
    settings: Settings,
) -> dict[str, Floats]:
    """Return float64 (groups, draws) per measure, NaN for groups that are not judged."""
    drawn = {name: np.full((len(judged), settings.draws), np.nan) for name in measures}
    if settings.draws and judged.any():
        rng = np.random.Generator(np.random.PCG64(settings.seed))
        sums = [results.sums(name) for name in measures]
        for name, ratios in zip(
            measures, how(sums, members[:, judged], settings.draws, rng), strict=True
        ):
            drawn[name][judged] = ratios
    return drawn


def _figures(results: Outcomes, members: BoolArray, settings: Settings) -> dict[str, Floats]:
    people = members.sum(axis=0).astype(np.float64)
    some = (results.options > 0).astype(np.float64)
    matched, points, counted, above, scored, load, seats, reachable, options, best, best_any = sums(
        [
            results.matched, results.total, results.counted * MILLION, results.above,
            results.scored, results.pairs, results.seats, some, results.options,
            np.maximum(results.best, 0), np.maximum(results.best_any, 0),
        ],
        members,
    ).T  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = {
            "matched": matched,
            "matched_share": matched / people,
            "mean_score": points / counted,
            "above_median": above / scored,
            "seats": seats,
            "load": load,
            "load_share": load / seats,
            "reachable_share": reachable / people,
            "without_any": people - reachable,
            "admissible_share": options / people / max(results.others, 1),
            "best_score": best / people / MILLION,
            "best_score_without_rules": best_any / people / MILLION,
        }
    for name, hits, of in (
        ("matched", matched, people),
        ("above", above, scored),
        ("reachable", reachable, people),
    ):
        figures[f"{name}_low"], figures[f"{name}_high"] = wilson(hits, of, settings.confidence)
    return figures


GROUP_FIGURES = (
    "matched", "matched_share", "matched_low", "matched_high", "mean_score", "mean_low",
    "mean_high", "above_median", "above_low", "above_high",
)  # fmt: skip
LOAD_FIGURES = ("seats", "load", "load_share", "load_low", "load_high")
POOL_FIGURES = (
    "admissible_share", "reachable_share", "reachable_low", "reachable_high", "without_any",
    "best_score", "best_score_without_rules", "matched_share",
)  # fmt: skip
COUNTS = ("people", "matched", "seats", "load", "without_any")


def frame_of(
    counted: Sequence[tuple[Role, Counted]], figures: Sequence[str], settings: Settings
) -> pd.DataFrame:
    """Return one row per group with the figures asked for."""
    import pandas as pd

    parts: dict[str, list[Any]] = {
        name: [] for name in ("role", "attribute", "group", "people", "status", *figures)
    }
    for role, one in counted:
        size = len(one.groups.labels)
        parts["role"] += [role] * size
        parts["attribute"] += [one.groups.attribute] * size
        parts["group"] += one.groups.labels
        parts["people"] += np.where(one.groups.counted, one.people, np.nan).tolist()
        compared = _compared(one.groups, settings)
        parts["status"] += [
            "judged" if judged else "not judged" if shown else "held back"
            for judged, shown in zip(compared, one.groups.judged, strict=True)
        ]
        for name in figures:
            parts[name] += one.figures[name].tolist()
    frame = pd.DataFrame(parts)
    for name in {*COUNTS} & {*frame.columns}:
        frame[name] = frame[name].astype("Int64")
    return frame


MEASURES: dict[Role, tuple[str, ...]] = {
    "mentee": ("matched_share", "mean_score", "above_median"),
    "mentor": ("load_share", "matched_share", "mean_score"),
}
SHORT = {
    "matched_share": "matched",
    "mean_score": "mean",
    "above_median": "above",
    "load_share": "load",
}
GAP_COLUMNS = (
    "role", "attribute", "measure", "groups", "lowest", "low", "highest", "high", "gap", "gap_low",
    "gap_high", "ratio", "four_fifths", "chance",
)  # fmt: skip


def _compared(groups: Groups, settings: Settings) -> BoolArray:
    """Return which groups are compared with one another."""
    unknown = settings.unknown == "group"
    compared: BoolArray = groups.judged & (groups.answered | unknown)
    return compared


def gaps_of(role: Role, counted: Sequence[Counted], settings: Settings) -> list[dict[str, Any]]:
    """Return one record per attribute and measure: the two extreme groups and how sure that is."""
    found = []
    for one in counted:
        compared = _compared(one.groups, settings)
        for measure in MEASURES[role]:
            values = one.figures[measure]
            places = np.flatnonzero(compared & ~np.isnan(values))
            if len(places) < 2:
                continue
            record = _gap(one, measure, places, settings)
            found.append({"role": role, "attribute": one.groups.attribute, **record})
    return found


def _gap(one: Counted, measure: str, places: Positions, settings: Settings) -> dict[str, Any]:
    values, short = one.figures[measure], SHORT[measure]
    least, most = places[np.argmin(values[places])], places[np.argmax(values[places])]
    low, high = float(values[least]), float(values[most])
    if measure in one.resamples:
        draws = one.resamples[measure]
        low_end, high_end = interval(draws[[most]] - draws[[least]], settings.confidence)
        ends = float(low_end[0]), float(high_end[0])
    else:
        ends = newcombe(
            *(
                tuple(float(one.figures[n][k]) for n in (measure, f"{short}_low", f"{short}_high"))
                for k in (most, least)
            )  # type: ignore[arg-type]
        )
    ratio = low / high if high > 0 else np.nan
    judged = measure != "mean_score" and high > 0
    return {
        "measure": measure,
        "groups": len(places),
        "lowest": one.groups.labels[least],
        "low": low,
        "highest": one.groups.labels[most],
        "high": high,
        "gap": high - low,
        "gap_low": ends[0],
        "gap_high": ends[1],
        "ratio": ratio,
        # the rule is about shares; a mean of scores has no such threshold
        "four_fifths": ratio >= FOUR_FIFTHS if judged else None,
        "chance": _chance(one.deals[measure][places], high - low),
    }


def _chance(dealt: Floats, gap: float) -> float:
    """Return how often dealing the outcomes out at random gives a gap as large."""
    if np.isnan(dealt).all():
        return np.nan
    spread = np.nanmax(dealt, axis=0) - np.nanmin(dealt, axis=0)
    return (1 + int((spread >= gap * (1 - 1e-12)).sum())) / (1 + len(spread))


def gap_frame(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the records as a frame, also where there are none."""
    import pandas as pd

    frame = pd.DataFrame(list(records), columns=list(GAP_COLUMNS))
    frame["four_fifths"] = frame["four_fifths"].astype("boolean")
    return frame
