"""Scores: what every pair is worth, which pairs may be matched, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.doors import upstairs
from mentormatch.errors import (
    ColumnError,
    ParameterError,
    ScoreError,
    TooLargeError,
    check_parameter,
    listed,
)
from mentormatch.journal import logged
from mentormatch.memory import Memory, check_room, fits, give_back, limit_of, new_array, said
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray, Numbers, freeze
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.across import questions_across
from mentormatch.scoring.by_rows import JudgedPairs, RowSource, first_of, surveyed
from mentormatch.scoring.criteria import Closeness, Criterion, Precomputed
from mentormatch.scoring.default_rules import added, as_rules, pairs_as_rules
from mentormatch.scoring.defects import Judge, Mask, bit_of, defect_mask, judge_of, judged
from mentormatch.scoring.engine import (
    BY_PAIR,
    FEWER_PAIRS,
    MILLION,
    Engine,
    PointsArray,
    add_to_rows,
    answered_matrix,
    evidence_of,
    part_matrix,
    plain,
    scored,
    to_points,
)
from mentormatch.scoring.frames import profiles_of
from mentormatch.scoring.listed_pairs import handed_pairs, is_sparse
from mentormatch.scoring.lowered import Lowered, Parts, Positions
from mentormatch.scoring.neutral import (
    Neutral,
    best_by_score,
    blank_points,
    neutral_levels,
    sample_rows,
    sample_size,
)
from mentormatch.scoring.people import Pairing
from mentormatch.scoring.rules import NotHerself, PairList, Rule, RulesOf
from mentormatch.scoring.standing import STANDING
from mentormatch.scoring.threads import COMPILE_FROM
from mentormatch.scoring.wishes import NamedPairs, named_pairs
from mentormatch.solvers.assignment import Assignment
from mentormatch.solvers.budget import Cancelled
from mentormatch.solvers.progress import Progress, listener
from mentormatch.solvers.source import ListedPairs, Source
from mentormatch.solvers.ties import id_hashes
from mentormatch.solvers.work import Executor, Work, kept_in
from mentormatch.values import ByValue, Public, same

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    import pandas as pd

    from mentormatch.scoring.presets import Plan, Preset

PRIOR = 0.5
"""Score of a pair about which there is nothing to count: neither good nor bad."""
Missing: TypeAlias = Literal["neutral", "drop"]
BEST_READ = 1 << 20
"""Pairs sorted at a time by `Scores.best`."""
BY_ROWS = "Ask for single pairs or rows (scores.at, scores.block)"
"""What to do where the points of all pairs do not fit."""
BEST_SCREENED = 1 << 12
"""Mentees screened at a time by `Scores.best`, where there is no matrix."""
ROWS_READ = 256
"""Mentees whose points are read at a time for a matrix of all."""


@dataclass(frozen=True, eq=False)
class PairParts:
    """The parts of k chosen pairs, the same numbers as in the matrices.

    Attributes
    ----------
    rows, cols : int64 (k,)
        Positions of the mentees and mentors.
    names : tuple of str
        The criteria, in their order.
    parts : float32 (k, criteria)
        NaN where unanswered.
    counted : float64 (k, criteria)
        What each criterion counts in the score: the part, or what an unanswered one counts as
        (with ``missing="drop"`` NaN); a mentee's neutral level is added to a mentor's wish.
    weights : float64 (k, criteria)
        The mentee's weights.
    evidence : float32 (k,)
        Share of the weight that was answered.
    points : int32 (k,)
        Millionths of the score, ``~points`` where inadmissible.
    """

    rows: Positions
    cols: Positions
    names: tuple[str, ...]
    parts: Parts
    counted: FloatArray
    weights: FloatArray
    evidence: npt.NDArray[np.float32]
    points: PointsArray

    @property
    def millionths(self) -> IntArray:
        """int64 (k,): millionths of the score, also where inadmissible."""
        return plain(self.points).astype(np.int64)

    @property
    def barred(self) -> BoolArray:
        """bool (k,): which of the pairs may not be matched."""
        barred: BoolArray = self.points < 0
        return barred

    @property
    def score(self) -> npt.NDArray[np.float32]:
        """float32 (k,): the score, also where inadmissible."""
        return decoded(self.points)

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair: positions, score, evidence, then one column per criterion."""
        import pandas as pd

        data: dict[str, Any] = {"mentee": self.rows, "mentor": self.cols}
        data |= {"score": self.score, "evidence": self.evidence}
        return pd.DataFrame(data | dict(zip(self.names, self.parts.T, strict=True)))


class PartsView(Public, Mapping[str, Parts]):
    """The parts by criterion name; each matrix is computed when it is asked for."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores

    def __getitem__(self, name: str) -> Parts:
        names = self._scores.names
        if name not in names:
            raise KeyError(f"No criterion is called {name!r}. Known: {listed(names)}.")
        return self._scores.part(names.index(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores.names)

    def __len__(self) -> int:
        return len(self._scores.names)

    def __repr__(self) -> str:
        return f"<parts: {listed(self)}>"


@dataclass(frozen=True, eq=False)
class Scores(ByValue):
    """What every pair of a mentee and a mentor is worth, and whether it may be matched.

    Made by `score`, or from your own matrix by `Scores.from_matrix`.

    Attributes
    ----------
    mentees, mentors : Profiles
    criteria : tuple of Criterion
        In the order in which they are summed.
    rules : tuple of Rule
        `NotHerself` first.
    points : int32 (n, m)
        Millionths of the score where the pair is admissible; ``~points`` (negative) where not. Of
        listed pairs the matrix is made when it is asked for, if it fits: `at` and `block` read
        some of it.
    locks : int64 (k, 2)
        Positions of the pairs that must be matched; a lock may contradict a rule here.
    repairs : DataFrame
        Both rosters' repairs and what was found across them; `roster` first.
    prior : float
        Score of a pair about which there is nothing to count.
    neutral : Neutral or None
        What unanswered questions count as; None: they drop out of the mean.
    notes : tuple of str
        What whoever reads the scores should know: what decides alone, what sets nobody apart,
        which columns were left out, which wishes nobody can grant.

    Notes
    -----
    4 bytes per pair are kept; everything else is computed when asked for.
    """

    mentees: Profiles
    mentors: Profiles
    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...]
    points: PointsArray
    locks: IntArray
    repairs: pd.DataFrame
    prior: float = PRIOR
    neutral: Neutral | None = None
    notes: tuple[str, ...] = ()
    _pairing: Pairing | None = field(default=None, repr=False, compare=False)
    _source: Source | None = field(default=None, repr=False, compare=False)
    _limit: int | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.__dict__["points"] is None:  # made when asked for
            object.__delattr__(self, "points")
        else:
            object.__setattr__(self, "_source", None)
            object.__setattr__(self, "points", freeze(np.asarray(self.points, dtype=np.int32)))
        object.__setattr__(self, "locks", freeze(np.asarray(self.locks, dtype=np.int64)))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name == "points" and "notes" in self.__dict__:
                object.__setattr__(self, "points", freeze(self._matrix()))
                return self.points
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def _reader(self) -> Source | None:
        """Where points are read from that are not held; None where they are."""
        if "points" in self.__dict__:
            return None
        if self._source is None:  # from another process: made again
            object.__setattr__(self, "_source", self._by_rows())
        return self._source

    def _by_rows(self) -> RowSource:
        neutral = self.neutral
        means = more = None
        if neutral is not None:
            means = neutral.means
            more = blank_points(neutral.blank, self.weights, neutral.levels).astype(np.int32)
        return RowSource(
            self._lowered, self._rules.lowered, self.weights, self.shape, self.prior,
            neutral is not None, self._large, None, means, more,
        )  # fmt: skip

    def matrix(self, asked_by: str = "This") -> PointsArray:
        """Return the points of all pairs at once, int32 (n, m): what `points` holds.

        Parameters
        ----------
        asked_by
            What needs them, in words, for the error: "A lottery".

        Raises
        ------
        TooLargeError
            If they do not fit; it names what asked, how much it would take, and what to do.
        """
        if self.source is not None:
            raise self.too_large(asked_by)
        return self.points

    def too_large(self, asked_by: str, remedy: str = BY_ROWS) -> TooLargeError:
        """Return the error that something needs the points of all pairs, which do not fit."""
        size = 4 * self.size
        return TooLargeError(
            f"{asked_by} needs the scores of all pairs at once, {said(size)}, which do not fit. "
            f"{remedy}, match parts of the programme one by one, or give more memory='...'.",
            size, self._limit or 0,
        )  # fmt: skip

    def replaced(self, **changes: Any) -> Scores:
        """Return the scores with other fields; points that are not held are not made for it."""
        if "points" not in self.__dict__:
            changes.setdefault("points", None)
        return replace(self, **changes)

    def _matrix(self) -> PointsArray:
        """Return all points; raise `TooLargeError` where they do not fit."""
        source = self._reader
        assert source is not None
        matrix: PointsArray = new_array("The scores", self.shape, np.int32, BY_PAIR, self._limit)
        for start in range(0, len(matrix), ROWS_READ):
            rows = np.arange(start, min(start + ROWS_READ, len(matrix)))
            matrix[rows] = source.read(rows)
        return matrix

    @property
    def source(self) -> Source | None:
        """Where points are read from that do not fit into one matrix; None where they do."""
        if "points" in self.__dict__ or fits(self.shape, 4, self._limit):
            return None
        return self._reader

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scores) or "points" in {*self.__dict__, *other.__dict__}:
            return super().__eq__(other)
        fields_of = ("mentees", "mentors", "criteria", "rules", "locks", "repairs", "prior",
                     "neutral", "notes")  # fmt: skip
        return all(same(getattr(self, name), getattr(other, name)) for name in fields_of)

    def __hash__(self) -> int:
        return super().__hash__()

    def _identity(self) -> tuple[Any, ...]:
        return self.mentees, self.mentors, self.names

    def __getstate__(self) -> dict[str, Any]:
        state = {one.name: self.__dict__.get(one.name) for one in fields(self)}
        state["_pairing"] = None  # made again when needed
        if isinstance(self._source, RowSource):
            state["_source"] = None
        if state["points"] is None:
            del state["points"]
        return state

    def __len__(self) -> int:
        return len(self.mentees)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.mentees.ids)

    def __contains__(self, mentee: object) -> bool:
        return mentee in self.mentees.ids

    @overload
    def __getitem__(self, who: tuple[str, str]) -> float: ...

    @overload
    def __getitem__(self, who: str) -> pd.Series[Any]: ...

    def __getitem__(self, who: str | tuple[str, str]) -> float | pd.Series[Any]:
        """Return the score of a pair, or of a mentee with every mentor; NaN where inadmissible.

        People are named by id, e-mail or unambiguous name.

        Raises
        ------
        UnknownPersonError
            If nobody is called that.
        """
        import pandas as pd

        mentee, mentor = (who, None) if isinstance(who, str) else who
        i = self.mentees.position(mentee)
        points = self.block([i])[0]
        row = np.where(points < 0, np.nan, points / MILLION)
        if mentor is not None:
            return float(row[self.mentors.position(mentor)])
        return pd.Series(row, index=list(self.mentors.ids), name=self.mentees.ids[i])

    @property
    def questions(self) -> pd.DataFrame:
        """What is in doubt: both rosters' questions, and those about the two together.

        As `Profiles.questions`, after a column `roster`: "mentee", "mentor" or "both".
        """
        import pandas as pd

        by_itself = any("alone decides" in note for note in self.notes)  # nobody chose it
        criteria = self.criteria if by_itself else ()
        across = questions_across(self.mentees, self.mentors, criteria)
        frames = (("mentee", self.mentees.questions), ("mentor", self.mentors.questions))
        parts = [frame.assign(roster=who) for who, frame in (*frames, ("both", across))]
        merged = pd.concat(parts, ignore_index=True)
        return merged[["roster", *across.columns]]

    @property
    def shape(self) -> tuple[int, int]:
        """(n mentees, m mentors)."""
        return len(self.mentees), len(self.mentors)

    @property
    def size(self) -> int:
        """How many pairs there are, n * m."""
        return len(self.mentees) * len(self.mentors)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the criteria, in their order."""
        return tuple(criterion.name for criterion in self.criteria)

    @property
    def total(self) -> npt.NDArray[np.float32]:
        """float32 (n, m): the score, also of inadmissible pairs."""
        return decoded(self.points)

    @property
    def admissible(self) -> BoolArray:
        """bool (n, m): which pairs may be matched."""
        admissible: BoolArray = self.points >= 0
        return admissible

    @property
    def parts(self) -> Mapping[str, Parts]:
        """Criterion name -> float32 (n, m), NaN where unanswered; computed when asked for."""
        return PartsView(self)

    @property
    def evidence(self) -> npt.NDArray[np.float32]:
        """float32 (n, m): share of the weight whose answers were given; computed when asked for."""
        return answered_matrix(
            self._lowered, np.where(self._silent, 0.0, self.weights), self.weights.sum(axis=1),
            self.shape, self._large,
        )  # fmt: skip

    @property
    def missing(self) -> Missing:
        """How unanswered questions count: "neutral" or "drop"."""
        return "drop" if self.neutral is None else "neutral"

    @property
    def levels(self) -> dict[str, float]:
        """Criterion name -> what a mentee's blank counts as; empty with ``missing="drop"``."""
        if self.neutral is None:
            return {}
        return dict(zip(self.names, self.neutral.levels.tolist(), strict=True))

    @cached_property
    def _silent(self) -> BoolArray:
        """bool (n, criteria): questions left blank about which the other side says something."""
        return silent_on(self._lowered, len(self.mentees))

    @property
    def judged(self) -> tuple[str, ...]:
        """Names of the defects that the rosters have the columns for."""
        return judged(self.mentees, self.mentors)

    @cached_property
    def defects(self) -> Mask:
        """uint8 (n, m): the defects of every pair, one bit each in the order of `DEFECTS`.

        What makes a pair one that nobody would defend: the two share no hour, the mentor can help
        with nothing asked for, or stands below the mentee, unless a criterion asks for that as
        reverse mentoring does. Computed when asked for, and kept.

        Raises
        ------
        TooLargeError
            If there is no room for the points of all pairs: `defects_at` tells of some.
        """
        if self.source is not None:
            raise self.too_large("A table of all defects", "Ask for single pairs (defects_at)")
        mask: Mask = defect_mask(self.mentees, self.mentors)
        if self._reverse:
            mask &= np.uint8(255 - bit_of("below_level"))  # that is what is wanted
        return freeze(mask)

    @property
    def _reverse(self) -> bool:
        """Whether a criterion asks for mentors below their mentees."""
        return any(
            isinstance(c, Closeness) and c.column in STANDING and c.ideal < 0 for c in self.criteria
        )

    @cached_property
    def _judges(self) -> dict[str, Judge]:
        """What judges each defect that these rosters have the columns for."""
        found = {
            name: judge_of(name, self.mentees, self.mentors)
            for name in self.judged
            if not (name == "below_level" and self._reverse)
        }
        return {name: judge for name, judge in found.items() if judge is not None}

    def costs_of(self, defects: Sequence[str]) -> JudgedPairs:
        """Return which pairs have any of some defects, asked by pair or by row."""
        kept = [judge for name, judge in self._judges.items() if name in defects]
        return JudgedPairs(kept, self.shape, self._large)

    def defects_at(self, rows: IntArray, columns: IntArray) -> Mask:
        """Return uint8 (k,): the defects of single pairs, as `defects` holds them."""
        if self.source is None:
            return self.defects[rows, columns]
        mask: Mask = np.zeros(len(rows), dtype=np.uint8)
        for name, judge in self._judges.items():
            mask |= judge.pairs(rows, columns).view(np.uint8) * np.uint8(bit_of(name))
        return mask

    @cached_property
    def seated(self) -> BoolArray:
        """bool (n,): who gets a seat where as many as possible are matched with the best total.

        Rules and capacities hold, nothing else does; ties go by a hash of the ids.
        """
        return freeze(self._best_by_score.mentor_of >= 0)

    @cached_property
    def _best_by_score(self) -> Assignment:
        """The matching that decides who is `seated`, with the prices that prove it."""
        source = self.source
        points = self.points if source is None else source
        return best_by_score(points, self.mentees, self.mentors)

    @cached_property
    def weights(self) -> FloatArray:
        """float64 (n, criteria): each mentee's weights."""
        weights: FloatArray = freeze(mentee_weights(self.criteria, self.mentees))
        return weights

    @property
    def _large(self) -> bool:
        return self.size > COMPILE_FROM

    @cached_property
    def pairing(self) -> Pairing:
        """Both rosters side by side, with references to people resolved."""
        return self._pairing or Pairing(self.mentees, self.mentors)

    @cached_property
    def _lowered(self) -> tuple[Lowered, ...]:
        return tuple(criterion.lower(self.pairing) for criterion in self.criteria)

    @cached_property
    def _rules(self) -> RulesOf:
        return RulesOf(self.rules, self.pairing)

    def at(self, rows: npt.ArrayLike, columns: npt.ArrayLike) -> PointsArray:
        """Return the points of single pairs, int32 (k,): what `points[rows, columns]` holds.

        Parameters
        ----------
        rows, columns
            Positions of mentees and of mentors, (k,) each.

        Raises
        ------
        ParameterError
            If a position is none of the roster's.

        Examples
        --------
        >>> import numpy as np, mentormatch as mm
        >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]]))
        >>> scores.at([0, 1], [1, 0]).tolist()
        [400000, 800000]
        """
        i = _positions(rows, len(self.mentees), "rows", "Scores.at")
        j = _positions(columns, len(self.mentors), "columns", "Scores.at")
        check_parameter(
            i.size == j.size, "columns", "Scores.at", f"as many as the rows ({i.size})", j.size
        )
        reader = self._reader
        return self.points[i, j] if reader is None else reader.at(i, j)

    def block(self, rows: npt.ArrayLike) -> PointsArray:
        """Return the points of some mentees with every mentor, int32 (k, m): `points[rows]`.

        Parameters
        ----------
        rows
            Positions of mentees, (k,).

        Raises
        ------
        ParameterError
            If a position is none of the roster's.
        TooLargeError
            If so many rows do not fit.
        """
        i = _positions(rows, len(self.mentees), "rows", "Scores.block")
        reader = self._reader
        if reader is None:
            return self.points[i]
        shape = i.size, len(self.mentors)
        check_room("The scores", shape, 4, "Ask for fewer rows at a time.")
        return reader.read(i)

    def better(self, rows: npt.ArrayLike, points: npt.ArrayLike) -> IntArray:
        """Return how many admissible mentors each mentee has that score above a number of points.

        Parameters
        ----------
        rows
            Positions of k mentees.
        points
            int (k,), millionths of the score.

        Returns
        -------
        int64 (k,)

        Notes
        -----
        Time O(k m), by sums in float32 where the scores are no matrix; memory of a block of rows.
        """
        i = _positions(rows, len(self), "rows", "Scores.better")
        level = np.asarray(points, dtype=np.int64)
        if isinstance(self._reader, RowSource):
            return self._reader.better(i, level)
        found = np.zeros(len(i), dtype=np.int64)
        for start in range(0, len(i), ROWS_READ):
            part = slice(start, start + ROWS_READ)
            found[part] = (self.block(i[part]) > level[part, None]).sum(axis=1)
        return found

    def best(
        self, rows: npt.ArrayLike, k: int = 1, prices: npt.ArrayLike | None = None
    ) -> IntArray:
        """Return the k best admissible mentors of some mentees, int64 (rows, k), the best first.

        Parameters
        ----------
        rows
            Positions of mentees.
        k
            How many; a mentee with fewer has -1 in the other places.
        prices
            int (m,), what is taken off each mentor's points: the prices of seats, say. Default: 0.

        Raises
        ------
        ParameterError
            If a position is none of the roster's, k is below 1, or there is no price per mentor.

        Notes
        -----
        Equals go by a hash of the mentors' ids. Time O(rows m criteria) where there is no matrix;
        memory of a block of rows.
        """
        i = _positions(rows, len(self.mentees), "rows", "Scores.best")
        m = len(self.mentors)
        whole = isinstance(k, (int, np.integer)) and not isinstance(k, bool)
        check_parameter(whole and k >= 1, "k", "Scores.best", "a whole number above 0", k)
        price = np.zeros(m, dtype=np.int64) if prices is None else np.asarray(prices)
        check_parameter(
            price.shape == (m,) and price.dtype.kind in "iu", "prices", "Scores.best",
            f"{m} whole numbers, one per mentor", prices,
        )  # fmt: skip
        found: IntArray = np.full((i.size, k), -1, dtype=np.int64)
        rank = np.argsort(np.argsort(id_hashes(self.mentors.ids, 1), kind="stable"))
        left, reader = np.arange(i.size), self._reader
        if isinstance(reader, RowSource):
            for start in range(0, i.size, BEST_SCREENED):
                part = slice(start, start + BEST_SCREENED)
                found[part], known = reader.best(i[part], int(k), price.astype(np.int64), rank)
                left[part][known] = -1
            left = left[left >= 0]
        step = max(1, BEST_READ // max(m, 1))
        last = m - min(int(k), m)
        for start in range(0, left.size if m else 0, step):
            some = left[start : start + step]
            points = self.block(i[some]).astype(np.int64)
            worth = np.where(points >= 0, points - price, -(1 << 62))
            enough = np.partition(worth, last, axis=1)[:, last]
            place, column = np.nonzero((worth >= enough[:, None]) & (points >= 0))
            pairs = place, column, worth[place, column]
            found[some], _ = first_of(pairs, rank, some.size, int(k))
        return found

    def part(self, criterion: int | str) -> Parts:
        """Return one criterion's parts, float32 (n, m), NaN where unanswered.

        Parameters
        ----------
        criterion
            Its name, or its place in `criteria`.

        Raises
        ------
        ParameterError
            If no criterion is called so.
        """
        position = self._place_of(criterion)
        return part_matrix(self._lowered[position], self.shape, self._large)

    def _place_of(self, criterion: object) -> int:
        if isinstance(criterion, (int, np.integer)) and 0 <= criterion < len(self.criteria):
            return int(criterion)
        check_parameter(
            criterion in self.names, "criterion", "Scores.part",
            f"the name of a criterion ({listed(self.names)}) or its place", criterion,
        )  # fmt: skip
        return self.names.index(criterion)

    def _at(self, rows: npt.ArrayLike, cols: npt.ArrayLike) -> PairParts:
        """Return parts, weights and evidence of the pairs (rows[k], cols[k]) only.

        Parameters
        ----------
        rows, cols
            Positions of mentees and mentors, (k,) each.

        Notes
        -----
        Time and memory O(k x answers of a person), whatever n and m.
        """
        i = np.atleast_1d(np.asarray(rows, dtype=np.int64))
        j = np.atleast_1d(np.asarray(cols, dtype=np.int64))
        parts = np.empty((len(i), len(self.criteria)), dtype=np.float32)
        for position, lowered in enumerate(self._lowered):
            parts[:, position] = lowered.pairs(i, j)
        weights = self.weights[i]
        neutral = self.neutral
        counted = parts.astype(np.float64) if neutral is None else neutral.counted(parts, i)
        told = ~np.isnan(parts) & ~self._silent[i]
        evidence = evidence_of(np.where(told, weights, 0.0).sum(axis=1), weights.sum(axis=1))
        return PairParts(i, j, self.names, parts, counted, weights, evidence, self.at(i, j))

    def named(self, wanted_by: str) -> NamedPairs:
        """Return the pairs in which somebody wished for the other.

        Raises
        ------
        ColumnError
            If neither roster has wishes for people; it names who wanted them.
        """
        return named_pairs(self.pairing, wanted_by)

    def why_inadmissible(self, mentee: str | int, mentor: str | int) -> tuple[str, ...]:
        """Return one sentence per rule that removes the pair; empty if it is admissible.

        Parameters
        ----------
        mentee, mentor
            Id, e-mail or unambiguous name; or a position.

        Raises
        ------
        UnknownPersonError
            If nobody is called that.
        """
        i, j = _position(mentee, self.mentees), _position(mentor, self.mentors)
        supplied = [rule for rule in self.rules if isinstance(rule, HandedIn)]
        said = self._rules.why(i, j)
        if supplied and not said and self.at([i], [j])[0] < 0:
            return (supplied[0].sentence,)
        return said

    def forbidding(self, i: int, j: int) -> tuple[Rule, ...]:
        """Return the rules that remove the pair of these positions, but for a matrix handed in."""
        return tuple(rule for rule, _ in self._rules.forbidding(i, j))

    def __repr__(self) -> str:
        n, m = self.shape
        if "points" not in self.__dict__:
            lists = None if self._source is None else self._source.lists()
            open_ = "" if lists is None else f", {int((lists[2] >= 0).sum()):,} admissible pairs"
        else:
            share = f"{(self.points >= 0).mean():.1%}" if self.points.size else "0%"
            open_ = f", {share} of the pairs admissible"
        return (
            f"<Scores: {n:,} mentees x {m:,} mentors{open_}, "
            f"criteria: {listed(self.names) or 'none'}>"
        )

    def _repr_html_(self) -> str:
        import html

        rows = "".join(
            f"<tr><td>{html.escape(c.name)}</td><td>{c.weight:g}</td>"
            f"<td>{html.escape(c.reason)}</td></tr>"
            for c in self.criteria
        )
        head = "<tr><th>criterion</th><th>weight</th><th>reason</th></tr>"
        return f"<p>{html.escape(repr(self))}</p><table>{head}{rows}</table>"

    @classmethod
    def from_matrix(
        cls,
        matrix: npt.ArrayLike,
        *,
        capacity: npt.ArrayLike | None = None,
        admissible: npt.ArrayLike | None = None,
        mentees: Any = None,
        mentors: Any = None,
        rules: Iterable[Rule] = (),
    ) -> Scores:
        """Take scores that were computed elsewhere.

        Parameters
        ----------
        matrix
            (n, m) in [0, 1], an array or a DataFrame whose labels are the ids.
        capacity
            How many mentees each mentor can take: one int, or (m,). Default: what `mentors`
            says, else 1.
        admissible
            bool (n, m); default: all pairs. Scores of inadmissible pairs may be NaN.
        mentees, mentors
            `Profiles`, or a dataframe with a column (or index) `id` and any attributes, typed as
            `read_roster` types them, a column named like a field as that field; or None:
            "mentee 1", "mentee 2", ...
        rules
            Further rules, over the rosters' columns.

        Raises
        ------
        ScoreError
            If the shape is wrong, ids repeat, capacities are not whole numbers >= 0, or scores
            are not finite numbers in [0, 1]; naming rows and columns, all of them.
        """
        values, row_ids, col_ids = _matrix_of(matrix)
        n, m = values.shape
        check_room("Scores and their parts", (n, m), 8, FEWER_PAIRS)
        mentees, mentors = _in_both_roles(mentees, mentors)
        ours = profiles_of(mentees, "mentee", n, row_ids)
        theirs = profiles_of(mentors, "mentor", m, col_ids)
        if capacity is not None:
            theirs = replace(theirs, capacity=_capacities(capacity, theirs))
        allowed = _allowed(admissible, (n, m))
        clean = _check_scores(values, allowed, ours, theirs)
        parts: Parts = values.astype(np.float32, order="C")
        if not clean:  # what may not be matched may hold anything
            np.nan_to_num(parts, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
            np.clip(parts, 0, 1, out=parts)
        points = np.empty((n, m), dtype=np.int32)
        for start in range(0, n, 256):
            points[start : start + 256] = to_points(parts[start : start + 256])
        if allowed is not None:
            np.bitwise_xor(points, allowed.view(np.int8) - np.int8(1), out=points)  # x ^ -1 is ~x
        made_up = mentees is None and mentors is None and row_ids is None and col_ids is None
        pairing = Pairing(ours, theirs, apart=made_up)
        every = (
            NotHerself(),
            *as_rules(rules, "Scores.from_matrix"),
            *(() if allowed is None else (HandedIn(),)),
        )
        lowered = RulesOf(every, pairing)
        for rule in lowered.lowered:
            marked = rule.mark(0, n, m, None, False)
            if marked is not None:
                np.copyto(points, ~points, where=marked & (points >= 0))
        return cls(
            ours, theirs, (Precomputed(freeze(parts), name="score"),), every, points,
            lowered.locks, pairing.repairs(), _pairing=pairing,
        )  # fmt: skip

    @classmethod
    def from_pairs(
        cls,
        pairs: Any,
        *,
        capacity: npt.ArrayLike | None = None,
        mentees: Any = None,
        mentors: Any = None,
        rules: Iterable[Rule] = (),
        memory: Memory = None,
    ) -> Scores:
        """Take scores of listed pairs that were computed elsewhere; all other pairs may not be.

        Parameters
        ----------
        pairs
            A sparse matrix (scipy) of n mentees and m mentors, in [0, 1]: the pairs that it
            stores, those stored as 0 included. Or a frame with the columns `mentee`, `mentor`
            and `score`, one row per pair, people by id, e-mail or unambiguous name.
        capacity, mentees, mentors, rules
            As in `from_matrix`; without rosters people are called as in the frame, in the order
            in which it names them first.
        memory
            Most that a matrix of all pairs may take: a number of bytes, or "2GB". Default: half
            of what is free. Where it would take more, no matrix is made: the pairs are solved as
            they are, by as many as possible and the best total, and whatever needs all pairs
            raises `TooLargeError`.

        Raises
        ------
        ScoreError
            If a pair is listed twice, or a score is not in [0, 1]; naming all of them.
        UnknownPersonError
            If a frame names people who are not on the rosters; all of them.

        Notes
        -----
        Time and memory are linear in the pairs listed, plus n + m.

        Examples
        --------
        >>> import pandas as pd, mentormatch as mm
        >>> pairs = pd.DataFrame({
        ...     "mentee": ["ana", "bo", "bo"], "mentor": ["kim", "kim", "lee"],
        ...     "score": [0.5, 0.9, 0.3],
        ... })
        >>> dict(mm.solve(mm.Problem(mm.Scores.from_pairs(pairs))))
        {'ana': 'kim', 'bo': 'lee'}
        """
        limit = limit_of(memory, "Scores.from_pairs")
        mentees, mentors = _in_both_roles(mentees, mentors)
        given = handed_pairs(pairs, mentees, mentors)
        ours, theirs = given.mentees, given.mentors
        if capacity is not None:
            theirs = replace(theirs, capacity=_capacities(capacity, theirs))
        pairing = Pairing(ours, theirs, apart=given.made_up)
        unlisted = HandedIn("the pairs handed in do not list this pair")
        every = (NotHerself(), *as_rules(rules, "Scores.from_pairs"), unlisted)
        lowered = RulesOf(every, pairing)
        points = to_points(given.scores)
        for rule in lowered.lowered:
            marked = rule.pairs(given.rows, given.columns)
            np.copyto(points, ~points, where=marked & (points >= 0))
        indptr = np.searchsorted(given.rows, np.arange(len(ours) + 1)).astype(np.int64)
        source = ListedPairs(indptr, given.columns, freeze(points), len(theirs))
        return cls(
            ours, theirs, (Precomputed(given.sparse(), name="score"),), every,
            None, lowered.locks, pairing.repairs(), _pairing=pairing,  # type: ignore[arg-type]
            _source=source, _limit=limit,
        )  # fmt: skip

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return the scores with both rosters as JSON; write it to a path."""
        return upstairs("delivery.saved.files", "scores_to_json")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, source: str | PathLike[str] | bytes) -> Scores:
        """Load what `to_json` wrote, from a path or from the text itself.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, or is of a format that this version cannot read.
        """
        return upstairs("delivery.saved.files", "from_json")(Scores, source)  # type: ignore[no-any-return]

    def to_parquet(self, path: str | PathLike[str]) -> Path:
        """Write the same as parquet, one row per mentee, and return the path. Needs pyarrow."""
        return upstairs("delivery.saved.parquet", "scores_to_parquet")(self, path)  # type: ignore[no-any-return]

    @classmethod
    def from_parquet(cls, path: str | PathLike[str]) -> Scores:
        """Load what `to_parquet` wrote; otherwise as `from_json`."""
        return upstairs("delivery.saved.parquet", "from_parquet")(Scores, path)  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False, repr=False)
class HandedIn(Rule):
    """The user's own admissible pairs, held in the sign of the points."""

    sentence: str = "the scores handed in mark this pair as inadmissible"

    def lower(self, pairing: Pairing) -> Any:
        from mentormatch.scoring.rules import Several

        return Several(())


def decoded(points: PointsArray) -> npt.NDArray[np.float32]:
    """Return points as scores in [0, 1], float32, also where inadmissible."""
    score: npt.NDArray[np.float32] = (plain(points) / np.float64(MILLION)).astype(np.float32)
    return score


@logged(
    lambda made, _: (
        f"scored {made.shape[0]} mentees x {made.shape[1]} mentors by {len(made.names)} criteria"
    )
)
@typed
def score(
    mentees: Profiles,
    mentors: Profiles,
    criteria: Sequence[Criterion] | Preset | Plan | None = None,
    rules: Iterable[Rule] | None = None,
    *,
    lock: PairList | None = None,
    forbid: PairList | None = None,
    missing: Missing = "neutral",
    levels: Mapping[str, float] | None = None,
    prior: float = PRIOR,
    engine: Engine = "auto",
    threads: int | None = None,
    memory: Memory = None,
    executor: Executor | None = None,
    checkpoint: str | PathLike[str] | None = None,
    progress: Progress = False,
) -> Scores:
    """Score every pair: the weighted mean of the criteria.

    Parameters
    ----------
    mentees, mentors
        Rosters, from `read_roster`. One roster given twice is one pool: everybody in both roles,
        nobody with herself.
    criteria
        Criteria, or a preset; default: `presets.from_columns`, whatever the rosters have.
    rules
        What else makes a pair inadmissible, beside the rules that the rosters have columns for
        (avoid lists, previous pairs, reporting lines, only-wished-for), or beside those of the
        plan that `criteria` is. To do without one of them, hand over a plan whose rules were
        replaced, see `presets.Plan.with_rules`. Nobody is ever matched to herself.
    lock, forbid
        (mentee, mentor) pairs that must, or must not, be matched: a list, a frame with these two
        columns, or a `Lock` or `Forbid`. Solving refuses locks that a rule forbids, all at once.
    missing
        What unanswered questions count as. "neutral": a mentor's blank as what the mentors who
        answered mean to this mentee on average; a mentee's blank as the level at which leaving
        the question blank neither helps nor hurts her in getting a seat. "drop": a criterion that
        is not answered drops out of the pair's mean, so that blank forms stand high.
    levels
        Criterion name -> level in [0, 1], for the levels of an earlier round (`Scores.levels`);
        criteria that are not named get one. Default: found for these rosters.
    prior
        Score of a pair about which there is nothing to count.
    engine, threads
        How it is computed; the scores are the same bits for all.
    memory
        Most that the scores may take: a number of bytes, or "2GB". Default: half of what is free.
        Where they would take more, they are computed when they are asked for: `Scores.at`,
        `Scores.block`, and `solve` read them row by row, and `Scores.points` refuses.
    executor
        Where scores are computed row by row: who computes them, here and in `solve`. Anything
        with `submit`: a pool of `concurrent.futures`, a Dask client. What all need is written to
        a file once and mapped into memory; prices travel, lists come back. Default: this process.
    checkpoint
        Where scores are computed row by row: a folder, from which a run that was cut off goes on
        when it is started anew with the same people and settings. With workers on several
        machines, one that all of them see.
    progress
        Where scores are computed row by row: True shows how many pairs were looked at and how
        long the rest will take; a callable as for `solve`.

    Raises
    ------
    ColumnError
        If a criterion or rule needs a column that a roster does not have.
    ParameterError
        If there is nothing to weigh, or the two rosters are swapped.
    UnknownPersonError
        If locked or forbidden pairs name people who are not on the rosters; all of them.

    Notes
    -----
    Time O(n m criteria); memory 4 n m bytes for the points, and a few megabytes per thread.

    Examples
    --------
    >>> scores = mm.score(mentees, mentors)                            # doctest: +SKIP
    >>> scores.total.max(), scores.why_inadmissible("ana@x.org", 0)    # doctest: +SKIP
    """
    from mentormatch.scoring.presets import planned

    mentees, mentors = _in_both_roles(mentees, mentors)
    _check_role(mentees, "mentee")
    _check_role(mentors, "mentor")
    check_parameter(
        isinstance(prior, (int, float)) and 0 <= prior <= 1, "prior", "score",
        "a number in [0, 1]", prior,
    )  # fmt: skip
    check_parameter(
        missing in ("neutral", "drop"), "missing", "score", "'neutral' or 'drop'", missing
    )
    check_parameter(
        engine in ("auto", "numpy", "numba"), "engine", "score", "'auto', 'numpy' or 'numba'",
        engine,
    )  # fmt: skip
    limit = limit_of(memory, "score")
    by_rows = not fits((len(mentees), len(mentors)), 4, limit)
    plan = planned(mentees, mentors, criteria)
    _check_criteria(plan.criteria)
    more = (*pairs_as_rules(lock, forbid), *as_rules(rules, "score"))
    every = added((NotHerself(), *plan.rules), more)
    pairing, lowered = plan.lowered_for(mentees, mentors)
    plan.note_on(pairing)
    if not plan.criteria:
        pairing.note(f"Nothing is compared: every pair scores {float(prior):g}, and chance decides")
        pairing.found_on_both(
            "no column of one roster can be compared with one of the other",
            f"every pair scores {float(prior):g}, so chance alone chooses among admissible pairs; "
            "map columns with read_roster(..., columns={'goals': 'header in the file'})",
        )
    forbidding = RulesOf(every, pairing)
    weights = mentee_weights(plan.criteria, mentees)
    keep = None
    if missing == "neutral":
        keep = sample_rows(mentees, sample_size(len(lowered), len(mentors)))
    shape = len(mentees), len(mentors)
    source: RowSource | None = None
    if by_rows:
        compiled = engine == "numba" or (engine == "auto" and shape[0] * shape[1] > COMPILE_FROM)
        work = Work(executor, kept_in(checkpoint), listener(progress, "score"))
        source = RowSource(
            lowered, forbidding.lowered, weights, shape, float(prior), missing == "neutral",
            compiled, threads, work=work,
        )  # fmt: skip
    neutral = None
    points: PointsArray | None = None
    if source is None or keep is not None:
        if source is None:
            made = scored(
                lowered, weights, forbidding.lowered, shape, prior=float(prior),
                neutral=missing == "neutral", keep=keep, engine=engine, threads=threads,
                limit=limit,
            )  # fmt: skip
            points = made.points
        else:
            assert keep is not None
            hashes = id_hashes(mentees.ids, 0)
            give_back()
            try:
                made = surveyed(source, mentors.capacity, hashes, keep)
            except Cancelled:
                raise KeyboardInterrupt from None
        if keep is not None:
            np.logical_or(made.blank, silent_on(lowered, len(mentees)), out=made.blank)
            known = _known_levels(levels, plan.criteria)
            if np.isnan(known).any():
                found = neutral_levels(made, weights, mentors.capacity, keep, float(prior))
                known = np.where(np.isnan(known), found, known)
            neutral = Neutral(freeze(known), freeze(made.means), freeze(made.blank))
            extra = blank_points(made.blank, weights, known).astype(np.int32)
            if source is None:
                add_to_rows(made.points, extra)
            else:
                source = source.shifted(extra)
                give_back()
    scores = Scores(
        mentees, mentors, plan.criteria, every, points, forbidding.locks,  # type: ignore[arg-type]
        pairing.repairs(), float(prior), neutral, tuple(pairing.notes), pairing, source, limit,
    )  # fmt: skip
    scores.__dict__.update(_lowered=lowered, _rules=forbidding)  # made already: keep them
    return scores


def silent_on(lowered: Sequence[Lowered], n: int) -> BoolArray:
    """Return bool (n, criteria): questions left blank about which the other side says something."""
    silent = np.zeros((n, len(lowered)), dtype=bool)
    for criterion, one in enumerate(lowered):
        who = getattr(one, "silent", None)
        if who is not None:
            silent[:, criterion] = who
    return silent


def _known_levels(levels: Mapping[str, float] | None, criteria: Sequence[Criterion]) -> FloatArray:
    """Return float64 (criteria,): the levels that were given, NaN where none was."""
    given = dict(levels or {})
    names = [criterion.name for criterion in criteria]
    wrong = [
        f"{name!r}: {level!r}" + ("" if name in names else " (no criterion of this name)")
        for name, level in given.items()
        if name not in names or not isinstance(level, (int, float)) or not 0 <= level <= 1
    ]
    if wrong:
        raise ParameterError(
            "The 'levels' parameter of score must give criteria levels in [0, 1]. "
            f"Got {listed(wrong)}. The criteria are {listed(names)}."
        )
    return np.array([float(given.get(name, np.nan)) for name in names], dtype=np.float64)


def _positions(given: npt.ArrayLike, size: int, name: str, owner: str) -> Positions:
    """Return positions of people as int64 (k,), checked."""
    try:
        asked = np.atleast_1d(np.asarray(given))
        whole = asked.size == 0 or asked.dtype.kind in "iu"
        fits = whole and asked.ndim == 1 and bool(((asked >= 0) & (asked < size)).all())
    except (TypeError, ValueError):
        fits = False
    check_parameter(
        fits, name, owner, f"positions of people, whole numbers from 0 to {size - 1}", given
    )
    return asked.astype(np.int64)


def _position(person: str | int, profiles: Profiles) -> int:
    if isinstance(person, (int, np.integer)) and 0 <= person < len(profiles):
        return int(person)
    return profiles.position(str(person))


def _in_both_roles(mentees: Any, mentors: Any) -> tuple[Any, Any]:
    """Return two rosters; one that is given twice is one pool: everybody in both roles."""
    if mentees is mentors and isinstance(mentees, Profiles):
        return mentees.as_role("mentee"), mentees.as_role("mentor")
    return mentees, mentors


def _check_role(profiles: object, role: str) -> None:
    if not isinstance(profiles, Profiles):
        raise ParameterError(
            f"The '{role}s' parameter of score must be Profiles, as read_roster returns. "
            f"Got {type(profiles).__name__}."
        )
    if profiles.role != role:
        raise ParameterError(
            f"The '{role}s' parameter of score must be a roster of {role}s, but {profiles.source} "
            f"was read with role='{profiles.role}'. Swap the two rosters, or read it again with "
            f"role='{role}'."
        )


def _check_criteria(criteria: Sequence[Criterion]) -> None:
    wrong = [repr(c) for c in criteria if not isinstance(c, Criterion)]
    if wrong:
        raise ParameterError(
            f"The 'criteria' parameter of score must hold criteria such as Covers('goals'). "
            f"Got {listed(wrong)}."
        )
    names = [criterion.name for criterion in criteria]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(
            f"Several criteria are called {listed(map(repr, twice))}. Give each a name of its "
            "own, e.g. Covers('goals', name='first goals')."
        )
    if criteria and not any(criterion.weight > 0 for criterion in criteria):
        raise ParameterError(
            "The weights of all criteria are 0, so there is nothing to score by. "
            "Give at least one a weight above 0."
        )


def mentee_weights(criteria: Sequence[Criterion], mentees: Profiles) -> FloatArray:
    """Return float64 (n, criteria): each mentee's weights.

    A mentee who rated the importance of criteria (`Criterion.priority`) shares out the total
    weight of those in proportion to her numbers; criteria she did not rate keep their weight.

    Raises
    ------
    ColumnError
        If a priority column is missing, or holds negative numbers.
    """
    base = np.array([criterion.weight for criterion in criteria], dtype=np.float64)
    rated = np.full((len(mentees), len(criteria)), np.nan)
    for position, criterion in enumerate(criteria):
        if criterion.priority is None:
            continue
        wanted_by = f"priority={criterion.priority!r} of {criterion}"
        column = mentees.column(criterion.priority, Numbers, wanted_by=wanted_by)
        wrong = np.flatnonzero((column.values < 0) | np.isinf(column.values))
        if len(wrong):
            who = listed(f"{mentees.ids[p]}: {column.values[p]:g}" for p in wrong)
            raise ColumnError(f"{wanted_by} must hold finite numbers >= 0. Got {who}.")
        rated[:, position] = column.values
    known = ~np.isnan(rated)
    importance = np.where(known, rated, 0.0)
    whole = importance.sum(axis=1, keepdims=True)
    shared = np.where(known, base, 0.0).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = shared * (importance / whole)
    return np.where(known & (whole > 0), own, base)


def _matrix_of(
    matrix: Any,
) -> tuple[npt.NDArray[np.floating[Any]], list[str] | None, list[str] | None]:
    ids: list[list[str] | None] = [None, None]
    if is_sparse(matrix):
        raise ScoreError(
            "Scores.from_matrix takes a score of every pair. Of a sparse matrix take the pairs "
            "that it stores: Scores.from_pairs(matrix); or all, the others at 0: "
            "Scores.from_matrix(matrix.toarray())."
        )
    if hasattr(matrix, "columns") and hasattr(matrix, "index"):
        import pandas as pd

        for side, labels in enumerate((matrix.index, matrix.columns)):
            if not isinstance(labels, pd.RangeIndex):
                ids[side] = [str(label) for label in labels]
        matrix = matrix.to_numpy()
    try:
        values = np.asarray(matrix)
        if values.dtype not in (np.float32, np.float64):
            values = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ScoreError(f"The scores must be numbers in [0, 1]: {error}.") from error
    if values.ndim != 2:
        raise ScoreError(
            "The scores must be a matrix of shape (mentees, mentors). "
            f"Got an array of shape {values.shape}."
        )
    return values, ids[0], ids[1]


def _allowed(admissible: Any, shape: tuple[int, int]) -> BoolArray | None:
    if admissible is None:
        return None
    allowed = np.asarray(admissible)
    if allowed.shape != shape or not (allowed.dtype == bool or np.isin(allowed, (0, 1)).all()):
        raise ScoreError(
            f"'admissible' must be a matrix of True and False of shape {shape}. Got shape "
            f"{allowed.shape}, type {allowed.dtype}."
        )
    return allowed.astype(bool)


def _check_scores(
    values: npt.NDArray[Any], allowed: BoolArray | None, mentees: Profiles, mentors: Profiles
) -> bool:
    """Raise unless what may be matched is in [0, 1]; return whether all the rest is as well."""
    if values.size == 0 or (values.min() >= 0 and values.max() <= 1):  # False for NaN
        return True
    with np.errstate(invalid="ignore"):
        wrong = ~((values >= 0) & (values <= 1))
    if allowed is not None:
        wrong &= allowed
    if not wrong.any():
        return False
    pairs = np.argwhere(wrong)
    named = [
        f"{mentees.ids[i]} with {mentors.ids[j]} (row {i}, column {j}): {values[i, j]:g}"
        for i, j in pairs[:20]
    ]
    more = f" and {len(pairs) - 20} more" if len(pairs) > 20 else ""
    raise ScoreError(
        f"Scores must be finite numbers in [0, 1]; {len(pairs)} are not: {', '.join(named)}{more}. "
        "Scale them to [0, 1], and mark pairs that may not be matched with admissible=."
    )


def _capacities(capacity: Any, mentors: Profiles) -> IntArray:
    m = len(mentors)
    given = np.asarray(capacity)
    if given.shape not in ((), (m,)):
        raise ScoreError(
            f"'capacity' must be one whole number, or one per mentor ({m}). Got shape "
            f"{given.shape}."
        )
    try:
        numbers = np.broadcast_to(given, (m,)).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ScoreError(f"'capacity' must hold whole numbers >= 0: {error}.") from error
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers == np.floor(numbers)) & (numbers < 2**62)))
    if len(wrong):
        who = listed(f"{mentors.ids[j]}: {numbers[j]:g}" for j in wrong)
        raise ScoreError(f"'capacity' must hold whole numbers >= 0. Got {who}.")
    return numbers.astype(np.int64)


__all__ = ["PRIOR", "PairParts", "Scores", "score"]
