"""What several files of kernels share: heaps, linked lists, lists of pairs, components.

Pairs come row by row (CSR): pair e with indptr[i] <= e < indptr[i+1] is mentee i with mentor
idx[e], worth val[e]; `pairs` is the tuple of these three.
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled

INF = np.int64(1 << 61)
NEVER = np.int64(-(1 << 58))  # worth of an unused place in a list


# --- heaps: (key, item) in two arrays, smallest key first --------------------------------------


@compiled
def sift_down(key, item, base, size, at, k, v):
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


@compiled
def sift_up(key, item, base, at, k, v):
    while at > 0:
        above = (at - 1) >> 1
        if key[base + above] <= k:
            break
        key[base + at] = key[base + above]
        item[base + at] = item[base + above]
        at = above
    key[base + at] = k
    item[base + at] = v


# --- doubly linked lists: items i of list j ----------------------------------------------------


@compiled
def link(j, i, head, after, before):
    h = head[j]
    after[i] = h
    before[i] = -1
    if h >= 0:
        before[h] = i
    head[j] = i


@compiled
def unlink(j, i, head, after, before):
    a = after[i]
    b = before[i]
    if b >= 0:
        after[b] = a
    else:
        head[j] = a
    if a >= 0:
        before[a] = b


# --- lists of pairs ----------------------------------------------------------------------------


@compiled
def transpose(pairs, m):
    """Return the same pairs mentor by mentor: pointer, mentees, values."""
    indptr, idx, val = pairs
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


@compiled
def merge(pairs, rows, cols, values, new):
    """Append new pairs (sorted by row) to a CSR, those that it has already left out."""
    indptr, idx, val = pairs
    new_indptr, new_idx, new_val = new
    at = 0
    s = 0
    for i in range(indptr.size - 1):
        begin = at
        for e in range(indptr[i], indptr[i + 1]):
            new_idx[at] = idx[e]
            new_val[at] = val[e]
            at += 1
        while s < rows.size and rows[s] == i:
            known = False
            for t in range(begin, at):
                known |= new_idx[t] == cols[s] and new_val[t] > NEVER
            new_idx[at] = cols[s]
            new_val[at] = values[s]
            at += not known
            s += 1
        new_indptr[i + 1] = at
    return at


# --- strongly connected components -------------------------------------------------------------


@compiled
def arcs_by_node(tail, head, size):
    """Return arcs ordered by the node they leave: where each node's begin, where arcs lead."""
    first = np.zeros(size + 1, np.int64)
    for a in range(tail.size):
        first[tail[a] + 1] += 1
    for x in range(size):
        first[x + 1] += first[x]
    at = first[:-1].copy()
    target = np.empty(tail.size, np.int32)
    for a in range(tail.size):
        target[at[tail[a]]] = head[a]
        at[tail[a]] += 1
    return first, target


@compiled
def components(first, target, own):
    """Return the strongly connected component of each node (Tarjan, no recursion).

    own[x] is the node that x is one with; arcs are between such nodes. SciPy's function costs a
    tenth of a small solve, and does not end where an arc is given twice.
    """
    size = own.size
    at = first[:-1].copy()
    index = np.full(size, -1, np.int32)
    link = np.zeros(size, np.int32)
    comp = np.full(size, -1, np.int32)
    pile = np.empty(size, np.int32)
    call = np.empty(size, np.int32)
    piled = 0
    count = 0
    depth = -1
    for root in range(size):
        if own[root] != root or index[root] >= 0:
            continue
        y = root
        while True:
            if y >= 0:  # enter node y
                depth += 1
                call[depth] = y
                index[y] = link[y] = count
                count += 1
                pile[piled] = y
                piled += 1
            x = call[depth]
            y = -1
            if at[x] < first[x + 1]:
                target_ = target[at[x]]
                at[x] += 1
                if index[target_] < 0:
                    y = target_
                elif comp[target_] < 0:
                    link[x] = min(link[x], index[target_])
                continue
            if link[x] == index[x]:
                while comp[x] < 0:
                    piled -= 1
                    comp[pile[piled]] = x
            depth -= 1
            if depth < 0:
                break
            link[call[depth]] = min(link[call[depth]], link[x])
    for x in range(size):
        comp[x] = comp[own[x]]
    return comp
