"""A matching that `match` or `rematch` saved, as the jobs after them read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from mentormatch.command.called import program
from mentormatch.delivery.saved.files import kind_in
from mentormatch.errors import ParameterError, listed
from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import label_key

__all__ = [
    "LOADED",
    "OUTPUTS",
    "Audience",
    "by_fields",
    "check_audience",
    "load",
    "load_any",
    "writer",
]

Audience: TypeAlias = Literal["reviewer", "administrator"]
LOADED: dict[str, Callable[[Path], Matching]] = {
    ".json": Matching.from_json,
    ".parquet": Matching.from_parquet,
}
"""Endings of files that hold a whole matching, and what reads them."""
FORMS: dict[str, type[Form]] = {
    kind.__name__: kind for kind in (Suggestions, Groups, Peers, Timetable)
}
"""What the jobs of other forms save."""
OUTPUTS = (".xlsx", ".csv", *LOADED)
"""Endings of what a matching is written to."""


def load(path: Path) -> Matching:
    """Read a saved matching.

    Raises
    ------
    MentormatchError
        If it is no saved matching.
    """
    read = LOADED.get(path.suffix.lower())
    if read is None:
        raise ParameterError(
            f"{path} is no saved matching ({' or '.join(LOADED)}). Make one first: {program()} "
            "MENTEES MENTORS -o matches.json"
        )
    return read(path)


def by_fields(words: Sequence[str] | None, programme: Matching | Form) -> list[str] | None:
    """Return the fields that ``--by`` names, by themselves or by a header of the files.

    A word that is neither is returned as it is, so that who reads it says what there is.
    """
    if words is None:
        return None
    matching = programme if isinstance(programme, Matching) else programme.paired()
    scores = matching.problem.scores
    fields: dict[str, str] = {}
    for profiles in (scores.mentees, scores.mentors):
        fields |= {label_key(name): name for name in profiles.columns}
    for profiles in (scores.mentees, scores.mentors):
        mapping = profiles.mapping
        for header, field in zip(mapping["column"], mapping["field"], strict=True):
            if field in profiles.columns:
                fields.setdefault(label_key(header), field)
    return [fields.get(label_key(word), word) for word in words]


def load_any(path: Path) -> Matching | Form:
    """Read a saved matching, or saved lists, groups, peers or rounds.

    Raises
    ------
    MentormatchError
        If it is neither.
    """
    kind = FORMS.get(kind_in(path) or "") if path.suffix.lower() == ".json" else None
    return load(path) if kind is None else kind.from_json(path)


def writer(matching: Matching, path: Path, audience: Audience) -> Callable[[Path], object]:
    """Return what writes a matching to a file with this ending."""
    writers: dict[str, Callable[[Path], object]] = {
        ".xlsx": lambda place: matching.to_excel(place, audience=audience),
        ".csv": matching.to_csv,
        ".json": matching.to_json,
        ".parquet": matching.to_parquet,
    }
    return writers[path.suffix.lower()]


def check_audience(audience: Audience, outputs: list[Path]) -> None:
    """Refuse to write for a reviewer what holds every answer.

    Raises
    ------
    ParameterError
        Naming the files.
    """
    whole = [path.name for path in outputs if path.suffix.lower() != ".xlsx"]
    if audience == "reviewer" and whole:
        raise ParameterError(
            f"--audience reviewer is for workbooks; {listed(whole)} would hold everything. Write "
            "it for yourself, without --audience."
        )
