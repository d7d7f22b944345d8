"""Which instances are run: capacity regimes x families x sizes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.families import FAMILIES, Instance, make_instance, make_sparse
from benchmarks.measure import Row, measure, read_times, stored
from benchmarks.peers import Solver, Work, solvers, value


@dataclass(frozen=True)
class Cell:
    """One instance to be drawn, and the suite that asks for it."""

    suite: str
    family: str
    regime: str
    n: int
    m: int

    @property
    def key(self) -> str:
        return f"{self.suite} {self.family} {self.regime} {self.n}x{self.m}"

    def draw(self) -> Work:
        if self.family == "sparse":
            return make_sparse(self.regime, self.n, self.m)
        return make_instance(self.family, self.regime, self.n, self.m)


def usual_family() -> str:
    """Return "realistic", or its stand-in where this version cannot score yet."""
    import mentormatch as mm

    return "realistic" if hasattr(mm, "score") and hasattr(mm, "read_roster") else "structured"


def full() -> list[Cell]:
    """Return every cell of the published table."""
    usual = usual_family()
    families = [usual, *(family for family in FAMILIES if family != "structured")]
    cells = [
        Cell("capacity", usual, regime, n, m)
        for n, m in ((500, 150), (2000, 600), (5000, 1500))
        for regime in ("slack", "tight", "short")
    ]
    cells.append(Cell("capacity", usual, "slack", 20_000, 5_000))
    cells += [
        Cell("families", family, regime, n, m)
        for n, m in ((1500, 450), (5000, 1500))
        for family in families
        for regime in ("slack", "tight")
    ]
    cells.append(Cell("sparse", "sparse", "slack", 100_000, 20_000))
    cells.append(Cell("sparse", "sparse", "slack", 200_000, 40_000))
    return cells


def smoke() -> list[Cell]:
    """Return cells that take seconds: every family and regime, small."""
    families = [*FAMILIES, *({usual_family()} - set(FAMILIES))]
    cells = [Cell("smoke", family, "slack", 60, 20) for family in families]
    cells += [Cell("smoke", "five_percent", regime, 120, 40) for regime in ("tight", "short")]
    cells += [Cell("smoke", usual_family(), regime, 500, 150) for regime in ("tight", "short")]
    cells.append(Cell("smoke", "sparse", "slack", 1000, 200))
    return cells


def run_cell(
    cell: Cell, *, cap: float, repeats: int, only: Callable[[str], bool], isolated: bool = True
) -> dict[str, Any]:
    """Draw the instance and let every solver have it; return a record of the results."""
    instance = cell.draw()
    record: dict[str, Any] = {
        "key": cell.key,
        "suite": cell.suite,
        "family": cell.family,
        "regime": cell.regime,
        "n": cell.n,
        "m": cell.m,
        "pairs": int(instance.points.size),
        "seats": int(instance.capacity.sum()),
        "cap": cap,
        "rows": [],
    }
    if isinstance(instance, Instance):
        record |= read_times(instance)
    with stored(instance) as folder:
        for solver in solvers():
            if not only(solver.name):
                continue
            row = (measure if isolated else measure_here)(folder, solver, instance, cap, repeats)
            if not row["status"].startswith("takes"):
                record["rows"].append(row)
                say(cell.key, row)
    record["agree"] = agree(record)
    return record


def measure_here(folder: Path, solver: Solver, instance: Work, cap: float, repeats: int) -> Row:
    """Solve once in this process: quick, for the smoke run."""
    row: Row = {"solver": solver.name, "ours": solver.ours}
    reason = solver.why_skipped(instance)
    if reason:
        return {**row, "status": reason}
    try:
        problem = solver.prepare(instance)
        start = perf_counter()
        answer = solver.solve(problem)
        seconds = perf_counter() - start
        matched, total = value(instance, solver.decode(instance, answer))
    except ModuleNotFoundError:
        return {**row, "status": "not installed"}
    except Exception as error:  # whatever a peer raises, the others still run
        return {**row, "status": f"failed: {error!r}"[:300]}
    return {**row, "status": "ok", "seconds": seconds, "matched": matched, "total": total}


def agree(record: dict[str, Any]) -> bool:
    """Whether all who finished matched as many and reached the same total, and none failed."""
    reached = {(row["matched"], row["total"]) for row in record["rows"] if "total" in row}
    failed = [row for row in record["rows"] if row["status"].startswith("failed")]
    return len(reached) <= 1 and not failed


def say(key: str, row: dict[str, Any]) -> None:
    """Print one line of progress."""
    time = f"{row['seconds']:10.5f} s" if "seconds" in row else ""
    total = f"{row['matched']} matched, total {row['total']}" if "total" in row else row["status"]
    print(f"{key:48} {row['solver']:26} {time:12} {total}", file=sys.stderr, flush=True)
