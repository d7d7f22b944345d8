"""How a solve may end early: internal signals, never seen outside `solvers`."""

from __future__ import annotations

__all__ = ["Infeasible", "OutOfTime", "Stopped"]


class Infeasible(Exception):
    """Nothing satisfies the programme; proven."""


class OutOfTime(Exception):
    """The budget ended inside a stage.

    bound : float, what is proven about that stage;  interrupted : bool, by Ctrl-C.
    """

    def __init__(self, bound: float, *, interrupted: bool = False) -> None:
        super().__init__(bound)
        self.bound, self.interrupted = bound, interrupted


class Stopped(Exception):
    """The time is up."""
