"""Compiled searches for the best threshold and the most mentees; imported only when needed.

`mate` is the mentor of each mentee, -1 for none; the mentees of a mentor are a doubly linked list
(head, after, before). A pair is open where its points reach the threshold. A search from a mentee
spreads to all mentors open to her, and on to the mentees they hold. Where it ends without a seat,
those mentees M and mentors N fill one another, so no threshold above the best pair between M and
the mentors outside N can hold. Searches from a mentor below her minimum are the same with the sides
exchanged.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled
from mentormatch.solvers.shared_kernels import link, unlink

STOPPED = -2
"""What `settle` returns when its budget is spent."""

__all__ = ["STOPPED", "cut", "highest", "most_matched", "settle"]


@compiled
def _place(i, j, held):
    mate, load, head, after, before = held
    mate[i] = j
    load[j] += 1
    link(j, i, head, after, before)


@compiled
def _remove(i, held):
    mate, load, head, after, before = held
    j = mate[i]
    mate[i] = -1
    load[j] -= 1
    unlink(j, i, head, after, before)
    return j


@compiled
def _hold(points, mate, t):
    """Keep the pairs of at least t points; return (mate, load, head, after, before)."""
    n, m = points.shape
    load = np.zeros(m, dtype=np.int64)
    head = np.full(m, -1, dtype=np.int64)
    after = np.full(n, -1, dtype=np.int64)
    before = np.full(n, -1, dtype=np.int64)
    held = mate, load, head, after, before
    for i in range(n):
        j = mate[i]
        mate[i] = -1
        if j >= 0 and points[i, j] >= t:
            _place(i, j, held)
    return held


@compiled
def _room(n, m):
    """Return room for a search: best points, through whom, who is unseen, a queue."""
    size = max(n, m)
    best, via = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    return best, via, np.empty(size, dtype=np.int64), np.empty(m + 1, dtype=np.int64)


@compiled
def _look(i, points, capacity, load, t, room, count, end):
    """Reach the mentors open to mentee i; return (unseen left, end of the queue, free seat).

    Stops at a free seat, whose mentor is then last in the queue.
    """
    best, via, unseen, queue = room
    left = 0
    for at in range(count):
        j = unseen[at]
        worth = points[i, j]
        if worth > best[j]:
            best[j] = worth
            via[j] = i
        if best[j] < t:
            unseen[left] = j
            left += 1
            continue
        queue[end] = j
        end += 1
        if load[j] < capacity[j]:
            return left, end, True
    return left, end, False


@compiled
def _next(best, unseen, count):
    """Return the greatest threshold that reaches somebody new, -1 if none does."""
    top = np.int64(-1)
    for at in range(count):
        top = max(top, best[unseen[at]])
    return top


@compiled
def _seat(start, points, rules, held, t, room, budget):
    """Find a mentor for `start` at threshold t; return (t, 0), or (less, mentors reached).

    No threshold above the lesser one can hold. Mentors in `closed` are passed over; loads never
    fall, and only mentees who are not forced are dropped.
    """
    capacity, forced, closed = rules
    _, load, head, after, _ = held
    best, via, unseen, queue = room
    count = 0  # mentors not reached yet: unseen[:count]
    for j in range(capacity.size):
        if not closed[j]:
            unseen[count] = j
            count += 1
            best[j] = -1
    begin = 0
    end = 0
    i = start
    while True:
        if i >= 0:
            budget[0] -= count
            if budget[0] < 0:
                return np.int64(STOPPED), end
            count, end, free = _look(i, points, capacity, load, t, room, count, end)
            if free:
                j = queue[end - 1]
                break
            i = after[i] if i != start else np.int64(-1)
            continue
        if begin == end:
            return _next(best, unseen, count), end
        j = queue[begin]
        begin += 1
        if load[j] < capacity[j]:
            break
        i = head[j]
        while i >= 0 and forced[i]:
            i = after[i]
        if i >= 0:
            _remove(i, held)
            break
        i = head[j]
    while True:  # everybody on the path moves one mentor on
        i = via[j]
        previous = np.int64(-1)
        if i != start:
            previous = _remove(i, held)
        _place(i, j, held)
        if i == start:
            return t, 0
        j = previous


@compiled
def _fill(start, points, least, held, t, room, came, budget):
    """Bring one more mentee to `start`; return the threshold t, or what none above can hold.

    Nobody loses a mentor, and no mentor falls below her minimum.
    """
    mate, load, _, _, _ = held
    best, onward, unseen, queue = room
    n = mate.size
    m = least.size
    seen = np.zeros(m, dtype=np.bool_)
    seen[start] = True
    count = n
    for i in range(n):
        unseen[i] = i
        best[i] = -1
    queue[0] = start
    begin = 0
    end = 1
    while True:
        if begin < end:
            k = queue[begin]
            begin += 1
            budget[0] -= count
            if budget[0] < 0:
                return np.int64(STOPPED)
            for at in range(count):
                i = unseen[at]
                if points[i, k] > best[i]:
                    best[i] = points[i, k]
                    onward[i] = k
        else:
            return _next(best, unseen, count)
        left = 0
        for at in range(count):
            i = unseen[at]
            if best[i] < t:
                unseen[left] = i
                left += 1
                continue
            j = mate[i]
            if j < 0 or (not seen[j] and load[j] > least[j]):
                while True:
                    k = onward[i]
                    if mate[i] >= 0:
                        _remove(i, held)
                    _place(i, k, held)
                    if k == start:
                        return t
                    i = came[k]
            if not seen[j]:
                seen[j] = True
                came[j] = i
                queue[end] = j
                end += 1
        count = left


@compiled
def settle(points, capacity, least, forced, mate, t, budget):
    """Seat all who are forced and fill all minima on pairs of at least t points.

    points : int32 (n, m);  capacity, least : int64 (m,);  forced : bool (n,)
    mate : int64 (n,), a start that keeps capacities; changed in place.
    budget : int64 (1,), how many pairs may be looked at; what is left is put there.

    Returns t, or if that cannot be, the greatest threshold that is not proven to be too high, -1 if
    all are; or STOPPED.
    """
    n, m = points.shape
    t = np.int64(t)
    held, room = _hold(points, mate, t), _room(n, m)
    load = held[1]
    rules = capacity, forced, np.zeros(m, dtype=np.bool_)
    for i in range(n):
        if forced[i] and mate[i] < 0:
            reached, _ = _seat(i, points, rules, held, t, room, budget)
            if reached < t:
                return reached
    came = np.empty(m, dtype=np.int64)
    for j in range(m):
        while load[j] < least[j]:
            reached = _fill(j, points, least, held, t, room, came, budget)
            if reached < t:
                return reached
    return t


@compiled
def most_matched(points, capacity, mate):
    """Match as many mentees as can be; nobody who has a mentor loses hers, no load falls.

    mate : int64 (n,), changed in place.

    Returns bool (m,): the mentors whom somebody unmatched could reach along alternating paths. In
    every matching of so many mentees they are full, and of the mentees whom they could take only
    those they hold, and the unmatched, can ever be theirs.
    """
    n, m = points.shape
    held, room = _hold(points, mate, np.int64(0)), _room(m, m)
    closed = np.zeros(m, dtype=np.bool_)
    rules = capacity, np.ones(n, dtype=np.bool_), closed
    budget = np.full(1, 1 << 62, dtype=np.int64)
    for i in range(n):
        if mate[i] >= 0:
            continue
        t, reached = _seat(i, points, rules, held, np.int64(0), room, budget)
        if t < 0:
            for at in range(reached):  # nobody else finds a seat behind them either
                closed[room[3][at]] = True
    return closed


@compiled
def highest(points, capacity):
    """Return int64 (n,): each mentee's best points with a mentor who has seats, -1 if none."""
    n, m = points.shape
    best = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        top = np.int32(-1)
        for j in range(m):
            if capacity[j] > 0:
                top = max(top, points[i, j])
        best[i] = top
    return best


@compiled
def cut(points, low, inside, barred):
    """Copy points; pairs below `low`, and `inside` x `barred`, become inadmissible."""
    n, m = points.shape
    result = np.empty((n, m), dtype=np.int32)
    for i in range(n):
        if inside[i]:
            for j in range(m):
                worth = points[i, j]
                out = (worth < low or barred[j]) and worth >= 0
                result[i, j] = ~worth if out else worth
        else:
            for j in range(m):
                worth = points[i, j]
                result[i, j] = ~worth if 0 <= worth < low else worth
    return result
