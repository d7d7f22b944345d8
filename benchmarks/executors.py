"""Scores on Dask workers: one and two of them, one that is killed, a scheduler that is lost.

    python -m benchmarks.executors [40000x10000] [--smoke]

Each case is a run of `mm.score` of the same people on a cluster of this machine, one thread per
worker: wall seconds of the whole, and of listing the best pairs, which is a look at all of them.
Lists, bars and levels have to be the same bytes in every case. A worker is killed once a quarter of
the pairs is listed; the cluster is closed once half is, and another goes on from the checkpoint.
Cores that other work uses show nothing of a speed-up: the load before each run is kept with it.
Results in ``benchmarks/results/executors.json`` and ``.md``; ``--smoke`` keeps nothing. Needs
``pip install 'mentormatching[scale]'``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"
SIZE = (40_000, 10_000)
SMOKE = (3_000, 800)
NO_MATRIX = 1_000_000
"""Bytes, fewer than any of these scores would take."""
Row = dict[str, Any]


class _Watch:
    """Notes when listing begins and ends, and does something once a share of it is done."""

    def __init__(self, share: float = 2.0, then: Callable[[], bool] = lambda: False) -> None:
        self.share, self.then = share, then
        self.first: tuple[float, int] | None = None
        self.last = (0.0, 0)

    def __call__(self, stage: str, value: float, bound: float, seconds: float) -> bool:
        found = re.match(r"listing: ([\d,]+) of ([\d,]+) pairs", stage)
        if found is None:
            return False
        done, of = (int(part.replace(",", "")) for part in found.groups())
        self.last = (seconds, done)
        self.first = self.first or self.last
        if done >= self.share * of:
            self.share = 2.0
            return self.then()
        return False

    @property
    def rate(self) -> float:
        """Million pairs listed in a second, from the first report to the last."""
        assert self.first is not None
        seconds, pairs = (b - a for a, b in zip(self.first, self.last, strict=True))
        return pairs / seconds / 1e6 if seconds > 0 else float("nan")


def _bytes_of(scores: Any) -> str:
    """Return a digest of what was listed and of the levels."""
    pool = scores.source.pool
    told = hashlib.blake2b(digest_size=12)
    for part in (pool.indptr, pool.column, pool.points, pool.bar, scores.neutral.levels):
        told.update(np.ascontiguousarray(part).tobytes())
    return told.hexdigest()


def _run(
    people: Any, workers: int, watch: _Watch, checkpoint: str | None = None, killed: bool = False
) -> Row:
    """Score people on so many workers, or on none: in this process, with one thread.

    killed : the first worker is, when it is time to do something.
    """
    import mentormatch as mm

    load = os.getloadavg()[0]
    how: dict[str, Any] = {"memory": NO_MATRIX, "progress": watch, "checkpoint": checkpoint}
    if not workers:
        began = perf_counter()
        scores = mm.score(*people, threads=1, **how)
        return _row("no workers", began, scores, watch, load)
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, memory_limit=None, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        if killed:
            watch.then = _killer(cluster)
        client.run(_warm)
        began = perf_counter()
        scores = mm.score(*people, executor=client, **how)
        return _row(f"{workers} workers" if workers > 1 else "1 worker", began, scores, watch, load)


def _killer(cluster: Any) -> Callable[[], bool]:
    """Return what kills the first worker of a cluster."""

    def kill() -> bool:
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        return False

    return kill


def _warm() -> None:
    """Load the kernels into a worker."""
    import mentormatch as mm

    frames = mm.make_cohort(600, 200, seed=0)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    mm.solve(mm.Problem(mm.score(*people, memory=1000, engine="numba")))


def _row(name: str, began: float, scores: Any, watch: _Watch, load: float) -> Row:
    return {
        "case": name, "wall": perf_counter() - began, "rate": watch.rate,
        "bytes": _bytes_of(scores), "load": load,
    }  # fmt: skip


def _restarted(people: Any) -> Row:
    """Close the cluster once half is listed; go on from the checkpoint with another one."""
    import mentormatch as mm

    with tempfile.TemporaryDirectory() as folder:
        from distributed import Client, LocalCluster

        def stop() -> bool:
            return True

        with (
            LocalCluster(
                n_workers=2, threads_per_worker=1, memory_limit=None, dashboard_address=None
            ) as cluster,
            Client(cluster) as client,
            suppress(KeyboardInterrupt),
        ):
            watch = _Watch(0.5, stop)
            mm.score(*people, memory=NO_MATRIX, executor=client, checkpoint=folder, progress=watch)
        before = watch.last[1]
        watch = _Watch()
        row = _run(people, 1, watch, folder)
        assert watch.first is not None
        return row | {
            "case": "another cluster after half", "before": before, "anew": watch.first[1]
        }  # fmt: skip


def measured(n: int, m: int) -> list[Row]:
    """Return a row for each case."""
    import mentormatch as mm

    frames = mm.make_cohort(n, m, seed=1, seats=1.05)
    people = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    _warm()
    rows = [_run(people, workers, _Watch()) for workers in (0, 1, 2, 1, 2)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        rows.append(_run(people, 2, _Watch(0.25), killed=True) | {"case": "2 workers, one killed"})
    rows.append(_restarted(people))
    for row in rows:
        row |= {"n": n, "m": m}
    return rows


def page(rows: list[Row]) -> str:
    """Return the page of all cases."""
    first = rows[0]
    lines = [
        "# Scores on Dask workers", "",
        f"`python -m benchmarks.executors` makes this page: {first['n']:,} x {first['m']:,} "
        "invented people, workers of one thread on this machine, the same people in each case. "
        "Listing is a look at all pairs. Load: of the machine, before the run.", "",
        "| case | wall, all of `score` | million pairs listed a second | load | same bytes |",
        "| --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    lines += [
        f"| {row['case']} | {row['wall']:.1f} s | {row['rate']:.0f} | {row['load']:.1f} "
        f"| {'yes' if row['bytes'] == first['bytes'] else 'NO'} |"
        for row in rows
    ]
    best = {
        name: max(row["rate"] for row in rows if row["case"] == name)
        for name in ("1 worker", "2 workers")
    }
    again = rows[-1]
    lines += [
        "", f"Two workers list {best['2 workers'] / best['1 worker']:.2f} times as fast as one, "
        f"the better of two runs each. Of {again['n'] * again['m']:,} pairs {again['before']:,} "
        "were listed when the first cluster was closed; the first report of the other one was of "
        f"{again['anew']:,}.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run all cases; return 1 if any differs in a byte, or if nothing was gone on from."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.executors", description=__doc__)
    parser.add_argument("size", nargs="?", default="x".join(map(str, SIZE)))
    parser.add_argument("--smoke", action="store_true", help="few people, nothing is kept")
    options = parser.parse_args(arguments if arguments is not None else sys.argv[1:])
    n, m = SMOKE if options.smoke else map(int, options.size.split("x"))
    rows = measured(n, m)
    told = page(rows)
    print(told)
    if not options.smoke:
        (RESULTS / "executors.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "executors.md").write_text(told, encoding="utf-8")
    went_on = rows[-1]["anew"] > rows[-1]["before"] / 2
    return int(len({row["bytes"] for row in rows}) > 1 or not went_on)


if __name__ == "__main__":
    raise SystemExit(main())
