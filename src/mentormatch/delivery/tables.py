"""The tables that a person reads: in the workbook, in the HTML report, in letters.

Every function returns a frame whose headers are words, with one row per thing the table is
about; formatting is left to whoever writes it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite, isnan

import numpy as np
import numpy.typing as npt
import pandas as pd

from mentormatch.delivery.matches import LITTLE_EVIDENCE, matches_table, text_column
from mentormatch.errors import ColumnError, ParameterError, Status, counted
from mentormatch.insight.audience import shown_repairs
from mentormatch.insight.setting_words import (
    in_words,
    objective_words,
)
from mentormatch.insight.wording import plain
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.rosters.profiles import Profiles

__all__ = [
    "alternates",
    "audit_table",
    "defects_table",
    "headline",
    "key_figures",
    "loads_table",
    "mapping_table",
    "matches_table",
    "proof",
    "repairs_table",
    "things_to_check",
    "unmatched_table",
]

IntArray = npt.NDArray[np.int64]
NO_GROUPS = (
    "No column looks like a sensitive attribute, so there are no groups to compare. Others can be "
    "named when this is written."
)
_BETTER = {
    "MaximizeMatched": ("matches more mentees", "match as many"),
    "MaximizeTotal": ("has a higher total score", "have as high a total"),
    "MaximizeMinimum": ("has a better worst pair", "have as good a worst pair"),
    "MaximizeWishes": ("grants more or better wishes", "grant as many and as good wishes"),
    "MinimizeDefects": ("has fewer pairs with a defect", "have as few pairs with a defect"),
    "Leximin": ("is better for the worst-off", "are as good for the worst-off"),
}
"""Objective -> what a better matching would do, and what equally good ones do."""


def headline(matching: Matching) -> str:
    """Return the outcome in one sentence."""
    scores = matching.problem.scores
    n, seats = len(scores.mentees), int(scores.mentors.capacity.sum())
    matched = int((matching.assignment >= 0).sum())
    used = len(matching.pairs[0])
    everybody = f"{matched:,} of {counted(n, 'mentee')}"
    if matched == n:
        everybody = "The only mentee" if n == 1 else f"All {counted(n, 'mentee')}"
    who = counted(len(scores.mentors), "mentor")
    offer = "offers" if len(scores.mentors) == 1 else "offer"
    return (
        f"{everybody} {'is' if 1 in (matched, n) else 'are'} matched, with {who} who {offer} "
        f"{counted(seats, 'seat')} ({max(seats - used, 0):,} left)."
    )


def proof(matching: Matching) -> str:
    """Return in words what is proven about the matching."""
    status = matching.status
    if status == Status.STABLE:
        only = " It is the only one that is." if matching.unique else ""
        return f"{_sentence(status)}.{only}"
    if status != Status.OPTIMAL:
        stages = [_reached(stage) for stage in matching.stages if stage.gap]
        return f"Not proven optimal: {status.sentence}. {'; '.join(stages)}."
    ties = (
        "It is the only matching that good."
        if matching.unique
        else "Other matchings may be exactly as good; among them the choice goes by a hash of both "
        f"ids and the seed ({matching.problem.seed}), never by the order of the rosters."
    )
    best = _best_in_words([s.objective for s in matching.stages])
    return f"{_sentence(status)}: {best}. {ties}"


def _sentence(status: Status) -> str:
    return status.sentence[0].upper() + status.sentence[1:]


def _reached(stage: Stage) -> str:
    """Return what an objective reached, and what is proven about it."""
    what = objective_words(stage.objective)
    if not isfinite(stage.bound):
        return f"{what} reached {stage.value:,.6g}, and no bound is known"
    limit = "at most" if stage.bound > stage.value else "at least"
    possible = f"{limit} {stage.bound:,.6g} is possible"
    return f"{what} reached {stage.value:,.6g}, {possible}"


def _better(what: str) -> tuple[str, str]:
    return f"does better on {what}", f"do as well on {what}"


def _best_in_words(objectives: list[str]) -> str:
    words = [_BETTER.get(name) or _better(objective_words(name)) for name in objectives]
    claim = f"no other matching that keeps the rules {words[0][0]}"
    for (_, equal), (better, _) in pairwise(words):
        claim += f"; of those that {equal}, none {better}"
    return claim


def key_figures(matching: Matching) -> list[tuple[str, float, str, str]]:
    """Return (what, value, kind of number, what it means); kinds: whole, share, score."""
    scores = matching.problem.scores
    frame = matching.to_frame()
    n, matched = len(scores.mentees), int((matching.assignment >= 0).sum())
    busy = int((matching.load["load"] > 0).sum())
    figures: list[tuple[str, float, str, str]] = [
        ("Mentees matched", matched, "whole", f"of {n:,}"),
        ("Matched share", matched / n if n else 0.0, "share", "matched mentees / mentees"),
        ("Mentors with a mentee", busy, "whole", f"of {len(scores.mentors):,}"),
    ]
    if len(frame):
        figures += [
            ("Total score", frame["score"].sum(), "score", "sum over the pairs"),
            ("Mean score", frame["score"].mean(), "score", "of a pair; 1 is a perfect pair"),
            ("Lowest score", frame["score"].min(), "score", "the pair to look at first"),
            (
                "Best mentor possible",
                (frame["rank"] == 1).mean(),
                "share",
                "pairs in which nobody admissible scores higher for the mentee",
            ),
        ]
        if "evidence" in frame:
            figures.append(
                ("Mean evidence", frame["evidence"].mean(), "share", "weight whose answers exist")
            )
    figures.append(("Repairs", len(matching.repairs), "whole", "guesses made in reading"))
    return figures


def things_to_check(matching: Matching) -> list[str]:
    """Return what a person should look at before the pairs go out, most pressing first."""
    frame = matching.to_frame()
    found: list[str] = []
    if matching.unmatched:
        found.append(
            f"{counted(len(matching.unmatched), 'mentee')} without a mentor: "
            "see sheet Unmatched for why."
        )
    weak = int((frame["evidence"] < LITTLE_EVIDENCE).sum()) if "evidence" in frame else 0
    if weak:
        found.append(
            f"{counted(weak, 'pair')} with evidence under {LITTLE_EVIDENCE:.0%}: the score "
            "rests on few answers."
        )
    empty = int((frame["score"] == 0).sum())
    if empty:
        found.append(f"{counted(empty, 'pair')} with score 0: admissible, but nothing in common.")
    idle = int(((matching.load["load"] == 0) & (matching.load["capacity"] > 0)).sum())
    if idle:
        found.append(f"{counted(idle, 'mentor')} with seats but no mentee: see sheet Loads.")
    scarce = int((matching.load["dual_matched"] > 0).sum())
    if scarce == len(matching.load) > 1:
        found.append("Seats are short: one more seat with any mentor would match one more person.")
    elif scarce:
        found.append(
            f"{counted(scarce, 'mentor')} where one more seat would match one more person: "
            "see sheet Loads."
        )
    if len(matching.repairs):
        found.append(
            f"{counted(len(matching.repairs), 'guess', 'guesses')} or repairs in the rosters: "
            "see sheet Repairs."
        )
    return found


def alternates(matching: Matching, rows: IntArray, k: int = 2) -> list[str]:
    """Return, for each mentee position, the best other admissible mentors in words.

    Best by the pair's own score, everybody else left where they are. O(rows m) time.
    """
    scores = matching.problem.scores
    mentors = scores.mentors
    free = mentors.capacity - np.bincount(matching.pairs[1], minlength=len(mentors))
    chosen, points = _best_others(matching, rows, k)
    return [
        "; ".join(
            f"{mentors.name(j)} {value / MILLION:.2f} ({'seat free' if free[j] > 0 else 'full'})"
            for j, value in zip(best, values, strict=True)
            if value >= 0
        )
        for best, values in zip(chosen.tolist(), points.tolist(), strict=True)
    ]


def _best_others(matching: Matching, rows: IntArray, k: int) -> tuple[IntArray, IntArray]:
    """Return mentors (rows, k) and points (rows, k), best first, own mentors and rules left out."""
    scores = matching.problem.scores
    own = matching.mentors_of[rows]
    most = own.shape[1]
    first = scores.best(rows, k + most)  # equals by a hash of ids: the same for shuffled rosters
    other = (first >= 0) & ~(first[:, :, None] == own[:, None, :]).any(axis=2)
    order = np.argsort(~other, axis=1, kind="stable")[:, :k]
    chosen = np.take_along_axis(first, order, axis=1)
    there = np.take_along_axis(other, order, axis=1)
    place, slot = np.nonzero(there)
    points = np.full(chosen.shape, -1, dtype=np.int64)
    points[place, slot] = scores.at(rows[place], chosen[place, slot])
    return np.where(there, chosen, 0), points


def unmatched_table(matching: Matching) -> pd.DataFrame:
    """Return one row per mentee without a mentor: who, why, what would help, best in sight.

    What would help is the smallest change that has been verified by solving again; it is worked
    out for as many people as the size of the problem allows, the first by roster.
    """
    from mentormatch.insight.diagnose import unmatched_reasons

    scores = matching.problem.scores
    mentees = scores.mentees
    rows = np.flatnonzero(matching.assignment < 0)
    reasons = unmatched_reasons(matching)
    blank = [""] * len(rows)
    return pd.DataFrame(
        {
            "Mentee": reasons["name"].to_numpy(dtype=object),
            "E-mail": text_column(mentees.emails[p] for p in rows),
            "Reason": text_column(in_words(text, matching.problem) for text in reasons["reason"]),
            "What would help": text_column(_remedies(matching, rows)),
            "New mentor": text_column(blank),
            "Comment": text_column(blank),
            "Mentors ruled out by": text_column(reasons["rules"]),
            "Best admissible mentors": text_column(alternates(matching, rows, 3)),
            "Id": reasons["person"].to_numpy(dtype=object),
        }
    )


def _remedies(matching: Matching, rows: IntArray) -> list[str]:
    """Return what would match each of these mentees, in words."""
    from mentormatch.insight.diagnose import changes_for

    scores = matching.problem.scores
    most = 0 if scores.source is not None else PAIRS_SOLVED // max(scores.size, 1)
    tried = rows[:most]
    try:
        found = changes_for(matching, tried) if len(tried) else {}
    except ParameterError:  # stable, not proven, or no flow: nothing is quickly verified
        tried, found = rows[:0], {}
    told = []
    for row in rows.tolist():
        if row in found:
            told.append(f"{in_words(found[row].what, matching.problem)} (verified)")
        else:
            told.append("no single change" if row in tried else "not worked out")
    return told


def defects_table(matching: Matching) -> pd.DataFrame:
    """Return one row per pair with a defect: who, what, whether avoidable, at what cost."""
    found = matching.defects()
    words = {True: "yes", False: "no", None: "not known"}
    return pd.DataFrame(
        {
            "Mentee": found["mentee_name"],
            "Mentor": found["mentor_name"],
            "What is wrong": found["defects"],
            "Avoidable": text_column(
                words[None if one is pd.NA else one] for one in found["avoidable"]
            ),
            "Cost": found["cost"],
            "Mentee id": found["mentee"],
            "Mentor id": found["mentor"],
        }
    )


def loads_table(matching: Matching) -> pd.DataFrame:
    """Return one row per mentor: load, capacity, slack, what one more seat would bring, whom."""
    scores = matching.problem.scores
    load = matching.load
    mentees_of: list[list[str]] = [[] for _ in range(len(scores.mentors))]
    for i, j in zip(*matching.pairs, strict=True):
        mentees_of[j].append(scores.mentees.name(int(i)))
    at_most = matching.gap > 0
    return pd.DataFrame(
        {
            "Mentor": text_column(map(scores.mentors.name, range(len(scores.mentors)))),
            "E-mail": text_column(scores.mentors.emails),
            "Load": load["load"],
            "Capacity": load["capacity"],
            "Slack": load["slack"],
            "One more seat here": text_column(
                seat_words(more, price, slack, at_most=at_most)
                for more, price, slack in zip(
                    load["dual_matched"].tolist(),
                    load["dual_price"].tolist(),
                    load["slack"].tolist(),
                    strict=True,
                )
            ),
            "Mentees": text_column("; ".join(names) for names in mentees_of),
            "Dual price": load["dual_price"],
            "Id": text_column(scores.mentors.ids),
        }
    )


def seat_words(more: float, price: float, slack: int, *, at_most: bool = False) -> str:
    """Return in words what one more seat at a mentor would bring; NaN is not known."""
    if isnan(more):  # constraints that are rows: prices are bounds, and only of the total
        if isnan(price):
            return "not known"
        return f"would raise the total score by at most {price:.3f}"
    if slack > 0:
        return f"would change nothing: {counted(slack, 'seat')} still free"
    limit = "at most " if at_most else ""
    if more > 0:
        people = "person" if more == 1 else "people"
        change = f" (total score {price:+.3f})" if round(price, 3) else ""
        return f"would match {limit}{more} more {people}{change}"
    if price > 0:
        return f"would match nobody more, but raise the total score by {limit}{price:.3f}"
    return "would change nothing"


_AUDIT = {
    "role": "Roster",
    "attribute": "Attribute",
    "group": "Group",
    "people": "People",
    "status": "Status",
    "matched": "Matched",
    "matched_share": "Matched share",
    "mean_score": "Mean score",
    "above_median": "Above median",
}


def audit_table(matching: Matching, by: Sequence[str] | None = None) -> tuple[pd.DataFrame, str]:
    """Return how groups of people fare, one row per group, and the same in words.

    `by` names the columns; None takes those that look like sensitive attributes.
    """
    from mentormatch.insight.audit import audit

    try:
        # a thousand draws over tens of thousands of people would take longer than all the rest
        people = sum(matching.problem.scores.shape)
        found = audit(matching, by, draws=1000 if people <= MANY else 200)
    except ColumnError:
        if by is not None:
            raise
        return pd.DataFrame(), NO_GROUPS
    shown = [name for name in _AUDIT if name in found.groups]
    groups = found.groups[shown].rename(columns=_AUDIT)
    return groups.assign(Attribute=text_column(map(plain, groups["Attribute"]))), found.text


def repairs_table(matching: Matching) -> pd.DataFrame:
    """Return every guess and repair of both rosters, headers in words.

    Those in sensitive questions are counted only.
    """
    repairs = shown_repairs(matching.problem.scores)
    return repairs.rename(columns={name: str(name).capitalize() for name in repairs.columns})


def mapping_table(matching: Matching) -> pd.DataFrame:
    """Return what became of every column of both files."""
    scores = matching.problem.scores
    frames = [
        profiles.mapping.assign(roster=_roster_name(profiles))
        for profiles in (scores.mentees, scores.mentors)
        if len(profiles.mapping)
    ]
    known = ["roster", "column", "field", "kind", "reason"]
    if not frames:
        return pd.DataFrame(columns=[name.capitalize() for name in known])
    frame = pd.concat(frames, ignore_index=True)
    if "field" in frame:
        frame["field"] = text_column("" if pd.isna(f) else plain(str(f)) for f in frame["field"])
    order = [name for name in known if name in frame]
    order += [name for name in frame.columns if name not in order]
    return frame[order].rename(columns={name: str(name).capitalize() for name in order})


def _roster_name(profiles: Profiles) -> str:
    return f"{profiles.role}s ({profiles.source})"


MANY = 10_000
"""People from here on make fewer draws suffice."""
PAIRS_SOLVED = 20_000_000
"""Pairs in all the problems that are solved to say what would help."""
