"""Scores of listed pairs, as they are handed in: a sparse matrix, or a frame of three columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ScoreError, UnknownPersonError, listed
from mentormatch.rosters.columns import FloatArray, IntArray
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.frames import profiles_of

__all__ = ["Handed", "handed_pairs", "is_sparse"]

COLUMNS = ("mentee", "mentor", "score")


@dataclass(frozen=True, eq=False)
class Handed:
    """Pairs by position, by mentee and then by mentor, each once, and their scores in [0, 1]."""

    mentees: Profiles
    mentors: Profiles
    rows: IntArray
    columns: IntArray
    scores: npt.NDArray[np.float32]
    made_up: bool = field(default=False)

    def sparse(self) -> Any:
        """Return float32 (n, m) as scipy's CSR; what is not stored is not listed."""
        from scipy.sparse import csr_array

        n, m = len(self.mentees), len(self.mentors)
        indptr = np.searchsorted(self.rows, np.arange(n + 1))
        return csr_array((self.scores, self.columns, indptr), shape=(n, m))


def is_sparse(matrix: object) -> bool:
    """Tell whether it is one of scipy's sparse matrices or arrays."""
    return hasattr(matrix, "tocoo") and hasattr(matrix, "nnz")


def handed_pairs(pairs: Any, mentees: Any, mentors: Any) -> Handed:
    """Return the pairs that `Scores.from_pairs` was given, checked.

    Raises
    ------
    ScoreError
        If they are no pairs, one is listed twice, or a score is not in [0, 1]; naming all.
    UnknownPersonError
        If a frame names somebody who is on neither roster; all of them.
    """
    made_up = False
    if is_sparse(pairs):
        rows, columns, values, shape = _from_sparse(pairs)
        ours = profiles_of(mentees, "mentee", shape[0], None)
        theirs = profiles_of(mentors, "mentor", shape[1], None)
        made_up = mentees is None and mentors is None
    else:
        named, values = _from_frame(pairs)
        ours, rows = _people(mentees, "mentee", named[0])
        theirs, columns = _people(mentors, "mentor", named[1])
        _refuse_unknown(ours, named[0], rows, theirs, named[1], columns)
    order = np.lexsort((columns, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    _check_once(rows, columns, ours, theirs)
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(wrong):
        told = listed(
            f"{ours.ids[rows[k]]} with {theirs.ids[columns[k]]}: {values[k]:g}" for k in wrong
        )
        raise ScoreError(
            f"Scores must be finite numbers in [0, 1]; {len(wrong)} are not: {told}. Scale them "
            "to [0, 1], and leave out pairs that may not be matched."
        )
    return Handed(ours, theirs, rows, columns, values.astype(np.float32), made_up)


def _from_sparse(matrix: Any) -> tuple[IntArray, IntArray, FloatArray, tuple[int, int]]:
    if len(matrix.shape) != 2:
        raise ScoreError(
            f"A sparse matrix of scores must have the shape (mentees, mentors). Got {matrix.shape}."
        )
    entries = matrix.tocoo()
    if entries.data.dtype.kind not in "fiub":
        raise ScoreError(f"The scores must be numbers in [0, 1]. Got dtype {entries.data.dtype}.")
    row, column = entries.row.astype(np.int64), entries.col.astype(np.int64)
    n, m = matrix.shape
    return row, column, entries.data.astype(np.float64), (int(n), int(m))


def _from_frame(frame: Any) -> tuple[tuple[list[str], list[str]], FloatArray]:
    if not hasattr(frame, "columns"):
        raise ScoreError(
            "Pairs must be a sparse matrix (scipy), or a frame with the columns 'mentee', "
            f"'mentor' and 'score'. Got {type(frame).__name__}."
        )
    import narwhals.stable.v2 as nw

    data = nw.from_native(frame, eager_only=True)
    missing = [name for name in COLUMNS if name not in data.columns]
    if missing:
        raise ScoreError(
            f"A frame of pairs needs the columns 'mentee', 'mentor' and 'score'. Missing: "
            f"{listed(missing)}; got {listed(data.columns)}."
        )
    people = [[str(one) for one in data[name].to_list()] for name in COLUMNS[:2]]
    try:
        values = np.array(
            [np.nan if one is None else one for one in data["score"].to_list()], dtype=np.float64
        )
    except (TypeError, ValueError) as error:
        raise ScoreError(f"The column 'score' must hold numbers in [0, 1]: {error}.") from error
    return (people[0], people[1]), values


def _people(given: Any, role: Any, named: Sequence[str]) -> tuple[Profiles, IntArray]:
    """Return one side's people, and who is meant by each name; -1: nobody."""
    if given is None:
        ids = list(dict.fromkeys(named))
        profiles = profiles_of(None, role, len(ids), ids)
    else:
        size = len(given)
        profiles = profiles_of(given, role, size, None)
    exact = {person: place for place, person in enumerate(profiles.ids)}
    found: dict[str, int] = {}
    for name in dict.fromkeys(named):
        found[name] = exact[name] if name in exact else _meant(profiles, name)
    return profiles, np.array([found[name] for name in named], dtype=np.int64)


def _meant(profiles: Profiles, name: str) -> int:
    try:
        return profiles.position(name)
    except UnknownPersonError:
        return -1


def _refuse_unknown(
    ours: Profiles, mine: Sequence[str], rows: IntArray,
    theirs: Profiles, yours: Sequence[str], columns: IntArray,
) -> None:  # fmt: skip
    unknown = [
        f"{profiles.role} {name!r}"
        for profiles, names, places in ((ours, mine, rows), (theirs, yours, columns))
        for name in dict.fromkeys(names[k] for k in np.flatnonzero(places < 0).tolist())
    ]
    if unknown:
        raise UnknownPersonError(
            "The pairs name people who are not on the roster (by id, e-mail or unambiguous name): "
            f"{listed(unknown)}.", people=unknown,
        )  # fmt: skip


def _check_once(rows: IntArray, columns: IntArray, ours: Profiles, theirs: Profiles) -> None:
    again = (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1])
    if again.any():
        pairs = dict.fromkeys(
            f"{ours.ids[rows[k]]} with {theirs.ids[columns[k]]}" for k in np.flatnonzero(again)
        )
        raise ScoreError(f"These pairs are listed more than once: {listed(pairs)}.")
