"""Typed columns: what a roster's answers become once, at the door.

A criterion, a rule or an audit never parses text: it asks `Profiles` for a column of the type
it needs. Every column knows which people answered; a missing answer is never a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.remembered import remembered
from mentormatch.values import ByValue

IntArray: TypeAlias = npt.NDArray[np.int64]
CodeArray: TypeAlias = npt.NDArray[np.int32]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
FloatArray: TypeAlias = npt.NDArray[np.float64]

SLOT_MINUTES = 15
SLOTS_PER_WEEK = 7 * 24 * 60 // SLOT_MINUTES
"""672 quarter hours, from Monday 00:00 local time."""
WEEK_WORDS = -(-SLOTS_PER_WEEK // 64)
"""64-bit words that hold one week."""


_GAPS = re.compile(r"[\s\-_‐-―]+")


def label_key(text: object) -> str:
    """Return the spelling under which two labels count as the same.

    Case, accents' encoding, width, white space, hyphens, outer punctuation, and the Arabic and
    Persian forms of one letter do not distinguish labels.

    Examples
    --------
    >>> label_key("  Public-Speaking. ") == label_key("public speaking")
    True
    """
    word = str(text)
    if word.isascii() and word.isalnum():  # ids and single words, the most part of a roster
        return word.casefold()
    if word.isascii():
        return _GAPS.sub(" ", word.casefold().replace("&", " and ")).strip(_AROUND)
    return _folded(word)


_AROUND = " \t.,;:!?'\"()[]"
# Arabic yeh and kaf for the Persian ones; joiners, the stretching sign and direction marks
_ALIKE = {0x064A: 0x06CC, 0x0649: 0x06CC, 0x0643: 0x06A9} | dict.fromkeys(
    (0x00AD, 0x0640, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF)
)


@remembered
def _folded(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word).translate(_ALIKE).casefold().replace("&", " and ")
    return _GAPS.sub(" ", folded).strip(_AROUND)


def freeze(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view, so that frozen objects are frozen all the way down."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False, repr=False)
class Column(ByValue):
    """Base of all typed columns: one entry per person, in roster order."""

    kind: ClassVar[str] = ""

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def answered(self) -> BoolArray:
        """bool (n,): who gave this answer."""
        raise NotImplementedError

    def _identity(self) -> tuple[Any, ...]:
        return (len(self),)

    def __repr__(self) -> str:
        labels: tuple[str, ...] = getattr(self, "labels", None) or ()
        named = f", {len(labels):,} labels" if labels else ""
        return f"<{self.kind}: {int(self.answered.sum()):,} of {len(self):,} answered{named}>"

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Column:
        """Return the column of the people at these positions."""
        raise NotImplementedError

    def to_list(self) -> list[Any]:
        """Return one readable value per person, None where not answered."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False, repr=False)
class Categories(Column):
    """One label per person: site, department, gender, communication style.

    codes : int32 (n,), position in `labels`, -1 where not answered.
    """

    codes: CodeArray
    labels: tuple[str, ...]
    kind: ClassVar[str] = "category"

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", freeze(np.asarray(self.codes, dtype=np.int32)))

    @classmethod
    def of(cls, values: Iterable[object]) -> Categories:
        """Build from one label (or None) per person; spellings that `label_key` equates merge."""
        labels: dict[str, int] = {}
        shown: list[str] = []
        codes: list[int] = []
        for value in values:
            if value is None or not (key := label_key(value)):
                codes.append(-1)
                continue
            if key not in labels:
                labels[key] = len(shown)
                shown.append(str(value).strip())
            codes.append(labels[key])
        return cls(np.array(codes, dtype=np.int32), tuple(shown))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def answered(self) -> BoolArray:
        return self.codes >= 0

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Categories:
        return Categories(self.codes[rows], self.labels)

    def to_list(self) -> list[str | None]:
        return [self.labels[code] if code >= 0 else None for code in self.codes]


@dataclass(frozen=True, eq=False, repr=False)
class Numbers(Column):
    """One number per person; with `labels`, an ordered scale whose values are positions in it.

    values : float64 (n,), NaN where not answered.
    labels : names of the levels 0, 1, ... (grades, Likert answers), or None for plain numbers.
    """

    values: FloatArray
    labels: tuple[str, ...] | None = None
    kind: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", freeze(np.asarray(self.values, dtype=np.float64)))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def answered(self) -> BoolArray:
        return ~np.isnan(self.values)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Numbers:
        return Numbers(self.values[rows], self.labels)

    def to_list(self) -> list[float | str | None]:
        if self.labels is None:
            return [None if np.isnan(v) else float(v) for v in self.values]
        return [None if np.isnan(v) else self.labels[int(v)] for v in self.values]


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Column):
    """Free text per person; None where not answered."""

    values: tuple[str | None, ...]
    kind: ClassVar[str] = "text"

    def __len__(self) -> int:
        return len(self.values)

    @property
    def answered(self) -> BoolArray:
        return np.array([bool(v) for v in self.values], dtype=bool)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Texts:
        return Texts(tuple(self.values[int(r)] for r in rows))

    def to_list(self) -> list[str | None]:
        return list(self.values)


@dataclass(frozen=True, eq=False, repr=False)
class Vectors(Column):
    """A numeric vector per person (style scores, embeddings); NaN rows where not answered."""

    values: FloatArray
    names: tuple[str, ...] = ()
    kind: ClassVar[str] = "vector"

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", freeze(np.asarray(self.values, dtype=np.float64)))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def answered(self) -> BoolArray:
        return np.asarray(~np.isnan(self.values).any(axis=1), dtype=bool)

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Vectors:
        return Vectors(self.values[rows], self.names)

    def to_list(self) -> list[list[float] | None]:
        return [None if np.isnan(row).any() else row.tolist() for row in self.values]


def take_ragged(indptr: IntArray, rows: npt.NDArray[np.integer[Any]]) -> tuple[IntArray, IntArray]:
    """Return (indptr of the taken rows, positions of their entries)."""
    counts = np.diff(indptr)[rows]
    taken = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(counts, out=taken[1:])
    entries = np.arange(taken[-1]) + np.repeat(indptr[:-1][rows] - taken[:-1], counts)
    return taken, entries


def _flat(rows: Iterable[Sequence[float]]) -> npt.NDArray[np.float32]:
    return np.array([value for row in rows for value in row], dtype=np.float32)


@dataclass(frozen=True, eq=False, repr=False)
class Labels(Column):
    """Several labels per person: goals, skills, interests, languages, wishes about an attribute.

    Person i holds entries ``indptr[i]:indptr[i + 1]``.

    indptr : int64 (n + 1,)
    codes : int32 (entries,), position in `labels`.
    level : float32 (entries,), e.g. 3 for ``python:3``; NaN where none was given.
    priority : float32 (entries,), importance to this person, > 0; 1 where none was given. In a
        column of wishes about an attribute (`preferred_site`), how welcome: 1 yes, 0 no.
    given : bool (n,), who answered; somebody may have answered with nothing.
    """

    indptr: IntArray
    codes: CodeArray
    labels: tuple[str, ...]
    level: npt.NDArray[np.float32]
    priority: npt.NDArray[np.float32]
    given: BoolArray
    kind: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        for name, dtype in (
            ("indptr", np.int64),
            ("codes", np.int32),
            ("level", np.float32),
            ("priority", np.float32),
            ("given", np.bool_),
        ):
            object.__setattr__(self, name, freeze(np.asarray(getattr(self, name), dtype=dtype)))

    @classmethod
    def of(
        cls,
        lists: Iterable[Sequence[str] | None],
        levels: Iterable[Sequence[float]] | None = None,
        priorities: Iterable[Sequence[float]] | None = None,
    ) -> Labels:
        """Build from one list of labels per person (None: not answered)."""
        shown: list[str] = []
        known: dict[str, int] = {}
        spelt: dict[str, int] = {}
        indptr, codes, given = [0], [], []
        for labels in lists:
            given.append(labels is not None)
            for label in labels or ():
                if label not in spelt:
                    key = label_key(label)
                    if key not in known:
                        known[key] = len(shown)
                        shown.append(str(label).strip())
                    spelt[label] = known[key]
                codes.append(spelt[label])
            indptr.append(len(codes))
        unknown = np.full(len(codes), np.nan, dtype=np.float32)
        equal = np.ones(len(codes), dtype=np.float32)
        return cls(
            np.array(indptr, dtype=np.int64),
            np.array(codes, dtype=np.int32),
            tuple(shown),
            unknown if levels is None else _flat(levels),
            equal if priorities is None else _flat(priorities),
            np.array(given, dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def answered(self) -> BoolArray:
        return self.given

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Labels:
        indptr, entries = take_ragged(self.indptr, rows)
        return Labels(
            indptr,
            self.codes[entries],
            self.labels,
            self.level[entries],
            self.priority[entries],
            self.given[rows],
        )

    def to_list(self) -> list[list[str] | None]:
        words = [
            self.labels[code] if np.isnan(level) else f"{self.labels[code]}:{level:g}"
            for code, level in zip(self.codes, self.level, strict=True)
        ]
        return [
            words[start:end] if given else None
            for start, end, given in zip(self.indptr, self.indptr[1:], self.given, strict=False)
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Hours(Column):
    """Weekly availability in local time.

    bits : uint64 (n, 11), bit ``s % 64`` of word ``s // 64`` is quarter hour s of the week,
        counted from Monday 00:00 local time.
    zones : IANA zone per person, None where unknown.
    given : bool (n,), who answered; all bits zero and given means "never".
    """

    bits: npt.NDArray[np.uint64]
    zones: tuple[str | None, ...]
    given: BoolArray
    kind: ClassVar[str] = "hours"

    def __post_init__(self) -> None:
        object.__setattr__(self, "bits", freeze(np.asarray(self.bits, dtype=np.uint64)))
        object.__setattr__(self, "given", freeze(np.asarray(self.given, dtype=bool)))

    @classmethod
    def of(
        cls,
        slots: npt.NDArray[np.bool_],
        zones: Sequence[str | None],
        given: npt.NDArray[np.bool_] | None = None,
    ) -> Hours:
        """Build from bool (n, 672), True where the person can in that quarter hour."""
        padded = np.zeros((len(slots), WEEK_WORDS * 64), dtype=bool)
        padded[:, :SLOTS_PER_WEEK] = slots
        bits = np.packbits(padded, axis=1, bitorder="little").view("<u8")
        answered = np.ones(len(slots), dtype=bool) if given is None else given
        return cls(bits, tuple(zones), answered)

    def slots(self) -> BoolArray:
        """Return bool (n, 672), True where the person can in that quarter hour, local time."""
        octets = np.ascontiguousarray(self.bits.astype("<u8")).view(np.uint8)
        return np.unpackbits(octets, axis=1, bitorder="little")[:, :SLOTS_PER_WEEK].astype(bool)

    def __len__(self) -> int:
        return len(self.bits)

    @property
    def answered(self) -> BoolArray:
        return self.given

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Hours:
        return Hours(self.bits[rows], tuple(self.zones[int(r)] for r in rows), self.given[rows])

    def to_list(self) -> list[str | None]:
        slots = self.slots()
        return [
            describe_week(row) if given else None
            for row, given in zip(slots, self.given, strict=True)
        ]


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def describe_week(slots: BoolArray) -> str:
    """Write one week of quarter hours as intervals, e.g. ``Mon 09:00-11:30; Fri 14:00-15:00``."""
    edges = np.diff(np.concatenate(([0], slots.astype(np.int8), [0])))
    per_day = SLOTS_PER_WEEK // 7
    spans: list[str] = []
    for start, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        cursor = int(start)
        while cursor < end:
            day = cursor // per_day
            stop = min(int(end), (day + 1) * per_day)
            spans.append(f"{DAYS[day]} {_clock(cursor, day)}-{_clock(stop, day)}")
            cursor = stop
    return "; ".join(spans)


def _clock(slot: int, day: int) -> str:
    minutes = (slot - day * SLOTS_PER_WEEK // 7) * SLOT_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, eq=False, repr=False)
class People(Column):
    """References to other people, in the order given: wishes, avoid lists, managers, past pairs.

    indptr : int64 (n + 1,)
    refs : the references as written (id, e-mail or name), trimmed; most wanted first.
    given : bool (n,)
    """

    indptr: IntArray
    refs: tuple[str, ...]
    given: BoolArray = field()
    kind: ClassVar[str] = "people"

    def __post_init__(self) -> None:
        object.__setattr__(self, "indptr", freeze(np.asarray(self.indptr, dtype=np.int64)))
        object.__setattr__(self, "given", freeze(np.asarray(self.given, dtype=bool)))

    @classmethod
    def of(cls, lists: Iterable[Sequence[str] | None]) -> People:
        """Build from one list of references per person (None: not answered)."""
        indptr: list[int] = [0]
        refs: list[str] = []
        given: list[bool] = []
        for people in lists:
            given.append(people is not None)
            refs.extend(people or ())
            indptr.append(len(refs))
        return cls(np.array(indptr), tuple(refs), np.array(given, dtype=bool))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def answered(self) -> BoolArray:
        return self.given

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> People:
        indptr, entries = take_ragged(self.indptr, rows)
        return People(indptr, tuple(self.refs[int(e)] for e in entries), self.given[rows])

    def to_list(self) -> list[list[str] | None]:
        return [
            list(self.refs[start:end]) if given else None
            for start, end, given in zip(self.indptr, self.indptr[1:], self.given, strict=False)
        ]
