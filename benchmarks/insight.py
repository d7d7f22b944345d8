"""What questions about a matching cost: ``python -m benchmarks.insight``.

Prints one line per question: seconds, and how many plain solves of the same problem that is.
Machines differ and are noisy; the multiple is what to compare.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import mentormatch as mm


def timed(task: Callable[[], Any]) -> float:
    began = perf_counter()
    task()
    return perf_counter() - began


def cohort(n: int, m: int, seats: float) -> tuple[mm.Profiles, mm.Profiles]:
    mentees, mentors = mm.make_cohort(n, m, seed=7, seats=seats)
    return mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor")


def questions(matching: mm.Matching, pairs: int) -> dict[str, Callable[[], Any]]:
    scores = matching.problem.scores
    rng = np.random.default_rng(3)
    asked = rng.permutation(np.argwhere(scores.admissible))[:pairs]
    mentees, mentors = scores.mentees.ids, scores.mentors.ids
    matched = [mentees[i] for i in matching.pairs[0]]
    folder = Path(tempfile.mkdtemp())
    attributes = ["gender", "site", "department", "communication_style", "timezone", "seniority"]
    return {
        "explain, everybody": lambda: [mm.explain(matching, p).text for p in matched],
        f"why_not, {pairs} pairs": lambda: [
            mm.why_not(matching, mentees[i], mentors[j]) for i, j in asked
        ],
        "alternatives, 20 people": lambda: [mm.alternatives(matching, p) for p in matched[:20]],
        "diagnose, everybody": lambda: mm.diagnose(matching),
        "audit, 6 attributes and their pairs": lambda: mm.audit(matching, by=attributes),
        "check before solving": lambda: mm.check(matching.problem),
        "blocking_pairs": lambda: mm.blocking_pairs(matching),
        "workbook": lambda: matching.to_excel(folder / "matches.xlsx"),
        "HTML report": lambda: mm.report(matching, folder / "report.html"),
    }


def late_joiner(n: int, m: int) -> tuple[float, float]:
    """Return seconds of a rematch with one more mentee, and of a plain match."""
    mentees, mentors = cohort(n, m, 1.05)
    early = mentees.take(np.arange(n - 1))
    before = mm.match(early, mentors)
    mm.rematch(before, mentees, mentors)
    whole = min(timed(lambda: mm.match(mentees, mentors)) for _ in range(3))
    return min(timed(lambda: mm.rematch(before, mentees, mentors)) for _ in range(3)), whole


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.insight", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, for CI")
    options = parser.parse_args(arguments)
    n, m, pairs = (60, 20, 10) if options.smoke else (500, 150, 300)
    mentees, mentors = cohort(n, m, 0.9)
    matching = mm.match(mentees, mentors)
    solve = min(timed(lambda: mm.solve(matching.problem)) for _ in range(5))
    print(f"{n} x {m}, {len(matching.unmatched)} unmatched; one solve: {solve:.4f} s")
    for name, task in questions(matching, pairs).items():
        seconds = timed(task)
        print(f"{name:40s} {seconds:8.3f} s {seconds / solve:10.1f} solves")
    seconds, whole = late_joiner(*((200, 60) if options.smoke else (5000, 1500)))
    print(f"{'rematch, one late joiner':40s} {seconds:8.3f} s {seconds / whole:10.2f} matches")


if __name__ == "__main__":
    main()
