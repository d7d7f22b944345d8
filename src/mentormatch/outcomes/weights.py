"""learn_weights: weights from what came of past pairs, never worse than those that are there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.matching.solving import run
from mentormatch.outcomes.answered import Outcomes, outcomes_of
from mentormatch.outcomes.learnt import Gain, Learnt
from mentormatch.outcomes.rounds import Pairs, Round, learnable, rounds_of
from mentormatch.outcomes.shrinkage import Posterior, nearest, shrunk
from mentormatch.outcomes.surveys import Survey
from mentormatch.outcomes.validity import validity_of
from mentormatch.programmes.budget import unpriced
from mentormatch.rosters.columns import BoolArray, FloatArray
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.reweighted import reweighted
from mentormatch.solvers.budget import Budget

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST_MENTORS", "FEWEST_PAIRS", "STEPS", "learn_weights"]

STEPS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
"""Ways from the present weights to what the answers say that are tried."""
FEWEST_PAIRS, PER_CRITERION, FEWEST_MENTORS = 60, 5, 10
"""Answered pairs, answered pairs per criterion, and mentors, below which nothing is fitted."""
CHOSEN = 1.17
"""By how much bounds are wider because the best of several steps is taken.

A gain is then claimed where there is none in about as many programmes as `confidence` allows: 8 to
13 % were measured for 10.
"""
TRIED_ON = 3
"""Latest rosters on which new weights are tried."""
MOST_NAMED = 20_000
"""Pairs beyond which no number of them is named."""
DIGITS = 4


@logged(lambda made, _: f"learnt from {made.pairs} answered pairs: changed {made.changed}")
@typed
def learn_weights(
    matchings: Matching | Sequence[Matching],
    survey: Survey | Sequence[Survey],
    scale: str = "quality",
    *,
    confidence: float = 0.9,
    wave: str | Sequence[str] | None = None,
) -> Learnt:
    r"""Adjust the weights to what came of past pairs, only as far as that is safe.

    Parts of the pairs, in standard deviations over all pairs that could have been, are compared
    with what mentees answered. The weights are shrunk towards those of the last matching (see
    `shrinkage`); rosters of the last three matchings are matched again with weights on the way
    there, and that step is taken which has the largest lower bound of the gain,

    .. math:: d'm - z \sqrt{d' S d},

    for the change d of the mean parts, mean m and covariance S of the weights, and z the normal
    quantile, a sixth wider as the best of several steps is taken. If no bound is above 0, the old
    weights stay.

    Parameters
    ----------
    matchings
        Past rounds, oldest first. Criteria and weights to begin with are those of the last.
    survey
        From `read_survey`: one for all matchings, or one for each.
    scale
        The outcome, answered by mentees: one scale, never mixed with what mentors answer.
    confidence
        Of the lower bound, in [0.5, 1). 0.5 follows the best guess: it learns faster from many
        pairs, and with few it makes matchings worse more often.
    wave
        In which it was answered: one for all, or one for each matching. Default: the last.

    Returns
    -------
    Learnt

    Raises
    ------
    ParameterError
        If the survey lacks the scale or wave, answers are anonymous or could belong to several
        matchings, or a parameter is outside its domain.

    Notes
    -----
    Left out: locked pairs (their outcome tells what the coordinator knew), mentors beyond a
    mentee's first. A weight of 0 stays 0, and one about a sensitive column stays as it is. Where
    mentees stated priorities, their own weights enter. Mentors share one effect over all rounds,
    by their id; how good everybody's options were on average is held constant, as keen people
    answer more. Fewer than 60 answered pairs, 5 per criterion or 10 mentors are not fitted.

    Weights that are learnt say what went with good outcomes among pairs like these: not why, nor
    that a criterion with a small weight is useless. Look at `audit` again before you use them.

    Time O(n m criteria) and eight solves for each of the last three rosters.

    Examples
    --------
    >>> learnt = mm.learn_weights([m2024, m2025], survey)             # doctest: +SKIP
    >>> mm.match(mentees, mentors, criteria=learnt.criteria)          # doctest: +SKIP
    """
    several = (matchings,) if isinstance(matchings, Matching) else tuple(matchings)
    check_parameter(
        bool(several) and all(isinstance(one, Matching) for one in several), "matchings",
        "learn_weights", "one matching or several", matchings,
    )  # fmt: skip
    check_parameter(0.5 <= confidence < 1, "confidence", "learn_weights", "in [0.5, 1)", confidence)
    criteria = several[-1].problem.scores.criteria
    which = learnable(criteria, several)
    outcomes = outcomes_of(several, survey, scale, wave)
    rounds = rounds_of(several, criteria, which)
    which, rounds = _without_flat(which, rounds)
    learning = _Learning(criteria, which, rounds, outcomes, scale, confidence)
    return learning.result()


def _without_flat(
    which: BoolArray, rounds: tuple[Round, ...]
) -> tuple[BoolArray, tuple[Round, ...]]:
    """Leave out criteria that set no pair apart in any round."""
    told = rounds[0].spread > 0
    if told.all():
        return which, rounds
    kept = which.copy()
    kept[np.flatnonzero(which)[~told]] = False
    fewer = tuple(
        replace(
            one, places=one.places[told], centre=one.centre[told], variance=one.variance[told],
            known=one.known[told], spread=one.spread[told],
            own=None if one.own is None else one.own[:, told][:, :, told],
        )
        for one in rounds
    )  # fmt: skip
    return kept, fewer


@dataclass(frozen=True, eq=False)
class _Learning:
    """One call of `learn_weights`, step by step."""

    criteria: tuple[Criterion, ...]
    which: BoolArray
    rounds: tuple[Round, ...]
    outcomes: tuple[Outcomes, ...]
    scale: str
    confidence: float

    @property
    def present(self) -> FloatArray:
        """float64 (k,): the weights there are, of the criteria that are learnt."""
        weights = np.array([c.weight for c in self.criteria], dtype=np.float64)
        return weights[self.which]

    @property
    def spread(self) -> FloatArray:
        return self.rounds[0].spread

    def result(self) -> Learnt:
        pairs = sum(len(one.pairs) for one in self.outcomes)
        mentors = int(self._mentors().max(initial=-1)) + 1
        k = int(self.which.sum())
        least = max(FEWEST_PAIRS, PER_CRITERION * k)
        reached = pairs >= least and mentors >= FEWEST_MENTORS and k > 1
        values = np.concatenate([one.values for one in self.outcomes])
        unit = _within(values, self._round_of()) if len(values) else 0.0
        if not reached or unit <= 0:
            enough = max(least, pairs) if k > 1 else None
            why = self._too_few(pairs, mentors, k, least, unit)
            return self._learnt(pairs, mentors, enough, why)
        return self._fitted(pairs, mentors, values / unit, unit)

    def _fitted(self, pairs: int, mentors: int, outcome: FloatArray, unit: float) -> Learnt:
        posterior = shrunk(
            outcome, self._fixed(), self._parts(), self.present * self.spread, self._mentors()
        )
        aim = nearest(posterior.mean, posterior.covariance)
        size = float(np.sqrt(((self.present * self.spread) ** 2).sum()))
        length = float(np.sqrt((aim**2).sum()))
        if length <= 0:  # the answers speak against every criterion
            text = self._cannot_tell(pairs, mentors, None)
            return self._learnt(pairs, mentors, None, text, posterior=posterior)
        answers = aim / self.spread * (size / length)
        z = CHOSEN * _quantile(self.confidence)
        tried, best, enough = self._tried(answers, posterior, z, pairs)
        if best is None:
            text = self._cannot_tell(pairs, mentors, enough)
            return self._learnt(
                pairs, mentors, enough, text, posterior=posterior, answers=answers, tried=tried,
                factor=size / length,
            )  # fmt: skip
        gain = Gain(best.least, best.expected, best.least * unit, best.expected * unit)
        text = self._moved(pairs, mentors, best, gain)
        return self._learnt(
            pairs, mentors, pairs, text, posterior=posterior, answers=answers, tried=tried,
            factor=size / length, best=best, gain=gain,
        )  # fmt: skip

    def _tried(
        self, answers: FloatArray, posterior: Posterior, z: float, pairs: int
    ) -> tuple[list[_Step], _Step | None, int | None]:
        """Match the last rosters with weights on the way; return all steps and the best, if any."""
        last = self.rounds[-TRIED_ON:]
        before = [_solved(one, self._with(self.present, one)) for one in last]
        tried: list[_Step] = []
        needed: list[float] = []
        for step in STEPS:
            weights = self._rounded((1 - step) * self.present + step * answers)
            after = [_solved(one, self._with(weights, one)) for one in last]
            change = _mean_parts(last, after) - _mean_parts(last, before)
            expected = float(change @ posterior.mean)
            se = math.sqrt(max(float(change @ posterior.covariance @ change), 0.0))
            others = _changed(before, after)
            tried.append(_Step(step, expected, expected - z * se, others, weights))
            if expected > 0:
                needed.append(pairs * (z * se / expected) ** 2)
        best = max(tried, key=lambda one: one.least)
        fewest = min(needed, default=math.inf)  # where standard errors shrink with the root
        enough = 10 * math.ceil(fewest / 10) if fewest <= MOST_NAMED else None
        return tried, best if best.least > 0 and best.others > 0 else None, enough

    def _with(self, weights: FloatArray, one: Round) -> tuple[Criterion, ...]:
        """Return a round's own criteria with these weights."""
        names = [c.name for c, kept in zip(self.criteria, self.which, strict=True) if kept]
        new = dict(zip(names, weights.tolist(), strict=True))
        old = {c.name: c.weight for c in self.criteria}
        return tuple(
            replace(c, weight=new.get(c.name, old.get(c.name, 0.0))) for c in one.scores.criteria
        )

    def _rounded(self, weights: FloatArray) -> FloatArray:
        return np.array([float(f"{weight:.{DIGITS}g}") for weight in weights])

    def _parts(self) -> FloatArray:
        every = zip(self.rounds, self.outcomes, strict=True)
        return np.concatenate([one.parts(found.pairs) for one, found in every])

    def _round_of(self) -> Any:
        sizes = [len(one.pairs) for one in self.outcomes]
        return np.repeat(np.arange(len(sizes)), sizes)

    def _fixed(self) -> FloatArray:
        """Return an intercept per round, and both sides' mean score over whom they might have had.

        Known of everybody, these take out that keen people answer more, and that mentors who fit
        many are better mentors.
        """
        means = []
        for one, found in zip(self.rounds, self.outcomes, strict=True):
            by_mentee, by_mentor = one.means(self.present)
            both = np.column_stack([by_mentee[found.pairs.rows], by_mentor[found.pairs.cols]])
            means.append(both - both.mean(axis=0) if len(both) else both)
        held = np.concatenate(means)
        size = np.sqrt((held**2).mean(axis=0))
        held /= np.where(size > 0, size, 1.0)
        round_of = self._round_of()
        there = np.unique(round_of)
        return np.column_stack([held, (round_of[:, None] == there).astype(np.float64)])

    def _mentors(self) -> Any:
        """Return int64 (pairs,): mentors numbered from 0, by their ids over all rounds."""
        number: dict[str, int] = {}
        found = [
            number.setdefault(one.scores.mentors.ids[j], len(number))
            for one, told in zip(self.rounds, self.outcomes, strict=True)
            for j in told.pairs.cols.tolist()
        ]
        return np.array(found, dtype=np.int64)

    def _learnt(
        self,
        pairs: int,
        mentors: int,
        enough: int | None,
        text: str,
        *,
        posterior: Posterior | None = None,
        answers: FloatArray | None = None,
        tried: Sequence[_Step] = (),
        factor: float = float("nan"),
        best: _Step | None = None,
        gain: Gain | None = None,
    ) -> Learnt:
        import pandas as pd

        learnt = self.present if best is None else best.weights
        criteria = self.criteria
        if best is not None:
            why = f"weight learnt from {counted(pairs, 'answered pair')}, step {best.step:g}"
            new = iter(learnt.tolist())
            criteria = tuple(
                replace(
                    c, weight=next(new), importance=None,
                    reason="; ".join(filter(None, (c.reason, why))),
                ) if kept else replace(c, importance=None)
                for c, kept in zip(criteria, self.which, strict=True)
            )  # fmt: skip
        se = None if posterior is None else posterior.se / self.spread * factor
        return Learnt(
            criteria=criteria,
            weights=self._weights(learnt, answers, se),
            validity=validity_of(self.rounds, self.outcomes, self.criteria, self._mentors()),
            gain=gain or Gain(),
            step=0.0 if best is None else best.step,
            steps=pd.DataFrame(
                [(one.step, one.expected, one.least, one.others) for one in tried],
                columns=["step", "expected", "least", "pairs_changed"],
            ),
            changed=best is not None,
            fitted=posterior is not None,
            pairs=pairs,
            mentors=mentors,
            rounds=len(self.rounds),
            enough=enough,
            text=text,
        )

    def _weights(
        self, learnt: FloatArray, answers: FloatArray | None, se: FloatArray | None
    ) -> pd.DataFrame:
        import pandas as pd

        none = np.full(len(learnt), np.nan)
        columns = {
            "old": self.present, "learnt": learnt,
            "answers": none if answers is None else answers, "se": none if se is None else se,
        }  # fmt: skip
        places = np.flatnonzero(self.which)
        frame = pd.DataFrame({"criterion": [c.name for c in self.criteria]})
        weight = np.array([c.weight for c in self.criteria], dtype=np.float64)
        for name, values in columns.items():
            whole = weight.copy() if name in ("old", "learnt") else np.full(len(weight), np.nan)
            whole[places] = values
            frame[name] = whole
        whole_old = float((self.present * self.spread).sum())
        for name, values in columns.items():
            shares = np.full(len(weight), np.nan)
            total = whole_old if name == "se" else float((values * self.spread).sum())
            shares[places] = values * self.spread / (total if total > 0 else np.nan)
            frame[f"{name}_share"] = shares
        frame["status"] = self._status()
        return frame

    def _status(self) -> list[str]:
        matchings = [one.matching for one in self.rounds]
        allowed = learnable(self.criteria, matchings)
        return [
            "learnt" if kept
            else "weight 0" if c.weight == 0
            else "sets nobody apart, kept" if may
            else "sensitive, kept"
            for c, kept, may in zip(self.criteria, self.which, allowed, strict=True)
        ]  # fmt: skip

    def _basis(self, pairs: int, mentors: int) -> str:
        asked = sum(one.asked for one in self.outcomes)
        rounds = counted(len(self.rounds), "round")
        return (
            f"{counted(pairs, 'answered pair')} of {asked:,} with {counted(mentors, 'mentor')} "
            f"in {rounds}"
        )

    def _too_few(self, pairs: int, mentors: int, k: int, least: int, unit: float) -> str:
        stay = "The present weights stay."
        if k < 2:
            return (
                "Not fitted: there are fewer than two criteria whose weights could change (a "
                "weight of 0 stays 0, and what is about a sensitive column stays as it is). "
                f"{stay}"
            )
        if pairs >= least and mentors >= FEWEST_MENTORS and unit <= 0:
            return f"Not fitted: everybody answered {self.scale!r} alike. {stay}"
        return (
            f"Not fitted: {self._basis(pairs, mentors)}. For {k} criteria it takes at least "
            f"{least:,} answered pairs with {FEWEST_MENTORS} mentors. {stay}"
        )

    def _cannot_tell(self, pairs: int, mentors: int, enough: int | None) -> str:
        begin = (
            f"Cannot tell whether other weights would match better: {self._basis(pairs, mentors)}. "
            "The present weights stay."
        )
        if enough is None:
            return f"{begin} What the answers say so far gives no reason to expect better ones."
        return f"{begin} If further answers say the same, about {enough:,} answered pairs would do."

    def _moved(self, pairs: int, mentors: int, best: _Step, gain: Gain) -> str:
        names = [c.name for c, kept in zip(self.criteria, self.which, strict=True) if kept]
        old = self.present * self.spread / (self.present * self.spread).sum()
        new = best.weights * self.spread / (best.weights * self.spread).sum()
        order = np.argsort(new - old)
        up = [names[k] for k in order[::-1][:3].tolist() if new[k] - old[k] > 0.005]
        down = [names[k] for k in order[:3].tolist() if new[k] - old[k] < -0.005]
        words = [
            f"From {self._basis(pairs, mentors)}: among pairs like these the learnt weights match "
            f"better by at least {gain.least:.3f} standard deviations of {self.scale!r} "
            f"({gain.least_points:.3f} points) with {self.confidence:.0%} confidence."
        ]
        if up:
            words.append(f"More weight: {listed(map(repr, up))}.")
        if down:
            words.append(f"Less: {listed(map(repr, down))}.")
        words.append(
            f"{best.others:.0%} of the mentees would have had another mentor. This says what went "
            "with good answers, not why."
        )
        return " ".join(words)


@dataclass(frozen=True, eq=False)
class _Step:
    step: float
    expected: float
    least: float
    others: float
    weights: FloatArray


def _solved(one: Round, criteria: Sequence[Criterion]) -> Pairs:
    """Match a round's rosters by these weights; all else as it was, but for a budget of changes."""
    problem = unpriced(one.matching.problem)
    made = replace(problem, scores=reweighted(one.scores, criteria))
    found = run(made, Budget(None)).assignment
    rows = np.flatnonzero(found >= 0)
    return Pairs(rows, found[rows])


def _mean_parts(rounds: Sequence[Round], pairs: Sequence[Pairs]) -> FloatArray:
    every = [one.parts(found) for one, found in zip(rounds, pairs, strict=True)]
    whole = np.concatenate(every)
    return whole.mean(axis=0) if len(whole) else np.zeros(whole.shape[1])


def _changed(before: Sequence[Pairs], after: Sequence[Pairs]) -> float:
    """Return the share of matched mentees who get another mentor."""
    same = people = 0
    for one, other in zip(before, after, strict=True):
        had = dict(zip(one.rows.tolist(), one.cols.tolist(), strict=True))
        has = dict(zip(other.rows.tolist(), other.cols.tolist(), strict=True))
        everybody = had.keys() | has.keys()
        people += len(everybody)
        same += sum(had.get(i) == has.get(i) for i in everybody)
    return 1 - same / people if people else 0.0


def _within(values: FloatArray, round_of: Any) -> float:
    """Return the standard deviation of values within rounds."""
    size = np.bincount(round_of)
    means = np.bincount(round_of, weights=values) / np.maximum(size, 1)
    left = len(values) - int((size > 0).sum())
    rest = values - means[round_of]
    return float(np.sqrt((rest**2).sum() / left)) if left > 0 else 0.0


def _quantile(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))
