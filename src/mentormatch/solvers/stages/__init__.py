"""Objectives as stages: each knows its value, its bound, its form as a flow and as rows."""

from mentormatch.solvers.stages.base import Exact, Incumbent, Stage, Vector
from mentormatch.solvers.stages.counts import Count, Fewest, Filled, Kept
from mentormatch.solvers.stages.leximin import Sorted
from mentormatch.solvers.stages.sums import Squares, Total
from mentormatch.solvers.stages.worst import Outcomes, Worst, WorstPair

__all__ = [
    "Count", "Exact", "Fewest", "Filled", "Incumbent", "Kept", "Outcomes", "Sorted", "Squares",
    "Stage", "Total", "Vector", "Worst", "WorstPair",
]  # fmt: skip
