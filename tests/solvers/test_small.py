"""The route without a compiler ends quickly, whatever cannot be met."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.solvers.assignment import assign, assign_sparse
from mentormatch.solvers.certificate import dual_bound
from tests.solvers.test_assignment import QUIET, every_value, instance


@settings(max_examples=300, deadline=2000, suppress_health_check=QUIET)
@given(st.integers(0, 2**32))
def test_least_loads_that_cannot_be_met_are_told_at_once(seed):
    points, capacity, rules = instance(seed, 5, 4)
    rng = np.random.default_rng(seed)
    points[rng.random(points.shape) < rng.choice([0.0, 0.5, 0.9])] = -1
    rules["min_load"] = np.minimum(rng.integers(0, 4, capacity.size), capacity)
    values = every_value(points, capacity, rules)
    answer = assign(points, capacity, route="small", **rules)
    assert (answer.status == "infeasible") == (not values)
    if values:
        assert answer.objective == answer.bound == max(values)


def test_being_out_of_time_is_no_proof_that_loads_cannot_be_met():
    points = np.ones((6, 3), np.int32)
    for route in ("small", "dense", "sparse"):
        bare = np.arange(7) * 3, np.tile(np.arange(3), 6), points.ravel()
        least = {"min_load": [2, 2, 2], "route": route, "time_limit": 0.0}
        answer = assign_sparse(*bare, [2, 2, 2], **least)
        assert answer.status in ("time_limit", "optimal")


SIDES = [(0, 0), (0, 3), (3, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(("n", "m"), SIDES)
@pytest.mark.parametrize("route", ["auto", "small", "dense", "sparse"])
@pytest.mark.parametrize("seats", [0, 2])
@pytest.mark.parametrize("least", [0, 1])
def test_empty_sides_are_problems_like_others(n, m, route, seats, least):
    csr = np.arange(n + 1) * m, np.tile(np.arange(m), n), np.ones(n * m, np.int32)
    capacity = np.full(m, seats)
    floor = np.minimum(capacity, least)
    for demand in (None, 0, 1, 2):
        wanted = None if demand is None else np.full(n, demand)
        places = 1 if demand is None else min(demand, m)
        for bonus in (None, np.full(n, 5), np.full((n, 3), 5)):
            rules = {"row_bonus": bonus, "min_load": floor, "demand": wanted, "route": route}
            answers = []
            if route != "sparse" or places < 2:
                answers.append(assign_sparse(*csr, capacity, **rules))
                answers.append(assign(np.ones((n, m), np.int32), capacity, **rules))
            for answer in answers:
                met = floor.sum() <= n * places
                assert answer.status == ("optimal" if met else "infeasible")
                assert answer.mentor_of.shape[0] == n
                assert not met or answer.objective == answer.bound


@pytest.mark.parametrize("limit", [0.0, 0.001, 0.005])
@pytest.mark.parametrize("seed", range(6))
def test_out_of_time_the_bound_holds_and_seats_are_kept(seed, limit):
    rng = np.random.default_rng(seed)
    n, m, k = 150, 40, 2 if seed % 2 else 1
    points = rng.integers(0, 1000, (n, m)).astype(np.int32)
    capacity = rng.integers(0, 12, m)
    floor = np.minimum(capacity, rng.integers(0, 3, m))
    bonus = np.full((n, k), 10**6)
    rules = {"row_bonus": bonus, "min_load": floor, "demand": np.full(n, k)}
    best = assign(points, capacity, **rules)
    for route in ("small", "dense"):
        assign(points, capacity, route=route, time_limit=limit, **rules)  # compiles
        began = time.perf_counter()
        cut = assign(points, capacity, route=route, time_limit=limit, **rules)
        assert time.perf_counter() - began < 5
        assert cut.objective <= best.objective <= cut.bound
        assert cut.bound == dual_bound(
            points, bonus, rules["demand"], capacity, floor, cut.mentor_price
        )
        load = np.bincount(cut.mentor_of[cut.mentor_of >= 0], minlength=m)
        assert (load <= capacity).all()
        assert cut.status == "time_limit" or (load >= floor).all()
