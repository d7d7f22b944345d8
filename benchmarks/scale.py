"""Large programmes: rosters to a proven matching, without a matrix of scores and with one.

    python -m benchmarks.scale [20000x4000 50000x10000] [--seats 1.05] [--memory 1GB]
                               [--smoke] [--peer] [--page]

Each size and route in a process of its own, after a small programme that compiles the kernels:
seconds of the processor for reading, scoring and solving, peak memory of the process, pairs
compared, gap. The route with a matrix runs where it fits in what is free, and has to give the same
objective, pairs, prices and `unique`. ``--peer`` solves the listed pairs of the largest size with
OR-Tools' PDLP and with ours. Figures are kept in ``benchmarks/results/scale.json``, beside those of
earlier calls for other sizes; ``scale.md`` and ``scale.png`` are made from it, with ``--page``
without running anything. ``--smoke`` runs 20,000 x 4,000 and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.measure import peak, run_child

Row = dict[str, Any]
RESULTS = Path(__file__).parent / "results"
SIZES = ((20_000, 4_000),)
MATRIX = 24
"""Bytes per pair that the route with a matrix takes at its peak."""
STAGES = ("read", "score", "solve")
ANSWER = ("mentors_of", "mentor_price", "matched_price")
HOURS = 6 * 3600.0
"""Most that one run may take."""


# -- what it ought to cost ------------------------------------------------------------------------


def predicted(n: int, m: int) -> dict[str, float]:
    """Return seconds of the processor by stage, from the cost model of a prototype.

    Per mentee: 68 us to read, 40 to lower, 17 pairs of 1.8 us to compute exactly, 5 us in each of
    3 solves of the lists. Per mentee and 100,000 mentors: 538 us to list, 186 in each of 1.5
    looks at all pairs. Prices to begin with: half a mentee per mentor, 150 s for 100,000 mentors.
    """
    wide = m / 100_000
    return {
        "read": 68e-6 * (n + m),
        "score": (40e-6 + 538e-6 * wide + 17 * 1.8e-6) * n + 150 * wide**2,
        "solve": (3 * 5e-6 + 1.5 * 186e-6 * wide) * n,
    }


# -- one run, in a process of its own -------------------------------------------------------------


def run(n: int, m: int, seats: float, memory: str | None, place: Path) -> Row:
    """Match one programme, and write the answer to a folder; memory None: with a matrix."""
    import mentormatch as mm

    small = _read(mm, 600, 200, 1.05)
    mm.solve(mm.Problem(mm.score(*small, memory=1000 if memory else None, engine="numba")))
    told: list[tuple[str, float, float, float]] = []
    seconds: dict[str, float] = {}
    before, began = process_time(), perf_counter()

    def passed(stage: str) -> None:
        nonlocal before
        seconds[stage] = process_time() - before
        before = process_time()

    frames = mm.make_cohort(n, m, seed=1, seats=seats)
    passed("cohort")
    people = [
        mm.read_roster(frame, role=role)
        for frame, role in zip(frames, ("mentee", "mentor"), strict=True)
    ]
    del frames
    passed("read")
    limit = memory or 8 * n * m
    scores = mm.score(*people, memory=limit, progress=lambda *said: told.append(said))
    passed("score")
    before_solving = len(told)
    matching = mm.solve(mm.Problem(scores), progress=lambda *said: told.append(said))
    passed("solve")
    np.savez(place / f"{_name(memory)}.npz", **{name: getattr(matching, name) for name in ANSWER})
    rounds = [one for one in told[before_solving:] if one[0].startswith("round")]
    row: Row = {
        "n": n, "m": m, "seats": seats, "memory": memory, "status": matching.status,
        "route": matching.route, "cpu": seconds, "wall": perf_counter() - began,
        "peak": peak(), "objective": matching.objective, "bound": matching.bound,
        "gap": matching.gap, "unique": matching.unique,
        "gaps": [1 - value / bound if bound else 0.0 for _, value, bound, _ in rounds],
        "compared": compared([one[0] for one in told]) or n * m,
    }  # fmt: skip
    if memory is not None:
        pool = scores.source.pool  # type: ignore[union-attr]
        row["listed"] = int(pool.column.size)
        np.savez(place / "lists.npz", indptr=pool.indptr, column=pool.column,
                 points=pool.points, capacity=people[1].capacity)  # fmt: skip
    return row


def compared(told: list[str]) -> int:
    """Return how many pairs all looks together compared, from what was reported of each round."""
    total = last = 0
    for stage in told:
        if stage.startswith("round"):
            now = int(re.sub(r"\D", "", stage.split(", ", 1)[1]))
            total += now - last if now >= last else now  # another stage counts from nothing
            last = now
    return total


def _read(mm: Any, n: int, m: int, seats: float) -> list[Any]:
    frames = mm.make_cohort(n, m, seed=0, seats=seats)
    return [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]


def _name(memory: str | None) -> str:
    return "matrix" if memory is None else "streamed"


def pdlp(place: Path, accuracy: float) -> Row:
    """Solve the listed pairs for the best total, with OR-Tools' PDLP and with ours."""
    import scipy.sparse
    from ortools.pdlp import solve_log_pb2, solvers_pb2
    from ortools.pdlp.python import pdlp as peer

    from mentormatch.solvers.assignment import assign_sparse

    with np.load(place / "lists.npz") as kept:
        indptr, column, points, seats = (
            kept[name] for name in ("indptr", "column", "points", "capacity")
        )
    n, m = indptr.size - 1, seats.size
    allowed = points >= 0
    row = np.repeat(np.arange(n), np.diff(indptr))[allowed]
    column, points = column[allowed].astype(np.int32), points[allowed].astype(np.int32)
    indptr = np.searchsorted(row, np.arange(n + 1))
    seats = seats.astype(np.int64)
    nothing = np.zeros(n, dtype=np.int64)
    assign_sparse(indptr, column, points, seats, row_bonus=nothing)
    before = process_time()
    ours = assign_sparse(indptr, column, points, seats, row_bonus=nothing)
    mine = process_time() - before
    before = process_time()
    pairs = row.size
    program = peer.QuadraticProgram()
    program.resize_and_initialize(pairs, n + m)
    program.objective_vector = -points / 1e6
    program.constraint_matrix = scipy.sparse.csc_matrix(
        (np.ones(2 * pairs), (np.concatenate([row, n + column]), np.tile(np.arange(pairs), 2))),
        shape=(n + m, pairs),
    )
    program.constraint_lower_bounds = np.full(n + m, -np.inf)
    program.constraint_upper_bounds = np.concatenate([np.ones(n), seats]).astype(float)
    program.variable_lower_bounds = np.zeros(pairs)
    program.variable_upper_bounds = np.full(pairs, np.inf)
    asked = solvers_pb2.PrimalDualHybridGradientParams()
    asked.termination_criteria.simple_optimality_criteria.eps_optimal_relative = accuracy
    asked.termination_criteria.simple_optimality_criteria.eps_optimal_absolute = accuracy
    asked.num_threads = 1
    found = peer.primal_dual_hybrid_gradient(program, asked)
    theirs = process_time() - before
    reason = solve_log_pb2.TerminationReason.Name(found.solve_log.termination_reason)
    reached = float(points @ found.primal_solution) / 1e6
    best = ours.objective / 1e6
    share = found.primal_solution
    return {
        "status": "ok", "n": n, "m": m, "pairs": pairs, "accuracy": accuracy, "reason": reason,
        "ours": {"cpu": mine, "objective": best, "gap": (ours.bound - ours.objective) / ours.bound},
        "pdlp": {
            "cpu": theirs, "objective": reached, "off": abs(reached - best) / best,
            "fractional": float(((share > 0.01) & (share < 0.99)).sum() / n),
        },
    }  # fmt: skip


# -- sizes one after the other --------------------------------------------------------------------


def measured(n: int, m: int, seats: float, memory: str, peers: list[float]) -> Row:
    """Return the runs of one size, and whether their answers are equal."""
    from mentormatch.memory import free_bytes

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        how = [str(n), str(m), str(seats), folder]
        streamed = run_child(["benchmarks.scale", "--child", *how, memory], HOURS)
        found: Row = {"streamed": streamed, "matrix": None, "predicted": predicted(n, m)}
        free = free_bytes()
        if free is None or MATRIX * n * m < free:
            found["matrix"] = run_child(["benchmarks.scale", "--child", *how], HOURS)
            if "cpu" in found["matrix"] and "cpu" in streamed:
                found["equal"] = _equal(streamed, found["matrix"], place)
        if peers and "cpu" in streamed:
            found["peer"] = [
                run_child(["benchmarks.scale", "--child-peer", folder, str(accuracy)], HOURS)
                for accuracy in peers
            ]
    return found


def _equal(one: Row, other: Row, place: Path) -> dict[str, bool]:
    """Return which parts of the answers are equal."""
    same = {name: one[name] == other[name] for name in ("objective", "unique", "status")}
    with np.load(place / "streamed.npz") as mine, np.load(place / "matrix.npz") as theirs:
        return same | {name: bool(np.array_equal(mine[name], theirs[name])) for name in ANSWER}


# -- the page -------------------------------------------------------------------------------------


def after_reading(row: Row) -> float:
    """Return seconds of the processor for scoring and solving."""
    return float(row["cpu"]["score"] + row["cpu"]["solve"])


def exponents(rows: list[Row], value: Any) -> list[float]:
    """Return by which powers of the mentees a value grows from one row to the next."""
    return [math.log(value(b) / value(a)) / math.log(b["n"] / a["n"]) for a, b in pairwise(rows)]


def page(kept: dict[str, Row]) -> str:
    """Return the page of all sizes that are kept."""
    sizes = sorted(kept.values(), key=lambda one: (one["streamed"]["seats"], one["streamed"]["n"]))
    lines = [
        "# Large programmes", "",
        "`python -m benchmarks.scale` makes this page. Invented people (`make_cohort`), default "
        "criteria and rules; one process per size and route. Seconds are of the processor; memory "
        "is the peak of the whole process, the invented people included. Where a run with a matrix "
        "stands beside it, objective, pairs, prices and `unique` were compared.", "",
        "| people | seats | route | read | score | solve | peak | pairs compared | gap after each "
        "round | status | equal |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for one in sizes:
        rows = [row for row in (one["streamed"], one["matrix"]) if row and "cpu" in row]
        lines += [_line(row, one.get("equal")) for row in rows]
    lines += ["", "## Beside a matrix, and as foreseen", "",
              "Score and solve: seconds of this route over those of a matrix; and the cost model "
              "of the prototype (`predicted` in `benchmarks/scale.py`) over what was measured.", "",
              "| people | seats | over a matrix | read | score | solve |",
              "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for one in sizes:
        row, matrix = one["streamed"], one["matrix"]
        beside = after_reading(row) / after_reading(matrix) if matrix and "cpu" in matrix else None
        ratios = " | ".join(f"{one['predicted'][s] / row['cpu'][s]:.2f}" for s in STAGES)
        over = "-" if beside is None else f"{beside:.2f}"
        lines.append(f"| {_size(row)} | {row['seats']} | {over} | {ratios} |")
    lines += _growth(sizes)
    peers = [line for one in sizes for line in one.get("peer", ()) if line.get("status") == "ok"]
    if peers:
        lines += ["", "## Listed pairs, beside OR-Tools' PDLP", "",
                  "The best total of the listed pairs; one thread.", "",
                  "| people | pairs | accuracy asked | PDLP | off the optimum | parts a mentee "
                  "| ours | gap |",
                  "| --- | --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
        for line in peers:
            theirs, ours = line["pdlp"], line["ours"]
            lines.append(
                f"| {_size(line)} | {line['pairs']:,} | {line['accuracy']:g} "
                f"| {theirs['cpu']:.1f} s | {theirs['off']:.1e} | {theirs['fractional']:.3f} "
                f"| {ours['cpu']:.2f} s | {ours['gap']:.0e} |"
            )
    return "\n".join([*lines, "", "![Time and memory against size](scale.png)", ""])


def _line(row: Row, equal: dict[str, bool] | None) -> str:
    compared = row["compared"] / (row["n"] * row["m"])
    gaps = ", ".join(f"{gap:.1e}" if gap else "0" for gap in row["gaps"] or [row["gap"]])
    differs = [name for name, same in (equal or {}).items() if not same]
    word = "-" if equal is None else ("yes" if not differs else "NO: " + ", ".join(differs))
    times = " | ".join(f"{row['cpu'][stage]:.1f}" for stage in STAGES)
    return (
        f"| {_size(row)} | {row['seats']} | {_name(row['memory'])} | {times} "
        f"| {row['peak'] / 1e9:.2f} GB | {compared:.2f} n m | {gaps} | {row['status']} | {word} |"
    )


def _size(row: Row) -> str:
    return f"{row['n']:,} x {row['m']:,}"


def _of_route(sizes: list[Row], route: str) -> list[Row]:
    rows = [one[route] for one in sizes if one[route] is not None and "cpu" in one[route]]
    return [row for row in rows if row["seats"] == rows[-1]["seats"]] if rows else []


def _growth(sizes: list[Row]) -> list[str]:
    """Return the lines about growth: the power of the mentees, from one size to the next."""
    lines = []
    for route in ("streamed", "matrix"):
        rows = _of_route(sizes, route)
        if len(rows) > 1:
            time = ", ".join(f"{power:.2f}" for power in exponents(rows, after_reading))
            memory = ", ".join(f"{power:.2f}" for power in exponents(rows, lambda r: r["peak"]))
            lines.append(f"- {route}: seconds of score and solve grow with n to the {time}; peak "
                         f"memory to the {memory}.")  # fmt: skip
    head = ["", "## Growth", "", "From each size to the next, mentors in proportion:", ""]
    return [*head, *lines] if lines else []


def draw(kept: dict[str, Row], path: Path) -> None:
    """Draw seconds and memory against the number of mentees, one line per route."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    sizes = sorted(kept.values(), key=lambda one: (one["streamed"]["seats"], one["streamed"]["n"]))
    figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for route, style in (("streamed", "-"), ("matrix", "--")):
        rows = _of_route(sizes, route)
        at = [row["n"] for row in rows]
        panels[0].plot(at, [after_reading(row) for row in rows], style, marker="o", label=route)
        panels[1].plot(at, [row["peak"] / 1e9 for row in rows], style, marker="o", label=route)
    rows = _of_route(sizes, "streamed")
    foreseen = [sum(predicted(row["n"], row["m"])[s] for s in STAGES[1:]) for row in rows]
    panels[0].plot([row["n"] for row in rows], foreseen, ":", color="black", label="foreseen")
    for panel, what in zip(panels, ("seconds of the processor, score and solve", "peak memory, GB"),
                           strict=True):  # fmt: skip
        panel.set(xscale="log", yscale="log", xlabel="mentees", ylabel=what)
        panel.set_xticks([row["n"] for row in rows], [f"{row['n']:,}" for row in rows])
        panel.set_xticks([], minor=True)
        panel.grid(which="both", alpha=0.3)
    panels[0].legend()
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


def main(arguments: list[str] | None = None) -> int:
    """Run the sizes asked for; return 1 if a run failed or answers differ."""
    given = arguments if arguments is not None else sys.argv[1:]
    if given[:1] == ["--child"]:
        n, m, seats, place, *memory = given[1:]
        row = run(int(n), int(m), float(seats), memory[0] if memory else None, Path(place))
        print(json.dumps(row))
        return 0
    if given[:1] == ["--child-peer"]:
        print(json.dumps(pdlp(Path(given[1]), float(given[2]))))
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", help="mentees x mentors, such as 50000x10000")
    parser.add_argument("--seats", type=float, default=1.05, help="per mentee")
    parser.add_argument("--memory", default="100MB", help="most that the scores may take")
    parser.add_argument("--peer", action="store_true", help="also PDLP on the largest size")
    parser.add_argument("--smoke", action="store_true", help="20,000 x 4,000, nothing is kept")
    parser.add_argument("--page", action="store_true", help="make the page anew, run nothing")
    options = parser.parse_args(given)
    sizes = [tuple(map(int, size.split("x"))) for size in options.sizes] or list(SIZES)
    place = RESULTS / "scale.json"
    kept = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    failed = 0
    for n, m in [] if options.page else sizes:
        peers = [1e-3, 1e-5] if options.peer and (n, m) == max(sizes) else []
        found = measured(n, m, options.seats, options.memory, peers)
        failed += "cpu" not in found["streamed"] or not all(found.get("equal", {}).values())
        print(json.dumps(found), flush=True)
        if "cpu" in found["streamed"]:
            kept[f"{n}x{m} {options.seats}"] = found
            if not options.smoke:
                place.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if not options.smoke:
        (RESULTS / "scale.md").write_text(page(kept), encoding="utf-8")
        draw(kept, RESULTS / "scale.png")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
