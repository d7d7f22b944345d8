"""Every export shape is recognised by its columns."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from mentormatch.errors import ColumnError, RosterError
from mentormatch.rosters import read_roster
from mentormatch.rosters.columns import Categories, Labels, Numbers, describe_week
from tests.rosters import exports


def fields(profiles):
    return dict(zip(profiles.mapping["column"], profiles.mapping["field"], strict=True))


def codes(profiles):
    return set(profiles.repairs["code"])


class TestMicrosoftForms:
    @pytest.fixture
    def roster(self):
        return read_roster(exports.workbook(("Form1", exports.MS_FORMS)), "mentee")

    def test_the_row_counter_is_nobodys_id(self, roster):
        assert roster.ids == ("70002", "70001")
        assert roster.emails == ("bo@firm.example", "ana@firm.example")
        assert fields(roster)["ID"] == "ID"

    def test_the_latest_sign_up_is_kept_and_the_other_listed(self, roster):
        dropped = roster.repairs[roster.repairs["code"] == "repeated"]
        assert dropped["row"].tolist() == [2]
        assert roster.columns["needs"].to_list()[1] == ["Speaking"]

    def test_grids_are_wishes_about_values_of_another_column(self, roster):
        wishes = roster.columns["preferred_site"]
        assert isinstance(wishes, Labels)
        assert set(wishes.labels) == {"Leeds", "Bath", "Ely"}  # Ely: nobody's office
        mine = dict(zip(wishes.to_list()[0], wishes.priority[:3].tolist(), strict=True))
        assert mine == {"Leeds": 0.0, "Bath": 1.0, "Ely": 0.5}
        assert set(roster.columns["preferred_gender"].labels) == {"Female", "Male"}
        assert "preferred_gender" in roster.sensitive

    def test_prefixes_go_and_commas_within_options_stay(self):
        first = exports.MS_FORMS[:3]
        needs = read_roster(exports.workbook(("F", first)), "mentee").columns["needs"]
        assert needs.to_list() == [["Planning, budgets", "Speaking"], ["Speaking"]]

    def test_wishes_and_rather_not(self, roster):
        assert roster.columns["preferred"].to_list() == [["80001", "80003"], ["80001"]]
        first = read_roster(exports.workbook(("F", exports.MS_FORMS[:3])), "mentee")
        assert first.columns["only_preferred"].to_list() == ["yes", "no"]
        assert first.columns["preferred"].to_list()[0] == ["80002"]


class TestGoogleForms:
    @pytest.fixture
    def roster(self):
        return read_roster(exports.csv(exports.GOOGLE_FORMS), "mentee")

    def test_an_inverted_grid(self, roster):
        hours = roster.columns["availability"]
        weeks = [describe_week(week) for week in hours.slots()]
        assert weeks[0] == "Mon 12:00-13:00"
        assert weeks[1] == "Mon 08:00-10:00; Tue 08:00-09:00; Tue 12:00-13:00"
        assert hours.given.tolist() == [True, True, False]
        assert hours.zones == ("Europe/London", "Etc/GMT-1", "Europe/Paris")
        assert "inverted" in " ".join(roster.mapping["reason"])

    def test_joined_answers_and_likert(self, roster):
        assert roster.columns["goals"].to_list()[0] == ["Career planning", "Public speaking"]
        likert = roster.columns["How would you rate your confidence?"]
        assert isinstance(likert, Numbers)
        assert likert.values.tolist() == [4.0, 1.0, 4.0]

    def test_without_ids_people_are_their_addresses(self, roster):
        assert roster.ids == ("ana@x.example", "bo@x.example", "cy@x.example")
        assert "no_id_column" in codes(roster)


def test_together_drops_who_left_and_says_so():
    roster = read_roster(exports.csv(exports.TOGETHER), "mentee")
    assert roster.ids == ("101", "103")
    assert roster.columns["supervisor_id"].to_list() == [["201"], ["101"]]
    gone = roster.repairs[roster.repairs["code"] == "left"]
    assert gone["row"].tolist() == [3]


def test_bamboo_keeps_the_manager_key_that_fits_the_ids():
    roster = read_roster(exports.csv(exports.BAMBOO), "mentee")
    found = fields(roster)
    by_key = {"Employee ID": "Supervisor E ID", "Employee number": "Supervisor ID"}
    own = next(header for header, field in found.items() if field == "id")
    assert found[by_key[own]] == "supervisor_id"
    assert "second_column" in codes(roster)


def test_pushfar_one_sheet_for_both_roles():
    mentors = read_roster(exports.csv(exports.PUSHFAR), "mentor")
    mentees = read_roster(exports.csv(exports.PUSHFAR), "mentee")
    assert mentors.ids == ("ana@x.example", "cy@x.example")
    assert mentors.capacity.tolist() == [2, 5]
    assert mentees.ids == ("bo@x.example", "cy@x.example")
    for roster in (mentors, mentees):
        dropped = roster.repairs[roster.repairs["code"] == "other_role"]
        assert len(roster) + len(dropped) == 4
    assert mentors.columns["skills"].to_list() == [["Finance", "Law"], ["Law"]]
    assert mentees.columns["needs"].to_list() == [["Law"], ["Finance"]]


def test_civil_service_wishes_count_only_for_who_opted_in():
    roster = read_roster(exports.csv(exports.CIVIL_SERVICE), "mentee")
    assert roster.columns["preferred_identity"].to_list() == [["Gay"], None, None]
    assert "Lesbian" not in str(roster.to_frame().to_dict())
    grade = roster.columns["seniority"]
    assert grade.labels[0] == "AA"
    assert grade.labels[-1] == "SCS4"
    assert grade.values.tolist() == [3.0, 0.0, 5.0]


def test_paired_columns_hold_levels():
    roster = read_roster(
        exports.csv(
            "Name,Skill 1,Skill 1 level,Skill 2,Skill 2 level\nAna,Law,3,Art,expert\nBo,Art,NaN,,"
        ),
        "mentor",
    )
    assert roster.columns["skills"].to_list() == [["Law:3", "Art:4"], ["Art"]]
    assert "level" in codes(roster)


def test_numbered_choices_are_ranked():
    text = "Name,Mentor choice 2,Mentor choice 1\nAna,Bo,Cy\nDi,,Bo"
    roster = read_roster(exports.csv(text), "mentee")
    assert roster.columns["preferred"].to_list() == [["Cy", "Bo"], ["Bo"]]


def test_ranked_questions_give_priorities_and_others_do_not():
    ranked = read_roster(
        exports.csv('Name,"Rank your goals, most important first"\nAna,A;B;C'), "mentee"
    )
    plain = read_roster(exports.csv("Name,Goals\nAna,A;B;C"), "mentee")
    assert ranked.columns["goals"].priority.tolist() == pytest.approx([1, 2 / 3, 1 / 3])
    assert plain.columns["goals"].priority.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("header", "role", "field"),
    [
        ("Which of these mentor skills are important to you?", "mentee", "needs"),
        ("Which of these do you think are good at?", "mentor", "skills"),
        ("How many mentees have you had so far?", "mentor", None),
        ("How many mentees are you willing to take?", "mentor", "capacity"),
        ("Is there anyone you would rather not be matched with?", "mentee", "avoid"),
        ("importance_goals", "mentee", "importance_goals"),
        ("Line manager email", "mentee", "supervisor_id"),
        ("Management style", "mentee", None),
        ("Programming languages", "mentee", None),
        ("Stage", "mentee", None),
        ("Preferred functions", "mentee", "preferred_function"),
    ],
)
def test_headers_are_read_as_whole_words(header, role, field):
    cell = {"capacity": "2", "importance_goals": "0.5"}.get(field or "", "Red;Blue")
    text = f'Name,"{header}"\nAna,{cell}\nBo,{cell}\n'
    roster = read_roster(exports.csv(text), role)
    assert fields(roster)[header] == (field or header)


def test_yes_and_no_are_no_list_of_mentors():
    text = "Name,Would you like to enter preferred mentors?\nAna,Yes\nBo,No"
    roster = read_roster(exports.csv(text), "mentee")
    assert "preferred" not in roster
    assert isinstance(roster.columns["Would you like to enter preferred mentors?"], Categories)


def test_the_mapping_can_be_given():
    text = "Who,Stuff,Rang\nAna,Law;Art,low\nBo,Art,high"
    roster = read_roster(
        exports.csv(text),
        "mentor",
        columns={"name": "Who", "skills": "Stuff"},
        orders={"Rang": ["low", "high"]},
    )
    assert roster.names == ("Ana", "Bo")
    assert roster.columns["skills"].to_list() == [["Law", "Art"], ["Art"]]
    assert roster.columns["Rang"].values.tolist() == [0.0, 1.0]
    with pytest.raises(ColumnError, match="Stuf"):
        read_roster(exports.csv(text), "mentor", columns={"skills": "Stuf"})
    with pytest.raises(ColumnError, match="Rung"):
        read_roster(exports.csv(text), "mentor", orders={"Rung": ["low"]})
    as_text = read_roster(
        exports.csv(text),
        "mentor",
        columns={"name": "Who", "skills": "Stuff"},
        kinds={"skills": "text"},
    )
    assert as_text.columns["skills"].kind == "text"


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_a_scale_of_unknown_order_says_so():
    text = "Name,Grade\nAna,Purple\nBo,Orange"
    assert "order_unknown" in codes(read_roster(exports.csv(text), "mentee"))
    given = read_roster(exports.csv(text), "mentee", orders={"seniority": ["Orange", "Purple"]})
    assert given.columns["seniority"].values.tolist() == [1.0, 0.0]


def test_numbered_levels_count_alike_on_both_rosters():
    mentees = read_roster(exports.csv("Name,Level\nAna,Staff 10-19\nBo,Boss 30-39"), "mentee")
    mentors = read_roster(exports.csv("Name,Level\nCy,Boss 30-39\nDi,Chief 40-49"), "mentor")
    assert mentees.columns["seniority"].values.tolist() == [1.0, 3.0]
    assert mentors.columns["seniority"].values.tolist() == [3.0, 4.0]


def test_the_sheet_of_the_role_is_chosen():
    book = exports.workbook(
        ("Read me", [["Hello"]]),
        ("Mentees", [["Name"], ["Ana"]]),
        ("Mentors", [["Name"], ["Bo"], ["Cy"]]),
    )
    assert read_roster(book, "mentor").names == ("Bo", "Cy")
    assert read_roster(book, "mentor", sheet="Mentees").names == ("Ana",)
    with pytest.raises(RosterError, match="Mentees"):
        read_roster(book, "mentor", sheet="Nobody")


def test_title_rows_above_the_table_are_skipped_and_rows_keep_their_numbers():
    book = exports.workbook(
        (
            "S",
            [
                ["Sign-up 2024"],
                [],
                ["Name", "Email", "Capacity"],
                ["Ana", "a@x.example", "two"],
                [],
                ["Bo", "b@x.example", 1],
            ],
        )
    )
    roster = read_roster(book, "mentor")
    assert roster.names == ("Ana", "Bo")
    assert roster.repairs.set_index("code").loc["capacity_words", "row"] == 4
    assert roster.repairs.set_index("code").loc["blank_row", "row"] == 5


def test_vectors_and_level_grids():
    text = (
        "Name,Communication style [Direct],Communication style [Warm],"
        "Rate your skills [Python],Rate your skills [Law]\n"
        "Ana,5,1,Advanced,None\nBo,3,,Beginner,Expert"
    )
    roster = read_roster(exports.csv(text), "mentor")
    style = roster.columns["communication_style"]
    assert style.names == ("Direct", "Warm")
    assert np.isnan(style.values[1, 1])
    assert roster.columns["skills"].to_list() == [["Python:3"], ["Law:4", "Python:1"]]


def test_frames_with_any_column_names_are_read():
    rows = [["p1", "A", "x", "y"], ["p2", "B", "y", "z"]]
    levels = pd.MultiIndex.from_tuples([("id", ""), ("name", ""), ("skills", ""), ("q", "1")])
    assert fields(read_roster(pd.DataFrame(rows, columns=levels), "mentee"))["id"] == "id"
    twice = read_roster(pd.DataFrame(rows, columns=["id", "name", "skills", "skills"]), "mentee")
    assert "same_header" in codes(twice)
    assert twice.columns["skills (2)"].to_list() == ["y", "z"]
    numbered = pd.DataFrame(rows, columns=[0, 1, "0", 3])
    assert read_roster(numbered, "mentee", columns={"id": "0"}).ids == ("p1", "p2")


def test_every_named_level_of_an_index_is_a_column():
    index = pd.MultiIndex.from_tuples([("p1", 1), ("p2", 2)], names=["id", "id"])
    frame = pd.DataFrame({"name": ["A", "B"], "id": ["q1", "q2"]}, index=index[:2].droplevel(1))
    assert len(read_roster(frame, "mentee").mapping) == 3
    frame = pd.DataFrame({"name": ["A", "B"]}, index=index.set_names(["id", None]))
    assert read_roster(frame, "mentee").ids == ("p1", "p2")


def test_a_date_reads_alike_from_a_frame_and_a_file():
    days = ["2020-06-18", "2021-02-03"]
    frame = pd.DataFrame({"id": ["a", "b"], "start": pd.to_datetime(days)})
    assert read_roster(frame, "mentee").columns["start"].to_list() == days


def test_hidden_sheets_are_not_chosen():
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        lists = book.add_worksheet("choices")
        lists.write_column(0, 0, ["choices", "yes", "no"])
        people = book.add_worksheet("Responses")
        people.write_row(0, 0, ["id", "name"])
        people.write_row(1, 0, ["p1", "A"])
        people.activate()
        lists.hide()
    assert read_roster(io.BytesIO(made.getvalue()), "mentee").ids == ("p1",)
    assert len(read_roster(io.BytesIO(made.getvalue()), "mentee", sheet="Responses")) == 1


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "Personalnummer;Vorname;Nachname;E-Mail-Adresse;Fähigkeiten;Verfügbarkeit;"
            "Berufserfahrung in Jahren;Abteilung;Standort;Sprachen;Zeitzone;Geschlecht",
            "007;Jörg;Müller;j@x.de;Python, Excel;Mo 9-11;2,5;IT;Köln;Deutsch, Englisch;MEZ;divers",
        ),
        (
            "Matricule;Prénom;Nom;Adresse e-mail;Compétences;Disponibilités;"
            "Années d'expérience;Département;Ville;Langues;Fuseau horaire;Genre",
            "007;Jörg;Müller;j@x.de;Python, Excel;lundi 9h-11h;2,5;IT;Köln;"
            "Deutsch, Englisch;Europe/Paris;divers",
        ),
    ],
)
def test_german_and_french_exports_are_read(header, row):
    other = "008;Zoé;Ça;z@x.fr;Excel;;10,25;HR;Bonn;Deutsch;;"
    roster = read_roster(exports.csv(f"{header}\n{row}\n{other}\n"), "mentee")
    assert roster.ids == ("007", "008")
    assert roster.names == ("Jörg Müller", "Zoé Ça")
    assert roster.emails[0] == "j@x.de"
    assert set(roster.columns) == {
        "skills", "availability", "experience", "department", "site", "languages", "timezone",
        "gender",
    }  # fmt: skip
    assert roster.columns["experience"].values.tolist() == [2.5, 10.25]
    assert roster.columns["availability"].to_list()[0] == "Mon 09:00-11:00"
    assert roster.sensitive == {"gender"}


@pytest.mark.parametrize(
    "headers",
    [
        ("Availability Monday", "Availability - Tuesday"),
        ("Monday", "Tuesday"),
        ("Monday availability", "Tuesday times"),
        ("Montag", "Dienstag"),
    ],
)
def test_one_column_per_day_holds_hours(headers):
    text = f"id,{','.join(headers)}\na,9-11,\nb,,2pm-4pm\n"
    hours = read_roster(exports.csv(text), "mentee").columns["availability"]
    assert hours.to_list() == ["Mon 09:00-11:00", "Tue 14:00-16:00"]


def test_one_column_per_part_of_a_day_holds_yes_and_no():
    text = "id,Monday morning,Monday afternoon,Tuesday AM\na,Yes,No,Yes\nb,No,Yes,\n"
    hours = read_roster(exports.csv(text), "mentee").columns["availability"]
    assert hours.to_list() == ["Mon 09:00-12:00; Tue 09:00-12:00", "Mon 13:00-17:00"]


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
@pytest.mark.parametrize("unclear", ["Not sure", ""])
def test_one_unclear_role_does_not_mix_the_roles(unclear):
    text = (
        "Email,Name,I would like to participate as\n"
        "a@x.org,A,Mentor\nb@x.org,B,Both mentor and mentee\nc@x.org,C,Mentee\n"
        f"d@x.org,D,{unclear}\n"
    )
    for role, ids in (("mentee", "bcd"), ("mentor", "abd")):
        roster = read_roster(exports.csv(text), role)
        assert "".join(person[0] for person in roster.ids) == ids
        repairs = roster.repairs[roster.repairs["code"] == "role_unclear"]
        assert repairs["row"].tolist() == [5]
        assert len(roster.questions) == bool(unclear)


def test_addresses_lose_their_wrapping_and_say_so():
    cells = ["mailto:a@x.org", "B <b@x.org>", "write to c@x.org", "D@X.org"]
    text = "id,email\n" + "".join(f"p{k},{cell}\n" for k, cell in enumerate(cells))
    roster = read_roster(exports.csv(text), "mentee")
    assert roster.emails == ("a@x.org", "b@x.org", "c@x.org", "d@x.org")
    assert roster.repairs.loc[roster.repairs["code"] == "email_words", "row"].tolist() == [4]
