"""Compiled kernels: what a group can be worth at most, and who can be in one worth enough.

Points of pairs count half with either person: whoever joins adds at most her own points, half of
what her best partners add, and what those who are chosen already add with her.
"""


# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled

NOTHING = -(1 << 60)


@compiled
def halves(who, pair, clash, half):
    """Write half of what the best r partners among `who` add to each, in half points.

    half : int64 (who, r + 1), written: sums of the best 0, 1, ... r pair points (not halved)
    """
    count, most = who.shape[0], half.shape[1] - 1
    top = np.empty(most + 1, np.int64)
    for a in range(count):
        found = 0
        for b in range(count):
            if b == a or clash[who[a], who[b]]:
                continue
            points = pair[who[a], who[b]]
            if found == most and (most == 0 or points <= top[most - 1]):
                continue
            at = min(found, most - 1)
            while at > 0 and top[at - 1] < points:
                top[at] = top[at - 1]
                at -= 1
            top[at] = points
            found = min(found + 1, most)
        half[a, 0] = 0
        for r in range(1, most + 1):
            half[a, r] = half[a, r - 1] + top[r - 1] if r <= found else NOTHING


@compiled
def _best_sum(gain, half, first, r, top):
    """Return twice what r of the candidates from `first` on can add at most, NOTHING if too few."""
    count = gain.shape[0]
    if count - first < r:
        return NOTHING
    found = 0
    for a in range(first, count):
        key = 2 * gain[a] + half[a, r - 1]
        if half[a, r - 1] == NOTHING or gain[a] == NOTHING:
            continue
        if found == r and key <= top[r - 1]:
            continue
        at = min(found, r - 1)
        while at > 0 and top[at - 1] < key:
            top[at] = top[at - 1]
            at -= 1
        top[at] = key
        found = min(found + 1, r)
    if found < r:
        return NOTHING
    total = 0
    for a in range(r):
        total += top[a]
    return total


@compiled
def likely(gain, half, sizes, need, keep):
    """Mark the candidates that can be in a group worth `need`; return twice the best total.

    sizes : (least, most) members to choose;  need : int64, points;  keep : bool, written
    """
    count = gain.shape[0]
    top = np.empty(max(sizes[1], 1), np.int64)
    keep[:] = False
    highest = NOTHING
    for r in range(max(sizes[0], 1), sizes[1] + 1):
        total = _best_sum(gain, half, 0, r, top)
        if total == NOTHING:
            continue
        highest = max(highest, total)
        for a in range(count):
            if half[a, r - 1] == NOTHING or gain[a] == NOTHING:
                continue
            key = 2 * gain[a] + half[a, r - 1]
            if total - top[r - 1] + min(key, top[r - 1]) >= 2 * need:
                keep[a] = True
    return highest


@compiled
def best_of(top, found, sum_, r, key):
    """Add a key to the r highest, which `top` holds in falling order; how many, and their sum."""
    if found == r:
        if key <= top[r - 1]:
            return found, sum_
        sum_ -= top[r - 1]
        at = r - 1
    else:
        at = found
        found += 1
    while at > 0 and top[at - 1] < key:
        top[at] = top[at - 1]
        at -= 1
    top[at] = key
    return found, sum_ + key


@compiled
def narrow(level, total, low, high, need, stack):
    """Drop the candidates of a level that no group worth `need` can hold; return how many stay.

    stack : lists int64 (levels, c), which candidates;  gain int64 (levels, c);  length (levels,);
        half int64 (c, high);  top, limit, last int64 (high + 1,), to work in
    """
    lists, gain, length, half, top, limit, last = stack
    count = length[level]
    keep = 0
    first_size = max(low - level, 1)
    for r in range(first_size, high - level + 1):
        limit[r], last[r] = NOTHING, 0
        found, sum_ = 0, 0
        for a in range(count):
            c = lists[level, a]
            if half[c, r - 1] == NOTHING:
                continue
            key = 2 * gain[level, a] + half[c, r - 1]
            found, sum_ = best_of(top, found, sum_, r, key)
        if found == r:
            limit[r], last[r] = sum_, top[r - 1]
    for a in range(count):
        c = lists[level, a]
        for r in range(first_size, high - level + 1):
            if limit[r] == NOTHING or half[c, r - 1] == NOTHING:
                continue
            key = 2 * gain[level, a] + half[c, r - 1]
            if 2 * total + limit[r] - last[r] + min(key, last[r]) >= 2 * need:
                lists[level, keep], gain[level, keep] = c, gain[level, a]
                keep += 1
                break
    length[level] = keep
    return keep


@compiled
def alive(level, q, total, low, high, need, stack):
    """Whether a level's candidates from q on can still make a group worth `need`."""
    lists, gain, length, half, top, _limit, _last = stack
    count = length[level]
    for r in range(high - level, max(low - level, 1) - 1, -1):
        found, sum_ = 0, 0
        for a in range(q, count):
            more = half[lists[level, a], r - 1]
            if more == NOTHING:
                continue
            key = 2 * gain[level, a] + more
            found, sum_ = best_of(top, found, sum_, r, key)
        if found == r and 2 * total + sum_ >= 2 * need:
            return True
    return False
