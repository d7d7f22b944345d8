"""What people decided in the review workbook, read back: its costs, rules it breaks, who moves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mentormatch.delivery.decisions import Decided, decided
from mentormatch.delivery.matches import KEEP
from mentormatch.delivery.review_rows import rows_of
from mentormatch.domains import typed
from mentormatch.errors import InfeasibleError, UnknownPersonError, listed
from mentormatch.insight.setting_words import constraint_words
from mentormatch.insight.why_not import forbidding
from mentormatch.matching.broken import unkept
from mentormatch.matching.constraints import single_loads
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.rosters.files import content_of
from mentormatch.rosters.findings import Findings
from mentormatch.rosters.workbooks import read_sheets
from mentormatch.values import Told

if TYPE_CHECKING:
    from mentormatch.programmes.rematch import Rematch

__all__ = ["Review", "read_review"]

Pair = tuple[str, str]


@dataclass(frozen=True, eq=False, repr=False)
class Review(Told):
    """What people decided about a matching.

    Attributes
    ----------
    matching : Matching
        The matching that was reviewed.
    source : str
        Name of the file.
    decided : Decided
        Rows, changes and pairs without a row, by positions.
    """

    matching: Matching
    source: str
    decided: Decided

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row per row of the sheets, in their order.

        `sheet`, `row` (as a spreadsheet numbers it), `mentee`, `mentor` (ids; None for nobody),
        `decision` ("keep", "swap", "reject", or "by hand" where only names were changed, ""),
        `new_mentor` (id or None), `comment`.
        """
        scores = self.matching.problem.scores
        chosen = {change.row: change.after for change in self.decided.changes if change.row}
        return pd.DataFrame(
            [
                {
                    "sheet": row.sheet, "row": row.number, "mentee": scores.mentees.ids[row.mentee],
                    "mentor": self._mentor(row.mentor), "decision": row.decision,
                    "new_mentor": self._mentor(chosen.get(row, -1)), "comment": row.comment,
                }
                for row in self.decided.rows
            ],
            columns=["sheet", "row", "mentee", "mentor", "decision", "new_mentor", "comment"],
            dtype=object,
        ).astype({"row": "int64"})  # fmt: skip

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per pair that is changed by hand or rejected.

        `mentee`, `mentee_name`, `before`, `after` (ids of mentors; None for nobody), `before_name`,
        `after_name`, `score_before`, `score_after` (0 for nobody), `why` ("swap", "by hand",
        "makes room": changes places with somebody who is swapped, "reject"), `cell`.
        """
        scores = self.matching.problem.scores
        told = []
        for change in self.decided.changes:
            before, after = change.before, change.after
            told.append(
                {
                    "mentee": scores.mentees.ids[change.mentee],
                    "mentee_name": scores.mentees.name(change.mentee),
                    "before": self._mentor(before), "after": self._mentor(after),
                    "before_name": None if before < 0 else scores.mentors.name(before),
                    "after_name": None if after < 0 else scores.mentors.name(after),
                    "score_before": self._score(change.mentee, before),
                    "score_after": self._score(change.mentee, after),
                    "why": change.why, "cell": change.cell,
                }
            )  # fmt: skip
        columns = ["mentee", "mentee_name", "before", "after", "before_name", "after_name"]
        frame = pd.DataFrame(
            told, columns=[*columns, "score_before", "score_after", "why", "cell"], dtype=object
        )
        return frame.astype({"score_before": float, "score_after": float})

    @property
    def cost(self) -> float:
        """Total score that the hand-made changes lose (below 0: gain); rejected pairs aside."""
        made = self.changes[self.changes["why"] != "reject"]
        return float((made["score_before"] - made["score_after"]).sum())

    @cached_property
    def broken(self) -> pd.DataFrame:
        """One row per rule, floor, lock, number of seats or constraint that the changes break.

        `mentee`, `mentor` (ids, missing where it is not about one), `rule` (in words), `cell`.
        """
        problem, scores = self.matching.problem, self.matching.problem.scores
        found: list[tuple[str | None, str | None, str, str]] = [
            (scores.mentees.ids[one.mentee], scores.mentors.ids[one.after], words, one.cell)
            for one in self.decided.changes
            if one.after >= 0
            for words in forbidding(self.matching, one.mentee, one.after)
        ]
        for mentor, held, least, most in self._loads:
            name, came = scores.mentors.name(mentor), self.decided.cells_to(mentor)
            bound = f"at most {most}" if held > most else f"at least {least}"
            words = f"{name} would have {held} mentees, and is to have {bound}"
            found.append((None, scores.mentors.ids[mentor], words, came))
        before = {row.label for row in unkept(problem, self.matching.pairs)}
        after = unkept(problem, self.decided.pairs(self.matching, rejected=True))
        told = [constraint_words(row.constraint) for row in after if row.label not in before]
        found += [(None, None, f"not kept: {words}", "") for words in dict.fromkeys(told)]
        return pd.DataFrame(found, columns=["mentee", "mentor", "rule", "cell"], dtype=object)

    @property
    def _loads(self) -> list[tuple[int, int, int, int]]:
        """(mentor, mentees, fewest, most) of those whom the changes leave with a wrong number.

        Whom a rejected pair leaves may get somebody else: nobody has too few for that.
        """
        scores, problem = self.matching.problem.scores, self.matching.problem
        least, most, _ = single_loads(scores, problem.constraints)
        high, low = (
            np.bincount(self.decided.pairs(self.matching, rejected=kept)[1], minlength=len(least))
            for kept in (False, True)
        )
        changes = self.decided.changes
        touched = {one for change in changes for one in (change.before, change.after) if one >= 0}
        return [
            (j, int(high[j]), int(least[j]), int(most[j]))
            for j in sorted(touched)
            if high[j] > most[j] or low[j] < least[j]
        ]

    @cached_property
    def affected(self) -> pd.DataFrame:
        """One row per person who is affected: `person` (id), `name`, `role`, `what` (in words)."""
        scores = self.matching.problem.scores
        told: list[tuple[str, str, str, str]] = []
        for one in self.decided.changes:
            person = (scores.mentees.ids[one.mentee], scores.mentees.name(one.mentee), "mentee")
            told.append((*person, _moves(self._name(one.before), self._name(one.after))))
            for mentor, verb in ((one.before, "loses"), (one.after, "gets")):
                if mentor >= 0:
                    whom = (scores.mentors.ids[mentor], scores.mentors.name(mentor), "mentor")
                    told.append((*whom, f"{verb} {person[1]}"))
        for mentor, held, _, most in self._loads:
            for mentee in self.decided.others_with(self.matching, mentor) if held > most else ():
                person = (scores.mentees.ids[mentee], scores.mentees.name(mentee), "mentee")
                told.append((*person, f"may have to leave {scores.mentors.name(mentor)}"))
        return pd.DataFrame(told, columns=["person", "name", "role", "what"], dtype=object)

    @property
    def missing(self) -> tuple[Pair, ...]:
        """Pairs of the matching that have no row any more: nothing was decided about them."""
        return self._ids(self.decided.missing)

    @property
    def insist(self) -> tuple[Pair, ...]:
        """Pairs (ids) to be matched: kept, or made by hand."""
        kept = [(r.mentee, r.mentor) for r in self.decided.rows if r.decision == "keep"]
        return self._ids(
            [*kept, *((c.mentee, c.after) for c in self.decided.changes if c.after >= 0)]
        )

    @property
    def declined(self) -> tuple[Pair, ...]:
        """Pairs (ids) that were rejected."""
        return self._ids((c.mentee, c.before) for c in self.decided.changes if c.after < 0)

    def rematch(self, *, max_changes: int | None = 0, **options: Any) -> Rematch:
        """Match again around what was decided.

        Kept pairs and those made by hand are insisted on, rejected ones are declined; of the
        others as few as possible change.

        Parameters
        ----------
        max_changes, options
            As for `rematch`: how many undecided pairs may change (None: any number), today's
            rosters, people who left or joined, a time limit.

        Raises
        ------
        InfeasibleError
            If what was decided breaks a rule, a lock or a number of seats (see `broken`), or a
            constraint; names what, and the cells.
        UnknownPersonError
            If somebody of a decision is on none of today's rosters; names the cells.
        """
        from mentormatch.programmes.rematch import rematch

        if options.get("price") is not None:
            max_changes = None
        try:
            return rematch(
                self.matching, insist=self.insist, declined=self.declined, max_changes=max_changes,
                **options,
            )  # fmt: skip
        except (InfeasibleError, UnknownPersonError) as error:
            if cells := self._cells_about(str(error)):
                error.args = (f"{error}\nDecided in {self.source}: {listed(cells)}.",)
            raise

    def _cells_about(self, said: str) -> list[str]:
        """Return the cells that decide about anybody whom a sentence names, in words."""
        scores = self.matching.problem.scores
        told: dict[str, None] = {}
        decided = [
            *((r.mentee, r.mentor, f"{r.sheet} row {r.number}", "keep")
              for r in self.decided.rows if r.decision == KEEP),
            *((c.mentee, max(c.after, c.before), c.cell, c.why) for c in self.decided.changes),
        ]  # fmt: skip
        for mentee, mentor, cell, why in decided:
            called = [
                word
                for people, place in ((scores.mentees, mentee), (scores.mentors, mentor))
                if place >= 0
                for word in (people.ids[place], people.name(place))
            ]
            if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) for word in called):
                told[f"{cell} ({why}: {scores.mentees.name(mentee)})"] = None
        return list(told)

    @property
    def text(self) -> str:
        """What was decided, what it costs and what it breaks, in sentences."""
        counts = self.decisions["decision"].value_counts()
        told = [f"{counts.get(word, 0)} {word}" for word in ("keep", "swap", "reject", "by hand")]
        said = [f"{self.source}: {', '.join(told)}, {self._undecided} undecided."]
        made = int((self.changes["why"] != "reject").sum())
        if made:
            words = f"cost {self.cost:.3f}" if self.cost >= 0 else f"gain {-self.cost:.3f}"
            people = self.affected["person"].nunique()
            said.append(
                f"{made} change{'s' * (made > 1)} made by hand {words} of total score; "
                f"{people} people are affected."
            )
        said += [f"{words}." for words in dict.fromkeys(self.broken["rule"])]
        if self.decided.missing:
            count = len(self.decided.missing)
            rows = "1 pair has" if count == 1 else f"{count} pairs have"
            said.append(f"{rows} no row any more: left undecided.")
        return " ".join(said)

    @property
    def _undecided(self) -> int:
        """Pairs of the matching about which nothing was decided."""
        settled = {(c.mentee, c.before) for c in self.decided.changes}
        settled |= {(r.mentee, r.mentor) for r in self.decided.rows if r.decision}
        pairs = zip(*(places.tolist() for places in self.matching.pairs), strict=True)
        return sum(pair not in settled for pair in pairs)

    def _repr_html_(self) -> str:
        table = self.changes.head(30).to_html(escape=True, index=False, na_rep="")
        return f"<p>{html.escape(self.text)}</p>{table if len(self.changes) else ''}"

    def _mentor(self, position: int) -> str | None:
        return None if position < 0 else self.matching.problem.scores.mentors.ids[position]

    def _name(self, position: int) -> str | None:
        return None if position < 0 else self.matching.problem.scores.mentors.name(position)

    def _score(self, mentee: int, mentor: int) -> float:
        if mentor < 0:
            return 0.0
        points = int(self.matching.problem.scores.at(mentee, mentor)[0])
        return (~points if points < 0 else points) / MILLION

    def _ids(self, pairs: Iterable[tuple[int, int]]) -> tuple[Pair, ...]:
        scores = self.matching.problem.scores
        return tuple(
            (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in dict.fromkeys(pairs)
        )


def _moves(before: str | None, after: str | None) -> str:
    if after is None:
        return f"is no longer with {before}"
    return f"gets {after}" if before is None else f"moves from {before} to {after}"


@typed
def read_review(source: str | PathLike[str] | bytes, matching: Matching) -> Review:
    """Read decisions and hand-made changes back from the review workbook.

    Rows may have been sorted, filtered or deleted, columns inserted, the file saved by another
    program: people are recognised by their ids, columns by their headers. A mentor may be
    changed in the columns New mentor, Mentor or Mentor id, by id, e-mail or name.

    Parameters
    ----------
    source
        The workbook that `Matching.to_excel` wrote and people edited, XLSX or ODS.
    matching
        The matching it was written for.

    Returns
    -------
    Review

    Raises
    ------
    RosterError
        If the file cannot be read, was written for another matching, lacks a sheet or column, or
        has cells that cannot be understood or contradict each other: names every such cell.

    Notes
    -----
    A "swap" without a new mentor takes the first alternate that the workbook names, and who would
    move for it does, unless her own row says otherwise. A deleted row decides nothing.

    Examples
    --------
    >>> review = mm.read_review("matches.xlsx", matching)            # doctest: +SKIP
    >>> print(review)                                                # doctest: +SKIP
    >>> again = review.rematch()                                     # doctest: +SKIP
    """
    if isinstance(source, bytes):
        content, name = source, "the workbook"
    else:
        path = Path(fspath(source))
        content, name = content_of(path), path.name
    findings = Findings(name)
    sheets = read_sheets(content, name)
    rows = rows_of(sheets, matching, findings)
    found = decided(rows, matching, findings)
    if findings.any_fatal:
        raise findings.stop()
    return Review(matching, name, found)
