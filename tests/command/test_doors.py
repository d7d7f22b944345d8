"""Every kind of question is settled in the language of the door: library or command line."""

from __future__ import annotations

import ast
import io
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import mentormatch
from mentormatch import plan_roster, read_roster
from mentormatch.command.parser import parser
from mentormatch.command.words import as_option
from mentormatch.rosters.headers import GATES
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.across import questions_across
from mentormatch.scoring.presets import from_columns

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
SOURCE = Path(mentormatch.__file__).parent
NAMES = ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Elm"]
KINDS: dict[str, tuple[str, dict[str, list[Any]]]] = {
    "roles": ("mentor", {"Could you guide a newcomer?": ["Yes", "Yes", "No", "No"]}),
    "role_unclear": ("mentee", {"Role": ["Mentee", "Mentor", "Mentee", "Perhaps later"]}),
    "own_gender": ("mentee", {"A mentor of your own gender?": ["Yes", "No", "Yes", "No"]}),
    "opposite": ("mentor", {"Topics you cannot help with": ["Law", "Tax", "Art", "Law"]}),
    "second_column": ("mentee", {"Conflicts": ["Quin Elm", "", "", ""],
                                 "Blocked": ["Rae Fir", "", "", ""]}),
    "safety": ("mentee", {"Conflicts?": ["Yes", "No", "No", "No"]}),
    "counts": ("mentee", {"Preferred mentors": ["1", "2", "3", "2"]}),
    "ticks": ("mentee", {"Law": ["x", "", "x", ""], "Tax": ["", "x", "x", ""],
                         "Art": ["x", "", "", "x"]}),
    "ranks": ("mentee", {"Put in order [Ana]": ["1", "2", "1", "2"],
                         "Put in order [Bo]": ["2", "1", "2", "1"]}),
    "seats": ("mentor", {"Colleagues": ["1", "2", "3", "1"]}),
    "no_person": ("mentee", {"First name": ["Test", "", "", ""],
                             "Last name": ["Test", "", "", ""]}),
    "swapped": ("mentee", {"How many mentees can you take?": ["1", "2", "1", "1"]}),
    "capacity": ("mentor", {"How many mentees can you take?": ["2 or 5 or 7", "1", "1,000", "1"]}),
    "choices": ("mentee", {"First choice": ["Law", "Tax", "Art", "Law"],
                           "Second choice": ["Tax", "Law", "Law", "Art"]}),
    "number_year": ("mentee", {"Years of experience": ["2015", "3", "2", "1"]}),
    "thousands": ("mentor", {"Hours per month": ["1.000", "2", "3", "4"]}),
    "status": ("mentee", {"Status": ["Accepted", "Waitlisted", "Accepted", "Accepted"]}),
    "order_unknown": ("mentee", {"Band": ["Gold", "Silver", "Gold", "Tin"]}),
    "grade_order": ("mentee", {"Grade": ["Lead", "Staff", "Senior", "Junior"]}),
    "list_sign": ("mentee", {"Topics": ["Law~Tax", "Art", "Music~Sport", "Food"]}),
    "taking_part": ("mentee", {"Taking part": ["Yes", "No", "Yes", "Yes"]}),
    "withdrawn": ("mentee", {"Withdrawn": ["No", "Yes", "No", "No"]}),
    "consent": ("mentee", {"Consent": ["Yes", "No", "Yes", "Yes"]}),
}  # fmt: skip


def workbook(hide: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (["Name", "Email", "Goals"], *([n, f"p{k}@x.org", "Law"] for k, n in
                                               enumerate(NAMES))):  # fmt: skip
        sheet.append(line)
    if hide == "hidden_rows":
        sheet.row_dimensions[4].hidden = True
    if hide == "hidden_column":
        sheet.column_dimensions["C"].hidden = True
    if hide == "failed_formulas":
        sheet["C3"] = "=1/0"
    if hide in ("several_sheets", "hidden_sheet"):
        other = book.create_sheet("More")
        if hide == "several_sheets":
            for row in sheet.values:
                other.append(row)
        else:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def of_files() -> Iterator[tuple[str, Profiles]]:
    for kind in ("hidden_rows", "hidden_column", "failed_formulas", "several_sheets",
                 "hidden_sheet"):  # fmt: skip
        yield kind, read_roster(workbook(kind), "mentee")
    yield "encoding", read_roster("Name,City\nJos\xe9 Lima,Rome\n".encode("mac-roman"), "mentee")
    plan = plan_roster(pd.DataFrame({"Name": NAMES, "Goals": ["Law"] * 4}), "mentee").to_dict()
    lost = pd.DataFrame({"Name": NAMES, "Xyz": ["a"] * 4})
    yield "plan_lost", read_roster(lost, "mentee", plan=plan)


def across(mentees: dict[str, Any], mentors: dict[str, Any]) -> list[dict[str, str]]:
    rosters = [read_roster(pd.DataFrame(one), role) for one, role in
               ((mentees, "mentee"), (mentors, "mentor"))]  # fmt: skip
    criteria = from_columns(*rosters).criteria
    return list(questions_across(*rosters, criteria).to_dict("records"))


def of_two_rosters() -> Iterator[tuple[str, list[dict[str, str]]]]:
    mine, theirs = {"Name": NAMES}, {"Name": ["Quin Elm", "Rae Fir", "Rae Oak", "Sol Ash"]}
    goals = {"Goals": ["Law", "Tax", "Law", "Tax"]}
    yield "alone", across({**mine, **goals}, {**theirs, **goals})
    yield "on_both", across({**mine, **goals}, {**mine, **goals})
    yield "names_people", across({**mine, "Zzz": theirs["Name"]}, theirs)
    yield "kept_apart", across({**mine, "Avoid": ["Rae", "", "", ""]}, theirs)
    yield (
        "unmet_wish",
        across({**mine, "Preferred site": ["Rome"] * 4}, {**theirs, "Site": ["Oslo"] * 4}),
    )
    yield "no_counterpart", across({**mine, **goals}, {**theirs, "Zzz": goals["Goals"]})
    yield (
        "other_words",
        across(
            {"Name": [f"P{k} Q" for k in range(12)], "Goals": ["Law;Tax", "Law", "Tax"] * 4},
            {
                "Name": [f"R{k} S" for k in range(12)],
                "Goals": ["Recht;Steuer", "Recht", "Steuer"] * 4,
            },
        ),
    )


@cache
def all_questions() -> list[tuple[str, str, str, str]]:
    """Return (kind looked for, kind found, roster, line that settles) of every question."""
    found = []
    for kind, (role, columns) in KINDS.items():
        profiles = read_roster(pd.DataFrame({"Name": NAMES, **columns}), role)
        found.append((kind, f"{role}s", profiles.questions.to_dict("records")))
    found += [(kind, "mentees", one.questions.to_dict("records")) for kind, one in of_files()]
    found += [(kind, "both rosters", questions) for kind, questions in of_two_rosters()]
    return [
        (kind, question["code"], roster, line)
        for kind, roster, questions in found
        for question in questions
        for line in question["settle"].split("\n")
    ]


def kinds_in_source() -> set[str]:
    """Return the first argument of every call of `ask` in the rooms of rosters and scores."""
    kinds: set[str] = set()
    for room in ("rosters", "scoring"):
        for path in (SOURCE / room).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                asks = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "ask"
                if asks and isinstance(node.args[0], ast.Constant):
                    kinds.add(str(node.args[0].value))
    return kinds | set(GATES)


def test_the_walk_meets_every_kind_of_question() -> None:
    met = {found for kind, found, *_ in all_questions() if kind == found}
    assert met == kinds_in_source()


PYTHON = re.compile(r"^(?:\w+=|plan_roster\()")
OPTIONS = ("columns", "order", "sheet", "encoding", "separator", "drop_rows", "forbid")
TAKEN = {"columns", "orders", "sheet", "encoding", "drop_rows", "role", "forbid", "criteria"}


def test_the_library_is_told_what_it_takes() -> None:
    for line in {line for *_, line in all_questions()}:
        argument = line.partition("  # ")[0]
        if not PYTHON.match(argument):
            assert "=" not in argument, line
            continue
        whole = argument if argument.startswith("plan") else f"f({argument})"
        call = ast.parse(whole, mode="eval").body
        assert isinstance(call, ast.Call)
        assert {keyword.arg for keyword in call.keywords} <= TAKEN, line


def test_the_command_line_is_told_what_it_takes() -> None:
    for roster, line in {(roster, line) for _, _, roster, line in all_questions()}:
        option = as_option(roster, line)
        if option is None:
            assert line.startswith("criteria="), line
            continue
        written = option.partition("  # ")[0]
        assert not PYTHON.match(written), line
        assert "both rosters:" not in written, line
        if not written.startswith("--"):
            assert "=" not in written, line
            continue
        given = vars(parser().parse_args(["match", "a.csv", "b.csv", *shlex.split(written)]))
        assert any(given[name] for name in OPTIONS), line


def test_every_printed_option_reads_back_as_it_was() -> None:
    odd = 'Which "tax" costs $5 \\ hour?'
    written = as_option("mentors", f"columns={{'goals': {odd!r}}}  # it is")
    options = parser().parse_args(
        ["match", "a.csv", "b.csv", *shlex.split(written.partition("  # ")[0])]
    )
    assert options.columns == [("mentors", "goals", odd)]
