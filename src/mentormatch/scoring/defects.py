"""Defects: what makes a pair one that nobody would defend, however well it scores.

A defect is judged from the answers of two people alone, whatever criteria a score is made of, and
only where both answered: nobody has a defect for having left something blank. Whoever asked for a
mentor by name knows why: that he offers nothing of what she named is then no defect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ColumnError, ParameterError, did_you_mean
from mentormatch.memory import check_room
from mentormatch.rosters.columns import BoolArray, FloatArray, Hours, IntArray, Labels
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.hours import REFERENCE_WEEKS, lower_hours, usual_zone
from mentormatch.scoring.lowered import Counts, Positions
from mentormatch.scoring.needs import lower_covers
from mentormatch.scoring.offers import MEETING, NEEDS, offers_of
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.standing import standing
from mentormatch.scoring.threads import COMPILE_FROM, in_threads, threads_for
from mentormatch.scoring.wording_match import share_offered
from mentormatch.solvers.source import places_of

Mask: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.uint64]

BLOCK_PAIRS = 1 << 18
"""Pairs judged at a time: their bits fit into the second-level cache."""
NO_DEFECTS = "Leave them out: objectives=[MaximizeMatched(), MaximizeTotal()]."


@dataclass(frozen=True)
class Defect:
    """One kind of defect.

    name : str, as `MinimizeDefects` and `Without` know it.
    sentence : str, what is wrong with a pair; says `{mentee}` and `{mentor}`.
    one, many, none : str, how a pair or several are counted, and how it is said of no pair.
    needs : str, the columns it is judged from.
    """

    name: str
    sentence: str
    one: str
    many: str
    none: str
    needs: str


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        defect.name: defect
        for defect in (
            Defect(
                "no_shared_hour",
                "{mentee} and {mentor} share no hour at which both can meet",
                "pair cannot meet (both gave hours and share none)",
                "pairs cannot meet (both gave hours and share none)",
                "all who gave hours can meet",
                "'availability' (hours) on both rosters",
            ),
            Defect(
                "no_help",
                "{mentor} can help with none of the goals and needs that {mentee} named",
                "mentee gets no help with any goal or need she named",
                "mentees get no help with any goal or need they named",
                "every mentor can help with something asked for",
                "'goals' or 'needs' (labels) of the mentees and 'goals' or 'skills' (labels) of "
                "the mentors",
            ),
            Defect(
                "below_level",
                "{mentor} stands below {mentee}",
                "mentor stands below the mentee",
                "mentors stand below their mentees",
                "no mentor stands below the mentee",
                "'seniority' or 'experience' (numbers on one scale) on both rosters",
            ),
        )
    }
)
"""The defects by name; the place of each is its bit in `Scores.defects`."""


class Judge(Protocol):
    """One defect, its two rosters known."""

    def mark(self, start: int, mask: Mask, bit: int) -> None:
        """Set a bit of the pairs of rows start: that have it, compiled."""
        ...

    def block(self, start: int, stop: int) -> BoolArray:
        """Return bool (stop - start, m): which pairs of these rows have it."""
        ...

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        """Return which of the pairs (rows[k], cols[k]) have it."""
        ...


@dataclass(frozen=True, eq=False)
class NothingShared:
    """Pairs that in some week have no bit in common, of those that are judged.

    mentees : uint64 (n, weeks, words);  mentors : uint64 (weeks, words, m)
    asked, answered : bool (kinds, n), (kinds, m): judged where both are true of one kind.
    """

    mentees: Words
    mentors: Words
    asked: BoolArray
    answered: BoolArray

    def mark(self, start: int, mask: Mask, bit: int) -> None:
        from mentormatch.scoring import kernels

        kernels.apart_rows(self.mentees, self.mentors, self.asked, self.answered, bit, start, mask)

    def block(self, start: int, stop: int) -> BoolArray:
        mine = self.mentees[start:stop]
        m = self.mentors.shape[2]
        found = np.zeros((stop - start, m), dtype=bool)
        for week in range(self.mentors.shape[0]):
            both = np.zeros((stop - start, m), dtype=np.uint64)
            for word in range(self.mentors.shape[1]):
                if mine[:, week, word].any():
                    both |= mine[:, week, word, None] & self.mentors[week, word]
            found |= both == 0
        judged = np.zeros((stop - start, m), dtype=bool)
        for kind in range(len(self.asked)):
            judged |= self.asked[kind, start:stop, None] & self.answered[kind]
        found &= judged
        return found

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        if rows.size > COMPILE_FROM:
            from mentormatch.scoring import kernels

            apart = np.zeros(rows.size, dtype=bool)
            kernels.apart_pairs(
                self.mentees, self.mentors, self.asked, self.answered, rows, cols, apart
            )
            return apart
        both = self.mentees[rows] & np.moveaxis(self.mentors[:, :, cols], 2, 0)
        judged = (self.asked[:, rows] & self.answered[:, cols]).any(axis=0)
        found: BoolArray = (both == 0).all(axis=2).any(axis=1) & judged
        return found


@dataclass(frozen=True, eq=False)
class Below:
    """Pairs whose mentor has less than the mentee; NaN is not known.

    mentees, mentors : float64 (n,), (m,)
    """

    mentees: FloatArray
    mentors: FloatArray

    def mark(self, start: int, mask: Mask, bit: int) -> None:
        from mentormatch.scoring import kernels

        kernels.below_rows(self.mentees, self.mentors, bit, start, mask)

    def block(self, start: int, stop: int) -> BoolArray:
        found: BoolArray = self.mentors < self.mentees[start:stop, None]
        return found

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        found: BoolArray = self.mentors[cols] < self.mentees[rows]
        return found


@dataclass(frozen=True, eq=False)
class ButFor:
    """Pairs of another judge, but for some that are never said to have the defect.

    keys : int64 (k,), mentee * m + mentor, ascending.
    """

    judge: Judge
    keys: IntArray
    m: int

    def _within(self, start: int, stop: int) -> tuple[IntArray, IntArray]:
        begin, end = np.searchsorted(self.keys, (start * self.m, stop * self.m))
        rows, cols = np.divmod(self.keys[begin:end], max(self.m, 1))
        return rows - start, cols

    def mark(self, start: int, mask: Mask, bit: int) -> None:
        self.judge.mark(start, mask, bit)
        mask[self._within(start, start + len(mask))] &= np.uint8(255 - bit)

    def block(self, start: int, stop: int) -> BoolArray:
        found = self.judge.block(start, stop)
        found[self._within(start, stop)] = False
        return found

    def pairs(self, rows: Positions, cols: Positions) -> BoolArray:
        spared = places_of(rows * self.m + cols, self.keys) >= 0
        return np.asarray(self.judge.pairs(rows, cols) & ~spared)


def check_defects(names: Iterable[str], owner: str, parameter: str = "defects") -> tuple[str, ...]:
    """Return the names in their order; raise one `ParameterError` that lists all unknown ones."""
    given = (names,) if isinstance(names, str) else tuple(names)
    unknown = [name for name in given if name not in DEFECTS]
    if unknown:
        hints = " ".join(
            f"{name!r} is none. {did_you_mean(str(name), DEFECTS)}" for name in unknown
        )
        raise ParameterError(
            f"The {parameter!r} parameter of {owner} must name defects: "
            f"{', '.join(DEFECTS)}. {hints}"
        )
    return tuple(name for name in DEFECTS if name in given)


def bit_of(name: str) -> int:
    """Return the bit of a defect in `Scores.defects`."""
    return 1 << list(DEFECTS).index(name)


def judged(mentees: Profiles, mentors: Profiles) -> tuple[str, ...]:
    """Return the defects that two rosters have the columns for."""
    has = {
        "no_shared_hour": _hours(mentees, mentors) is not None,
        "no_help": bool(_offers(mentees, mentors)),
        "below_level": standing(mentees, mentors) is not None,
    }
    return tuple(name for name in DEFECTS if has[name])


def judge_of(name: str, mentees: Profiles, mentors: Profiles) -> Judge | None:
    """Return what judges one defect of two rosters, None where they lack the columns."""
    if name == "no_shared_hour":
        return _no_shared_hour(mentees, mentors)
    if name == "no_help":
        return _no_help(mentees, mentors)
    levels = standing(mentees, mentors)
    return None if levels is None else Below(*levels[1:])


def needed_judge(name: str, mentees: Profiles, mentors: Profiles, owner: str) -> Judge:
    """Return what judges one defect; raise `ColumnError` where the rosters lack the columns."""
    judge = judge_of(name, mentees, mentors)
    if judge is None:
        raise ColumnError(
            f"{owner} needs {DEFECTS[name].needs}. Map them with "
            "read_roster(..., columns={...}), or leave the rule out.", rule=owner,
        )  # fmt: skip
    return judge


def defect_mask(mentees: Profiles, mentors: Profiles, *, threads: int | None = None) -> Mask:
    """Return uint8 (n, m): the defects of every pair, one bit each in the order of `DEFECTS`.

    Notes
    -----
    Time O(n m) word operations, block by block; memory one byte a pair.
    """
    n, m = len(mentees), len(mentors)
    check_room("The defects", (n, m), 1, NO_DEFECTS)
    mask: Mask = np.zeros((n, m), dtype=np.uint8)
    judges = [(bit_of(name), judge_of(name, mentees, mentors)) for name in DEFECTS]
    known = [(bit, judge) for bit, judge in judges if judge is not None]
    compiled = n * m > COMPILE_FROM
    height = max(1, BLOCK_PAIRS // max(m, 1))

    def work(starts: Iterable[int]) -> None:
        for start in starts:
            stop = min(start + height, n)
            for bit, judge in known:
                if compiled:
                    judge.mark(start, mask[start:stop], bit)
                    continue
                found = judge.block(start, stop).view(np.uint8)
                mask[start:stop] |= found * np.uint8(bit)

    if known:
        in_threads(work, range(0, n, height), threads_for(threads, n * m))
    return mask


def words_of(mask: int, mentee: str, mentor: str) -> tuple[str, ...]:
    """Return one sentence per defect in a pair's mask."""
    return tuple(
        defect.sentence.replace("{mentor}", mentor).replace("{mentee}", mentee)
        for name, defect in DEFECTS.items()
        if mask & bit_of(name)
    )


# -- the columns ----------------------------------------------------------------------------------


def _hours(mentees: Profiles, mentors: Profiles) -> tuple[Hours, Hours] | None:
    ours, theirs = (side.columns.get("availability") for side in (mentees, mentors))
    return (ours, theirs) if isinstance(ours, Hours) and isinstance(theirs, Hours) else None


def _no_shared_hour(mentees: Profiles, mentors: Profiles) -> NothingShared | None:
    both = _hours(mentees, mentors)
    if both is None:
        return None
    weeks = lower_hours(*both, REFERENCE_WEEKS, 1.0, usual_zone(*both))
    given = weeks.given_mentees[None], weeks.given_mentors[None]
    return NothingShared(weeks.mentees, weeks.mentors, *given)


def _offers(mentees: Profiles, mentors: Profiles) -> dict[str, list[Labels]]:
    """Return what mentees name -> the mentors' columns that can help with it, as for the score."""
    found = {}
    for needs, names in NEEDS.items():
        wanted = mentees.columns.get(needs)
        columns = [
            column for name in offers_of(mentees, mentors, names)[0]
            if isinstance(column := mentors.columns[name], Labels)
        ]  # fmt: skip
        if not columns or not isinstance(wanted, Labels) or needs in mentees.sensitive:
            continue
        # where names hardly meet, goals are compared by their words, and no name says "no help"
        if max(share_offered(wanted, column) for column in columns) >= MEETING:
            found[needs] = columns
    return found


def _asked_for(mentees: Profiles, mentors: Profiles) -> IntArray:
    """Return int64 (k,), mentee * m + mentor: the pairs in which she wished for him."""
    links = Pairing(mentees, mentors).links("preferred", "mentee")
    if links is None:
        return np.zeros(0, dtype=np.int64)
    who, to = links.pairs()
    keys: IntArray = np.unique(who * len(mentors) + to)
    return keys


def _no_help(mentees: Profiles, mentors: Profiles) -> Judge | None:
    offers = _offers(mentees, mentors)
    if not offers:
        return None
    now = mentees.columns.get("skills")
    counts = []
    for needs, offered in offers.items():
        wanted = mentees.columns[needs]
        assert isinstance(wanted, Labels)
        counts.append(lower_covers(wanted, offered, now if isinstance(now, Labels) else None))
    packed = [_packed(count, len(mentees)) for count in counts]
    nothing = NothingShared(
        np.concatenate([mine for mine, _ in packed], axis=1)[:, None, :],
        np.ascontiguousarray(np.concatenate([yours for _, yours in packed])[None]),
        np.array([count.total > 0 for count in counts]),
        np.array([~np.isnan(count.size) for count in counts]),
    )
    asked_for = _asked_for(mentees, mentors)
    return ButFor(nothing, asked_for, len(mentors)) if asked_for.size else nothing


def _packed(count: Counts, n: int) -> tuple[Words, Words]:
    """Return kinds as bits: uint64 (n, words) of who named them, (words, m) of who helps at all."""
    kinds, m = count.offered.shape
    width = max(1, -(-kinds // 64))
    mine = np.zeros((n, width), dtype=np.uint64)
    rows = np.repeat(np.arange(n), np.diff(count.indptr))
    bit = np.uint64(1) << (count.kinds % 64).astype(np.uint64)
    np.bitwise_or.at(mine, (rows, count.kinds // 64), bit)
    yours = np.zeros((width, m), dtype=np.uint64)
    for kind in range(kinds):
        yours[kind // 64] |= (count.offered[kind] > 0).astype(np.uint64) << np.uint64(kind % 64)
    return mine, yours


__all__ = ["DEFECTS", "Defect", "bit_of", "check_defects", "defect_mask", "judged", "words_of"]
