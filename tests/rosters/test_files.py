"""Files as programs, people and accidents write them: each row of a table is one kind of file."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date

import openpyxl
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import RosterError
from mentormatch.rosters import read_roster, workbooks
from tests.rosters.exports import open_document

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

QUALTRICS = [
    "StartDate,Status,Progress,Finished,RecordedDate,ResponseId,Q1,Q2,Q3",
    "Start Date,Response Type,Progress,Finished,Recorded Date,Response ID,What is your name?,"
    "What is your e-mail address?,What would you like help with? - Selected Choice",
    ",".join(f'"{{""ImportId"":""{name}""}}"' for name in
             ("startDate", "status", "progress", "finished", "recordedDate", "_recordId",
              "QID1_TEXT", "QID2_TEXT", "QID3")),
]  # fmt: skip
ANSWERS = [
    "2026-02-02,IP Address,100,True,2026-02-02,R_1,Mia Alder,mia@x.example,Law",
    "2026-02-03,IP Address,100,True,2026-02-03,R_2,Ned Birch,ned@x.example,Art",
]
PREVIEW = "2026-02-01,Survey Preview,100,True,2026-02-01,R_0,Test,test@x.example,Law"
UNFINISHED = "2026-02-04,IP Address,34,False,2026-02-04,R_3,Ola,,"
PEOPLE = ["Name,Email,Goals,Hours a month", "Mia Alder,mia@x.example,Law,2",
          "Ned Birch,ned@x.example,Art,3"]  # fmt: skip


def codes(roster):
    return set(roster.repairs["code"])


def lines(*parts):
    flat = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return io.StringIO("\n".join(flat) + "\n")


# --- rows that are no people ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("second_header", lines(QUALTRICS, ANSWERS)),
        ("second_header", lines(
            QUALTRICS[0].replace("Q1,Q2,Q3", "Name,Email,Goals"), QUALTRICS[2], ANSWERS)),
        ("test_answer", lines(QUALTRICS, PREVIEW, ANSWERS)),
        ("unfinished_answer", lines(QUALTRICS, ANSWERS, UNFINISHED)),
        ("second_header", lines(  # Qualtrics without its row of ids
            "ResponseID,Q1,Q2,Q3_4",
            "ResponseID,Wie heißen Sie?,Wie lautet Ihre E-Mail-Adresse?,Wobei wünschen Sie Hilfe?",
            "R_1,Mia Alder,mia@x.example,Recht", "R_2,Ned Birch,ned@x.example,Kunst")),
        ("second_header", lines(  # SurveyMonkey
            "Respondent ID,Start Date,What is your name?,E-mail address,Which topics?,,",
            ",,Open-Ended Response,Open-Ended Response,Law,Art,Maths",
            "1,01/02/2026,Mia Alder,mia@x.example,Law,,Maths",
            "2,01/02/2026,Ned Birch,ned@x.example,,Art,")),
        ("second_header", lines(
            "Respondent ID,Start Date,Nombre,Correo electrónico,Temas,,",
            ",,Respuesta abierta,Respuesta abierta,Derecho,Arte,Historia",
            "1,01/02/2026,Mia Alder,mia@x.example,Derecho,,",
            "2,01/02/2026,Ned Birch,ned@x.example,,Arte,")),
        ("second_header", lines(  # merged cells
            "Name,Email,Skills,,,Office", ",,Law,Art,Maths,",
            "Mia Alder,mia@x.example,3,1,2,Bath", "Ned Birch,ned@x.example,1,1,3,Ely")),
        ("unfinished_answer", lines(
            "Startzeit,Beendet,Name,E-Mail", "2026-01-02,Ja,Mia Alder,mia@x.example",
            "2026-01-02,Ja,Ned Birch,ned@x.example", "2026-01-02,Nein,Ola,ola@x.example")),
        ("unfinished_answer", lines(
            "Start Time,Response Status,Name,Email", "2026-01-02,Complete,Mia Alder,mia@x.example",
            "2026-01-02,Partial,Ola,ola@x.example", "2026-01-02,Complete,Ned Birch,ned@x.example")),
        ("unfinished_answer", lines(
            "Response ID,Date submitted,Last page,Nom,E-mail",
            "1,2026-01-02,4,Mia Alder,mia@x.example",
            "2,,2,Ola,", "3,2026-01-02,4,Ned Birch,ned@x.example")),
        ("test_answer", lines(
            "Startdatum,Antworttyp,Name,E-Mail", "2026-01-02,Umfragevorschau,Probe,p@x.example",
            "2026-01-02,IP-Adresse,Mia Alder,mia@x.example",
            "2026-01-02,IP-Adresse,Ned Birch,ned@x.example")),
        ("total_row", lines(PEOPLE, "Total,,,5")),
        ("total_row", lines(PEOPLE, "Gesamtsumme,,,5")),
        ("total_row", lines(PEOPLE, ",,Average:,2.5")),
        ("total_row", lines(PEOPLE, "Moyenne :,,,2,5".replace("2,5", '"2,5"'))),
        ("total_row", lines(PEOPLE, "合計,,,5")),
        ("total_row", lines(PEOPLE[:2], "Subtotal,,,2", PEOPLE[2], "Grand total,,,5")),
        ("total_row", lines(PEOPLE, "المجموع,,,5")),
        ("footer", lines(PEOPLE, "", "Generated on 2026-01-02 by HR,,,")),
        ("footer", lines(PEOPLE, "Confidential,,,")),
        ("footer", lines(PEOPLE, "Erstellt am 02.01.2026,,,", "Seite 1 von 1,,,")),
        ("footer", lines(PEOPLE, "Source : SIRH 2026,,,")),
        ("footer", lines(PEOPLE, ",* answers are kept for one year,,")),
        ("footer", lines(PEOPLE, "导出时间：2026-01-02,,,")),
        ("repeated_header", lines(PEOPLE[:2], PEOPLE[0], PEOPLE[2])),
        ("repeated_header", lines(PEOPLE[:2], "", PEOPLE[0].upper(), PEOPLE[2])),
        ("second_table", lines(PEOPLE, "", "Office,People,,", "Bath,one,,", "Ely,one,,")),
        ("second_table", lines(PEOPLE, "", "Abteilung,Leitung,,", "Recht,Frau Groß,,")),
        ("title_rows", lines("Mentoring 2026,,,", PEOPLE)),
        ("title_rows", lines("Report,Mentees,,", "Exported,2026-01-02,,", ",,,", PEOPLE)),
        ("title_rows", lines("Bericht:,Mentees,,", "Stand:,02.01.2026,,", ",,,", PEOPLE)),
    ],
)  # fmt: skip
def test_rows_that_are_no_people_are_left_out_and_listed(code, content):
    roster = read_roster(content, "mentee")
    assert roster.names == ("Mia Alder", "Ned Birch")
    assert code in codes(roster)
    assert not {"preview", "Test"} & set(roster.ids)


def test_frames_have_second_headers_and_totals_too():
    frame = pd.read_csv(lines(QUALTRICS, PREVIEW, ANSWERS, UNFINISHED), dtype=str)
    roster = read_roster(frame, "mentee")
    assert roster.names == ("Mia Alder", "Ned Birch")
    assert roster.columns["goals"].to_list() == [["Law"], ["Art"]]
    assert {"second_header", "test_answer", "unfinished_answer"} <= codes(roster)


@pytest.mark.parametrize(
    "people",
    [
        ["Name,Team", "Total Recall,Sum", "Max Summe,Mean", "Page Turner,Count"],
        ["Name,Email,Team", "Total Ado,t@x.example,Art", "", "Page Noted,p@x.example,Law"],
        ["Name,Status", "Ana,in progress", "Bo,test"],
        ["Name,Completed", "Ana,No", "Bo,Yes"],
        ["Name,Q1,Q2", "Ana,why,who", "Bo,how,what"],
        ["Name,,Office", "Ana,b,Ely", "Bo,d,Bath"],
    ],
)
def test_people_who_look_like_something_else_stay(people):
    roster = read_roster(lines(people), "mentee")
    assert len(roster) == sum(bool(line) for line in people) - 1


def test_questions_for_first_and_last_names_are_names():
    header = "RecipientFirstName,What is your first name?,What is your last name?,Email"
    roster = read_roster(lines(header, ",Mia,Alder,mia@x.example"), "mentee")
    assert roster.names == ("Mia Alder",)


def test_a_second_table_in_another_order_is_refused():
    with pytest.raises(RosterError, match="another order begins here") as caught:
        read_roster(lines(PEOPLE, "", "Email,Name,Hours a month,Goals", "o@x.example,Ola,1,Law"),
                    "mentee")  # fmt: skip
    assert caught.value.issues["row"].tolist() == [5]


def test_only_previews_is_an_error():
    with pytest.raises(RosterError, match="preview"):
        read_roster(lines(QUALTRICS, PREVIEW), "mentee")


# --- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (["Law;#Art", "Art;#Law"], [["Law", "Art"], ["Art", "Law"]]),
        (["3;#Law;#5;#Art", "Law"], [["Law", "Art"], ["Law"]]),
        (['["Law","Art"]', '["Recht"]'], [["Law", "Art"], ["Recht"]]),
        (["['Law', 'Art']", "[]"], [["Law", "Art"], []]),
        (["• Law\n• Art", "• Law"], [["Law", "Art"], ["Law"]]),
        (["• Recht • Kunst", "Kunst"], [["Recht", "Kunst"], ["Kunst"]]),
        (["- Law\n- Art", "* Law\n* Art"], [["Law", "Art"], ["Law", "Art"]]),
        (["1. Law\n2. Art", "1) Art 2) Law"], [["Law", "Art"], ["Art", "Law"]]),
        (["(1) Derecho (2) Arte", "Arte"], [["Derecho", "Arte"], ["Arte"]]),
        (["Law\tArt", "Art"], [["Law", "Art"], ["Art"]]),
        (["Law/Art", "Art/Maths", "Law"], [["Law", "Art"], ["Art", "Maths"], ["Law"]]),
        (["Law / Art", "Art"], [["Law", "Art"], ["Art"]]),
        (["CI/CD", "Law"], [["CI/CD"], ["Law"]]),
        (["機械学習、統計", "統計"], [["機械学習", "統計"], ["統計"]]),
        (["数据库，统计", "统计；数据库"], [["数据库", "统计"], ["统计", "数据库"]]),
        (["القيادة، المال", "المال؛ القيادة"], [["القيادة", "المال"], ["المال", "القيادة"]]),
        (["Law", "Art", "Art, Law"], [["Law"], ["Art"], ["Art", "Law"]]),
        (["Law", *["Art"] * 14, "Art;Law"], [["Law"], *[["Art"]] * 14, ["Art", "Law"]]),
        (['"Research, basic", Law', "Law"], [["Research, basic", "Law"], ["Law"]]),
        (["Research, basic, Law", "Law, Research, clinical", "Research, basic", "Art, Law"],
         [["Research, basic", "Law"], ["Law", "Research, clinical"], ["Research, basic"],
          ["Art", "Law"]]),
        (["Lehre, kleine Gruppen, Recht", "Recht, Lehre, große Gruppen", "Lehre, kleine Gruppen",
          "Kunst, Recht"],
         [["Lehre, kleine Gruppen", "Recht"], ["Recht", "Lehre, große Gruppen"],
          ["Lehre, kleine Gruppen"], ["Kunst", "Recht"]]),
        (["Python, excel, sql", "Excel, python", "Sql"],
         [["Python", "Excel", "Sql"], ["Excel", "Python"], ["Sql"]]),
        (["Ｌａｗ", "Law"], [["Law"], ["Law"]]),
        (["e\u0301thique", "éthique"], [["éthique"], ["éthique"]]),
    ],
)  # fmt: skip
def test_lists_are_split_where_their_marks_say(cells, options):
    frame = pd.DataFrame({"Name": [f"P {k}" for k in range(len(cells))], "Goals": cells})
    read = read_roster(frame, "mentee").columns["goals"].to_list()
    assert [[o.casefold() for o in person or ()] for person in read] == [
        [o.casefold() for o in person] for person in options
    ]


@pytest.mark.parametrize(
    ("wish", "granted"),
    [
        ("Lopez, Ana", ["Ana Lopez"]),
        ("Lopez, Ana; Ruiz, Bo", ["Ana Lopez", "Bo Ruiz"]),
        ("Ana Lopez, Bo Ruiz", ["Ana Lopez", "Bo Ruiz"]),
        ("Ruiz, Bo | Lopez, Ana", ["Bo Ruiz", "Ana Lopez"]),
        ("Ana Lopez、Bo Ruiz", ["Ana Lopez", "Bo Ruiz"]),
        ("Cher, Ana Lopez", ["Cher", "Ana Lopez"]),
    ],
)
def test_family_names_before_a_comma(wish, granted):
    mentees = read_roster(pd.DataFrame({"Name": ["Mia"], "Preferred mentors": [wish]}), "mentee")
    mentors = read_roster(pd.DataFrame({"Name": ["Ana Lopez", "Bo Ruiz", "Cher"]}), "mentor")
    from mentormatch.scoring.people import Pairing

    links = Pairing(mentees, mentors).links("preferred", "mentee")
    assert [mentors.names[p] for p in links.to] == granted


# --- numbers, encodings, letters ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells", "numbers"),
    [
        ("Note", ["1,3", "2,0", "1,7"], [1.3, 2.0, 1.7]),
        ("Punteggio", ["1,25", "2", "0,5"], [1.25, 2.0, 0.5]),
        ("Score", ["1.5", "2", "3.25"], [1.5, 2.0, 3.25]),
        ("Years of experience", ["1,5", "10,25", "2"], [1.5, 10.25, 2.0]),
        ("Berufserfahrung (Jahre)", ["1.000,5", "2,5", "1.000"], [1000.5, 2.5, 1000.0]),
        ("Years of experience", ["05-Mar", "12", "10-Jun"], [4.0, 12.0, 8.0]),
        ("Years of experience", ["2026-03-05", "12", "7"], [4.0, 12.0, 7.0]),
        ("Years of experience", ["１２", "3", "７"], [12.0, 3.0, 7.0]),
        ("Years of experience", ["1,000", "2", "3"], [1000.0, 2.0, 3.0]),
        ("Years of experience", ["1e1", "2", "1e308"], [10.0, 2.0, None]),
    ],
)
def test_numbers_as_they_are_written(header, cells, numbers):
    frame = pd.DataFrame({"Name": ["Ana", "Bo", "Cy"], header: cells})
    roster = read_roster(frame, "mentee")
    name = next(n for n in roster.columns if n in (header, "experience"))
    assert roster.columns[name].to_list() == numbers


@pytest.mark.parametrize(
    ("cell", "seats"),
    [
        ("02-Jan", 2), ("2026-02-01", 2), (date(2026, 3, 5), 5), ("5. Mär", 5), ("3-mai", 5),
        ("1900-01-02", 2), ("1,000", 1000), ("1e2", 100), ("2,0", 2), ("３", 3), ("2名", 2),
        ("٢", 2), ("2026-05-20", 1), ("0x10", 1),
    ],
)  # fmt: skip
def test_seats_are_never_the_year_of_a_date(cell, seats):
    roster = read_roster(pd.DataFrame({"Name": ["Ana"], "Capacity": [cell]}), "mentor")
    assert roster.capacity.tolist() == [seats]


@pytest.mark.parametrize("cell", ["1e308", 1e308, "99999999", "room for 12345678"])
def test_nobody_takes_a_million(cell):
    with pytest.raises(RosterError, match=r"Capacity.*nobody takes that many"):
        read_roster(pd.DataFrame({"Name": ["Ana"], "Capacity": [cell]}), "mentor")


ALPHABETS = [
    ("氏名,メール,目標\n山田太郎,a@x.example,機械学習\n佐藤花子,b@x.example,統計学\n",
     ["cp932", "euc_jp", "utf-16", "utf-16-le", "utf-32"]),
    ("姓名,邮箱,目标\n张一,s1@x.example,机器学习\n李二,s2@x.example,数据库\n",
     ["gb18030", "utf-16-be", "utf-8-sig"]),
    ("Nom,E-mail,Objectifs\nRenée Lefèvre,r@x.example,Économie\nLoïc Noël,l@x.example,Réseaux\n",
     ["cp1252", "mac_roman"]),
    ("Name,E-Mail,Ziele\nJörg Müller,j@x.example,Führung\nBjörn Groß,b@x.example,Öffentlichkeit\n",
     ["cp1252", "mac_roman"]),
    ("Nombre,Correo electrónico,Objetivos\nIñaki Núñez,j@x.example,Educación\nÁngel Muñoz,"
     "b@x.example,Gestión\n", ["cp1252", "mac_roman"]),
    ("Imię i nazwisko,E-mail,Cele\nŁukasz Żak,j@x.example,Zarządzanie\nMałgorzata Wójcik,"
     "b@x.example,Pisanie książek\n", ["cp1250", "iso8859_2"]),
    ("Name,Email,Goals\nАнна Смирнова,a@x.example,Финансы\nИван Петров,i@x.example,Лидерство\n",
     ["cp1251", "koi8_r"]),
    ("Name,Email,Goals\nأحمد علي,a@x.example,القيادة\nليلى حسن,b@x.example,المالية\n", ["cp1256"]),
    ("Name,Email,Goals\n김철수,a@x.example,기계 학습\n이영희,b@x.example,통계\n", ["cp949"]),
    ("Name,Email,Office\nAndré Fay,a@x.example,Leeds\nBo Chan,b@x.example,Bath\n",
     ["cp1252", "mac_roman"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding"), [(text, codec) for text, codecs in ALPHABETS for codec in codecs]
)
def test_encodings_are_found_out(text, encoding):
    plain = read_roster(text.encode(), "mentee")
    found = read_roster(text.encode(encoding), "mentee")
    pd.testing.assert_frame_equal(found.to_frame(), plain.to_frame())
    assert codes(found) & {"encoding", "utf-16", "utf-32", "utf16", "bom"}


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("<p>What is your <b>name</b>?</p>", "What is your name?"),
        ('<span style="color:red">E-mail</span> *', "E-mail *"),
        ("Goals&nbsp;&amp; wishes<br/><em>(optional)</em>", "Goals & wishes (optional)"),
        ("<strong>Wie heißen Sie?</strong>", "Wie heißen Sie?"),
        ("<div><u>Prénom</u> :</div>", "Prénom :"),
        ("\u200fالاسم\u200e", "الاسم"),
        ("Name\u200b", "Name"),
        ("Pre\u0301nom", "Prénom"),
        ("Less <5 years", "Less <5 years"),
    ],
)
def test_headers_lose_html_and_what_nobody_sees(header, read):
    from mentormatch.rosters.repair import repaired_header

    assert repaired_header(header) == read


def test_letters_that_look_alike_are_one():
    frame = pd.DataFrame({"Name": ["علي", "Bo"], "Goals": ["\u200eLaw\u200f", "La\u200bw"]})
    roster = read_roster(frame, "mentee")
    assert roster.columns["goals"].to_list() == [["Law"], ["Law"]]
    assert "invisible_characters" in codes(roster)
    decomposed = unicodedata.normalize("NFD", "Zoë Näf")
    assert read_roster(pd.DataFrame({"Name": [decomposed]}), "mentee").ids == ("Zoë Näf",)


def test_arabic_and_persian_letters_meet():
    persian, arabic = "\u06a9\u062a\u0627\u0628\u06cc", "\u0643\u062a\u0627\u0628\u064a"
    frame = pd.DataFrame({"Name": ["A", "B"], "Goals": [persian, arabic]})
    first, second = read_roster(frame, "mentee").columns["goals"].to_list()
    assert first == second


# --- workbooks ------------------------------------------------------------------------------------


def workbook(**sheets) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def stored(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


TABLE = [["Name", "Email", "Goals"], ["Ana", "ana@x.example", "Law"], ["Bo", "bo@x.example", "Art"],
         ["Cy", "cy@x.example", "Law"]]  # fmt: skip


@pytest.mark.parametrize("corner", ["XFD1048576", "XFD2000", "ALL30000"])
def test_a_stray_cell_in_a_far_corner_is_named(corner):
    book = workbook(People=TABLE)
    book["People"][corner] = "x"
    with pytest.raises(RosterError, match=rf"reaches to {corner}.*delete"):
        read_roster(stored(book), "mentee")
    book.create_sheet("More")
    for row in TABLE:
        book["More"].append(row)
    assert read_roster(stored(book), "mentee").names == ("Ana", "Bo", "Cy")


def test_a_stray_cell_far_below_lists_one_gap():
    book = workbook(People=TABLE)
    book["People"]["A9000"] = "Di"
    roster = read_roster(stored(book), "mentee")
    assert roster.names[-1] == "Di"
    assert len(roster.repairs[roster.repairs["code"] == "blank_row"]) == 1


def test_hidden_rows_columns_and_sheets_are_said():
    book = workbook(People=TABLE, Old=TABLE)
    sheet = book["People"]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book["Old"].sheet_state = "hidden"
    roster = read_roster(stored(book), "mentee")
    said = roster.repairs.set_index("code")
    assert roster.names == ("Ana", "Bo", "Cy")
    assert said.loc["hidden_rows", "row"] == 3
    assert said.loc["hidden_column", "column"] == "Goals"
    asked = roster.questions.set_index("code")["settle"]
    assert "drop_rows=[3]" in asked["hidden_rows"]
    assert "columns={'goals': 'Goals'}" in asked["hidden_column"]
    settled = read_roster(
        stored(book), "mentee", drop_rows=[3], columns={"goals": "Goals"}, sheet="People"
    )
    assert settled.names == ("Ana", "Cy")
    assert settled.questions.empty
    assert "'Old' (hidden)" in said.loc["several_sheets", "problem"]


def test_rows_and_columns_that_nobody_sees_for_their_size_are_hidden():
    book = workbook(People=TABLE)
    book["People"].row_dimensions[3].height = 7.5
    book["People"].column_dimensions["C"].width = 3.25
    low = stored(book)
    assert not codes(read_roster(low, "mentee")) & {"hidden_rows", "hidden_column"}
    flat = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(low)) as old, zipfile.ZipFile(flat, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b'"7.5"', b'"0"').replace(b'"3.25"', b'"0"'))
    roster = read_roster(flat.getvalue(), "mentee")
    said = roster.repairs.set_index("code")
    assert said.loc["hidden_rows", "row"] == 3
    assert said.loc["hidden_column", "column"] == "Goals"
    assert set(roster.questions["code"]) == {"hidden_rows", "hidden_column"}


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("2025", "2026"), True), (("Tabelle1", "Tabelle2"), True),
        (("Mentees", "Mentors"), False), (("Old", "Mentees 2026"), False),
    ],
)  # fmt: skip
def test_two_sheets_of_people_are_asked_about_unless_one_is_named_for_the_role(names, asked):
    book = stored(workbook(**dict.fromkeys(names, TABLE)))
    questions = read_roster(book, "mentee").questions
    assert questions["code"].tolist() == ["several_sheets"] * asked
    if asked:
        assert f"sheet={names[1]!r}" in questions["settle"][0]
        assert read_roster(stored(workbook(**dict.fromkeys(names, TABLE))), "mentee",
                           sheet=names[1]).questions.empty  # fmt: skip


def test_it_is_said_where_nobody_looked_for_hidden_rows(monkeypatch):
    assert "hidden_unchecked" not in codes(read_roster(stored(workbook(People=TABLE)), "mentee"))
    monkeypatch.setattr(workbooks, "_scan", lambda content, source: {})  # as for XLS and XLSB
    assert "hidden_unchecked" in codes(read_roster(stored(workbook(People=TABLE)), "mentee"))


def test_a_sheet_that_is_hidden_and_alone_is_said():
    book = workbook(Cover=[["Programme"]], People=TABLE)
    book["People"].sheet_state = "hidden"
    roster = read_roster(stored(book), "mentee")
    assert "hidden_sheet" in codes(roster)
    assert "sheet='People'" in roster.questions.set_index("code").loc["hidden_sheet", "settle"]
    assert read_roster(stored(book), "mentee", sheet="People").questions.empty


def test_formulas_without_a_result_are_asked_about_where_a_field_is_read_from_them():
    book = workbook(
        People=[[*row, word] for row, word in zip(TABLE, ("Note", "1", "2", "3"), strict=True)]
    )
    for place in ("C3", "D3"):
        book["People"][place].value, book["People"][place].data_type = "#REF!", "e"
    asked = read_roster(stored(book), "mentee").questions
    assert asked["code"].tolist() == ["failed_formulas"]
    assert asked["column"].tolist() == ["Goals"]
    assert "1 cell holds a formula without a result" in asked["question"][0]


@pytest.mark.parametrize("flat", [False, True])
def test_what_an_open_document_hides_is_listed_and_asked_about(flat):
    rows = [[*row, note] for row, note in zip(TABLE, ("Site", "Ely", "Bath", "Ely"), strict=True)]
    rows[1][2] = "#REF!"
    roster = read_roster(open_document(rows, 3, 4, (2, 3), flat=flat), "mentee")
    assert roster.names == ("Ana", "Bo", "Cy")
    assert roster.columns["goals"].to_list()[0] is None
    said = roster.repairs.set_index("code")
    assert said.loc["hidden_rows", "row"] == 3
    assert said.loc["hidden_column", "column"] == "Site"
    assert said.loc["failed_formula", "row"] == 2
    assert set(roster.questions["code"]) == {"hidden_rows", "hidden_column", "failed_formulas"}


@pytest.mark.parametrize(
    "cover",
    [
        [["Readme"], ["hello"]],
        [["Programme", "Mentoring 2026"], ["Contact", "hr@x.example"]],
        [["Programm", "Mentoring"], ["Stand", "2026-01-02"], ["Leitung", "Frau Groß"]],
        [["Optionen"], ["Recht"], ["Kunst"]],
        [["Topic", "Code"], ["Law", 1]],
        [],
    ],
)
def test_a_cover_sheet_is_passed_over(cover):
    rows = [TABLE[0], *([f"P {k}", f"p{k}@x.example", "Law"] for k in range(12))]
    roster = read_roster(stored(workbook(Cover=cover, Data=rows)), "mentee")
    assert len(roster) == 12


@pytest.mark.parametrize("word", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#N/A"])
def test_failed_formulas_of_workbooks_are_listed(word):
    book = workbook(People=TABLE)
    cell = book["People"]["C3"]
    cell.value, cell.data_type = word, "e"
    roster = read_roster(stored(book), "mentee")
    assert roster.columns["goals"].to_list() == [["Law"], None, ["Law"]]
    found = roster.repairs[roster.repairs["row"] == 3]
    assert found["column"].tolist() == ["Goals"]
    assert word in found.iloc[0]["problem"] + found.iloc[0]["value"]


@pytest.mark.parametrize("word", ["#BEZUG!", "#WERT!", "#VALEUR!", "#¡REF!", "Err:508", "#RIF!"])
def test_failed_formulas_are_blank_in_every_language(word):
    roster = read_roster(lines("Name,Goals", f"Ana,{word}", "Bo,Law"), "mentee")
    assert roster.columns["goals"].to_list() == [None, ["Law"]]
    assert roster.repairs.set_index("code").loc["failed_formula", "row"] == 2


def test_formulas_without_a_stored_value_are_listed():
    book = workbook(People=TABLE)
    book["People"]["C2"] = "=VLOOKUP(A2,Old!A:B,2)"
    roster = read_roster(stored(book), "mentee")
    found = roster.repairs.set_index("code").loc["formula_without_value"]
    assert (found["row"], found["column"]) == (2, "Goals")


def test_an_open_quote_in_the_last_row_is_refused():
    with pytest.raises(RosterError, match="quotation mark"):
        read_roster(lines(PEOPLE, '"Di Vo,di@x.example,Law,2'), "mentee")


def test_the_case_of_a_date_for_seats_reaches_the_matching():
    mentors = pd.DataFrame({"Name": ["Ana", "Bo"], "Capacity": [date(2026, 1, 2), 1],
                            "Skills": ["Law", "Law"]})  # fmt: skip
    mentees = pd.DataFrame({"Name": list("abcd"), "Goals": ["Law"] * 4})
    matching = mm.match(read_roster(mentees, "mentee"), read_roster(mentors, "mentor"))
    assert len(matching.to_frame().dropna(subset=["mentor"])) <= 3
