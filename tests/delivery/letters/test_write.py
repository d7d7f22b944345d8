"""Letters: whom they reach, what they tell on the reader's clock, and nothing sensitive."""

from __future__ import annotations

import csv
import email
import email.policy
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.cells import is_risky
from mentormatch.delivery.letters.result import Letters
from mentormatch.delivery.letters.wording import LANGUAGES
from mentormatch.delivery.letters.write import write
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import DAYS, Categories, Labels
from mentormatch.scoring.scores import Scores
from tests.delivery.letters.test_checkins import REGIMES, london_and_auckland
from tests.insight.people import NASTY, matched, person_hours, profiles, scored

GROW = {
    "en": ("Goal", "Reality", "Options", "Will"),
    "de": ("Ziel", "Ausgangslage", "Möglichkeiten", "Vorhaben"),
    "es": ("Meta", "Realidad", "Opciones", "Voluntad"),
    "fr": ("Objectif", "Réalité", "Options", "Décision"),
}


def two_pairs() -> Matching:
    """Ana and Bo with Cy, who has both; Di has nobody to mentor; Ed fits nobody."""
    mentees = pd.DataFrame(
        {
            "First name": ["Ana", "Bo", "Ed"],
            "Last name": ["Silva", "Berg", "Ott"],
            "Email": ["ana@x.org", "bo@x.org", "ed@x.org"],
            "Goals": ["Python; SQL", "Writing; SQL", "Sailing; Chess"],
            "Languages": ["French; English", "English", "English"],
            "Preferred mentor": ["cy@x.org", "", ""],
        }
    )
    mentors = pd.DataFrame(
        {
            "First name": ["Cy", "Di"],
            "Last name": ["Roy", "Petit"],
            "Email": ["cy@x.org", "di@x.org"],
            "Goals": ["Python; SQL", "Law; Art"],
            "Languages": ["French; English", "English"],
            "Capacity": [2, 1],
        }
    )
    rules = [
        mm.Forbid([("ana@x.org", "di@x.org"), ("bo@x.org", "di@x.org")]),
        mm.Forbid([("ed@x.org", "di@x.org"), ("ed@x.org", "cy@x.org")]),
    ]
    return mm.match(
        mm.read_roster(mentees, role="mentee"), mm.read_roster(mentors, role="mentor"), rules=rules
    )


@pytest.mark.parametrize(("monday", "apart"), REGIMES)
def test_each_letter_gives_the_readers_own_hour(monday: date, apart: int) -> None:
    letters = write(london_and_auckland(), monday)
    mentee, mentor = letters
    assert f"Monday, {monday.day} " in mentee.text
    assert "07:00–08:00 (London)" in mentee.text
    assert f"{7 + apart:02}:00–{8 + apart:02}:00 (Auckland)" in mentor.text
    assert "Auckland" not in mentee.text
    start = letters.frame["first_meeting"][0].tz_convert("Europe/London")
    assert (start.date(), start.hour) == (monday, 7)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_whole_in_every_language(language: str) -> None:
    matching = matched(20, 8)
    letters = write(matching, "2026-09-07", language=language)
    pairs = matching.to_frame()
    by_person: dict[str, list[str]] = {}
    for row in pairs.to_dict("records"):
        by_person.setdefault(row["mentee"], []).append(row["mentor_name"])
        by_person.setdefault(row["mentor"], []).append(row["mentee_name"])
    told = {letter.person: [p.name for p in letter.partners] for letter in letters}
    assert {person: sorted(names) for person, names in told.items() if names} == {
        person: sorted(names) for person, names in by_person.items()
    }
    for letter in letters:
        assert "{" not in letter.text
        assert "\n\n\n" not in letter.text
        assert letter.subject
        assert letter.name in letter.text.splitlines()[0]
        for partner in letter.partners:
            assert partner.name in letter.text
            assert partner.email in letter.text
        if letter.partners:
            places = [letter.text.index(f"{step} (") for step in GROW[language]]
            assert places == sorted(places)
        assert not re.search(r"score|\brank|\b0\.\d", letter.text.lower())


def test_a_mentor_gets_one_letter_about_all_of_her_mentees() -> None:
    letters = write(two_pairs(), "2026-09-07")
    cy = letters["cy@x.org"]
    assert [p.first for p in cy.partners] == ["Ana", "Bo"]
    assert cy.text.startswith("Dear Cy,")
    assert "Your mentees are Ana Silva and Bo Berg." in cy.text
    assert "Ana would like to work on Python and SQL; you offered to help with Python and SQL." in (
        cy.text
    )
    assert "Bo would like to work on Writing and SQL; you offered to help with SQL." in cy.text
    ana = letters["ana@x.org"].text
    assert "You had asked for Cy yourself." in ana
    assert "asked for" not in cy.text  # it was Ana's wish, not hers
    assert "Cy can help with Python and SQL, which you want to work on." in ana
    assert "You both speak French." in ana  # nearly everybody speaks English
    assert letters.notes == (
        "2 pairs have no first meeting yet: their letters ask them to agree on one.",
    )


def test_who_has_nobody_is_told_why() -> None:
    letters = write(two_pairs(), "2026-09-07")
    assert letters["ed@x.org"].kind == "unmatched"
    assert "None of this round's mentors fits" in letters["ed@x.org"].text
    assert "This time nobody was matched with you." in letters["di@x.org"].text
    few = matched(12, 3)
    left = [letter for letter in write(few, "2026-09-07") if letter.kind == "unmatched"]
    assert {x.person for x in left if x.role == "mentee"} == set(few.unmatched)
    assert all("than our mentors have places for" in x.text for x in left if x.role == "mentee")


def test_seats_that_a_constraint_keeps_empty_are_not_called_full() -> None:
    scores = Scores.from_matrix([[0.9], [0.2]], capacity=[2])
    floor = solve(Problem(scores, constraints=[mm.ScoreFloor(0.5)]))
    left = next(x for x in write(floor, "2026-09-07") if x.kind == "unmatched")
    assert "The rules of this round left no place" in left.text


def test_after_a_rematch_only_those_affected_get_a_letter() -> None:
    matching = two_pairs()
    again = mm.rematch(matching, left=["bo@x.org"])
    letters = write(again, "2026-09-07")
    assert {x.person: x.kind for x in letters} == {"cy@x.org": "changed"}
    assert ".matching" in letters.notes[0]  # where nobody had a letter before
    first = write(again.matching, "2026-09-07")
    assert {first[who].kind for who in ("ana@x.org", "cy@x.org")} == {"matched"}
    assert not any(".matching" in note for note in first.notes)
    cy = letters["cy@x.org"]
    assert "Bo Berg is no longer your mentee" in cy.text
    assert "Ana Silva stays with you." in cy.text
    assert "a change" in cy.subject
    gone = write(mm.rematch(matching, left=["cy@x.org"]), "2026-09-07")
    assert {x.person: x.kind for x in gone} == {"ana@x.org": "ended", "bo@x.org": "ended"}
    assert "Cy Roy is no longer your mentor" in gone["ana@x.org"].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_changed_letters_name_who_is_new_and_who_left(language: str) -> None:
    rng = np.random.default_rng(5)
    scores = scored(profiles("mentee", 9, rng), profiles("mentor", 6, rng))
    before = solve(Problem(scores))
    pair = (before.to_frame()["mentee"][0], before.to_frame()["mentor"][0])
    again = mm.rematch(before, declined=[pair])
    letters = write(again, "2026-09-07", language=language)
    told = {(x.role, x.person) for x in letters}
    changed = again.changes
    assert told == set(zip(changed["role"], changed["person"], strict=True))
    for row in changed.to_dict("records"):
        letter = letters[row["person"], row["role"]]
        before_ids = set((row["before"] or "").split(", ")) - {""}
        for partner in letter.partners:
            assert partner.new == (partner.id not in before_ids)
        for name in (row["before_names"] or "").split(", "):
            assert name in letter.text


def test_shared_topics_and_levels_come_from_the_answers() -> None:
    rng = np.random.default_rng(0)
    hours = person_hours([[("Mon", 9, 12)]], ["Europe/London"])
    mentees = profiles(
        "mentee",
        1,
        rng,
        names=["Ana"],
        goals=Labels.of([["Python", "writing, fast"]], [[4.0, float("nan")]], [[1.0, 2.0]]),
        skills=Labels.of([["python"]], [[2.0]]),
        availability=hours,
    )
    mentors = profiles(
        "mentor", 1, rng, names=["Tane"], goals=Labels.of([["finance"]]),
        skills=Labels.of([["PYTHON"]]), availability=hours,
    )  # fmt: skip
    scores = Scores.from_matrix([[0.5]], capacity=[1], mentees=mentees, mentors=mentors)
    mentee, mentor = write(solve(Problem(scores)), "2026-09-07")
    assert mentee.partners[0].shared == ["Python"]
    assert "“writing, fast” and Python. What should" in mentee.text
    assert "Python is at level 2 today, to reach 4." in mentor.text
    assert "you offered to help with Python" in mentor.text
    assert "Tane can help with Python" in mentee.text


def test_nothing_sensitive_of_the_other_person_is_told() -> None:
    rng = np.random.default_rng(1)
    secret = Labels.of([["recovering from burnout"]] * 6)
    mentees = replace(
        profiles("mentee", 6, rng, needs=secret, gender=Categories.of(["zz-mentee"] * 6)),
        sensitive=frozenset({"gender", "needs"}),
    )
    mentors = profiles("mentor", 6, rng, gender=Categories.of(["zz-mentor"] * 6))
    letters = write(solve(Problem(scored(mentees, mentors))), "2026-09-07")
    assert len(letters)
    everything = letters.frame.to_string() + letters.merge_frame().to_string() + repr(letters)
    assert "burnout" not in everything
    assert "zz-" not in everything


def test_without_hours_the_two_are_asked_to_agree() -> None:
    rng = np.random.default_rng(2)
    ours = person_hours([[("Mon", 9, 10)]], ["Europe/London"])
    theirs = person_hours([[(DAYS[5], 9, 10)]], ["Europe/London"])
    mentees = profiles("mentee", 1, rng, availability=ours)
    mentors = profiles("mentor", 1, rng, availability=theirs)
    scores = Scores.from_matrix([[0.5]], capacity=[1], mentees=mentees, mentors=mentors)
    for letter in write(solve(Problem(scores)), "2026-09-07"):
        assert "Please agree on a time" in letter.text
        assert letter.partners[0].when == ""
    bare = write(solve(Problem(Scores.from_matrix([[0.5]], capacity=[1]))), "2026-09-07")
    assert all("Please agree on a time" in letter.text for letter in bare)


def test_letters_and_check_ins_name_the_same_first_meeting() -> None:
    matching = matched(20, 8)
    plan = mm.letters.check_ins(matching, "2026-09-07", weeks=8, every=2)
    letters = write(matching, meetings=plan)
    first = plan[plan["start"].notna()].groupby(["mentee", "mentor"])["start"].min()
    assert len(first)
    told = letters.meetings.set_index(["mentee", "mentor"])["start"].dropna()
    assert told.to_dict() == first.to_dict()
    other = write(solve(matching.problem), meetings=plan)
    assert other.frame["text"].tolist() == letters.frame["text"].tolist()
    with pytest.raises(mm.errors.ParameterError, match="pairs that are not matched"):
        write(matched(4, 3), meetings=plan)
    with pytest.raises(mm.errors.ParameterError, match="must be a frame from check_ins"):
        write(matching, meetings=plan.drop(columns="start"))
    with pytest.raises(mm.errors.ParameterError, match="needs start="):
        write(matching)


def test_ones_own_template_is_filled_in_from_a_text_or_a_file(tmp_path: Path) -> None:
    own = "Subject: Hi {{ you.first }}\n{% for p in partners %}{{ p.name }}{{ p.when }}{% endfor %}"
    file = tmp_path / "own.txt"
    file.write_text(own, encoding="utf-8")
    matching = matched(5, 3)
    letters = write(matching, "2026-09-07", template=own, language="pt_BR")
    assert [x.subject for x in letters] == [f"Hi {x.first}" for x in letters]
    assert all(p.name in x.text for x in letters for p in x.partners)
    same = write(matching, "2026-09-07", template=file, language="pt_BR")
    assert [str(x) for x in same] == [str(x) for x in letters]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("Subject: a\n{% if %}\n", "line 2"),
        ("Subject: a\n{{ nobody.name }}\n", "cannot be filled in.*It may use"),
        ("Hello\n{{ you.first }}\n", "must begin with a line 'Subject: ...'"),
        ("Subject: a\n{{ you.__class__.__mro__ }}\n", "cannot be filled in"),
        ("Subject: a\n{{ ''.__class__.__base__.__subclasses__() }}\n", "cannot be filled in"),
        ("Subject: a\n{% for x in range(10 ** 9) %}x{% endfor %}\n", "cannot be filled in"),
        ("Subject: a\n{{ partners.append(1) }}\n", "cannot be filled in"),
        ("no_such_file.txt", "cannot be read"),
    ],
)
def test_bad_and_hostile_templates_are_told_in_one_sentence(template: str, message: str) -> None:
    with pytest.raises(mm.errors.ParameterError, match=message):
        write(matched(2, 2), "2026-09-07", template=template)


def test_names_never_run_as_templates_or_headers(tmp_path: Path) -> None:
    names = ["{{ 7 * 7 }}", "Eve\r\nBcc: all@x.org", *NASTY]
    matching = matched(len(names), 6, names=names)
    letters = write(matching, "2026-09-07")
    assert "49" not in next(x for x in letters if x.name == "{{ 7 * 7 }}").text
    files = letters.to_eml(tmp_path / "mail")
    assert len(files) == len(set(files)) == len(letters)
    for file in files:
        assert file.parent == tmp_path / "mail"
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert message["Bcc"] is None
        assert not message.defects


def test_mail_files_open_as_drafts_with_the_meeting_attached(tmp_path: Path) -> None:
    letters = write(london_and_auckland(), "2026-09-14")
    for letter, file in zip(letters, letters.to_eml(tmp_path, sender="team@x.org"), strict=True):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert message["Subject"] == letter.subject
        assert message["From"] == "team@x.org"
        assert letter.email in message["To"]
        assert message["X-Unsent"] == "1"
        body = message.get_body()
        assert body is not None
        assert body.get_content().replace("\r\n", "\n") == letter.text
        calendar = next(message.iter_attachments())
        assert calendar.get_content_type() == "text/calendar"
        assert "BEGIN:VEVENT" in calendar.get_content()


def test_the_merge_sheet_holds_every_part_and_starts_no_formula(tmp_path: Path) -> None:
    matching = matched(3, 6, names=["=1+1", "@x", "-y"])
    letters = write(matching, "2026-09-07")
    book = openpyxl.load_workbook(letters.to_merge_sheet(tmp_path / "merge.xlsx"))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]
    assert cells[0][:7] == ["Email", "Name", "First name", "Role", "Kind", "Subject", "Letter"]
    assert len(cells) == len(letters) + 1
    assert {row[1] for row in cells[1:]} == {x.name for x in letters}
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)  # type: ignore[union-attr]
    with letters.to_merge_sheet(tmp_path / "merge.csv").open(encoding="utf-8-sig") as text:
        read = list(csv.reader(text))
    assert len(read) == len(letters) + 1
    assert not any(is_risky(cell) for row in read for cell in row)
    with pytest.raises(mm.errors.ParameterError, match=r"must end in \.xlsx or \.csv"):
        letters.to_merge_sheet(tmp_path / "merge.doc")


def test_people_are_greeted_as_asked() -> None:
    matching = matched(2, 2, names=["Ana Silva", "Bo Berg"])
    assert write(matching, "2026-09-07").letters[0].text.startswith("Dear Ana Silva,")
    assert "no column of first or preferred names" in write(matching, "2026-09-07").notes[0]
    guessed = write(matching, "2026-09-07", greet="first_word")
    assert guessed.letters[0].text.startswith("Dear Ana,")
    assert "look them through" in guessed.notes[0]
    named = write(two_pairs(), "2026-09-07", greet="name")
    assert named["ana@x.org"].text.startswith("Dear Ana Silva,")


def test_each_person_may_read_a_language_of_her_own() -> None:
    letters = write(two_pairs(), "2026-09-07", language={"ana@x.org": "fr", "cy@x.org": "de"})
    assert letters["ana@x.org"].text.startswith("Bonjour Ana,")
    assert letters["cy@x.org"].text.startswith("Guten Tag Cy Roy,")
    assert letters["bo@x.org"].text.startswith("Dear Bo,")
    with pytest.raises(mm.errors.UnknownPersonError, match="nobody@x"):
        write(two_pairs(), "2026-09-07", language={"nobody@x": "fr"})
    with pytest.raises(mm.errors.ParameterError, match="one of en, de, es, fr"):
        write(two_pairs(), "2026-09-07", language="tlh")


def test_letters_answer_by_person() -> None:
    letters = write(two_pairs(), "2026-09-07")
    assert len(letters) == 5
    assert "ana@x.org" in letters
    assert [x.person for x in letters][:3] == ["ana@x.org", "bo@x.org", "ed@x.org"]
    with pytest.raises(mm.errors.UnknownPersonError, match="no letter to 'ana'"):
        letters["ana"]
    both = Letters((letters.letters[0], replace(letters.letters[0], role="mentor")))
    with pytest.raises(mm.errors.ParameterError, match="two letters"):
        both["ana@x.org"]
    assert both["ana@x.org", "mentor"].role == "mentor"
    assert "2 to matched mentees" in repr(letters)
    assert "<script" not in write(matched(3, 6, names=NASTY[:3]), "2026-09-07")._repr_html_()


def test_empty_sides_give_no_letters_or_kind_ones() -> None:
    nobody = solve(Problem(Scores.from_matrix(np.zeros((0, 2)), capacity=[1, 0])))
    letters = write(nobody, "2026-09-07")
    assert [x.kind for x in letters] == ["unmatched"]  # who offered no seat expects no letter
    assert letters.frame["first_meeting"].isna().all()
    alone = solve(Problem(Scores.from_matrix(np.zeros((2, 0)), capacity=[])))
    assert [x.kind for x in write(alone, "2026-09-07")] == ["unmatched"] * 2
    assert write(alone, "2026-09-07").merge_frame().shape == (2, 7)


def test_a_sheet_for_a_mail_merge_is_the_same_whenever_it_is_written(tmp_path) -> None:
    import time

    letters = write(two_pairs(), "2026-09-07")
    first = letters.to_merge_sheet(tmp_path / "a.xlsx").read_bytes()
    time.sleep(1.1)  # workbooks hold the second in which they were made, unless it is fixed
    assert letters.to_merge_sheet(tmp_path / "b.xlsx").read_bytes() == first
