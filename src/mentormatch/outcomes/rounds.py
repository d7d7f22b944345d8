"""Rounds: past matchings as parts, in standard deviations over all pairs that could have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import BoolArray, FloatArray
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.scores import Scores, mentee_weights

__all__ = ["Pairs", "Round", "learnable", "rounds_of"]

Positions = npt.NDArray[np.int64]


def learnable(criteria: Sequence[Criterion], matchings: Sequence[Matching]) -> BoolArray:
    """Return bool (criteria,): whose weight answers may change.

    Not a weight of 0, and not what is about a sensitive column of any roster.
    """
    sensitive = {
        name
        for matching in matchings
        for side in (matching.problem.scores.mentees, matching.problem.scores.mentors)
        for name in side.sensitive
    }
    return np.array(
        [c.weight > 0 and not sensitive.intersection(c.columns_used()) for c in criteria],
        dtype=bool,
    )


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of one round by position: of every mentee her first mentor."""

    rows: Positions
    cols: Positions

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: BoolArray) -> Pairs:
        """Return some of them."""
        return Pairs(self.rows[which], self.cols[which])


@dataclass(frozen=True, eq=False)
class Round:
    """One past matching and what of its parts is compared; k criteria whose weights are learnt.

    Attributes
    ----------
    matching : Matching
    places : int64 (k,)
        Where each criterion is among those of this round, -1 where it was not asked.
    centre, variance : float64 (k,)
        Of each part over the admissible pairs whose part is known.
    known : float64 (k,)
        How many those are.
    spread : float64 (k,)
        Standard deviations that parts are divided by, the same in every round.
    own : float64 (n, k, k) or None
        ``own[i] @ weights`` are mentee i's own weights, where priorities were asked for.
    """

    matching: Matching
    places: Positions
    centre: FloatArray
    variance: FloatArray
    known: FloatArray
    spread: FloatArray
    own: FloatArray | None

    @property
    def scores(self) -> Scores:
        """The scores of the matching."""
        return self.matching.problem.scores

    def parts(self, pairs: Pairs) -> FloatArray:
        """Return float64 (pairs, k): centred parts in standard deviations, 0 where unanswered.

        Where a mentee stated priorities, what one unit of each *weight* adds for her: her own
        weights are shared out by her numbers.
        """
        found = np.zeros((len(pairs), len(self.places)))
        every = self.scores._at(pairs.rows, pairs.cols).parts.astype(np.float64)
        there = self.places >= 0
        found[:, there] = self._standard(every[:, self.places[there]], there)
        if self.own is None:
            return found
        scaled = found * self.spread
        safe = np.where(self.spread > 0, self.spread, 1.0)
        shared: FloatArray = np.einsum("ikr,ik->ir", self.own[pairs.rows], scaled) / safe
        return shared

    def _standard(self, parts: FloatArray, which: BoolArray) -> FloatArray:
        spread = self.spread[which]
        off = (parts - self.centre[which]) / np.where(spread > 0, spread, np.inf)
        return np.nan_to_num(off, nan=0.0)

    def means(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the score by these weights, averaged over everybody's admissible partners.

        Parameters
        ----------
        weights
            float64 (k,), per unit of a part.

        Returns
        -------
        float64 (n,), float64 (m,)
            Of each mentee and each mentor; 0 without an admissible partner.
        """
        n, m = self.scores.shape
        admissible = self.scores.admissible
        own = np.broadcast_to(weights, (n, len(weights)))
        if self.own is not None:
            own = np.einsum("ikr,r->ik", self.own, weights)
        score = np.zeros((n, m))
        for place, criterion in enumerate(self.places.tolist()):
            if criterion >= 0:
                part = self.scores.part(criterion).astype(np.float64) - self.centre[place]
                score += own[:, place, None] * np.nan_to_num(part, nan=0.0)
        score *= admissible
        by_mentee = score.sum(axis=1) / np.maximum(admissible.sum(axis=1), 1)
        by_mentor = score.sum(axis=0) / np.maximum(admissible.sum(axis=0), 1)
        return by_mentee, by_mentor


def rounds_of(
    matchings: Sequence[Matching], criteria: Sequence[Criterion], which: BoolArray
) -> tuple[Round, ...]:
    """Return past matchings with their parts over all admissible pairs measured.

    Parameters
    ----------
    criteria
        Those of the last matching.
    which
        bool (criteria,): whose weights are learnt.

    Notes
    -----
    Time O(n m criteria) per matching, memory O(n m).
    """
    names = [c.name for c, kept in zip(criteria, which, strict=True) if kept]
    bare = [_measured(matching, names) for matching in matchings]
    known = np.array([one.known for one in bare])
    variance = np.array([one.variance for one in bare])
    pooled = (known * variance).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return tuple(replace(one, spread=np.sqrt(pooled)) for one in bare)


def _measured(matching: Matching, names: Sequence[str]) -> Round:
    scores = matching.problem.scores
    places = [scores.names.index(name) if name in scores.names else -1 for name in names]
    centre, variance, known = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    admissible = scores.admissible
    for place, criterion in enumerate(places):
        if criterion >= 0:
            part = scores.part(criterion)
            said = part[admissible & ~np.isnan(part)].astype(np.float64)
            known[place] = said.size
            if said.size:
                centre[place], variance[place] = said.mean(), said.var()
    own = _own_weights(scores, places)
    where = np.array(places, dtype=np.int64)
    return Round(matching, where, centre, variance, known, np.ones(len(names)), own)


def _own_weights(scores: Scores, places: Sequence[int]) -> FloatArray | None:
    """Return float64 (n, k, k): each mentee's own weights per unit of each weight; None: alike."""
    if not any(criterion.priority for criterion in scores.criteria):
        return None
    k = len(places)
    own = np.zeros((len(scores.mentees), k, k))
    own[:, np.arange(k), np.arange(k)] = 1.0  # of what this round did not ask
    for column, criterion in enumerate(places):
        if criterion >= 0:
            one = [
                replace(c, weight=float(place == criterion))
                for place, c in enumerate(scores.criteria)
            ]
            shared = mentee_weights(one, scores.mentees)
            for row, other in enumerate(places):
                own[:, row, column] = shared[:, other] if other >= 0 else 0.0
    return own
