"""Presets: criteria and rules built from whatever the rosters have, each with its reason.

Weights follow the evidence (Eby et al. 2013; Allen, Eby & Lentz 2006; Ghosh 2014): deep-level
similarity and the participants' own input predict good relationships, demographics do not. A
preset states how much each theme is meant to decide; the weights follow from how far the answers
set mentors apart (see `influence`). Wishes are yes or no for a few pairs, so that their weight is
large.
Sensitive columns are never scored, except as the wish of a participant who asked. Nor is free text
about oneself, unless a weight is given: people tell who they are in it, and what is true of every
sensitive column would be scored by the back door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import (
    ColumnError,
    ParameterError,
    check_parameter,
    did_you_mean,
    listed,
)
from mentormatch.rosters.columns import (
    Categories,
    Column,
    Hours,
    Labels,
    Numbers,
    People,
    Texts,
    Vectors,
)
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.asked_on_both import SENSITIVE, YES_OR_NO, asked_on_both, own_questions
from mentormatch.scoring.consent import Consented
from mentormatch.scoring.criteria import (
    Closeness,
    Criterion,
    Overlap,
    SharedHours,
    Similarity,
    check_number,
)
from mentormatch.scoring.default_rules import as_rules, rules_from_columns
from mentormatch.scoring.influence import balanced, influence_of, sets_nobody_apart, spreads
from mentormatch.scoring.lowered import Lowered
from mentormatch.scoring.neutral import sample_rows
from mentormatch.scoring.offers import NEEDS, covering, offers_of
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.rules import ReportingLine, Rule
from mentormatch.scoring.scales import on_one_scale
from mentormatch.scoring.standing import STANDING, standing
from mentormatch.scoring.wishes import Preference
from mentormatch.values import ByValue

if TYPE_CHECKING:
    import pandas as pd

ALONE = 0.95
"""Share of what decides from which a criterion decides alone."""
SHOWN = 5
"""Names that a note lists."""
LONGEST = 50
"""Letters of a header that a note shows."""
UNWEIGHED = "weight 0"
ROWS = 64
"""Mentees whose options tell how far a criterion sets mentors apart."""
STYLES = ("communication_style", "working_style", "personality", "values")
BACKGROUND = ("profession", "function", "department")
COMMITMENT = {"hours": (0.0, 4.0), "rhythm": (0.0, 2.0), "length": (0.0, 6.0)}
"""Ideal and tolerance: hours a month, levels of the rhythm, months."""

MENTORING = MappingProxyType(
    {
        "goals": 0.30,
        "skills": 0.25,
        "style": 0.20,
        "wishes": 0.15,
        "availability": 0.10,
        "seniority": 0.10,
        "commitment": 0.10,
        "background": 0.10,
        "interests": 0.05,
        "languages": 0.05,
        "asked_on_both": 0.10,
        "wishes_about": 0.05,
        "about": 0.0,
    }
)
COACHING = MappingProxyType(
    {
        "goals": 0.25,
        "skills": 0.40,
        "style": 0.05,
        "wishes": 0.10,
        "availability": 0.20,
        "seniority": 0.0,
        "commitment": 0.15,
        "background": 0.05,
        "interests": 0.0,
        "languages": 0.05,
        "asked_on_both": 0.10,
        "wishes_about": 0.05,
        "about": 0.0,
    }
)
REASONS = {
    "goals": "what mentees want to reach, covered by what mentors can help with",
    "skills": "skills that mentees need, covered by skills that mentors offer",
    "style": "style and values: likeness below the surface predicts good relationships",
    "wishes": "the participants' own wishes",
    "availability": "hours at which both can meet, in their time zones",
    "seniority": "the mentor some steps ahead, not worlds apart",
    "commitment": "both expect to give about the same time",
    "background": "a common field of work",
    "interests": "something in common to start from",
    "languages": "languages in common",
    "asked_on_both": "the programme's own question to both, answered by the same names",
    "wishes_about": "asked for by participants themselves",
    "about": "what both wrote about themselves",
}


@dataclass(frozen=True, eq=False)
class Plan(ByValue):
    """Criteria and rules for two rosters, in canonical order, each with its `reason`.

    Attributes
    ----------
    importance : mapping of str to float
        Criterion -> how much it is meant to decide, as the preset states it; its weight was fitted
        to how far it sets people apart.
    spread : mapping of str to float
        Criterion -> the mean variance of its parts within a mentee's row.
    left_out : mapping of str to str
        Columns that could not be used, and why.
    flat : frozenset of str
        Criteria that set no mentor apart from another for anybody; all pairs were looked at.
    """

    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    importance: Mapping[str, float] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    flat: frozenset[str] = frozenset()
    _made: tuple[Pairing, tuple[Lowered, ...]] | None = field(
        default=None, repr=False, compare=False
    )

    def __repr__(self) -> str:
        count = len(self.left_out)
        left = f", {count} column{'s' * (count > 1)} left out" if count else ""
        return f"<Plan: {len(self.criteria)} criteria, {len(self.rules)} rules{left}>"

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self.to_frame().to_html(
            escape=True, index=False, na_rep="", float_format=lambda share: f"{share:.3g}"
        )

    def lowered_for(
        self, mentees: Profiles, mentors: Profiles
    ) -> tuple[Pairing, tuple[Lowered, ...]]:
        """Return the pairing of these rosters and the criteria lowered for it."""
        if self._made is not None:
            pairing, lowered = self._made
            if pairing.mentees is mentees and pairing.mentors is mentors:
                return pairing, lowered
        pairing = Pairing(mentees, mentors)
        return pairing, tuple(criterion.lower(pairing) for criterion in self.criteria)

    def with_rules(self, rules: Iterable[Rule]) -> Plan:
        """Return the plan with these rules instead of its own: the way to drop a default rule.

        To add rules, hand them to `score` or `match` instead.

        Parameters
        ----------
        rules
            All that hold, e.g. ``[rule for rule in plan.rules if not isinstance(rule, mm.Avoid)]``.
            Nobody is matched to herself in any case.

        Raises
        ------
        ParameterError
            If something is no rule.
        """
        return replace(self, rules=as_rules(rules, "with_rules"))

    def reweighted(self, importance: Mapping[str, float]) -> Plan:
        """Return the plan with another importance for some criteria; 0 drops one.

        Raises
        ------
        ParameterError
            If a criterion is unknown, nothing is left to weigh, or a number is not finite and >= 0.
        """
        names = [criterion.name for criterion in self.criteria]
        wrong = [name for name in importance if name not in names]
        if wrong:
            hints = " ".join(
                f"no criterion is called {name!r}. {did_you_mean(name, names)}" for name in wrong
            )
            raise ParameterError(f"The weights of this plan: {hints}")
        for name, weight in importance.items():
            check_number(f"the weight of {name}", "importance", weight, above=0)
        meant = {**self.importance, **{name: float(w) for name, w in importance.items()}}
        if names and not any(meant[name] > 0 for name in names):
            raise ParameterError("All weights are 0, so there is nothing to score by.")
        return self._fitted(meant)

    def _fitted(self, importance: Mapping[str, float]) -> Plan:
        """Return the plan with weights that give each criterion its importance."""
        names = [criterion.name for criterion in self.criteria]
        meant = np.array([importance[name] for name in names], dtype=np.float64)
        weights = balanced(meant, np.array([self.spread[name] for name in names]))
        kept = np.flatnonzero(meant > 0).tolist()
        made = self._made
        if made is not None:
            made = made[0], tuple(made[1][k] for k in kept)
        return replace(
            self,
            criteria=tuple(
                replace(
                    self.criteria[k],
                    weight=float(weights[k]),
                    importance=round(float(meant[k] / meant.sum()), 6),
                )
                for k in kept
            ),
            flat=self.flat & {names[k] for k in kept},
            importance={names[k]: float(meant[k]) for k in kept},
            spread={names[k]: self.spread[names[k]] for k in kept},
            _made=made,
        )

    @property
    def influence(self) -> dict[str, float]:
        """Criterion -> the share that it has of the variance of scores within a mentee's row."""
        weights = np.array([criterion.weight for criterion in self.criteria])
        spread = np.array([self.spread.get(c.name, 0.0) for c in self.criteria])
        share = influence_of(weights, spread)
        return dict(zip((c.name for c in self.criteria), share.tolist(), strict=True))

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the scores should know: what decides alone, and what does not count.

        Why each column was left out is in `left_out`.
        """
        notes = []
        for name, share in self.influence.items():
            if share > ALONE:
                what = f"{share:.0%} of what sets a mentee's options apart"
                notes.append(f"{_short(name)} alone decides: {what}")
        flat = [_short(c.name) for c in self.criteria if c.name in self.flat]
        if flat:
            one = "sets" if len(flat) == 1 else "set"
            notes.append(
                f"{listed(flat, SHOWN)} {one} no mentor apart from another: "
                "each mentee's answer meets all mentors' alike"
            )
        missed = [_short(name) for name, why in self.left_out.items() if not _meant(why)]
        if missed:
            notes.append(f"Left out of the score, see repairs for why: {listed(missed, SHOWN)}")
        return tuple(notes)

    def note_on(self, pairing: Pairing) -> None:
        """Make each reason for leaving columns out a repair, and the notes its notes."""
        reasons: dict[str, list[str]] = {}
        for name, why in self.left_out.items():
            if not _meant(why):
                reasons.setdefault(why, []).append(name)
        for why, names in reasons.items():
            pairing.found_on_both(why, "left out of the score", ", ".join(names))
        for name in sorted(self.flat):
            pairing.found_on_both(
                "sets no mentor apart from another for anybody", "counts alike in every pair", name
            )
        for note in self.notes:
            pairing.note(note)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per criterion, rule and column left out.

        Columns: kind, name, importance (share of what decides that it is meant to have), influence
        (share that it has), weight (what a part of 1 counts against one of 0), reason.
        """
        import pandas as pd

        none = float("nan")
        influence, whole = self.influence, sum(self.importance.values())
        rows = []
        for c in self.criteria:
            shares = none, none
            if c.name in self.importance:
                shares = self.importance[c.name] / whole, influence[c.name]
            rows.append(("criterion", c.name, *shares, c.weight, c.reason))
        rows += [("rule", str(r), none, none, none, r.reason) for r in self.rules]
        rows += [("left out", name, none, none, none, why) for name, why in self.left_out.items()]
        columns = ["kind", "name", "importance", "influence", "weight", "reason"]
        return pd.DataFrame(rows, columns=columns)


def _only(people: Profiles) -> str:
    return f"asked of {people.role}s only"


def _meant(why: str) -> bool:
    """Tell whether a column is left out by design, not because something is missing."""
    return why in (SENSITIVE, YES_OR_NO) or why.startswith(UNWEIGHED)


def _short(name: str) -> str:
    return repr(name if len(name) <= LONGEST else f"{name[:LONGEST].rstrip()} ...")


@dataclass(frozen=True, eq=False)
class Preset(ByValue):
    """Weights per theme; becomes criteria once the rosters are known.

    Attributes
    ----------
    name : str
    weights : mapping of str to float
        Theme -> weight, shared by the theme's columns; a theme without columns drops out.
    """

    name: str
    weights: Mapping[str, float]
    reverse: bool = False

    def __repr__(self) -> str:
        told = ", ".join(f"{theme} {w:g}" for theme, w in self.weights.items() if w > 0)
        return f"<Preset {self.name}: {told}>"

    def build(self, mentees: Profiles, mentors: Profiles) -> Plan:
        """Return the criteria and rules that these rosters have columns for."""
        return _Builder(self.weights, mentees, mentors, self.reverse).plan()


def mentoring(**weights: float) -> Preset:
    """Return the holistic preset: goals, needed skills, style and values, wishes, hours.

    Parameters
    ----------
    **weights
        Themes whose weight differs, e.g. ``mentoring(seniority=0.2, about=0.05)``.

    Raises
    ------
    ParameterError
        If a theme is unknown or a weight is not a finite number >= 0.
    """
    return _preset("mentoring", MENTORING, weights)


def coaching(**weights: float) -> Preset:
    """Return the skill-specific preset: needed skills first, then goals, hours and commitment.

    Parameters and errors as in `mentoring`.
    """
    return _preset("coaching", COACHING, weights)


def reverse(**weights: float) -> Preset:
    """Return the preset of reverse mentoring: a junior mentors a senior.

    Mentees are the seniors, mentors the juniors. As `mentoring`, but the mentor is best two levels
    (or eight years) below; nobody with a manager of either at any depth, as juniors are then not
    frank; and where the mentees have a column `consent`, only those who said yes. A mentor below
    the mentee is then no defect.

    Parameters and errors as in `mentoring`.
    """
    made = _preset("reverse", MENTORING | {"seniority": 0.20}, weights)
    return replace(made, reverse=True)


def _reversed(rules: Sequence[Rule], mentees: Profiles) -> tuple[Rule, ...]:
    reason = "juniors are not frank with whoever stands above them in the line"
    found: list[Rule] = [
        ReportingLine(levels=None, reason=reason) if isinstance(rule, ReportingLine) else rule
        for rule in rules
    ]
    if "consent" in mentees.columns:
        found.append(Consented(reason="the senior is asked first"))
    return tuple(found)


def _preset(name: str, base: Mapping[str, float], weights: Mapping[str, float]) -> Preset:
    for theme, weight in weights.items():
        if theme not in base:
            raise ParameterError(
                f"The preset {name} has no theme {theme!r}. {did_you_mean(theme, base)}"
            )
        ok = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        check_parameter(
            ok and 0 <= weight < float("inf"), theme, f"presets.{name}",
            "a finite number of at least 0", weight,
        )  # fmt: skip
    return Preset(name, MappingProxyType({**base, **weights}))


def from_columns(mentees: Profiles, mentors: Profiles, preset: Preset | None = None) -> Plan:
    """Build criteria and rules from the columns that both rosters have.

    Parameters
    ----------
    preset
        Weights; default: `mentoring()`.

    Returns
    -------
    Plan
        The order of criteria is canonical: the order of the files' columns has no influence.
    """
    return (preset or mentoring()).build(mentees, mentors)


def planned(
    mentees: Profiles, mentors: Profiles, criteria: Sequence[Criterion] | Preset | Plan | None
) -> Plan:
    """Return what `score` was asked for as a plan, with the rules of the rosters or its own."""
    if isinstance(criteria, Plan):
        return criteria
    if criteria is None or isinstance(criteria, Preset):
        return from_columns(mentees, mentors, criteria)
    if isinstance(criteria, Criterion):
        criteria = (criteria,)
    check_parameter(
        isinstance(criteria, Iterable) and not isinstance(criteria, str), "criteria", "score",
        "a list of criteria, a preset or a plan", criteria,
    )  # fmt: skip
    return Plan(tuple(criteria), rules_from_columns(mentees, mentors))


class _Builder:
    """Collects criteria theme by theme, in canonical order."""

    def __init__(
        self, weights: Mapping[str, float], mentees: Profiles, mentors: Profiles,
        reverse: bool = False,
    ) -> None:  # fmt: skip
        self.weights, self.reverse = weights, reverse
        self.mentees, self.mentors = mentees, mentors
        self.left_out: dict[str, str] = {}

    def plan(self) -> Plan:
        criteria: list[Criterion] = []
        for theme in MENTORING:
            before = dict(self.left_out)
            found = list(getattr(self, f"_{theme}")())
            if self.weights[theme] <= 0:  # what was not asked for is not missing
                self.left_out = before
            criteria += self._shared(theme, found)
        self._rated(criteria)
        self._unmet(criteria)
        return self._balanced(tuple(criteria))

    def _rated(self, criteria: Sequence[Criterion]) -> None:
        """Name the importance of something that is no criterion."""
        for name in self.mentees.columns:
            about = name.removeprefix("importance_")
            known = {c.name for c in criteria} | self.left_out.keys()
            if about != name and about not in known:
                self.left_out[name] = f"no criterion is called {about!r}"

    def _unmet(self, criteria: Sequence[Criterion]) -> None:
        """Name what only one roster was asked, among offers and the programme's own questions."""
        used = {name for criterion in criteria for name in criterion.columns_used()}
        offers, _ = offers_of(self.mentees, self.mentors, NEEDS["goals"])
        sides = (self.mentees, self.mentors), (self.mentors, self.mentees)
        for ours, theirs in sides:
            for name in (*(offers if ours.role == "mentor" else ()), *own_questions(ours)):
                if name not in used and name not in theirs and name not in self.left_out:
                    self.left_out[name] = _only(ours)

    def _balanced(self, criteria: tuple[Criterion, ...]) -> Plan:
        """Fit the weights to how far each criterion sets the mentors apart."""
        rules = rules_from_columns(self.mentees, self.mentors)
        if self.reverse:
            rules = _reversed(rules, self.mentees)
        plan = Plan(criteria, rules, self.left_out)
        made = plan.lowered_for(self.mentees, self.mentors)
        shape = len(self.mentees), len(self.mentors)
        spread = spreads(made[1], sample_rows(self.mentees, ROWS), shape)
        names = [criterion.name for criterion in criteria]
        flat = frozenset(
            name for name, one, far in zip(names, made[1], spread.tolist(), strict=True)
            if not far and sets_nobody_apart(one, shape)
        )  # fmt: skip
        spread_of = dict(zip(names, spread.tolist(), strict=True))
        plan = replace(plan, spread=spread_of, flat=flat, _made=made)
        return plan._fitted({criterion.name: criterion.weight for criterion in criteria})

    def _shared(self, theme: str, criteria: Sequence[Criterion]) -> Iterator[Criterion]:
        """The theme's weight, shared evenly; a theme about wishes gives each wish its weight."""
        weight = self.weights[theme]
        if weight <= 0:
            asked = f"{UNWEIGHED}; give it one with criteria=presets.mentoring({theme}=0.05)"
            self.left_out |= dict.fromkeys((c.name for c in criteria), asked)
            return
        each = weight if theme == "wishes_about" else weight / max(len(criteria), 1)
        for criterion in criteria:
            importance = f"importance_{criterion.name}"
            rated = isinstance(self.mentees.columns.get(importance), Numbers)
            yield replace(
                criterion, weight=each,
                reason="; ".join(filter(None, (REASONS[theme], criterion.reason))),
                priority=importance if rated else None,
            )  # fmt: skip

    def _both(self, name: str, *kinds: type[Column], by: str | None = None) -> bool:
        """Whether both rosters answer a column in one of the types; notes why not."""
        ours, theirs = self.mentees.columns.get(name), self.mentors.columns.get(by or name)
        if ours is None or theirs is None:
            if ours is not None and name not in self.mentees.sensitive:
                self.left_out[name] = _only(self.mentees)
            if theirs is not None and name not in self.mentors.sensitive:
                self.left_out[name] = _only(self.mentors)
            return False
        if name in self.mentees.sensitive or (by or name) in self.mentors.sensitive:
            self.left_out[name] = SENSITIVE
            return False
        if not any(isinstance(ours, kind) and isinstance(theirs, kind) for kind in kinds):
            self.left_out[name] = f"mentees have it as {ours.kind}, mentors as {theirs.kind}"
            return False
        if not ours.answered.any() or not theirs.answered.any():
            self.left_out[name] = "answered on one roster only"
            return False
        return True

    def _likeness(self, name: str) -> Iterator[Criterion]:
        if isinstance(self.mentees.columns.get(name), Labels):
            if self._both(name, Labels):
                yield Overlap(name)
        elif isinstance(self.mentees.columns.get(name), Numbers):
            if self._both(name, Numbers) and self._one_scale(name, labelled=True):
                yield Similarity(name)
        elif self._both(name, Categories, Vectors, Texts):
            yield Similarity(name)

    def _one_scale(self, name: str, labelled: bool = False) -> bool:
        ours, theirs = self.mentees.columns[name], self.mentors.columns[name]
        assert isinstance(ours, Numbers)
        assert isinstance(theirs, Numbers)
        try:
            on_one_scale(ours, theirs, name)
        except ColumnError as error:
            self.left_out[name] = str(error)
            return False
        if labelled and ours.labels is None:
            self.left_out[name] = "plain numbers have no natural distance; use Closeness"
            return False
        return True

    def _covered(self, needs: str) -> Iterator[Criterion]:
        found, why = offers_of(self.mentees, self.mentors, NEEDS[needs])
        self.left_out |= why
        wanted = self.mentees.columns.get(needs)
        if found and isinstance(wanted, (Labels, Texts)) and wanted.answered.any():
            # mentors asked the mentees' own question answered it; else their skills stand for it
            yield covering(needs, found, self.mentees, self.mentors)
        elif wanted is not None and wanted.answered.any():
            self.left_out[needs] = "asked of mentees only: mentors named no skills and no goals"

    def _goals(self) -> Iterator[Criterion]:
        return self._covered("goals")

    def _skills(self) -> Iterator[Criterion]:
        return self._covered("needs")

    def _style(self) -> Iterator[Criterion]:
        for name in STYLES:
            yield from self._likeness(name)

    def _wishes(self) -> Iterator[Criterion]:
        sides = (self.mentees, self.mentors)
        columns = [side.columns.get("preferred") for side in sides]
        if any(isinstance(column, People) and len(column.refs) for column in columns):
            yield Preference()

    def _availability(self) -> Iterator[Criterion]:
        if self._both("availability", Hours):
            yield SharedHours()

    def _banded(self, name: str, ideal: float, tolerance: float) -> Iterator[Criterion]:
        if self._both(name, Numbers) and self._one_scale(name):
            yield Closeness(name, ideal=ideal, tolerance=tolerance)

    def _seniority(self) -> Iterator[Criterion]:
        found = standing(self.mentees, self.mentors)
        for name, band in STANDING.items():
            ideal, tolerance = band
            ideal = -ideal if self.reverse else ideal
            yield from self._banded(name, ideal, tolerance)  # says what is wrong with those before
            if found is not None and name == found[0]:
                return

    def _commitment(self) -> Iterator[Criterion]:
        for name, band in COMMITMENT.items():
            yield from self._banded(name, *band)

    def _background(self) -> Iterator[Criterion]:
        for name in BACKGROUND:
            yield from self._likeness(name)

    def _interests(self) -> Iterator[Criterion]:
        return self._likeness("interests")

    def _languages(self) -> Iterator[Criterion]:
        return self._likeness("languages")

    def _asked_on_both(self) -> Iterator[Criterion]:
        criteria, why = asked_on_both(self.mentees, self.mentors)
        self.left_out |= why
        return iter(criteria)

    def _wishes_about(self) -> Iterator[Criterion]:
        sides = ((self.mentees, self.mentors), (self.mentors, self.mentees))
        found, missing = set(), {}
        for side, other in sides:
            for wish, column in side.columns.items():
                name = wish.removeprefix("preferred_")
                if name == wish or not isinstance(column, Labels):
                    continue
                if isinstance(other.columns.get(name), (Categories, Labels)):
                    found.add(name)
                elif column.answered.any():
                    missing[name] = f"asked for by {side.role}s, but no {other.role} says it"
        for name in sorted(found):
            yield Preference(name)
        self.left_out |= {f"wishes: {name}": why for name, why in sorted(missing.items())}

    def _about(self) -> Iterator[Criterion]:
        if self._both("about", Texts):
            yield Similarity("about")


__all__ = ["Plan", "Preset", "coaching", "from_columns", "mentoring", "reverse"]


def __dir__() -> list[str]:
    return list(__all__)
