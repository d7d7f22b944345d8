"""An audit in plain words: for people who run a programme, about groups and never about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mentormatch.errors import listed

if TYPE_CHECKING:
    import pandas as pd

RARE = 0.05
NAMES = {
    "matched_share": "share matched",
    "mean_score": "mean score",
    "above_median": "share above the median score",
    "load_share": "share of seats used",
}
CLOSING = (
    "These figures help to assess differences and to mitigate them. They do not show what caused "
    "a difference, and small differences do not show that a process treats people alike."
)


def summary(
    overall: Sequence[str], gaps: pd.DataFrame, groups: pd.DataFrame, pool: pd.DataFrame, small: int
) -> str:
    """Return the whole text: overall, per attribute, crossed, pool, too small, closing."""
    parts = [" ".join(overall)]
    single = gaps[~gaps["attribute"].str.contains(" x ", regex=False)] if len(gaps) else gaps
    for (role, attribute), rows in single.groupby(["role", "attribute"], sort=False):
        sentences = [gap_sentence(row) for row in records(rows)]
        parts.append(f"{attribute} of {role}s: " + " ".join(sentences))
    parts += [text for text in (_crossed(gaps), _pool(pool), _small(groups, small)) if text]
    return "\n\n".join([*parts, CLOSING])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def gap_sentence(row: dict[str, Any]) -> str:
    """Say one gap in one sentence, with what it may be due to."""
    name, share = NAMES[row["measure"]], row["measure"] != "mean_score"
    if row["gap"] == 0:
        return f"The {name} is {_value(row['high'], share)} in every group."
    text = (
        f"The {name} runs from {_value(row['low'], share)} ({row['lowest']}) to "
        f"{_value(row['high'], share)} ({row['highest']}), a gap of {_gap(row['gap'], share)} "
        f"({_gap(row['gap_low'], share, unit='')} to {_gap(row['gap_high'], share)})"
    )
    if share:
        below = "below" if row["ratio"] < 0.8 else "not below"
        text += f"; the impact ratio is {row['ratio']:.2f}, {below} four fifths"
    return f"{text}. {_chance(row['chance'])}".strip()


def _chance(chance: float) -> str:
    if chance != chance:
        return ""
    if chance <= RARE:
        return f"Outcomes dealt at random rarely differ as much ({_percent(chance)} of deals)."
    return f"Chance alone may explain it ({_percent(chance)} of random deals differ as much)."


def _crossed(gaps: pd.DataFrame) -> str:
    crossed = gaps[gaps["attribute"].str.contains(" x ", regex=False)] if len(gaps) else gaps
    shares = crossed[crossed["four_fifths"].eq(False).fillna(False).astype(bool)]
    if not len(crossed):
        return ""
    if not len(shares):
        return "Attributes crossed in pairs: no impact ratio is below four fifths."
    worst = shares.sort_values("ratio").head(5)
    found = [
        f"{row['attribute']} of {row['role']}s ({NAMES[row['measure']]} "
        f"{_value(row['low'], True)} for {row['lowest']} against {_value(row['high'], True)} for "
        f"{row['highest']}, ratio {row['ratio']:.2f})"
        for row in records(worst)
    ]
    more = f"; {len(shares)} in all" if len(shares) > len(found) else ""
    return (
        "Attributes crossed in pairs: impact ratios below four fifths for "
        + "; ".join(found)
        + f"{more}. Among many cells some gaps are large by chance."
    )


def _pool(pool: pd.DataFrame) -> str:
    judged = pool[pool["status"] == "judged"]
    nobody = judged[judged["reachable_share"] == 0]
    sentences = [
        f"Nobody in {row['group']} ({row['attribute']} of {row['role']}s) is admissible for "
        "anyone: that comes from the rules, not from the matching."
        for row in records(nobody)
    ]
    everybody = judged[judged["group"] == "everybody"].set_index("role")["reachable_share"]
    usual = judged["role"].map(everybody).astype("float64")  # pandas: text where it is empty
    left = judged[(judged["reachable_high"] < usual) & (judged["reachable_share"] > 0)]
    if len(left):
        named = [
            f"{row['group']} ({row['attribute']} of {row['role']}s: "
            f"{_value(1 - row['reachable_share'], True)})"
            for row in records(left)
        ]
        sentences.append(
            "The rules leave more people of these groups than of others without any admissible "
            f"partner: {listed(named, 8)}."
        )
    return " ".join(sentences)


def _small(groups: pd.DataFrame, small: int) -> str:
    held = groups[(groups["status"] == "held back") & (groups["attribute"] != "everybody")]
    if not len(held):
        return ""
    where = dict.fromkeys(f"{row['attribute']} of {row['role']}s" for row in records(held))
    return (
        f"Held back, so that nothing is told of fewer than {small} people, by no subtraction "
        f"either: some groups by {listed(list(where), 8)}."
    )


def overall_sentence(role: str, people: int, matched: int, load: int, seats: int) -> str:
    """Say how many people of one roster the matching reached."""
    share = _percent(matched / people) if people else "none"
    if role == "mentee":
        return f"{matched} of {people} mentees ({share}) have a mentor."
    used = _percent(load / seats) if seats else "none"
    return (
        f"{matched} of {people} mentors ({share}) have a mentee; {load} of {seats} seats ({used}) "
        "are used."
    )


def _value(value: float, share: bool) -> str:
    return _percent(value) if share else f"{value:.3f}"


def _gap(value: float, share: bool, unit: str = " points") -> str:
    # adding 0.0 turns a rounded -0.0 into 0.0
    return f"{round(100 * value, 1) + 0.0:.1f}{unit}" if share else f"{round(value, 3) + 0.0:.3f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
