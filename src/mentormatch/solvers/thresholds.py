"""Thresholds on a flow: the best worst pair, leximin, and the most who can be matched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.face import COMPILED_FROM, Network, narrow

__all__ = ["bottleneck", "leximin", "most_matched", "seated"]

Ints = NDArray[np.int64]
Points = NDArray[np.int32]
Late = Callable[[], bool]
FROM_ABOVE = 100
"""Thresholds that are tried from above before bisecting."""
PATIENCE = 40
"""Compiled searches may look at so many times all pairs; then sets of bits take over."""


def _never() -> bool:
    return False


class _Seating:
    """Who sits where, and searches that move people along alternating paths.

    Sets of mentors and of mentees are bits of Python integers: a search over 500 x 150 takes
    about a tenth of a millisecond.
    """

    def __init__(self, network: Network, allowed: NDArray[np.bool_], mentor_of: Ints) -> None:
        self.capacity = network.capacity.tolist()
        self.least = network.min_load.tolist()
        self.forced = network.forced.tolist()
        n, m = allowed.shape
        self.to_mentors = _bits(allowed)
        self.to_mentees = _bits(allowed.T) if any(self.least) else [0] * m
        self.mentor_of = [-1] * n
        self.held: list[set[int]] = [set() for _ in range(m)]
        self.free = 0  # mentors with a seat left
        for j, seats in enumerate(self.capacity):
            self.free |= (seats > 0) << j
        for i, j in enumerate(mentor_of.tolist()):
            if j >= 0 and allowed[i, j]:
                self.place(i, j)

    def place(self, i: int, j: int) -> None:
        self.mentor_of[i] = j
        self.held[j].add(i)
        if len(self.held[j]) >= self.capacity[j]:
            self.free &= ~(1 << j)

    def remove(self, i: int) -> int:
        j = self.mentor_of[i]
        self.mentor_of[i] = -1
        self.held[j].discard(i)
        if len(self.held[j]) < self.capacity[j]:  # on a path somebody may be there already
            self.free |= 1 << j
        return j

    def forbid(self, i: int, j: int) -> None:
        self.to_mentors[i] &= ~(1 << j)
        self.to_mentees[j] &= ~(1 << i)

    def permit(self, i: int, j: int) -> None:
        self.to_mentors[i] |= 1 << j
        self.to_mentees[j] |= 1 << i

    def settle(self) -> bool:
        """Seat everybody who must be matched and fill every minimum; False if impossible."""
        for i, must in enumerate(self.forced):
            if must and self.mentor_of[i] < 0 and not self.seat(i):
                return False
        return all(self.fill(j) for j in range(len(self.least)))

    def seat(self, start: int) -> bool:
        """Find a mentor for a mentee: loads never fall, nobody forced is dropped."""
        came: dict[int, int] = {}
        seen = 0
        queue = [start]
        for i in queue:
            fresh = self.to_mentors[i] & ~seen
            seen |= fresh
            if hit := fresh & self.free:
                j = hit.bit_length() - 1
                came[j] = i
                self._shift(j, came, start)
                return True
            while fresh:
                low = fresh & -fresh
                fresh ^= low
                j = low.bit_length() - 1
                came[j] = i
                for other in self.held[j]:
                    if not self.forced[other]:
                        self.remove(other)
                        self._shift(j, came, start)
                        return True
                    queue.append(other)
        return False

    def _shift(self, j: int, came: dict[int, int], start: int) -> None:
        """Move each mentee of the path one mentor on, the last one first."""
        while True:
            i = came[j]
            before = self.remove(i) if i != start else -1
            self.place(i, j)
            if i == start:
                return
            j = before

    def fill(self, start: int) -> bool:
        """Bring a mentor up to the minimum: nobody loses a mentor, nobody falls below theirs."""
        while len(self.held[start]) < self.least[start]:
            if not self._one_more(start):
                return False
        return True

    def _one_more(self, start: int) -> bool:
        came: dict[int, tuple[int, int]] = {}  # mentor -> (mentee who would leave, for whom)
        seen = {start}
        passed = 0
        queue = [start]
        for k in queue:
            fresh = self.to_mentees[k] & ~passed
            passed |= fresh
            while fresh:
                low = fresh & -fresh
                fresh ^= low
                i = low.bit_length() - 1
                j = self.mentor_of[i]
                if j >= 0 and j in seen:
                    continue
                if j < 0 or len(self.held[j]) > self.least[j]:
                    if j >= 0:
                        self.remove(i)
                    self.place(i, k)
                    while k != start:
                        i, onward = came[k]
                        self.remove(i)
                        self.place(i, onward)
                        k = onward
                    return True
                seen.add(j)
                came[j] = (i, k)
                queue.append(j)
        return False

    def reseat(self, i: int) -> bool:
        """Take a mentee off a pair that is no longer allowed; False if nothing replaces it."""
        j = self.remove(i)
        if self.forced[i] and not self.seat(i):
            return False
        return self.fill(j)

    def put_back(self, i: int, j: int) -> None:
        """Allow a pair again that `reseat` could not do without."""
        self.permit(i, j)
        settled = self.settle()
        assert settled


def _bits(allowed: NDArray[np.bool_]) -> list[int]:
    packed = np.packbits(allowed, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def bottleneck(
    network: Network, mentor_of: Ints, ceiling: int | None = None, *, late: Late = _never
) -> tuple[Network, int, Ints]:
    """Narrow a network to the assignments whose worst pair is best.

    Parameters
    ----------
    network
        n mentees, m mentors.
    mentor_of : int64 (n,)
        Any assignment that the network allows.
    ceiling : int, optional
        Pairs of so many points are as good as better ones.
    late
        Asked before each threshold; where it is true, the best one so far is returned.

    Returns
    -------
    Network, int, mentor_of
        Without the pairs below the worst score; that score in points, -1 if nobody is matched,
        so that there is no worst pair; and an assignment that reaches it.

    Notes
    -----
    A threshold that cannot hold leaves a set of mentees who fill all mentors open to them; large
    problems start from what everybody's best mentor allows and go down by such proofs, which mostly
    ends at once, then bisect [1]_. Small ones bisect: about 20 searches for a flow, each warm from
    the last. A search is O(n m) for everybody who is not seated at once.

    References
    ----------
    .. [1] Burkard, Dell'Amico & Martello (2012), Assignment Problems, chapter 6.2.
    """
    if not (mentor_of >= 0).any():
        return network, -1, mentor_of
    if network.points.size < COMPILED_FROM:
        low, at = _bisect(network, mentor_of, ceiling, late)
    else:
        low, at = _descend(network, mentor_of, ceiling, late)
    return replace(network, points=above(network.points, low)), low, at


def _bisect(
    network: Network, mentor_of: Ints, ceiling: int | None, late: Late, below: int | None = None
) -> tuple[int, Ints]:
    points = network.points if ceiling is None else np.minimum(network.points, ceiling)
    matched = np.flatnonzero(mentor_of >= 0)
    low = int(points[matched, mentor_of[matched]].min())
    best = points.max(axis=1, initial=-1)
    high = int(best[network.forced].min()) if network.forced.any() else int(best.max())
    high = high if below is None else min(high, below)
    at = mentor_of
    while low < high and not late():
        middle = (low + high + 1) // 2
        seating = _Seating(network, points >= middle, at)
        if seating.settle() and any(j >= 0 for j in seating.mentor_of):
            at = np.array(seating.mentor_of, dtype=np.int64)
            rows = np.flatnonzero(at >= 0)
            low = int(points[rows, at[rows]].min())
        else:
            high = middle - 1
    return low, at


def _descend(
    network: Network, mentor_of: Ints, ceiling: int | None, late: Late
) -> tuple[int, Ints]:
    from mentormatch.solvers.bottleneck_kernels import STOPPED, highest, settle

    seats = network.capacity, network.min_load
    points = _read_only(network.points)
    best = highest(points, network.capacity)
    high = int(best[network.forced].min()) if network.forced.any() else int(best.max())
    high = high if ceiling is None else min(high, ceiling)
    worth = points[np.arange(best.size), np.maximum(mentor_of, 0)]
    low, at = int(worth[mentor_of >= 0].min()), mentor_of
    low = low if ceiling is None else min(low, ceiling)
    first = [at]  # where the next search starts: from the pairs of earlier ones that still hold
    budget = np.array([PATIENCE * points.size], dtype=np.int64)
    tries = 0
    while low < high and not late():
        threshold = high if tries < FROM_ABOVE else (low + high + 1) // 2
        trial = max(first, key=lambda one: _held(points, one, threshold)).copy()
        held = int(settle(points, *seats, network.forced, trial, threshold, budget))
        if held == STOPPED:
            break
        if held < threshold:
            high = held
            first = [at, trial]
        else:
            low, at, first = threshold, trial, [trial]
        tries += 1
    if low < high and not late():  # many people compete for few seats: sets of bits are faster
        return _bisect(network, at, ceiling, late, high)
    if not (at >= 0).any():  # nobody has to be matched: one pair of the best there are
        at = at.copy()
        i = int(best.argmax())
        at[i] = int(np.where(network.capacity > 0, points[i], -1).argmax())
    return low, at


def _held(points: Points, mentor_of: Ints, threshold: int) -> int:
    """Count the pairs of at least so many points."""
    rows = np.flatnonzero(mentor_of >= 0)
    return int((points[rows, mentor_of[rows]] >= threshold).sum())


def seated(network: Network) -> Ints | None:
    """Return any assignment that a network allows, int64 (n,), or None if there is none."""
    at = np.full(network.forced.size, -1, dtype=np.int64)
    if network.points.size < COMPILED_FROM:
        seating = _Seating(network, network.points >= 0, at)
        return np.array(seating.mentor_of, dtype=np.int64) if seating.settle() else None
    from mentormatch.solvers.bottleneck_kernels import settle

    points, budget = _read_only(network.points), np.full(1, 1 << 62, dtype=np.int64)
    held = settle(points, network.capacity, network.min_load, network.forced, at, 0, budget)
    return at if held >= 0 else None


def most_matched(network: Network) -> tuple[Network, Ints] | None:
    """Narrow a network to the assignments of the most mentees; None if it allows none at all.

    The same as `narrow` with a value of 1 per mentee, without its prices and ties.

    Returns
    -------
    Network, mentor_of
        The network of all such assignments, and one of them.

    Notes
    -----
    Augmenting paths, O(n m) each and few. What they leave over gives the network: the
    decomposition of Dulmage & Mendelsohn [1]_.

    References
    ----------
    .. [1] Dulmage & Mendelsohn (1958), Canadian Journal of Mathematics 10, 517-534.
    """
    at = seated(network)
    if at is None:
        return None
    from mentormatch.solvers.bottleneck_kernels import cut, most_matched

    points = _read_only(network.points)
    short = most_matched(points, network.capacity, at)
    inside = (at >= 0) & ~np.append(short, False)[at]  # whom nobody unmatched could replace
    if short.any():
        points = cut(points, 0, inside, short)
    least = np.where(short, network.capacity, network.min_load)
    return replace(network, points=points, min_load=least, forced=network.forced | inside), at


def above(points: Points, low: int) -> Points:
    """Return points with the pairs below a threshold made inadmissible."""
    if points.size < COMPILED_FROM:
        return np.where((points >= 0) & (points < low), ~points, points)
    from mentormatch.solvers.bottleneck_kernels import cut

    n, m = points.shape
    kept: Points = cut(_read_only(points), low, np.zeros(n, dtype=bool), np.zeros(m, dtype=bool))
    return kept


def _read_only(points: Points) -> Points:
    """Return a view of one type, so that each kernel is compiled once."""
    view = np.ascontiguousarray(points, dtype=np.int32).view()
    view.flags.writeable = False
    return view


def leximin(
    network: Network, mentor_of: Ints, *, late: Late = _never
) -> tuple[Network | None, Ints]:
    """Narrow a network to the assignments whose sorted scores are lexicographically greatest.

    Pairs of 0 points are as good as none, so they stay allowed.

    Parameters
    ----------
    network
        n mentees, m mentors; the assignments with the most pairs above 0 points.
    mentor_of : int64 (n,)
        Any assignment that the network allows.
    late
        Asked before each level.

    Returns
    -------
    Network, mentor_of
        The network of all leximin assignments (None where `late` ended the search), and one of
        them.

    Notes
    -----
    Levels from the worst upwards: the fewest possible pairs at each. A pair that the current
    assignment does not use is forbidden for free; one that it uses, if a path replaces it. Where
    nothing does and it is the only pair at its level, every leximin assignment has it. Where
    several pairs share the level, one flow counts how few are needed and narrows the network.
    """
    done = 0
    while True:
        narrowed, mentor_of, done, finished = _lexi_levels(network, mentor_of, done, late)
        if finished:
            return narrowed, mentor_of
        assert narrowed is not None
        network = narrowed


def _lexi_levels(
    network: Network, mentor_of: Ints, done: int, late: Late
) -> tuple[Network | None, Ints, int, bool]:
    """Settle levels above `done` until a flow is needed for one; then narrow by that flow."""
    points = network.points
    seating = _Seating(network, points >= 0, mentor_of)
    rows, columns = np.nonzero(points > done)
    order = np.argsort(points[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    level = points[rows, columns]
    allowed = points >= 0
    current = np.full(points.shape[0], -1, dtype=np.int64)
    begin = 0
    while True:
        held = np.array(seating.mentor_of, dtype=np.int64)
        if late():
            return None, held, done, True
        there = held >= 0
        if points.shape[1]:
            own = points[np.arange(held.size), np.maximum(held, 0)]
            current[:] = np.where(there, own, -1)
        above = current[current > done]
        if above.size == 0:
            kept = np.where((points >= 0) & ~allowed, ~points, points)
            forced = np.array(seating.forced, dtype=bool)
            return replace(network, points=kept, forced=forced), held, done, True
        done = int(above.min())
        first, last = np.searchsorted(level, [done, done + 1])
        _forbid(seating, allowed, rows[begin:first], columns[begin:first])
        begin = last
        ties = [(int(i), int(j)) for i, j in zip(rows[first:last], columns[first:last], strict=True)
                if allowed[i, j]]  # fmt: skip
        if not _settle_level(seating, allowed, ties):
            return *_count_level(network, allowed, seating, done), done, False


def _forbid(seating: _Seating, allowed: NDArray[np.bool_], rows: Ints, columns: Ints) -> None:
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
        seating.forbid(i, j)
    allowed[rows, columns] = False


def _settle_level(
    seating: _Seating, allowed: NDArray[np.bool_], ties: list[tuple[int, int]]
) -> bool:
    """Do without the pairs of one level as far as possible; False if that takes a flow."""
    used = [(i, j) for i, j in ties if seating.mentor_of[i] == j]
    needed: list[tuple[int, int]] = []
    for i, j in used:  # first with all other pairs of the level still allowed
        if seating.mentor_of[i] != j:
            continue
        seating.forbid(i, j)
        if not seating.reseat(i):
            seating.put_back(i, j)
            needed.append((i, j))
        else:
            seating.permit(i, j)
    for i, j in ties:
        if (i, j) not in needed:
            seating.forbid(i, j)
    for i, j in ties:
        if (i, j) not in needed and seating.mentor_of[i] == j and not seating.reseat(i):
            for pair in ties:
                seating.permit(*pair)
            seating.settle()
            return False
    for i, j in ties:
        allowed[i, j] = False
    for i, j in needed:  # in every leximin assignment
        for k in np.flatnonzero(allowed[i]).tolist():
            seating.forbid(i, k)
        allowed[i] = False
        allowed[i, j] = True
        seating.forced[i] = True
    return True


def _count_level(
    network: Network, allowed: NDArray[np.bool_], seating: _Seating, level: int
) -> tuple[Network, Ints]:
    """Use as few pairs of this level as possible: one flow that counts the others."""
    points = np.where((network.points >= 0) & ~allowed, ~network.points, network.points)
    now = replace(network, points=points, forced=np.array(seating.forced))
    # an unmatched mentee counts nothing either way, so the pairs at the level cost one each
    better = (points != level).astype(np.int32)
    narrowed, solution = narrow(now, better, np.full(points.shape[0], -1, dtype=np.int64))
    assert narrowed is not None
    return narrowed, solution.mentor_of
