"""What a stage may ask of whoever optimises it: a flow that is narrowed, or a programme of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mentormatch.solvers.program import Pairs, Program, SideRow

__all__ = ["Answered", "FlowRun", "RowRun"]

Ints: TypeAlias = NDArray[np.int64]


class Answered(Protocol):
    """An answer of linear and integer programming: what no pairs exceed, and how it ended."""

    @property
    def bound(self) -> float: ...

    @property
    def status(self) -> str: ...


class FlowRun(Protocol):
    """A flow on its way through the stages; see `solvers.flows`."""

    program: Program
    nothing: NDArray[np.int32]

    @property
    def allowed(self) -> NDArray[np.int32]:
        """int32 (n, m): points of the pairs still allowed, negative elsewhere."""

    @property
    def matched(self) -> int: ...

    @property
    def pairs(self) -> Pairs: ...

    def begin(self) -> None: ...

    def count_matched(self) -> bool: ...

    def maximise(
        self,
        value: NDArray[np.int32] | None,
        bonus: Ints | None,
        last: bool,
        *,
        aside: bool = False,
    ) -> int: ...

    def raise_worst(self, had: Ints, everybody: bool, ceiling: float) -> int: ...

    def raise_sorted(self, ceiling: float) -> None: ...

    def settle_ties(self) -> None: ...


class RowRun(Protocol):
    """A programme on its way through the stages, as rows; see `solvers.staged`."""

    original: Program
    program: Program
    ahead: Any
    large: bool
    closed: bool
    proven: bool

    @property
    def anybody(self) -> bool: ...

    @property
    def known(self) -> Pairs: ...

    def ones(self, kind: int) -> Ints: ...

    def hold(self, *rows: SideRow) -> None: ...

    def exact(self, answer: Any) -> bool: ...

    def feasible(self) -> None: ...

    def tries(self, program: Program) -> tuple[Pairs | None, bool]: ...

    def reaches(self, program: Program) -> bool: ...

    def maximize(
        self,
        value: NDArray[Any] | None,
        extra: Sequence[float] | NDArray[np.float64] = (),
        program: Program | None = None,
    ) -> Answered: ...

    def slot_variables(self, had: Ints) -> dict[int, Ints]: ...

    def first_slots(self) -> Ints: ...

    def count_by_bound(self, weight: Ints, value: NDArray[np.int64]) -> float | None: ...

    def worst_by_bound(self, stage: Any) -> float | None: ...
