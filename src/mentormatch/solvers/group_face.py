"""What the best pairs of a flow over groups leave open: who could move at no loss, and where to.

At prices that prove them best, other pairs are as good only if they are tight and use every bound
with a price as much. So ties are decided in a smaller problem of the same kind: the tight pairs of
those who could move, at their hashes, within bounds that are narrowed to this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.certificate import exact_sum
from mentormatch.solvers.group_lists import Everything, GroupLists, order_in_row
from mentormatch.solvers.groups import CROWD, LEAF, MENTOR, SITE, Groups
from mentormatch.solvers.program import Pairs
from mentormatch.solvers.ties import TIE_RANGE, tie_values

__all__ = ["Posed", "Prices", "entries", "face_of", "gains", "movers", "surpluses", "thresholds"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Hashes: TypeAlias = NDArray[np.uint64]

NEVER = 1 << 60
"""Nothing is worth so much."""


@dataclass(frozen=True, eq=False)
class Posed:
    """Pairs, groups and people of one search.

    lists : GroupLists;  groups : Groups
    demand : int64 (n,);  bonus : int64 (n, slots), of each mentor of a mentee, never rising
    must : bool (n, slots), places that may not stay empty.
    row_hash, mentor_hash : uint64 (n,) and (m,)
    """

    lists: GroupLists
    groups: Groups
    demand: Ints
    bonus: Ints
    must: Flags
    row_hash: Hashes
    mentor_hash: Hashes

    @property
    def several(self) -> bool:
        """Whether some mentee may get more than one mentor."""
        return bool(self.demand.max(initial=0) > 1)


class Prices(NamedTuple):
    """Prices per bound, per entry (classes, m), and what an empty place is worth more by crowd."""

    weight: Ints  # (v,)
    entry: Ints  # (classes, m)
    relief: Ints  # (n,)


def entries(groups: Groups, active: Flags) -> Ints:
    """Return the node at which each class of mentees meets each mentor, (classes, m)."""
    m = groups.sites.shape[1]
    entry = np.repeat(np.arange(m)[None], groups.inside.shape[1], axis=0)
    leaves = np.flatnonzero(active & (groups.kind == LEAF))
    for who in np.unique(groups.who[leaves]).tolist():  # the largest sets come first
        here = leaves[groups.who[leaves] == who]
        entry[np.ix_(np.flatnonzero(groups.inside[who]), groups.place[here])] = here
    return entry


def surpluses(posed: Posed, prices: Prices, pairs: Pairs) -> Ints:
    """Return int64 (k,): what pairs are worth under the prices."""
    rows, columns = pairs
    entry = prices.entry[posed.groups.classes[rows], columns]
    return posed.lists.at(rows, columns) - entry


def thresholds(posed: Posed, prices: Prices, pairs: Pairs) -> Ints:
    """Return int64 (n,): the surplus below which a mentee does without a pair."""
    rows = pairs[0]
    n, slots = posed.bonus.shape
    count = np.bincount(rows, minlength=n)
    bar = np.full(n, NEVER)
    np.minimum.at(bar, rows, surpluses(posed, prices, pairs))
    free = count < posed.demand
    following = posed.bonus[np.arange(n), np.minimum(count, slots - 1)] + prices.relief
    bar[free] = np.minimum(bar[free], -following[free])
    return bar


def gains(posed: Posed, prices: Prices, peak: Ints) -> int:
    """Return what all mentees gain at most under the prices.

    peak : int64 (n,), no pair of a mentee is worth more; where she may have several mentors, all
        pairs are listed.
    """
    bonus = posed.bonus + prices.relief[:, None]
    if not posed.several:
        return exact_sum(np.where(posed.demand > 0, np.maximum(peak + bonus[:, 0], 0), 0))
    row = posed.lists.row
    surplus = surpluses(posed, prices, (row, posed.lists.idx))
    order = np.lexsort((-surplus, row))
    row, surplus = row[order], surplus[order]
    slot = order_in_row(row)
    kept = slot < posed.demand[row]
    row, surplus, slot = row[kept], surplus[kept], slot[kept]
    return exact_sum(np.maximum(surplus + bonus[row, slot], 0))


def _worth_of_places(posed: Posed, prices: Prices, bar: Ints) -> Ints:
    """Return int64 (n, slots): what filling a place brings at the threshold, 0: as good empty."""
    open_ = bar < NEVER
    value = posed.bonus + prices.relief[:, None] + np.where(open_, bar, 0)[:, None]
    return np.where(posed.must, NEVER, value)


def movers(posed: Posed, prices: Prices, pairs: Pairs) -> Flags:
    """Return bool (n,): who is elsewhere, or nowhere, in other pairs of the same value.

    They are on a cycle of tight pairs and bounds.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    groups, lists, demand = posed.groups, posed.lists, posed.demand
    rows, columns = pairs
    n, v, m = lists.n, groups.kind.size, lists.m
    bar = thresholds(posed, prices, pairs)
    row = lists.row
    node = entries(groups, np.ones(v, dtype=bool))[groups.classes[row], lists.idx]
    surplus = lists.worth - prices.entry[groups.classes[row], lists.idx]
    held = np.isin(row * m + lists.idx, rows * m + columns)
    tight = surplus == bar[row]
    out, back = tight & ~held, tight & held
    tail = [row[out], n + node[back]]
    head = [n + node[out], row[back]]
    whose = np.concatenate([row[out], row[back]])
    # seats' side: a node to its parent, or to the end
    end = n + v
    amount = groups.amounts(rows, columns, demand)
    loose = prices.weight == 0
    above = np.where(groups.parent >= 0, n + groups.parent, end)
    # of crowds the empty places count, which leave the mentee for the crowd
    for kinds in ((MENTOR, LEAF, SITE), (CROWD,)):
        nodes = np.flatnonzero(np.isin(groups.kind, kinds))
        more = nodes[loose[nodes] & (amount[nodes] < groups.high[nodes])]
        less = nodes[loose[nodes] & (amount[nodes] > groups.low[nodes])]
        tail += [n + more, above[less]]
        head += [above[more], n + less]
    count = np.bincount(rows, minlength=n)
    mine = np.where(groups.crowd >= 0, n + groups.crowd, end)
    slots = posed.bonus.shape[1]
    people = np.arange(n)
    value = _worth_of_places(posed, prices, bar)
    fill = (count < demand) & (value[people, np.minimum(count, slots - 1)] == 0)
    drop = (count > 0) & (value[people, np.maximum(count - 1, 0)] == 0)
    tail += [people[drop], mine[fill]]
    head += [mine[drop], people[fill]]
    a, b = np.concatenate(tail), np.concatenate(head)
    graph = coo_matrix((np.ones(a.size, dtype=np.int8), (a, b)), shape=(end + 1, end + 1))
    label = connected_components(graph, directed=True, connection="strong")[1]
    moved = np.zeros(n, dtype=bool)
    moved[whose[label[a[: whose.size]] == label[b[: whose.size]]]] = True
    return moved


def face_of(
    posed: Posed, prices: Prices, pairs: Pairs, moved: Flags | None, stage: int
) -> tuple[Posed, Ints, Flags]:
    """Return the problem of who goes where among the best pairs, at the ties of a stage.

    Parameters
    ----------
    pairs
        Best pairs, and `moved`, who could be elsewhere; None: not all that is tight is listed.

    Returns
    -------
    Posed, int64 (k,), bool (pairs,)
        Its mentees among all, and which of the pairs are settled: the others it decides.
    """
    groups, lists = posed.groups, posed.lists
    rows, columns = pairs
    n, m = lists.n, lists.m
    known = moved is not None
    moved = np.ones(n, dtype=bool) if moved is None else moved
    who = np.flatnonzero(moved)
    place = np.full(n, -1, dtype=np.int64)
    place[who] = np.arange(who.size)
    bar = thresholds(posed, prices, pairs)
    settled = ~moved[rows] | (surpluses(posed, prices, pairs) > bar[rows])
    had = np.bincount(rows[settled], minlength=n)[who]
    slots = posed.bonus.shape[1]
    # places left to each of them: those at no loss, from the first that is not settled on
    at = np.minimum(had[:, None] + np.arange(slots), slots - 1)
    value = np.take_along_axis(_worth_of_places(posed, prices, bar)[who], at, axis=1)
    there = had[:, None] + np.arange(slots) < posed.demand[who, None]
    demand = ((value >= 0) & there).sum(axis=1)
    must = (value > 0) & there
    hashes = posed.row_hash, posed.mentor_hash
    ties: GroupLists
    if known:
        row = lists.row
        surplus = lists.worth - prices.entry[groups.classes[row], lists.idx]
        tight = moved[row] & (surplus == bar[row])
        mentee, mentor = row[tight], lists.idx[tight]
        tie = tie_values(hashes[0][mentee], hashes[1][mentor], stage)
        count = np.bincount(place[mentee], minlength=who.size)
        ties = Everything(np.append(0, np.cumsum(count)).astype(np.int64), mentor, tie, m)
    else:
        ties = lists.of_ties(prices.entry, groups.classes, bar, hashes, stage, pairs)
    amount = groups.amounts(rows, columns, posed.demand)
    fixed = np.isin(groups.kind, (MENTOR, LEAF, SITE, CROWD))
    seats = np.minimum(groups.high, np.where(groups.kind == MENTOR, lists.n, groups.high))
    low = np.where(prices.weight != 0, amount, groups.low)
    high = np.where(prices.weight != 0, amount, seats)
    narrowed = replace(
        groups, sets=groups.sets[:, who], classes=groups.classes[who], crowds=groups.crowds[:, who],
        crowd=groups.crowd[who], low_row=np.zeros_like(low), high_row=np.zeros_like(low),
    )  # fmt: skip
    free = place[rows[~settled]], columns[~settled]
    other = np.where(fixed, amount - narrowed.amounts(*free, demand), 0)
    narrowed = replace(narrowed, low=np.maximum(low - other, 0), high=high - other)
    # whoever is in a crowd may not leave a place empty that must be filled; others are paid for it
    paid = np.where(must & (narrowed.crowd < 0)[:, None], (int(demand.sum()) + 1) * TIE_RANGE, 0)
    made = Posed(
        ties, narrowed, demand, paid.astype(np.int64), must, posed.row_hash[who],
        posed.mentor_hash,
    )  # fmt: skip
    return made, who, settled
