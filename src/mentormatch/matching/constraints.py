"""What every matching must satisfy, beyond rules and capacities."""

from __future__ import annotations

from dataclasses import dataclass

from mentormatch.errors import check_parameter


@dataclass(frozen=True)
class Constraint:
    """Base of all constraints."""


@dataclass(frozen=True)
class ScoreFloor(Constraint):
    """No pair below this score is matched, even if that leaves people unmatched.

    Parameters
    ----------
    least
        Score in [0, 1].
    """

    least: float

    def __post_init__(self) -> None:
        check_parameter(0 <= self.least <= 1, "least", "ScoreFloor", "in [0, 1]", self.least)
