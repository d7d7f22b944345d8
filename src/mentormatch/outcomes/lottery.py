"""Lottery: seats that were drawn by lot, with everybody's chance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.doors import upstairs
from mentormatch.errors import ParameterError, SavedFileError, check_parameter, counted, listed
from mentormatch.matching.matching import Matching, total_points
from mentormatch.rosters.columns import BoolArray, FloatArray, freeze
from mentormatch.values import ByValue, Told
from mentormatch.writing import write_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Lottery"]

REAL = (0.1, 0.9)
"""Chances of a seat that count as real both ways: outside, single answers would weigh too much."""


FORMAT = 1
"""Of saved files."""


@dataclass(frozen=True, eq=False, repr=False)
class Lottery(ByValue, Told):
    """Seats that were drawn by lot: who got one, and what everybody's chance was.

    Made by `lottery`, or by `by_hand` where the draw was yours. `evaluate` takes it as
    `comparison`: chances that are known make an effect of what would else be a difference.

    Attributes
    ----------
    matching : Matching
        The matching that was drawn; n mentees.
    chance : float64 (n,)
        Of each mentee to be matched, by the draw. 1 for locked pairs.
    draws : int
        Draws that the chances were counted in; 0 where they are known otherwise.
    best : float
        Total score of the best matching; NaN for a draw by hand.
    """

    matching: Matching
    chance: FloatArray
    draws: int = 0
    best: float = nan

    def __post_init__(self) -> None:
        object.__setattr__(self, "chance", freeze(np.asarray(self.chance, dtype=np.float64)))

    def _identity(self) -> tuple[Any, ...]:
        return self.matching, self.chance.tobytes()

    @classmethod
    def by_hand(cls, matching: Matching, waiting: Sequence[str] | None = None) -> Lottery:
        """Take seats that you drew by lot, everybody with the same chance.

        Parameters
        ----------
        matching
            Who got a seat, and with whom. Locked pairs took no part in the draw.
        waiting
            Ids of the unmatched mentees who took part and drew no seat; default: all unmatched.
            Whoever was left out for another reason (nobody was admissible for her, she came
            late) took no part: leave her out.

        Raises
        ------
        ParameterError
            If somebody waiting has a mentor, or nobody is waiting: then there was no draw.
        """
        mentees = matching.problem.scores.mentees
        seated = matching.assignment >= 0
        locked = np.zeros(len(seated), dtype=bool)
        locked[matching.problem.scores.locks[:, 0]] = True
        lost = ~seated
        if waiting is not None:
            check_parameter(not isinstance(waiting, str), "waiting", "Lottery.by_hand",
                            "a list of ids", waiting)  # fmt: skip
            lost = np.zeros(len(seated), dtype=bool)
            lost[[mentees.position(person) for person in waiting]] = True
        if (lost & seated).any() or not lost.any():
            both = [mentees.ids[at] for at in np.flatnonzero(lost & seated)]
            raise ParameterError(
                "The 'waiting' parameter of Lottery.by_hand must name mentees who drew no seat. "
                + (f"These have a mentor: {listed(both)}." if both else "Everybody has a mentor.")
            )
        in_draw = lost | (seated & ~locked)
        share = float((seated & in_draw).sum() / in_draw.sum())
        chance = np.where(in_draw, share, (seated & locked).astype(np.float64))
        return cls(matching, chance)

    @property
    def drawn(self) -> BoolArray:
        """bool (n,): who got a seat."""
        return self.matching.assignment >= 0

    @property
    def real(self) -> BoolArray:
        """bool (n,): who had a real chance both ways, whom an effect is about.

        From 0.1 to 0.9; where everybody had the same chance, all who took part.
        """
        if self.draws:
            return (self.chance >= REAL[0]) & (self.chance <= REAL[1])
        return (self.chance > 0) & (self.chance < 1)

    @property
    def cost(self) -> float:
        """Share of the best total score that the drawn matching gives up; NaN if by hand."""
        if self.best != self.best:
            return nan
        total = total_points(self.matching) / 1e6
        return (self.best - total) / self.best if self.best else 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return one row per mentee: `mentee`, `name`, `chance`, `seat` (drawn), `real`."""
        import pandas as pd

        mentees = self.matching.problem.scores.mentees
        return pd.DataFrame(
            {
                "mentee": pd.Series(mentees.ids, dtype=object),
                "name": pd.Series([mentees.name(i) for i in range(len(mentees))], dtype=object),
                "chance": self.chance,
                "seat": self.drawn,
                "real": self.real,
            }
        )

    @property
    def text(self) -> str:
        """Who had a chance, and what the draw cost, in words."""
        n, seats = len(self.chance), int(self.drawn.sum())
        if not n:
            return "There are no mentees, so nothing was drawn."
        real = int(self.real.sum())
        if not self.draws:
            return (
                f"{counted(seats, 'seat')} for {counted(n, 'mentee')}; {real:,} took part in a "
                "draw by lot in which everybody had the same chance, as you say."
            )
        low, high = (round(100 * end) for end in REAL)
        given_up = f"{100 * self.cost:.1f} %" if self.cost > 0 else "nothing"
        said = [
            f"{counted(seats, 'seat')} drawn among {counted(n, 'mentee')}. {real:,} of them had a "
            f"chance from {low} to {high} %, counted in {self.draws:,} draws. The matching that "
            f"was drawn gives up {given_up} of the best total score."
        ]
        if real:
            said.append(
                "Chances depend on scores: the draw is among nearly the best matchings, not among "
                "all people. It is fair where need is equal; who must have a seat is best locked "
                "or given priority before."
            )
        else:
            said.append("Nobody had a real chance both ways: no effect can be told from it.")
        return " ".join(said)

    def plot(self, ax: Any = None) -> Any:
        """Draw everybody's chance from highest to lowest, and who got a seat; return the axes.

        Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        return upstairs("delivery.lottery_plot", "draw")(self, ax)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return matching and chances as JSON, and write it to a path.

        Chances are needed when answers come in, perhaps a year later; `from_json` loads them.
        """
        saved = {
            "lottery": FORMAT,
            "draws": self.draws,
            "best": None if self.best != self.best else self.best,
            "chance": self.chance.tolist(),
            "matching": json.loads(self.matching.to_json()),
        }
        text = json.dumps(saved, ensure_ascii=True)
        if path is not None:
            write_file(path, text)
        return text

    @classmethod
    def from_json(cls, source: str | PathLike[str]) -> Lottery:
        """Load what `to_json` wrote, from a path or from the text itself.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, or is no saved lottery.
        """
        told = isinstance(source, str) and source.lstrip().startswith("{")
        text = str(source) if told else Path(source).read_text(encoding="utf-8")
        try:
            saved = json.loads(text)
            if saved["lottery"] != FORMAT:
                raise SavedFileError("This lottery was saved by another version of the format.")
            chance = np.array(saved["chance"], dtype=np.float64)
            draws, best = int(saved["draws"]), saved["best"]
            matching = Matching.from_json(json.dumps(saved["matching"]))
        except SavedFileError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise SavedFileError(
                f"This is no saved lottery, or it was changed: {error}."
            ) from error
        if chance.shape != matching.assignment.shape or not ((chance >= 0) & (chance <= 1)).all():
            raise SavedFileError("The saved lottery has no chance in [0, 1] for each mentee.")
        return cls(matching, chance, draws, nan if best is None else float(best))
