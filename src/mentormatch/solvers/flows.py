"""Stages in order on one flow: each narrows it to its own best."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.assignment import kernel
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.endings import Infeasible, OutOfTime
from mentormatch.solvers.face import COMPILED_FROM, Network, narrow
from mentormatch.solvers.program import Pairs, Program, pairs_of
from mentormatch.solvers.stages import Incumbent
from mentormatch.solvers.thresholds import bottleneck, leximin, most_matched, seated

__all__ = ["FlowRun"]

Ints: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int32]


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
            route=kernel(self.network.points.size), last=last,
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
        counted = most_matched(self.network)
        if counted is None:
            raise Infeasible
        self.network, self.at = counted
        return True

    def raise_worst(self, had: Ints, everybody: bool, ceiling: float) -> int:
        """Raise the threshold as far as it goes, but not past a locked pair's points."""
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
