"""Wishes: for people, by rank, and about an attribute of the other side; a bonus where granted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ColumnError, listed
from mentormatch.rosters.columns import BoolArray, Categories, IntArray, Labels
from mentormatch.rosters.profiles import Role
from mentormatch.scoring.criteria import TABLE_ROWS, Criterion
from mentormatch.scoring.lowered import Computed, Listed, Lowered, Parts, Table
from mentormatch.scoring.people import Links, Pairing
from mentormatch.scoring.scales import common_codes, rows_of

__all__ = ["SIDES", "NamedPairs", "Preference", "named_pairs"]

SIDES = ("mentees", "mentors", "mutual")
"""Whose wishes are counted."""


@dataclass(frozen=True, eq=False, repr=False)
class Preference(Criterion):
    r"""Wishes of both sides, as a bonus: more than 0 where one is granted, else 0.

    Without `of`: ranked wishes for people (column `preferred`). The k-th wish of a person is worth

    .. math:: v_k = \tfrac23 + \tfrac1{3k}

    (1, 0.83, 0.78, ...), however many she named. With `of="site"`: wishes about the other side's
    attribute (column `preferred_site` against `site`), worth what was said (1 yes, 0 no), 0 for
    values not mentioned. Either way a pair's part is four fifths of what it is worth to the one who
    wished more for it, and a fifth of what it is worth to the other: 1 where both named each other
    first, 0.8 for one side's first wish, 0 where neither named the other.

    Attributes
    ----------
    of : str or None
        Attribute, or None for people.

    Notes
    -----
    Having had a say makes a relationship better [1]_, so that any wish is worth at least two
    thirds of a first one; worth does not depend on the length of the list, so that naming one more
    person changes nothing for those named before. A pair that nobody wished for is at 0; what
    having named nobody counts instead is `score`'s neutral level, the same with every mentor.

    Unanswered (NaN): the mentee has a wish about an answer that the mentor did not give. A
    mentor's wish about an answer that the mentee did not give adds nothing.
    A person named by id, e-mail, name or a near misspelling of a name; who was meant, and who
    could not be found, are rows of `Scores.repairs`. Ranks count those who were found.

    References
    ----------
    .. [1] Allen, Eby & Lentz (2006), Journal of Applied Psychology 91(3), 567-578.
    """

    of: str | None = None

    def _default_name(self) -> str:
        return "wishes" if self.of is None else f"wishes: {self.of}"

    def __str__(self) -> str:
        return f"Preference({self.of!r})" if self.of else "Preference()"

    def columns_used(self) -> tuple[str, ...]:
        return ("preferred",) if self.of is None else (f"preferred_{self.of}", self.of)

    def lower(self, pairing: Pairing) -> Lowered:
        if self.of is None:
            named = named_pairs(pairing, str(self))
            silent = np.ones(len(pairing.mentees), dtype=bool)
            silent[named.keys[named.of("mentees")] // max(len(pairing.mentors), 1)] = False
            return Listed(named.keys, named.worth, len(pairing.mentors), silent)
        sides = (
            _wishes_about(pairing, "mentee", self.of),
            _wishes_about(pairing, "mentor", self.of),
        )
        if sides == (None, None):
            raise ColumnError(
                f"{self} needs the column 'preferred_{self.of}' (labels) on one roster and "
                f"{self.of!r} (category or labels) on the other.",
                column=f"preferred_{self.of}", rule=str(self),
            )  # fmt: skip
        return _lower_wishes_about(sides, len(pairing.mentees), len(pairing.mentors))


@dataclass(frozen=True, eq=False)
class NamedPairs:
    """The pairs in which somebody wished for the other, by ascending key.

    keys : int64 (k,), mentee * m + mentor
    place : int64 (2, k), place on the mentee's and on the mentor's list, from 0; -1: not named
    """

    keys: IntArray
    place: IntArray

    def of(self, side: str) -> BoolArray:
        """bool (k,): pairs named by "mentees", by "mentors", or by both ("mutual")."""
        mentee, mentor = self.place >= 0
        by: BoolArray = (
            mentee & mentor if side == "mutual" else {"mentees": mentee, "mentors": mentor}[side]
        )
        return by

    @property
    def worth(self) -> Parts:
        """float32 (k,): the part of each pair, see `Preference`."""
        with np.errstate(divide="ignore"):
            each = np.where(self.place >= 0, (2 + 1 / (self.place + 1)) / 3, 0.0)
        return _of_both(each[0], each[1]).astype(np.float32)

    @property
    def thousandths(self) -> IntArray:
        """int64 (k,): the part of each pair, for whole numbers."""
        thousandths: IntArray = np.rint(self.worth * 1000).astype(np.int64)
        return thousandths


def named_pairs(pairing: Pairing, wanted_by: str) -> NamedPairs:
    """Return who named whom in the column `preferred`.

    Raises
    ------
    ColumnError
        If neither roster has such a column.
    """
    roles: tuple[Role, Role] = ("mentee", "mentor")
    sides = [pairing.links("preferred", role) for role in roles]
    if sides == [None, None]:
        raise ColumnError(
            f"{wanted_by} needs a column 'preferred' (people wished for) on one of the "
            "rosters. Map one with read_roster(..., columns={'preferred': 'header'}).",
            column="preferred", rule=wanted_by,
        )  # fmt: skip
    m = len(pairing.mentors)
    mine, mine_at = _named(sides[0])
    yours, yours_at = _named(sides[1])
    keyed = mine[0] * m + mine[1], yours[1] * m + yours[0]
    keys = np.unique(np.concatenate(keyed))
    place = np.full((2, len(keys)), -1, dtype=np.int64)
    place[0, np.searchsorted(keys, keyed[0])] = mine_at
    place[1, np.searchsorted(keys, keyed[1])] = yours_at
    return NamedPairs(keys, place)


def _named(links: Links | None) -> tuple[tuple[IntArray, IntArray], IntArray]:
    """Return ((who named, who is named), at which place)."""
    if links is None:
        nobody = np.zeros(0, dtype=np.int64)
        return (nobody, nobody), nobody
    who, to = links.pairs()
    return (who, to), np.arange(len(to)) - links.indptr[:-1][who]


def _of_both(mentee: npt.NDArray[Any], mentor: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return what a pair is worth by what it is worth to either side."""
    both: npt.NDArray[Any] = 0.8 * np.maximum(mentee, mentor) + 0.2 * np.minimum(mentee, mentor)
    return both


About: TypeAlias = "tuple[npt.NDArray[np.float32], BoolArray, npt.NDArray[np.int64]]"
Sides: TypeAlias = "tuple[About | None, About | None]"


def _wishes_about(pairing: Pairing, role: Role, of: str) -> About | None:
    """Return (welcome (people, values + 1), who wished, others' value (-1: not answered))."""
    wishes = pairing.side(role).columns.get(f"preferred_{of}")
    other = pairing.other(role).columns.get(of)
    if not isinstance(wishes, Labels) or not isinstance(other, (Categories, Labels)):
        return None
    (wished, have), labels = common_codes(wishes.labels, other.labels)
    _note_unmet(pairing, role, of, wishes, wished, have[other.codes[other.codes >= 0]])
    welcome = np.zeros((len(wishes), len(labels)), dtype=np.float32)
    rows, codes = rows_of(wishes), wished[wishes.codes]
    np.maximum.at(welcome, (rows, codes), np.clip(np.nan_to_num(wishes.priority), 0, 1))
    wishing = wishes.given & (np.diff(wishes.indptr) > 0)
    if isinstance(other, Categories):
        value = np.where(other.answered, np.append(have, -1)[other.codes], -1)
        return welcome, wishing, value
    sets, value = _label_sets(other, have, len(labels))
    best = np.zeros((len(wishes), len(sets)), dtype=np.float32)
    for position, members in enumerate(sets):
        if members:
            best[:, position] = welcome[:, list(members)].max(axis=1)
    return best, wishing, value


def _note_unmet(
    pairing: Pairing, role: Role, of: str, wishes: Labels, wished: IntArray, held: IntArray
) -> None:
    """Name what was wished for and nobody on the other roster has."""
    welcome = np.clip(np.nan_to_num(wishes.priority), 0, 1) > 0
    entries = np.flatnonzero(welcome & ~np.isin(wished[wishes.codes], held))
    unmet = sorted({wishes.labels[code] for code in wishes.codes[entries].tolist()})
    other = pairing.other(role).role
    for label in unmet:
        pairing.found(
            role, f"preferred_{of}", label, f"no {other} has it", "a wish that nobody can grant"
        )
    if unmet:
        shown = listed(map(repr, unmet), 5)
        pairing.note(f"Wished for by {role}s, but no {other} has it: {shown} ({of})")


def _label_sets(
    labels: Labels, codes: npt.NDArray[np.int64], size: int
) -> tuple[list[tuple[int, ...]], npt.NDArray[np.int64]]:
    """Return the different sets of labels people have, and which one each person has."""
    known: dict[tuple[int, ...], int] = {}
    value = np.full(len(labels), -1, dtype=np.int64)
    mine = codes[labels.codes]
    for person in np.flatnonzero(labels.given).tolist():
        members = tuple(
            sorted(set(mine[labels.indptr[person] : labels.indptr[person + 1]].tolist()))
        )
        value[person] = known.setdefault(members, len(known))
    return list(known), value


def _wished(sides: Sides, m: int, start: int, stop: int) -> Parts:
    """Return the parts of some mentees with all mentors."""
    worth = np.zeros((2, stop - start, m), dtype=np.float32)
    unknown = np.zeros((stop - start, m), dtype=bool)
    if sides[0] is not None:
        welcome, wishing, value = sides[0]
        unknown = wishing[start:stop, None] & (value < 0)
        if welcome.shape[1]:
            worth[0] = np.where(value >= 0, welcome[start:stop][:, value], np.float32(0))
    if sides[1] is not None:
        welcome, _, value = sides[1]
        mine = value[start:stop]
        if welcome.shape[1]:
            worth[1] = np.where((mine >= 0)[:, None], welcome[:, mine].T, np.float32(0))
    return np.where(unknown, np.float32(np.nan), _of_both(worth[0], worth[1]))


def _lower_wishes_about(sides: Sides, n: int, m: int) -> Lowered:
    silent = np.ones(n, dtype=bool) if sides[0] is None else ~sides[0][1]
    signature, row = _same_rows(sides, n)
    if len(signature) > min(TABLE_ROWS, max(n // 2, 1)):
        return Computed(partial(_wished, sides, m), silent)
    values = np.full((len(signature) + 1, m), np.nan, dtype=np.float32)
    for position, person in enumerate(signature.tolist()):
        values[position] = _wished(sides, m, person, person + 1)[0]
    return Table(values, row, silent)


def _same_rows(sides: Sides, n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return (one mentee of each kind, each mentee's kind): the same wishes, the same value."""
    features: list[npt.NDArray[Any]] = [np.zeros((n, 1))]
    if sides[0] is not None:
        features += [sides[0][0], sides[0][1][:, None]]
    if sides[1] is not None:
        features.append(sides[1][2][:, None])
    stacked = np.hstack([np.asarray(f, dtype=np.float64) for f in features])
    _, first, row = np.unique(stacked, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), row.ravel().astype(np.int64)
