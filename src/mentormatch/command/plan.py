"""plan: how the files are read, to look at and to keep for next year."""

from __future__ import annotations

import argparse
from pathlib import Path

from mentormatch.command.exits import Exit
from mentormatch.command.options import (
    ROSTERS,
    columns_for,
    orders_for,
    rows_for,
    separators_for,
    value_for,
)
from mentormatch.command.reading import open_questions, paths
from mentormatch.command.words import say, settling
from mentormatch.command.writing import check_writable, write
from mentormatch.errors import ParameterError, counted
from mentormatch.rosters.roster_plan import RosterPlan, plan_roster

__all__ = ["run"]

HEADER, FIELD = 42, 24
"""Columns that a header and a field take."""


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    saved = {roster: Path(file) for roster, file in options.save}
    if "" in saved:
        raise ParameterError(f"Say whose plan {saved['']} is to be: --save mentees:{saved['']}")
    check_writable([("--save", path, (".json",)) for path in saved.values()], paths(options))
    plans = {
        roster: _plan(roster, path, options)
        for roster, path in zip(ROSTERS, paths(options), strict=True)
    }
    questions = 0
    for roster, plan in plans.items():
        profiles = plan.read()
        questions += int((~plan.questions["code"].isin(options.accept)).sum())
        if not options.quiet:
            say(f"{len(profiles)} {roster} from {profiles.source}")
            _show(roster, plan)
    if open_questions(questions, options):
        return Exit.NOT_AS_ASKED
    if saved:
        wrote = write({path: plans[roster].save for roster, path in saved.items()})
        if not options.quiet:
            say(wrote)
    return Exit.OK


def _plan(roster: str, path: Path, options: argparse.Namespace) -> RosterPlan:
    plan = plan_roster(
        path,
        "mentee" if roster == "mentees" else "mentor",
        sheet=value_for(roster, options.sheet),
        encoding=value_for(roster, options.encoding),
        plan=value_for(roster, options.plan),
    )
    for field, headers in columns_for(roster, options.columns).items():
        if headers is None:
            plan.set(field, field=None)
        for header in [headers] if isinstance(headers, str) else headers or []:
            plan.set(header, field=field)
    for field, order in orders_for(roster, options.order).items():
        lines = plan.columns
        headers_ = lines.loc[lines["field"] == field, "column"].tolist()
        plan.set(headers_[0] if headers_ else field, order=order)
    for header, sign in separators_for(roster, options.separator).items():
        plan.set(header, separator=sign)
    if rows := rows_for(roster, options.drop_rows):
        plan.set(drop_rows=rows)
    return plan


def _show(roster: str, plan: RosterPlan) -> None:
    say(f"  {'column':{HEADER}}{'is read as':{FIELD}}how sure")
    for line in plan.shown.to_dict("records"):
        field = _short(line["field"], FIELD - 2)
        header = _short(line["column"], HEADER - 2)
        say(f"  {header:{HEADER}}{field:{FIELD}}{line['confidence']}")
    if len(plan.rows):
        say(f"  {counted(len(plan.rows), 'row')} left out:")
        for row in plan.rows.to_dict("records"):
            say(f"    row {row['row']}: {row['problem']}")
    for question in plan.questions.to_dict("records"):
        say(f"? {question['column']}: {question['question']}; {question['reading']}")
        for settled in settling(roster, question):
            say(settled)
    say()


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
