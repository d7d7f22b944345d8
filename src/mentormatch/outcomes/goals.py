"""`read_goals`: goals as they were reviewed, GROW by GROW, with every repair listed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import (
    ColumnError,
    QuestionsWarning,
    check_parameter,
    counted,
    did_you_mean,
)
from mentormatch.journal import logged
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.dates import days_of
from mentormatch.outcomes.points import points_of
from mentormatch.outcomes.respondents import persons_of
from mentormatch.outcomes.scales import Scale
from mentormatch.rosters.answers import without_blank_words
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.gather import read_tables
from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.read import without_rows
from mentormatch.rosters.reading import Choices, Reading
from mentormatch.rosters.table import Table, TextColumn
from mentormatch.rosters.vocabulary import fold_header, is_one_of
from mentormatch.values import ByValue, Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Goals", "read_goals"]

FIELDS = ("goal", "date", "level", "target", "reality", "options", "will", "weight")
TEXTS = ("reality", "options", "will")
PERSON = ("id", "email", "name", "first_name", "last_name", "nickname")
COLUMNS = ("person", "goal", "date", "level", "target", "weight", *TEXTS, "row")
SCALES = ((1, 5), (-2, 2), (0, 5), (1, 10), (0, 10), (0, 100))
"""Lowest and highest level of usual scales, the narrowest first."""
ONE_GOAL = "goal"
"""What a goal is called where the file has no column of goals."""


@dataclass(frozen=True, eq=False, repr=False)
class Goals(ByValue, Told):
    """Goals of people as they were reviewed: data for `review_goals`.

    Attributes
    ----------
    entries : DataFrame
        One row per person, goal and date: `person` (id), `goal` (her words), `date`, `level` and
        `target` (Float64; a target holds until it changes), `weight` (Float64, 1 where not given),
        `reality`, `options`, `will` (words, "" where not given), `row` (Int64, of the file).
    scale : tuple of (float, float)
        Lowest and highest level.
    repairs : DataFrame
        As `Profiles.repairs`.
    source : str
    """

    entries: pd.DataFrame
    scale: tuple[float, float]
    repairs: pd.DataFrame
    source: str

    _table = "entries"

    def _identity(self) -> tuple[Any, ...]:
        return self.source, self.scale, len(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __bool__(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """How many people, goals and reviews there are."""
        frame = self.entries
        goals = len(frame.drop_duplicates(["person", "goal"]))
        days = frame["date"]
        when = f", {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(frame) else ""
        low, high = self.scale
        return (
            f"{counted(goals, 'goal')} of {counted(frame['person'].nunique(), 'person', 'people')} "
            f"in {counted(len(frame), 'entry', 'entries')}{when}; levels from {low:g} to {high:g}"
        )


@logged(lambda made, _: f"read {len(made)} entries of goals, {len(made.repairs)} repairs")
@typed
def read_goals(
    source: Any,
    *,
    people: Profiles | Matching | Sequence[Profiles | Matching] | None = None,
    scale: tuple[float, float] | None = None,
    day_first: bool | None = None,
    columns: Mapping[str, str | None] | None = None,
    sheet: str | int | None = None,
    encoding: str | None = None,
    drop_rows: Sequence[int] = (),
) -> Goals:
    """Read goals with the levels that they had reached on several dates.

    One row is one goal of one person on one date: who, the goal, the date, the level then and the
    target, and, where there are such columns, reality, options and will in words, and a weight.
    Files, headers and cells are read as by `read_roster`, dates in any form.

    Parameters
    ----------
    source
        Whatever `read_roster` reads: a file, a table, records, or a list of these.
    people
        Mentees' roster, or the matching: entries are linked to people by id, e-mail or name, and
        those of others are listed and left out. Default: ids as the file has them.
    scale
        Lowest and highest level. Default: the narrowest usual scale that holds all levels, listed
        in `repairs`.
    day_first
        Whether 3/4/2026 is the third of April. Default: as all dates of the file tell.
    columns
        "goal", "date", "level", "target", "reality", "options", "will", "weight", "id", "email" or
        "name" -> header. None leaves a column.
    sheet, encoding, drop_rows
        As in `read_roster`.

    Returns
    -------
    Goals

    Raises
    ------
    RosterError
        If a date, level, target or weight cannot be read, or a row has none of them or nobody;
        all of it, by row.
    ColumnError
        If no column holds dates, levels or targets, or one named in `columns` is not there.

    Warns
    -----
    QuestionsWarning
        If nothing tells whether days or months come first.

    Notes
    -----
    A blank target is that of the date before; a blank level is a review without a level. Of two
    entries of one goal on one date the last is kept, the other listed.

    Examples
    --------
    >>> import io
    >>> file = io.StringIO("id,Goal,Date,Level,Target\\nana,Speaking,12 Jan 2026,2,4\\n")
    >>> read_goals(file).entries[["person", "level", "target"]].iloc[0].tolist()
    ['ana', 2.0, 4.0]
    """
    ok = scale is None or (len(scale) == 2 and scale[0] < scale[1])
    check_parameter(ok, "scale", "read_goals", "(lowest, highest) level", scale)
    for name, header in (columns or {}).items():
        check_parameter(header is None or isinstance(header, str), f"columns[{name!r}]",
                        "read_goals", "a header or None", header)  # fmt: skip
    given = Choices(dict(columns or {}), sheet=sheet, encoding=encoding, drop_rows=tuple(drop_rows))
    table = without_rows(read_tables(source, given, "mentee"), given.drop_rows)
    reading = table.reading
    found = _fields(table, dict(columns or {}), reading)
    who = {name: header for name, header in (columns or {}).items() if header and name in PERSON}
    persons = persons_of(table, _rest(table, found, columns), who, _mentees(people))
    numbers = {name: found[name] for name in ("level", "target") if name in found}
    range_ = scale or _scale(numbers.values(), reading)
    low, high = range_
    days = _days(found["date"], day_first, reading)
    entries = {
        "level": _points(
            found["level"], Scale("level", items="level", low=low, high=high), reading
        ),
        "target": _points(
            found["target"], Scale("target", items="target", low=low, high=high), reading
        ),
    }
    entries["weight"] = _weights(found.get("weight"), len(table), reading)
    goal = _goal(found.get("goal"), len(table), reading)
    blank = _blank_rows(table, persons, days, reading)
    frame = _frame(table, persons, goal, days, entries, found)
    frame = _kept(frame[~blank], reading)
    frame = _with_targets(frame, reading)
    if reading.any_fatal:
        raise reading.stop()
    if not len(frame):
        reading.note("nobody", "no entry is of anybody on the roster", "check the ids", fatal=True)
        raise reading.stop()
    if reading.questions:
        asked = reading.questions[0]
        warnings.warn(
            f"{table.source}: {asked.question}; {asked.reading}. Settle it with "
            f"{' or '.join(asked.settle)}.",
            QuestionsWarning, stacklevel=4,
        )  # fmt: skip
    return Goals(frame, (float(low), float(high)), reading.frame(fatal=False), table.source)


def _mentees(people: Any) -> tuple[Profiles, ...]:
    several = (people,) if isinstance(people, Profiles | Matching) else tuple(people or ())
    rosters = [one.problem.scores.mentees if isinstance(one, Matching) else one for one in several]
    return tuple(one for one in rosters if one.role == "mentee")


def _fields(
    table: Table, given: Mapping[str, str | None], reading: Reading
) -> dict[str, TextColumn]:
    """Return field -> column; what is named comes first, then headers that are known."""
    columns = {label_key(column.header): column for column in table.columns}
    wrong = [
        f"{header!r} for {name!r}. {did_you_mean(header, [c.header for c in table.columns])}"
        for name, header in given.items()
        if header is not None and label_key(header) not in columns
    ]
    strange = [name for name in given if name not in (*FIELDS, *PERSON)
               and label_key(name) not in columns]  # fmt: skip
    if wrong:
        raise ColumnError(f"{reading.source} has no column " + "\nand no column ".join(wrong))
    if strange:
        raise ColumnError(
            f"read_goals knows no field {strange[0]!r}. {did_you_mean(strange[0], FIELDS)}"
        )
    found = {
        name: columns[label_key(header)]
        for name, header in given.items()
        if header is not None and name in FIELDS
    }
    taken = {column.header for column in found.values()}
    left = {label_key(name) for name, header in given.items() if header is None}
    for name in FIELDS:
        if name in found or name in left:
            continue
        known = [
            column for key, column in columns.items()
            if key not in left and column.header not in taken
            and is_one_of("grow", name)(fold_header(column.header))
        ]  # fmt: skip
        if len(known) > 1:
            headers = [column.header for column in known]
            raise ColumnError(
                f"{reading.source} has several columns that could hold the {name}: "
                f"{', '.join(map(repr, headers))}. Choose one: "
                f"columns={{{name!r}: {headers[0]!r}}}."
            )
        if known:
            found[name] = known[0]
            taken.add(known[0].header)
    _reality_as_level(found)
    missing = [name for name in ("date", "level", "target") if name not in found]
    if missing:
        raise ColumnError(
            f"{reading.source} has no column of the {' and of the '.join(missing)}. Name it: "
            f"columns={{{missing[0]!r}: 'header in the file'}}. "
            f"Columns: {', '.join(repr(column.header) for column in table.columns)}."
        )
    return found


def _reality_as_level(found: dict[str, TextColumn]) -> None:
    """Read "Reality" as the level where it holds figures and nothing else does."""
    if "level" in found or "reality" not in found:
        return
    texts = [text for text in found["reality"].texts if text]
    if texts and sum(text.strip()[:1].isdigit() for text in texts) > 0.5 * len(texts):
        found["level"] = found.pop("reality")


def _rest(
    table: Table, found: Mapping[str, TextColumn], given: Mapping[str, str | None] | None
) -> dict[str, TextColumn]:
    """Return the columns among which people are looked for."""
    taken = {column.header for column in found.values()}
    left = {label_key(name) for name, header in (given or {}).items() if header is None}
    return {
        column.header: column
        for column in table.columns
        if column.header not in taken and label_key(column.header) not in left
    }


def _scale(columns: Any, reading: Reading) -> tuple[float, float]:
    """Return the narrowest usual scale that holds every level, or the first one where none does."""
    wide = Scale("level", items="level", low=-1000, high=1000)
    values = np.array(
        [
            point.value
            for column in columns
            for point in points_of([text for text in column.texts if text], wide).values()
            if not np.isnan(point.value)
        ]
    )
    for low, high in SCALES:
        if values.size and low <= values.min() and values.max() <= high:
            reading.note(
                "goal_scale", f"no scale was given, and levels lie from {values.min():g} to "
                f"{values.max():g}", f"read on a scale from {low} to {high}; else give scale=",
            )  # fmt: skip
            return low, high
    return SCALES[0]


def _points(column: TextColumn, scale: Scale, reading: Reading) -> Any:
    """Return float64 (rows,): levels, NaN where blank."""
    clean = without_blank_words(column, reading)
    points = points_of(clean.texts, scale)
    for place, text in enumerate(clean.texts):
        finding = points[text].finding
        if finding is not None and finding.code != "between":
            reading.note(
                finding.code, finding.problem,
                "correct it, or give scale=(lowest, highest)" if finding.fatal else finding.action,
                fatal=finding.fatal, **clean.at(place),
            )  # fmt: skip
    return np.array([*(points[text].value for text in clean.texts), np.nan])[clean.codes]


def _weights(column: TextColumn | None, rows: int, reading: Reading) -> Any:
    """Return float64 (rows,): weights of the goals, 1 where not given."""
    if column is None:
        return np.ones(rows)
    clean = without_blank_words(column, reading)
    values = []
    for place, text in enumerate(clean.texts):
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = -1.0
        if not 0 < value < float("inf"):
            reading.note("goal_weight", "is no weight above 0", "write a number, or leave it blank",
                         fatal=True, **clean.at(place))  # fmt: skip
        values.append(value)
    return np.array([*values, 1.0])[clean.codes]


def _goal(column: TextColumn | None, rows: int, reading: Reading) -> list[str]:
    if column is None:
        reading.note("one_goal", "no column of goals", "read as one goal per person")
        return [ONE_GOAL] * rows
    cells = [" ".join(str(text).split()) for text in column.cells()]
    blank = [row for row, text in zip(column.rows, cells, strict=True) if not text]
    reading.note("nameless_goal", "no goal is named", f"read as {ONE_GOAL!r}", rows=blank,
                 column=column.header)  # fmt: skip
    return [text or ONE_GOAL for text in cells]


def _days(column: TextColumn, day_first: bool | None, reading: Reading) -> list[Any]:
    """Return each row's day, None where blank or unreadable, which is listed."""
    clean = without_blank_words(column, reading)
    read = days_of(clean.texts, day_first)
    for place, day in enumerate(read.day):
        if day is None:
            reading.note("no_date", "is no date", "write it as 2026-04-12", fatal=True,
                         **clean.at(place))  # fmt: skip
    if read.torn:
        reading.note(
            "dates_differ", "some dates have the day first and some the month",
            "write them one way, or give day_first=", column=column.header, fatal=True,
        )  # fmt: skip
    if read.doubtful:
        reading.ask(
            "day_or_month", [column.header],
            f"{column.header}: does the day come first, or the month?", "read with the day first",
            ["day_first=True", "day_first=False"],
        )  # fmt: skip
        reading.note("day_or_month", "nothing tells whether the day or the month comes first",
                     "read with the day first; else give day_first=False",
                     column=column.header)  # fmt: skip
    return [(*read.day, None)[code] for code in clean.codes]


def _blank_rows(
    table: Table, persons: Sequence[str | None], days: Sequence[Any], reading: Reading
) -> Any:
    """Return bool (rows,): entries of nobody on the roster, which were listed; refuse the rest."""
    unreadable = {
        int(row)
        for rows, _, _, finding in reading.batches
        if finding.code in ("no_date", "not_on_roster")
        for row in rows
    }
    nobody = np.array([person is None for person in persons], dtype=bool)
    unnamed = [r for r, gone in zip(table.rows, nobody, strict=True)
               if gone and int(r) not in unreadable]  # fmt: skip
    reading.note("nobody", "does not say whose goal it is", "write the id, e-mail or name",
                 rows=unnamed, fatal=True)  # fmt: skip
    undated = [r for r, day, gone in zip(table.rows, days, nobody, strict=True)
               if day is None and not gone and int(r) not in unreadable]  # fmt: skip
    reading.note("no_date", "has no date", "write the date of the review", rows=undated, fatal=True)
    return nobody | np.array([day is None for day in days], dtype=bool)


def _frame(
    table: Table,
    persons: Sequence[str | None],
    goal: Sequence[str],
    days: Sequence[Any],
    numbers: Mapping[str, Any],
    found: Mapping[str, TextColumn],
) -> pd.DataFrame:
    import pandas as pd

    words = {
        name: [str(text).strip() for text in found[name].cells()] if name in found
        else [""] * len(table)
        for name in TEXTS
    }  # fmt: skip
    frame = pd.DataFrame(
        {
            "person": pd.Series(list(persons), dtype=object),
            "goal": pd.Series(list(goal), dtype=object),
            "date": pd.to_datetime(pd.Series(list(days), dtype=object)).astype("datetime64[ns]"),
            **{name: pd.array(values, dtype="Float64") for name, values in numbers.items()},
            **words,
            "row": pd.array(table.rows, dtype="Int64"),
        }
    )
    for name in ("level", "target"):  # NaN within Float64 is a value: it is none
        frame[name] = frame[name].mask(np.isnan(numbers[name]))
    return frame[list(COLUMNS)]


def _kept(frame: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Keep the last of several entries of one goal on one date; list the others.

    A goal is spelt as on its first date, and is the same in other letters.
    """
    keys = frame["goal"].map(label_key)
    spelt = frame.assign(key=keys).sort_values(["date", "goal"], kind="stable")
    first = spelt.drop_duplicates(["person", "key"]).set_index(["person", "key"])["goal"]
    places = list(zip(frame["person"], keys, strict=True))
    frame = frame.assign(goal=first.reindex(places).to_numpy(dtype=object))
    ordered = frame.sort_values(["person", "goal", "date", "row"], kind="stable")
    again = ordered.duplicated(["person", "goal", "date"], keep="last")
    reading.note("entered_again", "the same goal has a later row for the same date",
                 "left out this row", rows=ordered.loc[again, "row"].to_list())  # fmt: skip
    return ordered[~again].reset_index(drop=True)


def _with_targets(frame: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Let a target hold until it changes; one that never was named stops the reading."""
    filled = frame.groupby(["person", "goal"], sort=False)["target"].ffill()
    filled = filled.fillna(
        frame.assign(target=filled).groupby(["person", "goal"], sort=False)["target"].bfill()
    )
    without = frame[filled.isna()]
    reading.note("no_target", "the goal has no target on any date", "write the target level",
                 rows=without["row"].to_list(), fatal=True)  # fmt: skip
    return frame.assign(target=filled)
