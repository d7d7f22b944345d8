"""Which of a mentee's labels each mentor can help with, and where mentors would double."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError, listed
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scales import as_lists, common_codes, list_column, rows_of

__all__ = ["Served"]

MOST_LABELS = 12
"""Labels a mentee may name: the sets of them are looked at one by one."""


@dataclass(frozen=True, eq=False)
class Served:
    """Labels of mentees, and who can help with them.

    wants : bool (n, labels);  offers : bool (m, labels)
    answered : bool (m,), who said anything at all; the others may stand for any label.
    labels : tuple of str
    """

    wants: npt.NDArray[np.bool_]
    offers: npt.NDArray[np.bool_]
    answered: npt.NDArray[np.bool_]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, mentees: Profiles, mentors: Profiles, needs: str, by: Sequence[str]) -> Served:
        """Read the mentees' column `needs` and the mentors' columns `by`.

        Raises
        ------
        ColumnError
            If a roster lacks a column, or has it in another type.
        ParameterError
            If mentees named more than `MOST_LABELS`; all of them.
        """
        owner = f"Demand({needs!r}, by=...)"
        given = list_column(mentees, needs, owner)
        theirs = [list_column(mentors, name, owner) for name in by]
        wanted, offers = as_lists(given, theirs), [as_lists(column, [given]) for column in theirs]
        codes, labels = common_codes(wanted.labels, *(offer.labels for offer in offers))
        wants = np.zeros((len(mentees), len(labels)), dtype=bool)
        wants[rows_of(wanted), codes[0][wanted.codes]] = True
        can = np.zeros((len(mentors), len(labels)), dtype=bool)
        for offer, mine in zip(offers, codes[1:], strict=True):
            can[rows_of(offer), mine[offer.codes]] = True
        many = np.flatnonzero(wants.sum(axis=1) > MOST_LABELS)
        if many.size:
            raise ParameterError(
                f"{owner} can tell apart up to {MOST_LABELS} labels of a mentee. More were named "
                f"by {listed(mentees.ids[i] for i in many)}. Give a number of mentors, or ask for "
                "fewer labels.",
                person=mentees.ids[int(many[0])],
                rule=owner,
            )
        answered = np.logical_or.reduce([offer.given for offer in offers])
        return cls(wants, can, answered, tuple(labels))

    @property
    def named(self) -> npt.NDArray[np.bool_]:
        """bool (n,): who named anything."""
        return np.asarray(self.wants.any(axis=1), dtype=bool)

    def tight(
        self, mentee: int, most: int, open_: npt.NDArray[np.bool_]
    ) -> Iterator[tuple[list[str], npt.NDArray[np.bool_]]]:
        """Yield sets of her labels with more mentors for those alone than there are labels.

        Parameters
        ----------
        mentee
            Position.
        most
            How many mentors she may have.
        open_
            bool (m,), who may be hers at all.

        Yields
        ------
        labels, and bool (m,): who can help with no other of hers
        """
        own = np.flatnonzero(self.wants[mentee])
        bits = 1 << np.arange(own.size)
        mask = np.where(self.answered, self.offers[:, own] @ bits, bits.sum())
        sets = {0}
        for one in np.unique(mask).tolist():
            sets |= {other | one for other in sets}
        for chosen in sorted(sets, key=lambda s: (s.bit_count(), s)):
            inside = (mask & ~chosen) == 0
            if chosen.bit_count() < min(most, int((inside & open_).sum()), own.size):
                yield [self.labels[own[k]] for k in range(own.size) if chosen >> k & 1], inside
