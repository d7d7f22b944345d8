"""Compiled block scorers: the elementwise work of scoring, fused row by row.

Imported when scoring is large enough to pay for the compiler. Each kernel writes the same bits as
the NumPy form in `lowered` (no fast math, the same order of operations) and releases the GIL, so
that threads share the rows.
"""

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import announce, compiled, count_bits

TILE = 1024
"""Columns combined at a time, so that the running sums stay in the first-level cache."""


@compiled
def cover_rows(indptr, kinds, units, offered, total, size, start, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = sum_e units[e] * offered[kinds[e], j] / total[i]; see `Counts`."""
    m = out.shape[1]
    count = np.empty(m, dtype=np.int32)
    for i in range(start, start + out.shape[0]):
        row = out[i - start]
        if not total[i] > 0:
            row[:] = np.nan
            continue
        _count(indptr[i], indptr[i + 1], kinds, units, offered, count)
        everything = total[i]
        for j in range(m):
            row[j] = np.float32(count[j]) / (everything + size[j])


@compiled
def jaccard_rows(indptr, kinds, units, offered, total, size, start, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = count / (total[i] + size[j] - count); see `Counts`."""
    m = out.shape[1]
    count = np.empty(m, dtype=np.int32)
    for i in range(start, start + out.shape[0]):
        row = out[i - start]
        if not total[i] >= 0:
            row[:] = np.nan
            continue
        _count(indptr[i], indptr[i + 1], kinds, units, offered, count)
        mine = total[i]
        for j in range(m):
            both = np.float32(count[j])
            row[j] = both / ((mine + size[j]) - both)


@compiled
def _count(first, last, kinds, units, offered, count):  # type: ignore[no-untyped-def]
    count[:] = 0
    for entry in range(first, last):
        unit = units[entry]
        have = offered[kinds[entry]]
        if unit == 1:
            for j in range(count.shape[0]):
                count[j] += np.int32(have[j])
        else:
            for j in range(count.shape[0]):
                count[j] += unit * np.int32(have[j])


@compiled
def week_rows(mentees, mentors, quarters, full, given_mentees, given_mentors, start, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = min(quarter hours both can in the worst week, full) / full."""
    weeks, words, m = mentors.shape
    both = np.empty(m, dtype=np.int32)
    fewest = np.empty(m, dtype=np.int32)
    for i in range(start, start + out.shape[0]):
        row = out[i - start]
        if not given_mentees[i]:
            row[:] = np.nan
            continue
        for week in range(weeks):
            both[:] = 0
            for word in range(words):
                mine = mentees[i, week, word]
                if mine != 0:
                    theirs = mentors[week, word]
                    each = quarters[week, word]
                    for j in range(m):
                        shared = np.int32(count_bits(mine & theirs[j]))  # type: ignore[call-arg]
                        both[j] += each * shared
            for j in range(m):  # slices of arrays compile for seconds
                fewest[j] = both[j] if week == 0 else min(fewest[j], both[j])
        for j in range(m):
            hours = min(np.float32(fewest[j]), full) / full
            row[j] = hours if given_mentors[j] else np.float32(np.nan)


@compiled
def band_rows(mentees, mentors, ideal, tolerance, start, stop, out):  # type: ignore[no-untyped-def]
    """out[i - start, j] = max(0, 1 - |mentors[j] - mentees[i] - ideal| / tolerance)."""
    m = out.shape[1]
    for i in range(start, stop):
        row = out[i - start]
        mine = mentees[i]
        for j in range(m):
            part = 1.0 - abs((mentors[j] - mine) - ideal) / tolerance
            row[j] = np.float32(0.0 if part < 0.0 else part)  # NaN stays NaN


@compiled
def apart_rows(mentees, mentors, asked, answered, bit, start, mask):  # type: ignore[no-untyped-def]
    """mask |= bit where both are judged and share nothing in some week; see `NothingShared`."""
    rows, m = mask.shape
    weeks, _, _ = mentors.shape
    both = np.empty(m, dtype=np.uint64)
    found = np.empty(m, dtype=np.uint8)
    for i in range(start, start + rows):
        found[:] = 0
        for kind in range(asked.shape[0]):
            if asked[kind, i]:
                theirs = answered[kind]
                for j in range(m):
                    found[j] |= theirs[j]
        row = mask[i - start]
        for week in range(weeks):
            _shared(mentees[i, week], mentors[week], both)
            for j in range(m):
                row[j] |= np.uint8(bit) if (both[j] == 0) & (found[j] != 0) else np.uint8(0)


@compiled
def apart_pairs(mentees, mentors, asked, answered, rows, cols, found):  # type: ignore[no-untyped-def]
    """Say of single pairs what `apart_rows` marks: found, bool (k,), False to begin with."""
    weeks, words, _ = mentors.shape
    for k in range(rows.size):
        i, j = rows[k], cols[k]
        judged = False
        for kind in range(asked.shape[0]):
            judged |= asked[kind, i] and answered[kind, j]
        if not judged:
            continue
        for week in range(weeks):
            both = np.uint64(0)
            for word in range(words):
                mine = mentees[i, week, word]
                if mine != 0:
                    both |= mine & mentors[week, word, j]
            found[k] |= both == 0


@compiled
def _shared(mine, theirs, both):  # type: ignore[no-untyped-def]
    both[:] = 0
    for word in range(mine.shape[0]):
        own = mine[word]
        if own != 0:
            row = theirs[word]
            for j in range(both.shape[0]):
                both[j] |= own & row[j]


@compiled
def below_rows(mentees, mentors, bit, start, mask):  # type: ignore[no-untyped-def]
    """mask |= bit where the mentor has less than the mentee; see `Below`."""
    for i in range(start, start + mask.shape[0]):
        mine = mentees[i]
        if mine == mine:  # not NaN
            row = mask[i - start]
            for j in range(row.shape[0]):
                row[j] |= np.uint8(bit) if mentors[j] < mine else np.uint8(0)


@compiled
def combine_rows(parts, weights, prior, points):  # type: ignore[no-untyped-def]
    """points = millionths of the weighted mean of the answered parts.

    parts : float32 (criteria, rows, m);  weights : float64 (rows, criteria)
    Three criteria are summed in one pass, one after the other: the order is that of the criteria.
    """
    criteria, rows, m = parts.shape
    gained = np.empty(TILE, dtype=np.float64)
    answered = np.empty(TILE, dtype=np.float64)
    for i in range(rows):
        for left in range(0, m, TILE):
            width = min(TILE, m - left)
            gained[:] = 0.0
            answered[:] = 0.0
            c = 0
            while c + 3 <= criteria:
                w0, w1, w2 = weights[i, c], weights[i, c + 1], weights[i, c + 2]
                p0 = parts[c, i, left : left + width]
                p1 = parts[c + 1, i, left : left + width]
                p2 = parts[c + 2, i, left : left + width]
                for j in range(width):
                    k0, k1, k2 = p0[j] == p0[j], p1[j] == p1[j], p2[j] == p2[j]
                    sum_ = gained[j] + (w0 * np.float64(p0[j]) if k0 else 0.0)
                    sum_ += w1 * np.float64(p1[j]) if k1 else 0.0
                    gained[j] = sum_ + (w2 * np.float64(p2[j]) if k2 else 0.0)
                    known = answered[j] + (w0 if k0 else 0.0)
                    known += w1 if k1 else 0.0
                    answered[j] = known + (w2 if k2 else 0.0)
                c += 3
            while c < criteria:
                weight = weights[i, c]
                part = parts[c, i, left : left + width]
                for j in range(width):
                    known = part[j] == part[j]
                    gained[j] += weight * np.float64(part[j]) if known else 0.0
                    answered[j] += weight if known else 0.0
                c += 1
            row = points[i, left : left + width]
            for j in range(width):
                mean = gained[j] / answered[j] if answered[j] > 0.0 else prior
                row[j] = np.int32(mean * 1e6 + 0.5)


@compiled
def mean_rows(parts, means, blank):  # type: ignore[no-untyped-def]
    """means, blank (rows, criteria): mean over the answered parts; whether there is none.

    parts : float32 (criteria, rows, m);  summed in steps of 2**-20, in integers
    """
    criteria, rows, m = parts.shape
    for c in range(criteria):
        for i in range(rows):
            row = parts[c, i]
            unknown = 0
            for j in range(m):
                unknown += row[j] != row[j]
            means[i, c] = 0.0
            blank[i, c] = unknown == m
            if unknown == 0 or unknown == m:
                continue  # nothing to fill, or nothing to fill it with
            total = np.int64(0)
            for j in range(m):  # by int32: there is an instruction for it
                known = row[j] if row[j] == row[j] else np.float32(0.0)
                total += np.int64(np.int32(np.float64(known) * 1048576.0 + 0.5))
            means[i, c] = np.float64(total) / np.float64(m - unknown) / 1048576.0


@compiled
def mean_weeks(which, values, place, mentors, steps, totals):  # type: ignore[no-untyped-def]
    """totals[i] = sum over the mentors of steps[quarter hours both can in the worst week].

    which : int32 (k, weeks, words), places among the values, -1 where a mentee can nothing
    values, place : uint64 (d,), different words of mentees, and of which week and word each is;
        int64 (d, 3), with the quarter hours that one bit stands for
    mentors : uint64 (weeks, words, m), who have all answered
    steps : int64 (most + 1,); more than `most` quarter hours, at most 127, count as `most`
    """
    weeks, words, m = mentors.shape
    most = np.uint8(steps.size - 1)
    shared = np.empty((values.size, TILE), dtype=np.uint8)
    both, fewest = np.empty(TILE, dtype=np.uint8), np.empty(TILE, dtype=np.uint8)
    for left in range(0, m, TILE):
        size = min(TILE, m - left)
        for d in range(values.size):
            week, word, each = place[d]
            for j in range(size):
                quarters = each * np.int64(count_bits(values[d] & mentors[week, word, left + j]))  # type: ignore[call-arg]
                shared[d, j] = min(quarters, np.int64(most))
        for i in range(which.shape[0]):
            fewest[:size] = most
            for week in range(weeks):
                both[:size] = 0
                for word in range(words):
                    d = which[i, week, word]
                    if d >= 0:
                        for j in range(size):
                            both[j] = min(np.uint8(both[j] + shared[d, j]), most)
                for j in range(size):
                    fewest[j] = min(fewest[j], both[j])
            for j in range(size):
                totals[i] += steps[fewest[j]]


@compiled
def sum_rows(parts, weights, means, prior, points):  # type: ignore[no-untyped-def]
    """points = millionths of the weighted mean; an unanswered part counts as its row's mean.

    parts : float32 (criteria, rows, m);  weights, means : float64 (rows, criteria)
    """
    criteria, rows, m = parts.shape
    gained = np.empty(TILE, dtype=np.float64)
    for i in range(rows):
        whole = 0.0
        for c in range(criteria):
            whole += weights[i, c]
        if not whole > 0.0:
            points[i, :] = np.int32(prior * 1e6 + 0.5)
            continue
        for left in range(0, m, TILE):
            width = min(TILE, m - left)
            gained[:] = 0.0
            c = 0
            while c + 3 <= criteria:
                w0, w1, w2 = weights[i, c], weights[i, c + 1], weights[i, c + 2]
                f0, f1, f2 = w0 * means[i, c], w1 * means[i, c + 1], w2 * means[i, c + 2]
                p0 = parts[c, i, left : left + width]
                p1 = parts[c + 1, i, left : left + width]
                p2 = parts[c + 2, i, left : left + width]
                for j in range(width):
                    sum_ = gained[j] + (w0 * np.float64(p0[j]) if p0[j] == p0[j] else f0)
                    sum_ += w1 * np.float64(p1[j]) if p1[j] == p1[j] else f1
                    gained[j] = sum_ + (w2 * np.float64(p2[j]) if p2[j] == p2[j] else f2)
                c += 3
            while c < criteria:
                weight, fill = weights[i, c], weights[i, c] * means[i, c]
                part = parts[c, i, left : left + width]
                for j in range(width):
                    gained[j] += weight * np.float64(part[j]) if part[j] == part[j] else fill
                c += 1
            row = points[i, left : left + width]
            for j in range(width):
                row[j] = np.int32(gained[j] / whole * 1e6 + 0.5)


@compiled
def keep_rows(parts, rows, means, kept, first):  # type: ignore[no-untyped-def]
    """kept[c, first + k] = parts[c, rows[k]], unanswered ones at the row's mean."""
    criteria, _, m = kept.shape
    for c in range(criteria):
        for k in range(rows.shape[0]):
            row, out, fill = parts[c, rows[k]], kept[c, first + k], np.float32(means[rows[k], c])
            for j in range(m):
                out[j] = row[j] if row[j] == row[j] else fill


@compiled
def shift_rows(points, more, most):  # type: ignore[no-untyped-def]
    """points[i] += more[i], at most `most`, where ~points stands for a forbidden pair."""
    n, m = points.shape
    for i in range(n):
        extra = more[i]
        if extra == 0:
            continue
        row = points[i]
        for j in range(m):
            sign = row[j] >> 31  # -1 where forbidden, else 0
            row[j] = min((row[j] ^ sign) + extra, most) ^ sign


@compiled
def sum_steps(parts):  # type: ignore[no-untyped-def]
    """Sum of float32 (rows, m) in steps of 2**-20."""
    total = np.int64(0)
    for i in range(parts.shape[0]):
        row = parts[i]
        for j in range(row.shape[0]):
            total += np.int64(np.int32(np.float64(row[j]) * 1048576.0 + 0.5))
    return total


@compiled
def rows_without(kept, net, worth, out):  # type: ignore[no-untyped-def]
    """out[k, c] = max_j (net[k, j] - worth[k, c] * kept[c, k, j]), in whole points.

    kept : float32 (criteria, rows, m);  net : int64 (rows, m);  worth, float64 (rows, criteria)
    """
    criteria, rows, m = kept.shape
    for c in range(criteria):
        for k in range(rows):
            best, weight, row = np.int64(-(2**62)), worth[k, c], kept[c, k]
            for j in range(m):
                part = np.int64(np.int32(weight * np.float64(row[j]) + 0.5))
                best = max(best, net[k, j] - part)
            out[k, c] = best


announce(combine_rows, "scoring kernels")
