"""Time and peak memory of one solver on one instance, each in a process of its own.

A child process can be stopped at its time cap, a crash stays in it, and its peak memory is its
own. ``python -m benchmarks.measure FOLDER SOLVER REPEATS`` is that child.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.families import Instance, SparseInstance, make_instance, make_sparse
from benchmarks.peers import Solver, Work, by_name, value

ENOUGH = 10.0
"""Seconds of timed runs after which no further repeat is made."""
SETUP_ALLOWANCE = 30.0
"""Seconds that a child gets for imports, compiling and its setup, beside the time cap."""
ARRAYS = ("indptr", "indices", "points", "capacity")
Row = dict[str, Any]
ROOT = Path(__file__).parents[1]


def best_of(call: Callable[[], Any], repeats: int = 5) -> float:
    """Return the least time in seconds of some calls, after one that does not count."""
    call()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


@contextmanager
def stored(instance: Work) -> Iterator[Path]:
    """Write the instance's arrays to a folder for the children, as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        for name in ARRAYS:
            if hasattr(instance, name):
                np.save(path / f"{name}.npy", getattr(instance, name))
        (path / "about.json").write_text(json.dumps([instance.family, instance.regime]))
        yield path


def load(folder: Path) -> Work:
    """Read an instance that `stored` wrote."""
    family, regime = json.loads((folder / "about.json").read_text())
    arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    kind = SparseInstance if "indptr" in arrays else Instance
    return kind(family, regime, **arrays)


def run_child(arguments: list[str], seconds: float, **environment: str) -> dict[str, Any]:
    """Run a module of this package; return the JSON of its last line, or why there is none."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"status": "over the time cap"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        missing = "ModuleNotFoundError" in last
        return {"status": "not installed" if missing else f"failed: {last[:300]}"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def measure(folder: Path, solver: Solver, instance: Work, cap: float, repeats: int) -> Row:
    """Return a row of the results: status, seconds, setup, memory, matched, total."""
    row: Row = {"solver": solver.name, "ours": solver.ours}
    reason = solver.why_skipped(instance)
    if reason:
        return {**row, "status": reason}
    arguments = ["benchmarks.measure", str(folder), solver.name, str(repeats)]
    answer = run_child(arguments, cap + SETUP_ALLOWANCE)
    if answer["status"] == "ok" and answer["seconds"] > cap:
        answer["status"] = "ok, but over the time cap"
    return {**row, **answer}


def read_times(instance: Instance) -> dict[str, float]:
    """Return the seconds of one read (a row minimum) of the points, and of them as float64."""
    as_float = instance.points.astype(np.float64)
    return {
        "read_points": best_of(lambda: instance.points.min(axis=1)),
        "read_float64": best_of(lambda: as_float.min(axis=1)),
    }


# --- the child ----------------------------------------------------------------------------------


def resident() -> int:
    """Return the bytes that this process holds now (at most so far, where only that is known)."""
    status = Path("/proc/self/status")
    if status.exists():
        return _status_line(status, "VmRSS")
    return peak()


def peak() -> int:
    """Return the most bytes that this process has held since `forget_peak`."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would also count the parent, from before the exec
        return _status_line(status, "VmHWM")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def forget_peak() -> None:
    """Start the peak anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _status_line(status: Path, name: str) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def child(folder: Path, name: str, repeats: int) -> dict[str, Any]:
    """Load, set up, solve some times; setups are made anew so that no solver starts warm."""
    solver = by_name(name)
    tiny: Work = make_sparse("slack", 40, 12, 5)
    if not solver.sparse:
        tiny = make_instance("few_levels", "slack", 40, 12)
    solver.solve(solver.prepare(tiny))  # imports
    before = resident()
    instance = load(folder)
    times: list[float] = []
    setups: list[float] = []
    spent = 0.0
    answer: Any = None
    while len(times) < repeats + 1 and (len(times) < 2 or spent < ENOUGH):
        forget_peak()
        start = perf_counter()
        problem = solver.prepare(instance)
        middle = perf_counter()
        answer = solver.solve(problem)
        times.append(perf_counter() - middle)
        setups.append(middle - start)
        spent += times[-1] if len(times) > 1 else 0.0
        most = peak()
        if not solver.ours and times[-1] > ENOUGH:
            break  # a long first run counts
    matched, total = value(instance, solver.decode(instance, answer))
    return {
        "status": "ok",
        "seconds": min(times[1:] or times),
        "first_seconds": times[0],
        "setup_seconds": min(setups),
        "runs": max(len(times) - 1, 1),
        "peak_bytes": most - before,
        "matched": matched,
        "total": total,
        "route": getattr(answer, "route", ""),
    }


if __name__ == "__main__":
    print(json.dumps(child(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
