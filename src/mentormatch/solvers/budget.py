"""How much a solve may cost, and whom it tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

__all__ = ["Budget", "Cancelled", "Report"]

Report: TypeAlias = Callable[[str, float, float, float], bool | None]
"""Receives (stage, value, bound, seconds); returning True cancels."""


class Cancelled(Exception):
    """Whoever is told about the progress asked to stop."""


@dataclass(frozen=True, eq=False)
class Budget:
    """Seconds, gap and listener of one solve; made once and handed down.

    Without `seconds` nothing below looks at the clock to decide: work is counted instead, so that
    the answer is the same on every machine.

    Attributes
    ----------
    seconds : float or None
        Wall time for the whole solve, from when the budget was made.
    gap : float or None
        Relative gap at which a route that is not exact may stop; None: what fits the size.
    report : callable or None
        Told about every stage; may cancel.
    """

    seconds: float | None = None
    gap: float | None = None
    report: Report | None = None
    started: float = field(default_factory=time.perf_counter)

    def used(self) -> float:
        """Return the seconds since the budget was made."""
        return time.perf_counter() - self.started

    def left(self, share: float = 1.0, least: float = 1e-3) -> float | None:
        """Return a share of the seconds that are left, None without a limit."""
        if self.seconds is None:
            return None
        return max((self.seconds - self.used()) * share, least)

    def late(self) -> bool:
        """Whether the time is up."""
        return self.seconds is not None and self.used() >= self.seconds

    def part(self, share: float) -> Budget:
        """Return a budget of a share of what is left, with the same listener."""
        seconds = self.left(share)
        return Budget(seconds, self.gap, self.report)

    def within(self, gap: float) -> Budget:
        """Return the same budget with another gap."""
        return replace(self, gap=gap)

    def tell(self, stage: str, value: float, bound: float) -> None:
        """Report progress; raise `Cancelled` if the listener says so."""
        if self.report is not None and self.report(stage, value, bound, self.used()):
            raise Cancelled
