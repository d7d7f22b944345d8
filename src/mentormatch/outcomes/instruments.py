"""Instruments: which questionnaires there are, how they are scored, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, did_you_mean
from mentormatch.outcomes.scales import Scale

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["instrument", "instruments"]

QUALITY = ("Very poor", "Poor", "Fair", "Good", "Very good")
PULSE = (
    Scale("useful", items="The mentoring is useful to me", low=1, high=5),
    Scale("as_planned", items="We meet as often as we planned", low=1, high=5),
    Scale("go_on", items="I would like us to go on", low=1, high=5),
    Scale("overall", items="How good is this mentoring relationship overall?", low=1, high=5,
          labels=QUALITY),
)  # fmt: skip
"""Four questions of our own, for either side, each an outcome by itself."""


@dataclass(frozen=True)
class _Known:
    """What is known of an instrument: how many items each of its parts has, and its papers."""

    name: str
    about: str
    parts: tuple[tuple[str, int], ...]
    reliability: str
    source: str
    licence: str
    shipped: bool = False

    @property
    def items(self) -> int:
        return sum(count for _, count in self.parts)


ASK = "no licence found: ask its authors; the items are not shipped"
KNOWN = (
    _Known("pulse", "mentee or mentor about the relationship", (("pulse", 4),),
           "one question each: none", "mentormatch", "MIT", shipped=True),
    _Known("MET", "mentee about the mentor", (("MET", 13),),
           "alpha .96; means high, award winners no better than others: a ceiling, it seems",
           "Yukawa et al. 2020, PLOS ONE 15(6) e0234345",
           "CC BY, as all of PLOS ONE: take the items from the paper, and cite it"),
    _Known("MCA-21", "mentor about herself", (("MCA-21", 21),), "alpha .77 to .86 by part",
           "Hyun et al. 2022, J Clin Transl Sci 6, 10.1017/cts.2022.381",
           "open access; look up the licence of the items before using them"),
    _Known("MWA", "mentee about the working alliance", (("MWA_quality", 6),
           ("MWA_effectiveness", 6)), "alpha .96 and .89 (n 345)",
           "Rogers & Byars-Winston 2025, J Clin Transl Sci, 10.1017/cts.2025.72",
           "open access; look up the licence of the items before using them"),
    _Known("MFQ-9", "mentee about what the mentor does: career, psychosocial, role model",
           (("MFQ_career", 3), ("MFQ_psychosocial", 3), ("MFQ_role_model", 3)),
           "alpha .75 to .92 in two countries",
           "Castro, Scandura & Williams 2004", ASK),
    _Known("MRI", "mentee about the mentor's eleven roles", (("MRI", 33),), "not read",
           "Ragins & McFarlin 1990", ASK),
    _Known("YSoR", "young mentee about the relationship", (("YSoR", 10),),
           "foretells how long the match lasts, in one study", "Rhodes et al. 2014", ASK),
    _Known("MSoR", "mentor about the relationship with a young mentee", (("MSoR", 14),),
           "foretells how long the match lasts, in one study", "Rhodes et al. 2014", ASK),
    _Known("MYAS", "young mentee about the alliance", (("MYAS", 10),),
           "alpha .92", "Zand et al. 2009", "free for non-commercial use only; not shipped"),
    _Known("WAI-SR", "client about the working alliance, in coaching",
           (("WAI_goal", 4), ("WAI_task", 4), ("WAI_bond", 4)),
           "alliance and outcome of coaching r .41 (Grassmann 2020)",
           "Hatcher & Gillaspy 2006",
           "copyright of the Society for Psychotherapy Research: ask it; not shipped"),
)  # fmt: skip


def instruments() -> pd.DataFrame:
    """List instruments for mentoring and coaching, those whose items are shipped first.

    Returns
    -------
    DataFrame
        `name` (for `instrument`), `about` (who says what about whom), `items` (how many),
        `reliability` (as published), `source`, `licence`, `shipped` (whether the wordings are in
        the package; those of the others are yours to get, and to have the right to).

    Notes
    -----
    What mentees and what mentors say agree weakly; they are two outcomes, never one average.
    """
    import pandas as pd

    names = ("name", "about", "items", "reliability", "source", "licence", "shipped")
    return pd.DataFrame(
        [[getattr(one, name) for name in names] for one in KNOWN], columns=list(names)
    ).astype({"items": "Int64"})


@typed
def instrument(
    name: str, items: Sequence[str] | None = None, *, low: float = 1, high: float = 5
) -> tuple[Scale, ...]:
    """Return the scales of an instrument, scored by its key.

    Parameters
    ----------
    name
        As `instruments` lists it.
    items
        Wordings, in the order of the paper, of an instrument whose items are not shipped.
    low, high
        Lowest and highest answer on your form, of such an instrument.

    Raises
    ------
    ParameterError
        If there is no such instrument, or it has another number of items.

    Examples
    --------
    >>> [scale.name for scale in instrument("pulse")]
    ['useful', 'as_planned', 'go_on', 'overall']
    """
    known = {one.name: one for one in KNOWN}
    if name not in known:
        raise ParameterError(f"There is no instrument {name!r}. {did_you_mean(name, known)}")
    found = known[name]
    if found.shipped:
        check_parameter(items is None, "items", f"instrument({name!r})", "None: it is shipped",
                        items)  # fmt: skip
        return PULSE
    given = () if items is None else tuple(items)
    if len(given) != found.items:
        raise ParameterError(
            f"{name} has {found.items} items, whose wordings are not shipped ({found.licence}). "
            f"Give them in the order of {found.source}: instrument({name!r}, items=[...]). Got "
            f"{len(given)}."
        )
    scales, start = [], 0
    for part, count in found.parts:
        scales.append(Scale(part, items=given[start : start + count], low=low, high=high))
        start += count
    return tuple(scales)
