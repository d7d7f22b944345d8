"""Matching: who is with whom, how good that is, and the proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mentormatch.doors import upstairs
from mentormatch.errors import Status
from mentormatch.matching.answer import Answer, Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import freeze
from mentormatch.scoring.engine import plain

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from mentormatch.matching.case import Constraint
    from mentormatch.matching.objectives import Objective
    from mentormatch.matching.proof import Proof
    from mentormatch.scoring.scores import Scores

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Matching(Answer):
    """The result of `solve`: data only; questions about it are functions (`explain`, `audit`).

    Attributes
    ----------
    problem : Problem
        What was solved; n mentees, m mentors.
    mentors_of : int64 (n, k)
        Positions of each mentee's mentors, padded with -1; k is 1 unless more were asked for.
    stages : tuple of Stage
        Per objective, in order: value, bound, unit.
    mentor_price : int64 (m,)
        Dual price of a seat in points (millionths of score), among matchings of as many mentees.
    matched_price : int64 (m,)
        How many more mentees one more seat would match.
    unique : bool
        Whether no other matching is as good, before ties were decided.
    status : Status
        How the solve ended, equal to its word ("optimal", "within_gap", "time_limit",
        "work_limit", "interrupted", "stable", "given"); ``status.sentence`` says what it means.
    route : str
        Which exact algorithm ran.
    seconds : float
        Wall time of `solve`.
    priced : bool
        Whether the route gives dual prices; otherwise they are 0 here and missing in `load`.
    notes : tuple of str
        What whoever reads the result should know: that of `Scores.notes`, and seats that
        constraints leave empty. Shown by the first page of the workbook and the report as well.
    """

    problem: Problem
    mentors_of: IntArray
    stages: tuple[Stage, ...]
    mentor_price: IntArray
    matched_price: IntArray
    unique: bool
    status: Status
    route: str
    seconds: float = field(compare=False)
    priced: bool = True
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("mentors_of", "mentor_price", "matched_price"):
            object.__setattr__(self, name, freeze(getattr(self, name)))

    def _identity(self) -> tuple[Any, ...]:
        return self.problem, self.mentors_of.tobytes()

    @property
    def counts(self) -> str:
        """How many are matched, in words: "40 of 42 mentees, 16 mentors"."""
        matched = int((self.assignment >= 0).sum())
        return (
            f"{matched:,} of {len(self.assignment):,} mentees, {len(self.mentor_price):,} mentors"
        )

    @property
    def assignment(self) -> IntArray:
        """int64 (n,): position of each mentee's (first) mentor, -1 where unmatched."""
        return self.mentors_of[:, 0]

    @property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """Positions of the matched pairs: mentees and mentors, both int64 (pairs,)."""
        rows, slots = np.nonzero(self.mentors_of >= 0)
        return rows, self.mentors_of[rows, slots]

    def __len__(self) -> int:
        return len(self.pairs[0])

    def __bool__(self) -> bool:
        return True  # a matching, also one of nobody

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the (mentee, mentor) ids of the matched pairs."""
        scores = self.problem.scores
        for i, j in zip(*self.pairs, strict=True):
            yield scores.mentees.ids[i], scores.mentors.ids[j]

    def __contains__(self, who: object) -> bool:
        """Tell whether a mentee (id) is matched, or a (mentee, mentor) pair is."""
        mentee, mentor = who if isinstance(who, tuple) and len(who) == 2 else (who, None)
        if mentee not in self.problem.scores.mentees.ids:
            return False
        mentors = self[mentee]
        return bool(mentors) if mentor is None else mentor in mentors

    def __getitem__(self, mentee: str) -> tuple[str, ...]:
        """Return the ids of a mentee's mentors, best score first; empty where she has none.

        Raises
        ------
        UnknownPersonError
            If no mentee has this id, e-mail or unambiguous name.
        """
        scores = self.problem.scores
        row = self.mentors_of[scores.mentees.position(mentee)]
        return tuple(scores.mentors.ids[j] for j in row.tolist() if j >= 0)

    @classmethod
    def from_pairs(
        cls,
        scores: Scores,
        pairs: Any,
        *,
        objectives: Sequence[Objective] | None = None,
        constraints: Sequence[Constraint] = (),
        seed: int = 0,
    ) -> Matching:
        """Take pairs that another system or a person made, to explain, audit and compare them.

        Parameters
        ----------
        scores
            What the pairs are worth by your criteria; n mentees, m mentors.
        pairs
            (mentee, mentor) pairs by id, e-mail or name; a frame with these two columns, a dict
            {mentee: mentor or mentors}, or a `Matching`. A mentee beside nobody is unmatched.
        objectives, constraints, seed
            As in `Problem`: what the pairs are measured by, and what `rematch` goes on with.

        Returns
        -------
        Matching
            ``status == "given"``: no bound is known. What the pairs break is not hidden:
            `broken` lists it and `notes` counts it.

        Raises
        ------
        UnknownPersonError
            Naming everybody who is on neither roster.

        Examples
        --------
        >>> import numpy as np, mentormatch as mm
        >>> scores = mm.Scores.from_matrix(np.array([[0.9, 0.4], [0.8, 0.1]]), capacity=[1, 1])
        >>> mine = mm.Matching.from_pairs(scores, {"mentee 1": "mentor 1", "mentee 2": "mentor 2"})
        >>> mine.objective, mm.solve(mine.problem).objective
        (1.0, 1.2)
        """
        chosen = {} if objectives is None else {"objectives": objectives}
        return upstairs("matching.given", "matching_of_pairs")(  # type: ignore[no-any-return]
            scores, pairs, constraints=constraints, seed=seed, **chosen
        )

    @cached_property
    def broken(self) -> pd.DataFrame:
        """What the pairs break, one row each: `kind`, `mentee`, `mentor`, `reason`.

        Empty for what `solve` found; see `from_pairs`.
        """
        return upstairs("matching.broken", "broken")(self.problem, self.pairs)  # type: ignore[no-any-return]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Ids of the mentees without a mentor, in roster order."""
        ids = self.problem.scores.mentees.ids
        return tuple(ids[int(row)] for row in np.flatnonzero(self.assignment < 0))

    @cached_property
    def load(self) -> pd.DataFrame:
        """One row per mentor: what is used, what is left, what one more seat would bring.

        `dual_price` is in score units and exact: with one more seat at this mentor and nothing
        else changed, `dual_matched` more mentees would be matched and the total would change by
        `dual_price`. Where the two are negative, a least load holds people with this mentor whom
        another would suit better: one more seat brings nothing. From these two columns
        and the scores anyone can recompute the bound.

        Where constraints are rows, `dual_matched` is missing, and `dual_price` is given where
        the prices of `proof` prove the total to be the best: one more seat at this mentor then
        raises it by at most so much.
        """
        import pandas as pd

        mentors = self.problem.scores.mentors
        load = np.bincount(self.pairs[1], minlength=len(mentors))
        priced = self.priced
        price: npt.NDArray[np.float64] = np.full(len(mentors), np.nan)
        if priced:
            price = self.mentor_price / MILLION
        elif self.proof is not None and self.proof.bound < self.objective + 1 / MILLION:
            price = self.proof.seat_price  # no total lies between: in whole points it is the best
        return pd.DataFrame(
            {
                "mentor": np.array(mentors.ids, dtype=object),
                "load": load,
                "capacity": mentors.capacity,
                "slack": mentors.capacity - load,
                "dual_matched": self.matched_price if priced else np.nan,
                "dual_price": price,
            }
        )

    @cached_property
    def proof(self) -> Proof | None:
        """Prices per seat and per row that bound the total, where constraints are rows.

        None for `priced` routes, whose prices are in `load`, for stable matchings, and where
        there are none (see `Proof`). `proof.bound` is what the prices prove; `bound` may be lower,
        where integer programming has proven more.
        """
        from mentormatch.matching.proof import prove

        return (
            None
            if self.priced or self.status in (Status.STABLE, Status.GIVEN)
            else prove(self.problem, self.assignment)
        )

    @cached_property
    def repairs(self) -> pd.DataFrame:
        """Every guess and repair made while reading and scoring, of both rosters."""
        return self.problem.scores.repairs

    def to_frame(self) -> pd.DataFrame:
        """Return one row per matched pair.

        Returns
        -------
        DataFrame
            `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `score`, `rank` (1: the best
            admissible mentor for this mentee), `evidence` (share of the weight answered), then
            one column per criterion (its value in [0, 1], missing where not answered).
        """
        import pandas as pd

        scores = self.problem.scores
        rows, columns = self.pairs
        frame = pd.DataFrame(
            {
                "mentee": pd.Series([scores.mentees.ids[i] for i in rows], dtype=object),
                "mentor": pd.Series([scores.mentors.ids[j] for j in columns], dtype=object),
                "mentee_name": pd.Series([scores.mentees.name(i) for i in rows], dtype=object),
                "mentor_name": pd.Series([scores.mentors.name(j) for j in columns], dtype=object),
                "score": plain(scores.at(rows, columns)) / MILLION,
                "rank": self.once("ranks", lambda: self._ranks(rows, columns)),
            }
        )
        parts = scores._at(rows, columns)
        frame["evidence"] = parts.evidence
        for name, values in zip(parts.names, parts.parts.T, strict=True):
            frame[name] = values
        return frame

    def defects(self, *, time_limit: float | None = None) -> pd.DataFrame:
        """Return one row per pair with a defect: which, whether avoidable, and at what cost.

        Returns
        -------
        DataFrame
            `mentee`, `mentor` (ids), `mentee_name`, `mentor_name`, `defects` (in words),
            `avoidable` (whether a matching of as many people with the fewest such pairs leaves
            this mentee without a defect), `cost` (by how much its total score is lower,
            for all avoidable pairs together). One more solve, of at most `time_limit` seconds,
            where they may be avoidable.
        """
        return upstairs("insight.defects", "defects_frame")(self, time_limit=time_limit)  # type: ignore[no-any-return]

    def _ranks(self, rows: IntArray, columns: IntArray) -> IntArray:
        scores = self.problem.scores
        return scores.better(rows, plain(scores.at(rows, columns))) + 1

    @property
    def manifest(self) -> dict[str, Any]:
        """What made this matching: versions, input hashes, weights, rules, seed, certificate."""
        return upstairs("matching.manifest", "manifest")(self)  # type: ignore[no-any-return]

    def to_excel(
        self,
        path: str | PathLike[str],
        *,
        by: Sequence[str] | None = None,
        audience: Literal["reviewer", "administrator"] = "administrator",
        evaluation: Any = None,
    ) -> Path:
        """Write the review workbook: matches, defects, unmatched, loads, audit, repairs, settings.

        Parameters
        ----------
        path
            File to write, ending in ``.xlsx``.
        by
            Columns to audit; default: the sensitive attributes that the rosters have.
        audience
            "reviewer" leaves out groups of people and what criteria about sensitive answers add.
        evaluation
            What came of it, from `evaluate`, as a sheet of its own.

        Returns
        -------
        Path
            The file written.
        """
        upstairs("delivery.workbook", "write_workbook")(
            self, path, by=by, audience=audience, evaluation=evaluation
        )
        return Path(path)

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return the matched pairs as CSV; also write them to a path."""
        return upstairs("delivery.export", "to_csv")(self, path)  # type: ignore[no-any-return]

    def to_json(self, path: str | PathLike[str] | None = None, *, answers: bool = True) -> str:
        """Return the matching as JSON, and write it to a path; `from_json` loads it again.

        With ``answers=False`` without what that needs: the rosters' answers and the scores.
        """
        return upstairs("delivery.export", "to_json")(self, path, answers=answers)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, source: str | PathLike[str] | bytes) -> Matching:
        """Load a matching that `to_json` wrote, from a path or from the text itself.

        What is loaded equals what was saved, so that `explain`, `audit` and `rematch` answer the
        same. Of a criterion that is a function only the values are there, and `notes` say so.

        Raises
        ------
        SavedFileError
            If it is cut off, was changed, or is of a format that this version cannot read.
        """
        return upstairs("delivery.saved.files", "from_json")(Matching, source)  # type: ignore[no-any-return]

    def to_parquet(self, path: str | PathLike[str], *, answers: bool = True) -> Path:
        """Write the matching as parquet, and return the path: one row per mentee.

        Any tool reads `mentee`, `mentee_name`, `mentors`, `mentor_names` and `scores` of it;
        `from_parquet` loads the whole. Needs pyarrow. With ``answers=False`` the pairs of `to_csv`,
        one row per pair, which needs no matrix of scores and cannot be loaded.
        """
        write = upstairs("delivery.saved.parquet", "matching_to_parquet")
        return write(self, path, answers=answers)  # type: ignore[no-any-return]

    @classmethod
    def from_parquet(cls, path: str | PathLike[str]) -> Matching:
        """Load a matching that `to_parquet` wrote; otherwise as `from_json`."""
        return upstairs("delivery.saved.parquet", "from_parquet")(Matching, path)  # type: ignore[no-any-return]

    def to_chronus(self, path: str | PathLike[str] | None = None) -> str:
        """Write the two columns that Chronus imports: mentor and mentee e-mail addresses."""
        return upstairs("delivery.export", "to_chronus")(self, path)  # type: ignore[no-any-return]

    def _headline(self) -> str:
        """How many are matched, and what was asked for last, by its own name."""
        n = len(self.assignment)
        matched = int((self.assignment >= 0).sum())
        return f"{matched:,} of {n:,} mentees matched, {self._reached()}"

    def _reached(self) -> str:
        last = self.stages[-1]
        if last.objective in ("MaximizeTotal", "TotalScore"):
            pairs = max(len(self.pairs[0]), 1)
            return f"total score {last.value:,.3f} (mean {last.value / pairs:.3f})"
        if last.unit == "score":
            return f"{last.objective} {last.value:.3f}"
        return f"{last.objective} {last.value:,.6g}"


def total_points(matching: Matching) -> int:
    """Return the sum of the pairs' scores in points, of locked pairs that a rule bars too."""
    return int(plain(matching.problem.scores.at(*matching.pairs)).sum(dtype=np.int64))
