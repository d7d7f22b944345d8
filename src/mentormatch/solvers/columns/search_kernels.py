"""Compiled kernels: every group of one coach in one slot that is worth enough, or the best.

Depth first over the candidates; a branch is left when what is chosen, with as many of the best
others as a group may still take, falls short. Points of pairs count half with either person there.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.columns.reach_kernels import alive, halves, likely, narrow
from mentormatch.solvers.compile import compiled

NOTHING = -(1 << 60)


@compiled
def _add(i, sign, rules, count, state):
    """Put a person in (sign 1) or out (-1); keep counts of lone values, values, missing people.

    state : int64 (1 + 2 mixes,), missing people of begun blocks; values, lone values of each mix
    """
    codes, alone, _most, _least, _clash, block, size, inside = rules
    for k in range(codes.shape[0]):
        v = codes[k, i]
        if v < 0:
            continue
        before = count[k, v]
        count[k, v] += sign
        after = count[k, v]
        if alone[k, v]:
            state[2 + 2 * k] += (after == 1) - (before == 1)
        state[1 + 2 * k] += (after > 0) - (before > 0)
    b = block[i]
    if b >= 0:
        before = size[b] - inside[b] if inside[b] > 0 else 0
        inside[b] += sign
        after = size[b] - inside[b] if inside[b] > 0 else 0
        state[0] += after - before


@compiled
def _may_join(i, chosen, depth, rules, count):
    """Whether a person breaks nothing that more people could not mend."""
    codes, _alone, most, _least, clash, _block, _size, _inside = rules
    for k in range(codes.shape[0]):
        v = codes[k, i]
        if v >= 0 and count[k, v] >= most[k, v]:
            return False
    for a in range(depth):  # noqa: SIM110
        if clash[i, chosen[a]]:
            return False
    return True


@compiled
def _lacking(rules, state):
    """How many more people a group needs at least before it keeps the rules."""
    least = rules[3]
    lacking = state[0]
    for k in range(least.shape[0]):
        lacking = max(lacking, least[k] - state[1 + 2 * k], state[2 + 2 * k])
    return lacking


@compiled
def _sort_by(key, who, gain, half):
    """Sort candidates by falling key, in place; people who are alike stay as they are."""
    for a in range(1, key.shape[0]):
        b = a
        while b > 0 and key[b - 1] < key[b]:
            key[b - 1], key[b] = key[b], key[b - 1]
            who[b - 1], who[b] = who[b], who[b - 1]
            gain[b - 1], gain[b] = gain[b], gain[b - 1]
            for r in range(half.shape[1]):
                half[b - 1, r], half[b, r] = half[b, r], half[b - 1, r]
            b -= 1


@compiled
def search(candidates, pair, rules, sizes, begun, need, out):
    """List the groups worth `need` or more, or the best of them.

    Parameters
    ----------
    candidates : who int64 (c,), gain int64 (c,), half int64 (c, high), sums of pair points
    pair : int64 (n, n), or (0, 0) where pairs count nothing
    rules : codes, alone, most, least, clash, block, size of blocks, inside (zeros)
    sizes : low, high, only the best?, most nodes
    begun : person who is in it already (-1: nobody), points so far
    need : int64, points
    out : int64 (rows, high), written: members, -1 where none

    Returns
    -------
    (groups found, points of the best, nodes); groups -1 where there are too many or too much to do.
    """
    who, gains, half = candidates
    low, high, best_only, most_nodes = sizes
    paired = pair.shape[0] > 0
    people = who.shape[0]
    count = np.zeros((rules[0].shape[0], rules[1].shape[1] + 1), np.int64)
    state = np.zeros(1 + 2 * rules[0].shape[0], np.int64)
    chosen = np.full(high + 1, -1, np.int64)
    total = np.zeros(high + 1, np.int64)
    lists = np.empty((high + 1, people), np.int64)
    gain = np.empty((high + 1, people), np.int64)
    length = np.zeros(high + 1, np.int64)
    following = np.zeros(high + 2, np.int64)
    stack = (
        lists,
        gain,
        length,
        half,
        np.empty(high + 1, np.int64),
        np.empty(high + 1, np.int64),
        np.empty(high + 1, np.int64),
    )
    base = 0
    if begun[0] >= 0:
        chosen[0] = begun[0]
        _add(begun[0], 1, rules, count, state)
        base = 1
    total[base] = begun[1]
    for a in range(people):
        lists[base, a], gain[base, a] = a, gains[a]
    length[base] = people
    depth, found, nodes, best = base, 0, 0, NOTHING
    while depth >= base:
        q = following[depth]
        if (
            depth >= high
            or q >= length[depth]
            or (q > 0 and not alive(depth, q, total[depth], low, high, need, stack))
        ):
            depth -= 1
            if depth >= base:
                _add(chosen[depth], -1, rules, count, state)
            continue
        following[depth] = q + 1
        i = who[lists[depth, q]]
        if not _may_join(i, chosen, depth, rules, count):
            continue
        nodes += 1
        if nodes > most_nodes:
            found = -1
            break
        _add(i, 1, rules, count, state)
        chosen[depth] = i
        lacking = _lacking(rules, state)
        if lacking > high - depth - 1:
            _add(i, -1, rules, count, state)
            continue
        total[depth + 1] = total[depth] + gain[depth, q]
        if depth + 1 >= low and lacking == 0 and total[depth + 1] >= need:
            best = max(best, total[depth + 1])
            at = 0 if best_only else found
            if at >= out.shape[0]:
                found = -1
                break
            for a in range(high):
                out[at, a] = chosen[a] if a <= depth else -1
            found = at + 1
            if best_only:
                need = total[depth + 1] + 1
        depth += 1
        following[depth] = 0
        length[depth] = 0
        if depth < high:
            for a in range(q + 1, length[depth - 1]):
                c = lists[depth - 1, a]
                lists[depth, a - q - 1] = c
                gain[depth, a - q - 1] = gain[depth - 1, a]
                if paired:
                    gain[depth, a - q - 1] += pair[i, who[c]]
            length[depth] = length[depth - 1] - q - 1
            narrow(depth, total[depth], low, high, need, stack)
    rules[7][:] = 0
    return found, best, nodes


@compiled
def _gather(j, t, people, price, pair, into):
    """Write who can come to a coach in a slot, and what each adds; return (how many, the start)."""
    worth, _open, first, who, half, seeded = people
    names, gain, near = into
    c, start = 0, 0
    if seeded:
        start -= price[j]
    for a in range(first[t], first[t + 1]):
        i = who[a]
        if worth[j, i] < 0 or (seeded and i == j):
            continue
        names[c] = i
        gain[c] = worth[j, i] - price[i]
        if seeded and pair.shape[0] > 0:
            gain[c] += pair[j, i]
        for r in range(near.shape[1]):
            near[c, r] = half[t, i, r]
        c += 1
    return c, start


@compiled
def _prepare(c, pair, clash, sizes, need, into):
    """Keep the candidates that can be in a group worth `need`, the likeliest first; return them."""
    names, gain, near, keep, key = into
    for again in range(3):
        likely(gain[:c], near[:c], sizes, need, keep[:c])
        left = 0
        for a in range(c):
            if keep[a]:
                names[left], gain[left] = names[a], gain[a]
                for r in range(near.shape[1]):
                    near[left, r] = near[a, r]
                left += 1
        if (left == c and again > 0) or pair.shape[0] == 0:
            c = left
            break
        c = left
        halves(names[:c], pair, clash, near[:c])
    for a in range(c):
        key[a] = 2 * gain[a] + near[a, max(sizes[0] - 1, 0)]
    _sort_by(key[:c], names[:c], gain[:c], near[:c])
    return c


@compiled
def reaches(people, pair, sizes, price, highest):
    """Write twice what groups of each coach in each slot can be worth at most.

    highest : int64 (m, slots), written: NOTHING where there can be none;  the rest: `search_all`
    """
    m, slots = people[1].shape
    size, high = people[3].shape[0], people[4].shape[2]
    into = np.empty(size, np.int64), np.empty(size, np.int64), np.empty((size, high), np.int64)
    keep = np.empty(size, np.bool_)
    seeded = people[5]
    left = (sizes[0] - 1, sizes[1] - 1) if seeded else (sizes[0], sizes[1])
    for j in range(m):
        for t in range(slots):
            highest[j, t] = NOTHING
            if people[1][j, t]:
                c, start = _gather(j, t, people, price, pair, into)
                top = likely(into[1][:c], into[2][:c], left, 0, keep[:c])
                if top != NOTHING:
                    highest[j, t] = top + 2 * start


@compiled
def search_all(people, pair, rules, sizes, price, need, out):
    """Search for every coach and slot: the best group of each, or all groups that are worth enough.

    Parameters
    ----------
    people : worth int64 (m, n), open bool (m, slots), first int64 (slots + 1,), who int64,
        half int64 (slots, n, high), seeded: is coach j the person j of every group of his?
    pair, rules : as `search`
    sizes : low, high, only the best?, most nodes for one search, most groups of one coach to find
    price : int64 (n,)
    need : int64 (m, slots), points less prices that a group must be worth
    out : highest int64 (m, slots), what `reaches` wrote; used up
        value int64 (m, slots), written where only the best is asked: what its best group is worth
        at most, 0 where that is less than what is needed or does not count for the coach
        sets int64 (rows, high), where int64 (rows, 2), written: coach and slot

    Returns
    -------
    (groups found, nodes); groups -1 where there are too many.
    """
    low, high, best_only, most_nodes, enough = sizes
    highest, value, sets, where = out
    m, slots = people[1].shape
    size = people[3].shape[0]
    into = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty((size, high), np.int64),
        np.empty(size, np.bool_),
        np.empty(size, np.int64),
    )
    one = np.empty((1, high), np.int64)
    kth = np.zeros(enough, np.int64)  # the best values of a coach so far, falling
    seeded = people[5]
    left = (low - 1, high - 1) if seeded else (low, high)
    found, nodes = 0, 0
    value[:] = 0
    for j in range(m):
        kth[:] = 0
        for _ in range(slots):
            t = np.argmax(highest[j])
            reach = highest[j, t]
            if reach == NOTHING:
                break
            highest[j, t] = NOTHING
            least = max(need[j, t], kth[enough - 1] + 1) if best_only else need[j, t]
            if reach < 2 * least:
                continue
            c, start = _gather(j, t, people, price, pair, into[:3])
            c = _prepare(c, pair, rules[4], left, least - start, into)
            hers = (into[0][:c], into[1][:c], into[2][:c])
            begun = (j if seeded else -1, start)
            to = one if best_only else sets[found:]
            how = (low, high, best_only, most_nodes)
            got, best, work = search(hers, pair, rules, how, begun, least, to)
            nodes += work
            if not best_only:
                if got < 0:
                    return -1, nodes
                where[found : found + got, 0] = j
                where[found : found + got, 1] = t
                found += got
                continue
            value[j, t] = best if got > 0 else ((reach + 1) // 2 if got < 0 else 0)
            if best > NOTHING and found < sets.shape[0]:
                sets[found] = one[0]
                where[found, 0], where[found, 1] = j, t
                found += 1
            new = value[j, t]
            for b in range(enough):
                if new > kth[b]:
                    new, kth[b] = kth[b], new
    return found, nodes
