"""Consent first: who has not said yes is not matched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mentormatch.errors import ColumnError
from mentormatch.rosters.columns import BoolArray, Categories, Column, Numbers
from mentormatch.rosters.vocabulary import yes_or_no
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.rules import LoweredRule, Rule, Unanswered

__all__ = ["Consented"]


@dataclass(frozen=True, eq=False, repr=False)
class Consented(Rule):
    """Only mentees who said yes: who said no, or did not answer, is not matched.

    In reverse mentoring the mentee is the senior of the two, who is asked first.

    Attributes
    ----------
    column : str
        Column of yes and no (or 1 and 0) of the mentee roster.
    """

    column: str = "consent"

    def __str__(self) -> str:
        return f"Consented({self.column!r})"

    def lower(self, pairing: Pairing) -> LoweredRule:
        answers = pairing.mentees.column(self.column, Column, wanted_by=str(self))
        yes = _said_yes(answers)
        if yes is None:
            raise ColumnError(
                f"{self} needs {self.column!r} as yes and no; the mentee roster has it as "
                f"{answers.kind} with other answers. Name another column, or leave the rule out.",
                column=self.column, rule=str(self),
            )  # fmt: skip
        everybody = np.ones(len(pairing.mentors), dtype=bool)
        return Unanswered(yes, everybody, "{mentee} has not consented", pairing)


def _said_yes(column: Column) -> BoolArray | None:
    """Return bool (people,): who said yes; None if the answers are no yes and no."""
    if isinstance(column, Numbers) and column.labels is None:
        return np.nan_to_num(column.values) > 0
    if not isinstance(column, Numbers | Categories):
        return None
    said = [None if answer is None else yes_or_no(str(answer)) for answer in column.to_list()]
    if any(one is None and bool(given) for one, given in zip(said, column.answered, strict=True)):
        return None
    return np.array([bool(one) for one in said], dtype=bool)
