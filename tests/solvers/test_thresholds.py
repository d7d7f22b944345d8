"""Faces, bottleneck and leximin hold exactly the best assignments, all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mentormatch.solvers import bottleneck_kernels as kernels
from mentormatch.solvers import thresholds as module
from mentormatch.solvers.face import Network, narrow
from mentormatch.solvers.thresholds import bottleneck, leximin, most_matched, seated
from tests.oracles import one_each


def allowed(network: Network) -> set[tuple[int, ...]]:
    """Every assignment that a network allows."""
    found = set()
    for choice in one_each(network.points >= 0, network.capacity):
        at = np.array(choice)
        load = np.bincount(at[at >= 0], minlength=len(network.capacity))
        if (load >= network.min_load).all() and (at[network.forced] >= 0).all():
            found.add(choice)
    return found


def instance(seed: int) -> Network:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    points = rng.integers(0, rng.choice([3, 6, 40]), (n, m)).astype(np.int32)
    points = np.where(rng.random((n, m)) < rng.choice([0, 0.3]), ~points, points)
    capacity = rng.integers(0, 4, m)
    least = np.minimum(np.where(rng.random(m) < 0.3, rng.integers(0, 2, m), 0), capacity)
    return Network(points.astype(np.int32), capacity, least, np.zeros(n, dtype=bool))


@pytest.mark.parametrize("start", range(0, 80, 20))
def test_networks_hold_all_the_best_and_nothing_else(start: int) -> None:
    for seed in range(start, start + 20):
        network = instance(seed)
        every = allowed(network)
        n = len(network.forced)
        counted, solution = narrow(
            network, np.zeros_like(network.points), np.ones(n, dtype=np.int64)
        )
        if not every:
            assert counted is None
            assert solution.status == "infeasible"
            continue
        assert counted is not None
        most = max(sum(j >= 0 for j in at) for at in every)
        assert solution.objective == most
        scores = {
            at: sorted(int(network.points[i, j]) for i, j in enumerate(at) if j >= 0)
            for at in every
            if sum(j >= 0 for j in at) == most
        }
        assert allowed(counted) == set(scores)
        worst = max(s[0] if s else -1 for s in scores.values())
        raised, value, at = bottleneck(counted, solution.mentor_of)
        assert value == worst
        assert tuple(at.tolist()) in allowed(raised)
        assert allowed(raised) == {a for a, s in scores.items() if (s[0] if s else -1) == worst}
        best = max(scores.values())
        positive = (network.points > 0).astype(np.int32)
        counted, solution = narrow(counted, positive)
        assert counted is not None
        settled, mentor_of = leximin(counted, solution.mentor_of)
        assert settled is not None
        assert scores[tuple(int(j) for j in mentor_of)] == best
        assert allowed(settled) == {a for a, s in scores.items() if s == best}


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_compiled_searches_find_the_same_networks(
    start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPILED_FROM", 0)
    rng = np.random.default_rng(start)
    for seed in range(start, start + 50):
        network = instance(seed)
        if seed % 2:
            network = replace(network, forced=rng.random(len(network.forced)) < 0.4)
        every = allowed(network)
        counted = most_matched(network)
        anyone = seated(network)
        if not every:
            assert counted is None
            assert anyone is None
            continue
        assert counted is not None
        assert anyone is not None
        assert tuple(anyone.tolist()) in every
        most = max(sum(j >= 0 for j in at) for at in every)
        full = {at for at in every if sum(j >= 0 for j in at) == most}
        assert allowed(counted[0]) == full
        assert tuple(counted[1].tolist()) in full
        ceiling = int(rng.integers(0, 40)) if seed % 3 == 0 else None
        for start_network, at in ((network, anyone), counted):
            scores = {
                a: min(
                    min((int(network.points[i, j]) for i, j in enumerate(a) if j >= 0), default=-1),
                    10**9 if ceiling is None else ceiling,
                )
                for a in allowed(start_network)
            }
            raised, value, reached = bottleneck(start_network, at, ceiling)
            if not (at >= 0).any():
                assert value == -1
                continue
            assert value == max(scores.values())
            assert scores[tuple(int(j) for j in reached)] == value
            kept = {a for a, s in scores.items() if s == value or not any(j >= 0 for j in a)}
            assert allowed(raised) == kept


@pytest.mark.parametrize("seats", [0.8, 1.0, 1.3])
def test_compiled_threshold_agrees_with_bisection(
    seats: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n, m = 90, 30
        points = rng.integers(0, 1000, (n, m)).astype(np.int32)
        points[rng.random((n, m)) < 0.5] = -1
        capacity = rng.multinomial(round(seats * n), np.ones(m) / m)
        least = np.minimum(capacity, rng.integers(0, 2, m))
        found = Network(points, capacity, least, np.zeros(n, dtype=bool))
        network, solution = narrow(found, np.zeros_like(points), np.ones(n, dtype=np.int64))
        assert network is not None
        _, value, _ = bottleneck(network, solution.mentor_of)
        with monkeypatch.context() as patch:
            patch.setattr(module, "COMPILED_FROM", 0)
            counted = most_matched(found)
            assert counted is not None
            assert int((counted[1] >= 0).sum()) == solution.objective
            raised, compiled, at = bottleneck(*counted)
        assert compiled == value
        rows = np.flatnonzero(at >= 0)
        assert (raised.points[rows, at[rows]] >= 0).all()
        assert (points[rows, at[rows]] >= value).all()
        assert (np.bincount(at[rows], minlength=m) >= least).all()
        assert (np.bincount(at[rows], minlength=m) <= capacity).all()


def test_thresholds_may_be_bisected(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the first tries from above all fail."""
    for name, value in (("FROM_ABOVE", 0), ("FROM_ABOVE", 1), ("PATIENCE", 0), ("PATIENCE", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            test_compiled_searches_find_the_same_networks(0, patch)
            test_compiled_threshold_agrees_with_bisection(1.0, patch)


def test_kernels_do_what_their_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("highest", "settle", "most_matched", "cut")
    helpers = ("_place", "_remove", "_look", "_next", "_seat", "_fill")
    compiled = {}
    for seed in range(40):
        network = instance(seed)
        starts = np.full((2, len(network.forced)), -1, dtype=np.int64)
        compiled[seed] = run_kernels(network, starts), starts
    for name in (*names, *helpers):
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    for seed in range(40):
        network = instance(seed)
        starts = np.full((2, len(network.forced)), -1, dtype=np.int64)
        results, before = compiled[seed]
        for one, other in zip(results, run_kernels(network, starts), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(before, starts)


def run_kernels(network: Network, starts: np.ndarray) -> list[object]:
    points, capacity = network.points, network.capacity
    forced = np.arange(len(network.forced)) % 3 == 0
    best = kernels.highest(points, capacity)
    threshold = kernels.settle(
        points,
        capacity,
        network.min_load,
        forced,
        starts[0],
        max(int(best.max()) - 1, 0),
        np.full(1, 1 << 62, dtype=np.int64),
    )
    short = kernels.most_matched(points, capacity, starts[1])
    return [best, threshold, short, kernels.cut(points, 3, forced, short)]


def test_a_path_through_a_full_mentor_leaves_no_seat_that_is_taken() -> None:
    """Mentor 0 lacks one: mentee 1 moves there from mentor 1, whose place mentee 2 takes."""
    points = np.array([[-1, -1, 5], [5, 5, -1], [-1, 5, 5]], dtype=np.int32)
    network = Network(points, np.array([1, 1, 2]), np.array([1, 1, 0]), np.zeros(3, dtype=bool))
    seating = module._Seating(network, points >= 0, np.array([2, 1, 2]))
    assert seating.fill(0)
    assert seating.mentor_of == [2, 0, 1]
    full = [len(held) >= seats for held, seats in zip(seating.held, [1, 1, 2], strict=True)]
    assert [not seating.free >> j & 1 for j in range(3)] == full
