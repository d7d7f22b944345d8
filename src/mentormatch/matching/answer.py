"""What every answer has, a matching or another form: stages, their bounds, how it is proven."""

from __future__ import annotations

import html
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, ClassVar

from mentormatch.errors import Status
from mentormatch.values import ByValue, Public

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Stage"]

SHOWN = 20
"""Rows of a table that a notebook shows."""


@dataclass(frozen=True)
class Stage(Public):
    """What one objective reached: its value, its bound, and their unit.

    What it cost the next objective takes another solve: see `stage_costs`.
    """

    objective: str
    value: float
    bound: float
    unit: str

    @property
    def gap(self) -> float:
        """Relative difference of bound and value; 0 means proven."""
        if self.bound == self.value:
            return 0.0
        if not isfinite(self.bound):
            return inf
        return abs(self.bound - self.value) / max(abs(self.bound), abs(self.value), 1e-12)


class Answer(ByValue):
    """Base of what solving returns: value and bound per objective, and the table of it."""

    _in_errors: ClassVar[str] = "a Matching, or Suggestions, Groups, Peers or a Timetable"

    if TYPE_CHECKING:  # fields of some, worked out by others

        @property
        def stages(self) -> tuple[Stage, ...]: ...

        @property
        def status(self) -> Status: ...

        @property
        def notes(self) -> tuple[str, ...]: ...

    @property
    def objective(self) -> float:
        """Value of the last objective, e.g. the total score."""
        return self.stages[-1].value

    @property
    def bound(self) -> float:
        """Proven best value of the last objective."""
        return self.stages[-1].bound

    @property
    def gap(self) -> float:
        """Largest relative difference of bound and value over all objectives; 0 is optimal."""
        return max(stage.gap for stage in self.stages)

    def to_frame(self) -> pd.DataFrame:
        """Return the answer as a table."""
        raise NotImplementedError

    def _headline(self) -> str:
        """Return what was found, in words: how many, and how good."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        return True  # an answer, also of nobody

    def __repr__(self) -> str:
        proof = self.status.sentence
        if self.status not in (Status.OPTIMAL, Status.STABLE):
            proof = f"{proof}, gap {self.gap:.2%}" if isfinite(self.gap) else f"{proof}, no bound"
        notes = "".join(f". {note}" for note in self.notes)
        return f"<{type(self).__name__}: {self._headline()}, {proof}{notes}>"

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        table = frame.head(SHOWN).to_html(
            escape=True, index=False, na_rep="", float_format=lambda v: f"{v:.3f}"
        )
        rest = len(frame) - SHOWN
        more = f"<p>and {rest:,} more rows</p>" if rest > 0 else ""
        return f"<p>{html.escape(repr(self))}</p>{table}{more}"
