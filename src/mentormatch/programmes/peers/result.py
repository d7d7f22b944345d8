"""Peers: who meets whom, how good it is, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.doors import upstairs
from mentormatch.errors import Status
from mentormatch.insight.audience import Audience
from mentormatch.insight.explain import scores_texts
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Form, Verified
from mentormatch.programmes.peers.pool import Pool, pool_of
from mentormatch.programmes.peers.solving import Odd, SolvedPeers
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Peers", "PeersAsked"]


@dataclass(frozen=True, eq=False)
class PeersAsked(ByValue):
    """What `match_peers` was asked for: its parameters, earlier groups by today's ids."""

    scores: Scores
    size: int
    odd: Odd
    mutual: Mutual
    previous: tuple[tuple[str, ...], ...]
    constraints: tuple[Any, ...]
    stable: bool
    seed: int

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, self.size, self.odd, self.mutual, self.previous


@dataclass(frozen=True, eq=False, repr=False)
class Peers(Form):
    """The pairs, and the trio, that `match_peers` found: data, and questions about it.

    ``peers["ana"]`` are the ids of those whom one person meets, ``("ana", "bo") in peers`` tells
    whether two meet, iterating yields the groups.

    Attributes
    ----------
    asked : PeersAsked
        The parameters of `match_peers`.
    solved : SolvedPeers
        Groups by place in the pool, stages, prices.
    notes : tuple of str
        What whoever reads it should know.
    """

    title = "Who meets whom"

    asked: PeersAsked
    solved: SolvedPeers
    notes: tuple[str, ...] = ()
    _pool: Pool | None = field(default=None, repr=False, compare=False)

    def _identity(self) -> tuple[Any, ...]:
        return self.asked, self.solved

    @cached_property
    def pool(self) -> Pool:
        """What every two people are to each other, in whole numbers."""
        asked = self.asked
        return self._pool or pool_of(
            asked.scores, asked.mutual, asked.previous, asked.constraints, asked.seed, asked.size
        )

    @property
    def scores(self) -> Scores:
        """The scores of the roster against itself."""
        return self.asked.scores

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Value and bound: people with company, then the total score.

        A pair counts its score once, a trio half the sum of its three, so that everybody's part
        is half of her mean score with those she meets. In groups of three and more, where asked
        for, every two who meet count their score.
        """
        return self.solved.stages

    @property
    def status(self) -> Status:
        """How the solve ended."""
        return self.solved.status

    @property
    def unique(self) -> bool | None:
        """True where no other groups are as good; None where that is not known."""
        return self.solved.unique

    @property
    def seconds(self) -> float:
        """Wall time."""
        return self.solved.seconds

    @cached_property
    def positions(self) -> tuple[tuple[int, ...], ...]:
        """Roster positions of each group, in roster order."""
        order = self.pool.order
        made = [tuple(sorted(int(order[x]) for x in group)) for group in self.solved.groups]
        return tuple(sorted(made))

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Ids of each group, in roster order."""
        ids = self.scores.mentees.ids
        return tuple(tuple(ids[i] for i in group) for group in self.positions)

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Ids of those who have nobody to meet: `diagnose` says why."""
        placed = {i for group in self.positions for i in group}
        return tuple(x for i, x in enumerate(self.scores.mentees.ids) if i not in placed)

    def partners(self, position: int) -> tuple[int, ...]:
        """Return the roster positions of those whom the person at a position meets."""
        return self._partners.get(position, ())

    @cached_property
    def _partners(self) -> dict[int, tuple[int, ...]]:
        return {i: tuple(j for j in group if j != i) for group in self.positions for i in group}

    def __len__(self) -> int:
        return len(self.positions)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self.groups)

    def __contains__(self, who: object) -> bool:
        if not isinstance(who, tuple):
            return False
        return any(set(who) <= set(group) for group in self.groups)

    def __getitem__(self, person: str) -> tuple[str, ...]:
        """Return the ids of those whom a person meets; empty if nobody.

        Raises
        ------
        UnknownPersonError
            If nobody has this id, e-mail or unambiguous name.
        """
        people = self.scores.mentees
        return tuple(people.ids[j] for j in self.partners(people.position(person)))

    @property
    def meetings(self) -> tuple[IntArray, IntArray]:
        """Roster positions of each person and of each whom she meets: both ways round."""
        rows = [(i, j) for i in sorted(self._partners) for j in self._partners[i]]
        both = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def to_frame(
        self, *, reasons: bool = False, audience: Audience = "participant"
    ) -> pd.DataFrame:
        """Return one row per person and each whom she meets, both ways round.

        Parameters
        ----------
        reasons
            Also why, in words.
        audience
            For whom the reasons are.

        Returns
        -------
        DataFrame
            `group` (1, 2, ...), `person`, `partner` (ids), `person_name`, `partner_name`, `score`
            (what the two are to each other), `own` (what the partner is to the person), `rank`
            (of the partner among all whom the person may meet, by score, 1: best), `options` (how
            many these are); with reasons `why`.
        """
        import pandas as pd

        people, scores = self.scores.mentees, self.scores
        rows, columns = self.meetings
        group_of = {i: g for g, group in enumerate(self.positions, 1) for i in group}
        place = self.pool.place
        joint = self.pool.joint
        a, b = place[rows], place[columns]
        worth = joint[a, b].astype(np.int64)
        ranks = [(joint[x] > w).sum() + 1 for x, w in zip(a, worth, strict=True)]
        own = scores.at(rows, self.pool.opposite[b]).astype(np.int64)
        frame = pd.DataFrame(
            {
                "group": np.array([group_of[i] for i in rows.tolist()], dtype=np.int64),
                "person": [people.ids[i] for i in rows.tolist()],
                "partner": [people.ids[j] for j in columns.tolist()],
                "person_name": [people.name(i) for i in rows.tolist()],
                "partner_name": [people.name(j) for j in columns.tolist()],
                "score": worth / MILLION,
                "own": plain(own) / MILLION,
                "rank": np.array(ranks, dtype=np.int64),
                "options": (joint[a] >= 0).sum(axis=1),
            }
        )
        if reasons:
            frame["why"] = scores_texts(scores, rows, self.pool.opposite[b], audience)
        return frame.sort_values(["group", "person"], kind="stable", ignore_index=True)

    def blocking(self) -> pd.DataFrame:
        """Return the pairs who would both rather meet each other than whom they meet.

        By what each is to the other, each direction by itself: `one`, `other` (ids), `one_gain`,
        `other_gain` (score). Somebody in a trio compares with the mean of both. Rules, earlier
        partners and `Apart` hold.
        """
        return upstairs("programmes.peers.questions", "blocking")(self)  # type: ignore[no-any-return]

    def explain(self, who: str, audience: Audience = "administrator") -> Told:
        """Say why a person meets whom she meets: see `questions.PeerExplanation`."""
        return upstairs("programmes.peers.questions", "explained")(self, who, audience)  # type: ignore[no-any-return]

    def _each_pair(self) -> Iterator[tuple[str, str]]:
        return (pair for group in self for pair in combinations(group, 2))

    @property
    def _one_pool(self) -> bool:
        return True

    def why_not(self, one: str, other: str, time_limit: float | None = None) -> Told:
        """Say why two people do not meet, and what it would cost: see `questions.WhyNotPeers`."""
        return upstairs("programmes.peers.questions", "why_not_together")(  # type: ignore[no-any-return]
            self, one, other, time_limit
        )

    def diagnose(self) -> pd.DataFrame:
        """Return one row per person who has nobody to meet, why, and what would help.

        `person`, `name`, `admissible` (people she may meet), `reason`, `helps` (a single change
        that was found to do, verified by solving again).
        """
        return upstairs("programmes.peers.questions", "left_over")(self)  # type: ignore[no-any-return]

    def verified(self) -> Verified:
        """Check the groups by their prices: see `verify`."""
        return upstairs("programmes.peers.questions", "verified")(self)  # type: ignore[no-any-return]

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the workbook: groups, people, who is left over."""
        return {
            "Groups": self._group_table(),
            "People": self._people_table(),
            "Left over": self.diagnose(),
        }

    def _group_table(self) -> pd.DataFrame:
        import pandas as pd

        people, place, points = self.scores.mentees, self.pool.place, self.pool.joint
        most = max((len(group) for group in self.positions), default=2)
        rows = []
        for number, group in enumerate(self.positions, 1):
            at = place[list(group)]
            worth = points[np.ix_(at, at)].astype(np.int64)
            mean = np.triu(worth, 1).sum() / (len(group) * (len(group) - 1) / 2) / MILLION
            names = [people.name(i) for i in group]
            rows.append((number, *names, *([""] * (most - len(group))), mean))
        columns = ["group", *(f"person_{k}" for k in range(1, most + 1)), "score"]
        return pd.DataFrame(rows, columns=columns)

    def _people_table(self) -> pd.DataFrame:
        frame = self.to_frame()
        rows, columns = self.meetings
        texts = scores_texts(
            self.scores, rows, self.pool.opposite[self.pool.place[columns]], "reviewer", most=3
        )
        ids = self.scores.mentees.ids
        said = {(ids[i], ids[j]): t for i, j, t in zip(rows, columns, texts, strict=True)}
        table = frame[["group", "person_name", "partner_name", "score", "own", "rank"]].rename(
            columns={"person_name": "name", "partner_name": "meets"}
        )
        why = [said[pair] for pair in zip(frame["person"], frame["partner"], strict=True)]
        return table.assign(reasons=why, person_id=frame["person"], partner_id=frame["partner"])

    def settings(self) -> Mapping[str, Any]:
        """Return what was asked for."""
        asked = self.asked
        return {
            "size": asked.size, "odd": asked.odd, "mutual": asked.mutual,
            "previous": f"{len(self.pool.meetings.pairs):,} earlier meetings",
            "constraints": [repr(constraint) for constraint in asked.constraints] or None,
            "stable": asked.stable, "seed": asked.seed,
        }  # fmt: skip

    def _headline(self) -> str:
        if self.asked.size > 2:
            meetings = max(len(self.meetings[0]) // 2, 1)
            return (
                f"{len(self):,} groups of {len(self.pool):,} people, score of all meetings "
                f"{self.objective:,.3f} (mean {self.objective / meetings:.3f})"
            )
        trios = sum(len(group) > 2 for group in self.positions)
        pairs = len(self) - trios
        told = f"{pairs:,} pair{'s' if pairs != 1 else ''}" + (" and a trio" if trios else "")
        mean = self.objective * 2 / max(self.solved.placed, 1)
        return (
            f"{told} of {len(self.pool):,} people, total score {self.objective:,.3f} "
            f"(mean {mean:.3f})"
        )
