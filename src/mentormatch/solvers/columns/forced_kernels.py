"""Compiled kernels: what the best group with each person in it is worth, where points add up.

A group takes, of each value of one column, the best so many; what the counts may be is a table.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled

NOTHING = -(1 << 60)


@compiled
def _tops(worth, price, who, code, best, kept):
    """Write who of each value gains most with a coach, falling; return nothing.

    worth, price : int64 (n,);  who : int64, the people who can come;  code : int64 (n,)
    best : int64 (values, high), gains;  kept : int64 (values, high), people, -1 where none
    """
    last = best.shape[1] - 1
    best[:] = NOTHING
    kept[:] = -1
    for k in range(who.shape[0]):
        i = who[k]
        if worth[i] < 0:
            continue
        gain = worth[i] - price[i]
        v = code[i]
        if gain <= best[v, last]:
            continue
        at = last
        while at > 0 and best[v, at - 1] < gain:
            best[v, at], kept[v, at] = best[v, at - 1], kept[v, at - 1]
            at -= 1
        best[v, at], kept[v, at] = gain, i


@compiled
def _add_value(before, after, best, allowed, counts, choice):
    """Extend the best totals by (size, different values) with people of one more value.

    before, after : int64 (high + 1, least + 1);  best : int64 (high,), gains falling
    allowed : bool (high + 1,);  counts : whether the value counts as different
    choice : int64 (high + 1, least + 1), written: how many of the value, -1 where none reaches it
    """
    high, least = before.shape[0] - 1, before.shape[1] - 1
    after[:] = NOTHING
    choice[:] = -1
    for s in range(high + 1):
        for d in range(least + 1):
            total = before[s, d]
            if total == NOTHING:
                continue
            for k in range(high - s + 1):
                if k > 0:
                    if best[k - 1] == NOTHING:
                        break
                    total += best[k - 1]
                if not allowed[k]:
                    continue
                to = min(d + 1, least) if counts and k > 0 else d
                if total > after[s + k, to]:
                    after[s + k, to] = total
                    choice[s + k, to] = k * (least + 1) + d


@compiled
def forced(people, rule, price, value):
    """Write what the best group is worth that each person must be in, coach by coach and slot.

    people : worth int64 (m, n), open bool (m, slots), first int64 (slots + 1,), who int64
    rule : code int64 (n,), allowed bool (values + 1, high + 1), least, low
    price : int64 (n,)
    value : int64 (m, slots, n), written: NOTHING where there is none
    """
    worth, open_, first, who = people
    code, allowed, least, low = rule
    m, slots = open_.shape
    values, high = allowed.shape[0], allowed.shape[1] - 1
    best = np.empty((values, high), np.int64)
    kept = np.empty((values, high), np.int64)
    left = np.empty((values + 1, high + 1, least + 1), np.int64)
    right = np.empty((values + 1, high + 1, least + 1), np.int64)
    choice = np.empty((high + 1, least + 1), np.int64)
    rest = np.empty((values, high + 1), np.int64)  # the best of all other values beside k of one
    value[:] = NOTHING
    for j in range(m):
        for t in range(slots):
            if not open_[j, t]:
                continue
            here = who[first[t] : first[t + 1]]
            _tops(worth[j], price, here, code, best, kept)
            left[0] = NOTHING
            left[0, 0, 0] = 0
            right[values] = left[0]
            for v in range(values):
                _add_value(left[v], left[v + 1], best[v], allowed[v], v < values - 1, choice)
                u = values - 1 - v
                _add_value(right[u + 1], right[u], best[u], allowed[u], u < values - 1, choice)
            _beside(left, right, allowed, low, rest)
            for q in range(here.shape[0]):
                i = here[q]
                if worth[j, i] >= 0:
                    gain = worth[j, i] - price[i]
                    value[j, t, i] = _with(i, gain, best[code[i]], kept[code[i]], rest[code[i]])


@compiled
def _beside(left, right, allowed, low, rest):
    """Write the best total of the other values beside k people of each."""
    values, high, least = allowed.shape[0], allowed.shape[1] - 1, left.shape[2] - 1
    rest[:] = NOTHING
    for v in range(values):
        for k in range(1, high + 1):
            if not allowed[v, k]:
                continue
            for s in range(high - k + 1):
                for z in range(max(0, low - k - s), high - k - s + 1):
                    for d in range(least + 1):
                        for e in range(least + 1):
                            a, b = left[v, s, d], right[v + 1, z, e]
                            if a == NOTHING or b == NOTHING:
                                continue
                            if d + e + (v < values - 1) >= least and a + b > rest[v, k]:
                                rest[v, k] = a + b


@compiled
def _with(i, gain, best, kept, rest):
    """Return what the best group with one person is worth."""
    found = NOTHING
    others = 0  # the best k - 1 of her value without her
    met = False
    for k in range(1, rest.shape[0]):
        if k > 1:
            at = k - 2
            if met or kept[at] == i:
                met = True
                at += 1
            if at >= best.shape[0] or best[at] == NOTHING:
                break
            others += best[at]
        if rest[k] != NOTHING and rest[k] + gain + others > found:
            found = rest[k] + gain + others
    return found
