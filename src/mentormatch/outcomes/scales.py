"""Scales of a survey: which items make one, how each counts, how well they agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mentormatch.domains import check_fields
from mentormatch.errors import ParameterError, check_parameter, listed
from mentormatch.rosters.columns import label_key
from mentormatch.values import Setting

__all__ = ["Scale", "alpha", "item_key"]

Floats = npt.NDArray[np.float64]
FEWEST = 0.5
"""Share of the items that a person must have answered for her scale to count."""
_NUMBERED = re.compile(r"^\s*(?:[qQ]\s?)?\d{1,3}\s*[.):]\s*(?=\D)")


def item_key(text: str) -> str:
    """Return the spelling under which two wordings of an item are the same: case, number, marks."""
    return label_key(_NUMBERED.sub("", text))


@dataclass(frozen=True, repr=False)
class Scale(Setting):
    """A scale of a survey: items that are answered from `low` to `high` and averaged per person.

    A person's value is the mean of her answered items, those in `reverse` turned round, if she
    answered at least half of them.

    Parameters
    ----------
    name
        What the scale is called in answers and results.
    items
        Wordings of its items, each as the header of a column has it, or a part of that; one text
        means every column whose header contains it.
    low, high
        Lowest and highest answer. An indicator of yes and no has 0 and 1: its mean is a share.
    reverse
        Those items in which a high answer is a low value.
    labels
        Words of the answers from lowest to highest, at equal steps from `low` to `high`, where
        the usual ones are not known: agreement, frequency, quality, yes and no are.

    Examples
    --------
    >>> Scale("confidence", items="I feel able", low=1, high=5)
    Scale('confidence', items=['I feel able'])
    """

    name: str
    items: str | Sequence[str] = field(kw_only=True)
    low: float = field(kw_only=True, default=1)
    high: float = field(kw_only=True, default=5)
    reverse: Sequence[str] = field(kw_only=True, default=())
    labels: Sequence[str] | None = field(kw_only=True, default=None)

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("items", "reverse", "labels"):
            given = getattr(self, name)
            if given is not None:
                plain = (given,) if isinstance(given, str) else tuple(given)
                object.__setattr__(self, name, plain)
        check_parameter(bool(self.name.strip()), "name", "Scale", "a name", self.name)
        words = [*self.items, *self.reverse]
        texts = bool(self.items) and all(isinstance(w, str) and w.strip() for w in words)
        check_parameter(texts, "items", "Scale", "wordings of at least one item", self.items)
        ok = np.isfinite([self.low, self.high]).all() and self.low < self.high
        check_parameter(bool(ok), "high", f"Scale({self.name!r})", f"above low, {self.low:g}",
                        self.high)  # fmt: skip
        keys = [item_key(item) for item in self.items]
        if len(set(keys)) < len(keys):
            raise ParameterError(
                f"The 'items' parameter of Scale({self.name!r}) must be different wordings. "
                f"Got {listed(item for item in self.items if keys.count(item_key(item)) > 1)}."
            )
        if self.labels is not None:
            check_parameter(len(self.labels) > 1, "labels", f"Scale({self.name!r})",
                            "the words from lowest to highest", self.labels)  # fmt: skip

    @property
    def is_indicator(self) -> bool:
        """Whether it is a question of yes and no, whose mean is a share."""
        return len(self.items) == 1 and (self.low, self.high) == (0, 1)


def scored(items: Floats, *, counted: int | None = None) -> Floats:
    """Return float64 (n,): the mean of each person's answered items.

    Parameters
    ----------
    items
        float64 (n, k), NaN where not answered, after reversing.
    counted
        Items of the scale, default k.

    Returns
    -------
    NaN where fewer than half of the items are answered.
    """
    k = items.shape[1] if counted is None else counted
    answered = (~np.isnan(items)).sum(axis=1)
    sums = np.nansum(items, axis=1)
    enough = (answered >= FEWEST * k) & (answered > 0)
    means: Floats = np.full(len(items), np.nan)
    np.divide(sums, answered, out=means, where=enough)
    return means


def alpha(items: Floats) -> float:
    r"""Return Cronbach's alpha of the people who answered every item.

    .. math:: \alpha = \frac{k}{k - 1}\left(1 - \frac{\sum_i s_i^2}{s_T^2}\right)

    with the variances of the items :math:`s_i^2` and of their sum :math:`s_T^2`.

    Parameters
    ----------
    items
        float64 (n, k), NaN where not answered, after reversing.

    Returns
    -------
    NaN with fewer than two items or three people, or where everybody has the same sum.

    References
    ----------
    .. [1] Cronbach (1951), Psychometrika 16, 297-334.
    """
    complete = items[~np.isnan(items).any(axis=1)]
    n, k = complete.shape
    if k < 2 or n < 3:
        return float("nan")
    total = float(complete.sum(axis=1).var(ddof=1))
    if total <= 1e-12:
        return float("nan")
    return float(k / (k - 1) * (1 - complete.var(axis=0, ddof=1).sum() / total))
