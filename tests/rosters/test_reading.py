"""Kinds of misreading: the right value, or a question that names the column and what settles it."""

from __future__ import annotations

import io
import warnings

import pandas as pd
import pytest

from mentormatch import match, read_roster
from mentormatch.errors import QuestionsWarning
from mentormatch.rosters.capacity import parse_capacity
from mentormatch.rosters.roles import asked_of, asked_role, row_role
from mentormatch.rosters.vocabulary import covered, is_negative, yes_or_no
from tests.rosters import exports

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def read(role="mentee", **columns):
    """Return a roster of three people with these extra columns."""
    names = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], "Email": ["a@x.org", "b@x.org", "c@x.org"]}
    return read_roster(pd.DataFrame({**names, **columns}), role)


def asked(profiles, code):
    """Return the questions of one kind."""
    return profiles.questions[profiles.questions["code"] == code]


# --- polarity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Please list anyone you would not like to be your mentor",
        "Who should we not match you with?",
        "Is there a colleague you'd rather not be paired with?",
        "Mit wem möchtest du nicht zusammengebracht werden?",
        "Avec qui ne souhaitez-vous pas être associée ?",
        "¿Con quién no te gustaría trabajar?",
        "Con chi non vorresti essere abbinato?",
        "Met wie wil je liever niet gekoppeld worden?",
        "Com quem você não gostaria de ser combinado?",
        "Z kim nie chcesz zostać połączony?",
        "不希望匹配的导师",
        "組みたくない相手",
        "من هم الأشخاص الذين لا ترغب في العمل معهم؟",
        "Conflicts", "COI", "Excluded", "Blocked", "Conflict of interest", "Interessenkonflikte",
        "Conflits d'intérêts", "Conflictos de interés", "Belangenconflict", "利益冲突", "利益相反",
        "تضارب المصالح", "تعارض منافع",
    ],
)  # fmt: skip
def test_people_who_are_not_wanted_are_avoided(header: str) -> None:
    profiles = read(**{header: ["Quin Elm", None, "Rae Fir"]})
    assert profiles.columns["avoid"].to_list() == [["Quin Elm"], None, ["Rae Fir"]]
    assert "preferred" not in profiles.columns


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Topics you cannot help with", "mentor"),
        ("Skills I don't have", "mentor"),
        ("Which topics would you prefer NOT to mentor on?", "mentor"),
        ("Bei welchen Themen kannst du nicht helfen?", "mentor"),
        ("Sujets sur lesquels vous ne pouvez pas aider", "mentor"),
        ("¿En qué temas no puedes ayudar?", "mentor"),
        ("Temas que não posso ajudar", "mentor"),
        ("Su quali temi non puoi aiutare?", "mentor"),
        ("Onderwerpen waarbij je niet kunt helpen", "mentor"),
    ],
)
def test_what_is_not_offered_is_no_offer_and_is_asked_about(header: str, role: str) -> None:
    profiles = read(role, **{header: ["Law", "Tax;Law", None]})
    assert not {"goals", "skills", "needs", "avoid"} & set(profiles.columns)
    assert asked(profiles, "opposite")["column"].tolist() == [header]
    quiet = read_roster(profiles.to_frame(), role, columns={header: None})
    assert not len(asked(quiet, "opposite"))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Is there a mentor you would like to be matched with?", "preferred"),
        ("Is there anybody you do NOT want to be matched with?", "avoid"),
        ("Vorgesetzte/r", "supervisor_id"),
        ("Direkte(r) Vorgesetzte(r)", "supervisor_id"),
        ("Vorgesetzte:r", "supervisor_id"),
    ],
)
def test_people_are_found_in_the_headers_of_real_forms(header: str, field: str) -> None:
    profiles = read("mentee", **{header: ["Ola Elm", None, "Pia Fir"]})
    assert profiles.mapping["field"][profiles.mapping["column"] == header].tolist() == [field]


@pytest.mark.parametrize(
    "header",
    [
        "Would you prefer a mentor of the same gender?",
        "Wünschen Sie sich jemanden des gleichen Geschlechts?",
        "Souhaitez-vous une personne du même sexe ?",
        "¿Prefiere a alguien de su mismo sexo?",
    ],
)
def test_a_wish_for_ones_own_gender_is_asked_about(header: str) -> None:
    profiles = read("mentee", **{header: ["Yes", None, "No"]})
    assert asked(profiles, "own_gender")["column"].tolist() == [header]
    assert "preferred_gender" not in profiles.columns
    assert not len(asked(read("mentee", **{header: ["No", None, "No"]}), "own_gender"))


@pytest.mark.parametrize(
    ("header", "negative"),
    [
        ("Goals (do not list more than three)", False),
        ("Do you need help with Python or not?", False),
        ("Anyone you wouldn't mind meeting", False),
        ("Non-binary people welcome?", False),
        ("Number of mentees, not more than 5", False),
        ("Ziele (bitte keine Namen nennen)", False),
        ("Objectifs (facultatif)", False),
        ("Quels objectifs ? Ne pas dépasser trois.", False),
        ("Topics I avoid", True),
        ("Themen, die ich nicht anbiete", True),
        ("不擅长的领域", True),
        ("苦手な分野", True),
    ],
)
def test_remarks_and_idioms_turn_no_question_round(header: str, negative: bool) -> None:
    assert is_negative(header) == negative


# --- roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "mentee", "mentor", "both"),
    [
        ("mentormentee", "Being mentored", "Mentoring", "Both"),
        ("I am", "I am looking for a mentor", "I would like to mentor", "Either"),
        ("Tutor or student?", "Student", "Tutor", "Both"),
        ("Track", "Mentees", "Mentors", "Both"),
        ("Rolle", "Ich suche eine Mentorin", "Ich möchte Mentorin werden", "Beides"),
        ("Rôle", "Mentoré", "Mentor", "Les deux"),
        ("Participación", "Busco un mentor", "Ser mentora", "Ambos"),
        ("Ruolo", "Cerco un mentore", "Fare da mentore", "Entrambi"),
        ("Rol", "Ik zoek een mentor", "Mentor worden", "Allebei"),
        ("Papel", "Quero um mentor", "Ser mentora", "Ambos"),
        ("身份", "学员", "导师", "两者"),
        ("役割", "メンティー", "メンター", "両方"),
        ("نقش", "منتی", "منتور", "هر دو"),
    ],
)
def test_one_sheet_is_parted_by_a_column_of_roles(header, mentee, mentor, both) -> None:
    frame = pd.DataFrame(
        {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], header: [mentee, mentor, both]}
    )
    mentees, mentors = read_roster(frame, "both")
    assert mentees.names == ("Ana Lima", "Cy Dahl")
    assert mentors.names == ("Bo Chan", "Cy Dahl")


@pytest.mark.parametrize(
    ("wants", "offers", "yes", "no"),
    [
        ("Would you like a mentor?", "Would you like to mentor someone?", "Yes", "No"),
        ("Mentee", "Mentor", "x", None),
        ("Mentee", "Mentor", "Yes", "No"),
        ("Mentees", "Mentoren", "ja", "nein"),
        ("I want to be mentored", "I want to be a mentor", "TRUE", "FALSE"),
        ("Interested in being mentored? (Y/N)", "Interested in mentoring? (Y/N)", "Y", "N"),
        ("Möchtest du eine Mentorin haben?", "Möchtest du Mentorin werden?", "Ja", "Nein"),
        ("Souhaitez-vous être mentoré ?", "Souhaitez-vous devenir mentor ?", "Oui", "Non"),
        ("¿Quieres tener un mentor?", "¿Quieres ser mentor?", "Sí", "No"),
    ],
)
def test_one_sheet_is_parted_by_two_questions_of_yes_and_no(wants, offers, yes, no) -> None:
    frame = pd.DataFrame(
        {
            "Name": ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Eng"],
            wants: [yes, no, yes, no],
            offers: [no, yes, yes, no],
        }
    )
    mentees, mentors = read_roster(frame, "both")
    assert mentees.names == ("Ana Lima", "Cy Dahl")
    assert mentors.names == ("Bo Chan", "Cy Dahl")
    assert mentors.capacity.tolist() == [1, 1]  # the question of roles is none of seats


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Yes", "No"),
        ("Ja", "Nein"),
        ("Oui", "Non"),
        ("Sí", "No"),
        ("Tak", "Nie"),
        ("はい", "いいえ"),
    ],
)
def test_yes_and_no_are_read_in_every_language(yes, no) -> None:
    frame = pd.DataFrame({"Name": ["Ana Lima", "Bo Chan"], "Only them": [yes, no]})
    profiles = read_roster(frame, "mentee", columns={"only_preferred": "Only them"})
    assert profiles.columns["only_preferred"].values.tolist() == [1, 0]


def test_who_cannot_commit_is_dropped_and_asked_about() -> None:
    column = {"Can you commit to two hours a month?": ["Yes", "NO", None]}
    profiles = read(**column)
    assert profiles.names == ("Ana Lima", "Cy Dahl")
    assert len(asked(profiles, "taking_part")) == 1
    kept = read_roster(
        pd.DataFrame({"Name": ["Ana", "Bo", "Cy"], **column}), "mentee",
        columns={next(iter(column)): None},
    )  # fmt: skip
    assert len(kept) == 3
    assert not len(kept.questions)


def test_who_withdrew_is_dropped() -> None:
    assert read(Withdrawn=["No", "Yes", None]).names == ("Ana Lima", "Cy Dahl")
    assert read(Zurückgezogen=["nein", "ja", "nein"]).names == ("Ana Lima", "Cy Dahl")


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("[Mentors] What can you help with?", "mentor"),
        ("Mentees: which skills do you want to learn?", "mentee"),
        ("Skills (for mentors only)", "mentor"),
        ("If you want to be a mentor, which topics can you offer?", "mentor"),
        ("Falls du Mentorin werden möchtest: welche Themen?", "mentor"),
        ("Si vous souhaitez devenir mentor, quels sujets ?", "mentor"),
        ("Preferred mentor - first choice", None),
        ("Goals", None),
    ],
)
def test_a_question_may_say_whom_it_is_put_to(header: str, role: str | None) -> None:
    assert asked_of(header) == role


def test_a_question_to_the_other_role_is_no_answer_of_this_one() -> None:
    text = {"Mentors: topics you can help with": ["Law", None, "Tax"]}
    assert "goals" in read("mentor", **text).columns
    assert "goals" not in read("mentee", **text).columns


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Have you mentored before?", None),
        ("How many people have you mentored?", None),
        ("Do you currently have a mentor?", None),
        ("Would you like a mentor?", "mentee"),
        ("Would you like to have a mentor this year?", "mentee"),
        ("Have you wanted to have a mentor before?", None),
        ("Are you willing to be a mentor?", "mentor"),
        ("Both mentor and mentee", None),
    ],
)
def test_questions_about_the_past_offer_no_role(header: str, role: str | None) -> None:
    assert asked_role(header) == role


def test_words_of_twelve_languages() -> None:
    assert len(covered()) == 12
    assert min(sum(kinds.values()) for kinds in covered().values()) > 200
    assert [yes_or_no(word) for word in ("Oui", "nein", "はい", "否", "نعم", "perhaps")] == [
        True, False, True, False, True, None,
    ]  # fmt: skip
    assert row_role("Mentor & Mentee") == "both"


# --- safety -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Worker's Manager", "supervisor_id"), ("N+1", "supervisor_id"), ("PI", "supervisor_id"),
        ("Supervisor(s)", "supervisor_id"), ("Vorgesetzte", "supervisor_id"),
        ("Supérieur hiérarchique", "supervisor_id"), ("Jefe directo", "supervisor_id"),
        ("直属上级", "supervisor_id"), ("上司", "supervisor_id"),
        ("Leidinggevende", "supervisor_id"),
        ("Who was your mentor last year?", "previous"), ("Mentor last year", "previous"),
        ("Bisherige Mentorin", "previous"), ("Anciens mentors", "previous"),
        ("Mentor anterior", "previous"), ("Vorige mentor", "previous"),
    ],
)  # fmt: skip
def test_managers_and_earlier_mentors_are_seen(header: str, field: str) -> None:
    profiles = read(**{header: ["Quin Elm", "Rae Fir", None]})
    assert profiles.columns[field].to_list() == [["Quin Elm"], ["Rae Fir"], None]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Have you mentored before?", ["1", "0", "1"]),
        ("Have you mentored before?", ["Yes", "No", None]),
        ("Previous mentors", ["0", "2", "1"]),
        ("How many people have been matched with you before?", ["1", "2", "3"]),
        ("Mentored previously", ["2024-01-01", "2023-05-01", None]),
        ("Bisherige Mentees", ["ja", "nein", "ja"]),
        ("Anciens mentorés", ["oui", "non", "oui"]),
        ("Preferred mentor", ["Yes", "No", "Yes"]),
    ],
)
def test_yes_counts_and_dates_are_no_people(header: str, cells: list[str | None]) -> None:
    profiles = read("mentor", **{header: cells})
    assert not {"previous", "preferred", "avoid"} & set(profiles.columns)


def test_one_name_with_two_addresses_is_one_person() -> None:
    mentees = read_roster(exports.csv("Name,Email,Topics\nQuin Elm,q@home.org,Law"), "mentee")
    text = "Name,Email,Topics\nQuin Elm,q@work.org,Law\nRae Fir,r@work.org,Art"
    matching = match(mentees, read_roster(exports.csv(text), "mentor"))
    assert matching.to_frame()["mentor"].tolist() == ["r@work.org"]


def test_everybody_on_both_rosters_is_said() -> None:
    text = "Name,Email,Topics\nQuin Elm,q@x.org,Law\nRae Fir,r@x.org,Law"
    one, other = (read_roster(exports.csv(text), role) for role in ("mentee", "mentor"))
    problems = match(one, other).repairs["problem"].tolist()
    assert "everybody is on both rosters" in problems


def test_ids_that_number_the_rows_link_nobody() -> None:
    mentees = read_roster(exports.csv("ID,Name,Topics\n1,Mia Alder,Law\n2,Ned Birch,Tax"), "mentee")
    mentors = read_roster(exports.csv("ID,Name,Topics\n1,Quin Elm,Law\n2,Rae Fir,Tax"), "mentor")
    matching = match(mentees, mentors)
    assert matching.assignment.tolist() == [0, 1]
    assert matching.repairs["action"].str.contains("not taken for one person").any()


# --- seats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seats"),
    [
        ("Up to Three", 3), ("Just One", 1), ("2 mentees for 6 months, 1 hour a week", 2),
        ("five sessions with 2 students each", 2), ("Two at a time, over three months", 2),
        ("zwei Mentees", 2), ("deux mentorés", 2), ("dos personas, 3 horas al mes", 2),
        ("maks. 2 osoby", 2), ("drie mentees", 3), ("2名", 2), ("最多3人", 3), ("1人", 1),
        ("keine", 0), ("illimité", 5), ("不限", 5),
    ],
)  # fmt: skip
def test_seats_in_sentences_and_languages(text: str, seats: int) -> None:
    assert parse_capacity(text)[0] == seats


@pytest.mark.parametrize("text", ["2 hours a month", "30 km", "drei Stunden", "3 réunions", "5回"])
def test_other_amounts_are_no_seats(text: str) -> None:
    seats, finding = parse_capacity(text)
    assert seats == 1
    assert finding is not None
    assert finding.code == "capacity_unread"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("How many are you willing to mentor now?", "capacity"),
        ("howManyAreYouWillingToMentor", "capacity"), ("Number of Open Slots", "capacity"),
        ("MaxMentees", "capacity"), ("Wie viele Mentees kannst du begleiten?", "capacity"),
        ("Nombre maximal de mentorés", "capacity"), ("招生名额", "capacity"),
        ("受け入れ可能人数", "capacity"), ("Maksymalna liczba podopiecznych", "capacity"),
        ("Minimum number of mentees", "min_load"), ("Mindestanzahl Mentees", "min_load"),
        ("How many students have you supported?", ""), ("Wie viele Mentees hattest du bisher?", ""),
        ("How many hours can you meet mentees?", ""), ("Distance to mentees in km", ""),
    ],
)  # fmt: skip
def test_which_numbers_are_seats(header: str, field: str) -> None:
    profiles = read("mentor", **{header: ["3", "2", "4"]})
    mapped = profiles.mapping.set_index("column")["field"][header]
    assert mapped == field or (not field and mapped in (header, "hours"))
    assert profiles.capacity.tolist() == ([3, 2, 4] if field == "capacity" else [1, 1, 1])


def test_unused_numbers_of_people_and_swapped_files_are_asked_about() -> None:
    profiles = read("mentor", **{"Students helped so far": ["3", "2", "4"]})
    assert len(asked(profiles, "seats")) == 1
    assert len(asked(read(**{"How many mentees can you take?": ["3", "2", "4"]}), "swapped")) == 1


# --- questions spread over columns --------------------------------------------------------------


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("x", None), ("TRUE", "FALSE"), ("Oui", "Non")]
)
@pytest.mark.parametrize(
    "form",
    ["Your goals [{}]", "Your goals - {}", "Your goals: {}", "Meine Ziele [{}]", "Temas: {}"],
)
def test_ticks_are_one_list(form: str, yes: str, no: str | None) -> None:
    options = ("Law", "Tax")
    profiles = read(**{form.format(o): [yes, no, yes if o == "Tax" else no] for o in options})
    assert profiles.columns["goals"].to_list()[0] == ["Law", "Tax"]
    assert profiles.columns["goals"].to_list()[2] == ["Tax"]


def test_ticks_with_the_options_own_text() -> None:
    columns = {"Goals [Law]": ["Law", None, None], "Goals [Tax]": [None, "Tax", None]}
    assert read(**columns).columns["goals"].to_list() == [["Law"], ["Tax"], None]


def test_ticks_without_a_common_question_are_asked_about_and_read_when_named() -> None:
    topics = {"Law": ["1", "0", "0"], "Tax": ["1", "1", "0"], "Art": ["0", "1", "0"]}
    profiles = read(**topics)
    assert len(asked(profiles, "ticks")) == 1
    named = read_roster(
        pd.DataFrame({"Name": ["Ana", "Bo", "Cy"], **topics}), "mentee",
        columns={"goals": ["Law", "Tax", "Art"]},
    )  # fmt: skip
    assert named.columns["goals"].to_list() == [["Law", "Tax"], ["Art", "Tax"], []]


@pytest.mark.parametrize(
    "headers",
    [
        ["Mentor choice 1", "Mentor choice 2"], ["First choice mentor", "Second choice mentor"],
        ["Mentor Rank 1", "Mentor Rank 2"], ["1. Wunschmentor", "2. Wunschmentor"],
        ["第一志愿导师", "第二志愿导师"], ["Mentor 1", "Mentor 2"],
    ],
)  # fmt: skip
def test_numbered_choices_of_people(headers: list[str]) -> None:
    profiles = read(
        **{headers[1]: ["Rae Fir", None, None], headers[0]: ["Quin Elm", "Rae Fir", None]}
    )
    assert profiles.columns["preferred"].to_list() == [["Quin Elm", "Rae Fir"], ["Rae Fir"], None]


@pytest.mark.parametrize("headers", [["Rank 1", "Rank 2"], ["1", "2"], ["1er choix", "2e choix"]])
def test_choices_of_something_are_asked_about(headers: list[str]) -> None:
    profiles = read(
        **{headers[0]: ["Quin Elm", "Rae Fir", None], headers[1]: ["Rae Fir", None, None]}
    )
    assert len(asked(profiles, "choices")) == 1


def test_a_grid_of_ranks_counts_from_one() -> None:
    question = "Please rank your preferred mentors [{}]"
    profiles = read(
        **{question.format("Quin"): ["2", "1", None], question.format("Rae"): ["1", None, None]}
    )
    assert profiles.columns["preferred"].to_list() == [["Rae", "Quin"], ["Quin"], None]


# --- grades -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mentees", "mentors"),
    [
        (["S2", "S3"], ["M1", "M2"]), (["IC2", "IC3"], ["M1", "M2"]), (["P3", "P4"], ["M1", "M2"]),
        (["IC-4", "IC-5"], ["D1", "D2"]), (["M1", "M2"], ["VP1", "VP2"]),
        (["A1", "A2"], ["IC1", "IC2"]),
    ],
)  # fmt: skip
def test_letters_of_grades_count(mentees: list[str], mentors: list[str]) -> None:
    from mentormatch.scoring.scales import on_one_scale

    low, high = (
        read_roster(pd.DataFrame({"Name": ["Ana", "Bo"], "Level": levels}), role)
        for levels, role in ((mentees, "mentee"), (mentors, "mentor"))
    )
    below, above = on_one_scale(low.columns["seniority"], high.columns["seniority"], "Closeness")
    assert max(below) < min(above)
    assert "<" in asked(low, "grade_order")["reading"].iloc[0]


def test_levels_that_are_only_numbered_need_no_question() -> None:
    for levels in (
        ["L3", "L5"],
        ["Level 3", "Level 5"],
        ["Grade 3", "Grade 5"],
        ["Stufe 3", "Stufe 5"],
    ):
        profiles = read_roster(pd.DataFrame({"Name": ["Ana", "Bo"], "Level": levels}), "mentee")
        assert profiles.columns["seniority"].to_list() == [3.0, 5.0]
        assert not len(profiles.questions)


def test_an_order_nobody_knows_is_asked_for() -> None:
    profiles = read_roster(
        pd.DataFrame({"Name": ["Ana", "Bo"], "Level": ["Band C", "Band D"]}), "mentee"
    )
    assert (
        "orders={'seniority': ['Band C', 'Band D']}"
        in asked(profiles, "order_unknown")["settle"].iloc[0]
    )


# --- how questions are put ------------------------------------------------------------------------


def test_one_warning_names_the_first_question() -> None:
    with pytest.warns(QuestionsWarning, match="1 question .*Consent") as caught:
        read(Consent=["yes", "no", "yes"])
    assert caught[0].filename == read.__code__.co_filename  # the line that called read_roster


def test_ordinary_exports_raise_no_question() -> None:
    counts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QuestionsWarning)
        for source in (
            exports.workbook(("Sheet1", exports.MS_FORMS)), exports.GOOGLE_FORMS, exports.TOGETHER,
            exports.BAMBOO, exports.PUSHFAR, exports.CIVIL_SERVICE, exports.people(12),
        ):  # fmt: skip
            for role in ("mentee", "mentor"):
                given = exports.csv(source) if isinstance(source, str) else source
                counts.append(len(read_roster(given, role).questions))
    assert sorted(counts)[len(counts) // 2] == 0
    assert max(counts) <= 1


# --- sources --------------------------------------------------------------------------------------


def test_files_follow_one_another_and_late_sign_ups_win() -> None:
    early = exports.csv("Name,Email,Topics\nAna Lima,a@x.org,Law\nBo Chan,b@x.org,Tax")
    late = exports.csv(
        "Email,Topics,Name,Site\na@x.org,Art,Ana Lima,Rome\nc@x.org,Art,Cy Dahl,Oslo"
    )
    profiles = read_roster([early, late], "mentee")
    assert profiles.names == ("Bo Chan", "Ana Lima", "Cy Dahl")
    assert profiles.columns["goals"].to_list() == [["Tax"], ["Art"], ["Art"]]
    assert profiles.columns["site"].to_list() == [None, "Rome", "Oslo"]
    assert {"several_files", "repeated"} <= set(profiles.repairs["code"])


def test_records_and_both_roles_of_one_buffer() -> None:
    records = [{"Name": "Ana Lima", "Role": "mentee"}, {"Name": "Bo Chan", "Role": "both"}]
    mentees, mentors = read_roster(records, "both")
    assert (mentees.names, mentors.names) == (("Ana Lima", "Bo Chan"), ("Bo Chan",))
    stream = io.StringIO("Name,Role\nAna Lima,mentee\nBo Chan,mentor\n")
    assert [len(p) for p in read_roster(stream, "both")] == [1, 1]
