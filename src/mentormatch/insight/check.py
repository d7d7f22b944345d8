"""check: supply against demand, before anything is solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.insight.audience import is_private
from mentormatch.insight.barriers import floors_of
from mentormatch.insight.wording import joined, plain
from mentormatch.matching.problem import Problem
from mentormatch.rosters.columns import DAYS, BoolArray, Categories, Hours, Labels
from mentormatch.scoring.criteria import Covers, SharedHours
from mentormatch.scoring.rules import AtLeast, Same
from mentormatch.scoring.scales import common_codes
from mentormatch.scoring.scores import Scores

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check"]

IntArray: TypeAlias = npt.NDArray[np.int64]

BLOCK_PAIRS = 1 << 22
"""Pairs read at a time."""
COLUMNS = ["aspect", "value", "mentees", "depend", "mentors", "seats", "short", "text"]


@dataclass(frozen=True)
class Row:
    """Supply and demand of one thing."""

    aspect: str
    value: str
    mentees: int
    depend: int
    mentors: int
    seats: int
    text: str

    @property
    def short(self) -> int:
        return max(0, self.depend - self.seats)


@typed
def check(problem: Problem) -> pd.DataFrame:
    """Compare what mentees ask for with what mentors offer, before solving.

    Parameters
    ----------
    problem
        n mentees, m mentors.

    Returns
    -------
    DataFrame, one row per thing compared, the greatest shortages first
        `aspect` (seats, options, the column of needs, site, languages, hours, ...), `value`,
        `mentees` who ask for or have it, `depend`: those to whom nothing else will do, `mentors`
        who offer it, their `seats`, `short` = max(0, depend - seats), and the finding in words.
        For needs everybody who asks depends on it, since no other skill stands in; for languages
        and days only people with a single one do; for sites and other answers only people whom a
        `Same` rule binds to it.

    Notes
    -----
    Counts only, O(n m) for the options, O(answers) for the rest. A shortage here lowers scores, or
    leaves people unmatched where a rule demands the thing; `diagnose` says who, once solved.
    """
    import pandas as pd

    rows = [*_seats(problem), *_options(problem), *_needs(problem.scores)]
    rows += [*_answers(problem.scores), *_hours(problem.scores)]
    rows.sort(key=lambda row: (-row.short, row.aspect, row.value))
    return pd.DataFrame([[getattr(row, name) for name in COLUMNS] for row in rows], columns=COLUMNS)


def _seats(problem: Problem) -> Iterator[Row]:
    scores = problem.scores
    (n, m), seats = scores.shape, int(scores.mentors.capacity.sum())
    spare = f"{_count(seats - n, 'seat')} to spare"
    verdict = f"{n - seats} cannot be matched" if seats < n else spare
    text = f"{_count(n, 'mentee')}, {_count(seats, 'seat')}: {verdict}."
    yield Row("seats", "all", n, n, m, seats, text)


def _counted_options(problem: Problem) -> tuple[IntArray, IntArray]:
    """Return how many open pairs each mentee has, and with whom her first is."""
    scores = problem.scores
    n, m = scores.shape
    floors, seats = floors_of(problem), scores.mentors.capacity > 0
    options, first = np.zeros((2, n), dtype=np.int64)
    step = max(1, BLOCK_PAIRS // max(m, 1))
    for start in range(0, n if m else 0, step):
        rows = np.arange(start, min(start + step, n))
        open_pairs = (scores.block(rows) >= floors[rows, None]) & seats
        options[rows], first[rows] = open_pairs.sum(axis=1), open_pairs.argmax(axis=1)
    return options, first


def _options(problem: Problem) -> Iterator[Row]:
    """People whom the rules (and floors) leave nobody, or a single mentor for several of them."""
    scores = problem.scores
    options, first = _counted_options(problem)
    nobody = np.flatnonzero(options == 0)
    if nobody.size:
        names = joined([scores.mentees.name(int(i)) for i in nobody], 5)
        text = f"The rules leave no mentor with a seat for {names}."
        yield Row("options", "no mentor", len(nobody), len(nobody), 0, 0, text)
    one = np.flatnonzero(options == 1)
    only = first[one]
    for j in np.unique(only).tolist():
        mentees = one[only == j]
        names = joined([scores.mentees.name(int(i)) for i in mentees], 5)
        seats = int(scores.mentors.capacity[j])
        text = f"{scores.mentors.name(j)} ({_count(seats, 'seat')}) is the one option of {names}."
        yield Row("options", scores.mentors.ids[j], len(mentees), len(mentees), 1, seats, text)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _needs(scores: Scores) -> Iterator[Row]:
    """Each label that a Covers criterion looks for, against the mentors who offer it."""
    for criterion in scores.criteria:
        if not isinstance(criterion, Covers) or criterion.by_text:  # words are no labels to count
            continue
        if is_private(criterion, scores.mentees, scores.mentors):
            continue
        wanted = scores.mentees.columns[criterion.needs]
        by = criterion.by or criterion.needs
        offers = [scores.mentors.columns[name] for name in ((by,) if isinstance(by, str) else by)]
        lists = [wanted, *offers]
        labelled = [column for column in lists if isinstance(column, Labels)]
        codes, labels = common_codes(*(column.labels for column in labelled))
        has = [
            _has(column, mine, len(labels)) for column, mine in zip(labelled, codes, strict=True)
        ]
        offered = np.logical_or.reduce(has[1:])
        for code in np.flatnonzero(has[0].any(axis=0)).tolist():
            asking, giving = int(has[0][:, code].sum()), offered[:, code]
            seats = int(scores.mentors.capacity[giving].sum())
            text = (
                f"{_count(asking, 'mentee')} {'asks' if asking == 1 else 'ask'} for "
                f"{labels[code]}; {_offer(int(giving.sum()), seats)}."
            )
            yield Row(criterion.needs, labels[code], asking, asking, int(giving.sum()), seats, text)


def _offer(mentors: int, seats: int) -> str:
    if not mentors:
        return "no mentor offers it"
    verb = "offers" if mentors == 1 else "offer"
    return f"{_count(mentors, 'mentor')} with {_count(seats, 'seat')} {verb} it"


def _has(column: Labels, codes: IntArray, size: int) -> BoolArray:
    has = np.zeros((len(column), size), dtype=bool)
    rows = np.repeat(np.arange(len(column)), np.diff(column.indptr))
    has[rows, codes[column.codes]] = True
    return has


def _answers(scores: Scores) -> Iterator[Row]:
    """Languages, sites, and whatever answers a rule demands to be the same."""
    demanded = {rule.column for rule in scores.rules if isinstance(rule, Same)}
    sensitive = scores.mentees.sensitive | scores.mentors.sensitive
    for name in sorted((demanded | {"site", "languages"}) - sensitive):
        ours, theirs = scores.mentees.columns.get(name), scores.mentors.columns.get(name)
        found = _indicators(ours, theirs)
        if found is None:
            continue
        mine, yours, labels = found
        must = name in demanded or name == "languages"
        alone = (mine.sum(axis=1) == 1) & must
        for code in np.flatnonzero(mine.any(axis=0)).tolist():
            have, depend = int(mine[:, code].sum()), int((mine[:, code] & alone).sum())
            mentors = yours[:, code]
            seats = int(scores.mentors.capacity[mentors].sum())
            only = f", {depend} of them nothing else" if must and isinstance(ours, Labels) else ""
            text = (
                f"{plain(name)} {labels[code]}: {_count(have, 'mentee')}{only}; "
                f"{_count(int(mentors.sum()), 'mentor')} with {_count(seats, 'seat')}."
            )
            yield Row(name, labels[code], have, depend, int(mentors.sum()), seats, text)


def _indicators(ours: object, theirs: object) -> tuple[BoolArray, BoolArray, list[str]] | None:
    if isinstance(ours, Categories) and isinstance(theirs, Categories):
        codes, labels = common_codes(ours.labels, theirs.labels)
        both = []
        for column, mine in zip((ours, theirs), codes, strict=True):
            has = np.zeros((len(column), len(labels)), dtype=bool)
            known = np.flatnonzero(column.codes >= 0)
            has[known, mine[column.codes[known]]] = True
            both.append(has)
        return both[0], both[1], labels
    if isinstance(ours, Labels) and isinstance(theirs, Labels):
        codes, labels = common_codes(ours.labels, theirs.labels)
        return _has(ours, codes[0], len(labels)), _has(theirs, codes[1], len(labels)), labels
    return None


def _hours(scores: Scores) -> Iterator[Row]:
    """Days on which people can, and mentees who share no hour with any mentor."""
    for criterion in _hour_criteria(scores):
        ours = scores.mentees.columns.get(criterion.column)
        theirs = scores.mentors.columns.get(criterion.column)
        if not isinstance(ours, Hours) or not isinstance(theirs, Hours):
            continue
        mine, yours = _free_days(ours), _free_days(theirs)
        alone = mine.sum(axis=1) == 1
        for day in np.flatnonzero(mine.any(axis=0)).tolist():
            have, depend = int(mine[:, day].sum()), int((mine[:, day] & alone).sum())
            mentors = yours[:, day]
            seats = int(scores.mentors.capacity[mentors].sum())
            text = (
                f"{_count(have, 'mentee')} can on {DAYS[day]}, {depend} of them on no other day; "
                f"{_count(int(mentors.sum()), 'mentor')} with {_count(seats, 'seat')} can."
            )
            yield Row(criterion.column, DAYS[day], have, depend, int(mentors.sum()), seats, text)
        yield from _lonely(scores, criterion, ours.given)
        return


def _hour_criteria(scores: Scores) -> Iterator[SharedHours]:
    for criterion in scores.criteria:
        if isinstance(criterion, SharedHours):
            yield criterion
    for rule in scores.rules:
        if isinstance(rule, AtLeast) and isinstance(rule.criterion, SharedHours):
            yield rule.criterion


def _free_days(hours: Hours) -> BoolArray:
    free = hours.slots().reshape(len(hours), 7, -1).any(axis=2)
    return np.asarray(free & hours.given[:, None], dtype=bool)


def _lonely(scores: Scores, criterion: SharedHours, given: BoolArray) -> Iterator[Row]:
    if criterion.name not in scores.names:
        return
    part = scores.part(scores.names.index(criterion.name))
    # a mentor who did not answer may well have time
    alone = np.flatnonzero(given & ~(np.isnan(part) | (part > 0)).any(axis=1))
    if alone.size:
        names = joined([scores.mentees.name(int(i)) for i in alone], 5)
        text = f"No mentor shares an hour of the week with {names}."
        yield Row(criterion.column, "no shared hour", len(alone), len(alone), 0, 0, text)
