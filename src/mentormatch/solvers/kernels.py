"""Compiled kernels of the large route; imported when needed.

Pairs come row by row (CSR): pair e with indptr[i] <= e < indptr[i+1] is mentee i with mentor
idx[e], worth val[e] (bonus included). A mentor is one node however many seats she has; the
mentees she holds are a doubly linked list (head, after, before). Prices p and surpluses u satisfy
u[i] >= val[e] - p[idx[e]] and u[i] >= 0 wherever the comments say "feasible".

Arrays travel in tuples (plain ones: named ones cost two microseconds each in a call):

    pairs   indptr, idx, val (or points)    pairs listed; an unused place is worth `NEVER` or EMPTY
    seats   cap, low                        seats, and how many of them must be filled
    duals   p, u                            price per mentor, surplus per mentee
    prices  p, q, narrow                    with q as `narrow_prices` writes it, and what it returns
    held    mate, mval, load, head, after, before     mval: what a mentee's pair is worth
    bids    mate, mpts, load, off, level, who, stack  heaps of bids; who has still to bid
    pace    top, eps, budget, few, patience           size of the stack, step of a bid, when to end
    room    dist, via, vval, onto, key, node          of a search; distances are `INF` between two
    counts  tight, tight_listed, close, bar  per mentee: tight pairs, those of them listed, listed
                                             ones nearly tight, bound on all others
    hashes  rows, mentors, mix, bits         what ties are mixed from; rows carry the stage's salt
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled
from mentormatch.solvers.shared_kernels import (
    INF,
    NEVER,
    arcs_by_node,
    link,
    sift_down,
    sift_up,
    unlink,
)

HALF, EMPTY = np.int32((1 << 30) - 1), np.int32(-(1 << 30))  # dearest price; no pair
LOW, HIGH = np.int32(-(1 << 31)), np.int32((1 << 31) - 1)


# --- start: prices from what a sample of mentees think ------------------------------------------


@compiled
def _offer(base, room, filled, level, who, offer, i):
    """Keep the best `room` offers on a heap; return how many there are."""
    if filled < room:
        sift_up(level, who, base, filled, offer, i)
        return filled + 1
    if offer > level[base]:
        sift_down(level, who, base, room, 0, offer, i)
    return filled


# --- start: prices from what a sample of mentees think ------------------------------------------


@compiled
def column_moments(points, step, count, total, square):
    """Add up what every step-th row gives each mentor above the row's mean, and the squares."""
    m = total.size
    for i in range(0, points.shape[0], step):
        line = points[i]
        sum_ = np.int64(0)
        many = np.int64(0)
        for j in range(m):
            ok = line[j] >= 0
            sum_ += line[j] if ok else 0
            many += ok
        mean = sum_ / max(many, 1)
        for j in range(m):
            ok = line[j] >= 0
            d = line[j] - mean if ok else 0.0
            count[j] += ok
            total[j] += d
            square[j] += d * d


@compiled
def listed_moments(pairs, count, total, square):
    """Do what `column_moments` does for listed pairs, of all rows."""
    indptr, idx, pts = pairs
    for i in range(indptr.size - 1):
        sum_ = np.int64(0)
        many = np.int64(0)
        for e in range(indptr[i], indptr[i + 1]):
            ok = pts[e] >= 0
            sum_ += pts[e] if ok else 0
            many += ok
        mean = sum_ / max(many, 1)
        for e in range(indptr[i], indptr[i + 1]):
            if pts[e] >= 0:
                d = pts[e] - mean
                count[idx[e]] += 1
                total[idx[e]] += d
                square[idx[e]] += d * d


@compiled
def _peak(line, p):
    """Return the best of one row's points less prices, -INF if no pair is admissible."""
    top = -INF
    for j in range(p.size):
        q = line[j]
        x = np.int64(q) - p[j] if q >= 0 else -INF
        top = max(top, x)
    return top


@compiled
def row_peaks(points, step, p, out):
    """Write the best of points less prices of every step-th row."""
    for r in range(out.size):
        out[r] = _peak(points[r * step], p)


# --- prices as int32 --------------------------------------------------------------------------


@compiled
def narrow_prices(p, out):
    """Write prices as int32 above the least one, the dearest at `HALF`; return the least."""
    least = INF
    for j in range(p.size):
        least = min(least, p[j])
    for j in range(p.size):
        out[j] = np.int32(min(p[j] - least, np.int64(HALF)))
    return least


# --- start: epsilon-scaled auction, one heap of held bids per mentor ------------------------------


@compiled
def _worth(line, q, j):
    """Return points less price, `LOW` where the pair is inadmissible."""
    return np.int32(line[j] - q[j]) if line[j] >= 0 else LOW


@compiled
def _lanes(m):
    """Return how many lanes of eight columns there are; what is left over stays alone."""
    return m >> 3 if m >= 128 else 0


@compiled
def _peaks(line, q, peak):
    """Write the best worth of every lane, and of the columns left over."""
    m = q.size
    lanes = _lanes(m)
    for b in range(lanes):
        x = max(_worth(line, q, b), _worth(line, q, b + lanes))
        y = max(_worth(line, q, b + 2 * lanes), _worth(line, q, b + 3 * lanes))
        z = max(_worth(line, q, b + 4 * lanes), _worth(line, q, b + 5 * lanes))
        w = max(_worth(line, q, b + 6 * lanes), _worth(line, q, b + 7 * lanes))
        peak[b] = max(max(x, y), max(z, w))
    size = lanes
    for j in range(8 * lanes, m):
        peak[size] = _worth(line, q, j)
        size += 1
    return size


@compiled
def best_mentors(line, q, turn, width, key, col, peak, lane):
    """List up to `width` best mentors of one mentee under prices q.

    Columns are dealt to lanes of eight and the lanes reduced to their peaks first; a bar that a
    good part of `width` peaks reach is found by bisection, and only the lanes that reach it are
    looked into. `turn` rotates the lanes, so that among equals each mentee takes her own few.
    Returns (how many, a bound on the worth of those left out); key and col hold their worth and
    place, unordered. Everything is int32 and without branches where it is hot, so that it
    compiles to vector instructions.
    """
    m = q.size
    lanes = _lanes(m)
    peaks = _peaks(line, q, peak)
    high = LOW
    low = HIGH
    for b in range(peaks):
        high = max(high, peak[b])
        low = min(low, peak[b] if peak[b] > LOW else HIGH)
    if high == LOW:
        return 0, LOW
    bar = np.int32(LOW + 1)
    rest = LOW
    if m > width:
        most = min(width - (width >> 2), peaks >> 1)
        bar = _cut(peak, peaks, low, high, most - (most >> 2), most)
        rest = np.int32(bar - 1)
    reach = 0
    turn = turn % peaks
    for b in range(turn, peaks):
        lane[reach] = b
        reach += peak[b] >= bar
    for b in range(turn):
        lane[reach] = b
        reach += peak[b] >= bar
    size = 0
    for s in range(reach):
        b = lane[s]
        if size >= 3 * width and peak[b] == bar:  # equals enough
            rest = max(rest, bar)
        elif b < lanes:
            for t in range(8):
                j = b + t * lanes
                x = _worth(line, q, j)
                key[size] = x
                col[size] = j
                size += x >= bar
        else:
            key[size] = peak[b]
            col[size] = b + 7 * lanes
            size += 1
    if size > width:
        high = bar
        for t in range(size):
            high = max(high, key[t])
        floor = np.int32(_cut(key, size, bar, high, width - (width >> 2), width) - 1)
        above = 0
        for t in range(size):
            above += key[t] > floor
        spare = max(0, width - above)
        if above > width:  # equals at the cut: take some
            floor = np.int32(floor + 1)
            above = 0
            for t in range(size):
                above += key[t] > floor
            spare = width - above
        elif above >= width - (width >> 2):
            spare = 0
        kept = 0
        for t in range(size):
            x = key[t]
            key[kept] = x
            col[kept] = col[t]
            equal = (x == floor) & (spare > 0)
            take = (x > floor) | equal
            kept += take
            spare -= equal
            rest = max(rest, LOW if take else x)
        size = kept
    return size, rest


@compiled
def _cut(value, size, low, high, least_count, most_count):
    """Return a bar that between least_count and most_count values reach, by bisection.

    Where equals leave no such bar: the greatest that more than `most_count` reach. `high` is the
    greatest value.
    """
    count = np.int32(0)
    for t in range(size):
        count += np.int32(value[t] >= high)
    if count >= least_count:
        return high
    while np.int64(high) - low > 1:
        bar = np.int32(low + ((np.int64(high) - low) >> 1))
        count = np.int32(0)
        for t in range(size):
            count += np.int32(value[t] >= bar)
        if count > most_count:
            low = bar
        elif count < least_count:
            high = bar
        else:
            return bar
    return low


@compiled
def _slots(m):
    """Return room for `best_mentors` to list all of m mentors."""
    room = np.empty((4, m + 8), np.int32)
    return room[0], room[1], room[2], room[3]


@compiled
def _list_row(line, q, turn, idx, pts, slots):
    """Write one mentee's best mentors and their points; return a bound on all others' worth."""
    key, col, peak, lane = slots
    width = idx.size
    size, rest = best_mentors(line, q, turn, width, key, col, peak, lane)
    for t in range(width):
        idx[t] = col[t] if t < size else 0
        pts[t] = line[col[t]] if t < size else EMPTY
    return rest


@compiled
def cheapest(q):
    """Return the cheapest mentor and the price of the second cheapest."""
    at = 0
    least = HIGH
    second = HIGH
    for j in range(q.size):
        at = j if q[j] < least else at
        second = min(second, max(least, q[j]))
        least = min(least, q[j])
    return at, second


@compiled
def auction(points, bonus, bar, pairs, cap, prices, bids, pace):
    """Let free mentees bid until none is left or `budget` pairs were looked at.

    Gives up on the last `few` after `patience` pairs: paths serve them better than a price war.

    A bid is the price at which the mentee would be as well off elsewhere, plus eps. A full mentor
    drops her weakest bid; her price is the weakest bid held. Afterwards nobody could gain more
    than eps by moving. Where only a mentee's best pairs are listed, none of the others can be
    worth more than bar[i] while prices rise; once the second best listed is worse, the list is
    made anew from row i of `points`. Who is numbered past the mentees is an empty seat, which
    takes the cheapest place. q and narrow are the prices as `narrow_prices` writes them.
    Returns (how many are left on the stack, pairs looked at).
    """
    indptr, idx, pts = pairs
    p, q, narrow = prices
    mate, mpts, load, off, level, who, stack = bids
    top, eps, budget, few, patience = pace
    looked = 0
    m = p.size
    n = indptr.size - 1
    slots = _slots(m)
    while top > 0 and looked < (patience if top <= few else budget):
        top -= 1
        i = stack[top]
        if i >= n:
            j, second = cheapest(q)
            points_held = np.int32(0)
            bid = p[j] + eps + (np.int64(second) - q[j] if second < HALF else 0)
            looked += m >> 3
        else:
            start = indptr[i]
            end = indptr[i + 1]
            stay_out = np.int32(min(max(narrow - bonus[i], EMPTY), HIGH))
            for attempt in range(2):
                best = stay_out
                second = stay_out
                at = np.int64(-1)
                for e in range(start, end):
                    x = np.int32(pts[e] - q[idx[e]])
                    at = e if x > best else at
                    second = max(second, min(best, x))
                    best = max(best, x)
                looked += end - start
                if second - narrow >= bar[i] or attempt == 1:
                    break
                rest = _list_row(points[i], q, i * 7919, idx[start:end], pts[start:end], slots)
                bar[i] = rest - narrow if rest > LOW else -INF
                looked += m >> 3
            if at < 0 or cap[idx[at]] == 0:
                continue
            j = idx[at]
            points_held = pts[at]
            bid = p[j] + (np.int64(best) - second) + eps
        mate[i] = j
        mpts[i] = points_held
        if load[j] < cap[j]:
            sift_up(level, who, off[j], load[j], bid, i)
            load[j] += 1
        else:
            loser = who[off[j]]
            sift_down(level, who, off[j], cap[j], 0, bid, i)
            mate[loser] = -1
            stack[top] = loser
            top += 1
        if load[j] == cap[j] and level[off[j]] > p[j]:
            p[j] = level[off[j]]
            q[j] = np.int32(min(p[j] - narrow, HALF))
    return top, looked


@compiled
def offers(points, pairs, bonus, cap, p, bids, count, rows):
    """Put on the heaps of mentors with free seats what mentees would pay, rows[0] to rows[1].

    Every pair counts where there is a matrix, else those listed. The heaps must be free to use
    beyond the first load[j] places of each, count[j] of them hold offers. Returns how many
    mentors have free seats at a price.
    """
    indptr, idx, pts = pairs
    mate, mpts, load, off, level, who, _ = bids
    m = p.size
    open_ = np.empty(m, np.int32)
    some = 0
    for j in range(m):
        open_[some] = j
        some += p[j] > 0 and load[j] < cap[j]
    if some == 0:
        return 0
    for i in range(rows[0], rows[1]):
        worth = -bonus[i]
        if mate[i] >= 0:
            worth = max(worth, mpts[i] - p[mate[i]])
        if points.size > 0:
            for s in range(some):
                j = open_[s]
                offer = points[i, j] - worth
                if points[i, j] >= 0 and offer > 0 and mate[i] != j:
                    count[j] = _offer(
                        off[j] + load[j], cap[j] - load[j], count[j], level, who, offer, i
                    )
        else:
            for e in range(indptr[i], indptr[i + 1]):
                j = idx[e]
                offer = pts[e] - worth
                if pts[e] >= 0 and offer > 0 and p[j] > 0 and load[j] < cap[j] and mate[i] != j:
                    count[j] = _offer(
                        off[j] + load[j], cap[j] - load[j], count[j], level, who, offer, i
                    )
    return some


@compiled
def lower_unpaid(cap, p, bids, count):
    """Lower the price of each mentor with free seats to what the next mentees would pay.

    See `offers`. Returns how many prices fell.
    """
    _, _, load, off, level, _, _ = bids
    fell = 0
    for j in range(p.size):
        if p[j] > 0 and load[j] < cap[j]:
            low = level[off[j] + load[j]] if count[j] == cap[j] - load[j] else np.int64(0)
            fell += low < p[j]
            p[j] = min(p[j], low)
    return fell


@compiled
def misplaced(points, pairs, bonus, prices, mate, mpts, step, eps):
    """Count, among every step-th mentee, who could gain more than eps by moving.

    Every pair counts where there is a matrix, else those listed; q and narrow are the prices as
    `narrow_prices` writes them.
    """
    indptr, idx, pts = pairs
    p, q, narrow = prices
    count = 0
    for i in range(0, indptr.size - 1, step):
        best = -bonus[i]
        if points.size > 0:
            line = points[i]
            top = LOW
            for j in range(q.size):
                top = max(top, _worth(line, q, j))
            best = max(best, top - narrow if top > LOW else best)
        else:
            for e in range(indptr[i], indptr[i + 1]):
                best = max(best, pts[e] - p[idx[e]] if pts[e] >= 0 else best)
        count += (mpts[i] - p[mate[i]] if mate[i] >= 0 else -bonus[i]) < best - eps
    return count


@compiled
def rebid(bar, pairs, bonus, cap, p, bids, eps):
    """Begin a phase with a smaller eps: whoever could gain more by moving is free again.

    The others renew their bids. Returns the number of free mentees on the stack.
    """
    indptr, idx, pts = pairs
    mate, mpts, load, off, level, who, stack = bids
    load[:] = 0
    top = 0
    n = indptr.size - 1
    cheap = 0
    for j in range(p.size):
        cheap = j if p[j] < p[cheap] else cheap
    next_cheap = INF
    for j in range(p.size):
        next_cheap = min(next_cheap, p[j] if j != cheap else INF)
    for i in range(mate.size):
        own = mate[i]
        if i >= n:
            best = -(p[cheap] if own != cheap else min(next_cheap, p[cheap] + eps))
            unseen = True
        else:
            best = -bonus[i]
            for e in range(indptr[i], indptr[i + 1]):
                x = pts[e] - p[idx[e]]
                best = max(best, x if idx[e] != own and pts[e] >= 0 else best)
            unseen = max(best, bar[i]) > -bonus[i]
        if own >= 0 and mpts[i] - p[own] >= best - eps:
            sift_up(level, who, off[own], load[own], mpts[i] - best + eps, i)
            load[own] += 1
        elif own >= 0 or unseen:
            mate[i] = -1
            stack[top] = i
            top += 1
    for j in range(p.size):
        if load[j] == cap[j] and cap[j] > 0 and level[off[j]] > p[j]:
            p[j] = level[off[j]]
    return top


@compiled
def values(indptr, pts, bonus, val):
    """Write the value of each listed pair, bonus included."""
    for i in range(indptr.size - 1):
        for e in range(indptr[i], indptr[i + 1]):
            val[e] = pts[e] + bonus[i] if pts[e] >= 0 else NEVER


@compiled
def listed_points(indptr, val, bonus, pts):
    """Write the points of each listed pair, bonus left out: `values` the other way round."""
    for i in range(indptr.size - 1):
        for e in range(indptr[i], indptr[i + 1]):
            pts[e] = val[e] - bonus[i] if val[e] > NEVER >> 1 else EMPTY


# --- exact: shortest augmenting paths over mentors ----------------------------------------------


@compiled
def relent(pairs, p, mate, mval, most):
    """Lower each mentor's price until the mentees she holds prefer nobody else, one by one.

    What one mentor lowers, another's mentee may prefer next: one pass helps if few prefer anybody
    else, more do not. Leaves prices alone if more than `most` do. Returns how many do.
    """
    best = np.empty(mate.size, np.int64)
    sparse_surplus(pairs, p, best)
    count = 0
    for i in range(mate.size):
        count += mate[i] >= 0 and mval[i] - p[mate[i]] < best[i]
    if count <= most:
        for i in range(mate.size):
            j = mate[i]
            if j >= 0:
                p[j] = min(p[j], max(np.int64(0), mval[i] - best[i]))
    return count


@compiled
def settle(pairs, duals, held, stack):
    """Make the duals feasible and keep only tight pairs; others go on the stack.

    Returns the number of mentees on the stack.
    """
    p, u = duals
    mate, mval, load, head, after, before = held
    load[:] = 0
    head[:] = -1
    sparse_surplus(pairs, p, u)
    top = 0
    for i in range(mate.size):
        j = mate[i]
        if j >= 0 and mval[i] - p[j] == u[i]:
            link(j, i, head, after, before)
            load[j] += 1
        elif j >= 0 or u[i] > 0:
            mate[i] = -1
            if u[i] > 0:
                stack[top] = i
                top += 1
    return top


@compiled
def place(pairs, seats, duals, held, room, stack, top, budget):
    """Give free mentees a mentor, or none, each by one shortest augmenting path.

    Lengths are reduced costs, so Dijkstra. A path ends at a mentor with a free seat (where a price
    below 0 must first be made good) or with a mentee who prefers no mentor. Duals stay feasible,
    pairs stay tight. `dist` must come filled with INF and leaves so. Returns (mentees left on the
    stack, pairs looked at).
    """
    indptr, idx, val = pairs
    cap, low = seats
    p, u = duals
    mate, mval, load, head, after, before = held
    dist, via, vval, _, key, node = room
    looked = 0
    done = np.empty(p.size, np.int32)
    seen = np.empty(p.size, np.int32)
    while top > 0 and looked < budget:
        top -= 1
        source = stack[top]
        if mate[source] >= 0 or u[source] <= 0:
            continue
        best = u[source]
        sink = -1
        leaver = source
        size = 0
        n_done = 0
        n_seen = 0
        r = source
        base = np.int64(0)
        k = -1
        while True:
            # look at every pair of mentee r, reached at distance base
            add = base + u[r]
            if add < best:
                best = add
                sink = -1
                leaver = r
            for e in range(indptr[r], indptr[r + 1]):
                j = idx[e]
                d = add - val[e] + p[j]
                if d < best and d < dist[j]:
                    if dist[j] == INF:
                        seen[n_seen] = j
                        n_seen += 1
                    dist[j] = d
                    via[j] = r
                    vval[j] = val[e]
                    if load[j] < cap[j]:
                        end = d
                        if p[j] < 0 and load[j] >= low[j]:
                            end = d - p[j]
                        if end < best:
                            best = end
                            sink = j
                        if end == d:
                            continue
                    if size == key.size:  # entries out of date fill the heap: drop them
                        kept = 0
                        for t in range(size):
                            if key[t] == dist[node[t]]:
                                sift_up(key, node, 0, kept, key[t], node[t])
                                kept += 1
                        size = kept
                    sift_up(key, node, 0, size, d, j)
                    size += 1
            looked += indptr[r + 1] - indptr[r]
            # next mentee: of the same mentor, or of the nearest one not yet expanded
            r = after[r] if k >= 0 else -1
            if r < 0:
                k = -1
                while size > 0:
                    d = key[0]
                    j = node[0]
                    size -= 1
                    if size > 0:
                        sift_down(key, node, 0, size, 0, key[size], node[size])
                    if d >= best:
                        break
                    if d == dist[j]:
                        done[n_done] = j
                        n_done += 1
                        if head[j] >= 0:
                            k = j
                            base = d
                            r = head[j]
                            break
                if k < 0:
                    break
        # prices of the mentors passed rise to the length of the path
        for t in range(n_done):
            j = done[t]
            rise = best - dist[j]
            p[j] += rise
            i = head[j]
            while i >= 0:
                u[i] -= rise
                i = after[i]
        u[source] -= best
        # move along the path
        j = sink
        if sink >= 0:
            load[sink] += 1
        else:
            j = mate[leaver]
            if leaver != source:
                unlink(j, leaver, head, after, before)
                mate[leaver] = -1
        while j >= 0:
            i = via[j]
            k = mate[i]
            if k >= 0:
                unlink(k, i, head, after, before)
            mate[i] = j
            mval[i] = vval[j]
            link(j, i, head, after, before)
            j = k
        for t in range(n_seen):
            dist[seen[t]] = INF
    return top, looked


@compiled
def nearest_mentees(points, bonus, u, mentors, off, level, who):
    """List for some mentors the mentees who would come at the least fall of their prices.

    Mentor mentors[s] gets the mentees who[off[s]:off[s + 1]], -1 where there are not as many.
    """
    count = np.zeros(mentors.size, np.int64)
    who[:] = -1
    for i in range(u.size):
        for s in range(mentors.size):
            q = points[i, mentors[s]]
            if q >= 0:
                count[s] = _offer(
                    off[s], off[s + 1] - off[s], count[s], level, who, q + bonus[i] - u[i], i
                )


@compiled
def fill(columns, seats, duals, held, room, marks, j0):
    """Bring one mentee to mentor j0, or lower her price to 0, by the shortest path into her.

    Dijkstra backwards: who would come if her price fell, and who would follow there. Returns True
    unless nobody can come.
    """
    pointer, row, value = columns
    _, low = seats
    p, u = duals
    mate, mval, load, head, after, before = held
    dist, via, vval, onto, key, node = room
    done, closed, seen = marks
    best = INF
    if load[j0] >= low[j0]:
        best = p[j0]
    kind = 0  # 0: the price falls to 0; 1: an unmatched mentee comes; 2: a mentor gives one up
    at = j0
    single = -1
    sval = np.int64(0)
    n_done = 0
    n_seen = 1
    seen[0] = j0
    dist[j0] = 0
    key[0] = 0
    node[0] = j0
    size = 1
    while size > 0:
        d = key[0]
        j = node[0]
        size -= 1
        if size > 0:
            sift_down(key, node, 0, size, 0, key[size], node[size])
        if d >= best:
            break
        if d > dist[j] or closed[j]:
            continue
        closed[j] = True
        done[n_done] = j
        n_done += 1
        for e in range(pointer[j], pointer[j + 1]):
            i = row[e]
            x = d + u[i] - value[e] + p[j]
            if x >= best:
                continue
            k = mate[i]
            if k == j or value[e] <= NEVER >> 1:
                continue
            if k < 0:
                best = x
                kind = 1
                at = j
                single = i
                sval = value[e]
                if x == d:
                    break
            elif x < dist[k]:
                if dist[k] == INF:
                    seen[n_seen] = k
                    n_seen += 1
                dist[k] = x
                via[k] = i
                vval[k] = value[e]
                onto[k] = j
                if load[k] > low[k] and x + p[k] < best:
                    best = x + p[k]
                    kind = 2
                    at = k
                if size == key.size:
                    kept = 0
                    for t in range(size):
                        if key[t] == dist[node[t]]:
                            sift_up(key, node, 0, kept, key[t], node[t])
                            kept += 1
                    size = kept
                sift_up(key, node, 0, size, x, k)
                size += 1
    found = best < INF
    if found:
        for t in range(n_done):
            j = done[t]
            fall = best - dist[j]
            if fall > 0:
                p[j] -= fall
                i = head[j]
                while i >= 0:
                    u[i] += fall
                    i = after[i]
        if kind == 1:
            mate[single] = at
            mval[single] = sval
        if kind == 2:
            load[at] -= 1
        if kind > 0:
            load[j0] += 1
        # shift the chain towards j0: whoever sits at `at` and is on the path moves on
        k = at
        if kind > 0:
            while k != j0:
                i = via[k]
                nxt = onto[k]
                unlink(k, i, head, after, before)
                mate[i] = nxt
                mval[i] = vval[k]
                link(nxt, i, head, after, before)
                k = nxt
        if kind == 1:
            link(at, single, head, after, before)
    for t in range(n_done):
        closed[done[t]] = False
    for t in range(n_seen):
        dist[seen[t]] = INF
    return found


@compiled
def fill_all(columns, seats, duals, held, room, first, budget):
    """`fill` every seat that a minimum load or a price wants filled, from mentor `first` on.

    Returns (next mentor, paths found); the next mentor is -1 if nobody can come.
    """
    cap, low = seats
    p, _ = duals
    _, _, load, _, _, _ = held
    done, seen = np.empty(p.size, np.int32), np.empty(p.size, np.int32)
    marks = done, np.zeros(p.size, np.bool_), seen
    count = 0
    j = first
    while j < p.size and count < budget:
        if load[j] < low[j] or (p[j] > 0 and load[j] < cap[j]):
            count += 1
            if not fill(columns, seats, duals, held, room, marks, j):
                return -1, count
        else:
            j += 1
    return j, count


@compiled
def lower_prices(pairs, low, duals, held, room, far):
    """Lower feasible prices as far as the pairs held allow, in one Dijkstra pass from outside.

    How far a price can fall: to 0 where a seat may go empty, until an unmatched mentee would
    come, or until a mentee of a mentor whose price falls too would. `far` caps it for mentors
    whom a minimum load holds and nobody else can join. Where every priced mentor is full, these
    are the smallest optimal prices.
    """
    indptr, idx, val = pairs
    p, u = duals
    mate, _, load, head, after, _ = held
    _, _, _, _, key, node = room
    m = p.size
    d = np.empty(m, np.int64)
    closed = np.zeros(m, np.bool_)
    for j in range(m):
        d[j] = p[j] if load[j] > low[j] or low[j] == 0 else p[j] + far
    for i in range(mate.size):
        if mate[i] < 0:
            for e in range(indptr[i], indptr[i + 1]):
                x = p[idx[e]] - val[e]
                if x < d[idx[e]]:
                    d[idx[e]] = x
    x = INF
    for j in range(m):
        x = min(x, d[j])
    here = np.empty(m, np.int32)  # mentors at distance x, which need no heap
    waiting = 0
    size = 0
    for j in range(m):
        if d[j] == x:
            here[waiting] = j
            waiting += 1
        else:
            sift_up(key, node, 0, size, d[j], j)
            size += 1
    while waiting > 0 or size > 0:
        if waiting > 0:
            waiting -= 1
            k = here[waiting]
        else:
            k = node[0]
            x = key[0]
            size -= 1
            if size > 0:
                sift_down(key, node, 0, size, 0, key[size], node[size])
            if closed[k] or x > d[k]:
                continue
        closed[k] = True
        i = head[k]
        while i >= 0:
            add = x + u[i]
            for e in range(indptr[i], indptr[i + 1]):
                j = idx[e]
                y = add - val[e] + p[j]
                if y < d[j]:
                    d[j] = y
                    if y == x:
                        here[waiting] = j
                        waiting += 1
                        continue
                    if size == key.size:
                        kept = 0
                        for t in range(size):
                            if not closed[node[t]] and key[t] == d[node[t]]:
                                sift_up(key, node, 0, kept, key[t], node[t])
                                kept += 1
                        size = kept
                    sift_up(key, node, 0, size, y, j)
                    size += 1
            i = after[i]
    for j in range(m):
        p[j] -= d[j]
        i = head[j]
        while i >= 0:
            u[i] += d[j]
            i = after[i]


# --- the whole matrix: candidates, and pricing of all other pairs -------------------------------


@compiled
def count_listed(pairs, duals, near, tight, close):
    """Count each mentee's listed pairs at exactly her surplus, and those at most `near` below it.

    None is above it.
    """
    indptr, idx, val = pairs
    p, u = duals
    for i in range(u.size):
        at = 0
        about = 0
        for e in range(indptr[i], indptr[i + 1]):
            x = val[e] - p[idx[e]] - u[i]
            at += x == 0
            about += x >= -near
        tight[i] = at
        close[i] = about


@compiled
def _reaching(line, q, bar):
    """Count the mentors whose worth to one mentee is at least `bar`, which is above `LOW`."""
    count = np.int32(0)
    for j in range(q.size):
        count += np.int32((line[j] >= 0) & (np.int32(line[j] - q[j]) >= bar))
    return count


@compiled
def count_tight(points, top, bonus, prices, u, near, rows, counts):
    """Count, for some rows, the pairs at exactly the mentee's surplus or above.

    Where all pairs at most `near` below it are among the close[i] that are listed, bar[i] becomes
    a bound on what the pairs outside the list are worth, else `INF`. q and narrow are the prices
    p as `narrow_prices` writes them: twice as many fit in a vector. They serve unless a row's
    surplus is so low that a dearest price would not rule a pair out. `top` is no less than any
    point.
    """
    p, q, narrow = prices
    tight, tight_listed, close, bar = counts
    least = np.int64(top) - HALF
    for s in range(rows.size):
        i = rows[s]
        line = points[i]
        low = u[i] - bonus[i] + narrow
        under = low - near
        bar[i] = INF
        if under > least and (under > HIGH or _reaching(line, q, np.int32(under)) == close[i]):
            tight[i] = tight_listed[i]
            bar[i] = u[i] - bonus[i] - near - 1
        elif low > least:
            tight[i] = _reaching(line, q, np.int32(low)) if low <= HIGH else 0
        else:
            count = 0
            for j in range(p.size):
                count += (line[j] >= 0) & (line[j] - p[j] >= u[i] - bonus[i])
            tight[i] = count


@compiled
def recount_tight(points, bonus, duals, pairs, deep, fall, counts, rows):
    """Count as `count_tight` does what can be counted without looking at whole rows.

    bar[i] bounds what the pairs outside a mentee's list were worth; since then prices fell by at
    most `fall`, but for those of the mentors in `deep`. Whose surplus that cannot reach has tight
    pairs in her list and with them only. All others are written to `rows`; returns how many.
    """
    p, u = duals
    indptr, idx, val = pairs
    tight, tight_listed, _, bar = counts
    size = 0
    for i in range(u.size):
        surplus = u[i] - bonus[i]
        reach = max(bar[i] + fall, -INF)
        if reach >= surplus:
            rows[size] = i
            size += 1
            continue
        count = tight_listed[i]
        most = reach
        for t in range(deep.size):
            j = deep[t]
            x = points[i, j] - p[j]
            if points[i, j] >= 0 and x > reach:
                listed = False
                for e in range(indptr[i], indptr[i + 1]):
                    listed |= idx[e] == j and val[e] > NEVER
                if not listed:
                    most = max(most, x)
                    count += x >= surplus
        tight[i] = count
        bar[i] = most
    return size


@compiled
def list_better(points, bonus, duals, counts, begin, per_row, found_pairs):
    """List pairs that beat the duals, from row `begin` on; at most `per_row` best of each row.

    Only rows with more tight pairs than those listed can have any. Stops early when the output is
    full. Returns (next row, pairs written).
    """
    p, u = duals
    tight, tight_listed, _, _ = counts
    out_row, out_col, out_gain = found_pairs
    written = 0
    i = begin
    while i < u.size and written + per_row <= out_row.size:
        bar = u[i] - bonus[i]
        if tight[i] > tight_listed[i] and _peak(points[i], p) > bar:
            found = 0
            for j in range(p.size):
                x = points[i, j] - p[j] - bar
                if points[i, j] >= 0 and x > 0:
                    if found < per_row:
                        sift_up(out_gain, out_col, written, found, x, j)
                        found += 1
                    elif x > out_gain[written]:
                        sift_down(out_gain, out_col, written, found, 0, x, j)
            for t in range(found):
                out_row[written + t] = i
            written += found
        i += 1
    return i, written


@compiled
def dense_ties(points, bonus, duals, mate, counts, pairs, out_indptr, out_idx):
    """List the pairs other than a mentee's own at exactly her surplus, in the room that there is.

    They are looked for in the mentee's list where it has them all.
    """
    p, u = duals
    indptr, idx, val = pairs
    tight, tight_listed, _, _ = counts
    m = p.size
    for i in range(u.size):
        at = out_indptr[i]
        if out_indptr[i + 1] == at:
            continue
        if tight[i] == tight_listed[i]:
            for e in range(indptr[i], indptr[i + 1]):
                if val[e] - p[idx[e]] == u[i] and idx[e] != mate[i]:
                    out_idx[at] = idx[e]
                    at += 1
        else:
            line = points[i]
            bar = u[i] - bonus[i]
            for j in range(m):
                if line[j] >= 0 and line[j] - p[j] == bar and j != mate[i]:
                    out_idx[at] = j
                    at += 1


@compiled
def sparse_ties(pairs, duals, mate, out_indptr, out_idx):
    """Do what `dense_ties` does for listed pairs, counting too."""
    indptr, idx, val = pairs
    p, u = duals
    at = 0
    for i in range(u.size):
        for e in range(indptr[i], indptr[i + 1]):
            if val[e] - p[idx[e]] == u[i] and idx[e] != mate[i]:
                out_idx[at] = idx[e]
                at += 1
        out_indptr[i + 1] = at
    return at


@compiled
def undecided(indptr, idx, u, mate, comp, out_row, out_indptr, out_idx):
    """Keep the mentees with a move inside a component, and those moves; her own pair first.

    Returns (mentees, pairs).
    """
    m = comp.size - 1
    rows = 0
    at = 0
    for i in range(u.size):
        k = mate[i] if mate[i] >= 0 else m
        begin = at
        if k < m:
            out_idx[at] = k
            at += 1
        moves = 0
        for e in range(indptr[i], indptr[i + 1]):
            if comp[idx[e]] == comp[k]:
                out_idx[at] = idx[e]
                at += 1
                moves += 1
        if k < m and u[i] == 0 and comp[m] == comp[k]:
            moves += 1
        if moves > 0:
            out_row[rows] = i
            rows += 1
            out_indptr[rows] = at
        else:
            at = begin
    return rows, at


@compiled
def _tie(i, j, hashes):
    """Return the tie of a pair; the hashes carry the stage's salt."""
    row_hash, mentor_hash, mix, bits = hashes
    x = (row_hash[i] ^ mentor_hash[j]) * mix
    x ^= x >> np.uint64(32)
    x *= mix
    return np.int32(x >> np.uint64(64 - bits))


@compiled
def tie_points(rows, indptr, idx, hashes, dense, out):
    """Write the tie of each listed pair: into a matrix (other pairs stay) or along the list."""
    for r in range(rows.size):
        for e in range(indptr[r], indptr[r + 1]):
            t = _tie(rows[r], idx[e], hashes)
            if dense:
                out[r, idx[e]] = t
            else:
                out[0, e] = t


@compiled
def tie_matrix(points, bonus, duals, hashes, out):
    """Write the tie of each tight pair, -1 for all others."""
    p, u = duals
    for i in range(u.size):
        bar = u[i] - bonus[i]
        for j in range(p.size):
            t = _tie(i, j, hashes)
            out[i, j] = t if points[i, j] >= 0 and points[i, j] - p[j] == bar else np.int32(-1)


@compiled
def list_best(points, rows, bar, pairs, prices, mate):
    """List the best mentors of some mentees under prices q, and their own in place of the worst.

    bar[i] becomes a bound on the worth of all others under the prices that q and narrow stand
    for, see `narrow_prices`.
    """
    indptr, idx, pts = pairs
    _, q, narrow = prices
    m = q.size
    slots = _slots(m)
    for s in range(rows.size):
        i = rows[s]
        start = indptr[i]
        end = indptr[i + 1]
        bar[i] = INF
        if start == end:
            continue
        rest = _list_row(points[i], q, i * 7919, idx[start:end], pts[start:end], slots)
        bar[i] = rest - narrow if rest > LOW else -INF
        own = mate[i]
        worst = start
        for e in range(start, end):
            if pts[e] >= 0 and idx[e] == own:
                worst = -1
                break
            if pts[e] - q[idx[e]] < pts[worst] - q[idx[worst]]:
                worst = e
        if own >= 0 and worst >= 0:
            if pts[worst] >= 0:
                bar[i] = max(bar[i], pts[worst] - q[idx[worst]] - narrow)
            idx[worst] = own
            pts[worst] = points[i, own]


@compiled
def unlike(points, pairs, skip, rows):
    """Write the mentees, but those to be skipped, who list a pair at other points than it has.

    Returns how many there are.
    """
    indptr, idx, pts = pairs
    size = 0
    for i in range(indptr.size - 1):
        same = True
        for e in range(indptr[i], indptr[i + 1]):
            same &= pts[e] < 0 or points[i, idx[e]] == pts[e]
        rows[size] = i
        size += not (same or skip[i])
    return size


@compiled
def dense_surplus(points, bonus, p, u):
    """Write each mentee's best surplus under prices p, at least 0."""
    for i in range(u.size):
        u[i] = max(np.int64(0), _peak(points[i], p) + bonus[i])


@compiled
def sparse_surplus(pairs, p, u):
    """Do what `dense_surplus` does for listed pairs."""
    indptr, idx, val = pairs
    for i in range(u.size):
        top = np.int64(0)
        for e in range(indptr[i], indptr[i + 1]):
            top = max(top, val[e] - p[idx[e]])
        u[i] = top


@compiled
def find_listed(indptr, idx, mate, at):
    """Write where each mentee's mentor is in her list; whose is not must not be matched."""
    for i in range(mate.size):
        for e in range(indptr[i], indptr[i + 1]):
            if idx[e] == mate[i]:
                at[i] = e


@compiled
def zero_moves(indptr, idx, duals, held, seats, own):
    """Return the moves of mentees and seats that cost nothing, as arcs (CSR) between nodes.

    Nodes are the mentors and `outside` = m, which stands for free seats at price 0 and for
    mentees without a mentor; arcs are the tight pairs listed in indptr, idx. Mentors who may both
    gain and lose a seat's worth for nothing are one node with outside: own[j] names j's node.
    """
    p, u = duals
    mate, _, load, _, _, _ = held
    cap, low = seats
    m = p.size
    size = idx.size + mate.size + 2 * m
    tail = np.empty(size, np.int32)
    head = np.empty(size, np.int32)
    own[m] = m
    at = 0
    for j in range(m):
        entry = p[j] == 0 and (load[j] > low[j] or low[j] == 0)
        exit_ = p[j] == 0 and load[j] < cap[j]
        own[j] = m if entry and exit_ else j
        if entry != exit_:
            tail[at] = m if entry else j
            head[at] = j if entry else m
            at += 1
    for i in range(mate.size):
        k = own[mate[i]] if mate[i] >= 0 else m
        for e in range(indptr[i], indptr[i + 1]):
            tail[at] = k
            head[at] = own[idx[e]]
            at += 1
        if k < m and u[i] == 0:
            tail[at] = k
            head[at] = m
            at += 1
    return arcs_by_node(tail[:at], head[:at], m + 1)
