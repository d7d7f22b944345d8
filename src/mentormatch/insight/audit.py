"""audit: how a matching treats groups of people, with uncertainty, in tables and in words."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.errors import check_parameter
from mentormatch.insight.audit_groups import (
    QUARTILES,
    Groups,
    attributes,
    crossed,
    groups_of,
)
from mentormatch.insight.audit_tables import (
    EVERYBODY,
    GROUP_FIGURES,
    LOAD_FIGURES,
    POOL_FIGURES,
    Counted,
    Settings,
    count,
    frame_of,
    gap_frame,
    gaps_of,
    outcomes,
    roster_order,
)
from mentormatch.insight.audit_wording import overall_sentence, summary
from mentormatch.insight.of_forms import asked_of_form
from mentormatch.journal import logged
from mentormatch.matching.answer import Answer
from mentormatch.matching.matching import Matching
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.values import Public

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Audit(Public):
    """How a matching treats groups of people; see `audit` for what the columns mean.

    Attributes
    ----------
    groups : DataFrame
        One row per roster, attribute and group, everybody first.
    gaps : DataFrame
        One row per roster, attribute (or pair of them) and measure: the two extreme groups.
    crossed : DataFrame
        As `groups`, for attributes crossed in pairs.
    load : DataFrame
        One row per group of mentors: seats, load and the share used.
    pool : DataFrame
        What the rules allow, before any matching: one row per group.
    text : str
        The same in plain words.
    """

    groups: pd.DataFrame
    gaps: pd.DataFrame
    crossed: pd.DataFrame
    load: pd.DataFrame
    pool: pd.DataFrame
    text: str

    def plot(self) -> Figure:
        """Draw every group's share and mean score with their intervals.

        At most 60 rows for each roster; the frames hold all of them.

        Returns
        -------
        matplotlib Figure, not shown and not registered with pyplot.
        """
        return upstairs("delivery.audit_plot", "draw")(  # type: ignore[no-any-return]
            self.groups, self.load
        )

    def __repr__(self) -> str:
        found = [
            (role, attribute)
            for role, attribute in zip(self.groups["role"], self.groups["attribute"], strict=True)
            if attribute != EVERYBODY
        ]
        low = int(self.gaps["four_fifths"].eq(False).fillna(False).sum())
        return (
            f"<Audit: {len(set(found))} attributes and rosters, {len(self.groups)} groups, "
            f"{len(self.gaps)} gaps, {low} impact ratios below four fifths>"
        )

    def _repr_html_(self) -> str:
        tables = (
            ("Groups", self.groups),
            ("Gaps", self.gaps),
            ("Load of mentors", self.load),
            ("Attributes crossed", self.crossed),
            ("What the rules allow", self.pool),
        )
        parts = [f"<p>{html.escape(part)}</p>" for part in self.text.split("\n\n")]
        for title, frame in tables:
            if len(frame):
                table = frame.head(40).to_html(
                    escape=True, index=False, na_rep="", float_format=lambda v: f"{v:.3f}", border=0
                )
                more = f"<p>and {len(frame) - 40} more rows</p>" if len(frame) > 40 else ""
                parts.append(f"<h4>{title}</h4><div style='overflow-x:auto'>{table}</div>{more}")
        return "".join(parts)


@logged(lambda made, _: f"audited {len(made.groups)} groups")
@typed
def audit(
    matching: Answer,
    by: str | Sequence[str] | None = None,
    *,
    pairs: bool = True,
    smallest: int = 5,
    unmatched: Literal["left_out", "zero"] = "left_out",
    unknown: Literal["group", "leave_out"] = "leave_out",
    quantiles: Sequence[float] = QUARTILES,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Audit:
    r"""Assess how a matching treats groups of people on both rosters.

    Per attribute, groups are its values; people who did not answer are the group "unknown".
    Numbers with more than six values are binned between quantiles, somebody with several labels
    belongs to the group of each. Groups under `smallest` people are held back together, without
    names and without any outcome; so are more groups or cells, the smallest first, where a
    subtraction from a total would give them away [4]_. Nobody is named.

    Parameters
    ----------
    matching
        n mentees, m mentors. Groups, peers, lists and rounds are assessed by who is with whom:
        `Form.paired`.
    by
        Columns of either or both rosters; default those that look like sensitive attributes.
    pairs
        Whether to cross the attributes in pairs.
    smallest
        Fewest people whose outcomes are shown.
    unmatched
        In mean scores, people without a partner are "left_out" or count as "zero".
    unknown
        People who gave no answer, or would rather not say, are listed and not judged: "leave_out"
        of gaps. As a "group" they are compared as well.
    quantiles
        Where numbers are cut into bins.
    confidence
        Of the intervals.
    draws
        Resamples and random deals; 0 for none.
    seed
        Of the draws. The order of the rosters plays no part.

    Returns
    -------
    Audit
        In its frames, `status` is "judged", "not judged" (unknown) or "held back", `people` is
        missing where it would tell of fewer than `smallest`, and shares lie in [0, 1]:

        `matched_share`: people with a partner / people, with Wilson's interval.
        `mean_score`: mean over the pairs, with a bootstrap interval over people.
        `above_median`: share of those with a score whose mean score is above the median of their
        roster (the "scoring rate" of NYC's rules for Local Law 144).
        `load_share`: mentees / seats, with a bootstrap interval.
        `gap`: largest minus smallest group; for shares with Newcombe's interval, else bootstrap.
        `ratio`: smallest / largest, the impact ratio; `four_fifths` tells whether it is at least
        0.8, for shares.
        `chance`: how often outcomes dealt to people at random give a gap as large.
        `admissible_share`: admissible partners / people on the other roster, on average;
        `reachable_share`, `without_any`: who has any; `best_score` and
        `best_score_without_rules`: of the best partner, on average, as rules stand and without.

    Raises
    ------
    ColumnError
        If columns are on neither roster, or hold texts or hours; names all of them.
    ParameterError
        If another parameter is outside its domain.

    Notes
    -----
    The two groups of a gap are the extremes of several, so its interval is too optimistic where
    there are many groups; `chance` allows for that. Outcomes of people who compete for seats
    are not independent: intervals say how much a share could move with other people of the same
    kind, not what another matching would give. Time O(n m + draws (n + m) groups).

    References
    ----------
    .. [1] Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    .. [2] Newcombe (1998), Statistics in Medicine 17, 873-890.
    .. [3] Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D (four fifths).
    .. [4] Cox (1980), Journal of the American Statistical Association 75, 377-385.
    """
    settings = Settings(smallest, unmatched, unknown, confidence, draws, seed)
    _check(settings, quantiles)
    if not isinstance(matching, Matching):
        matching = asked_of_form(matching, "paired")
    assert isinstance(matching, Matching)
    scores = matching.problem.scores
    names = attributes(scores.mentees, scores.mentors, by)
    single: list[tuple[Role, Counted]] = []
    cells: list[tuple[Role, Counted]] = []
    records: list[dict[str, Any]] = []
    overall: list[str] = []
    rosters: tuple[tuple[Role, Profiles], ...] = (
        ("mentee", scores.mentees), ("mentor", scores.mentors),
    )  # fmt: skip
    for role, profiles in rosters:
        order = roster_order(profiles)
        results = outcomes(matching, role, order, unmatched)
        listed = [
            groups_of(profiles, name, order, smallest, quantiles)
            for name in names
            if name in profiles.columns
        ]
        one_by_one = [_everybody(len(order), smallest), *listed]
        in_pairs = crossed(listed, smallest) if pairs else []
        every = count(results, [*one_by_one, *in_pairs], settings, dealt=len(one_by_one))
        counted, both = every[: len(one_by_one)], every[len(one_by_one) :]
        single += [(role, one) for one in counted]
        cells += [(role, one) for one in both]
        records += gaps_of(role, every, settings)
        numbers = (results.matched, results.pairs, results.seats)
        overall.append(
            overall_sentence(role, len(order), *(int(values.sum()) for values in numbers))
        )
    mentors = [(role, one) for role, one in single if role == "mentor"]
    groups, gaps = frame_of(single, GROUP_FIGURES, settings), gap_frame(records)
    pool = frame_of(single, POOL_FIGURES, settings)
    return Audit(
        groups=groups,
        gaps=gaps,
        crossed=frame_of(cells, GROUP_FIGURES, settings),
        load=frame_of(mentors, LOAD_FIGURES, settings),
        pool=pool,
        text=summary(overall, gaps, groups, pool, smallest),
    )


def _everybody(people: int, small: int) -> Groups:
    import numpy as np

    members, yes = np.ones((people, 1), dtype=bool), np.array([True])
    return Groups(EVERYBODY, (EVERYBODY,), members, np.array([people >= small]), yes, yes)


def _check(settings: Settings, quantiles: Sequence[float]) -> None:
    for ok, name, domain, value in (
        (settings.small >= 1, "smallest", "an int in [1, inf)", settings.small),
        (settings.unmatched in ("left_out", "zero"), "unmatched", "'left_out' or 'zero'",
         settings.unmatched),
        (settings.unknown in ("group", "leave_out"), "unknown", "'group' or 'leave_out'",
         settings.unknown),
        (0 < settings.confidence < 1, "confidence", "in (0, 1)", settings.confidence),
        (settings.draws >= 0, "draws", "an int in [0, inf)", settings.draws),
        (settings.seed >= 0, "seed", "an int in [0, inf)", settings.seed),
        (all(0 < q < 1 for q in quantiles), "quantiles", "numbers in (0, 1)", tuple(quantiles)),
    ):  # fmt: skip
        check_parameter(ok, name, "audit", domain, value)
