"""Compiled kernels of matching within one pool: one search at a time over all pairs.

A node is a person (0 to n - 1) or an odd set (n and above). Sets nest: a set is a ring of an odd
number of nodes, joined by tight pairs, and holds one person, its base, whose partner is outside.
In a search every outermost node is S (-1: an even number of pairs from the root), T (+1) or
neither (0). While the clock `now` runs, the dual prices of people in S nodes fall by one a tick
and those in T nodes rise, so that what is stored is the price a person would have had at clock 0:

    price of a person     level + bonus + label * now
    price of an odd set   z - 2 * label * now

With these, the clock at which a pair becomes tight is a constant, `key`. There is no heap: a person
has one key, the first pair that reaches her, and the least key is looked for among all people,
which costs no more than the look along a row that follows. Who it is that reaches her is found
when it happens. The key of a T set's base is the clock at which the set's price is used up.

Arrays travel in plain tuples:

    pool    points, bonus             points (n, n) symmetric, negative: not admissible; per person,
                                      what is added to her pair. A pair is worth twice its points
                                      and both bonuses, so that all stays whole
    nest    mate, base, around, span  partner; base of a node; rings (5, nodes): parent, first node
                                      of the ring, next one, and the pair that joins them; people
                                      of a node as a chain (3, nodes): head, tail, and who follows
    tree    label, sign, outer, entry label of a node, of a person's outermost node, that node;
                                      (2, nodes) pair by which an outermost node came: from, to
    duals   level, z                  per person, per node
    key                               clock per person at which something happens to her
    work    queue, stack, mark, spare  people to look from; room; odd sets not in use
    counts                            sizes of queue and spare, stamp of marks, events
"""

# Types of compiled functions are inferred by numba, not annotated.
# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import numpy as np

from mentormatch.solvers.compile import compiled

NEVER = np.int64(1) << np.int64(60)
BARRED = np.int64(1) << np.int64(61)  # added, not branched upon, so that loops vectorise
OUT, IN, NEITHER = np.int64(-1), np.int64(1), np.int64(0)  # labels: S, T and neither
NOBODY = np.int64(-1)
PARENT, FIRST, NEXT, MINE, THEIRS = 0, 1, 2, 3, 4  # rows of `around`
HEAD, TAIL, AFTER = 0, 1, 2  # rows of `span`
QUEUED, SPARE, STAMP, EVENTS = 0, 1, 2, 3  # places in `counts`


@compiled
def row_tops(points, price, bonus, out):
    """Write the most that a pair of each row is worth at these prices, 0 if nothing."""
    n = points.shape[0]
    for i in range(n):
        top = np.int64(0)
        for j in range(n):
            if points[i, j] >= 0:
                top = max(top, points[i, j] - price[j] + bonus)
        out[i] = top


@compiled
def reach_out(line, mine, sign, level, key):
    """Note whom outside the tree a person of an S node reaches before anybody else does."""
    for j in range(line.size):
        points = np.int64(line[j])
        clock = mine + level[j] - 2 * points
        clock += (points >> 32) & BARRED
        clock += np.int64(sign[j] != 0) * BARRED
        key[j] = min(key[j], clock)


@compiled
def look(pool, tree, level, key, v):
    """Find when the first S node but her own reaches a person."""
    sign, outer = tree[1], tree[2]
    line = pool[0][v]
    home = outer[v]
    least = NEVER
    for j in range(line.size):
        worth = np.int64(line[j])
        clock = level[j] - 2 * worth
        clock += (worth >> 32) & BARRED
        clock += np.int64(sign[j] != OUT) * BARRED
        clock += np.int64(outer[j] == home) * BARRED
        least = min(least, clock)
    if least < NEVER:
        least += level[v]
        if sign[v] == OUT:
            least >>= 1  # both prices fall
    key[v] = least


@compiled
def who_reaches(pool, tree, level, j, clock):
    """Return the first person of another S node who reaches a person at a clock."""
    points = pool[0]
    sign, outer = tree[1], tree[2]
    mine = level[j]
    if sign[j] == OUT:
        clock *= 2
    v = 0
    while (
        points[j, v] < 0
        or sign[v] != OUT
        or outer[v] == outer[j]
        or mine + level[v] - 2 * np.int64(points[j, v]) > clock
    ):
        v += 1
    return v


@compiled
def first_event(key):
    """Return the person of least key, the first of several."""
    least, j = key[0], 0
    for k in range(key.size):
        least = min(least, key[k])
    while key[j] != least:
        j += 1
    return j


@compiled
def paint(nest, tree, duals, key, node, colour, now):
    """Give an outermost node and its people a label."""
    span = nest[3]
    label, sign = tree[0], tree[1]
    level, z = duals
    shift = np.int64(label[node] - colour) * now
    v, last = span[HEAD, node], span[TAIL, node]
    while True:
        level[v] += shift
        sign[v] = colour
        key[v] = NEVER
        if v == last:
            break
        v = span[AFTER, v]
    z[node] -= 2 * shift
    label[node] = colour
    if colour == IN and node >= key.size:
        key[nest[1][node]] = z[node] >> 1  # when its price will be used up


@compiled
def put_in_queue(span, node, queue, counts):
    """Have the people of a node looked from."""
    v, last = span[HEAD, node], span[TAIL, node]
    while True:
        queue[counts[QUEUED]] = v
        counts[QUEUED] += 1
        if v == last:
            break
        v = span[AFTER, v]


@compiled
def settle_in(span, outer, node):
    """Make a node outermost for its people."""
    v, last = span[HEAD, node], span[TAIL, node]
    while True:
        outer[v] = node
        if v == last:
            break
        v = span[AFTER, v]


@compiled
def turn(around, ring):
    """Let a ring run the other way about."""
    first = around[FIRST, ring]
    before, node = first, around[NEXT, first]
    mine, theirs = around[MINE, first], around[THEIRS, first]
    while True:
        onward = around[NEXT, node]
        m, t = around[MINE, node], around[THEIRS, node]
        around[NEXT, node] = before
        around[MINE, node], around[THEIRS, node] = theirs, mine
        mine, theirs = m, t
        if node == first:
            break
        before, node = node, onward


@compiled
def child_of(around, ring, v):
    """Return the node of a ring that holds a person."""
    node = v
    while around[PARENT, node] != ring:
        node = around[PARENT, node]
    return node


@compiled
def face(around, ring, node):
    """Turn a ring so that from a node on to the first is an even number of steps."""
    steps, at = 0, around[FIRST, ring]
    while at != node:
        at = around[NEXT, at]
        steps += 1
    if steps & 1 == 0 and steps:
        turn(around, ring)


@compiled
def rebase(nest, n, node, v, stack):
    """Make a person the base of a node, and pair the others in it among themselves."""
    mate, base, around, _ = nest
    if node < n:
        return
    top = 2
    stack[0], stack[1] = node, v
    while top:
        top -= 2
        ring, v = stack[top], stack[top + 1]
        start = child_of(around, ring, v)
        if start >= n:
            stack[top], stack[top + 1] = start, v
            top += 2
        face(around, ring, start)
        first, node = around[FIRST, ring], start
        while node != first:
            node = around[NEXT, node]
            mine, theirs, other = around[MINE, node], around[THEIRS, node], around[NEXT, node]
            mate[mine], mate[theirs] = theirs, mine
            if node >= n:
                stack[top], stack[top + 1] = node, mine
                top += 2
            if other >= n:
                stack[top], stack[top + 1] = other, theirs
                top += 2
            node = other
        around[FIRST, ring] = start
        base[ring] = v


@compiled
def augment(nest, tree, n, v, partner, stack):
    """Pair a person in an S node with `partner` (-1: nobody), and re-pair up to the root."""
    mate = nest[0]
    outer, entry = tree[2], tree[3]
    while True:
        node = outer[v]
        rebase(nest, n, node, v, stack)
        mate[v] = partner
        if entry[0, node] < 0:
            return
        above = outer[entry[0, node]]
        v, partner = entry[0, above], entry[1, above]
        rebase(nest, n, above, partner, stack)
        mate[partner] = v


@compiled
def grow(nest, tree, duals, key, work, counts, pair, now):
    """Take a pair's node as T, and the node of its base's partner as S."""
    mate, base, _, span = nest
    outer, entry = tree[2], tree[3]
    v, j = pair
    node = outer[j]
    entry[0, node], entry[1, node] = v, j
    paint(nest, tree, duals, key, node, IN, now)
    mine = base[node]
    theirs = mate[mine]
    beyond = outer[theirs]
    entry[0, beyond], entry[1, beyond] = mine, theirs
    paint(nest, tree, duals, key, beyond, OUT, now)
    put_in_queue(span, beyond, work[0], counts)


@compiled
def meeting(outer, entry, mark, stamp, a, b):
    """Return the S node where the ways of two S nodes to the root meet."""
    while True:
        mark[a] = stamp
        if entry[0, a] < 0:
            break
        a = outer[entry[0, outer[entry[0, a]]]]
    while mark[b] != stamp:
        b = outer[entry[0, outer[entry[0, b]]]]
    return b


@compiled
def make_ring(around, tree, ring, top, v, j):
    """Join the ways from `top` down to v and to j by the pair v, j."""
    outer, entry = tree[2], tree[3]
    node, follows = outer[v], outer[j]
    mine, theirs = v, j
    while True:
        around[NEXT, node] = follows
        around[MINE, node], around[THEIRS, node] = mine, theirs
        around[PARENT, node] = ring
        if node == top:
            break
        follows = node
        mine, theirs = entry[0, node], entry[1, node]
        node = outer[mine]
    around[FIRST, ring] = top
    node = outer[j]
    while node != top:
        around[MINE, node], around[THEIRS, node] = entry[1, node], entry[0, node]
        around[NEXT, node] = outer[entry[0, node]]
        around[PARENT, node] = ring
        node = outer[entry[0, node]]


@compiled
def shrink(nest, tree, duals, key, work, counts, pair, now):
    """Make an odd set of the ring that a tight pair of two S nodes closes."""
    _, base, around, span = nest
    label, _, outer, entry = tree
    queue, _, mark, spare = work
    v, j = pair
    counts[STAMP] += 1
    top = meeting(outer, entry, mark, counts[STAMP], outer[v], outer[j])
    counts[SPARE] -= 1
    ring = spare[counts[SPARE]]
    make_ring(around, tree, ring, top, v, j)
    node = top
    while True:
        if label[node] == IN:
            paint(nest, tree, duals, key, node, OUT, now)
            put_in_queue(span, node, queue, counts)
        duals[1][node] += 2 * now  # an inner set's price stands still
        label[node] = 0
        follows = around[NEXT, node]
        if follows == top:
            break
        span[AFTER, span[TAIL, node]] = span[HEAD, follows]
        node = follows
    span[HEAD, ring], span[TAIL, ring] = span[HEAD, top], span[TAIL, node]
    base[ring] = base[top]
    entry[0, ring], entry[1, ring] = entry[0, top], entry[1, top]
    around[PARENT, ring] = -1
    label[ring] = OUT
    duals[1][ring] = -2 * now
    settle_in(span, outer, ring)


@compiled
def open_up(nest, tree, work, counts, ring):
    """Make the nodes of an odd set outermost."""
    around, span = nest[2], nest[3]
    node = around[FIRST, ring]
    while around[PARENT, node] == ring:
        around[PARENT, node] = -1
        settle_in(span, tree[2], node)
        node = around[NEXT, node]
    around[FIRST, ring] = -1
    work[3][counts[SPARE]] = ring
    counts[SPARE] += 1


@compiled
def expand(nest, tree, duals, key, work, counts, ring, now):
    """Open a T set whose price is used up: an even way through it stays in the tree."""
    around, span = nest[2], nest[3]
    entry = tree[3]
    paint(nest, tree, duals, key, ring, NEITHER, now)
    a, b = entry[0, ring], entry[1, ring]
    node, first = child_of(around, ring, b), around[FIRST, ring]
    face(around, ring, node)
    open_up(nest, tree, work, counts, ring)
    stop = node
    while True:
        entry[0, node], entry[1, node] = a, b
        paint(nest, tree, duals, key, node, IN, now)
        if node == first:
            break
        other = around[NEXT, node]
        entry[0, other], entry[1, other] = around[MINE, node], around[THEIRS, node]
        paint(nest, tree, duals, key, other, OUT, now)
        put_in_queue(span, other, work[0], counts)
        a, b, node = around[MINE, other], around[THEIRS, other], around[NEXT, other]
    node = around[NEXT, first]
    return node, stop


@compiled
def reach_again(pool, nest, tree, level, key, node, stop):
    """Look from S people to those whom an opened set leaves outside the tree."""
    around, span = nest[2], nest[3]
    while node != stop:
        v, last = span[HEAD, node], span[TAIL, node]
        while True:
            look(pool, tree, level, key, v)
            if v == last:
                break
            v = span[AFTER, v]
        node = around[NEXT, node]


@compiled
def finish(nest, tree, duals, work, counts, now):
    """Take all labels away, and open the outermost sets that carry no price."""
    around = nest[2]
    label, sign, _, entry = tree
    level, z = duals
    stack = work[1]
    n = level.size
    for v in range(n):
        level[v] += sign[v] * now
        sign[v] = 0
    for node in range(label.size):
        z[node] -= 2 * label[node] * now
        label[node] = 0
        entry[0, node] = -1
    for node in range(n, label.size):
        if around[FIRST, node] < 0 or around[PARENT, node] >= 0 or z[node]:
            continue
        top = 1
        stack[0] = node
        while top:
            top -= 1
            ring = stack[top]
            child, first = around[FIRST, ring], around[FIRST, ring]
            open_up(nest, tree, work, counts, ring)
            while True:
                if child >= n and z[child] == 0:
                    stack[top] = child
                    top += 1
                child = around[NEXT, child]
                if child == first:
                    break


@compiled
def look_from_queue(pool, tree, level, key, queue, counts, alone):
    """Look from all people who have become S; return the clock at which one may stay alone."""
    points, bonus = pool
    while counts[QUEUED]:
        counts[QUEUED] -= 1
        v = queue[counts[QUEUED]]
        reach_out(points[v], level[v], tree[1], level, key)
        look(pool, tree, level, key, v)
        alone = min(alone, level[v] + bonus[v])
    return alone


@compiled
def search(pool, nest, tree, duals, key, work, counts, root):
    """Pair a free person, or find who is to stay alone in her place, at least cost."""
    mate, base, _, span = nest
    _, sign, outer, entry = tree
    level, n = duals[0], duals[0].size
    for v in range(n):
        key[v] = NEVER
    now, alone = np.int64(0), NEVER
    node = outer[root]
    entry[0, node] = -1
    paint(nest, tree, duals, key, node, OUT, now)
    put_in_queue(span, node, work[0], counts)
    while True:
        alone = look_from_queue(pool, tree, level, key, work[0], counts, alone)
        counts[EVENTS] += 1
        j = first_event(key)
        if alone <= key[j]:
            now = alone
            j = 0
            while sign[j] != OUT or level[j] + pool[1][j] != now:
                j += 1
            augment(nest, tree, n, j, NOBODY, work[1])
            break
        if sign[j] == IN:
            now, ring = key[j], outer[j]
            node, stop = expand(nest, tree, duals, key, work, counts, ring, now)
            reach_again(pool, nest, tree, level, key, node, stop)
            continue
        if sign[j] == OUT:
            clock = key[j]
            look(pool, tree, level, key, j)
            if key[j] != clock:  # it was with somebody who is in one set with her by now
                continue
        now = key[j]
        v = who_reaches(pool, tree, level, j, now)
        if sign[j] == OUT:
            shrink(nest, tree, duals, key, work, counts, (j, v), now)
        elif mate[base[outer[j]]] >= 0:
            grow(nest, tree, duals, key, work, counts, (v, j), now)
        else:
            augment(nest, tree, n, v, j, work[1])
            rebase(nest, n, outer[j], j, work[1])
            mate[j] = v
            break
    finish(nest, tree, duals, work, counts, now)


@compiled
def improve(pool, nest, tree, duals, key, work, counts, most):
    """Search from free people in turn; return how many searches were made, at most `most`."""
    mate, made = nest[0], 0
    for root in range(mate.size):
        if made == most:
            break
        if mate[root] < 0 and duals[0][root] + pool[1][root] > 0:
            search(pool, nest, tree, duals, key, work, counts, root)
            made += 1
    return made
