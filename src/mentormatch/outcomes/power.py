"""power: which effects a programme of some size can see at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import nan, sqrt
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.errors import check_parameter, counted
from mentormatch.outcomes.comparing import FEWEST, FEWEST_A_SIDE, FEWEST_SHARED
from mentormatch.rosters.columns import BoolArray, FloatArray
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PUBLISHED", "Power", "power"]

PUBLISHED = {
    "mentoring of young people (Raposa 2019)": 0.21,
    "coaching at work (de Haan & Nilsson 2023)": 0.59,
}
"""Mean effects in standard deviations: of 70 studies, and of 37 trials."""
SIZES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
LARGEST = 5.0
"""Effects beyond so many standard deviations are none."""
STEPS, STEPS_EACH = 25, 9
"""Numbers of answers, each as likely as the others, that chances are averaged over; of either side
where people wait."""


@dataclass(frozen=True, repr=False)
class Power(Told):
    """What a programme of this size can see; see `power` for the parameters.

    Attributes
    ----------
    mentees, mentors, waiting : int
    answer, icc, retest, chance, confidence : float
    """

    mentees: int
    mentors: int
    waiting: int
    answer: float
    icc: float
    retest: float
    chance: float
    confidence: float

    _table: ClassVar[str | None] = "table"

    @property
    def answers(self) -> tuple[int, int]:
        """How many of those with a mentor and of the waiting are expected to answer."""
        return round(self.mentees * self.answer), round(self.waiting * self.answer)

    @cached_property
    def _expected(self) -> _Expected:
        """Standard errors and degrees of freedom, for more and fewer answers."""
        return _expected(self)

    @property
    def refused(self) -> float:
        """Chance that so few answer that `evaluate` gives no interval."""
        return float(1 - np.mean(self._expected.told))

    @cached_property
    def effect(self) -> float:
        """Smallest effect that is seen with that chance, in standard deviations; NaN: none is."""
        if self.seen(LARGEST) < self.chance:
            return nan
        low, high = 0.0, LARGEST
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if self.seen(middle) < self.chance else (low, middle)
        return high

    def seen(self, effect: float) -> float:
        """Return the chance that an interval leaves out 0, if the effect is so large."""
        from scipy.special import nctdtr, stdtrit

        error, df, told = self._expected
        edge = stdtrit(df, (1 + self.confidence) / 2)
        far = effect / error
        # where far from 0, SciPy gives NaN for what is next to nothing
        below, above = (np.nan_to_num(nctdtr(df, far, end)) for end in (edge, -edge))
        outside = 1 - below + above
        return float(np.mean(np.where(told, outside, 0.0)))

    @property
    def table(self) -> pd.DataFrame:
        """One row per effect: `effect` (standard deviations), `chance` (of seeing it), `found`.

        `found` names the published means among them.
        """
        import pandas as pd

        named = {effect: name for name, effect in PUBLISHED.items()}
        effects = sorted({*SIZES, *named})
        return pd.DataFrame(
            {
                "effect": effects,
                "chance": [self.seen(effect) for effect in effects],
                "found": pd.Series([named.get(effect, "") for effect in effects], dtype=object),
            }
        )

    @property
    def text(self) -> str:
        """What can be seen and what cannot, in words."""
        n, waiting = self.answers
        who = f"{counted(self.mentees, 'mentee')} of {counted(self.mentors, 'mentor')}"
        if self.waiting:
            who += f" and {self.waiting:,} waiting"
        answers = f"{n:,} and {waiting:,}" if self.waiting else f"{n:,}"
        who += f" ({answers} answer)"
        if self.refused > 0.5:
            side = f", {FEWEST_A_SIDE} on either side" if self.waiting else ""
            return (
                f"With {who}, evaluate is likely to give no interval: that takes answers of "
                f"{FEWEST} people{side} and {FEWEST_SHARED} mentors."
            )
        what = "an effect" if self.waiting else "a change"
        found = [
            f"{effect:.2f}, the mean effect of {name}, with {_chance(self.seen(effect))}"
            for name, effect in PUBLISHED.items()
        ]
        seen = (
            f"{what} of {self.effect:.2f} standard deviations is seen with a chance of "
            f"{_chance(self.chance)}, half of it with {_chance(self.seen(self.effect / 2))}"
            if self.effect == self.effect
            else f"no {what.split()[1]}, however large, is seen with a chance of "
            f"{_chance(self.chance)}"
        )
        said = [
            f"With {who}, {seen}; one as large as {'; as large as '.join(found)}.",
            "To be seen is that the interval leaves out 0. Not to see one does not show that there "
            "is none.",
        ]
        if self.refused > 0.01:
            said.append(
                f"With a chance of {_chance(self.refused)} too few answer for any interval."
            )
        if not self.waiting:
            said.append("A change is not an effect: that takes people who drew no seat (waiting=).")
        return " ".join(said)

    def plot(self, ax: Any = None) -> Any:
        """Draw the chance of seeing an effect against its size; return the axes.

        Needs matplotlib: ``pip install "mentormatching[plot]"``.
        """
        return upstairs("delivery.power_plot", "draw")(self, ax)


def _chance(share: float) -> str:
    """Return a chance in percent, and never all of it."""
    return "over 99 %" if share > 0.995 else f"{100 * share:.0f} %"


class _Expected(NamedTuple):
    """Standard errors, degrees of freedom, and whether an interval is given: float, float, bool."""

    error: FloatArray
    df: FloatArray
    told: BoolArray


def _expected(asked: Power) -> _Expected:
    """Return what the interval is made of, for numbers of answers that are as likely as each other.

    A mentor has one mentee and a Poisson number of others; the waiting answer as they do.
    """
    from scipy.special import ndtri

    steps = STEPS_EACH if asked.waiting else STEPS
    z = ndtri((np.arange(steps) + 0.5) / steps)
    n, waiting = (
        np.clip(
            np.round(size * asked.answer + z * sqrt(size * asked.answer * (1 - asked.answer))), 0,
            size,
        )
        for size in (asked.mentees, asked.waiting)
    )  # fmt: skip
    if asked.waiting:  # every number of the ones with every number of the others
        n, waiting = (grid.ravel() for grid in np.meshgrid(n, waiting))
    load = max(asked.mentees / asked.mentors, 1)
    of_hers = load + (load - 1) / load  # mentees of a mentee's mentor, on average
    share = n / max(asked.mentees, 1)
    together = 1 + share * (of_hers - 1)  # of those who answer
    clusters = np.maximum(n, 1) / together
    alike = (1 + asked.icc * (together - 1)) / np.maximum(n, 1)
    told = (n + waiting >= FEWEST) & (asked.mentors * (1 - (1 - share) ** load) >= FEWEST_SHARED)
    df = np.maximum(clusters - 1, 1)
    if not asked.waiting:
        return _Expected(np.sqrt(2 * (1 - asked.retest) * alike), df, told)
    told &= np.minimum(n, waiting) >= FEWEST_A_SIDE
    others = 1 / np.maximum(waiting, 1)
    left = 1 - asked.retest**2
    df = (alike + others) ** 2 / (alike**2 / df + others**2 / np.maximum(waiting - 1, 1))
    return _Expected(np.sqrt(left * (alike + others)), df, told)


@typed
def power(
    mentees: int,
    mentors: int,
    waiting: int = 0,
    answer: float = 0.6,
    *,
    icc: float = 0.1,
    retest: float = 0.6,
    chance: float = 0.8,
    confidence: float = 0.95,
) -> Power:
    r"""Say which effects a programme of this size can see.

    With n of the mentees answering, of whom one shares her mentor with k - 1 others, the standard
    error of a mean change is :math:`\sqrt{2 (1 - r) (1 + \rho (k - 1)) / n}` in standard deviations
    of the answers before. With w people waiting who answer, that of the difference at equal
    answers before is :math:`\sqrt{(1 - r^2) [(1 + \rho (k - 1)) / n + 1 / w]}`. The chance to see
    an effect is that of the noncentral t with n / k - 1 degrees of freedom (two samples: Welch's),
    averaged over how many may answer; where `evaluate` would give no interval it is 0.

    Parameters
    ----------
    mentees, mentors
        People with a mentor, spread over so many as if by chance, each having one at least.
    waiting
        People who took part in a draw by lot and got no seat; 0: before and after alone.
    answer
        Share who answer before and after.
    icc
        Share of the variance of changes that a mentor's mentees have in common [1]_.
    retest
        Correlation of answers before and after where nothing happens.
    chance
        Of seeing the effect.
    confidence
        Of the interval that must leave out 0.

    Returns
    -------
    Power

    Raises
    ------
    ParameterError
        If a number is outside its domain.

    References
    ----------
    .. [1] Wampold & Brown (2005), Journal of Consulting and Clinical Psychology 73(5), 914-923:
       5 to 7 % between therapists.
    .. [2] Raposa et al. (2019), Journal of Youth and Adolescence 48, 423-443.
    .. [3] de Haan & Nilsson (2023), Academy of Management Learning & Education 22(4), 641-661.

    Examples
    --------
    >>> power(mentees=60, mentors=20, waiting=40).effect    # doctest: +SKIP
    """
    for ok, name, domain, value in (
        (mentees >= 0, "mentees", "a whole number >= 0", mentees),
        (mentors >= 1, "mentors", "a whole number >= 1", mentors),
        (waiting >= 0, "waiting", "a whole number >= 0", waiting),
        (0 < answer <= 1, "answer", "in (0, 1]", answer),
        (0 <= icc <= 1, "icc", "in [0, 1]", icc),
        (0 <= retest < 1, "retest", "in [0, 1)", retest),
        (0.5 <= chance < 1, "chance", "in [0.5, 1)", chance),
        (0 < confidence < 1, "confidence", "in (0, 1)", confidence),
    ):
        check_parameter(ok, name, "power", domain, value)
    return Power(
        int(mentees), int(mentors), int(waiting), float(answer), float(icc), float(retest),
        float(chance), float(confidence),
    )  # fmt: skip
