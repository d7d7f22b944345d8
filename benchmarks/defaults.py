"""What the default matching does to people: ``python -m benchmarks.defaults``.

Prints four tables. *Orders*: of each programme how many pairs have a defect, what of the best total
is given up, how many wishes are granted. *Answered or blank*: the share of mentees with a mentor
among those who answered a question and those who left it blank. *One blank*: how often one person
gets or loses a mentor by leaving one answer out, where seats are short. *Worth*: by how much the
pair of one person is worse for having given one answer, where there are seats for all.
``--rosters MENTEES MENTORS`` adds files of your own to the first table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

import mentormatch as mm
from mentormatch.matching.objectives import Objective

SIZES = ((200, 80), (500, 150), (1000, 300))
BY_TOTAL = (mm.MaximizeMatched(), mm.MaximizeTotal())
WISHES_IN_DEFAULT_PLACE = (
    mm.MaximizeMatched(),
    mm.MinimizeDefects(),
    mm.MaximizeWishes(),
    mm.MaximizeTotal(),
)
PER_QUESTION = 40

Frames: TypeAlias = tuple[pd.DataFrame, pd.DataFrame]


def read(frames: Sequence[pd.DataFrame | str | Path]) -> tuple[mm.Profiles, mm.Profiles]:
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


def total(matching: mm.Matching) -> float:
    return float(matching.problem.scores.points[matching.pairs].sum(dtype=np.int64) / 1e6)


def wishes(matching: mm.Matching, reachable: bool = True) -> tuple[int, int]:
    """Return the mentees' wishes granted, and how many could be (0 unless asked)."""
    if "preferred" not in matching.problem.scores.mentees.columns:
        return 0, 0
    row = mm.granted_wishes(matching, reachable=reachable).frame.iloc[0]
    return int(row["granted"]), int(row["reachable"]) if reachable else 0


def order_row(name: str, mentees: mm.Profiles, mentors: mm.Profiles) -> dict[str, object]:
    """Match by default, and compare with the best total and with the most wishes."""
    matching = mm.match(mentees, mentors)
    scores = matching.problem.scores

    def by(objectives: Sequence[Objective]) -> mm.Matching:
        return mm.solve(mm.Problem(scores, objectives=objectives))

    plain = by(BY_TOTAL)
    defects = matching.defects()
    granted, reachable = wishes(matching)
    most = wishes(by(WISHES_IN_DEFAULT_PLACE), reachable=False)[0] if reachable else 0
    return {
        "programme": name,
        "size": f"{len(mentees)} x {len(mentors)}",
        "matched": len(matching.pairs[0]),
        "defects": len(defects),
        "avoidable": int(defects["avoidable"].sum()),
        "by total": int((scores.defects[plain.pairs] > 0).sum()),
        "total": round(total(matching), 2),
        "best total": round(total(plain), 2),
        "given up %": round(100 * (1 - total(matching) / total(plain)), 2),
        "wishes": granted,
        "by total ": wishes(plain, reachable=False)[0],
        "reachable": reachable,
        "without more defects": most,
    }


def orders(sizes: Iterable[tuple[int, int]], seeds: int, rosters: Sequence[Sequence[str]]) -> None:
    programmes: list[tuple[str, Sequence[pd.DataFrame | str | Path]]] = [
        ("example", mm.example_files())
    ]
    programmes += [(Path(pair[0]).stem, pair) for pair in rosters]
    programmes += [
        (f"cohort {seed}", mm.make_cohort(n, m, seed)) for n, m in sizes for seed in range(seeds)
    ]
    rows = [order_row(name, *read(frames)) for name, frames in programmes]
    print(pd.DataFrame(rows).to_string(index=False))


def answered(scores: mm.Scores) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each criterion with bool (n,): who answered what it asks mentees."""
    for place, name in enumerate(scores.names):
        yield name, ~scores.neutral.blank[:, place]


def answered_or_blank(cohorts: int, n: int, m: int) -> None:
    counts: dict[str, np.ndarray] = {}
    for seed in range(100, 100 + cohorts):
        matching = mm.match(*read(mm.make_cohort(n, m, seed, seats=0.7, missing=0.2)))
        had = matching.assignment >= 0
        for name, given in answered(matching.problem.scores):
            found = [given.sum(), had[given].sum(), (~given).sum(), had[~given].sum()]
            counts[name] = counts.get(name, np.zeros(4)) + found
    rows = [
        {
            "criterion": name,
            "answered %": round(100 * there / people, 1),
            "blank %": round(100 * away / blank, 1),
            "difference": round(100 * (there / people - away / blank), 1),
            "blanks": int(blank),
        }
        for name, (people, there, blank, away) in counts.items()
        if blank
    ]
    print(pd.DataFrame(rows).to_string(index=False))


QUESTIONS = (
    "goals",
    "needs",
    "communication_style",
    "preferred",
    "availability",
    "seniority",
    "hours",
    "rhythm",
    "interests",
    "languages",
)


def one_blank(
    n: int, m: int, seats: float, people: int
) -> Iterator[tuple[str, mm.Matching, mm.Matching, int]]:
    """Leave one answer of one person out, so many people a question; yield before, after, who."""
    mentees, mentors = mm.make_cohort(n, m, 1, seats=seats)
    offers = mm.read_roster(mentors, role="mentor")
    before = mm.match(mm.read_roster(mentees, role="mentee"), offers)
    rng = np.random.default_rng(5)
    for question in QUESTIONS:
        given = np.flatnonzero(mentees[question] != "")
        for person in rng.permutation(given)[:people].tolist():
            fewer = mentees.copy()
            fewer.loc[person, question] = ""
            yield question, before, mm.match(mm.read_roster(fewer, role="mentee"), offers), person


def seats_short(n: int, m: int, people: int) -> None:
    tally = {question: [0, 0, 0] for question in QUESTIONS}
    for question, before, after, person in one_blank(n, m, 0.75, people):
        had, has = before.assignment[person] >= 0, after.assignment[person] >= 0
        tally[question][0] += 1
        tally[question][1] += int(has and not had)
        tally[question][2] += int(had and not has)
    columns = ["question", "people", "blank wins a seat", "blank loses a seat"]
    rows = [[question, *counts] for question, counts in tally.items()]
    rows.append(["all", *(sum(column) for column in zip(*tally.values(), strict=True))])
    print(pd.DataFrame(rows, columns=columns).to_string(index=False))


def seats_for_all(n: int, m: int, people: int) -> None:
    """Compare the two mentors by what the whole answers say."""
    worse: dict[str, list[float]] = {question: [] for question in QUESTIONS}
    for question, before, after, person in one_blank(n, m, 1.05, people):
        row = before.problem.scores.points[person]
        both = int(before.assignment[person]), int(after.assignment[person])
        if min(both) >= 0:
            worse[question].append(float(int(row[both[1]]) - int(row[both[0]])) / 1e6)
    rows = [
        {
            "question": question,
            "people": len(found),
            "worse on average": round(float(np.mean(found)), 4),
            "standard error": round(float(np.std(found) / np.sqrt(len(found))), 4),
        }
        for question, found in worse.items()
    ]
    print(pd.DataFrame(rows).to_string(index=False))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.defaults", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, for CI")
    parser.add_argument("--rosters", nargs=2, action="append", default=[], metavar="FILE")
    options = parser.parse_args(arguments)
    small = options.smoke
    orders(((60, 20),) if small else SIZES, 1 if small else 3, options.rosters)
    print("\nmatched share by answer, seats for 70 %")
    answered_or_blank(*((2, 60, 20) if small else (12, 300, 100)))
    size = (40, 15, 2) if small else (120, 40, PER_QUESTION)
    print("\none answer of one person left out, seats for 75 %")
    seats_short(*size)
    print("\nby how much a pair is worse for an answer given, seats for all")
    seats_for_all(*size)


if __name__ == "__main__":
    main()
