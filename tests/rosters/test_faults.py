"""Planted faults: each is named, in one list, with the row a spreadsheet shows."""

from __future__ import annotations

import io
import pickle
import zipfile

import pandas as pd
import pytest

from mentormatch.errors import RosterError
from mentormatch.rosters import read_roster
from tests.rosters import exports

HEADER = "Employee ID,Name,Email,Skills,Time zone,Availability,Capacity,Bio\n"
FAULTY = (
    b"\xef\xbb\xbf"
    + HEADER.encode()
    + b"1,Ana Lima,ana@x.example,python:3,Europe/London,Mon 9-11,1,Hello\n"
    + b"1,Bo Chan,bo@x.example,law,Europe/Paris,Tue 9-11,1,Hello\n"
    + b",,,art,Europe/Paris,Tue 9-11,1,Hello\n"
    + b"4,Cy Dahl,cy@x.example,python:NaN,Mars/Olympus,whenever Jupiter rises,-1,Hi\n"
    + "5,Zoë Eng,zoe@x.example,law,Europe/Paris,Wed 9-11,2,".encode()
    + b"=cmd|'/c calc'!A1\n"
    + "6,André Fay,andre@x.example,law,Europe/Paris,Wed 9-11,2,".encode("cp1252")
    + b"x" * 10_000
    + b"\n"
)

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def test_one_error_names_every_planted_fault():
    with pytest.raises(RosterError) as caught:
        read_roster(FAULTY, "mentor")
    issues, repairs = caught.value.issues, caught.value.repairs
    assert {(r, c) for r, c in zip(issues["row"], issues["code"], strict=True)} == {
        (2, "duplicate_id"),
        (3, "duplicate_id"),
        (4, "blank_id"),
    }
    found = dict(zip(repairs["code"], repairs["row"], strict=True))
    expected = {
        "capacity_negative": 5,
        "zone": 5,
        "level": 5,
        "hours": 5,
        "formula_text": 6,
        "long_text": 7,
        "mixed_encoding": 7,
    }
    assert {code: found[code] for code in expected} == expected
    assert "bom" in found
    message = str(caught.value)
    for word in (
        "row 2",
        "row 3",
        "row 4",
        "row 5",
        "Mars/Olympus",
        "NaN",
        "Jupiter",
        "-1",
        "=cmd",
    ):
        assert word in message
    assert pickle.loads(pickle.dumps(caught.value)).issues.equals(issues)


def test_the_repaired_rest_is_read():
    lines = FAULTY.split(b"\n")
    roster = read_roster(b"\n".join([lines[0], lines[1], *lines[5:]]), "mentor")
    assert roster.names == ("Ana Lima", "Zoë Eng", "André Fay")
    bios = roster.columns["about"].to_list()
    assert bios[1].startswith("=cmd")
    assert len(bios[2]) == 10_000
    assert max(map(len, roster.repairs["value"])) <= 80


def test_no_row_disappears():
    text = (
        "Employee ID,Name,Email,Status\n1,Ana,a@x.example,active\n\n2,Bo,b@x.example,left\n"
        "1,Ana,a@x.example,active\n3,Cy,c@x.example,active\n\n\n"
    )
    roster = read_roster(io.StringIO(text), "mentee")
    dropped = roster.repairs[roster.repairs["code"].isin(["blank_row", "left", "repeated"])]
    assert sorted(dropped["row"]) == [2, 3, 4]
    assert len(roster) + len(dropped) == 5


@pytest.mark.parametrize(
    ("code", "text", "role"),
    [
        ("id_number", "Employee ID,Name\n123.0,Ana", "mentee"),
        ("id_rounded", "Employee ID,Name\n1.2E+08,Ana", "mentee"),
        ("blank_id", "Employee ID,Name,Email\n,Ana,a@x.example\n2,Bo,b@x.example", "mentee"),
        ("blank_word", "Name,Office\nAna,N/A\nBo,Leeds", "mentee"),
        ("email", "Name,Email\nAna,a@x.example\nBo,anonymous", "mentee"),
        ("shared_email", "Employee ID,Name,Email\n1,Ana,a@x.example\n2,Bo,a@x.example", "mentee"),
        ("spelling", "Name,Office\nAna,leeds\nBo,Leeds\nCy,Leeds", "mentee"),
        ("capacity_words", "Name,Capacity\nAna,One or two is good for me", "mentor"),
        ("capacity_unread", "Name,Capacity\nAna,hmm", "mentor"),
        ("capacity_blank", "Name,Capacity\nAna,2\nBo,", "mentor"),
        ("no_capacity_column", "Name,Skills\nAna,Law", "mentor"),
        ("hours_guess", "Name,Availability\nAna,mornings", "mentee"),
        ("zone_alias", "Name,Time zone\nAna,EST", "mentee"),
        ("number_words", "Name,Years of experience\nAna,ten years", "mentee"),
        ("number", "Name,Years of experience\nAna,lots\nBo,3", "mentee"),
        ("out_of_range", "Name,Years of experience\nAna,-3\nBo,3", "mentee"),
        ("scale", "Name,Grade\nAna,AA\nBo,AO\nCy,EO\nDi,HEO\nEd,Wizard", "mentee"),
        ("people_separator", 'Name,Preferred mentors\nAna,"12, "', "mentee"),
        ("comma_option", 'Name,Goals\nAna,"Planning, Speaking up, writing, Law, Art"', "mentee"),
        ("comma_option", 'Name,Goals\nA,"CVs, talks, Law"\nB,"Law, CVs, talks"', "mentee"),
        ("prefix", "Name,Goals\nAna,Goal: Law;Goal: Art;", "mentee"),
        ("level", "Name,Skills\nAna,law:NaN", "mentor"),
        ("mojibake", "Name,Office\nAna,MÃ¼nchen", "mentee"),
        ("control_characters", "Name,Office\nAna,Le\x07eds", "mentee"),
        ("nul", "Name,Office\nAna,Le\x00eds", "mentee"),
        ("same_header", "Name,Extra,Extra\nAna,a,b", "mentee"),
        ("no_header", "Name,,Office\nAna,b,c", "mentee"),
        ("short_row", "Name,Office,Team\nAna,b", "mentee"),
        ("second_column", "Name,Skills,Key skills\nAna,Law,Art", "mentor"),
        ("formula_text", "Name,Office\n=HYPERLINK(1),b", "mentee"),
    ],
)
def test_every_repair_is_listed_under_its_code(code, text, role):
    roster = read_roster(io.StringIO(text + "\n"), role)
    found = roster.repairs[roster.repairs["code"] == code]
    assert len(found) >= 1
    assert (found["problem"] != "").all()
    assert (found["action"] != "").all()


@pytest.mark.parametrize(
    ("early", "late"), [("31/01/2024 10:00", "01/02/2024 09:00"), ("28.02.2024", "01.03.2024")]
)
def test_the_latest_sign_up_wins_wherever_it_stands(early, late):
    text = (
        f"Timestamp,Name,Email,Office\n{late},Ana,a@x.example,Ely\n{early},Ana,a@x.example,Bath\n"
    )
    roster = read_roster(io.StringIO(text), "mentee")
    assert roster.columns["site"].to_list() == ["Ely"]
    assert roster.repairs.set_index("code").loc["repeated", "row"] == 3


def test_two_people_with_one_address_and_no_ids_go_by_their_names():
    text = "Name,Email,Office\nAna Lima,team@x.example,Bath\nBo Chan,team@x.example,Ely\n"
    roster = read_roster(io.StringIO(text), "mentee")
    assert roster.ids == ("Ana Lima", "Bo Chan")
    assert roster.repairs["row"].dropna().tolist() == [2, 3]


def test_a_roster_that_names_nobody_is_refused_once():
    with pytest.raises(RosterError, match="who people are") as caught:
        read_roster(io.StringIO("Office,Goals\nBath,Law\nEly,Art\n"), "mentee")
    assert len(caught.value.issues) == 1


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"Name,Email\n", "no people"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "workbook"),
        (b"Name,Office\nAna,Leeds, North\n", "2 headers"),
    ],
)
def test_broken_files_are_refused_in_words(content, word):
    with pytest.raises(RosterError, match=word):
        read_roster(content, "mentee")


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("mentormatch.rosters.workbooks.MAX_UNPACKED", 10_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    with pytest.raises(RosterError, match="unpacks"):
        read_roster(buffer.getvalue(), "mentee")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RosterError, match="nowhere"):
        read_roster(tmp_path / "nowhere.csv", "mentee")
    with pytest.raises(RosterError, match="int"):
        read_roster(42, "mentee")


def test_nobody_of_the_role():
    with pytest.raises(RosterError, match="no row is a mentor"):
        read_roster(exports.csv("Name,Role\nAna,Mentee"), "mentor")


def test_hostile_names_are_data_and_escaped_in_html():
    roster = read_roster(
        exports.csv('Name,Office\n<script>alert(1)</script>,"<b>Leeds</b>"'), "mentee"
    )
    assert roster.names == ("<script>alert(1)</script>",)
    assert "<script>" not in roster._repr_html_()
    assert "&lt;script&gt;" in roster._repr_html_()


def test_encodings_and_delimiters_agree():
    text = 'Name;Office;Goals\nZoë;"Lee\nds";Law\nBo;Bath;Art\n'
    plain = read_roster(text.encode(), "mentee").to_frame()
    for content in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.encode("utf-16-le"),
        text.encode("cp1252"),
        text.replace("\n", "\r\n").replace("Lee\r\n", "Lee\n").encode(),
        ("sep=;\n" + text).encode(),
        text.replace(";", "\t").encode(),
        text.replace(";", "|").encode(),
    ):
        pd.testing.assert_frame_equal(read_roster(content, "mentee").to_frame(), plain)
    given = read_roster(text.encode("cp1252"), "mentee", encoding="cp1252")
    pd.testing.assert_frame_equal(given.to_frame(), plain)
    with pytest.raises(RosterError, match="ascii"):
        read_roster(text.encode(), "mentee", encoding="ascii")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('id,name,skills\n1,A,x\n2,"B,y\n3,C,z\n', 3),
        ('id,name,skills\n1,"A,x\n2,"B",y\n3,C,z\n', 2),
    ],
)
def test_an_open_quote_swallows_nobody_silently(text, row):
    with pytest.raises(RosterError) as caught:
        read_roster(io.StringIO(text), "mentee")
    assert caught.value.issues["row"].tolist() == [row]
    assert "quotation mark" in str(caught.value)


def test_answers_over_several_lines_and_loose_quotes_are_read():
    text = 'id,name,about\n1,A,"two\n""lines"""\n2,B,5" pipe\n3,C,"he said\nno"\n4,D,"open\n'
    roster = read_roster(io.StringIO(text), "mentee")
    assert roster.ids == ("1", "2", "3", "4")
    assert roster.columns["about"].to_list()[:2] == ['two\n"lines"', '5" pipe']


@pytest.mark.parametrize("header", ["Unavailable days", "When are you not available to meet?"])
def test_days_that_do_not_suit_are_not_read_as_free(header):
    text = f"id,name,{header}\n1,A,Monday\n2,B,Tue;Wed\n"
    roster = read_roster(io.StringIO(text), "mentee")
    assert "availability" not in roster.columns
    assert header in roster.columns


def test_a_share_is_no_capacity():
    text = "id,name,skills,capacity\n1,A,x,50%\n2,B,x,2\n"
    roster = read_roster(io.StringIO(text), "mentor")
    assert roster.capacity.tolist() == [1, 2]
    assert "capacity_unread" in set(roster.repairs["code"])


def test_who_may_have_left_is_named():
    text = "id,name,Status\n1,A,Active\n2,B,Terminated\n3,C,Sabbatical\n"
    roster = read_roster(io.StringIO(text), "mentee")
    assert roster.ids == ("1", "2", "3")
    left = roster.repairs[roster.repairs["code"] == "perhaps_left"]
    assert left["row"].tolist() == [3]


def test_names_stay_on_one_line_in_one_direction():
    text = 'id,name\n1,"Li\n Bo"\n2,\u202eevil\n3,محمد علي\n'
    assert read_roster(io.StringIO(text), "mentee").names == ("Li Bo", "evil", "محمد علي")
