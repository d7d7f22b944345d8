"""Stable matching against the package `matching`: same preferences, same pairs, both timed.

``python -m benchmarks.stability`` prints one line per instance. `matching` 1.4.3 makes deep
copies of players who hold one another, so that building 500 x 150 ends in a RecursionError at
Python's default limit; it is then run again with a limit of 200,000 in a thread with a large stack.
"""

from __future__ import annotations

import argparse
import sys
import threading
import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from mentormatch.solvers.stability import (
    blocking,
    deferred_acceptance,
    strict_keys,
    weakest_held,
)
from mentormatch.solvers.ties import default_hash

SIZES = ((500, 150), (2000, 600), (5000, 1500))
PEER_SIZE = (500, 150)
FAMILIES = ("random", "six levels", "popular", "all equal")
STACK = 512 * 1024 * 1024
LIMIT = 200_000


def points_of(family: str, n: int, m: int, seed: int) -> np.ndarray:
    """Return int32 (n, m): scores in millionths, a tenth of the pairs inadmissible."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 1_000_001, (n, m))
    if family == "six levels":
        points = rng.integers(0, 6, (n, m)) * 200_000
    elif family == "popular":
        points = (900_000 * rng.random(m)[None, :] + 0.1 * points).astype(np.int64)
    elif family == "all equal":
        points = np.full((n, m), 500_000)
    points[rng.random((n, m)) < 0.1] = -1
    return points.astype(np.int32)


def seats_of(n: int, m: int, seed: int) -> np.ndarray:
    """Return int64 (m,): 0.95 seats per mentee, dealt at random, at least one each."""
    extra = np.random.default_rng(seed + 1).integers(0, m, max(round(0.95 * n) - m, 0))
    return 1 + np.bincount(extra, minlength=m)


def ours(points: np.ndarray, seats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the stable pairs, from the matrix of points."""
    hashes = default_hash(len(points), 1), default_hash(len(seats), 2)
    keys = strict_keys(points, *hashes)
    one_each = np.ones(len(points), dtype=np.int64)
    return deferred_acceptance(keys, keys, one_each, seats, *hashes)


def check_stable(
    points: np.ndarray, seats: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> None:
    one_each = np.ones(len(points), dtype=np.int64)
    assert (np.bincount(columns, minlength=len(seats)) <= seats).all()
    held = weakest_held(points, points, rows, columns, one_each, seats)
    assert not len(blocking(points, points, rows, columns, held)[0])


def preferences(points: np.ndarray) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the lists of both sides, as `matching` takes them; the same order as ours."""
    keys = strict_keys(points, default_hash(len(points), 1), default_hash(points.shape[1], 2))
    mentees, mentors = np.argsort(-keys, axis=1), np.argsort(-keys.T, axis=1)
    return (
        {i: [int(j) for j in row if keys[i, j] >= 0] for i, row in enumerate(mentees)},
        {j: [int(i) for i in row if keys[i, j] >= 0] for j, row in enumerate(mentors)},
    )


def peer(points: np.ndarray, seats: np.ndarray) -> tuple[float, float, set[tuple[int, int]]]:
    """Return (seconds to build the game, seconds to solve it, the pairs)."""
    from matching.games import HospitalResident

    residents, hospitals = preferences(points)
    begun = perf_counter()
    game = HospitalResident.create_from_dictionaries(
        residents, hospitals, {j: int(k) for j, k in enumerate(seats)}
    )
    built = perf_counter()
    solved = game.solve(optimal="resident")
    done = perf_counter()
    pairs = {(r.name, h.name) for h, held in solved.items() for r in held}
    return built - begun, done - built, pairs


def with_deep_stack(call: Callable[[], Any]) -> Any:
    """Call with a high recursion limit, in a thread whose stack can bear it."""
    result: list[Any] = []
    before, size = sys.getrecursionlimit(), threading.stack_size(STACK)
    sys.setrecursionlimit(LIMIT)
    try:
        thread = threading.Thread(target=lambda: result.append(call()))
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(before)
        threading.stack_size(size)
    if not result:
        raise RuntimeError("matching failed with the high recursion limit too")
    return result[0]


def compare(n: int, m: int, seed: int) -> None:
    """Solve one instance with both and print the ratio."""
    points, seats = points_of("random", n, m, seed), seats_of(n, m, seed)
    ours(points, seats)
    begun = perf_counter()
    rows, columns = ours(points, seats)
    seconds = perf_counter() - begun
    warnings.simplefilter("ignore")
    try:
        built, solved, pairs = peer(points, seats)
        note = "at the default recursion limit"
    except ImportError:
        print(
            "matching is not installed, or hidden by mentor-match, which has a package of the same "
            "name: pip install --no-deps --target FOLDER matching==1.4.3, and PYTHONPATH=FOLDER"
        )
        return
    except RecursionError:
        print(f"matching   {n} x {m}: RecursionError at the limit {sys.getrecursionlimit()}")
        built, solved, pairs = with_deep_stack(lambda: peer(points, seats))
        note = f"at the limit {LIMIT}"
    agree = pairs == set(zip(rows.tolist(), columns.tolist(), strict=True))
    print(
        f"matching   {n} x {m}: build {built:.2f} s, solve {solved:.2f} s {note}; "
        f"ours {seconds:.4f} s from the scores, {(built + solved) / seconds:.0f} times faster; "
        f"same pairs: {agree}"
    )
    assert agree


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stability", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small instances only")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0, 1, ... of each instance")
    chosen = parser.parse_args(arguments)
    for n, m in ((60, 20),) if chosen.smoke else SIZES:
        ours(points_of("random", n, m, 0), seats_of(n, m, 0))  # compile
        for family in FAMILIES:
            times = []
            for seed in range(chosen.seeds):
                points, seats = points_of(family, n, m, seed), seats_of(n, m, seed)
                begun = perf_counter()
                rows, columns = ours(points, seats)
                times.append(perf_counter() - begun)
                check_stable(points, seats, rows, columns)
            print(f"mentormatch {n} x {m} {family}: {max(times):.3f} s at most, stable")
    compare(*((60, 20) if chosen.smoke else PEER_SIZE), seed=0)


if __name__ == "__main__":
    main()
