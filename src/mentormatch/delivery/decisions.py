"""From the rows of a review workbook to decisions: what is kept, rejected, and changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mentormatch.delivery.cells import sheet_text
from mentormatch.delivery.matches import KEEP, REJECT, SWAP
from mentormatch.delivery.review_rows import DECISIONS, Cell, Cells, person
from mentormatch.errors import did_you_mean, nearest
from mentormatch.insight.swaps import swaps
from mentormatch.matching.matching import Matching
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.findings import Findings

__all__ = ["BY_HAND", "Change", "Decided", "Row", "decided"]

BY_HAND, MAKES_ROOM = "by hand", "makes room"
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """What one row of a sheet decides; positions, mentor -1 for an unmatched mentee."""

    sheet: str
    number: int
    mentee: int
    mentor: int
    decision: str
    comment: str


@dataclass(frozen=True)
class Change:
    """A pair that becomes another one, or none (after -1); before -1: had none."""

    mentee: int
    before: int
    after: int
    why: str
    cell: str
    row: Row | None = None


@dataclass(frozen=True, eq=False)
class Decided:
    """Everything that was decided.

    rows : in the order of the sheets.
    changes : pairs changed by hand, makings of room for them, rejected pairs.
    missing : (mentee, mentor) pairs without a row.
    """

    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    missing: tuple[tuple[int, int], ...]

    def pairs(self, matching: Matching, *, rejected: bool) -> tuple[IntArray, IntArray]:
        """Return the pairs once all changes are made; `rejected`: with those that are rejected."""
        left = {(c.mentee, c.before) for c in self.changes if c.after >= 0 or not rejected}
        pairs = zip(*(places.tolist() for places in matching.pairs), strict=True)
        after = [pair for pair in pairs if pair not in left]
        after += [(c.mentee, c.after) for c in self.changes if c.after >= 0]
        places = np.array(after, dtype=np.int64).reshape(-1, 2)
        return places[:, 0], places[:, 1]

    def cells_to(self, mentor: int) -> str:
        """Return the cells that give a mentor somebody, or take somebody away."""
        return ", ".join(c.cell for c in self.changes if mentor in (c.after, c.before))

    def others_with(self, matching: Matching, mentor: int) -> list[int]:
        """Return the mentees of a mentor about whom nothing was decided."""
        settled = {(r.mentee, r.mentor) for r in self.rows if r.decision == KEEP}
        settled |= {(c.mentee, c.before) for c in self.changes}
        rows, columns = matching.pairs
        mine = rows[columns == mentor].tolist()
        return [mentee for mentee in mine if (mentee, mentor) not in settled]


@dataclass(eq=False)
class _Draft:
    """One row while it is read: whom it is about, and the new mentors that its cells name."""

    cells: Cells
    mentee: int
    mentor: int
    decision: str
    targets: dict[int, Cell] = field(default_factory=dict)

    @property
    def row(self) -> Row:
        word = self.decision or (BY_HAND if self.targets else "")
        comment = self.cells["Comment"].text
        return Row(self.cells.sheet, self.cells.row, self.mentee, self.mentor, word, comment)


def decided(rows: Sequence[Cells], matching: Matching, findings: Findings) -> Decided:
    """Return what the rows decide; note every cell that cannot be understood."""
    drafts = [draft for cells in rows if (draft := _draft(cells, matching, findings))]
    _refuse_repeated(drafts, findings)
    if findings.any_fatal:
        return Decided((), (), ())
    changes = _changes(drafts, matching, findings)
    seen = {(draft.mentee, draft.mentor) for draft in drafts}
    pairs = zip(*(places.tolist() for places in matching.pairs), strict=True)
    missing = tuple(pair for pair in pairs if pair not in seen)
    return Decided(tuple(draft.row for draft in drafts), tuple(changes), missing)


def _draft(cells: Cells, matching: Matching, findings: Findings) -> _Draft | None:
    scores = matching.problem.scores
    about = cells["Mentee id"] if cells["Mentee id"].letters else cells["Id"]
    word = cells["Decision"].text.casefold()
    if not about.text:
        filled = [cells[name] for name in ("Decision", "New mentor") if cells[name].text]
        for cell in filled:
            cell.wrong(findings, "the row has no mentee id", "put the id back, or clear the cell")
        return None
    mentee = person(about, scores.mentees, findings)
    if word not in ("", KEEP, SWAP, REJECT):
        said = cells["Decision"].text
        near = did_you_mean(word, DECISIONS) if nearest(word, DECISIONS) else ""
        cells["Decision"].wrong(
            findings, f"{said!r} is no decision",
            f"{near} Write keep (they stay together), swap (she gets another mentor), reject (she "
            "is not matched with this mentor), or nothing (not decided)".strip(),
        )  # fmt: skip
        return None
    if mentee < 0:
        return None
    _check_name(cells, about, mentee, matching, findings)
    mine = [j for j in matching.mentors_of[mentee].tolist() if j >= 0]
    draft = _Draft(cells, mentee, -1, word)
    if cells["Mentor id"].letters:
        held = person(cells["Mentor id"], scores.mentors, findings)
        if held < 0:
            return None
        draft.mentor = held if held in mine else mine[0] if mine else -1
        if held not in mine:
            draft.targets[held] = cells["Mentor id"]
        elif len(mine) > 1:
            draft.mentor = held
        _by_name(draft, matching, findings)
    if cells["New mentor"].text:
        new = person(cells["New mentor"], scores.mentors, findings)
        if new >= 0 and new in mine:
            cells["New mentor"].wrong(
                findings, f"{scores.mentors.name(new)} is her mentor already",
                "name another, or clear the cell",
            )  # fmt: skip
        elif new >= 0:
            draft.targets[new] = cells["New mentor"]
    _check_draft(draft, findings)
    return draft


def _check_name(
    cells: Cells, about: Cell, mentee: int, matching: Matching, findings: Findings
) -> None:
    """Note if the mentee's name was changed and the id was not: which of the two is meant?"""
    shown, name = cells["Mentee"], matching.problem.scores.mentees.name(mentee)
    if shown.text and label_key(shown.text) != label_key(sheet_text(name)):
        shown.wrong(
            findings, f"it names {shown.text!r}, and {about.name} names {name!r}",
            "to swap two mentees change their mentors: Mentor, or New mentor",
        )  # fmt: skip


def _by_name(draft: _Draft, matching: Matching, findings: Findings) -> None:
    """Take a mentor's name that was written over the old one as a change by hand."""
    mentors, shown = matching.problem.scores.mentors, draft.cells["Mentor"]
    if not shown.letters or draft.mentor < 0:
        return
    known = [draft.mentor, *draft.targets]
    if label_key(shown.text) in {label_key(sheet_text(mentors.name(j))) for j in known}:
        return
    if not shown.text:
        if draft.decision != REJECT:
            shown.wrong(findings, "the mentor is gone", "write reject, or put the name back")
        return
    named = person(shown, mentors, findings)
    if named >= 0 and named != draft.mentor:
        draft.targets[named] = shown


def _check_draft(draft: _Draft, findings: Findings) -> None:
    cells = list(draft.targets.values())
    if len(cells) > 1:
        cells[-1].wrong(
            findings, f"{cells[0].name} names another mentor ({cells[0].text})",
            "name one new mentor only",
        )  # fmt: skip
    if cells and draft.decision in (KEEP, REJECT):
        cells[0].wrong(
            findings,
            f"names another mentor, and {draft.cells['Decision'].name} says {draft.decision!r}",
            "write swap, or put the mentor back",
        )


def _refuse_repeated(drafts: Iterable[_Draft], findings: Findings) -> None:
    """Note rows that are there twice."""
    first: dict[tuple[int, int], _Draft] = {}
    for draft in drafts:
        key = draft.mentee, draft.mentor
        if key in first:
            cell = draft.cells["Mentee id"] if draft.mentor >= 0 else draft.cells["Id"]
            other = first[key].cells
            cell.wrong(
                findings, f"row {other.row} of {other.sheet} is about the same pair",
                "delete one of the rows",
            )  # fmt: skip
        first.setdefault(key, draft)


def _changes(drafts: Sequence[_Draft], matching: Matching, findings: Findings) -> list[Change]:
    """Return the changes that the rows make, and those that make room for a first alternate."""
    said = {(draft.mentee, draft.mentor): draft for draft in drafts}
    pairs = zip(*(places.tolist() for places in matching.pairs), strict=True)
    place = {pair: k for k, pair in enumerate(pairs)}
    open_swaps = [d for d in drafts if d.decision == SWAP and not d.targets]
    found = swaps(matching) if open_swaps else None
    changes: list[Change] = []
    for draft in drafts:
        cell = draft.cells["Decision"]
        if draft.decision == REJECT:
            changes.append(Change(draft.mentee, draft.mentor, -1, REJECT, cell.name, draft.row))
        for target, named in draft.targets.items():
            why = SWAP if draft.decision == SWAP else BY_HAND
            changes.append(Change(draft.mentee, draft.mentor, target, why, named.name, draft.row))
    for draft in open_swaps:
        assert found is not None
        pair = place[draft.mentee, draft.mentor]
        target, partner = int(found.mentor[pair, 0]), int(found.partner[pair, 0])
        cell = draft.cells["Decision"]
        if target < 0:
            cell.wrong(
                findings, "there is no alternate to swap to", "name one in New mentor, or reject"
            )
            continue
        changes.append(Change(draft.mentee, draft.mentor, target, SWAP, cell.name, draft.row))
        if partner >= 0:
            changes += _room(draft, partner, target, said, matching, findings)
    return _once(changes, matching, findings)


def _room(
    draft: _Draft,
    partner: int,
    mentor: int,
    said: Mapping[tuple[int, int], _Draft],
    matching: Matching,
    findings: Findings,
) -> list[Change]:
    """Return the move of who gives way, unless her own row decides otherwise."""
    own = said.get((partner, mentor))
    cell = draft.cells["Decision"]
    if own is not None and own.decision == KEEP:
        name = matching.problem.scores.mentees.name(partner)
        cell.wrong(
            findings, f"{name} would have to move, whose row says keep "
            f"({own.cells['Decision'].name})", "name another mentor in New mentor",
        )  # fmt: skip
        return []
    if own is not None and (own.decision or own.targets):
        return []
    row = None if own is None else own.row
    return [Change(partner, mentor, draft.mentor, MAKES_ROOM, cell.name, row)]


def _once(changes: Sequence[Change], matching: Matching, findings: Findings) -> list[Change]:
    """Return the changes; note pairs that two cells change in different ways."""
    made: dict[tuple[int, int], Change] = {}
    for change in changes:
        key = change.mentee, change.before
        first = made.setdefault(key, change)
        if first.after != change.after:
            name = matching.problem.scores.mentees.name(change.mentee)
            findings.note(
                "review_cell", f"{first.cell} and {change.cell} both move {name}, differently",
                "name new mentors for both in New mentor", fatal=True,
            )  # fmt: skip
    return list(made.values())
