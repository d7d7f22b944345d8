"""Compiled kernels: better groups by exchanges, moves, new slots and coaches, at a falling heat.

What a group breaks (mixes, apart, together) is counted and weighed against points; sizes, slots,
coaches and their capacity are never broken.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled

NOTHING = -(1 << 60)


@compiled
def _draw(seed):
    """Return the next number in [0, 1) of a xorshift generator (Marsaglia 2003)."""
    x = seed[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    seed[0] = x
    return np.float64(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def _pick(seed, count):
    """Return a position below count."""
    return np.int64(_draw(seed) * count)


@compiled
def _put(i, h, state, rules):
    """Take a person out of her group and put her in group h (-1: nowhere)."""
    group, members, size, place, count = state
    codes = rules[0]
    g = group[i]
    if g >= 0:
        last = size[g] - 1
        moved = members[g, last]
        members[g, place[i]] = moved
        place[moved] = place[i]
        members[g, last] = -1
        size[g] = last
        for k in range(codes.shape[0]):
            if codes[k, i] >= 0:
                count[g, k, codes[k, i]] -= 1
    group[i] = h
    if h >= 0:
        members[h, size[h]] = i
        place[i] = size[h]
        size[h] += 1
        for k in range(codes.shape[0]):
            if codes[k, i] >= 0:
                count[h, k, codes[k, i]] += 1


@compiled
def _broken(g, state, rules):
    """Count what a group breaks."""
    _group, members, size, _place, count = state
    _codes, alone, most, least, clash, _mates, clashing = rules
    bad = 0
    if g < 0 or size[g] == 0:
        return bad
    for k in range(alone.shape[0]):
        different = 0
        for v in range(alone.shape[1]):
            here = count[g, k, v]
            if here == 0:
                continue
            different += 1
            bad += here == 1 and alone[k, v]
            bad += max(here - most[k, v], 0)
        bad += max(least[k] - different, 0)
    if clashing:
        for a in range(size[g]):
            for b in range(a):
                bad += clash[members[g, a], members[g, b]]
    return bad


@compiled
def _parted(i, state, rules):
    """Count the people who must be with her and are not."""
    group, mates = state[0], rules[5]
    bad = 0
    for a in range(mates.shape[1]):
        if mates[i, a] >= 0:
            bad += group[mates[i, a]] != group[i]
    return bad


@compiled
def _adds(i, h, without, state, pair):
    """Return the points of i with the members of a group, but for one of them."""
    total = 0
    if pair.shape[0] == 0 or h < 0:
        return total
    members, size = state[1], state[2]
    for a in range(size[h]):
        x = members[h, a]
        if x != without and x != i:
            total += pair[i, x]
    return total


@compiled
def _take_better(gain, seed, heat):
    return gain >= 0 or _draw(seed) < np.exp(gain / heat)


@compiled
def _exchange(i, k, at, problem, state, rules, chance):
    """Try i in the place of k, and k in hers; return (points gained, breaks added), (0, 0) if not.

    Where i has no group, k has none afterwards.
    """
    worth, pair, free = problem[:3]
    coach, slot = at
    seed, heat, penalty = chance
    group = state[0]
    g, h = group[i], group[k]
    if g == h or h < 0 or not free[i, slot[h]] or worth[coach[h], i] < 0:
        return 0, 0
    if g >= 0 and (not free[k, slot[g]] or worth[coach[g], k] < 0):
        return 0, 0
    gain = worth[coach[h], i] - worth[coach[h], k] + _adds(i, h, k, state, pair)
    gain -= _adds(k, h, k, state, pair)
    if g >= 0:
        gain += worth[coach[g], k] - worth[coach[g], i] + _adds(k, g, i, state, pair)
        gain -= _adds(i, g, i, state, pair)
    before = _broken(g, state, rules) + _broken(h, state, rules)
    before += _parted(i, state, rules) + _parted(k, state, rules)
    _put(k, -1, state, rules)
    _put(i, h, state, rules)
    _put(k, g, state, rules)
    after = _broken(g, state, rules) + _broken(h, state, rules)
    after += _parted(i, state, rules) + _parted(k, state, rules)
    if _take_better(gain - penalty * (after - before), seed, heat):
        return gain, after - before
    _put(i, -1, state, rules)
    _put(k, h, state, rules)
    _put(i, g, state, rules)
    return 0, 0


@compiled
def _move(i, h, at, problem, state, rules, chance):
    """Try i in group h; return (points gained, breaks added, 1 if she had no group)."""
    worth, pair, free = problem[:3]
    low, high, bonus = problem[5:8]
    coach, slot = at
    seed, heat, penalty = chance
    group, size = state[0], state[2]
    g = group[i]
    if g == h or size[h] >= high or size[h] == 0 or (g >= 0 and size[g] <= low):
        return 0, 0, 0
    if not free[i, slot[h]] or worth[coach[h], i] < 0:
        return 0, 0, 0
    gain = worth[coach[h], i] + _adds(i, h, i, state, pair)
    if g >= 0:
        gain -= worth[coach[g], i] + _adds(i, g, i, state, pair)
    before = _broken(g, state, rules) + _broken(h, state, rules) + _parted(i, state, rules)
    _put(i, h, state, rules)
    after = _broken(g, state, rules) + _broken(h, state, rules) + _parted(i, state, rules)
    placed = 1 if g < 0 else 0
    if _take_better(gain + bonus * placed - penalty * (after - before), seed, heat):
        return gain, after - before, placed
    _put(i, g, state, rules)
    return 0, 0, 0


@compiled
def _fits(h, j, t, problem, state):
    """Return what all members are worth with a coach, NOTHING if they cannot meet him there."""
    worth, _pair, free = problem[:3]
    members, size = state[1], state[2]
    total = 0
    for a in range(size[h]):
        x = members[h, a]
        if not free[x, t] or worth[j, x] < 0:
            return NOTHING
        total += worth[j, x]
    return total


@compiled
def _led_by(h, j, t, at, problem, state, chance):
    """Try another coach or slot for a group; return the points gained."""
    coach_free, many = problem[3], problem[8]
    coach, slot = at
    capacity, load, busy = problem[4], problem[9], problem[10]
    seed, heat, _penalty = chance
    j0, t0 = coach[h], slot[h]
    if not coach_free[j, t] or (j == j0 and t == t0) or (busy[j, t] > 0 and not many):
        return 0
    if j != j0 and load[j] >= capacity[j]:
        return 0
    new = _fits(h, j, t, problem, state)
    if new == NOTHING:
        return 0
    gain = new - _fits(h, j0, t0, problem, state)
    if not _take_better(gain, seed, heat):
        return 0
    busy[j0, t0] -= 1
    busy[j, t] += 1
    load[j0] -= 1
    load[j] += 1
    coach[h], slot[h] = j, t
    return gain


@compiled
def _swap_coaches(g, h, at, problem, state, chance):
    """Try an exchange of coaches; slots stay with the groups. Return the points gained."""
    coach_free, many, busy = problem[3], problem[8], problem[10]
    coach, slot = at
    seed, heat, _penalty = chance
    a, b = coach[g], coach[h]
    if a == b or not coach_free[b, slot[g]] or not coach_free[a, slot[h]]:
        return 0
    if not many and (busy[b, slot[g]] - (slot[g] == slot[h]) > 0):
        return 0
    if not many and (busy[a, slot[h]] - (slot[g] == slot[h]) > 0):
        return 0
    one, other = _fits(g, b, slot[g], problem, state), _fits(h, a, slot[h], problem, state)
    if one == NOTHING or other == NOTHING:
        return 0
    gain = one + other - _fits(g, a, slot[g], problem, state) - _fits(h, b, slot[h], problem, state)
    if not _take_better(gain, seed, heat):
        return 0
    busy[a, slot[g]] -= 1
    busy[b, slot[h]] -= 1
    busy[b, slot[g]] += 1
    busy[a, slot[h]] += 1
    coach[g], coach[h] = b, a
    return gain


@compiled
def polish(problem, rules, state, at, best, schedule, seed):
    """Improve groups; write the best that break nothing; return (found any, points above start).

    Parameters
    ----------
    problem : worth int64 (m, n), pair int64 (n, n) or (0, 0), free bool (n, slots),
        coach_free bool (m, slots), capacity int64 (m,), low, high, bonus for a person placed, many,
        load int64 (m,), busy int64 (m, slots)
    rules : codes, alone, most, least, clash, mates int64 (n, most), clashing
    state : group int64 (n,), members int64 (groups, high), size, place int64 (n,),
        count int64 (groups, mixes, values)
    at : coach, slot int64 (groups,)
    best : group, coach, slot, written
    schedule : steps, first and last heat, penalty
    seed : uint64 (1,), not 0
    """
    steps, hot, cold, penalty = schedule
    worth, bonus = problem[0], problem[7]
    coach, slot = at
    group = state[0]
    people, coaches, slots, groups = worth.shape[1], worth.shape[0], problem[2].shape[1], coach.size
    bad, points, top, found = 0, 0, 0, False
    bad = _all_broken(groups, people, state, rules)
    for step in range(steps):
        if bad == 0 and (not found or points > top):
            found, top = True, points
            best[0][:], best[1][:], best[2][:] = group, coach, slot
        if groups == 0:
            break
        heat = hot * (cold / hot) ** (step / steps)
        chance = (seed, heat, penalty)
        kind = _draw(seed)
        i = _pick(seed, people)
        if kind < 0.65:
            gain, more = _exchange(i, _pick(seed, people), at, problem, state, rules, chance)
            points += gain
            bad += more
        elif kind < 0.85:
            gain, more, placed = _move(i, _pick(seed, groups), at, problem, state, rules, chance)
            points += gain + bonus * placed
            bad += more
        elif kind < 0.95:
            h = _pick(seed, groups)
            j = _pick(seed, coaches) if _draw(seed) < 0.7 else coach[h]
            t = _pick(seed, slots) if _draw(seed) < 0.5 else slot[h]
            points += _led_by(h, j, t, at, problem, state, chance)
        else:
            g, h = _pick(seed, groups), _pick(seed, groups)
            if g != h:
                points += _swap_coaches(g, h, at, problem, state, chance)
    if bad == 0 and (not found or points > top):
        found, top = True, points
        best[0][:], best[1][:], best[2][:] = group, coach, slot
    return found, top


@compiled
def _all_broken(groups, people, state, rules):
    """Count what all groups break; two people who are parted count once."""
    bad, parted = 0, 0
    for g in range(groups):
        bad += _broken(g, state, rules)
    for i in range(people):
        parted += _parted(i, state, rules)
    return bad + parted // 2
