"""Rules: what makes a pair inadmissible, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import check_fields
from mentormatch.errors import ColumnError, ParameterError, UnknownPersonError, listed
from mentormatch.rosters.columns import BoolArray, Categories, Column, IntArray, Labels, Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.criteria import Criterion
from mentormatch.scoring.defects import DEFECTS, Judge, check_defects, needed_judge
from mentormatch.scoring.earlier import earlier_pairs, places_today
from mentormatch.scoring.lowered import LARGEST_EXACT, Lowered, Parts, Positions
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.reporting import Reporting, reporting_lines
from mentormatch.scoring.scales import common_codes, rows_of
from mentormatch.solvers.source import places_of
from mentormatch.values import ByValue, Setting

PairList: TypeAlias = "Iterable[tuple[object, object]] | Any"


class LoweredRule:
    """A rule whose rosters are known."""

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        """Mark the forbidden pairs of rows start:stop; None stands for: nothing marked yet."""
        raise NotImplementedError

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        """Return which of the pairs (rows[k], cols[k]) it forbids."""
        raise NotImplementedError

    def reason(self, i: int, j: int) -> str:
        """Return the sentence that says why it forbids this pair."""
        raise NotImplementedError

    def forbids(self, i: int, j: int) -> bool:
        """Return whether it forbids one pair."""
        return bool(self.pairs(np.array([i]), np.array([j]))[0])


@dataclass(frozen=True, eq=False)
class Listing(LoweredRule):
    """Forbids listed pairs, or in some rows all but the listed pairs.

    keys : int64 (k,), ascending, row * m + column
    only : bool (n,) or (m,) or None: rows (or columns) in which the listed pairs are the only
        admissible ones
    by_column : whether `only` speaks of columns
    """

    keys: Positions
    m: int
    sentence: str
    pairing: Pairing
    only: BoolArray | None = None
    by_column: bool = False

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        first, last = np.searchsorted(self.keys, (start * m, stop * m))
        only = self.only
        if only is not None:
            only = only[None, :] if self.by_column else only[start:stop, None]
        if first == last if only is None else not only.any():
            return forbidden
        listed_here = self.keys[first:last] - start * m
        if forbidden is None:
            forbidden = np.zeros((stop - start, m), dtype=bool)
        if only is None:
            forbidden.reshape(-1)[listed_here] = True
        else:
            allowed = np.zeros((stop - start, m), dtype=bool)
            allowed.reshape(-1)[listed_here] = True
            forbidden |= only & ~allowed
        return forbidden

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        on_list = places_of(rows * self.m + cols, self.keys) >= 0
        if self.only is None:
            return on_list
        return self.only[cols if self.by_column else rows] & ~on_list

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


@dataclass(frozen=True, eq=False)
class Codes(LoweredRule):
    """Forbids pairs whose codes are equal, or differ; negative codes are never forbidden."""

    mentees: IntArray
    mentors: IntArray
    equal: bool
    sentence: str
    pairing: Pairing

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        mine = self.mentees[start:stop]
        if forbidden is None:
            forbidden = np.zeros((stop - start, m), dtype=bool)
        forbidden |= self._clash(mine[:, None], self.mentors)
        return forbidden

    def _clash(self, mine: IntArray, yours: IntArray) -> BoolArray:
        clash = mine == yours if self.equal else mine != yours
        known: BoolArray = (mine >= 0) & (yours >= 0)
        return np.asarray(clash & known)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return self._clash(self.mentees[rows], self.mentors[cols])

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


@dataclass(frozen=True, eq=False)
class Sharing(LoweredRule):
    """Forbids pairs of people who have no label in common, or who have one."""

    mentees: npt.NDArray[np.float32]
    mentors: npt.NDArray[np.float32]
    given_mentees: BoolArray
    given_mentors: BoolArray
    common: bool
    sentence: str
    pairing: Pairing

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        both = (self.mentees[start:stop] @ self.mentors.T) > 0
        clash = (both == self.common) & self.given_mentees[start:stop, None] & self.given_mentors
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        both = (self.mentees[rows] * self.mentors[cols]).sum(axis=1) > 0
        clash: BoolArray = (
            (both == self.common) & self.given_mentees[rows] & self.given_mentors[cols]
        )
        return clash

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


@dataclass(frozen=True, eq=False)
class Threshold(LoweredRule):
    """Forbids pairs whose part of a criterion is below a value."""

    criterion: Lowered
    least: np.float32
    strict: bool
    sentence: str
    pairing: Pairing

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        part: Parts = np.empty((stop - start, m), dtype=np.float32)
        self.criterion.block(start, stop, part, compiled)
        clash = self._clash(part)
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def _clash(self, part: Parts) -> BoolArray:
        if self.strict:
            return ~(part >= self.least)
        return np.less(part, self.least)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return self._clash(self.criterion.pairs(rows, cols))

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


def _say(sentence: str, pairing: Pairing, i: int, j: int) -> str:
    # not str.format: names may hold braces
    name, mentor = pairing.mentees.name(i), pairing.mentors.name(j)
    return sentence.replace("{mentor}", mentor).replace("{mentee}", name)


def without_people(rule: LoweredRule) -> LoweredRule:
    """Return a rule that forbids the same pairs and knows nobody's name, to be sent elsewhere."""
    if isinstance(rule, Several):
        return Several(tuple(without_people(part) for part in rule.parts))
    if not is_dataclass(rule) or all(field.name != "pairing" for field in fields(rule)):
        return rule
    known: LoweredRule = replace(rule, pairing=None)
    return known


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Rule(Setting, ByValue):
    """Base of all rules.

    Attributes
    ----------
    reason : str
        Why it is there, for the settings page of the workbook.
    """

    reason: str = ""

    def __post_init__(self) -> None:
        check_fields(self)

    def __str__(self) -> str:
        return f"{type(self).__name__}()"

    def _identity(self) -> tuple[Any, ...]:
        return (str(self),)

    def lower(self, pairing: Pairing) -> LoweredRule:
        """Return what forbids pairs of these rosters; `ColumnError` if a column is missing."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class NotHerself(Rule):
    """Nobody is matched to herself (same id, else same e-mail on both rosters); always on."""

    def lower(self, pairing: Pairing) -> Listing:
        rows = np.flatnonzero(pairing.same >= 0)
        sentence = "{mentee} and {mentor} are the same person"
        return _listing(rows, pairing.same[rows], sentence, pairing)


@dataclass(frozen=True, eq=False, repr=False)
class NotPrevious(Rule):
    """No pair that was matched before.

    Attributes
    ----------
    pairs : Matching, or pairs, or None
        An earlier matching, ``Matching.from_json("last_year.json")`` say, or (mentee, mentor)
        pairs; people who have left are passed over. People are recognised by e-mail, else by id,
        else by full name. None: column `previous` on either roster.
    """

    pairs: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pairs is not None:
            object.__setattr__(self, "pairs", earlier_pairs(self.pairs))

    def __str__(self) -> str:
        return "NotPrevious()" if self.pairs is None else f"NotPrevious({len(self.pairs)} pairs)"

    def lower(self, pairing: Pairing) -> Listing:
        sentence = "{mentee} and {mentor} were matched before"
        if self.pairs is None:
            return _named("previous", str(self), sentence, pairing)
        sides = (pairing.mentees, pairing.mentors)
        rows, cols = (
            places_today([pair[side] for pair in self.pairs], people)
            for side, people in enumerate(sides)
        )
        here = (rows >= 0) & (cols >= 0)
        if gone := int((~here).sum()):
            told = "1 earlier pair" if gone == 1 else f"{gone} earlier pairs"
            pairing.found_on_both(
                f"of {told} somebody is on no roster of today", "passed over by NotPrevious"
            )
        return _listing(rows[here], cols[here], sentence, pairing)


@dataclass(frozen=True, eq=False, repr=False)
class Avoid(Rule):
    """No pair of which one asked not to be matched with the other (column `avoid`)."""

    def lower(self, pairing: Pairing) -> Listing:
        sentence = "one of {mentee} and {mentor} asked not to be matched with the other"
        return _named("avoid", str(self), sentence, pairing)


def _named(column: str, owner: str, sentence: str, pairing: Pairing) -> Listing:
    mentees, mentors = pairing.links(column, "mentee"), pairing.links(column, "mentor")
    if mentees is None and mentors is None:
        raise ColumnError(
            f"{owner} needs a column {column!r} (people) on one of the rosters. Map one with "
            f"read_roster(..., columns={{{column!r}: 'header in the file'}}).",
            column=column, rule=owner,
        )  # fmt: skip
    rows, cols = mentees.pairs() if mentees is not None else _nobody()
    to, who = mentors.pairs() if mentors is not None else _nobody()
    mentor_side = (who, to)  # a mentor names mentees: rows are whom he names
    return _listing(
        np.concatenate((rows, mentor_side[0])),
        np.concatenate((cols, mentor_side[1])),
        sentence,
        pairing,
    )


def _nobody() -> tuple[IntArray, IntArray]:
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)


def _listing(
    rows: IntArray,
    cols: IntArray,
    sentence: str,
    pairing: Pairing,
) -> Listing:
    m = len(pairing.mentors)
    return Listing(np.unique(rows * m + cols).astype(np.int64), m, sentence, pairing)


@dataclass(frozen=True, eq=False, repr=False)
class OnlyPreferred(Rule):
    """Who would rather stay unmatched than get somebody not wished for gets a wish or nobody.

    Column `only_preferred` (yes = 1) of the mentees, and of the mentors. A wish may be for a
    person (`preferred`). People who said so and whose wishes name nobody on the other roster
    get nobody.
    """

    def lower(self, pairing: Pairing) -> LoweredRule:
        m = len(pairing.mentors)
        masks = {role: _says_yes(pairing.side(role)) for role in ("mentee", "mentor")}
        if all(mask is None for mask in masks.values()):
            raise ColumnError(
                f"{self} needs a column 'only_preferred' (numbers 0 or 1) on one of the rosters. "
                "Map one with read_roster(..., columns={'only_preferred': 'header'}).",
                column="only_preferred", rule=str(self),
            )  # fmt: skip
        found: list[Listing] = []
        for role, mask in masks.items():
            if mask is None or not mask.any():
                continue
            links = pairing.links("preferred", role)  # type: ignore[arg-type]
            who, to = links.pairs() if links is not None else _nobody()
            if role == "mentee":
                keys, only = who * m + to, mask
                sentence = "{mentee} would rather stay unmatched than get a mentor not wished for"
                found.append(Listing(np.unique(keys), m, sentence, pairing, only))
            else:
                keys, sentence = to * m + who, "{mentor} takes only mentees wished for"
                found.append(Listing(np.unique(keys), m, sentence, pairing, mask, by_column=True))
        return Several(tuple(found))


def _says_yes(profiles: Profiles) -> BoolArray | None:
    column = profiles.columns.get("only_preferred")
    if not isinstance(column, Numbers):
        return None
    return np.nan_to_num(column.values) > 0


@dataclass(frozen=True, eq=False)
class Several(LoweredRule):
    """Forbids what any of its parts forbids."""

    parts: tuple[LoweredRule, ...]

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        for part in self.parts:
            forbidden = part.mark(start, stop, m, forbidden, compiled)
        return forbidden

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        marked = np.zeros(len(rows), dtype=bool)
        for part in self.parts:
            marked |= part.pairs(rows, cols)
        return marked

    def reason(self, i: int, j: int) -> str:
        return next(part.reason(i, j) for part in self.parts if part.forbids(i, j))


@dataclass(frozen=True, eq=False, repr=False)
class ReportingLine(Rule):
    """No manager of the other, up to so many levels above; no two people with one manager.

    From the column `supervisor_id` of either roster. Cycles, people who are their own manager
    and managers who are on neither roster are rows of `Scores.repairs`; the latter still tell
    who has the same manager.

    Attributes
    ----------
    levels : int
        1: direct managers; 2: also theirs (skip-level); and so on. None: at any depth.
    peers : bool
        Also forbid pairs who report to the same manager.
    """

    levels: int | None = 2
    peers: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.levels is not None and (isinstance(self.levels, bool) or self.levels < 1):
            raise ParameterError(
                "The 'levels' parameter of ReportingLine must be an int in [1, inf) or None. "
                f"Got {self.levels!r}."
            )

    def __str__(self) -> str:
        return f"ReportingLine(levels={self.levels}, peers={self.peers})"

    def lower(self, pairing: Pairing) -> LoweredRule:
        lines = reporting_lines(pairing, str(self))
        parts: list[LoweredRule] = []
        deepest = lines.depth() if self.levels is None else len(lines.manager)
        for level in range(1, min(self.levels or deepest, deepest) + 1):
            above = "the manager" if level == 1 else f"a manager {level} levels above"
            parts += _managers(lines, level, above, pairing)
        if self.peers:
            sentence = "{mentee} and {mentor} report to the same manager"
            bosses = (lines.manager[lines.of_mentee], lines.manager[lines.of_mentor])
            parts.append(Codes(*bosses, True, sentence, pairing))
        return Several(tuple(parts))


def _managers(lines: Reporting, level: int, above: str, pairing: Pairing) -> list[LoweredRule]:
    rows, cols = lines.above_mentees(level)
    upward = _listing(rows, cols, f"{{mentor}} is {above} of {{mentee}}", pairing)
    rows, cols = lines.above_mentors(level)
    downward = _listing(rows, cols, f"{{mentee}} is {above} of {{mentor}}", pairing)
    return [rule for rule in (upward, downward) if len(rule.keys)]


@dataclass(frozen=True, eq=False, repr=False)
class AtLeast(Rule):
    """No pair below a value of a criterion.

    Attributes
    ----------
    criterion : Criterion
    least : float
        Hours a week for `SharedHours`; else the criterion's part, from 0 to 1.
    missing : bool
        Whether a pair without the answers is admissible; yes by default, because a missing
        answer counts against nobody.
    """

    criterion: Criterion
    least: float
    missing: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.criterion, Criterion):
            raise ParameterError(
                "The 'criterion' parameter of AtLeast must be a criterion such as "
                f"SharedHours('availability'). Got {self.criterion!r}."
            )
        self.criterion.at_least(self.least)

    def __str__(self) -> str:
        return f"AtLeast({self.criterion}, {self.least:g})"

    def lower(self, pairing: Pairing) -> Threshold:
        criterion, part = self.criterion.at_least(self.least)
        what = f"at least {self.least:g} ({self.criterion.natural}) in {self.criterion.name!r}"
        sentence = f"{{mentee}} and {{mentor}} do not reach {what}"
        # shares such as 2/3 are rounded to float32: so is the threshold
        return Threshold(
            criterion.lower(pairing), np.float32(part), not self.missing, sentence, pairing
        )


@dataclass(frozen=True, eq=False)
class Defective(LoweredRule):
    """Forbids pairs that have a defect."""

    judge: Judge
    sentence: str
    pairing: Pairing

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        clash = self.judge.block(start, stop)
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return self.judge.pairs(rows, cols)

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


@dataclass(frozen=True, eq=False, repr=False)
class Without(Rule):
    """No pair that has this defect; by default a matching has as few of them as possible.

    Who did not answer has none.

    Attributes
    ----------
    defect : str
        "no_shared_hour": both gave hours and share none; "no_help": the mentor can help with none
        of the goals and needs she named, and she did not wish for him by name; "below_level": the
        mentor stands below the mentee.
    """

    defect: str

    def __post_init__(self) -> None:
        super().__post_init__()
        check_defects((self.defect,), "Without", "defect")

    def __str__(self) -> str:
        return f"Without({self.defect!r})"

    def lower(self, pairing: Pairing) -> Defective:
        judge = needed_judge(self.defect, pairing.mentees, pairing.mentors, str(self))
        return Defective(judge, DEFECTS[self.defect].sentence, pairing)


@dataclass(frozen=True, eq=False, repr=False)
class _SameOrDifferent(Rule):
    column: str
    by: str | None = None
    missing: bool = True

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.column!r})"

    def _lower(self, pairing: Pairing, clash_if_equal: bool, sentence: str) -> LoweredRule:
        ours = pairing.mentees.column(self.column, Column, wanted_by=str(self))
        theirs = pairing.mentors.column(self.by or self.column, Column, wanted_by=str(self))
        rule = self._clash(ours, theirs, clash_if_equal, sentence, pairing)
        if self.missing:
            return rule
        told = f"{{mentee}} or {{mentor}} did not answer {self.column!r}"
        unanswered = Unanswered(ours.answered, theirs.answered, told, pairing)
        return Several((rule, unanswered))

    def _clash(
        self, ours: Column, theirs: Column, equal: bool, sentence: str, pairing: Pairing
    ) -> LoweredRule:
        if isinstance(ours, Categories) and isinstance(theirs, Categories):
            (mine, yours), _ = common_codes(ours.labels, theirs.labels)
            codes = (np.append(mine, -1)[ours.codes], np.append(yours, -2)[theirs.codes])
            return Codes(*codes, equal, sentence, pairing)
        if isinstance(ours, Numbers) and isinstance(theirs, Numbers):
            return Codes(*_number_codes(ours, theirs), equal, sentence, pairing)
        if isinstance(ours, Labels) and isinstance(theirs, Labels):
            (mine, yours), labels = common_codes(ours.labels, theirs.labels)
            assert len(labels) < LARGEST_EXACT
            return Sharing(
                _indicator(ours, mine, len(labels)), _indicator(theirs, yours, len(labels)),
                ours.given, theirs.given, equal, sentence, pairing,
            )  # fmt: skip
        raise ColumnError(
            f"{self} needs {self.column!r} as category, number or labels on both rosters; the "
            f"mentee roster has it as {ours.kind}, the mentor roster as {theirs.kind}. Choose the "
            "type with read_roster(..., kinds={...}).", column=self.column, rule=str(self),
        )  # fmt: skip


def _number_codes(ours: Numbers, theirs: Numbers) -> tuple[IntArray, IntArray]:
    mine, yours = ours.to_list(), theirs.to_list()
    codes: dict[object, int] = {}
    coded = [
        [-1 if value is None else codes.setdefault(value, len(codes)) for value in side]
        for side in (mine, yours)
    ]
    return np.array(coded[0], dtype=np.int64), np.array(coded[1], dtype=np.int64)


def _indicator(labels: Labels, codes: IntArray, size: int) -> npt.NDArray[np.float32]:
    has = np.zeros((len(labels), size), dtype=np.float32)
    has[rows_of(labels), codes[labels.codes]] = 1
    return has


@dataclass(frozen=True, eq=False)
class Unanswered(LoweredRule):
    """Forbids pairs of which one did not answer."""

    given_mentees: BoolArray
    given_mentors: BoolArray
    sentence: str
    pairing: Pairing

    def mark(
        self, start: int, stop: int, m: int, forbidden: BoolArray | None, compiled: bool
    ) -> BoolArray | None:
        clash = ~(self.given_mentees[start:stop, None] & self.given_mentors)
        return np.asarray(clash if forbidden is None else forbidden | clash)

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        return ~(self.given_mentees[rows] & self.given_mentors[cols])

    def reason(self, i: int, j: int) -> str:
        return _say(self.sentence, self.pairing, i, j)


@dataclass(frozen=True, eq=False, repr=False)
class Same(_SameOrDifferent):
    """Only pairs with the same answer; for labels: with at least one in common.

    `missing`: whether pairs of which one did not answer stay admissible (yes by default).
    """

    def lower(self, pairing: Pairing) -> LoweredRule:
        sentence = f"{{mentee}} and {{mentor}} do not have the same {self.column}"
        return self._lower(pairing, False, sentence)


@dataclass(frozen=True, eq=False, repr=False)
class Different(_SameOrDifferent):
    """Only pairs with different answers; for labels: with none in common.

    `missing`: whether pairs of which one did not answer stay admissible (yes by default).
    """

    def lower(self, pairing: Pairing) -> LoweredRule:
        sentence = f"{{mentee}} and {{mentor}} have the same {self.column}"
        return self._lower(pairing, True, sentence)


@dataclass(frozen=True, eq=False, repr=False)
class _Pairs(Rule):
    pairs: PairList

    @property
    def listed(self) -> tuple[tuple[object, object], ...]:
        """The (mentee, mentor) references as they were given."""
        given: tuple[tuple[object, object], ...] = self.pairs  # type: ignore[assignment]
        return given

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "pairs", _as_pairs(self.pairs, type(self).__name__))

    def __str__(self) -> str:
        return f"{type(self).__name__}({len(self.listed)} pairs)"

    def positions(self, pairing: Pairing) -> npt.NDArray[np.int64]:
        """Return int64 (k, 2): positions of mentee and mentor, sorted, each pair once.

        Raises
        ------
        UnknownPersonError
            Naming every reference that nobody, or more than one person, is called.
        """
        found, unknown = self._found(pairing)
        _refuse_unknown({type(self).__name__: unknown})
        return np.unique(found, axis=0)

    def _found(self, pairing: Pairing) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Return (positions as they were given, who is called by a name that nobody has)."""
        found = np.empty((len(self.listed), 2), dtype=np.int64)
        unknown: list[str] = []
        for k, pair in enumerate(self.listed):
            for side, profiles in enumerate((pairing.mentees, pairing.mentors)):
                try:
                    found[k, side] = profiles.position(str(pair[side]))
                except UnknownPersonError:
                    unknown.append(f"{profiles.role} {str(pair[side])!r}")
        return found, unknown


def _refuse_unknown(unknown: Mapping[str, Sequence[str]]) -> None:
    told = [
        f"{name} names people who are not on the roster (by id, e-mail or unambiguous name): "
        f"{listed(dict.fromkeys(people))}."
        for name, people in unknown.items()
        if people
    ]
    if told:
        everybody = dict.fromkeys(one for people in unknown.values() for one in people)
        raise UnknownPersonError(" ".join(told), people=everybody)


def _as_pairs(pairs: Any, owner: str) -> tuple[tuple[object, object], ...]:
    if hasattr(pairs, "columns"):
        if not {"mentee", "mentor"} <= set(pairs.columns):
            raise ParameterError(
                f"The 'pairs' parameter of {owner} must hold columns 'mentee' and 'mentor'. "
                f"Got {list(pairs.columns)!r}."
            )
        return tuple(zip(list(pairs["mentee"]), list(pairs["mentor"]), strict=True))
    try:
        made = [tuple(pair) if not isinstance(pair, str) else () for pair in pairs]
    except TypeError:
        made = [()]
    if any(len(pair) != 2 for pair in made):
        raise ParameterError(
            f"The 'pairs' parameter of {owner} must be a list of (mentee, mentor). Got {pairs!r}."
        )
    return tuple((first, second) for first, second in made)


@dataclass(frozen=True, eq=False, repr=False)
class Forbid(_Pairs):
    """These (mentee, mentor) pairs are inadmissible; people by id, e-mail or name."""

    def lower(self, pairing: Pairing) -> Listing:
        positions = self.positions(pairing)
        sentence = "the pair {mentee} and {mentor} was forbidden"
        return _listing(positions[:, 0], positions[:, 1], sentence, pairing)


@dataclass(frozen=True, eq=False, repr=False)
class Lock(_Pairs):
    """These (mentee, mentor) pairs must be matched; people by id, e-mail or name.

    A lock forbids nothing by itself: `Scores.locks` holds it, and matching honours it or says
    which other rule contradicts it.
    """

    def lower(self, pairing: Pairing) -> Several:
        self.positions(pairing)
        return Several(())


class RulesOf:
    """The rules of a pairing, lowered; made once per `Scores`."""

    def __init__(self, rules: Iterable[Rule], pairing: Pairing) -> None:
        self.rules = tuple(rules)
        self.pairing = pairing

    @cached_property
    def lowered(self) -> tuple[LoweredRule, ...]:
        """One lowered rule per rule.

        Raises
        ------
        UnknownPersonError
            Naming everybody whom no rule's pairs find.
        """
        unknown: dict[str, list[str]] = {}
        for rule in self.rules:
            if isinstance(rule, _Pairs):
                unknown.setdefault(type(rule).__name__, []).extend(rule._found(self.pairing)[1])
        _refuse_unknown(unknown)
        return tuple(rule.lower(self.pairing) for rule in self.rules)

    @cached_property
    def locks(self) -> npt.NDArray[np.int64]:
        """int64 (k, 2): positions of all locked pairs."""
        found = [rule.positions(self.pairing) for rule in self.rules if isinstance(rule, Lock)]
        if not found:
            return np.zeros((0, 2), dtype=np.int64)
        return np.unique(np.concatenate(found), axis=0)

    def forbidding(self, i: int, j: int) -> tuple[tuple[Rule, str], ...]:
        """Return (rule, the sentence that says why) of every rule that forbids the pair."""
        return tuple(
            (rule, lowered.reason(i, j))
            for rule, lowered in zip(self.rules, self.lowered, strict=True)
            if lowered.forbids(i, j)
        )

    def why(self, i: int, j: int) -> tuple[str, ...]:
        """Return one sentence per rule that forbids the pair."""
        return tuple(dict.fromkeys(sentence for _, sentence in self.forbidding(i, j)))


__all__ = [
    "AtLeast",
    "Avoid",
    "Different",
    "Forbid",
    "Lock",
    "NotHerself",
    "NotPrevious",
    "OnlyPreferred",
    "ReportingLine",
    "Rule",
    "Same",
    "Without",
]
