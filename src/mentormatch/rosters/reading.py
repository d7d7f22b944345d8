"""One reading of a roster: whose it is, what the caller settled about it, what was found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mentormatch.errors import check_parameter
from mentormatch.rosters.findings import Findings

KINDS = ("category", "number", "labels", "text", "hours", "people", "vector")
"""How the caller may have a column read."""


@dataclass(frozen=True)
class Choices:
    """What the caller settled about a reading; empty where the reading decides.

    both : whether mentees and mentors are read from the same source.
    """

    columns: Mapping[str, str | Sequence[str] | None] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    drop_rows: tuple[int, ...] = ()
    sheet: str | int | None = None
    header_row: int | None = None
    encoding: str | None = None
    both: bool = False

    def check(self) -> None:
        """Raise a ParameterError if a kind is unknown."""
        for name, kind in self.kinds.items():
            check_parameter(
                kind in KINDS, f"kinds[{name!r}]", "read_roster", f"one of {KINDS}", kind
            )


@dataclass
class Reading(Findings):
    """What is handed down to whatever reads a part of a roster, and where it lists what it found.

    source : name of the file or files.
    role : whose roster it is.
    choices : what the caller settled.
    settled : headers about which nothing need be asked.
    tell_roles : header of each column that tells who is a mentee and who a mentor -> the one of
        `headers.ROLE_FIELDS` that it holds.
    some_are_both : whether somebody said to be of both roles.
    """

    role: str = "mentee"
    choices: Choices = field(default_factory=Choices)
    settled: set[str] = field(default_factory=set)
    tell_roles: dict[str, str] = field(default_factory=dict)
    some_are_both: bool = False

    def ask(
        self, code: str, headers: Sequence[str], question: str, read_as: str, settle: Sequence[str]
    ) -> None:
        """Add a question about these columns, unless all of them were settled by the caller."""
        if not headers or not self.settled.issuperset(headers):
            super().ask(code, headers, question, read_as, settle)
