"""``python -m benchmarks.forms_peers``: pairs of one pool against networkx and rustworkx.

Four families of pools, 200 to 5000 people; every total is compared with the peers' in the same run,
every proof is checked on all pairs. Then odd pools with a trio: gap and seconds. Results go to
``benchmarks/results/forms_peers.json`` and ``.md``. With ``--smoke`` pools of 60, and no files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.skills import skills
from mentormatch.solvers.general.odd_sets import broken_pairs
from mentormatch.solvers.general.pool import enough, match_pool
from mentormatch.solvers.general.trio import match_with_trio

Points = npt.NDArray[np.int32]
Row = dict[str, Any]
MILLION = 1_000_000
RESULTS = Path(__file__).parent / "results"


def _pool(points: Points, barred: npt.NDArray[np.bool_] | None = None) -> Points:
    upper = np.triu(points, 1)
    pool = upper + upper.T
    if barred is not None:
        barred = np.triu(barred, 1)
        pool[barred | barred.T] = -1
    np.fill_diagonal(pool, -1)
    return pool


def peers(n: int, seed: int) -> Points:
    """Return a pool of people who teach and learn, with styles, hours and departments."""
    rng = np.random.default_rng(seed)
    want, have = skills(rng, n, 1, 5), skills(rng, n, 3, 10)
    style = rng.dirichlet(np.ones(4), n).astype(np.float32)
    hours = (rng.random((n, 35)) < 0.3).astype(np.float32)
    department = rng.integers(0, 8, n)
    rng.random(n), rng.integers(0, 4, n), rng.integers(1, 6, n)  # gender, site, level: not used
    covered = want @ have.T / want.sum(1, keepdims=True)
    alike = np.stack([1 - 0.5 * np.abs(row - style).sum(-1) for row in style])
    score = (
        0.45 * (covered + covered.T) / 2
        + 0.2 * (alike + alike.T) / 2
        + 0.25 * np.minimum(hours @ hours.T, 4) / 4
        + 0.1 * (department[:, None] != department[None])
    )
    return _pool(np.rint(score * MILLION).astype(np.int32), rng.random((n, n)) < 0.03)


def geo(n: int, seed: int) -> Points:
    """Return a pool of people who are alike where they are near: full of triangles."""
    place = np.random.default_rng(seed).random((n, 2))
    far = np.stack([np.sqrt(((place - one) ** 2).sum(-1)) for one in place])
    return _pool(np.rint((1 - far / np.sqrt(2)) * MILLION).astype(np.int32))


def levels(n: int, seed: int) -> Points:
    """Return `peers` on six levels of score: full of ties."""
    points = peers(n, seed)
    coarse = np.rint(np.rint(points / MILLION * 6) / 6 * MILLION).astype(np.int32)
    coarse[points < 0] = -1
    return coarse


def clubs(n: int, seed: int) -> Points:
    """Return a pool of clubs of nine who know hardly anybody else: every club is odd."""
    rng = np.random.default_rng(seed)
    club = rng.permutation(n) // 9
    alike = club[:, None] == club[None]
    score = np.where(alike, 0.6 + 0.4 * rng.random((n, n)), 0.2 * rng.random((n, n)))
    return _pool(np.rint(score * MILLION).astype(np.int32))


FAMILIES: dict[str, Callable[[int, int], Points]] = {
    "peers": peers, "geo": geo, "levels": levels, "clubs": clubs,
}  # fmt: skip


def timed(call: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """Return the answer and the least CPU seconds of some runs, after one that does not count."""
    answer, times = call(), []
    for _ in range(repeats):
        start = process_time()
        answer = call()
        times.append(process_time() - start)
    return answer, min(times)


def by_networkx(points: Points) -> tuple[int, float]:
    import networkx as nx

    graph = nx.Graph()
    i, j = np.nonzero(np.triu(points >= 0, 1))
    worth = points[i, j].tolist()
    graph.add_weighted_edges_from(zip(i.tolist(), j.tolist(), worth, strict=True))
    start = process_time()
    pairs = nx.max_weight_matching(graph, maxcardinality=True)
    return sum(int(points[a, b]) for a, b in pairs), process_time() - start


def by_rustworkx(points: Points) -> tuple[int, float] | None:
    try:
        import rustworkx as rx
    except ImportError:
        return None
    graph = rx.PyGraph()
    graph.add_nodes_from(range(len(points)))
    i, j = np.nonzero(np.triu(points >= 0, 1))
    graph.add_edges_from(list(zip(i.tolist(), j.tolist(), points[i, j].tolist(), strict=True)))
    start = process_time()
    pairs = rx.max_weight_matching(graph, max_cardinality=True, weight_fn=int, verify_optimum=False)
    return sum(int(points[a, b]) for a, b in pairs), process_time() - start


def pairs_row(family: str, n: int, seed: int, most: dict[str, int]) -> Row:
    """Solve one pool with all who take it at this size; raise where totals differ."""
    points = FAMILIES[family](n, seed)
    answer, seconds = timed(lambda: match_pool(points), 1 if n > 2000 else 5)
    mate, bonus = answer.partner_of, enough(points)
    paired = np.flatnonzero(mate >= 0)
    total = int(points[paired, mate[paired]].astype(np.int64).sum()) // 2
    broken = broken_pairs(points, bonus, answer.price, answer.odd_sets)
    row: Row = {
        "family": family, "n": n, "seed": seed, "seconds": seconds, "total": total,
        "gap": (answer.bound - answer.objective) / 2 / total, "verified": broken == 0,
        "odd_cycles": answer.stats["odd_cycles"], "odd_sets": answer.stats["odd_sets"],
    }  # fmt: skip
    for name, solve in (("networkx", by_networkx), ("rustworkx", by_rustworkx)):
        found = solve(points) if n <= most[name] and (n <= 200 or seed == 1) else None
        if found is None:
            continue
        if found[0] != total:
            raise AssertionError(f"{family} {n} {seed}: {total}, but {name} found {found[0]}")
        row[name] = found[1]
    return row


def trio_row(family: str, n: int, seed: int) -> Row:
    """Solve one odd pool with a trio."""
    points = FAMILIES[family](n, seed)
    bonus = np.full(n, n * enough(points))

    def solve() -> Any:
        return match_with_trio(points, bonus, match_pool(points, bonus=bonus))

    answer, seconds = timed(solve, 1)
    value = answer.objective - int(bonus.sum())
    return {
        "family": family, "n": n, "seed": seed, "seconds": seconds, "total": value / 2,
        "gap": (answer.bound - answer.objective) / value, "status": answer.status,
        "solves": answer.stats["solves"],
    }  # fmt: skip


def table(rows: list[Row], trios: list[Row]) -> str:
    """Return the results as Markdown."""
    lines = [
        "# One pool: pairs and a trio", "",
        "CPU seconds on one machine in one run, warm; every total equals the peers' to the point, "
        "and every proof was checked on all pairs. `x` is how many times as long a peer takes.", "",
        "| pool | people | seed | seconds | networkx | rustworkx | gap | proof |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in rows:
        others = [
            f"{row[name]:.2f} ({row[name] / row['seconds']:.0f}x)" if name in row else ""
            for name in ("networkx", "rustworkx")
        ]
        lines.append(
            f"| {row['family']} | {row['n']} | {row['seed']} | {row['seconds']:.4f} | {others[0]} "
            f"| {others[1]} | {row['gap']:.3%} | {'holds' if row['verified'] else 'BROKEN'} |"
        )
    lines += ["", "| odd pool | people | seed | seconds | gap | trios tried |",
              "|---|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {row['family']} | {row['n']} | {row['seed']} | {row['seconds']:.2f} | {row['gap']:.4%} "
        f"| {row['solves']} |"
        for row in trios
    ]
    return "\n".join([*lines, ""])


def lines(seeds: int, smoke: bool) -> Iterator[Row]:
    """Yield one line per pool of pairs, then one per odd pool."""
    most = {"networkx": 200, "rustworkx": 1000}
    drawn = range(1, 1 + (1 if smoke else seeds))
    for n in (60,) if smoke else (200, 1000, 5000):
        for family in FAMILIES:
            for seed in drawn if n < 5000 else (1,):
                yield {"case": "pairs"} | pairs_row(family, n, seed, most)
    for n in (61,) if smoke else (201, 1001):
        for family in FAMILIES:
            for seed in drawn:
                yield {"case": "trio"} | trio_row(family, n, seed)


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and store."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms_peers", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="pools of 60, nothing is stored")
    options = parser.parse_args(arguments)
    found: list[Row] = []
    for row in lines(3, options.smoke):
        print(row, flush=True)
        found.append(row)
    rows, trios = ([row for row in found if row["case"] == case] for case in ("pairs", "trio"))
    if not options.smoke:
        text = json.dumps({"pairs": rows, "trios": trios}, indent=1)
        (RESULTS / "forms_peers.json").write_text(text + "\n", encoding="utf-8")
        (RESULTS / "forms_peers.md").write_text(table(rows, trios), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
