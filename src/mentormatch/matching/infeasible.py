"""Why nothing satisfies a problem: a minimal set of named requirements, and what would help."""

from __future__ import annotations

from mentormatch.errors import InfeasibleError
from mentormatch.matching.lowering import Lowered
from mentormatch.matching.problem import Problem


def explain_infeasible(problem: Problem, lowered: Lowered) -> InfeasibleError:
    """Return the error that names what contradicts what."""
    labels = [row.label for row in lowered.rows]
    return InfeasibleError("No matching satisfies: " + "; ".join(labels) + ".", labels)
