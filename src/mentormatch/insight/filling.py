"""Seats added to mentors one by one: the shortest path to each, backwards from the mentor.

Loops over integers alone, which run as they are where a problem is small, and compiled where it is
large.
"""

# Compiled code is not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

__all__ = ["EMPTY", "NOBODY", "fill_lines"]

EMPTY, NOBODY = -1, -2
"""Instead of a mentee: a seat elsewhere stays empty; nobody is left who could come in."""
FARTHEST = 1 << 59


def fill_lines(mentors, into, people, seats, turn, own, out):
    """Add seats to one mentor after another, each from where people are to begin with.

    Only nodes that are no farther from the mentor than the shortest path is long are come to. A
    path that is taken moves people; the prices of what is nearer than its length are made up for
    (`height`), so that no length is ever negative.

    mentors : int64 (k,)
    into : moves by mentor: where each begins (m + 1,), who moves, what is lost
    people : where each is, int64 (n,), m without a mentor, and zeros (n,)
    seats : prices (m + 1,), and how many seats of each may be left empty (m,)
    turn : (first, last), mentees who come before all others, or after them, if it makes no
        difference; -1: nobody
    own : who come in, int64 (c,), and what each of their pairs loses (c, m); nobody: anybody may
    out : who comes in, what is lost, whether others could as well, (k, seats) each; and (k,), no
        longer move matters; and int64 (m,) or (0,), of each mentor no longer move matters
    """
    begin, mover, length = into
    at, shift = people
    price, idle = seats
    first, last = turn
    named, rows = own
    who, lost, others, reach, room = out
    m = price.size - 1
    anybody = named.size == 0
    far, height = np.full(m + 1, FARTHEST), np.zeros(m + 1, np.int64)
    done = np.zeros(m, np.bool_)
    by, to, loss = np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros(m, np.int64)
    came = np.zeros(named.size, np.bool_)
    for line in range(mentors.size):
        mentor = mentors[line]
        moved = [(0, 0) for _ in range(0)]
        raised = [0 for _ in range(0)]
        emptied = [0 for _ in range(0)]
        shifted = 0
        came[:] = False
        who[line] = NOBODY
        for seat in range(who.shape[1]):
            worth = price[mentor] - height[mentor]
            least = worth + 1 if anybody else FARTHEST
            floor = 0  # no path begins with less
            if not anybody:
                floor = FARTHEST
                for c in range(named.size):
                    if not came[c]:
                        for k in range(m):
                            floor = min(floor, rows[c, k] - height[k])
            end, place, cost, several = NOBODY, 0, 0, False
            far[mentor] = 0
            seen = [mentor]
            heap = [(0, mentor)]
            while len(heap) > 0 and heap[0][0] + floor <= least:
                here, node = heappop(heap)
                if done[node]:
                    continue
                done[node] = True
                if anybody and idle[node] > 0 and node != mentor:
                    x = here + price[node] - height[node]
                    if x <= least:
                        several = x == least and end != NOBODY and (several or end != EMPTY)
                        if x < least or end == NOBODY or (end != first and end != EMPTY):
                            end, place, cost = EMPTY, node, 0
                        least = x
                for c in range(named.size):
                    x = here + rows[c, node] - height[node]
                    if not came[c] and x <= least:
                        i = named[c]
                        several = x == least and end != NOBODY and (several or end != i)
                        if x < least or end == NOBODY or i < end:
                            end, place, cost = i, node, rows[c, node]
                        least = x
                for e in range(begin[node], begin[node + 1]):
                    i = mover[e]
                    k = at[i]
                    x = here + length[e] - shift[i] + height[k] - height[node]
                    if x > least:
                        continue
                    if k == m:
                        if not anybody:
                            continue
                        several = x == least and end != NOBODY and (several or end != i)
                        before = end != first and (
                            i == first or end == last or (i != last and i < end)
                        )
                        if x < least or end == NOBODY or before:
                            end, place, cost = i, node, length[e]
                        least = x
                    elif x < far[k] and x + floor <= least:
                        if far[k] == FARTHEST:
                            seen.append(k)
                        far[k] = x
                        by[k], to[k], loss[k] = i, node, length[e]
                        heappush(heap, (x, k))
            radius = least - floor
            reach[line] = max(reach[line], radius + height[mentor] + shifted)
            if room.size > 0:
                for k in seen:
                    if done[k]:
                        room[k] = max(room[k], radius - far[k] + height[k] + shifted)
            some = end != NOBODY and (not anybody or least <= worth)
            if anybody and least == worth and last >= 0:
                some = False  # the seat may as well stay empty
            if some:
                who[line, seat], lost[line, seat] = end, least + height[mentor]
                others[line, seat] = several or (anybody and least == worth)
                if end == EMPTY:
                    idle[place] -= 1
                    emptied.append(place)
                else:
                    moved.append((end, at[end]))
                    at[end], shift[end] = place, cost
                    shifted = max(shifted, cost)
                for c in range(named.size):
                    came[c] = came[c] or named[c] == end
                node = place
                while node != mentor:
                    i = by[node]
                    moved.append((i, at[i]))
                    at[i], shift[i] = to[node], loss[node]
                    shifted = max(shifted, loss[node])
                    node = to[node]
                for k in seen:
                    if done[k] and far[k] < radius:
                        height[k] += radius - far[k]
                        raised.append(k)
            for k in seen:
                far[k], done[k] = FARTHEST, False
            if not some:
                break
        for a in range(len(moved) - 1, -1, -1):
            i, k = moved[a]
            at[i], shift[i] = k, 0
        for k in raised:
            height[k] = 0
        for k in emptied:
            idle[k] += 1
