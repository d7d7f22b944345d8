"""Compiled kernels: the only file that imports numba, and itself imported only when needed.

Pairs come row by row (CSR): pair e with indptr[i] <= e < indptr[i+1] is mentee i with mentor
idx[e], worth val[e] (bonus included). A mentor is one node however many seats she has; the
mentees she holds are a doubly linked list (head, after, before). Prices p and surpluses u satisfy
u[i] >= val[e] - p[idx[e]] and u[i] >= 0 wherever the comments say "feasible".
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

INF = np.int64(1 << 61)
_warned = False


def _jit(function: F) -> F:
    """Compile lazily with a cache, or without one where no folder can hold it."""
    global _warned
    try:
        compiled: F = njit(cache=True, nogil=True)(function)
    except RuntimeError as error:
        if "locator" not in str(error):
            raise
        if not _warned:
            _warned = True
            warnings.warn(
                "numba finds no writable folder for compiled code, so every process compiles "
                "anew. Set NUMBA_CACHE_DIR to a writable folder to avoid the wait.",
                RuntimeWarning,
                stacklevel=2,
            )
        compiled = njit(nogil=True)(function)
    return compiled


# --- heaps: (key, item) in two arrays, smallest key first --------------------------------------


@_jit
def _sift_down(key, item, base, size, at, k, v):  # type: ignore[no-untyped-def]
    """Put (k, v) at or below position `at` of the heap that begins at `base`."""
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and key[base + child + 1] < key[base + child]:
            child += 1
        if key[base + child] >= k:
            break
        key[base + at] = key[base + child]
        item[base + at] = item[base + child]
        at = child
    key[base + at] = k
    item[base + at] = v


@_jit
def _sift_up(key, item, base, at, k, v):  # type: ignore[no-untyped-def]
    while at > 0:
        above = (at - 1) >> 1
        if key[base + above] <= k:
            break
        key[base + at] = key[base + above]
        item[base + at] = item[base + above]
        at = above
    key[base + at] = k
    item[base + at] = v


# --- start: epsilon-scaled auction, one heap of held bids per mentor ------------------------------


@_jit
def auction(indptr, idx, val, cap, p, mate, mval, load, off, level, who, stack, top, eps, budget):  # type: ignore[no-untyped-def]
    """Let free mentees bid until none is left or `budget` pairs were looked at.

    A bid is the price at which the mentee would be as well off elsewhere, plus eps. A full mentor
    drops her weakest bid; her price is the weakest bid held. Afterwards nobody could gain more
    than eps by moving. Returns (mentees left on the stack, pairs looked at).
    """
    looked = 0
    while top > 0 and looked < budget:
        top -= 1
        i = stack[top]
        best = np.int64(0)
        second = np.int64(0)
        j = -1
        bv = np.int64(0)
        for e in range(indptr[i], indptr[i + 1]):
            x = val[e] - p[idx[e]]
            if x > second:
                if x > best:
                    second = best
                    best = x
                    j = idx[e]
                    bv = val[e]
                else:
                    second = x
        looked += indptr[i + 1] - indptr[i]
        if j < 0:
            continue
        bid = bv - second + eps
        mate[i] = j
        mval[i] = bv
        if load[j] < cap[j]:
            _sift_up(level, who, off[j], load[j], bid, i)
            load[j] += 1
            if load[j] == cap[j] and level[off[j]] > p[j]:
                p[j] = level[off[j]]
        else:
            loser = who[off[j]]
            _sift_down(level, who, off[j], cap[j], 0, bid, i)
            if level[off[j]] > p[j]:
                p[j] = level[off[j]]
            mate[loser] = -1
            stack[top] = loser
            top += 1
    return top, looked


@_jit
def rebid(indptr, idx, val, cap, p, mate, mval, load, off, level, who, stack, eps):  # type: ignore[no-untyped-def]
    """Begin a phase with a smaller eps: prices that nobody pays fall, some mentees are released.

    A priced mentor with free seats lowers her price to what the next mentees would pay. Then
    whoever could gain more than eps by moving is free again; the others renew their bids.
    Returns the number of free mentees on the stack.
    """
    n = mate.size
    m = p.size
    # 1. offers to priced mentors with free seats, in the unused part of their heaps
    count = np.zeros(m, np.int64)
    falling = False
    for j in range(m):
        if p[j] > 0 and load[j] < cap[j]:
            falling = True
    if falling:
        for i in range(n):
            u = np.int64(0)
            if mate[i] >= 0:
                u = max(u, mval[i] - p[mate[i]])
            for e in range(indptr[i], indptr[i + 1]):
                j = idx[e]
                if p[j] > 0 and load[j] < cap[j] and mate[i] != j:
                    offer = val[e] - u
                    if offer > 0:
                        base = off[j] + load[j]
                        room = min(cap[j], off[j + 1] - off[j]) - load[j]
                        if count[j] < room:
                            _sift_up(level, who, base, count[j], offer, i)
                            count[j] += 1
                        elif room > 0 and offer > level[base]:
                            _sift_down(level, who, base, room, 0, offer, i)
        for j in range(m):
            if p[j] > 0 and load[j] < cap[j]:
                room = cap[j] - load[j]
                low = np.int64(0)
                if count[j] == room:
                    low = level[off[j] + load[j]]
                p[j] = min(p[j], low)
    # 2. keep those who are content
    load[:] = 0
    top = 0
    for i in range(n):
        best = np.int64(0)
        own = mate[i]
        for e in range(indptr[i], indptr[i + 1]):
            if idx[e] != own:
                x = val[e] - p[idx[e]]
                if x > best:
                    best = x
        if own >= 0 and mval[i] - p[own] >= best - eps:
            _sift_up(level, who, off[own], load[own], mval[i] - best + eps, i)
            load[own] += 1
        elif own >= 0 or best > 0:
            mate[i] = -1
            stack[top] = i
            top += 1
    for j in range(m):
        if load[j] == cap[j] and cap[j] > 0 and level[off[j]] > p[j]:
            p[j] = level[off[j]]
    return top


# --- exact: shortest augmenting paths over mentors ----------------------------------------------


@_jit
def _hold(j, i, head, after, before):  # type: ignore[no-untyped-def]
    h = head[j]
    after[i] = h
    before[i] = -1
    if h >= 0:
        before[h] = i
    head[j] = i


@_jit
def _drop(j, i, head, after, before):  # type: ignore[no-untyped-def]
    a = after[i]
    b = before[i]
    if b >= 0:
        after[b] = a
    else:
        head[j] = a
    if a >= 0:
        before[a] = b


@_jit
def settle(indptr, idx, val, p, u, mate, mval, load, head, after, before, stack):  # type: ignore[no-untyped-def]
    """Make the duals feasible and keep only tight pairs; others go on the stack.

    Returns the number of mentees on the stack.
    """
    load[:] = 0
    head[:] = -1
    top = 0
    for i in range(mate.size):
        best = np.int64(0)
        for e in range(indptr[i], indptr[i + 1]):
            x = val[e] - p[idx[e]]
            if x > best:
                best = x
        u[i] = best
        j = mate[i]
        if j >= 0 and mval[i] - p[j] == best:
            _hold(j, i, head, after, before)
            load[j] += 1
        elif j >= 0 or best > 0:
            mate[i] = -1
            if best > 0:
                stack[top] = i
                top += 1
    return top


@_jit
def place(  # type: ignore[no-untyped-def]
    indptr, idx, val, cap, low, p, u, mate, mval, load, head, after, before,
    stack, top, dist, via, vval, key, node, budget,
):  # fmt: skip
    """Give free mentees a mentor, or none, each by one shortest augmenting path.

    Lengths are reduced costs, so Dijkstra. A path ends at a mentor with a free seat (where a price
    below 0 must first be made good) or with a mentee who prefers no mentor. Duals stay feasible,
    pairs stay tight. `dist` must come filled with INF and leaves so. Returns (mentees left on the
    stack, pairs looked at).
    """
    looked = 0
    done = np.empty(p.size, np.int32)
    seen = np.empty(p.size, np.int32)
    while top > 0 and looked < budget:
        top -= 1
        source = stack[top]
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
                                _sift_up(key, node, 0, kept, key[t], node[t])
                                kept += 1
                        size = kept
                    _sift_up(key, node, 0, size, d, j)
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
                        _sift_down(key, node, 0, size, 0, key[size], node[size])
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
                _drop(j, leaver, head, after, before)
                mate[leaver] = -1
        while j >= 0:
            i = via[j]
            k = mate[i]
            if k >= 0:
                _drop(k, i, head, after, before)
            mate[i] = j
            mval[i] = vval[j]
            _hold(j, i, head, after, before)
            j = k
        for t in range(n_seen):
            dist[seen[t]] = INF
    return top, looked


@_jit
def transpose(indptr, idx, val, m):  # type: ignore[no-untyped-def]
    """Return the same pairs mentor by mentor: pointer, mentees, values."""
    n = indptr.size - 1
    pointer = np.zeros(m + 1, np.int64)
    for e in range(idx.size):
        pointer[idx[e] + 1] += 1
    for j in range(m):
        pointer[j + 1] += pointer[j]
    at = pointer[:-1].copy()
    row = np.empty(idx.size, np.int32)
    value = np.empty(idx.size, np.int64)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            t = at[idx[e]]
            row[t] = i
            value[t] = val[e]
            at[idx[e]] = t + 1
    return pointer, row, value


@_jit
def fill(  # type: ignore[no-untyped-def]
    pointer, row, value, cap, low, p, u, mate, mval, load, head, after, before,
    dist, via, vval, onto, key, node, j0,
):  # fmt: skip
    """Bring one mentee to mentor j0, or lower her price to 0, by the shortest path into her.

    Dijkstra backwards: who would come if her price fell, and who would follow there. Returns True
    unless nobody can come.
    """
    best = INF
    if load[j0] >= low[j0]:
        best = p[j0]
    kind = 0  # 0: the price falls to 0; 1: an unmatched mentee comes; 2: a mentor gives one up
    at = j0
    single = -1
    sval = np.int64(0)
    done = np.empty(p.size, np.int32)
    closed = np.zeros(p.size, np.bool_)
    seen = np.empty(p.size, np.int32)
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
            _sift_down(key, node, 0, size, 0, key[size], node[size])
        if d >= best:
            break
        if d > dist[j] or closed[j]:
            continue
        closed[j] = True
        done[n_done] = j
        n_done += 1
        for e in range(pointer[j], pointer[j + 1]):
            i = row[e]
            k = mate[i]
            if k == j:
                continue
            x = d + u[i] - value[e] + p[j]
            if x >= best:
                continue
            if k < 0:
                best = x
                kind = 1
                at = j
                single = i
                sval = value[e]
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
                            _sift_up(key, node, 0, kept, key[t], node[t])
                            kept += 1
                    size = kept
                _sift_up(key, node, 0, size, x, k)
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
                _drop(k, i, head, after, before)
                mate[i] = nxt
                mval[i] = vval[k]
                _hold(nxt, i, head, after, before)
                k = nxt
        if kind == 1:
            _hold(at, single, head, after, before)
    for t in range(n_seen):
        dist[seen[t]] = INF
    return found


@_jit
def lower_prices(  # type: ignore[no-untyped-def]
    indptr, idx, val, cap, low, p, u, mate, load, head, after, key, node, far
):
    """Lower optimal prices to the smallest optimal ones, in one Dijkstra pass from outside.

    How far a price can fall: to 0 where a seat may go empty, until an unmatched mentee would
    come, or until a mentee of a mentor whose price falls too would. `far` caps it for mentors
    whom a minimum load holds and nobody else can join.
    """
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
    size = 0
    for j in range(m):
        _sift_up(key, node, 0, size, d[j], j)
        size += 1
    while size > 0:
        k = node[0]
        x = key[0]
        size -= 1
        if size > 0:
            _sift_down(key, node, 0, size, 0, key[size], node[size])
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
                    if size == key.size:
                        kept = 0
                        for t in range(size):
                            if not closed[node[t]] and key[t] == d[node[t]]:
                                _sift_up(key, node, 0, kept, key[t], node[t])
                                kept += 1
                        size = kept
                    _sift_up(key, node, 0, size, y, j)
                    size += 1
            i = after[i]
    for j in range(m):
        p[j] -= d[j]
        i = head[j]
        while i >= 0:
            u[i] += d[j]
            i = after[i]


# --- the whole matrix: candidates, and pricing of all other pairs -------------------------------


@_jit
def dense_auction(
    points, bonus, cap, p, mate, mval, load, off, level, who, stack, top, eps, budget
):  # type: ignore[no-untyped-def]
    """`auction` over all pairs of the matrix."""
    looked = 0
    m = p.size
    while top > 0 and looked < budget:
        top -= 1
        i = stack[top]
        line = points[i]
        floor = -bonus[i]
        best = floor
        second = floor
        j = -1
        for k in range(m):
            x = line[k] - p[k]
            if x > second and line[k] >= 0:
                if x > best:
                    second = best
                    best = x
                    j = k
                else:
                    second = x
        looked += m
        if j < 0:
            continue
        bid = line[j] - second + eps
        mate[i] = j
        mval[i] = line[j] + bonus[i]
        if load[j] < cap[j]:
            _sift_up(level, who, off[j], load[j], bid, i)
            load[j] += 1
            if load[j] == cap[j] and level[off[j]] > p[j]:
                p[j] = level[off[j]]
        else:
            loser = who[off[j]]
            _sift_down(level, who, off[j], cap[j], 0, bid, i)
            if level[off[j]] > p[j]:
                p[j] = level[off[j]]
            mate[loser] = -1
            stack[top] = loser
            top += 1
    return top, looked


@_jit
def dense_candidates(points, bonus, p, mate, width, indptr, idx, val):  # type: ignore[no-untyped-def]
    """Write each mentee's `width` best mentors under prices p, and her own, as CSR.

    Returns the number of pairs written; `idx`, `val` must hold n (width + 1).
    """
    n, m = points.shape
    key = np.empty(width, np.int64)
    col = np.empty(width, np.int32)
    at = 0
    for i in range(n):
        line = points[i]
        size = 0
        least = -INF
        own = mate[i]
        # start at a place of her own, so that equals are not everybody's same few
        begin = (i * 7919) % m if m > 0 else 0
        for half in range(2):
            lo = begin if half == 0 else 0
            hi = m if half == 0 else begin
            for j in range(lo, hi):
                x = line[j] - p[j]
                if x > least and line[j] >= 0:
                    if size < width:
                        _sift_up(key, col, 0, size, x, j)
                        size += 1
                        if size == width:
                            least = key[0]
                    else:
                        _sift_down(key, col, 0, size, 0, x, j)
                        least = key[0]
        has = own < 0
        for t in range(size):
            idx[at] = col[t]
            val[at] = line[col[t]] + bonus[i]
            if col[t] == own:
                has = True
            at += 1
        if not has:
            idx[at] = own
            val[at] = line[own] + bonus[i]
            at += 1
        indptr[i + 1] = at
    return at


@_jit
def dense_price(points, bonus, p, u, mate, begin, end, per_row, out_row, out_col, out_gain):  # type: ignore[no-untyped-def]
    """Look for pairs that beat the duals, rows begin..end; at most `per_row` best of each row.

    Stops early when the output is full. Returns (next row, pairs written, rows with ties): a tie
    is a pair other than a mentee's own at exactly her surplus.
    """
    m = p.size
    written = 0
    tied = 0
    i = begin
    while i < end and written + per_row <= out_row.size:
        line = points[i]
        bar = u[i] - bonus[i]
        over = 0
        for j in range(m):
            over += (line[j] >= 0) & (line[j] - p[j] >= bar)
        if over > (mate[i] >= 0):
            found = 0
            for j in range(m):
                x = line[j] - p[j] - bar
                if line[j] >= 0 and x > 0:
                    if found < per_row:
                        _sift_up(out_gain, out_col, written, found, x, j)
                        found += 1
                    elif x > out_gain[written]:
                        _sift_down(out_gain, out_col, written, found, 0, x, j)
            if found == 0:
                tied += over - (mate[i] >= 0)
            for t in range(found):
                out_row[written + t] = i
            written += found
        i += 1
    return i, written, tied


@_jit
def dense_ties(points, bonus, p, u, mate, indptr, idx, fill_in):  # type: ignore[no-untyped-def]
    """Count (fill_in False) or list the tight pairs of each row, her own included, as CSR."""
    n, m = points.shape
    at = 0
    for i in range(n):
        line = points[i]
        bar = u[i] - bonus[i]
        if fill_in:
            if indptr[i + 1] > indptr[i]:
                for j in range(m):
                    if line[j] >= 0 and line[j] - p[j] == bar:
                        idx[at] = j
                        at += 1
        else:
            over = 0
            for j in range(m):
                over += (line[j] >= 0) & (line[j] - p[j] == bar)
            at += over
            indptr[i + 1] = at
    return at


@_jit
def merge(indptr, idx, val, rows, cols, points_new, new_indptr, new_idx, new_val):  # type: ignore[no-untyped-def]
    """Append new pairs (sorted by row) to a CSR."""
    at = 0
    s = 0
    for i in range(indptr.size - 1):
        for e in range(indptr[i], indptr[i + 1]):
            new_idx[at] = idx[e]
            new_val[at] = val[e]
            at += 1
        while s < rows.size and rows[s] == i:
            new_idx[at] = cols[s]
            new_val[at] = points_new[s]
            at += 1
            s += 1
        new_indptr[i + 1] = at
    return at
