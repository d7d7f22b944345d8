"""Suggestions: whose list names whom, how exposure is spread, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.doors import upstairs
from mentormatch.errors import Status
from mentormatch.insight.explain import reason_texts
from mentormatch.matching.answer import Stage
from mentormatch.matching.certificate import Certificate
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form, Verified
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.insight.audience import Audience

__all__ = ["Asked", "Suggestions"]


@dataclass(frozen=True, eq=False)
class Asked(ByValue):
    """What `suggest` was asked for: its parameters, and `found`, who has found a mentor since."""

    scores: Scores
    k: int
    exposure: Any
    least: int
    back: Scores | None
    mutual: Mutual
    seed: int
    found: tuple[str, ...] = ()

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, self.k


@dataclass(frozen=True, eq=False, repr=False)
class Suggestions(Form):
    """The lists that `suggest` found: data, and questions about it.

    ``lists["ana"]`` are the ids on one mentee's list, ``("ana", "bo") in lists`` tells whether a
    mentor is on it, iterating yields (mentee, mentor) ids.

    Attributes
    ----------
    asked : Asked
        The parameters of `suggest`.
    matching : Matching
        The flow behind the lists: exposure as capacity, k mentors each. Its scores are those of
        both directions together where interest is mutual.
    certificate : Certificate or None
        Prices that prove the total; None where the time ran out.
    before : Suggestions or None
        The lists that `resuggest` went on from.
    accepted : tuple of (str, str)
        The pairs that have agreed since, by their ids.
    """

    title = "Mentors to ask"

    asked: Asked
    matching: Matching
    certificate: Certificate | None = None
    before: Suggestions | None = field(default=None, compare=False)
    accepted: tuple[tuple[str, str], ...] = ()

    def _identity(self) -> tuple[Any, ...]:
        return (self.matching,)

    @property
    def scores(self) -> Scores:
        """The scores that lists were asked from, each mentor with her seats."""
        return self.asked.scores

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Value and bound: mentees with a list, then the total score of all entries."""
        return self.matching.stages

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.matching.status

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the lists should know."""
        return self.matching.notes

    @property
    def unique(self) -> bool:
        """Whether no other lists are as good, before ties were decided."""
        return self.matching.unique

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self.matching.seconds

    @property
    def entries(self) -> tuple[IntArray, IntArray]:
        """Positions of the mentee and the mentor of each entry, lists in roster order."""
        return self.matching.pairs

    def __len__(self) -> int:
        return len(self.entries[0])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.matching)

    def __contains__(self, who: object) -> bool:
        return who in self.matching

    def __getitem__(self, mentee: str) -> tuple[str, ...]:
        """Return the ids on a mentee's list, best score first.

        Raises
        ------
        UnknownPersonError
            If no mentee has this id, e-mail or unambiguous name.
        """
        return self.matching[mentee]

    def to_frame(
        self, *, reasons: bool = False, audience: Audience = "participant"
    ) -> pd.DataFrame:
        """Return one row per entry.

        Parameters
        ----------
        reasons
            Also why, in words: `to_mentee` says it to the mentee, `to_mentor` to the mentor.
        audience
            For whom the reasons are.

        Returns
        -------
        DataFrame
            `mentee`, `position` (1: first on the list), `mentor` (ids), `mentee_name`,
            `mentor_name`, `score`, `rank` (among all mentors that the mentee may have, 1: best),
            `evidence`, then one column per criterion; with `back` also `back` (the score the other
            way round).
        """
        frame = self.matching.to_frame()
        rows, columns = self.entries
        frame.insert(1, "position", np.arange(len(rows)) - np.searchsorted(rows, rows) + 1)
        if self.asked.back is not None:
            frame.insert(6, "back", self._back(rows, columns))
        if reasons:
            frame["to_mentee"] = reason_texts(self.matching, rows, columns, audience)
        return frame

    def _back(self, rows: IntArray, columns: IntArray) -> Any:
        back, scores = self.asked.back, self.scores
        assert back is not None
        at = [back.mentees.position(scores.mentors.ids[j]) for j in columns.tolist()]
        to = [back.mentors.position(scores.mentees.ids[i]) for i in rows.tolist()]
        return plain(back.at(at, to)) / MILLION

    @cached_property
    def exposure(self) -> pd.DataFrame:
        """One row per mentor: how many lists she is on, and what one more would bring.

        `mentor`, `name`, `seats`, `lists`, `allowed`, `free` (places left), `own_top` (on how many
        lists she would be if everybody had her own best k), `price` (by how much the total would
        rise if she could be on one more list; missing where the time ran out).
        """
        return upstairs("programmes.suggest.exposure", "by_mentor")(self)  # type: ignore[no-any-return]

    @cached_property
    def fairness(self) -> pd.DataFrame:
        """How exposure is spread, beside what everybody's own best k would give.

        One row per figure: `figure`, `lists` (these), `own_top` (everybody's own best k),
        `meaning`.
        """
        return upstairs("programmes.suggest.exposure", "fairness")(self)  # type: ignore[no-any-return]

    @property
    def news(self) -> pd.DataFrame:
        """One row per entry that is new or gone since the lists before: for letters to whom it
        concerns.

        `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `change` ("new" or "gone"), `why`.
        """
        return upstairs("programmes.suggest.questions", "news")(self)  # type: ignore[no-any-return]

    def explain(self, who: str, audience: Audience = "administrator") -> Told:
        """Say why a mentee's list is as it is: see `questions.ListExplanation`."""
        return upstairs("programmes.suggest.questions", "explained")(self, who, audience)  # type: ignore[no-any-return]

    def why_not(self, one: str, other: str, time_limit: float | None = None) -> Told:
        """Say why a mentor is not on a mentee's list, and what it would cost to put her there."""
        return upstairs("programmes.suggest.questions", "why_not_listed")(  # type: ignore[no-any-return]
            self, one, other, time_limit
        )

    def _each_pair(self) -> Iterator[tuple[str, str]]:
        return iter(self)

    def diagnose(self) -> pd.DataFrame:
        """Return one row per mentee whose list is shorter than asked for, and what would help.

        `mentee`, `name`, `entries`, `admissible` (mentors she may have), `reason`, `helps` (the
        smallest single change that was found to do, verified by solving again).
        """
        return upstairs("programmes.suggest.questions", "short_lists")(self)  # type: ignore[no-any-return]

    def verified(self) -> Verified:
        """Check the lists by their prices: see `verify`."""
        return upstairs("programmes.suggest.questions", "verified")(self)  # type: ignore[no-any-return]

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the workbook: lists, exposure, fairness, short lists."""
        return {
            "Lists": self._list_table(),
            "Exposure": self.exposure,
            "Fairness": self.fairness,
            "Short lists": self.diagnose(),
        }

    def _list_table(self) -> pd.DataFrame:
        """Return the lists by name, with reasons that everybody who reviews them may read."""
        frame = self.to_frame()
        kept = ["mentee_name", "position", "mentor_name", "score", "back", "rank", "evidence"]
        table = frame[[name for name in kept if name in frame]].rename(
            columns={"mentee_name": "mentee", "mentor_name": "mentor"}
        )
        reasons = reason_texts(self.matching, *self.entries, "reviewer", most=3)
        return table.assign(reasons=reasons, mentee_id=frame["mentee"], mentor_id=frame["mentor"])

    def settings(self) -> Mapping[str, Any]:
        """Return what was asked for."""
        asked = self.asked
        return {
            "k": asked.k, "exposure": asked.exposure, "least": asked.least, "seed": asked.seed,
            "mutual": None if asked.back is None else asked.mutual,
        }  # fmt: skip

    def _headline(self) -> str:
        n = len(self.scores.mentees)
        listed = int((self.matching.assignment >= 0).sum())
        mean = self.objective / max(len(self), 1)
        return (
            f"{len(self):,} entries on the lists of {listed:,} of {n:,} mentees (up to "
            f"{self.asked.k} each), total score {self.objective:,.3f} (mean {mean:.3f})"
        )
