"""Problem: scores, what to achieve, and what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mentormatch.domains import check_fields
from mentormatch.errors import ParameterError
from mentormatch.matching.case import Constraint
from mentormatch.matching.objectives import DEFAULT, Objective
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue


@dataclass(frozen=True, eq=False)
class Problem(ByValue):
    """A matching problem, ready for `solve`.

    Parameters
    ----------
    scores
        n mentees x m mentors, with admissibility, capacities and locks.
    objectives
        In order of importance: each is optimised among the best matchings of those before it.
        Default: as many mentees as possible, then as few pairs with a defect, then the best total
        score.
    constraints
        What every matching must satisfy, beyond rules and capacities.
    seed
        Decides ties, together with both ids; the order of the rosters never does.

    Raises
    ------
    ParameterError
        If an objective or constraint is not one of the library's objects, or is given twice.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]]), capacity=[1, 1])
    >>> mm.solve(mm.Problem(scores)).objective
    1.2
    """

    scores: Scores
    objectives: Sequence[Objective] = DEFAULT
    constraints: Sequence[Constraint] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.scores, Scores):
            raise ParameterError(
                "The 'scores' parameter of Problem must be a Scores object; make one with "
                f"score(mentees, mentors) or Scores.from_matrix(S). Got {type(self.scores)}."
            )
        check_fields(self)
        object.__setattr__(self, "objectives", tuple(self.objectives))
        object.__setattr__(self, "constraints", tuple(self.constraints))
        if not self.objectives:
            raise ParameterError("The 'objectives' parameter of Problem must not be empty.")
        for kind, name, items in (
            (Objective, "objectives", self.objectives),
            (Constraint, "constraints", self.constraints),
        ):
            for item in items:
                if not isinstance(item, kind):
                    hint = (
                        " Add brackets: " + item.__name__ + "()." if isinstance(item, type) else ""
                    )
                    raise ParameterError(
                        f"The {name!r} parameter of Problem must hold {kind.__name__} objects. "
                        f"Got {item!r}.{hint}"
                    )
        kinds = [type(objective).__name__ for objective in self.objectives]
        doubled = sorted({kind for kind in kinds if kinds.count(kind) > 1})
        if doubled:
            raise ParameterError(
                f"The 'objectives' parameter of Problem names {', '.join(doubled)} twice."
            )

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, self.seed

    @cached_property
    def pursued(self) -> tuple[Objective, ...]:
        """The objectives that have something to decide, in order: one stage of the result each.

        `MinimizeDefects` has nothing to decide where the rosters lack the columns.
        """
        kept = tuple(o for o in self.objectives if not o.idle(self.scores))
        if not kept:
            names = ", ".join(repr(objective) for objective in self.objectives)
            raise ParameterError(
                f"The 'objectives' parameter of Problem names only {names}, which these rosters "
                "lack the columns for. Add MaximizeMatched() and MaximizeTotal()."
            )
        return kept

    def __repr__(self) -> str:
        scores = self.scores
        stages = " > ".join(type(objective).__name__ for objective in self.objectives)
        count = len(self.constraints)
        held = f", {count} constraint{'s' * (count > 1)}" if count else ""
        return (
            f"<Problem: {len(scores.mentees):,} mentees x {len(scores.mentors):,} mentors, "
            f"{int(scores.mentors.capacity.sum()):,} seats, {stages}{held}>"
        )
