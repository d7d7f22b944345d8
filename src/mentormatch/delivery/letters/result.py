"""Letters, as they are sent: a frame, mail files, a sheet for a mail merge."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from mentormatch.delivery.cells import sheet_text
from mentormatch.delivery.export import write_csv
from mentormatch.delivery.letters.facts import Kind, Partner
from mentormatch.delivery.letters.ical import calendar_text
from mentormatch.delivery.pen import book
from mentormatch.errors import ParameterError, UnknownPersonError, did_you_mean
from mentormatch.values import Public
from mentormatch.writing import replacing, write_file

__all__ = ["Letter", "Letters"]

COLUMNS = (
    "person", "name", "role", "kind", "email", "language", "partners", "first_meeting",
    "subject", "text",
)  # fmt: skip
_UNFIT = re.compile(r"[^\w.-]+", re.UNICODE)
LONGEST_NAME = 60
"""Characters of a person's name in the name of a file."""


@dataclass(frozen=True)
class Letter(Public):
    """One letter: to whom, about whom, and what it says.

    Attributes
    ----------
    person, name, first, email : str
        The reader; `email` is empty where the roster has none.
    role : str
        "mentee" or "mentor"; of groups "member" or "coach", of one pool "peer".
    kind : {"matched", "changed", "unmatched", "ended", "review"}
        "ended": she had somebody and now has nobody; "review": before the next review of goals.
    language : str
    partners : tuple of Partner
        Whom she is with today.
    subject, text : str
        Plain text.
    """

    person: str
    name: str
    first: str
    role: str
    kind: Kind
    email: str
    language: str
    partners: tuple[Partner, ...]
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}\n\n{self.text}"


@dataclass(frozen=True, eq=False)
class Letters(Public):
    """The letters of a programme: mentees or members first, each roster in its own order.

    Attributes
    ----------
    letters : tuple of Letter
    notes : tuple of str
        What whoever sends them should know: who has no address, how people are greeted.
    """

    letters: tuple[Letter, ...]
    notes: tuple[str, ...] = ()
    _plan: Callable[[], pd.DataFrame] = field(default=pd.DataFrame, repr=False)
    _by_person: dict[str, list[Letter]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for letter in self.letters:
            self._by_person.setdefault(letter.person, []).append(letter)

    @cached_property
    def meetings(self) -> pd.DataFrame:
        """The first meeting of every pair, as `check_ins` returns them: for `to_ics`."""
        return self._plan()

    def __len__(self) -> int:
        return len(self.letters)

    def __iter__(self) -> Iterator[Letter]:
        return iter(self.letters)

    def __contains__(self, person: object) -> bool:
        return person in self._by_person

    def __getitem__(self, person: str | tuple[str, str]) -> Letter:
        """Return the letter to a person, by id; to somebody in both roles by (id, role)."""
        name, role = person if isinstance(person, tuple) else (person, None)
        found = [x for x in self._by_person.get(name, ()) if role in (None, x.role)]
        if not found:
            raise UnknownPersonError(
                f"There is no letter to {name!r}. {did_you_mean(str(name), self._by_person)}"
            )
        if len(found) > 1:
            roles = [letter.role for letter in found]
            raise ParameterError(
                f"{name!r} gets two letters, as {roles[0]} and as {roles[1]}. "
                f"Ask for letters[{name!r}, {roles[0]!r}] or letters[{name!r}, {roles[1]!r}]."
            )
        return found[0]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per letter.

        `person` (id), `name`, `role`, `kind`, `email`, `language`, `partners` (ids, joined by
        "; "), `first_meeting` (UTC, the earliest of the new partners'), `subject`, `text`.
        """
        rows = [
            (
                x.person, x.name, x.role, x.kind, x.email, x.language,
                "; ".join(p.id for p in x.partners), _first(x), x.subject, x.text,
            )
            for x in self.letters
        ]  # fmt: skip
        made = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
        made["first_meeting"] = pd.to_datetime(made["first_meeting"], utc=True).astype(
            "datetime64[ns, UTC]"
        )
        return made

    def merge_frame(self) -> pd.DataFrame:
        """Return one row per letter with its parts in columns, for a mail merge.

        `Email`, `Name`, `First name`, `Role`, `Kind`, `Subject`, `Letter`, then for each partner
        `Partner 1`, `Partner 1 email`, `Partner 1 shared topics`, `Partner 1 first meeting`, ...
        """
        most = max((len(x.partners) for x in self.letters), default=0)
        rows = []
        for x in self.letters:
            row: dict[str, Any] = {
                "Email": x.email, "Name": x.name, "First name": x.first, "Role": x.role,
                "Kind": x.kind, "Subject": x.subject, "Letter": x.text,
            }  # fmt: skip
            for place, p in enumerate(x.partners, start=1):
                row[f"Partner {place}"] = p.name
                row[f"Partner {place} email"] = p.email
                row[f"Partner {place} shared topics"] = "; ".join(p.shared)
                row[f"Partner {place} first meeting"] = p.when
            rows.append(row)
        names = ["Email", "Name", "First name", "Role", "Kind", "Subject", "Letter"]
        for place in range(1, most + 1):
            own = (f"Partner {place}{end}" for end in ("", " email", " shared topics",
                                                       " first meeting"))  # fmt: skip
            names += own
        return pd.DataFrame(rows, columns=names, dtype=object).fillna("")

    def to_merge_sheet(self, path: str | PathLike[str]) -> Path:
        """Write `merge_frame` as a workbook or CSV file, for the mail merge of an office program.

        Parameters
        ----------
        path
            Ends in ``.xlsx`` or ``.csv``.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ParameterError
            If the path ends otherwise.
        """
        place = Path(path)
        if place.suffix.lower() == ".csv":
            write_csv(self.merge_frame(), place)
        elif place.suffix.lower() == ".xlsx":
            _write_sheet(self.merge_frame(), place)
        else:
            raise ParameterError(
                "The 'path' parameter of Letters.to_merge_sheet must end in .xlsx or .csv. "
                f"Got {str(path)!r}."
            )
        return place

    def to_eml(self, folder: str | PathLike[str], *, sender: str | None = None) -> list[Path]:
        """Write every letter as a mail draft (``.eml``), with its first meetings attached.

        Mail programs open the files as unsent messages. Letters without an address are written as
        well, with nobody in "To".

        Parameters
        ----------
        folder
            Made if it is not there; files of the same names are replaced.
        sender
            Address that the drafts come from; default: whoever opens and sends them.

        Returns
        -------
        list of Path
            One file per letter: number, role and name.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        width = len(str(len(self.letters)))
        written = []
        for number, letter in enumerate(self.letters, start=1):
            name = _UNFIT.sub("_", letter.name).strip("._")[:LONGEST_NAME]
            file = place / f"{number:0{width}}_{letter.role}_{name}.eml"
            write_file(file, bytes(self._message(letter, sender)))
            written.append(file)
        return written

    def _message(self, letter: Letter, sender: str | None) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["Subject"] = letter.subject
        if sender:
            message["From"] = sender
        if letter.email:
            try:
                message["To"] = Address(letter.name, addr_spec=letter.email)
            except (ValueError, IndexError):  # an address that mail does not know: as it is
                message["To"] = _plain_header(letter.email)
        message["X-Unsent"] = "1"
        message.set_content(letter.text.encode("utf-8", "replace").decode("utf-8"))
        if any(p.new and p.meeting for p in letter.partners):
            calendar = calendar_text(self._own_meetings(letter))
            message.add_attachment(
                calendar.encode("utf-8"),
                maintype="text",
                subtype="calendar",
                filename="first_meeting.ics",
                params={"charset": "utf-8", "method": "PUBLISH"},
            )
        return message

    def _own_meetings(self, letter: Letter) -> list[dict[Any, Any]]:
        new = [p.id for p in letter.partners if p.new and p.meeting]
        both = [((letter.person, other), (other, letter.person)) for other in new]
        # somebody may be mentee and mentor of one other: her role says which pair is meant
        turn = -1 if letter.role == "mentor" else 1
        return [
            next(self._events[pair] for pair in pairs[::turn] if pair in self._events)
            for pairs in both
        ]

    @cached_property
    def _events(self) -> dict[tuple[str, str], dict[Any, Any]]:
        """Each first meeting that has a time, by the ids of the pair."""
        held = self.meetings[self.meetings["start"].notna()]
        return {(row["mentee"], row["mentor"]): row for row in held.to_dict("records")}

    def __repr__(self) -> str:
        counts = Counter((x.role, x.kind) for x in self.letters)
        parts = ", ".join(
            f"{count} to {kind} {role}{_plural(role) if count > 1 else ''}"
            for (role, kind), count in counts.items()
        )
        return f"<Letters: {len(self.letters)}{f' ({parts})' if parts else ''}>"

    def _repr_html_(self) -> str:
        shown = "".join(
            f"<details><summary>{html.escape(x.name)}: {html.escape(x.subject)}</summary>"
            f"<pre style='white-space: pre-wrap'>{html.escape(x.text)}</pre></details>"
            for x in self.letters[:10]
        )
        rest = len(self.letters) - 10
        more = f"<p>and {rest} more letters</p>" if rest > 0 else ""
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"<p>{html.escape(repr(self))}</p>{notes}{shown}{more}"


def _plural(role: str) -> str:
    return "es" if role.endswith("ch") else "s"


def _first(letter: Letter) -> object:
    starts = [p.meeting.start for p in letter.partners if p.new and p.meeting is not None]
    return min(starts, default=None)


def _plain_header(text: str) -> str:
    return " ".join(text.split())


def _write_sheet(frame: pd.DataFrame, path: Path) -> None:
    with replacing(path) as file, book(file, "Letters") as made:
        sheet = made.add_worksheet("Letters")
        bold = made.add_format({"bold": True})
        for place, name in enumerate(frame.columns):
            sheet.write_string(0, place, str(name), bold)
        for line, values in enumerate(frame.itertuples(index=False), start=1):
            for place, value in enumerate(values):
                sheet.write_string(line, place, sheet_text(value))
        sheet.freeze_panes(1, 0)
        if len(frame):
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
