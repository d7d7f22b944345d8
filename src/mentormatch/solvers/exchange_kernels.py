"""Compiled exchanges of mentees under side rows; imported only when needed.

An assignment is changed by one, two or three mentees at a time: one goes to a mentor she likes,
and where that mentor is full, somebody there goes to the first one's old mentor, to a free seat,
or to a third mentor whose mentee closes the circle. The energy is what is lost in points plus a
weight for every side row that is broken; steps that raise it are taken with a chance that falls
(simulated annealing, Kirkpatrick, Gelatt & Vecchi 1983, Science 220).
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.compile import compiled

__all__ = ["Course", "Rules", "anneal"]

Ints = NDArray[Any]

LOW32 = 0xFFFFFFFF
FEW = 16  # so many rows are added up without looking which a step touches


class Rules(NamedTuple):
    """Side rows: row r counts u[i, r] * v[j, r] for pair (i, j), times its points where scored."""

    u: Ints  # int64 (n, r)
    v: Ints  # int64 (m, r)
    scored: Ints  # bool (r,)
    low: Ints  # int64 (r,), bounds
    high: Ints
    weight: Ints  # float (r,), energy per unit outside


class Course(NamedTuple):
    """First and last temperature, in points; exchanges tried; seed in [1, 2**32)."""

    hot: float
    cold: float
    steps: int
    seed: int


@compiled
def _draw(state):
    """Step the generator (Marsaglia's xorshift, 32 bits), kept where its caller keeps it."""
    x = state[0]
    x ^= (x << 13) & LOW32
    x ^= x >> 17
    x ^= (x << 5) & LOW32
    state[0] = x
    return x


@compiled
def _outside(amount, low, high):
    """How far a row's amount is outside its bounds, 0 inside."""
    if amount < low:
        return low - amount
    if amount > high:
        return amount - high
    return 0


@compiled
def anneal(points, bonus, at, capacity, min_load, likes, rules, course):
    """Search for a better assignment that keeps every row.

    points : int32 (n, m), negative: inadmissible;  bonus : float (n,), of being matched.
    at : int64 (n,), where to start, -1 unmatched; loads must be within capacity and min_load.
    likes : int64 (n, k), mentors to try, most promising first, padded with -1; n, m, k above 0.
    rules : Rules;  course : Course

    Returns (best assignment that keeps all rows, last assignment, whether one kept them, tries
    that were taken).

    Time O(m r + steps * q), where q is how many rows a mentor's pairs count in.
    """
    u, v, scored, low, high, weight = rules
    hot, cold, steps, seed = course
    n, m = points.shape
    count = low.size
    k = likes.shape[1]
    state = np.array([seed])
    at = at.copy()
    first = np.zeros(m + 1, dtype=np.int64)
    for j in range(m):
        first[j + 1] = first[j] + capacity[j]
    member = np.full(first[m], -1, dtype=np.int64)
    place = np.zeros(n, dtype=np.int64)
    load = np.zeros(m, dtype=np.int64)
    begin = np.zeros(m + 1, dtype=np.int64)  # the rows that each mentor counts in
    for j in range(m):
        begin[j + 1] = begin[j] + np.count_nonzero(v[j])
    counted = np.zeros(begin[m], dtype=np.int64)
    for j in range(m):
        counted[begin[j] : begin[j + 1]] = np.flatnonzero(v[j])
    amount = np.zeros(count, dtype=np.int64)
    value = 0.0
    for i in range(n):
        j = at[i]
        if j >= 0:
            place[i] = first[j] + load[j]
            member[place[i]] = i
            load[j] += 1
            value += points[i, j] + bonus[i]
            for r in counted[begin[j] : begin[j + 1]]:
                amount[r] += u[i, r] * v[j, r] * (points[i, j] if scored[r] else 1)
    broken = 0
    for r in range(count):
        if _outside(amount[r], low[r], high[r]) > 0:
            broken += 1
    best = at.copy()
    best_value = value if broken == 0 else -np.inf
    found = broken == 0
    who = np.zeros(3, dtype=np.int64)
    to = np.zeros(3, dtype=np.int64)
    change = np.zeros(count, dtype=np.int64)
    touched = np.zeros(count, dtype=np.int64)
    is_touched = np.zeros(count, dtype=np.bool_)
    touches = 0
    few = count <= FEW
    if few:
        touches = count
        touched[:] = np.arange(count)
    taken = 0
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        i = (_draw(state) * n) >> 32
        a = at[i]
        pick = (_draw(state) * k) >> 32
        pick = (pick * (_draw(state) & 0xFFFF)) >> 16  # the promising ones more often
        j = likes[i, pick]
        moved = 1
        who[0] = i
        to[0] = j
        end = -2  # the mentor who ends up with one more, -2: nobody does
        if j < 0 or j == a:
            if a < 0 or (_draw(state) & 15) > 0:
                continue
            to[0] = -1
        elif capacity[j] == 0:
            continue
        elif load[j] < capacity[j]:
            end = j
        else:
            other = member[first[j] + ((_draw(state) * load[j]) >> 32)]
            who[1] = other
            moved = 2
            b = a
            if _draw(state) & 1:
                b = likes[other, (_draw(state) * k) >> 32]
                if b < 0 or b == j or capacity[b] == 0:
                    b = a
            to[1] = b
            if b != a:
                if load[b] < capacity[b]:
                    end = b
                else:
                    third = member[first[b] + ((_draw(state) * load[b]) >> 32)]
                    who[2] = third
                    to[2] = a
                    moved = 3
                    if a >= 0 and points[third, a] < 0:
                        continue
            elif a >= 0 and points[other, a] < 0:
                continue
        if a >= 0 and load[a] <= min_load[a] and (end >= 0 or to[0] < 0):
            continue  # the first one's seat stays empty
        gain = 0.0
        for t in range(touches):
            change[touched[t]] = 0
            is_touched[touched[t]] = False
        touches = touches if few else 0
        for s in range(2 * moved):
            p = who[s >> 1]
            sign = -1 if s & 1 == 0 else 1  # she leaves, then comes
            x = at[p] if s & 1 == 0 else to[s >> 1]
            if x < 0:
                continue
            worth = points[p, x]
            gain += sign * (worth + bonus[p])
            if few:
                for r in range(count):
                    change[r] += sign * u[p, r] * v[x, r] * (worth if scored[r] else 1)
                continue
            for r in counted[begin[x] : begin[x + 1]]:
                if u[p, r] != 0:
                    if not is_touched[r]:
                        is_touched[r] = True
                        touched[touches] = r
                        touches += 1
                    change[r] += sign * u[p, r] * v[x, r] * (worth if scored[r] else 1)
        energy = -gain
        for r in touched[:touches]:
            before = _outside(amount[r], low[r], high[r])
            after = _outside(amount[r] + change[r], low[r], high[r])
            energy += weight[r] * (after - before)
        if energy > 0 and _draw(state) >= np.exp(-energy / heat) * 4294967296.0:
            continue
        taken += 1
        for s in range(moved):
            old = at[who[s]]
            if old >= 0:
                load[old] -= 1
                last = member[first[old] + load[old]]
                member[place[who[s]]] = last
                place[last] = place[who[s]]
                at[who[s]] = -1
        for s in range(moved):
            new = to[s]
            if new >= 0:
                at[who[s]] = new
                place[who[s]] = first[new] + load[new]
                member[place[who[s]]] = who[s]
                load[new] += 1
        value += gain
        for r in touched[:touches]:
            broken -= _outside(amount[r], low[r], high[r]) > 0
            amount[r] += change[r]
            broken += _outside(amount[r], low[r], high[r]) > 0
        if broken == 0 and value > best_value:
            best_value = value
            best[:] = at
            found = True
    return best, at, found, taken
