"""What a manager reads first: the outcome on one screen, what to look at, what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from mentormatch.command.words import counted, on_one_screen
from mentormatch.delivery.first_page import lines
from mentormatch.delivery.tables import headline, things_to_check
from mentormatch.errors import MentormatchError, Status
from mentormatch.insight.barriers import barriers
from mentormatch.insight.diagnose import unmatched_reasons
from mentormatch.insight.wording import joined
from mentormatch.matching.matching import Matching

__all__ = ["check_matched", "summary"]

NAMED = 3
"""People named in a sentence; more are only counted."""


def summary(matching: Matching, questions: int, wrote: str, next_step: str) -> list[str]:
    """Return at most 24 lines of at most 80 columns.

    Parameters
    ----------
    matching
        n mentees, at least one of them matched.
    questions
        How many are open about how the files were read.
    wrote, next_step
        Sentences: which files were written, and what to do next.
    """
    return on_one_screen(
        [
            ("Matched", [headline(matching)], 2),
            ("Proof", [_proof(matching)], 2),
            ("No mentor", list(_nobody(matching)), 5),
            ("Look at", list(_look_at(matching)), 7),
            ("Mentors", [_loads(matching)], 2),
            ("Questions", [_questions(matching, questions)], 2),
            ("Files", [wrote], 2),
            ("Next", [next_step], 2),
        ]
    )


def check_matched(matching: Matching) -> None:
    """Refuse a matching of nobody.

    Raises
    ------
    MentormatchError
        Saying why nobody could be matched.
    """
    if len(matching.pairs[0]):
        return
    n, m = matching.problem.scores.shape
    removed: Counter[str] = Counter()
    for found in barriers(matching, np.arange(n)):
        removed.update(dict(found.counts))
    why = [
        f"\n  {name} removes {count:,} of {n * m:,} pairs" for name, count in removed.most_common()
    ]
    seats = int(matching.problem.scores.mentors.capacity.sum())
    raise MentormatchError(
        f"Nobody could be matched, so nothing was written: {counted(n, 'mentee')}, "
        f"{counted(m, 'mentor')} with {counted(seats, 'seat')}.{''.join(why)}\n"
        "Drop a rule, lower the floor, or add seats; `check` shows what there is too little of."
    )


def _proof(matching: Matching) -> str:
    frame = matching.to_frame()
    scores = f"Mean score {frame['score'].mean():.2f}, lowest {frame['score'].min():.2f}."
    sentence = matching.status.sentence
    if matching.status not in (Status.OPTIMAL, Status.STABLE):
        sentence += f" (gap {matching.gap:.2%})" if np.isfinite(matching.gap) else " (no bound)"
    return f"{sentence[0].upper()}{sentence[1:]}. {scores}"


def _by_reason(matching: Matching) -> list[tuple[str, list[str]]]:
    """Return reason -> names of whom it keeps without a mentor, those of most people first."""
    found: dict[str, list[str]] = {}
    frame = unmatched_reasons(matching)
    for name, reason in zip(frame["name"], frame["reason"], strict=True):
        found.setdefault(reason, []).append(name)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _nobody(matching: Matching) -> Iterator[str]:
    reasons = _by_reason(matching)
    if not reasons:
        yield "Everybody has one."
    for reason, names in reasons:
        yield f"{joined(names, NAMED)}: {reason[0].lower()}{reason[1:]}"


def _look_at(matching: Matching) -> Iterator[str]:
    yield from lines(matching)
    for check in things_to_check(matching):
        if "without a mentor" not in check and "repairs in the rosters" not in check:
            yield check


def _loads(matching: Matching) -> str:
    load = matching.load
    offering = load[load["capacity"] > 0]
    full = int((offering["slack"] == 0).sum())
    idle = offering.loc[offering["load"] == 0, "mentor"].tolist()
    people = matching.problem.scores.mentors
    words = [f"{full:,} of {len(offering):,} are full"]
    left = len(offering) - full - len(idle)
    if left:
        words.append(f"{left:,} {'has' if left == 1 else 'have'} a seat left")
    if idle:
        names = joined([people.name(people.position(one)) for one in idle], NAMED)
        words.append(f"{len(idle):,} {'has' if len(idle) == 1 else 'have'} nobody ({names})")
    if "no_capacity_column" in set(people.repairs["code"]):
        words.append("no column says how many each takes, so 1")
    most = int(load["load"].max())
    return f"{', '.join(words)}; at most {counted(most, 'mentee')} with one mentor."


def _questions(matching: Matching, questions: int) -> str:
    repairs = len(matching.repairs)
    is_are = "is" if questions == 1 else "are"
    told = f"{questions} {is_are} open, listed above." if questions else "None is open."
    if repairs:
        told += f" {counted(repairs, 'guess', 'guesses')} or repairs in reading, in the output."
    return told
