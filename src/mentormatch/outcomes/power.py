"""power: which effects a programme of some size can see at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, nan, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.errors import check_parameter, counted
from mentormatch.outcomes.clustered import quantile
from mentormatch.outcomes.comparing import FEWEST, FEWEST_A_SIDE, FEWEST_SHARED
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
    def _spread(self) -> tuple[float, float]:
        """Standard error and degrees of freedom, in standard deviations of the answers before."""
        n, waiting = self.answers
        if not self._enough:
            return inf, nan
        load = self.mentees / self.mentors
        alike = 1 + self.icc * self.answer * max(load - 1, 0)  # answers of one mentor's others
        clusters = self.mentors * (1 - (1 - self.answer) ** load)
        if not self.waiting:
            return sqrt(2 * (1 - self.retest) * alike / n), max(clusters - 1, 1)
        left = 1 - self.retest**2
        parts = left * alike / n, left / waiting
        df = sum(parts) ** 2 / (
            parts[0] ** 2 / max(clusters - 1, 1) + parts[1] ** 2 / max(waiting - 1, 1)
        )
        return sqrt(sum(parts)), df

    @property
    def _enough(self) -> bool:
        """Whether `evaluate` would give an interval at all."""
        n, waiting = self.answers
        if self.mentors < FEWEST_SHARED or n + waiting < FEWEST:
            return False
        return not self.waiting or min(n, waiting) >= FEWEST_A_SIDE

    @property
    def effect(self) -> float:
        """Smallest effect that is seen with that chance, in standard deviations; NaN: none is."""
        error, df = self._spread
        if not self._enough:
            return nan
        return (quantile((1 + self.confidence) / 2, df) + quantile(self.chance, df)) * error

    def seen(self, effect: float) -> float:
        """Return the chance that an interval leaves out 0, if the effect is so large."""
        from scipy.special import stdtr

        error, df = self._spread
        if not self._enough:
            return 0.0
        edge = quantile((1 + self.confidence) / 2, df)
        return float(stdtr(df, effect / error - edge) + stdtr(df, -effect / error - edge))

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
        if not self._enough:
            side = f", {FEWEST_A_SIDE} on either side" if self.waiting else ""
            return (
                f"With {who}, evaluate gives no interval: that takes {FEWEST} people{side} and "
                f"{FEWEST_SHARED} mentors."
            )
        what = "an effect" if self.waiting else "a change"
        found = [
            f"{effect:.2f}, the mean effect of {name}, with {_chance(self.seen(effect))}"
            for name, effect in PUBLISHED.items()
        ]
        half = self.effect / 2
        said = [
            f"With {who}, {what} of {self.effect:.2f} standard deviations is seen with a chance of "
            f"{_chance(self.chance)}, half of it with {_chance(self.seen(half))}; one as large as "
            f"{'; as large as '.join(found)}.",
            "To be seen is that the interval leaves out 0. Not to see one does not show that there "
            "is none.",
        ]
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

    The smallest effect is :math:`(t_{(1 + c) / 2} + t_p) \, s`, with the standard error s of the
    change, :math:`2 (1 - r) (1 + \rho a (l - 1)) / n` squared, or, with people waiting, of the
    difference at equal answers before, :math:`(1 - r^2) [(1 + \rho a (l - 1)) / n + 1 / w]`
    squared; l mentees a mentor, a the share who answer, n and w who do.

    Parameters
    ----------
    mentees, mentors
        People with a mentor, evenly spread over so many.
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
