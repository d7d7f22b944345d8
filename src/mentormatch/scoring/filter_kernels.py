"""Compiled kernel of the filter: which pairs of a mentee could be among her best."""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.scoring.engine import HALF_ULP
from mentormatch.solvers.compile import compiled, count_bits
from mentormatch.solvers.shared_kernels import sift_down, sift_up

RUN = 1024
"""Mentors looked at in one go, so that what they offer stays in the second-level cache."""
SPAN = 256
"""Of these, mentors compared with one threshold."""
MOST = 1e6
"""Points of the best pair that there can be."""


@compiled
def screen_rows(rows, price, terms, tables, counts, hours, dense, out):
    """List the pairs of some mentees that could be worth at least low[r], and be among the best.

    rows : int64 (k,), mentees;  price : float64 (m,)
    terms : base, slack, float64 (n,);  low : float64 (k,);  width : int;  more : float, what a
        pair with a defect is worth less
    tables, counts, dense, and weeks in hours : see `Filter`;  judges in hours : see `FilterJudges`
    out : best, float64 (k, width), the heap;  worth, int32 column (k, cap);  size, int64 (k,);
        over, uint8 (k,): there were more than fit;  low becomes what no other pair is above
    """
    base, slack, low, width, more = terms
    weeks, judges = hours
    best, worth, column, told, over = out
    heap, places = best.ravel(), np.zeros(best.size, np.int32)
    m = price.size
    bound = np.empty(RUN, np.float32)
    count = np.empty(RUN, np.int16)
    flags, hit, value = np.zeros(SPAN, np.uint8), np.empty(SPAN + 1, np.int64), np.empty(SPAN)
    known = np.zeros(rows.size, np.int64)  # how many stand in the heap
    lowest = 0.0 if m == 0 else price.min()  # prices differ by less than they are
    cost = (price - lowest).astype(np.float32)
    least = np.empty(rows.size)
    for k in range(rows.size):
        least[k] = low[k] - slack[rows[k]]
        told[k] = 0
        over[k] = 0
    for left in range(0, m, RUN):
        size = min(RUN, m - left)
        for k in range(rows.size):
            i = rows[k]
            bound[:size] = np.float32(base[i])
            _add_parts(i, k, left, size, (tables, counts, dense), count, bound)
            most, fill = weeks[4][i], weeks[5][i]
            mask, codes = dense[3], dense[4]
            for begin in range(0, size, SPAN):
                end = min(begin + SPAN, size)
                gate = least[k] - most + lowest
                hits = _hits(bound, cost, left, begin, end, gate, flags, hit)
                if hits == 0:
                    continue
                for h in range(hits):
                    x = np.float64(bound[hit[h]])
                    if most > 0.0:
                        x += _hours(i, left + hit[h], weeks, most, fill)
                    value[h] = min(x, MOST) - price[left + hit[h]]
                for h in range(hits):
                    x, j = value[h], left + hit[h]
                    if x < least[k] or _clash(i, j, codes) or (mask.shape[0] > 0 and mask[k, j]):
                        continue
                    if more > 0.0 and _defect(i, j, judges):
                        x -= more
                        if x < least[k]:
                            continue
                    if known[k] < width:
                        sift_up(heap, places, k * width, known[k], x, 0)
                        known[k] += 1
                    elif x > heap[k * width]:
                        sift_down(heap, places, k * width, width, 0, x, 0)
                    if known[k] == width:
                        least[k] = max(least[k], heap[k * width] - 2.0 * slack[i])
                    if told[k] == worth.shape[1]:
                        told[k] = _kept(worth[k], column[k], told[k], least[k])
                        if told[k] == worth.shape[1]:
                            over[k] = 1
                            continue
                    worth[k, told[k]] = x
                    column[k, told[k]] = j
                    told[k] += 1
    for k in range(rows.size):
        told[k] = _kept(worth[k], column[k], told[k], least[k])
        if known[k] == width:
            low[k] = max(low[k], heap[k * width] - slack[rows[k]])


@compiled
def count_rows(rows, level, terms, tables, counts, weeks, dense, out):
    """Count the pairs of some mentees that surely have more points than level[k].

    level : float64 (k,);  terms : base, slack, float64 (n,);  pointer, apart, int64 (k + 1,) and
        (e,), columns of each row that are not counted
    tables, counts, weeks, dense : see `Filter`
    out : sure, int64 (k,);  near, int32 (k, cap), columns of pairs of which it is not sure;  size,
        int64 (k,);  over, uint8 (k,): there were more of these than fit
    """
    base, slack, pointer, apart = terms
    sure, near, told, over = out
    m = tables[0].shape[1]
    bound = np.empty(RUN, np.float32)
    count = np.empty(RUN, np.int16)
    flags, hit = np.zeros(SPAN, np.uint8), np.empty(SPAN + 1, np.int64)
    free = np.zeros(m, np.float32)
    for left in range(0, m, RUN):
        size = min(RUN, m - left)
        for k in range(rows.size):
            i = rows[k]
            bound[:size] = np.float32(base[i])
            _add_parts(i, k, left, size, (tables, counts, dense), count, bound)
            most, fill = weeks[4][i], weeks[5][i]
            mask, codes = dense[3], dense[4]
            least = level[k] - slack[i]
            for begin in range(0, size, SPAN):
                end = min(begin + SPAN, size)
                hits = _hits(bound, free, left, begin, end, least - most, flags, hit)
                for h in range(hits):
                    x, j = np.float64(bound[hit[h]]), left + hit[h]
                    if most > 0.0:
                        x += _hours(i, j, weeks, most, fill)
                    x = min(x, MOST)
                    if x < least or _clash(i, j, codes) or (mask.shape[0] > 0 and mask[k, j]):
                        continue
                    known = False
                    for e in range(pointer[k], pointer[k + 1]):
                        known |= apart[e] == j
                    if known:
                        continue
                    if x > level[k] + slack[i]:
                        sure[k] += 1
                    elif told[k] == near.shape[1]:
                        over[k] = 1
                    else:
                        near[k, told[k]] = j
                        told[k] += 1


@compiled
def _hits(bound, cost, left, begin, end, gate, flags, hit):
    """Write where bound - cost, which is not negative, is at least `gate`; return how often.

    A cost that can pass is at most 2 MOST + abs(gate), and float32 is within three roundings of it.
    """
    size = end - begin
    here, theirs = bound[begin:end], cost[left + begin : left + end]
    least = np.float32(gate - 8.0 * HALF_ULP * (2.0 * MOST + abs(gate)))
    for j in range(size):
        flags[j] = here[j] - theirs[j] >= least
    flags[size:] = 0
    words = flags.view(np.uint64)
    hits = 0
    for word in range(words.size):  # eight pairs are passed over at a time
        if words[word] != 0:
            for j in range(8 * word, 8 * word + 8):
                hit[hits] = begin + j
                hits += flags[j]
    return hits


@compiled
def _kept(worth, column, size, least):
    """Move the pairs that are worth enough to the front; return how many they are."""
    at = 0
    for e in range(size):
        if worth[e] >= least:
            worth[at] = worth[e]
            column[at] = column[e]
            at += 1
    return at


@compiled
def _add_parts(i, k, left, size, parts, count, bound):
    """Add the parts of mentee i, the k-th asked for, with mentors left to left + size."""
    tables, counts, dense = parts
    _add_tables(i, left, size, tables, bound)
    _add_counts(i, left, size, counts, count, bound)
    _add_dense(i, k, left, size, dense, bound)


@compiled
def _add_tables(i, left, size, tables, bound):
    values, row, weight = tables
    t = 0
    while t + 1 < row.shape[1]:  # two at a time: the sums are read and written half as often
        by, more = weight[i, t], weight[i, t + 1]
        line = values[row[i, t], left : left + size]
        other = values[row[i, t + 1], left : left + size]
        for j in range(size):
            bound[j] += by * line[j] + more * other[j]
        t += 2
    if t < row.shape[1]:
        by = weight[i, t]
        line = values[row[i, t], left : left + size]
        for j in range(size):
            bound[j] += by * line[j]


@compiled
def _add_counts(i, left, size, counts, count, bound):
    entries, of_mentees, labels, offered, jaccard = counts
    first, last, kinds, units = entries
    weight, total, fill = of_mentees
    for q in range(first.shape[0]):
        by = weight[i, q]
        if by == 0.0:
            continue
        _count(first[q, i], last[q, i], kinds, units, offered, left, size, count)
        gap = by * fill[i, q]
        theirs = labels[q, left : left + size]  # NaN where unanswered
        if jaccard[q]:
            mine = total[i, q]
            for j in range(size):
                both = np.float32(count[j])
                part = by * (both / ((mine + theirs[j]) - both))
                bound[j] += part if part == part else gap
        else:
            each = by / total[i, q]
            for j in range(size):
                part = each * np.float32(count[j]) + theirs[j]
                bound[j] += part if part == part else gap


@compiled
def _count(first, last, kinds, units, offered, left, size, count):
    """Count what mentors left to left + size offer of some entries."""
    if first == last:
        count[:size] = 0
    for e in range(first, last):
        unit = np.int16(units[e])
        have = offered[kinds[e], left : left + size]
        if e == first:
            for j in range(size):
                count[j] = unit * np.int16(have[j])
        elif unit == 1:
            for j in range(size):
                count[j] += np.int16(have[j])
        else:
            for j in range(size):
                count[j] += unit * np.int16(have[j])


@compiled
def _add_dense(i, k, left, size, dense, bound):
    parts, weight, fill, _, _ = dense
    for d in range(parts.shape[0]):
        by = weight[i, d]
        if by == 0.0:
            continue
        gap = by * fill[i, d]
        line = parts[d, k, left : left + size]
        for j in range(size):
            bound[j] += by * line[j] if line[j] == line[j] else gap


@compiled
def _clash(i, j, codes):
    """Return whether a rule that compares codes forbids the pair."""
    mentees, mentors, equal = codes
    for z in range(equal.size):
        mine, yours = mentees[i, z], mentors[z, j]
        if mine >= 0 and yours >= 0 and (mine == yours) == equal[z]:
            return True
    return False


@compiled
def _defect(i, j, judges):
    one, other, levels = judges
    mine, yours = levels
    return yours[j] < mine[i] or _apart(i, j, one) or _apart(i, j, other)


@compiled
def _apart(i, j, judge):
    """Return whether two people who are judged share nothing in some week."""
    mentees, mentors, asked, answered = judge
    judged = False
    for kind in range(asked.shape[1]):
        judged |= asked[i, kind] and answered[j, kind]
    if judged:
        for week in range(mentees.shape[1]):
            both = np.uint64(0)
            for word in range(mentees.shape[2]):
                both |= mentees[i, week, word] & mentors[j, week, word]
            if both == 0:
                return True
    return False


@compiled
def _hours(i, j, weeks, most, fill):
    """Return what the hours that both can are worth."""
    mentees, mentors, quarters, full, _, _, given = weeks
    if not given[j]:
        return fill
    fewest = np.int32(1 << 30)
    for week in range(mentors.shape[1]):
        both = np.int32(0)
        for word in range(mentors.shape[2]):
            shared = count_bits(mentees[i, week, word] & mentors[j, week, word])
            both += np.int32(shared) * quarters[week, word]
        fewest = min(fewest, both)
    return most * np.float64(min(np.float32(fewest), full) / full)
