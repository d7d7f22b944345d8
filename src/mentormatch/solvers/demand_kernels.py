"""Compiled kernels for several different mentors per mentee; imported only when needed.

Pairs come row by row (CSR): pair e with indptr[i] <= e < indptr[i+1] is mentee i = row[e] with
mentor idx[e], worth val[e] (without the bonus); held[e] tells whether it is in the assignment.
The pairs a mentor holds are a doubly linked list (head, after, before). With prices p, levels u
and h = got[i] mentors held, the duals are feasible where

    pairs not held: val - p <= u,  pairs held: val - p >= u,
    u >= -bonus[i, h-1] (the last mentor is worth keeping).

A mentee is hungry while h < demand and u > -bonus[i, h]. In searches node j < m is a mentor and
node m + i a mentee; lengths are reduced costs. Arrays travel in tuples:

    pairs   indptr, idx, val          wishes  bonus, demand
    seats   cap, low                  duals   p, u
    taken   held, row, got, load, head, after, before
    room    dist, via, key, node      of a search; distances are `INF` between two
    listed  indptr, idx, held
    table   indptr, first, idx, val

A table is pairs whose mentors may be shared by rows: those of row i begin at idx[first[i]]. So a
matrix is a table as well, all rows of which have the same mentors. Negative: inadmissible.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled
from mentormatch.solvers.shared_kernels import (
    INF,
    arcs_by_node,
    link,
    sift_down,
    sift_up,
    unlink,
)


@compiled
def _has(mine, i, got, j):
    found = False
    for t in range(got):
        found |= mine[i, t] == j
    return found


# --- start: an auction in which each mentee bids for all the mentors she still lacks --------------


@compiled
def auction(table, wishes, cap, p, heaps, mine, stack, pace):
    """Let mentees bid until none lacks a mentor she would pay for, or `budget` pairs were seen.

    A mentee with f places left bids for her f best mentors, each up to the price at which the
    next best (or no mentor) would be as good, plus eps. A full mentor drops her weakest bid; her
    price is the weakest bid held. Returns (mentees left on the stack, pairs looked at).
    """
    indptr, first, idx, val = table
    bonus, demand = wishes
    off, level, who, load = heaps
    mine, got = mine
    queued, stack = stack
    top, eps, budget = pace
    k = bonus.shape[1]
    best = np.empty(k + 1, np.int64)
    pair = np.empty(k + 1, np.int64)
    looked = 0
    while top > 0 and looked < budget:
        top -= 1
        i = stack[top]
        queued[i] = False
        h = got[i]
        f = demand[i] - h
        if f <= 0:
            continue
        looked += indptr[i + 1] - indptr[i]
        skip = indptr[i] - first[i]
        size = 0
        bar = -bonus[i, h]
        for e in range(indptr[i], indptr[i + 1]):
            q = val[e]
            if q < 0:
                continue
            j = idx[e - skip]
            x = q - p[j]
            if x > bar and not _has(mine, i, h, j):
                at = size
                if size <= f:
                    size += 1
                else:
                    at = f
                while at > 0 and best[at - 1] < x:
                    best[at] = best[at - 1]
                    pair[at] = pair[at - 1]
                    at -= 1
                best[at] = x
                pair[at] = e
                if size > f:
                    bar = best[f]
        taken = 0
        while taken < min(f, size) and best[taken] > -bonus[i, h + taken]:
            taken += 1
        if taken == 0:
            continue
        other = -bonus[i, h + taken - 1]
        if taken < size:
            other = max(other, best[taken])
        for t in range(taken):
            j = idx[pair[t] - skip]
            bid = val[pair[t]] - other + eps
            if load[j] < cap[j]:
                sift_up(level, who, off[j], load[j], bid, i)
                load[j] += 1
            else:
                loser = who[off[j]]
                sift_down(level, who, off[j], cap[j], 0, bid, i)
                for s in range(got[loser]):
                    if mine[loser, s] == j:
                        mine[loser, s] = mine[loser, got[loser] - 1]
                        break
                got[loser] -= 1
                if not queued[loser]:
                    queued[loser] = True
                    stack[top] = loser
                    top += 1
            mine[i, got[i]] = j
            got[i] += 1
            if load[j] == cap[j] and level[off[j]] > p[j]:
                p[j] = level[off[j]]
    return top, looked


@compiled
def hold(pairs, mine, held):
    """Mark the listed pairs of mentees with the mentors that they hold."""
    indptr, idx = pairs
    mine, got = mine
    for i in range(got.size):
        for e in range(indptr[i], indptr[i + 1]):
            held[e] = _has(mine, i, got[i], idx[e])


@compiled
def list_best(points, demand, p, mine, width, pairs, u):
    """List the pairs each mentee holds and her `width` best others; u: the best not held.

    The lists are packed, from indptr[0] on; returns where they end.
    """
    mine, got = mine
    indptr, idx, held = pairs
    m = p.size
    key = np.empty(width + 1, np.int64)
    col = np.empty(width + 1, np.int64)
    at = indptr[0]
    for i in range(demand.size):
        indptr[i] = at
        if demand[i] == 0:
            u[i] = 0
            continue
        for t in range(got[i]):
            idx[at] = mine[i, t]
            held[at] = True
            at += 1
        line = points[i]
        size = 0
        high = -INF
        least = -INF
        for j in range(m):
            q = line[j]
            if q < 0:
                continue
            x = q - p[j]
            if x > least and not _has(mine, i, got[i], j):
                high = max(high, x)
                if size < width:
                    sift_up(key, col, 0, size, x, j)
                    size += 1
                else:
                    sift_down(key, col, 0, size, 0, x, j)
                if size == width:
                    least = key[0]
        for t in range(size):
            idx[at] = col[t]
            held[at] = False
            at += 1
        u[i] = high
    indptr[demand.size] = at
    return at


@compiled
def best_mentees(points, demand, u, off, key, who, size):
    """List for each mentor j the off[j+1] - off[j] mentees who would lose least by joining."""
    for i in range(demand.size):
        if demand[i] == 0:
            continue
        line = points[i]
        for j in range(size.size):
            room = off[j + 1] - off[j]
            if line[j] < 0 or room == 0:
                continue
            x = line[j] - u[i]
            if size[j] < room:
                sift_up(key, who, off[j], size[j], x, i)
                size[j] += 1
            elif x > key[off[j]]:
                sift_down(key, who, off[j], room, 0, x, i)


# --- exact: shortest paths over mentees and mentors ----------------------------------------------


@compiled
def _hold(e, j, held, head, after, before):
    held[e] = True
    link(j, e, head, after, before)


@compiled
def _drop(e, j, held, head, after, before):
    held[e] = False
    unlink(j, e, head, after, before)


@compiled
def settle(pairs, wishes, duals, taken, stack):
    """Choose levels that make the duals feasible and drop the pairs held that they forbid.

    Returns the number of hungry mentees, who go on the stack.
    """
    indptr, idx, val = pairs
    bonus, demand = wishes
    p, u = duals
    held, row, got, load, head, after, before = taken
    load[:] = 0
    head[:] = -1
    top = 0
    for i in range(demand.size):
        level = -INF
        h = 0
        for e in range(indptr[i], indptr[i + 1]):
            row[e] = i
            if held[e]:
                h += 1
            else:
                level = max(level, val[e] - p[idx[e]])
        while h > 0:
            worst = -1
            least = INF
            for e in range(indptr[i], indptr[i + 1]):
                if held[e] and val[e] - p[idx[e]] < least:
                    least = val[e] - p[idx[e]]
                    worst = e
            if least >= level and least >= -bonus[i, h - 1]:
                break
            level = max(level, least)
            held[worst] = False
            h -= 1
        got[i] = h
        if demand[i] == 0:
            u[i] = 0
            continue
        u[i] = max(level, -bonus[i, max(h, 1) - 1])
        for e in range(indptr[i], indptr[i + 1]):
            if held[e]:
                _hold(e, idx[e], held, head, after, before)
                load[idx[e]] += 1
        if h < demand[i] and u[i] > -bonus[i, h]:
            stack[top] = i
            top += 1
    return top


@compiled
def place(pairs, wishes, seats, duals, taken, room, stack, budget):
    """Give hungry mentees one mentor after the other, or none, by shortest augmenting paths.

    A path ends at a free seat (where a price below 0 must first be made good), with a mentee who
    gives her last mentor up, or with the source, who does without. `dist` must come filled with
    INF and leaves so. Returns (mentees left on the stack, pairs looked at).
    """
    indptr, idx, val = pairs
    bonus, demand = wishes
    cap, low = seats
    p, u = duals
    held, row, got, load, head, after, before = taken
    dist, via, key, node = room
    stack, top = stack
    m = p.size
    looked = 0
    done = np.empty(dist.size, np.int32)
    seen = np.empty(dist.size, np.int32)
    while top > 0 and looked < budget:
        s = stack[top - 1]
        h = got[s]
        if h >= demand[s] or u[s] <= -bonus[s, h]:
            top -= 1
            continue
        best = u[s] + bonus[s, h]
        sink = m + s
        dist[m + s] = 0
        seen[0] = m + s
        n_seen = 1
        n_done = 0
        key[0] = 0
        node[0] = m + s
        size = 1
        while size > 0:
            d = key[0]
            x = node[0]
            size -= 1
            if size > 0:
                sift_down(key, node, 0, size, 0, key[size], node[size])
            if d >= best:
                break
            if d > dist[x]:
                continue
            done[n_done] = x
            n_done += 1
            if x >= m:
                r = x - m
                add = d + u[r]
                looked += indptr[r + 1] - indptr[r]
                for e in range(indptr[r], indptr[r + 1]):
                    j = idx[e]
                    y = add - val[e] + p[j]
                    if y < best and y < dist[j] and not held[e]:
                        if dist[j] == INF:
                            seen[n_seen] = j
                            n_seen += 1
                        dist[j] = y
                        via[j] = e
                        if load[j] < cap[j]:
                            end = y
                            if p[j] < 0 and load[j] >= low[j]:
                                end = y - p[j]
                            if end < best:
                                best = end
                                sink = j
                            if end == y:
                                continue
                        sift_up(key, node, 0, size, y, j)
                        size += 1
            else:
                e = head[x]
                while e >= 0:
                    r = row[e]
                    looked += 1
                    y = d + val[e] - p[x] - u[r]
                    if y < best and y < dist[m + r]:
                        if dist[m + r] == INF:
                            seen[n_seen] = m + r
                            n_seen += 1
                        dist[m + r] = y
                        via[m + r] = e
                        end = y + u[r] + bonus[r, got[r] - 1]
                        if end < best:
                            best = end
                            sink = m + r
                        sift_up(key, node, 0, size, y, m + r)
                        size += 1
                    e = after[e]
        for t in range(n_done):
            x = done[t]
            if x < m:
                p[x] += best - dist[x]
            else:
                u[x - m] -= best - dist[x]
        if sink != m + s:
            x = sink
            if sink < m:
                load[sink] += 1
            else:
                e = via[sink]
                got[sink - m] -= 1
                x = idx[e]
                _drop(e, x, held, head, after, before)
            while True:
                e = via[x]
                _hold(e, x, held, head, after, before)
                r = row[e]
                if r == s:
                    break
                e = via[m + r]
                x = idx[e]
                _drop(e, x, held, head, after, before)
            got[s] += 1
        for t in range(n_seen):
            dist[seen[t]] = INF
    return top, looked


@compiled
def fill(columns, pairs, wishes, seats, duals, taken, room, course):
    """Fill every seat that a minimum load or a price wants filled, from mentor `first` on.

    Each by the shortest path into her: who would come if her price fell, and who would follow
    there. A path begins with a mentee who takes one mentor more, at a seat that may go empty, or
    her price falls to 0. Returns the next mentor, or -1 - j if nobody can come to mentor j.
    """
    pointer, _, pair = columns
    indptr, idx, val = pairs
    bonus, demand = wishes
    cap, low = seats
    p, u = duals
    held, row, got, load, head, after, before = taken
    dist, via, key, node = room
    first, budget = course
    m = p.size
    done = np.empty(dist.size, np.int32)
    seen = np.empty(dist.size, np.int32)
    looked = 0
    j0 = first
    while j0 < m and looked < budget:
        if not (load[j0] < low[j0] or (p[j0] > 0 and load[j0] < cap[j0])):
            j0 += 1
            continue
        best = p[j0] if load[j0] >= low[j0] else INF
        begin = -1
        dist[j0] = 0
        seen[0] = j0
        n_seen = 1
        n_done = 0
        key[0] = 0
        node[0] = j0
        size = 1
        while size > 0:
            d = key[0]
            x = node[0]
            size -= 1
            if size > 0:
                sift_down(key, node, 0, size, 0, key[size], node[size])
            if d >= best:
                break
            if d > dist[x]:
                continue
            done[n_done] = x
            n_done += 1
            if x < m:
                looked += pointer[x + 1] - pointer[x]
                for t in range(pointer[x], pointer[x + 1]):
                    e = pair[t]
                    r = row[e]
                    y = d + u[r] - val[e] + p[x]
                    if y < best and y < dist[m + r] and not held[e]:
                        if dist[m + r] == INF:
                            seen[n_seen] = m + r
                            n_seen += 1
                        dist[m + r] = y
                        via[m + r] = e
                        if got[r] < demand[r]:
                            end = y - bonus[r, got[r]] - u[r]
                            if end < best:
                                best = end
                                begin = m + r
                        sift_up(key, node, 0, size, y, m + r)
                        size += 1
            else:
                r = x - m
                looked += indptr[r + 1] - indptr[r]
                for e in range(indptr[r], indptr[r + 1]):
                    if held[e]:
                        j = idx[e]
                        y = d + val[e] - p[j] - u[r]
                        if y < best and y < dist[j]:
                            if dist[j] == INF:
                                seen[n_seen] = j
                                n_seen += 1
                            dist[j] = y
                            via[j] = e
                            if load[j] > low[j] and y + p[j] < best:
                                best = y + p[j]
                                begin = j
                            sift_up(key, node, 0, size, y, j)
                            size += 1
        if best < INF:
            for t in range(n_done):
                x = done[t]
                if x < m:
                    p[x] -= best - dist[x]
                else:
                    u[x - m] += best - dist[x]
        if begin >= 0:
            x = begin
            if begin < m:
                load[begin] -= 1
            else:
                got[begin - m] += 1
                e = via[begin]
                x = idx[e]
                _hold(e, x, held, head, after, before)
            while x != j0:
                e = via[x]
                _drop(e, x, held, head, after, before)
                e = via[m + row[e]]
                x = idx[e]
                _hold(e, x, held, head, after, before)
            load[j0] += 1
        for t in range(n_seen):
            dist[seen[t]] = INF
        if best == INF:
            return -1 - j0
    return j0


@compiled
def lower_prices(pairs, wishes, low, duals, taken, room, far):
    """Lower prices and raise levels as far as the pairs held allow, in one Dijkstra from outside.

    `far` caps the fall for mentors whom a minimum load holds and nobody else can join. Where every
    priced mentor is full and nobody hungry, these are the smallest optimal prices.
    """
    indptr, idx, val = pairs
    bonus, demand = wishes
    p, u = duals
    held, row, got, load, head, after, _ = taken
    dist, _, key, node = room
    m = p.size
    size = 0
    for j in range(m):
        dist[j] = p[j] if load[j] > low[j] or low[j] == 0 else p[j] + far
        sift_up(key, node, 0, size, dist[j], j)
        size += 1
    for i in range(demand.size):
        if got[i] < demand[i]:
            dist[m + i] = -bonus[i, got[i]] - u[i]
            sift_up(key, node, 0, size, dist[m + i], m + i)
            size += 1
    while size > 0:
        d = key[0]
        x = node[0]
        size -= 1
        if size > 0:
            sift_down(key, node, 0, size, 0, key[size], node[size])
        if d > dist[x]:
            continue
        if x >= m:
            r = x - m
            add = d + u[r]
            for e in range(indptr[r], indptr[r + 1]):
                j = idx[e]
                y = add - val[e] + p[j]
                if y < dist[j] and not held[e]:
                    dist[j] = y
                    sift_up(key, node, 0, size, y, j)
                    size += 1
        else:
            e = head[x]
            while e >= 0:
                y = d + val[e] - p[x] - u[row[e]]
                if y < dist[m + row[e]]:
                    dist[m + row[e]] = y
                    sift_up(key, node, 0, size, y, m + row[e])
                    size += 1
                e = after[e]
    for j in range(m):
        p[j] -= dist[j]
    for i in range(demand.size):
        if dist[m + i] < INF:
            u[i] += dist[m + i]
    dist[:] = INF


# --- the whole matrix: pricing, the certificate, ties --------------------------------------------


@compiled
def price_in(points, demand, duals, listed, per_row, found_pairs):
    """Look for pairs that beat the duals, at most `per_row` best of each row; return how many."""
    p, u = duals
    indptr, idx, held = listed
    out_row, out_col, out_gain = found_pairs
    m = p.size
    written = 0
    for i in range(demand.size):
        if demand[i] == 0:
            continue
        line = points[i]
        bar = u[i]
        over = 0
        for j in range(m):
            over += (line[j] >= 0) & (line[j] - p[j] > bar)
        for e in range(indptr[i], indptr[i + 1]):
            over -= held[e] and line[idx[e]] - p[idx[e]] > bar
        if over == 0:
            continue
        found = 0
        for j in range(m):
            x = line[j] - p[j]
            if line[j] >= 0 and x > bar and (found < per_row or x > out_gain[written]):
                own = False
                for e in range(indptr[i], indptr[i + 1]):
                    own |= held[e] and idx[e] == j
                if own:
                    continue
                if found < per_row:
                    sift_up(out_gain, out_col, written, found, x, j)
                    found += 1
                else:
                    sift_down(out_gain, out_col, written, found, 0, x, j)
        for t in range(found):
            out_row[written + t] = i
        written += found
    return written


@compiled
def best_surpluses(table, wishes, p, high, low):
    """Write each mentee's best total surplus under prices p as high * 2**32 + low."""
    indptr, first, idx, val = table
    bonus, demand = wishes
    best = np.empty(bonus.shape[1] + 1, np.int64)
    for i in range(demand.size):
        f = demand[i]
        high[i] = 0
        low[i] = 0
        if f == 0:
            continue
        size = 0
        bar = -bonus[i, 0]
        skip = indptr[i] - first[i]
        for e in range(indptr[i], indptr[i + 1]):
            x = val[e] - p[idx[e - skip]]
            if val[e] >= 0 and x > bar:
                at = size
                if size < f:
                    size += 1
                else:
                    at = f - 1
                while at > 0 and best[at - 1] < x:
                    best[at] = best[at - 1]
                    at -= 1
                best[at] = x
                if size == f:
                    bar = max(bar, best[f - 1])
        for t in range(size):
            gain = best[t] + bonus[i, t]
            if gain > 0:
                high[i] += gain >> 32
                low[i] += gain & 0xFFFFFFFF


@compiled
def tight_pairs(points, demand, duals, listed, out, count):
    """Count the pairs at exactly their mentee's level, or (count False) list them."""
    p, u = duals
    indptr, idx, held = listed
    out_indptr, out_idx, out_held = out
    m = p.size
    at = out_indptr[0]
    for i in range(demand.size):
        if not count:
            at = out_indptr[i]
            if out_indptr[i + 1] == at:
                continue
        elif demand[i] == 0:
            out_indptr[i + 1] = at
            continue
        line = points[i]
        if count:
            for j in range(m):
                at += (line[j] >= 0) & (line[j] - p[j] == u[i])
            out_indptr[i + 1] = at
            continue
        for j in range(m):
            if line[j] >= 0 and line[j] - p[j] == u[i]:
                out_idx[at] = j
                out_held[at] = False
                for e in range(indptr[i], indptr[i + 1]):
                    if idx[e] == j and held[e]:
                        out_held[at] = True
                at += 1


@compiled
def zero_moves(part, wishes, seats, duals, got, load, own):
    """Return the moves of zero length as arcs, ordered by node.

    Nodes are mentors, mentees and `outside` = m + n. Whoever may both gain and lose a place for
    nothing is one node with outside: going there and back changes nothing. own[x] names x's node.
    """
    indptr, idx, held = part
    bonus, demand = wishes
    cap, low = seats
    p, u = duals
    m = p.size
    n = demand.size
    out = m + n
    tail = np.empty(idx.size + out, np.int32)
    head = np.empty(idx.size + out, np.int32)
    own[out] = out
    at = 0
    for x in range(out):
        if x < m:
            to_out = p[x] == 0 and load[x] < cap[x]
            from_out = p[x] == 0 and load[x] > low[x]
        else:
            i = x - m
            h = got[i]
            to_out = h > 0 and u[i] == -bonus[i, max(h, 1) - 1]
            from_out = h < demand[i] and u[i] == -bonus[i, min(h, bonus.shape[1] - 1)]
        own[x] = out if to_out and from_out else x
        if to_out != from_out:
            tail[at] = x if to_out else out
            head[at] = out if to_out else x
            at += 1
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            tail[at] = own[idx[e]] if held[e] else own[m + i]
            head[at] = own[m + i] if held[e] else own[idx[e]]
            at += 1
    return arcs_by_node(tail[:at], head[:at], out + 1)
