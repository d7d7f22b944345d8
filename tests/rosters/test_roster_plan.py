"""A reading that can be looked at, changed, kept and used again; laws of reading."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch import plan_roster, read_roster
from mentormatch.__main__ import main
from mentormatch.errors import ColumnError, ParameterError
from tests.rosters import exports

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

ROSTER = """
MentorID,Name,Role/Title,Expertise,Track,MaxMentees,Conflicts
M01,Quin Elm,Professor,"Grants, Law",A,2,ME02
M02,Rae Fir,Manager,"Law, Tax",B,1,
M03,Sol Hazel,Director,"Tax, Grants",A,1,ME01
"""
NEXT_YEAR = """
MentorID,T-shirt,Name,Role/Title,Areas of expertise,Track,MaxMentees,Conflict
M01,L,Quin Elm,Professor,"Grants, Law",A,2,ME02
M04,M,Tia Iris,Dean,Law,B,3,
"""


def test_a_plan_shows_every_column_once() -> None:
    plan = plan_roster(exports.csv(ROSTER), "mentor")
    table = plan.columns.set_index("column")
    assert list(table.index) == ROSTER.strip().splitlines()[0].split(",")
    assert table.loc["Expertise", "separator"] == ","
    assert table.loc["Expertise", "options"] == "Grants; Law; Tax"
    assert table.loc["Conflicts", ["field", "polarity"]].tolist() == ["avoid", "not"]
    assert "Expertise" in repr(plan)
    assert "<table" in plan._repr_html_()


def test_a_plan_can_be_changed() -> None:
    plan = plan_roster(exports.csv(ROSTER), "mentor")
    plan.set("Conflicts", field="previous").set("Expertise", options=["Grants, Law"])
    plan.set("Track", order=["B", "A"]).set("Role/Title", field=None).set(drop_rows=[3])
    read = plan.read()
    assert read.columns["previous"].to_list() == [["ME02"], ["ME01"]]
    assert read.columns["skills"].to_list() == [["Grants, Law"], ["Tax", "Grants"]]
    assert read.columns["Track"].to_list() == ["A", "A"]
    assert read.columns["Track"].values.tolist() == [1, 1]
    assert read.ids == ("M01", "M03")
    assert plan.rows["row"].tolist() == [3]
    assert plan_roster(exports.csv("Name,X\nAna Lima,a~b"), "mentor").set(
        "X", separator="~"
    ).read().columns["X"].to_list() == [["a", "b"]]


def test_the_header_row_and_the_sheet_can_be_given() -> None:
    rows = [["Cover of", "the programme"], ["Name", "Topics"], ["Ana Lima", "Law"]]
    book = exports.workbook(("Notes", [["x", "y"], ["1", "2"]]), ("People", rows))
    plan = plan_roster(book, "mentee", sheet="People")
    assert "no column says who people are" in repr(plan)
    plan.set(header_row=2)
    assert plan.read().names == ("Ana Lima",)
    assert plan.read().columns["goals"].to_list() == [["Law"]]


def test_a_plan_reads_next_years_file_and_says_what_changed(tmp_path) -> None:
    path = tmp_path / "mentors.plan.json"
    plan = plan_roster(exports.csv(ROSTER), "mentor")
    plan.set("Track", order=["B", "A"]).set(drop_rows=[3]).save(path)
    again = read_roster(exports.csv(ROSTER), "mentor", plan=path)
    assert again.ids == plan.read().ids
    later = read_roster(exports.csv(NEXT_YEAR), "mentor", plan=path)
    assert later.ids == ("M01", "M04")
    assert later.capacity.tolist() == [2, 3]
    assert later.columns["skills"].to_list() == [["Grants", "Law"], ["Law"]]
    assert later.columns["avoid"].to_list() == [["ME02"], None]
    assert later.columns["Track"].values.tolist() == [1, 0]
    changed = later.repairs.set_index("code")["column"]
    assert sorted(changed["plan_renamed"]) == ["Areas of expertise", "Conflict"]
    assert changed["plan_added"] == "T-shirt"
    assert "plan_rows" in changed.index


def test_a_plan_may_be_yaml(tmp_path, monkeypatch) -> None:
    plan = plan_roster(exports.csv(ROSTER), "mentor").set("Track", order=["B", "A"])
    as_json, as_yaml = tmp_path / "json.plan.yaml", tmp_path / "mentors.plan.yml"
    plan.save(as_json)
    as_yaml.write_text(yaml.safe_dump(plan.to_dict(), allow_unicode=True), encoding="utf-8")
    wanted = plan.read().to_frame()
    for path in (as_json, as_yaml):
        found = read_roster(exports.csv(ROSTER), "mentor", plan=path)
        pd.testing.assert_frame_equal(found.to_frame(), wanted)
    broken = tmp_path / "broken.yaml"
    for text, why in (
        ("a: [", "is no saved plan"),
        ("a: 1", "is no plan that RosterPlan.save"),
        ("mentormatch_plan: 1\ncolumns: [{header: No}]", "put quotes around"),
    ):
        broken.write_text(text, encoding="utf-8")
        with pytest.raises(ParameterError, match=why):
            read_roster(exports.csv(ROSTER), "mentor", plan=broken)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert len(read_roster(exports.csv(ROSTER), "mentor", plan=as_json)) == len(wanted)
    with pytest.raises(ParameterError, match="pip install PyYAML, or keep the plan as JSON"):
        read_roster(exports.csv(ROSTER), "mentor", plan=as_yaml)


def test_a_column_that_a_plan_misses_is_asked_about(tmp_path) -> None:
    path = tmp_path / "plan.json"
    plan_roster(exports.csv(ROSTER), "mentor").set("Conflicts", field="previous").save(path)
    other = exports.csv("MentorID,Zzz,Name\nM01,ME02,Quin Elm")
    questions = read_roster(other, "mentor", plan=path).questions
    assert "columns={'previous': 'Zzz'}" in "".join(questions["settle"])


def test_a_plan_says_what_a_column_that_is_no_field_is() -> None:
    text = (
        "Name,Be a mentee?,Be a mentor?,Colour,Blank\nAna Lima,Yes,No,Red,\nBo Chan,No,Yes,Blue,\n"
    )
    plan = plan_roster(exports.csv(text), "mentee")
    said = dict(zip(plan.shown["column"], plan.shown["field"], strict=True))
    assert said == {
        "Name": "name", "Be a mentee?": "(tells who is a mentee)",
        "Be a mentor?": "(tells who is a mentor)", "Colour": "(own question)", "Blank": "(blank)",
    }  # fmt: skip
    assert "order" not in plan.shown
    assert plan.columns["field"].tolist()[1] == "Be a mentee?"
    for text in (repr(plan), plan._repr_html_()):
        assert "(tells who is a mentee)" in text


def test_what_a_plan_cannot_be() -> None:
    plan = plan_roster(exports.csv(ROSTER), "mentor")
    with pytest.raises(ColumnError, match="Did you mean 'Conflicts'"):
        plan.set("Conflict", field="avoid")
    with pytest.raises(ParameterError, match="kind"):
        plan.set("Track", kind="colour")
    with pytest.raises(ParameterError, match="no plan"):
        read_roster(exports.csv(ROSTER), "mentor", plan={"columns": []})
    with pytest.raises(ParameterError, match="99"):
        read_roster(exports.csv(ROSTER), "mentor", drop_rows=[99])


def test_the_command_line_asks_first_and_stops_where_it_is_strict(tmp_path, capsys) -> None:
    mentees, mentors = tmp_path / "mentees.csv", tmp_path / "mentors.csv"
    mentees.write_text("Name,Topics,Consent\nAna Lima,Law,Yes\nBo Chan,Tax,No\n")
    mentors.write_text("Name,Law,Tax,Art\nQuin Elm,1,0,1\nRae Fir,0,1,0\n")
    out = tmp_path / "matches.csv"
    command = [str(mentees), str(mentors), "-o", str(out)]
    assert main([*command, "--strict"]) == 3
    assert not out.exists()
    said = capsys.readouterr().err
    assert "? mentees, Consent" in said
    assert '--columns "mentees:consent=Consent"' in said
    settled = [
        "--columns", "mentees:Consent=", "--columns", "mentors:goals=Law",
        "--columns", "mentors:goals=Tax", "--columns", "mentors:goals=Art",
        "--accept", "alone",
    ]  # fmt: skip
    assert main([*command, "--strict", *settled]) == 0
    assert pd.read_csv(out)["mentor_name"].tolist() == ["Quin Elm", "Rae Fir"]
    plan = tmp_path / "mentors.plan.json"
    plan_roster(mentors, "mentor").save(plan)
    assert main([*command, "-q", "--plan", f"mentors:{plan}"]) == 0


# --- laws -----------------------------------------------------------------------------------------

SAME = {
    "goals": ["Goals", "Topics", "Ziele", "Objectifs", "Temas", "Obiettivi", "Doelen", "目标"],
    "skills": ["Skills", "Fähigkeiten", "Compétences", "Habilidades", "Umiejętności", "スキル"],
    "site": ["Site", "City", "Standort", "Ville", "Ciudad", "Città", "Miasto", "城市", "المدينة"],
    "avoid": ["Conflicts", "COI", "Interessenkonflikte", "Conflits d'intérêts", "利益冲突"],
    "supervisor_id": ["Manager", "Vorgesetzte", "Responsable", "Leidinggevende", "上司"],
    "gender": ["Gender", "Geschlecht", "Género", "Płeć", "性别", "جنسیت"],
}  # fmt: skip
CELLS = {
    "goals": ["Law;Tax", "Tax", "Art;Law"], "skills": ["Python", "Excel;Python", "Excel"],
    "site": ["Rome", "Oslo", "Rome"], "avoid": ["Quin Elm", "", "Rae Fir"],
    "supervisor_id": ["Di Eng", "Di Eng", ""], "gender": ["Woman", "Man", "Woman"],
}  # fmt: skip


def _equal(one, other) -> bool:
    return one.names == other.names and {
        name: column.to_list() for name, column in one.columns.items()
    } == {name: column.to_list() for name, column in other.columns.items()}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_another_wording_and_another_order_of_columns_change_nothing(data) -> None:
    names = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"]}
    plain = pd.DataFrame({**names, **{words[0]: CELLS[f] for f, words in SAME.items()}})
    worded = {data.draw(st.sampled_from(words)): CELLS[field] for field, words in SAME.items()}
    frame = pd.DataFrame({**names, **worded})
    order = data.draw(st.permutations(list(frame.columns)))
    assert _equal(read_roster(plain, "mentee"), read_roster(frame[order], "mentee"))


@pytest.mark.parametrize("role", ["mentee", "mentor"])
@pytest.mark.parametrize(
    "source",
    [exports.TOGETHER, exports.PUSHFAR, exports.CIVIL_SERVICE, ROSTER, exports.people(9)],
    ids=["together", "pushfar", "civil", "conflicts", "people"],
)
def test_what_a_roster_writes_out_reads_back_equal(source, role) -> None:
    first = read_roster(exports.csv(source) if isinstance(source, str) else source, role)
    again = read_roster(first.to_frame(), role)
    assert again.ids == first.ids
    assert again.names == first.names
    np.testing.assert_array_equal(again.capacity, first.capacity)
    assert _equal(again, first)


def test_importing_reads_no_vocabulary() -> None:
    code = (
        "import mentormatch, sys; mentormatch.read_roster; "
        "from mentormatch.rosters.vocabulary import languages; "
        "print(languages.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == 0


HEAD = (
    "Response ID,Your name,E-mail,Would you like a mentor?,Would you like to mentor someone?,Topics"
)
MESSY = f"""{HEAD}
R1,Mia Ash,mia@x.org,Yes,No,"Research, basic; Teaching"
{HEAD}
R2,Ned Oak,ned@x.org,Yes,Yes,"Teaching; Writing"
R3,Ola Elm,ola@x.org,No,Yes,"Research, basic"
R4,Mia Ash,mia@x.org,Yes,No,Writing
Total,,,3,2,
Generated on 3 May 2026 by the survey tool,,,,,
"""


def test_every_row_is_read_or_listed_as_left_out() -> None:
    plan = plan_roster(io.StringIO(MESSY), role="mentee")
    rows = len(MESSY.splitlines()) - 1
    assert [name for name in plan.read().names if name] == ["Ned Oak", "Mia Ash"]
    assert len(plan.read()) + plan.rows["row"].nunique() == rows
    assert set(plan.rows["code"]) >= {"repeated_header", "other_role", "repeated", "total_row"}
