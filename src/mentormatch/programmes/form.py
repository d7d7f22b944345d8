"""What the results of all forms of mentoring have: a proof to check, a table, files to write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf, isinf
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.matching.answer import Answer
from mentormatch.matching.manifest import describe, scores_manifest, stages_manifest
from mentormatch.matching.matching import Matching
from mentormatch.values import Public, Told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from pathlib import Path

    import pandas as pd

    from mentormatch.scoring.scores import Scores

__all__ = ["Form", "Verified", "verify"]


@dataclass(frozen=True)
class Verified(Public):
    """What the proof of a result comes to when it is worked out again.

    Attributes
    ----------
    holds : bool
        Whether the result keeps what it must, is worth what it says, and its prices prove the
        bound that it states.
    value, bound : float
        Of the last objective, in its unit: worked out anew. The bound is infinite where the prices
        prove none, as after a time limit.
    text : str
        The same in words.
    """

    holds: bool
    value: float
    bound: float
    text: str

    @property
    def gap(self) -> float:
        """Relative difference of bound and value; 0 means proven optimal."""
        if self.bound == self.value:
            return 0.0
        return inf if isinf(self.bound) else abs(self.bound - self.value) / abs(self.bound)

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return f"<Verified: {self.text}>"


class Form(Answer):
    """Base of the results of `suggest`, `form_groups`, `match_peers` and `schedule_rounds`.

    Each has, beside its own table: `stages`, `status`, `objective`, `bound`, `gap`, `unique`,
    `notes`, `manifest`, and files to write.
    """

    _in_errors = "Suggestions, Groups, Peers or a Timetable"
    title = "Mentoring"
    """What its workbook is called."""

    if TYPE_CHECKING:

        @property
        def scores(self) -> Scores: ...

        @property
        def seconds(self) -> float: ...

        @property
        def unique(self) -> bool | None: ...

    if TYPE_CHECKING:

        def explain(self, who: Any, audience: Any = ...) -> Told: ...

        def why_not(self, one: str, other: str, time_limit: float | None = ...) -> Told: ...

        def diagnose(self) -> pd.DataFrame: ...

    def paired(self) -> Matching:
        """Return who is with whom as a matching, each mentor with as many seats as are taken.

        Of one pool everybody stands on both sides, and each meeting both ways round. What is
        asked of two people can be asked of it; `audit` does.
        """
        scores = self.scores
        pairs = list(dict.fromkeys(self._pairs()))
        seats = scores.mentors.capacity.copy()
        taken = np.bincount(
            [scores.mentors.position(mentor) for _, mentor in pairs], minlength=len(seats)
        )
        seats = np.maximum(seats, taken)
        return Matching.from_pairs(
            scores.replaced(mentors=replace(scores.mentors, capacity=seats)), pairs
        )

    def _each_pair(self) -> Iterable[tuple[str, str]]:
        """Return (mentee, mentor) ids of everybody who is together; of one pool one way round."""
        raise NotImplementedError

    @property
    def _one_pool(self) -> bool:
        """Whether both of each meeting are on one roster, and neither is the other's mentor."""
        return False

    def _pairs(self) -> Iterable[tuple[str, str]]:
        """Return what `_each_pair` does, of one pool both ways round."""
        once = list(self._each_pair())
        return [*once, *((b, a) for a, b in once)] if self._one_pool else once

    def verified(self) -> Verified:
        """Work the proof out again: see `verify`."""
        raise NotImplementedError

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the workbook after its first page: name -> table, people by name."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, Any]:
        """Return what was asked for: parameter -> value."""
        raise NotImplementedError

    @property
    def manifest(self) -> dict[str, Any]:
        """What made this result: versions, input hashes, weights, rules, settings, certificate."""
        made = scores_manifest(self.scores)
        made["settings"] = {name: describe(value) for name, value in self.settings().items()}
        made["result"] = {
            "status": str(self.status), "meaning": self.status.sentence,
            "stages": stages_manifest(self.stages),
            "unique": None if self.unique is None else bool(self.unique),
            "notes": list(self.notes),
        }  # fmt: skip
        return made

    def plot(self, ax: Any = None) -> Any:
        """Draw it: exposure of lists, the week of groups, ranks of peers, the timetable of rounds.

        Parameters
        ----------
        ax
            matplotlib axes to draw on; None makes new ones.

        Returns
        -------
        matplotlib Axes
        """
        return upstairs("delivery.form_plot", "draw")(self, ax)

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return the table as CSV; also write it to a path."""
        return upstairs("delivery.export", "write_csv")(self.to_frame(), path)  # type: ignore[no-any-return]

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return everything as JSON; write it to a path. `from_json` loads it again."""
        return upstairs("delivery.saved.files", "form_to_json")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, source: str | PathLike[str] | bytes) -> Self:
        """Load what `to_json` wrote, from a path or from the text itself.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, is of another kind or a newer version.
        """
        return upstairs("delivery.saved.files", "from_json")(cls, source)  # type: ignore[no-any-return]

    def to_excel(self, path: str | PathLike[str]) -> Path:
        """Write a workbook: a first page in words, the tables, and how it was made.

        Parameters
        ----------
        path
            File to write, ending in ``.xlsx``.
        """
        return upstairs("delivery.form_workbook", "write_form")(self, path)  # type: ignore[no-any-return]


@typed
def verify(result: Form) -> Verified:
    """Check a result by the prices that it holds, with NumPy alone.

    Nothing of the solver is asked: the pairs are checked against seats, sizes and demands, their
    worth is added up, and the bound is worked out from the prices. Whoever doubts a result can do
    the same with the formula in the docs of its certificate.

    Parameters
    ----------
    result
        What `suggest`, `form_groups`, `match_peers` or `schedule_rounds` returned.

    Returns
    -------
    Verified
        True where everything holds.
    """
    return result.verified()
