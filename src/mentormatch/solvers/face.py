"""One flow, narrowed stage by stage: optimal faces, and the stages that are optimised on them.

A `Network` holds what is still allowed: pairs, loads, and mentees who must be matched. Each
objective narrows it to its own optima, which complementary slackness describes exactly: tight
pairs stay, a mentee with a surplus must be matched, a mentor with a price must be full. So the
next objective is again one flow, and any number of them can follow in any order.

One mentor per mentee; minimum loads throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import Assignment, assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.endings import Infeasible, OutOfTime
from mentormatch.solvers.program import Pairs, Program, pairs_of

if TYPE_CHECKING:
    from mentormatch.solvers.stages import Incumbent

__all__ = ["FlowRun", "Network", "narrow"]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]
BLOCK = 1 << 20
DENSE_FROM = 10_000
"""From so many pairs on, several flows in turn use the compiled kernel."""
COMPILED_FROM = 50_000
"""From so many pairs on, counting the matched alone is worth code of its own."""


@dataclass(frozen=True, eq=False)
class Network:
    """The assignments that are still allowed.

    points : int32 (n, m), negative where not allowed.
    capacity, min_load : int64 (m,);  forced : bool (n,), who must be matched.
    """

    points: Points
    capacity: Ints
    min_load: Ints
    forced: NDArray[np.bool_]


def narrow(
    network: Network,
    value: Points | None = None,
    row_bonus: Ints | None = None,
    *,
    row_hash: NDArray[np.uint64] | None = None,
    mentor_hash: NDArray[np.uint64] | None = None,
    time_limit: float | None = None,
    route: str = "auto",
    last: bool = False,
) -> tuple[Network | None, Assignment]:
    """Maximise a sum over the network, and narrow the network to the optima.

    Parameters
    ----------
    value : int32 (n, m), optional
        Value of each allowed pair, 0 or more; default: the network's points.
    row_bonus : int64 (n,), optional
        Added for every matched mentee.
    last : bool
        Nothing follows, so the network is not narrowed.

    Returns
    -------
    Network, Assignment
        The network of all optima (None unless the assignment is optimal), and one of them. Its
        objective, bound and prices count `row_bonus` and `value` only: what forces mentees in is
        taken out again.

    Notes
    -----
    Time: one assignment and O(n m).
    """
    points = network.points
    n, m = points.shape
    worth = points if value is None else np.where(points >= 0, value, -1).astype(np.int32)
    bonus = np.zeros(n, dtype=np.int64) if row_bonus is None else row_bonus
    spread = int(bonus.max(initial=0) - bonus.min(initial=0))
    must = 4 * (min(n, m) + 2) * (int(worth.max(initial=0)) + 1) + 4 * spread
    full = bonus + np.where(network.forced, must, 0)
    solution = assign(
        worth, network.capacity, row_bonus=full, min_load=network.min_load, row_hash=row_hash,
        mentor_hash=mentor_hash, time_limit=time_limit, route=route,
    )  # fmt: skip
    owed = must * int(network.forced.sum())
    left_out = bool((solution.mentor_of[network.forced] < 0).any())
    plain = replace(
        solution,
        objective=solution.objective - must * int((solution.mentor_of[network.forced] >= 0).sum()),
        bound=solution.bound - owed,
        status="infeasible" if left_out and solution.status == "optimal" else solution.status,
    )
    if plain.status != "optimal":
        return None, plain
    if last:
        return network, plain
    return _face(network, worth, full, solution.mentor_price), plain


def _face(network: Network, worth: Points, bonus: Ints, price: Ints) -> Network:
    """Keep what complementary slackness allows under these prices."""
    n, m = worth.shape
    points = network.points.copy()
    forced = network.forced.copy()
    step = max(1, BLOCK // max(m, 1))
    for begin in range(0, n, step):
        part = slice(begin, min(begin + step, n))
        allowed = worth[part] >= 0
        surplus = np.where(allowed, worth[part] - price, np.iinfo(np.int64).min // 2)
        surplus += bonus[part, None]
        best = np.maximum(surplus.max(axis=1, initial=0), 0)
        loose = allowed & (surplus < best[:, None])
        points[part][loose] = ~points[part][loose]
        forced[part] |= best > 0
    return Network(
        points=points,
        capacity=np.where(price < 0, network.min_load, network.capacity),
        min_load=np.where(price > 0, network.capacity, network.min_load),
        forced=forced,
    )


class FlowRun:
    """A flow on its way through the stages, and the assignment it is at."""

    def __init__(self, program: Program, budget: Budget, incumbent: Incumbent) -> None:
        n, m = program.shape
        self.program, self.budget, self.incumbent = program, budget, incumbent
        self.network = Network(
            program.points, program.capacity, program.min_load, np.zeros(n, dtype=bool)
        )
        self.nothing = np.zeros((n, m), dtype=np.int32)
        self.at: Ints | None = None
        self.price: Ints | None = None
        self.unique = False

    @property
    def allowed(self) -> Points:
        """int32 (n, m): points of the pairs still allowed, negative elsewhere."""
        return self.network.points

    @property
    def pairs(self) -> Pairs:
        """What the flow is at."""
        assert self.at is not None
        return pairs_of(self.at)

    @property
    def matched(self) -> int:
        """How many have a mentor now."""
        return int(self.pairs[0].size)

    def maximise(
        self, value: Points | None, bonus: Ints | None, last: bool, *, aside: bool = False
    ) -> int:
        """Maximise a sum over what is allowed, narrow to its optima, and return the optimum.

        `aside`: the sum is not the stage's own value, so its bound says nothing about the stage.

        Raises
        ------
        Infeasible
            If nothing is allowed.
        OutOfTime
            If the budget ends before the optimum is proven; it carries the bound.
        """
        narrowed, solution = narrow(
            self.network, value, bonus,
            row_hash=self.program.row_hash, mentor_hash=self.program.mentor_hash,
            time_limit=self.budget.left(),
            route="dense" if self.network.points.size >= DENSE_FROM else "auto", last=last,
        )  # fmt: skip
        if solution.status == "infeasible":
            raise Infeasible
        if narrowed is None:
            self.incumbent.offer(pairs_of(solution.mentor_of))
            bound = np.inf if aside else solution.bound
            raise OutOfTime(bound, interrupted=solution.status == "interrupted")
        self.network, self.at = narrowed, solution.mentor_of
        self.price, self.unique = solution.mentor_price, solution.unique
        return solution.objective

    def begin(self) -> None:
        """Have some assignment to start from."""
        if self.at is None:
            none = np.zeros(self.program.shape[0], dtype=np.int64)
            self.maximise(self.nothing, none, False, aside=True)

    def count_matched(self) -> bool:
        """Narrow to the assignments of the most mentees, where code of its own is worth it."""
        if self.program.points.size < COMPILED_FROM:
            return False
        from mentormatch.solvers.thresholds import most_matched

        counted = most_matched(self.network)
        if counted is None:
            raise Infeasible
        self.network, self.at = counted
        return True

    def raise_worst(self, had: Ints, everybody: bool, ceiling: float) -> int:
        """Raise the threshold as far as it goes, but not past a locked pair's points."""
        from mentormatch.solvers.thresholds import bottleneck, seated

        assert self.at is not None
        network, at = self.network, self.at
        locked = had[had >= 0]
        limit = int(locked.min()) if locked.size else None
        if everybody:
            network = replace(network, forced=network.forced | (had < 0))
            found = seated(network)
            if found is None:
                return 0  # somebody stays unmatched whatever is done
            at = found
        network, value, at = bottleneck(network, at, limit, late=self.budget.late)
        self.incumbent.offer(pairs_of(at))
        if self.budget.late():
            raise OutOfTime(ceiling)
        if value < 0:
            value = 0 if limit is None else limit
        if everybody and value == 0:
            return 0  # being unmatched is no worse
        self.network, self.at = network, at
        return value

    def raise_sorted(self, ceiling: float) -> None:
        """Narrow to the leximin assignments."""
        from mentormatch.solvers.thresholds import bottleneck, leximin

        assert self.at is not None
        worst = np.inf
        if self.budget.seconds is not None:  # what to say if time runs out on the rest
            _, worst, at = bottleneck(self.network, self.at, late=self.budget.late)
            self.incumbent.offer(pairs_of(at))
        narrowed, self.at = leximin(self.network, self.at, late=self.budget.late)
        self.incumbent.offer(self.pairs)
        if narrowed is None:
            raise OutOfTime(min(max(worst, 0), ceiling))
        self.network = narrowed

    def settle_ties(self) -> None:
        """Let hashes decide among the assignments that are left."""
        self.maximise(self.nothing, None, True, aside=True)
