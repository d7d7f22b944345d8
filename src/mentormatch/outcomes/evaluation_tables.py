"""The tables of an evaluation: what may be said, with its counts, ends and degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from mentormatch.outcomes.clustered import Estimate
from mentormatch.outcomes.scale_outcome import FEWEST_TOLD, ScaleOutcome

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.outcomes.evaluation import Evaluation

__all__ = [
    "METHODS", "bounds_frame", "change_frame", "comparison_frame", "effect_frame", "figures",
    "interval_of", "table",
]  # fmt: skip

CHANGE = (
    "scale", "level", "asked", "answered", "mentors", "before", "after", "change", "se", "df",
    "low", "high", "confidence", "alpha",
)  # fmt: skip
EFFECT = (
    "scale", "with_seat", "without", "mentors", "effect", "se", "df", "low", "high", "confidence",
    "adjusted",
)  # fmt: skip
COMPARISON = (
    "scale", "method", "with_mentor", "without", "mentors", "difference", "se", "df", "low",
    "high", "confidence", "starts_apart", "doubt",
)  # fmt: skip
BOUNDS = ("scale", "of", "asked", "answered", "low", "high", "tipping", "can_tip")
FIGURES = (
    "scale", "figure", "attribute", "group", "asked", "answered", "mentors", "value", "low",
    "high", "df", "confidence", "note",
)  # fmt: skip
METHODS = ("difference of changes", "adjusted for before")
COUNTS = frozenset({"asked", "answered", "mentors", "with_seat", "with_mentor", "without"})
TRUTHS = frozenset({"can_tip", "adjusted"})
WORDS = frozenset(
    {"scale", "level", "method", "of", "doubt", "figure", "attribute", "group", "note", "status",
     "person", "wave", "why"}
)  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame: counts whole, measures as numbers, words as they are."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(columns))
    for name in columns:
        if name in COUNTS:
            frame[name] = frame[name].astype("Int64")
        elif name in TRUTHS:
            frame[name] = frame[name].astype("boolean")
        else:
            frame[name] = frame[name].astype(object if name in WORDS else "float64")
    return frame


def interval_of(found: Estimate, confidence: float) -> dict[str, float]:
    """Return `se`, `df`, `low`, `high` and `confidence`, missing where there is no interval."""
    low, high = found.interval(confidence)
    known = confidence if found.known else nan
    return {"se": found.se, "df": found.df, "low": low, "high": high, "confidence": known}


def change_frame(outcomes: Sequence[ScaleOutcome], levels: Sequence[float]) -> pd.DataFrame:
    """Return one row per scale; levels : the confidence of each interval."""
    rows = []
    for one, confidence in zip(outcomes, levels, strict=True):
        told = one.change.known
        rows.append(
            {
                "scale": one.scale.name, "level": one.level, "asked": one.asked,
                "answered": one.answered, "mentors": None if one.anonymous else one.shared,
                "before": one.before if told else nan, "after": one.after if told else nan,
                "change": one.change.value if told else nan,
                **interval_of(one.change, confidence), "alpha": one.alpha,
            }
        )  # fmt: skip
    return table(rows, CHANGE)


def effect_frame(outcomes: Sequence[ScaleOutcome], levels: Sequence[float]) -> pd.DataFrame | None:
    """Return one row per scale of which an effect may be told, None where there is none."""
    rows = [
        {
            "scale": one.scale.name, "with_seat": one.drawn.with_, "without": one.drawn.without,
            "mentors": one.drawn.shared, "effect": one.drawn.effect.value,
            **interval_of(one.drawn.effect, confidence), "adjusted": one.drawn.adjusted,
        }
        for one, confidence in zip(outcomes, levels, strict=True)
        if one.drawn is not None and one.drawn.effect.known
    ]  # fmt: skip
    return table(rows, EFFECT) if rows else None


def comparison_frame(
    outcomes: Sequence[ScaleOutcome], levels: Sequence[tuple[float, float]]
) -> pd.DataFrame | None:
    """Return one row per scale and method, None where nobody was compared."""
    rows = []
    for one, both in zip(outcomes, levels, strict=True):
        if one.compared is None or not one.compared.known:
            continue
        pair = (one.compared.changes, one.compared.adjusted)
        for method, found, confidence in zip(METHODS, pair, both, strict=True):
            rows.append(
                {
                    "scale": one.scale.name, "method": method, "with_mentor": one.compared.with_,
                    "without": one.compared.without, "mentors": one.compared.shared,
                    "difference": found.value, **interval_of(found, confidence),
                    "starts_apart": one.compared.apart, "doubt": "; ".join(one.compared.doubts),
                }
            )  # fmt: skip
    return table(rows, COMPARISON) if rows else None


def bounds_frame(outcomes: Sequence[ScaleOutcome]) -> pd.DataFrame:
    """Return the worst case of each scale of which anything may be told."""
    rows = []
    for one in outcomes:
        if one.bounds is None:
            continue
        change = one.change.known
        rows.append(
            {
                "scale": one.scale.name, "of": "change" if change else one.waves[-1],
                "asked": one.bounds.asked, "answered": one.bounds.answered, "low": one.bounds.low,
                "high": one.bounds.high, "tipping": one.bounds.tipping if change else nan,
                "can_tip": one.bounds.can_tip if change else None,
            }
        )  # fmt: skip
    return table(rows, BOUNDS)


def figures(evaluation: Evaluation) -> pd.DataFrame:
    """Return every figure of an evaluation in one table; see `Evaluation.to_frame`."""
    rows: list[dict[str, Any]] = []
    for one in evaluation.outcomes:
        rows += _of_scale(one, evaluation)
    for row in records(evaluation.groups):
        of = "change" if row["of"] == "change" else f"mean, {row['of']}"
        rows.append(
            {**row, "figure": of, "note": "" if row["status"] == "shown" else row["status"]}
        )
    return table(rows, FIGURES)


def _of_scale(one: ScaleOutcome, evaluation: Evaluation) -> list[dict[str, Any]]:
    name = one.scale.name
    rows: list[dict[str, Any]] = []

    def add(figure: str, value: float, **more: Any) -> None:
        rows.append({"scale": name, "figure": figure, "value": value, "note": "", **more})

    counts = {"asked": one.asked, "answered": one.answered, "mentors": one.shared}
    if one.change.known:
        add("before", one.before, **counts)
        add("after", one.after, **counts)
        (told,) = records(evaluation.change, name)
        add("change", told["change"], **counts, **_ends(told))
    else:
        for wave, count, value in zip(one.waves, one.counts, one.means, strict=True):
            note = "anonymous" if wave in one.anonymous else ""
            last = wave == one.waves[-1] and one.mean.known and not note
            ends = interval_of(one.mean, evaluation.confidence) if last else {}
            note = note if value == value else f"under {FEWEST_TOLD} answers: not told"
            asked = None if wave in one.anonymous else one.asked
            add(f"mean, {wave}", value, asked=asked, answered=count, **_ends(ends), note=note)
    if one.bounds is not None:
        of = "change" if one.change.known else f"mean, {one.waves[-1]}"
        add(f"worst case of the {of}", nan, asked=one.bounds.asked, answered=one.bounds.answered,
            low=one.bounds.low, high=one.bounds.high)  # fmt: skip
        if one.change.known:
            add("change of the silent for none of all", one.bounds.tipping)
    if evaluation.comparison is not None:
        for row in records(evaluation.comparison, name):
            doubt = (
                f"cannot tell: {row['doubt']}" if row["doubt"] else "no effect: no lots were drawn"
            )
            count = row["with_mentor"] + row["without"]
            add(str(row["method"]), row["difference"], answered=count, mentors=row["mentors"],
                **_ends(row), note=doubt)  # fmt: skip
    if evaluation.effect is not None:
        for row in records(evaluation.effect, name):
            count = row["with_seat"] + row["without"]
            add("effect", row["effect"], answered=count, mentors=row["mentors"], **_ends(row),
                note="of a seat, on people with a real chance")  # fmt: skip
    return rows


def records(frame: pd.DataFrame, scale: str | None = None) -> list[dict[str, Any]]:
    """Return the rows as dictionaries by column name, of one scale if it is named."""
    rows = frame if scale is None else frame[frame["scale"] == scale]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _ends(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("low", "high", "df", "confidence") if name in row}
