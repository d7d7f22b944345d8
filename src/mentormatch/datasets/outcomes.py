"""make_outcomes: invented answers to surveys about a matching, with the truth behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, counted, listed
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import BoolArray, FloatArray, freeze
from mentormatch.scoring.scores import Scores
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONFIDENCE", "QUALITY", "SimulatedOutcomes", "make_outcomes"]

CONFIDENCE = (
    "I feel able to take the next step in my career",
    "I feel able to ask for what I need",
    "I feel able to handle setbacks at work",
    "I feel able to learn what my work asks for",
)
"""Questions asked before and after, of everybody."""
QUALITY = (
    "This mentoring was useful to me",
    "This mentoring met what I hoped for",
    "This mentoring gave me somebody I can talk to openly",
    "This mentoring is worth going on with",
)
"""Questions asked after, of those who had a mentor."""
UNEVEN = 0.6
"""Concentration of the Dirichlet distribution of weights: a few criteria matter, most hardly."""
LASTING = 0.6
"""Correlation of what somebody feels able to do before and after, where nothing happens."""
COMMON = 0.6
"""Correlation of two questions of one scale."""
LEAST, MOST = 1, 5
MIDDLE = {"confidence": 3.2, "quality": 3.6}
SPREAD = 0.9
"""Answers that one standard deviation of what is asked about is worth."""


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedOutcomes(ByValue, Told):
    """Invented answers to surveys, and what nobody knows of real ones: the truth behind them.

    Attributes
    ----------
    before, after : DataFrame
        One row per person who answered, text in every cell, as a form exports it: `id`, then one
        column per question, answers from 1 to 5. `before`: `CONFIDENCE`, answered by every mentee;
        `after`: the same and, of those with a mentor, `QUALITY`.
    scores : Scores
        Of the matching; n mentees, m mentors.
    weights : mapping of str to float
        Criterion -> how much one standard deviation of its part truly adds to the outcome,
        relative to the other criteria.
    utility : float64 (n, m)
        What each pair truly adds to the outcome, in standard deviations of the outcome, also of
        pairs that were not matched. 0 is a random admissible pair.
    mentor_effect : float64 (m,)
        What each mentor adds to every mentee of hers.
    outcome : float64 (n,)
        The outcome of each mentee; NaN without a mentor.
    answered : bool (n,)
        Who answered after.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    scores: Scores
    weights: Mapping[str, float]
    utility: FloatArray
    mentor_effect: FloatArray
    outcome: FloatArray
    answered: BoolArray

    def _identity(self) -> tuple[Any, ...]:
        return self.scores, tuple(self.weights.items())

    def mean_utility(self, matching: Matching) -> float:
        """Return the mean true utility of a matching's pairs (first mentors), NaN without any.

        Raises
        ------
        ParameterError
            If it is a matching of other people.
        """
        theirs = matching.problem.scores
        same = (theirs.mentees.ids, theirs.mentors.ids) == (
            self.scores.mentees.ids, self.scores.mentors.ids,
        )  # fmt: skip
        check_parameter(same, "matching", "mean_utility", "a matching of the same people", matching)
        rows = np.flatnonzero(matching.assignment >= 0)
        if not len(rows):
            return float("nan")
        return float(self.utility[rows, matching.assignment[rows]].mean())

    @property
    def text(self) -> str:
        """What was invented, in words."""
        n = len(self.answered)
        matter = sorted(self.weights, key=lambda name: -self.weights[name])[:3]
        return (
            f"Invented answers of {counted(n, 'mentee')}: {len(self.before):,} before, "
            f"{len(self.after):,} after. What truly matters most: {listed(map(repr, matter))}."
        )


@typed
def make_outcomes(
    matching: Matching,
    seed: int | np.random.Generator,
    *,
    weights: Mapping[str, float] | None = None,
    explained: float = 0.05,
    mentor: float = 0.15,
    mentee: float = 0.10,
    effect: float = 0.4,
    answered: float = 0.6,
    leaning: float = 0.7,
) -> SimulatedOutcomes:
    r"""Invent what came of a matching: answers before and after, and the truth behind them.

    The outcome of mentee i with mentor j is

    .. math:: y_{ij} = u_{ij} + a_j + b_i + e_{ij}, \quad u_{ij} = c \sum_k g_k z_{ijk}

    with the parts of the criteria z centred and divided by their standard deviation over the
    admissible pairs, a question that was left blank drawn from the parts of those who answered,
    and c such that u has the variance `explained` there. All four variances add up to 1.

    Parameters
    ----------
    matching
        n mentees, m mentors; locks, several mentors and unmatched people as they are.
    seed
        Seed, or a numpy Generator (advanced by the call).
    weights
        The true g, by name of criterion; criteria that are not named matter nothing. Hand over
        `SimulatedOutcomes.weights` of an earlier round so that the same is true of this one.
        Default: drawn, a few matter and most hardly.
    explained, mentor, mentee
        Shares of the outcome's variance: the pair's u, the mentor's a, the mentee's b.
    effect
        By how many standard deviations a mentor lifts `CONFIDENCE` on average.
    answered
        Share of people who answer after; before, everybody does.
    leaning
        By how much the log-odds of answering rise with one standard deviation of the outcome; 0:
        answering has nothing to do with it.

    Returns
    -------
    SimulatedOutcomes

    Raises
    ------
    ParameterError
        If a share is outside [0, 1], the variances exceed 1, or a weight is negative, not finite
        or of no criterion.

    Notes
    -----
    Two questions of one scale correlate by `COMMON`. Confidence after is `LASTING` times that
    before, the rest is the outcome (of people without a mentor: chance). Time and memory O(n m)
    per criterion.

    Examples
    --------
    >>> import mentormatch as mm
    >>> made = mm.make_outcomes(mm.match(*mm.load_example()), seed=7, answered=0.5)
    >>> made.utility.shape, len(made.before)
    ((120, 45), 120)
    """
    _check(explained, mentor, mentee, answered)
    whole = isinstance(seed, np.random.Generator) or (isinstance(seed, Integral) and seed >= 0)
    check_parameter(whole, "seed", "make_outcomes", "an int in [0, inf) or a Generator", seed)
    rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    scores = matching.problem.scores
    true = _weights(weights, scores, rng)
    utility = _utility(scores, np.array(list(true.values())), explained, rng)
    n, m = scores.shape
    mentor_effect = rng.normal(size=m) * np.sqrt(mentor)
    own = rng.normal(size=n) * np.sqrt(mentee)
    rest = rng.normal(size=n) * np.sqrt(max(1 - explained - mentor - mentee, 0))
    with_whom = matching.assignment
    paired = with_whom >= 0
    pair = np.where(paired, utility[np.arange(n), with_whom] + mentor_effect[with_whom], 0.0)
    outcome = pair + own + rest
    felt = np.where(paired, outcome, rng.normal(size=n))
    answers = rng.random(n) < _chances(felt, answered, leaning)
    start = rng.normal(size=n)
    after = LASTING * start + np.sqrt(1 - LASTING**2) * felt + np.where(paired, effect, 0.0)
    ids = np.array(scores.mentees.ids, dtype=object)
    everybody = np.ones(n, dtype=bool)
    return SimulatedOutcomes(
        before=_form(ids, everybody, _items(CONFIDENCE, start, everybody, "confidence", rng)),
        after=_form(ids, answers, _items(CONFIDENCE, after, everybody, "confidence", rng)
                    | _items(QUALITY, outcome, paired, "quality", rng)),
        scores=scores,
        weights=true,
        utility=freeze(utility),
        mentor_effect=freeze(mentor_effect),
        outcome=freeze(np.where(paired, outcome, np.nan)),
        answered=freeze(answers),
    )  # fmt: skip


def _check(explained: float, mentor: float, mentee: float, answered: float) -> None:
    owner = "make_outcomes"
    for name, value in (("explained", explained), ("mentor", mentor), ("mentee", mentee)):
        check_parameter(0 <= value <= 1, name, owner, "a number in [0, 1]", value)
    whole = explained + mentor + mentee
    check_parameter(
        whole <= 1 + 1e-9, "explained", owner,
        "such that explained + mentor + mentee is at most 1", whole,
    )  # fmt: skip
    check_parameter(0 < answered <= 1, "answered", owner, "a number in (0, 1]", answered)


def _weights(
    weights: Mapping[str, float] | None, scores: Scores, rng: np.random.Generator
) -> dict[str, float]:
    names = scores.names
    if weights is None:
        drawn = rng.dirichlet(np.full(len(names), UNEVEN))
        return dict(zip(names, drawn.tolist(), strict=True))
    wrong = [
        f"{name!r}: {weight!r}" for name, weight in weights.items()
        if name not in names or not np.isfinite(weight)
    ]  # fmt: skip
    if wrong:
        raise ParameterError(
            "The 'weights' parameter of make_outcomes must give criteria finite numbers. "
            f"Got {listed(wrong)}. The criteria are {listed(names)}."
        )
    return {name: float(weights.get(name, 0.0)) for name in names}


def _utility(
    scores: Scores, weights: FloatArray, explained: float, rng: np.random.Generator
) -> FloatArray:
    """Return float64 (n, m): what each pair truly adds, 0 on average over admissible pairs."""
    admissible = scores.admissible
    utility = np.zeros(scores.shape)
    for place, weight in enumerate(weights.tolist()):
        part = scores.part(place).astype(np.float64)
        known = ~np.isnan(part)
        said = part[known & admissible]
        if not said.size:
            continue
        # what was left blank is there all the same, only nobody knows it
        part[~known] = said[rng.integers(said.size, size=int((~known).sum()))]
        there = part[admissible]
        spread = there.std()
        if spread > 0:
            utility += weight * (part - there.mean()) / spread
    if admissible.any():
        there = utility[admissible]
        if there.std() > 0:
            utility = (utility - there.mean()) / there.std()
    utility *= np.sqrt(explained)
    return utility


def _chances(outcome: FloatArray, mean: float, leaning: float) -> FloatArray:
    """Return float64 (n,): chances of answering that rise with the outcome, `mean` on average."""
    if not len(outcome) or mean == 1:
        return np.ones(len(outcome))
    slope = leaning * (outcome - outcome.mean()) / max(float(outcome.std()), 1e-12)
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-middle - slope))).mean() < mean:
            low = middle
        else:
            high = middle
    chances: FloatArray = 1 / (1 + np.exp(-high - slope))
    return chances


def _items(
    questions: tuple[str, ...],
    asked_about: FloatArray,
    asked: BoolArray,
    scale: str,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return question -> answers as text, blank for those who were not asked."""
    found = {}
    for question in questions:
        own = rng.normal(size=len(asked_about)) * np.sqrt(1 - COMMON)
        felt = MIDDLE[scale] + SPREAD * (np.sqrt(COMMON) * asked_about + own)
        answers = np.clip(np.rint(felt), LEAST, MOST).astype(np.int64)
        found[question] = np.where(asked, answers.astype(str).astype(object), "")
    return found


def _form(ids: Any, who: BoolArray, answers: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"id": ids} | answers)[who].reset_index(drop=True)
