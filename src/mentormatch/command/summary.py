"""What a manager reads first: the outcome on one screen, what to look at, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mentormatch.command.words import on_one_screen
from mentormatch.delivery.first_page import lines
from mentormatch.delivery.tables import headline, things_to_check
from mentormatch.errors import Status, counted
from mentormatch.insight.diagnose import unmatched_reasons
from mentormatch.insight.wording import joined
from mentormatch.matching.matching import Matching

__all__ = ["summary"]

NAMED = 3
"""People named in a sentence; more are only counted."""


def summary(
    matching: Matching, questions: int, wrote: str, next_step: str, *, changed: Sequence[str] = ()
) -> list[str]:
    """Return at most 24 lines of at most 80 columns.

    Parameters
    ----------
    matching
        n mentees, at least one of them matched.
    questions
        How many are open about how the files were read.
    wrote, next_step
        Sentences: which files were written, and what to do next.
    changed
        Sentences: what a rematch changed.
    """
    return on_one_screen(
        [
            ("Matched", [headline(matching)], 2),
            ("Proof", [_proof(matching)], 2),
            ("Changed", changed, 7 if changed else 0),
            ("No mentor", list(_nobody(matching)), 3 if changed else 5),
            ("Look at", list(_look_at(matching)), 4 if changed else 7),
            ("Mentors", [_loads(matching)], 2),
            ("Questions", [_questions(matching, questions)], 2),
            ("Files", [wrote], 2),
            ("Next", [next_step], 2),
        ]
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
    those = "" if len(offering) == len(load) else " with seats"
    words = [f"{full:,} of {len(offering):,}{those} {'is' if full == 1 else 'are'} full"]
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
