"""Several answers in one cell, marked in any way: split right, or asked about."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import plan_roster, read_roster

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

FOUR = [["Law", "Tax"], ["Tax", "Art"], ["Art"], ["Law", "Art", "Tax"]]
VIER = [["Recht", "Steuern"], ["Steuern", "Kunst"], ["Kunst"], ["Recht", "Kunst", "Steuern"]]
四 = [["法律", "税務"], ["税務", "芸術"], ["芸術"], ["法律", "芸術", "税務"]]


def frame(cells, header="Goals"):
    return pd.DataFrame({"Name": [f"Person {k} Oak" for k in range(len(cells))], header: cells})


def read(cells, header="Goals", role="mentee", **choices):
    return read_roster(frame(cells, header), role, **choices)


def goals(cells, header="Goals", **choices):
    return read(cells, header, **choices).columns["goals"].to_list()


def asked(profiles, code):
    return profiles.questions[profiles.questions["code"] == code]


@pytest.mark.parametrize("answers", [FOUR, VIER, 四], ids=["en", "de", "ja"])
@pytest.mark.parametrize(
    "sign",
    ["·", " · ", "・", "•", " • ", "~", " ~ ", "〜", "\\", " \\ ", "^", "¦", " + ", "+", "\u3000",
     "／", "→", "<br>", "<br/>", "<BR />", ";", " | ", "\n", " / ", "\t", ";#"],
)  # fmt: skip
def test_whatever_sign_stands_between_answers(sign, answers) -> None:
    assert goals([sign.join(options) for options in answers]) == answers


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["{Law,Tax}", '{"Tax law",Art}', "{Art}", "{}"],
         [["Law", "Tax"], ["Tax law", "Art"], ["Art"], []]),
        (["{Recht,NULL}", '{"Recht, öffentlich",Kunst}'],
         [["Recht"], ["Recht, öffentlich", "Kunst"]]),
        (["{'Law', 'Tax'}", "('Tax', 'Art')"], [["Law", "Tax"], ["Tax", "Art"]]),
        (['[{"Id": 3, "Value": "Law"}, {"Id": 5, "Value": "Tax, new"}]', '[{"Value": "Law"}]'],
         [["Law", "Tax, new"], ["Law"]]),
        (['[{"label": "Kunst"}]', '{"label": "Recht"}'], [["Kunst"], ["Recht"]]),
        (['{"Law": true, "Tax": false}', '{"Law": true, "Tax": true}'], [["Law"], ["Law", "Tax"]]),
        (["Law;#12;#Tax;#3", "Tax;#3", "Art;#4;#Law;#12"],
         [["Law", "Tax"], ["Tax"], ["Art", "Law"]]),
        (["12;#Law;#3;#Tax", "3;#Tax", "4;#Art"], [["Law", "Tax"], ["Tax"], ["Art"]]),
        ([";#Recht;#Kunst;#", ";#Kunst;#"], [["Recht", "Kunst"], ["Kunst"]]),
        (["<ul><li>Law</li><li>Tax</li></ul>", "<p>Tax</p><p>Art</p>"],
         [["Law", "Tax"], ["Tax", "Art"]]),
        (["<div>Recht &amp; Ordnung</div><div>Kunst</div>", "<b>Kunst</b>, Recht"],
         [["Recht & Ordnung", "Kunst"], ["Kunst", "Recht"]]),
        (["a. Law b. Tax", "a. Tax b. Art", "a. Art"],
         [["Law", "Tax"], ["Tax", "Art"], ["Art"]]),
        (["(a) Recht, (b) Kunst", "(a) Kunst"], [["Recht", "Kunst"], ["Kunst"]]),
        (["i) Law ii) Tax iii) Art", "i) Art"], [["Law", "Tax", "Art"], ["Art"]]),
        (["①法律②税務", "①税務"], [["法律", "税務"], ["税務"]]),
        (["一、法律 二、税務", "一、芸術"], [["法律", "税務"], ["芸術"]]),
        (["а) Право б) Налоги", "а) Налоги"], [["Право", "Налоги"], ["Налоги"]]),
        (["1) Law 2) Tax", "1) Law", "1) Art 2) Law", "1. Tax"],
         [["Law", "Tax"], ["Law"], ["Art", "Law"], ["Tax"]]),
        (["1) Law", "Law, Tax", "Tax"], [["Law"], ["Law", "Tax"], ["Tax"]]),
        (["1) Law, 2) Tax", "1) Law, 3) Art", "2) Tax"],
         [["Law", "Tax"], ["Law", "Art"], ["Tax"]]),
        (["・法律\n・税務", "・税務"], [["法律", "税務"], ["税務"]]),
        (["· Law · Tax", "· Tax"], [["Law", "Tax"], ["Tax"]]),
        (["- Law - Tax", "- Tax"], [["Law", "Tax"], ["Tax"]]),
        (["● Recht ● Steuern", "● Steuern"], [["Recht", "Steuern"], ["Steuern"]]),
    ],
)  # fmt: skip
def test_lists_that_machines_and_people_mark(cells, right) -> None:
    assert goals(cells) == right


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["Law und Tax", "Law", "Tax"], [["Law", "Tax"], ["Law"], ["Tax"]]),
        (["Law & Tax", "Law", "Tax"], [["Law", "Tax"], ["Law"], ["Tax"]]),
        (["droit et impôts", "droit", "impôts"], [["droit", "impôts"], ["droit"], ["impôts"]]),
        (["Law ~ Tax", "Law, Art", "Tax, Art"], [["Law", "Tax"], ["Law", "Art"], ["Tax", "Art"]]),
        (["Law/Tax", "Law, Art", "Tax, Art"], [["Law", "Tax"], ["Law", "Art"], ["Tax", "Art"]]),
        (["Health & Safety, Law", "Health, Safety", "Law"],
         [["Health & Safety", "Law"], ["Health", "Safety"], ["Law"]]),
        (["Research and Tax"] * 2 + ["Research", "Tax"],
         [["Research and Tax"]] * 2 + [["Research"], ["Tax"]]),
    ],
)  # fmt: skip
def test_one_lone_multi_answer(cells, right) -> None:
    assert goals(cells) == right


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["Law + Tax", "Music"], " + "), (["Recht · Steuern", "Kunst"], "·"),
        (["Law~Tax", "Art"], "~"), (["法律\u3000税務", "芸術"], "\u3000"),
        (["Law\\Tax", "Art"], "\\"), (["droit → impôts", "art"], "→"),
        (["Law and Tax", "Tax and Art", "Art and Law"], " and "),
        (["Recht und Kunst", "Kunst und Musik", "Musik und Recht"], " und "),
    ],
)  # fmt: skip
def test_a_sign_that_may_part_answers_is_asked_about(cells, sign) -> None:
    profiles = read(cells)
    assert profiles.columns["goals"].to_list() == [[cell] for cell in cells]
    question = asked(profiles, "list_sign").iloc[0]
    assert question["column"] == "Goals"
    several, one = question["settle"].split("\n")
    assert f"set('Goals', separator={sign!r})" in several
    assert "columns={'goals': 'Goals'}" in one
    settled = plan_roster(frame(cells), "mentee").set("Goals", separator=sign).read()
    assert settled.columns["goals"].to_list()[0] == [w.strip() for w in cells[0].split(sign)]
    for quiet in (settled, read(cells, columns={"goals": "Goals"})):
        assert not len(asked(quiet, "list_sign"))


@pytest.mark.parametrize(
    "cells",
    [
        ["C++", "C#", "F#"], ["Nivell 1, col·laboració", "Art, col·laboració", "col·lectius"],
        ["Health & Safety", "Law", "Art"], ["Research and Development", "Law"],
        ["A. Smith", "Law"], ["Level~", "Art"], ["A+ certificate", "Art"], ["1:1 coaching", "Art"],
    ],
)  # fmt: skip
def test_signs_within_an_answer_are_no_doubt(cells) -> None:
    assert not len(read(cells).questions)


@pytest.mark.parametrize("word", ["none", "keine", "aucun", "ninguno", "nessuno", "なし", "没有"])
def test_who_wants_nothing_wants_nothing(word) -> None:
    assert goals(["Law, Art", word]) == [["Law", "Art"], []]


@pytest.mark.parametrize("header", ["Things", "Favourite things", "Lieblingsfächer"])
def test_lists_under_a_header_nobody_knows(header) -> None:
    cells = [" ~ ".join(options) for options in FOUR]
    assert read(cells, header).columns[header].to_list() == FOUR


@pytest.mark.parametrize(
    ("cells", "read", "asked"),
    [
        (["Law - Tax", "Tax", "Law - Art", "Art"],
         [["Law", "Tax"], ["Tax"], ["Law", "Art"], ["Art"]], []),
        (["Recht – Steuern", "Steuern – Kunst", "Recht", "Kunst – Recht"],
         [["Recht", "Steuern"], ["Steuern", "Kunst"], ["Recht"], ["Kunst", "Recht"]], []),
        (["Law;Tax", "Tax;Art", "Law - Tax", "Art;Law"],
         [["Law", "Tax"], ["Tax", "Art"], ["Law", "Tax"], ["Art", "Law"]], []),
        # an option of two parts, each in its own place, and levels
        (["Finance - Rome", "Finance - Oslo", "Staff - Rome", "Staff - Oslo"],
         [["Finance - Rome"], ["Finance - Oslo"], ["Staff - Rome"], ["Staff - Oslo"]], []),
        (["Python - advanced", "Excel - beginner", "Python", "Excel"],
         [["Python:3"], ["Excel:1"], ["Python"], ["Excel"]], []),
        # one stands alone: nobody can tell
        (["Law - Rome", "Law - Oslo", "Tax - Rome", "Tax - Oslo", "Law"],
         [["Law - Rome"], ["Law - Oslo"], ["Tax - Rome"], ["Tax - Oslo"], ["Law"]], ["list_sign"]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_a_dash_parts_answers_where_the_options_show_it(
    cells: list[str], read: list[list[str]], asked: list[str]
) -> None:
    names = [f"Ana Lima{'x' * k}" for k in range(len(cells))]
    profiles = read_roster(pd.DataFrame({"Name": names, "Topics": cells}), "mentee")
    assert profiles.columns["goals"].to_list() == read
    assert profiles.questions["code"].tolist() == asked


@pytest.mark.parametrize(
    ("header", "cells", "beside"),
    [
        ("Goals", ["Law;Other (please specify);", "Tax;", "Other (please specify);"],
         "Other (please specify)"),
        ("Goals", ["Law, Other", "Tax", "Other"], "If other, please specify"),
        ("Ziele", ["Law;Sonstiges", "Tax", "Sonstiges"], "Falls Sonstiges, bitte angeben"),
        ("Objectifs", ["Law;Autre", "Tax", "Autre"], "Si autre, précisez"),
        ("Objetivos", ["Law;Otro", "Tax", "Otro"], "Otro (especifique)"),
        ("Obiettivi", ["Law;Altro", "Tax", "Altro"], "Altro (specificare)"),
        ("Doelen", ["Law;Anders", "Tax", "Anders"], "Anders, namelijk"),
        ("目标", ["Law;其他", "Tax", "其他"], "其他，请说明"),
        ("目標", ["Law;その他", "Tax", "その他"], "その他の内容"),
    ],
)  # fmt: skip
def test_what_is_written_beside_other_is_read_in_its_place(
    header: str, cells: list[str], beside: str
) -> None:
    frame = pd.DataFrame(
        {
            "Name": ["Ana Lima", "Bo Chan", "Cy Dahl"],
            header: cells,
            beside: ["Harbours", "", "Toll"],
        }
    )
    profiles = read_roster(frame, "mentee")
    assert profiles.columns["goals"].to_list() == [["Law", "Harbours"], ["Tax"], ["Toll"]]
    repairs = profiles.repairs[profiles.repairs["code"] == "other_text"]
    assert repairs["row"].tolist() == [2, 4]
    again = read_roster(frame, "mentee", plan=plan_roster(frame, "mentee").to_dict())
    assert again.columns["goals"].to_list() == profiles.columns["goals"].to_list()


def test_what_is_written_beside_another_answer_is_left_where_it_is() -> None:
    frame = pd.DataFrame(
        {"Name": ["Ana Lima", "Bo Chan"], "Goals": ["Law;Other", "Tax"], "Other": ["", "a remark"]}
    )
    assert read_roster(frame, "mentee").columns["goals"].to_list() == [["Law", "Other"], ["Tax"]]
    site = pd.DataFrame(
        {
            "Name": ["Ana Lima", "Bo Chan"],
            "Office": ["Other", "Rome"],
            "If other, where?": ["Bern", ""],
        }
    )
    assert read_roster(site, "mentee").columns["site"].to_list() == ["Bern", "Rome"]
