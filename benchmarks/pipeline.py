"""Beside the solvers: scoring, files to matching, warm solving, and the first call.

``python -m benchmarks.pipeline STEP ...`` runs one step in a process of its own.
"""

from __future__ import annotations

import csv
import json
import operator
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.families import make_instance
from benchmarks.measure import best_of, run_child

Section = dict[str, Any]
WEEK = 7 * 24 * 4
"""Quarter hours."""


def sections(cap: float) -> dict[str, Section]:
    """Run every section; one that this version cannot run says why."""
    steps: dict[str, Callable[[], Section]] = {
        "Scoring": lambda: run_step("scoring", cap=10 * cap),
        "Files to matching": lambda: files_to_matching(cap),
        "Warm solving": lambda: run_step("warm", cap=10 * cap),
        "First call": first_call,
    }
    found = {}
    for title, step in steps.items():
        print(title, file=sys.stderr, flush=True)
        found[title] = step()
    return found


def run_step(*arguments: str, cap: float, **environment: str) -> Section:
    """Run one step in a child process."""
    return run_child(["benchmarks.pipeline", *arguments], cap, **environment)


# --- scoring against one matrix product ---------------------------------------------------------


def scoring(n: int = 5000, m: int = 1500) -> Section:
    """Score six criteria, against one float32 GEMM of the same width and one write."""
    import mentormatch as mm
    from mentormatch.datasets import make_cohort

    mentees_frame, mentors_frame = make_cohort(n, m, seed=5)
    mentees = mm.read_roster(mentees_frame, role="mentee")
    mentors = mm.read_roster(mentors_frame, role="mentor")
    criteria = [
        mm.Covers("needs", by="skills", weight=0.3),
        mm.Similarity("communication_style", weight=0.2),
        mm.SharedHours("availability", weight=0.1),
        mm.Closeness("seniority", ideal=2, tolerance=2, weight=0.1),
        mm.Overlap("interests", weight=0.1),
        mm.Preference(weight=0.2),
    ]
    width = feature_width(mentees, mentors)
    product, narrow = (gemm(n, m, columns) for columns in (width, width - WEEK))
    target = np.empty((n, m), dtype=np.float32)
    write = best_of(lambda: target.fill(0.5))
    ours = best_of(lambda: mm.score(mentees, mentors, criteria=criteria, rules=[]))
    return {
        "size": f"{n} x {m}, six criteria",
        "stacked feature width": width,
        "one float32 GEMM, seconds": product,
        "one float32 GEMM without the week's quarter hours, seconds": narrow,
        "one write of the float32 matrix, seconds": write,
        "mentormatch.score, seconds": ours,
        "score / (GEMM + write), at most 3 wanted": ours / (product + write),
        "score / (GEMM without the week + write)": ours / (narrow + write),
        "times (GEMM + write) / score": (product + write) / ours,
    }


def gemm(n: int, m: int, width: int) -> float:
    """Return the seconds of one float32 matrix product (n, width) by (width, m)."""
    rng = np.random.default_rng(1)
    left = rng.random((n, width), dtype=np.float32)
    right = rng.random((width, m), dtype=np.float32)
    target = np.empty((n, m), dtype=np.float32)
    return best_of(lambda: np.matmul(left, right, out=target))


def feature_width(mentees: Any, mentors: Any) -> int:
    """Columns of the features stacked: a column per label, style and quarter hour, two for grades.

    Needs with levels take a column per level; wishes are pairs, and take one.
    """
    skills = {*mentees.columns["needs"].labels, *mentors.columns["skills"].labels}
    styles, interests = (
        {label for side in (mentees, mentors) for label in side.columns[name].labels}
        for name in ("communication_style", "interests")
    )
    return 5 * len(skills) + len(styles) + len(interests) + WEEK + 2 + 1


# --- files to matching, against mentor-match ----------------------------------------------------

HEADERS = ("first name", "last name", "email", "role", "organisation", "grade", "profession")


def write_files(folder: Path, n: int, m: int) -> None:
    """Write the two files that `mentor-match` documents; both read the same."""
    rng = np.random.Generator(np.random.PCG64(3))
    for role, size, start, low in (("mentee", n, 0, 1), ("mentor", m, n, 3)):
        with (folder / f"{role}s.csv").open("w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(HEADERS)
            for number in range(start, start + size):
                organisation = f"Department {int(rng.random() * 8) + 1}"
                profession = f"Profession {int(rng.random() * 12) + 1}"
                grade = low + int(rng.random() * 6)
                mail = f"p{number}@example.org"
                row = (f"Person{number}", "Invented", mail, role, organisation, grade, profession)
                sheet.writerow(row)


def mentor_match_rules() -> list[Any]:
    """Return rules as its documentation has them: grade above, same profession, other house."""
    from matching.rules import rule

    return [
        rule.Grade(1, operator.ge, {True: 5, False: 0}),
        rule.Equivalent("profession", {True: 4, False: 0}),
        rule.Generic(
            {True: 3, False: 0}, lambda pair: pair.mentee.organisation != pair.mentor.organisation
        ),
    ]


def by_mentor_match(folder: Path, match: bool) -> Section:
    """Read, score and (if asked) match with `mentor-match`, one round."""
    begin = perf_counter()
    from matching.mentee import Mentee
    from matching.mentor import Mentor

    from matching import process

    rules = mentor_match_rules()
    start = perf_counter()
    mentors = process.create_participant_list_from_path(Mentor, folder)
    mentees = process.create_participant_list_from_path(Mentee, folder)
    matrix = process.generate_match_matrix(mentors, mentees, rules)
    scored = perf_counter() - start
    answer = {"status": "ok", "imports": start - begin, "read and score": scored}
    worth = np.array([[pair.score for pair in row] for row in matrix], dtype=np.int32)
    if match:
        start = perf_counter()
        pairs = process.calculate_matches(process.prepare_matrix(matrix))
        answer["seconds"] = scored + perf_counter() - start
        answer["total"] = int(sum(worth[a, b] for a, b in pairs))
        answer["our total on its scores"] = _total_on(worth)
    return answer


def _total_on(worth: npt.NDArray[np.int32]) -> int:
    from mentormatch.solvers.assignment import assign

    points = np.ascontiguousarray(worth.T)
    return int(assign(points, np.ones(points.shape[1], dtype=np.int64)).objective)


def by_mentormatch(folder: Path) -> Section:
    """Read, score and match the same files with the defaults, in a fresh process, twice."""
    begin = perf_counter()
    import mentormatch as mm

    imported = perf_counter()
    times = []
    for _ in range(2):
        start = perf_counter()
        mentees = mm.read_roster(folder / "mentees.csv", role="mentee")
        mentors = mm.read_roster(folder / "mentors.csv", role="mentor")
        matching = mm.match(mentees, mentors)
        times.append(perf_counter() - start)
        matched = int((matching.assignment >= 0).sum())
    first = imported - begin + times[0]
    return {"status": "ok", "first": first, "seconds": min(times), "matched": matched}


def files_to_matching(cap: float) -> Section:
    """Compare with `mentor-match` 7.0.1 on its own files: in full where it ends in time."""
    section: Section = {}
    for n, m in ((200, 50), (2000, 500)):
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), n, m)
            run_step("mentormatch", folder, cap=cap)  # compiles, if anything
            ours = run_step("mentormatch", folder, cap=cap)
            theirs = run_step("mentor-match", folder, cap=cap)
            parts = run_step("mentor-match-scores", folder, cap=cap)
        section |= {f"{n} x {m}: {name}": value for name, value in _compared(ours, theirs, cap)}
        alone = parts.get("read and score", parts["status"])
        section[f"{n} x {m}: mentor-match reads and scores alone, seconds"] = alone
    return section


def _compared(ours: Section, theirs: Section, cap: float) -> Iterator[tuple[str, Any]]:
    if ours["status"] != "ok":
        yield "mentormatch", ours["status"]
        return
    yield "mentormatch, seconds", ours["seconds"]
    yield "mentormatch in a fresh process, imports included, seconds", ours["first"]
    if theirs["status"] == "ok":
        yield "mentor-match 7.0.1, seconds", theirs["seconds"]
        same = theirs["total"] == theirs["our total on its scores"]
        yield "our solver's total on its scores agrees", same
        yield "times faster", theirs["seconds"] / ours["seconds"]
        fresh = theirs["imports"] + theirs["seconds"]
        yield "times faster, imports included", fresh / ours["first"]
    elif theirs["status"].startswith("over"):
        yield "mentor-match 7.0.1, seconds", f"not done after {cap:g}"
        yield "times faster, at least", cap / ours["seconds"]
    else:
        yield "mentor-match 7.0.1", theirs["status"]


# --- warm solving, first call -------------------------------------------------------------------


def warm(n: int = 5000, m: int = 1500) -> Section:
    """Solve again after one row in a hundred has new scores."""
    from benchmarks.peers import bonus
    from benchmarks.suites import usual_family
    from mentormatch.solvers.assignment import assign

    section: Section = {"size": f"{n} x {m}, 1 % of the rows changed"}
    for regime in ("slack", "tight", "short"):
        instance = make_instance(usual_family(), regime, n, m)
        extra = np.full(n, bonus(instance), dtype=np.int64)
        before = assign(instance.points, instance.capacity, row_bonus=extra)
        rng = np.random.default_rng(2)
        points = instance.points.copy()
        rows = rng.choice(n, n // 100, replace=False)
        points[rows] = points[rng.permutation(rows)]
        solve = partial(assign, points, instance.capacity, row_bonus=extra)
        resume = partial(solve, start=before)
        cold, unnamed = best_of(solve, 5), best_of(resume, 5)
        named = best_of(partial(resume, changed=rows), 5)
        pairs = solve().mentor_of
        same = all(
            np.array_equal(pairs, answer.mentor_of) for answer in (resume(), resume(changed=rows))
        )
        section[f"{regime}: cold, seconds"] = cold
        section[f"{regime}: warm, seconds"] = unnamed
        section[f"{regime}: warm, the changed rows named, seconds"] = named
        section[f"times faster warm, {regime}"] = cold / named
        section[f"{regime}: same pairs"] = same
    return section


def first() -> Section:
    """Time the first and the second call of this process, on a problem large enough to compile."""
    from mentormatch.solvers.assignment import assign

    points = np.random.default_rng(1).integers(0, 1_000_000, (500, 150), dtype=np.int32)
    capacity = np.full(150, 4)
    times = []
    for _ in range(2):
        start = perf_counter()
        assign(points, capacity)
        times.append(perf_counter() - start)
    return {"status": "ok", "first": times[0], "second": times[1]}


def first_call() -> Section:
    """Return what compiling adds to the first call, with a cold and with a warm cache."""
    section: Section = {}
    with tempfile.TemporaryDirectory() as cache:
        for state in ("cold", "warm"):
            answer = run_step("first", cap=300, NUMBA_CACHE_DIR=cache)
            if answer["status"] != "ok":
                return {state: answer["status"]}
            added = answer["first"] - answer["second"]
            section[f"{state} cache: first call adds, seconds"] = added
    return section


STEPS: dict[str, Callable[..., Section]] = {
    "scoring": lambda: scoring(),
    "warm": lambda: warm(),
    "first": lambda: first(),
    "mentormatch": lambda folder: by_mentormatch(Path(folder)),
    "mentor-match": lambda folder: by_mentor_match(Path(folder), match=True),
    "mentor-match-scores": lambda folder: by_mentor_match(Path(folder), match=False),
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:]), default=bool))
