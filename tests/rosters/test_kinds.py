"""Further wordings and layouts of the kinds of misreading: the right value, or a question."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster
from mentormatch.rosters.capacity import parse_capacity

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

NAMES = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], "Email": ["a@x.org", "b@x.org", "c@x.org"]}


def read(role="mentee", **columns):
    return read_roster(pd.DataFrame({**NAMES, **columns}), role)


def asked(profiles, code):
    return profiles.questions[profiles.questions["code"] == code]


# --- questions spread over columns --------------------------------------------------------------


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("X", None), ("True", "False"), ("✓", ""), ("ja", "nein")]
)
@pytest.mark.parametrize(
    "form",
    ["Select your goals / {}", "goals_{}", "goals.{}", "Goals | {}", "Goals → {}", "Ziele ({})",
     "What are your goals? ({})", "Objectifs · {}"],
)  # fmt: skip
def test_ticks_under_headers_of_any_form_are_one_list(form, yes, no) -> None:
    ticks = {"Law": [yes, no, no], "Tax": [yes, no, yes], "Art": [no, yes, no]}
    goals = read(**{form.format(option): cells for option, cells in ticks.items()}).columns["goals"]
    assert [sorted(answer or ()) for answer in goals.to_list()] == [
        ["Law", "Tax"],
        ["Art"],
        ["Tax"],
    ]


@pytest.mark.parametrize("form", ["Which topics? [{}]", "Was interessiert dich? [{}]", "{}"])
def test_ticks_of_a_question_nobody_knows_are_asked_about(form) -> None:
    headers = [form.format(option) for option in ("Law", "Tax", "Art")]
    profiles = read(**{header: ["1", "0", "1"] for header in headers})
    question = asked(profiles, "ticks")
    assert question["column"].tolist() == [", ".join(sorted(headers))]
    assert repr(headers[0]) in question["settle"].iloc[0]


@pytest.mark.parametrize("header", ["Goals", "Skills needed", "Ziele", "Sites", "Department"])
@pytest.mark.parametrize("cells", [["1", "0", "1"], ["x", None, "x"], ["oui", "non", "oui"]])
def test_one_column_of_ticks_is_no_list_and_no_label(header, cells) -> None:
    read_as = set(read(**{header: cells}).mapping["field"])
    assert not {"goals", "needs", "skills", "site", "department"} & read_as


@pytest.mark.parametrize(
    "form", ["Order the mentors - {}", "Ordnen Sie die Mentoren [{}]", "Classez les mentors [{}]"]
)
def test_a_ranking_nobody_reads_is_asked_about(form) -> None:
    ranks = {"Quin Elm": ["1", "2", None], "Rae Fir": ["2", "1", "1"], "Sol Hay": ["3", "3", "2"]}
    headers = [form.format(name) for name in ranks]
    profiles = read(**dict(zip(headers, ranks.values(), strict=True)))
    question = asked(profiles, "ranks")
    assert len(question) == 1
    settled = read_roster(
        pd.DataFrame({**NAMES, **dict(zip(headers, ranks.values(), strict=True))}), "mentee",
        columns=dict.fromkeys(headers),
    )  # fmt: skip
    assert not len(asked(settled, "ranks"))
    ratings = {header: ["1", "1", "2"] for header in headers}
    assert not len(asked(read(**ratings), "ranks"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Top mentor", "Second mentor"), ("First choice of mentor", "Second choice of mentor"),
        ("Preferred mentor", "Backup mentor"), ("Priority 1 mentor", "Priority 2 mentor"),
        ("Erstwunsch Mentorin", "Zweitwunsch Mentorin"), ("Wunschmentor", "Ersatz-Mentor"),
        ("Primera opción de mentor", "Segunda opción de mentor"),
        ("1er choix de mentor", "2e choix de mentor"), ("Mentor préféré", "Mentor, deuxième choix"),
        ("Primeira escolha de mentor", "Segunda escolha de mentor"),
        ("Prima scelta di mentore", "Seconda scelta di mentore"),
        ("Eerste keuze mentor", "Tweede keus mentor"),
        ("Pierwszy wybór mentora", "Drugi wybór mentora"),
        ("第一希望のメンター", "第二希望のメンター"), ("首选导师", "次选导师"),
        ("المرشد الاختيار الأول", "المرشد الاختيار الثاني"),
        ("منتور انتخاب اول", "منتور انتخاب دوم"),
    ],
)  # fmt: skip
def test_first_and_second_choices_are_wishes_in_their_order(first, second) -> None:
    profiles = read(**{second: ["Rae Fir", None, "Sol Hay"], first: ["Quin Elm", "Rae Fir", None]})
    assert profiles.columns["preferred"].to_list() == [
        ["Quin Elm", "Rae Fir"],
        ["Rae Fir"],
        ["Sol Hay"],
    ]
    assert not len(profiles.questions)


@pytest.mark.parametrize(
    "headers",
    [["Erstwunsch", "Zweitwunsch"], ["Premier choix"], ["Top choice", "2nd choice"],
     ["Primera opción", "Segunda opción"], ["第一希望", "第二希望"], ["الاختيار الأول"]],
)  # fmt: skip
def test_choices_that_do_not_say_of_what_are_asked_about(headers) -> None:
    people = read(**{key: ["Quin Elm", "Rae Fir", None] for key in headers})
    question = asked(people, "choices")
    assert question["column"].tolist() == [", ".join(headers)]
    assert question["settle"].iloc[0].startswith(f"columns={{'preferred': {headers!r}}}")
    assert people.columns["preferred"].to_list() == [["Quin Elm"], ["Rae Fir"], None]
    assert "preferred" not in read(**{key: ["Law", "Tax", None] for key in headers}).columns


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        (["First mentor", "Second mentor"], ["yes", "no", "yes"]),
        (["Last name of mentor 1", "Last name of mentor 2"], ["Elm", "Fir", "Hay"]),
        (["First mentor"], ["Quin Elm", "Rae Fir", None]), (["Mentor 1"], ["Ana", "Bo", "Cy"]),
    ],
)  # fmt: skip
def test_what_is_no_choice_is_no_wish(headers, cells) -> None:
    assert "preferred" not in read(**dict.fromkeys(headers, cells)).columns


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        (["First topic", "Second topic"], "goals"), (["Thema 1", "Thema 2"], "goals"),
        (["Erstes Ziel", "Zweites Ziel"], "goals"), (["Objectif 1", "Objectif 2"], "goals"),
        (["Skill1", "Skill2"], "skills"), (["Habilidad 1", "Habilidad 2"], "skills"),
        (["目標1", "目標2"], "goals"), (["الهدف 1", "الهدف 2"], "goals"),
    ],
)  # fmt: skip
def test_numbered_columns_are_one_list_in_any_language(headers, field) -> None:
    cells = [["Law", "Tax", None], ["Art", None, None]]
    labels = read(**dict(zip(headers, cells, strict=True))).columns[field].to_list()
    assert [sorted(one or ()) for one in labels] == [["Art", "Law"], ["Tax"], []]


def test_a_weight_of_a_whole_list_is_no_part_of_it() -> None:
    columns = read(importance_goals=["3", "1", "2"], goals=["Law", "Tax", "Art"]).columns
    assert columns["goals"].to_list() == [["Law"], ["Tax"], ["Art"]]
    assert columns["importance_goals"].to_list() == [3, 1, 2]


def test_a_place_beside_a_goal_says_which_comes_first() -> None:
    profiles = read(**{
        "Ziel 1": ["Law", "Tax", "Art"], "Ziel 1 Priorität": ["2", "1", "1"],
        "Ziel 2": ["Art", "Law", "Law"], "Ziel 2 Priorität": ["1", "2", "2"],
    })  # fmt: skip
    goals = profiles.columns["goals"]
    first = {goals.labels[c] for c, p in zip(goals.codes, goals.priority, strict=True) if p == 1}
    assert first == {"Art", "Tax"}


# --- seats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["At least how many mentees?", "Fewest mentees", "Mindestens wie viele Mentees?",
     "Nombre minimum de mentorés", "Número mínimo de mentees", "Numero minimo di mentee",
     "Minimaal aantal mentees", "Minimalna liczba podopiecznych", "最低受け入れ可能人数"],
)  # fmt: skip
def test_the_least_is_not_the_most(header) -> None:
    profiles = read("mentor", **{header: ["2", "1", "1"]})
    assert profiles.capacity.tolist() == [1, 1, 1]
    assert "capacity" not in set(profiles.mapping["field"])


@pytest.mark.parametrize(
    "header",
    ["Max mentees", "How many mentees at most (at least one)?", "Maximale Anzahl Mentees",
     "Hoeveel mentees, maximaal?", "受け入れ可能人数"],
)  # fmt: skip
def test_the_most_stays_the_most(header) -> None:
    assert read("mentor", **{header: ["2", "1", "3"]}).capacity.tolist() == [2, 1, 3]


@pytest.mark.parametrize(
    ("text", "seats", "code"),
    [
        ("only 1 this year, had 4 last year", 1, "capacity_several"),
        ("20 mentees so far, can take 2 more", 2, "capacity_several"),
        ("bisher 6 Mentees, jetzt 2", 2, "capacity_several"),
        ("3 (1 in spring and 2 in autumn)", 1, "capacity_several"),
        ("2, but 3 if needed", 2, "capacity_several"),
        ("I could take 2, maybe 3", 3, "capacity_words"),
        ("between 2 and 4", 4, "capacity_words"),
        ("1, 2 or 3", 3, "capacity_words"),
        ("1 oder 2 Personen, 3 Stunden", 2, "capacity_words"),
        ("2-3 hours with one person", 1, "capacity_words"),
        ("1st year here, 2 mentees", 2, "capacity_words"),
        ("1 mentee, 2x per month", 1, "capacity_words"),
        ("1到2人", 2, "capacity_words"),
    ],
)
def test_the_largest_number_of_a_sentence_is_not_taken_for_seats(text, seats, code) -> None:
    found, finding = parse_capacity(text)
    assert (found, finding and finding.code) == (seats, code)
    profiles = read("mentor", Capacity=[text, "1", "1"])
    assert len(asked(profiles, "capacity")) == (code == "capacity_several")


# --- answers that name nobody ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Any conflicts?", ["No", "No", "Yes"]),
        ("Conflict of interest", ["none", "no", "Yes"]),
        ("Interessenkonflikte", ["keine", "Ja", "nein"]),
        ("Conflits d'intérêts", ["aucun", "Oui", "non"]),
        ("利益冲突", ["无", "是", "否"]),
    ],
)
@pytest.mark.parametrize("role", ["mentee", "mentor"])
def test_a_conflict_that_is_said_and_not_named_is_asked_about(header, cells, role) -> None:
    profiles = read(role, **{header: cells})
    assert "avoid" not in profiles.columns
    assert asked(profiles, "safety")["column"].tolist() == [header]


def test_a_conflict_that_nobody_has_needs_no_question() -> None:
    assert not len(read(Conflicts=["No", "none", "No"]).questions)


@pytest.mark.parametrize("word", ["none", "keine", "aucun", "ninguno", "nessuno", "geen", "brak",
                                  "なし", "没有"])  # fmt: skip
def test_who_names_nobody_names_nobody(word) -> None:
    avoid = read(**{"Who should we not match you with?": ["Quin Elm", word, None]}).columns["avoid"]
    assert avoid.to_list() == [["Quin Elm"], [], None]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Preferred mentors (number)", ["2", "1", "3"]), ("Preferred mentor #", ["2", "1", "3"]),
        ("Previous mentors (count)", ["2", "1", None]), ("Conflicts (#)", ["2", "1", None]),
        ("Supervisor (number)", ["2", "1", "3"]), ("以前的导师人数", ["2", "1", "3"]),
    ],
)  # fmt: skip
def test_numbers_of_people_are_not_taken_for_people_and_asked_about(header, cells) -> None:
    profiles = read(**{header: cells})
    (question,) = asked(profiles, "counts").to_dict("records")
    assert (question["column"], question["reading"]) == (header, "not used")
    field = question["settle"].split("'")[1]
    assert field in ("preferred", "previous", "avoid", "supervisor_id")
    assert field not in profiles.columns
    chosen = read_roster(pd.DataFrame({**NAMES, header: cells}), "mentee", columns={field: header})
    assert chosen.columns[field].to_list()[0] == ["2"]
    assert not len(chosen.questions)


@pytest.mark.parametrize("header", ["Preferred mentors", "Conflicts", "Bisherige Mentoren",
                                    "Mentors préférés", "Mentores preferidos"])  # fmt: skip
def test_numbers_read_as_ids_are_asked_about_where_nobody_goes_by_one(header) -> None:
    (question,) = asked(read(**{header: ["2", "1", "3"]}), "counts").to_dict("records")
    assert question["reading"] == "read as ids"
    assert not len(read(ID=["7", "8", "9"], **{header: ["2", "1", "3"]}).questions)
    assert not len(asked(read(**{header: ["M2", "M1", "M3"]}), "counts"))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Number of preferred mentors", ["2", "1", "3"]), ("Previous mentors", ["0", "2", "1"]),
        ("Wie viele Mentoren hattest du bisher?", ["2", "1", "0"]),
        ("¿Cuántos mentores has tenido?", ["2", "1", "3"]),
        ("Previous mentors", ["2021-03-01", "2022-03-01", None]),
        ("Anciens mentors", ["oui", "non", "oui"]),
        ("Hast du schon einen Mentor gehabt?", ["ja", "nein", "ja"]),
        ("Mentors préférés (nombre)", ["2", "3", None]),
        ("Mentores preferidos (número)", ["2", "1", "4"]),
    ],
)  # fmt: skip
def test_counts_dates_and_yes_or_no_are_nobody(header, cells) -> None:
    profiles = read(**{header: cells})
    assert not {"preferred", "previous", "avoid"} & set(profiles.columns)
    assert not len(profiles.questions)


# --- polarity, roles, who takes part --------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Is there anybody you'd prefer to steer clear of?",
        "Colleagues I don't want to be mentored by",
        "Anyone you would feel awkward being matched to?", "Mentors you'd like us to rule out",
        "Relatives in the company", "CoI with", "Personen, mit denen ich nicht arbeiten will",
        "Befangen gegenüber", "Verwandte im Haus", "Personnes à éviter", "Familiares en la empresa",
        "Pessoas a evitar", "Persone da evitare", "Onverenigbaar met",
        "Osoby, których należy unikać", "避けたい人", "回避人员",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", ["mentee", "mentor"])
def test_people_who_are_kept_apart(header, role) -> None:
    profiles = read(role, **{header: ["Quin Elm", None, "Rae Fir"]})
    assert profiles.columns["avoid"].to_list() == [["Quin Elm"], None, ["Rae Fir"]]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Family name", "last_name"), ("Quem foi seu mentor no ano passado?", "previous"),
        ("Wer hat dich letztes Jahr begleitet?", "previous"),
        ("Who mentored you last cycle?", "previous"), ("2025 mentor", "previous"),
        ("Wie was vorig jaar je mentor?", "previous"), ("Direct superior", "supervisor_id"),
        ("My line manager's name", "supervisor_id"), ("Group leader", "supervisor_id"),
        ("Vorgesetzte*r", "supervisor_id"), ("مديرك المباشر", "supervisor_id"),
    ],
)  # fmt: skip
def test_people_are_not_kept_apart_for_a_word(header, field) -> None:
    profiles = read(**{header: ["Quin Elm", "Rae Fir", None]})
    assert profiles.mapping.set_index("column")["field"][header] == field


@pytest.mark.parametrize(
    ("header", "mentee", "mentor", "both"),
    [
        ("Ich nehme teil als", "Mentee", "Mentor:in", "Mentee und Mentor:in"),
        ("Wie?", "Ich möchte begleitet werden", "Ich möchte begleiten", "Beides"),
        ("Je participe en tant que", "marrainé(e)", "marraine/parrain", "les deux"),
        ("Soy", "aprendiz", "mentor(a)", "ambas cosas"), ("Sou", "mentorando", "mentor", "ambos"),
        ("参加希望", "メンティーとして", "メンターとして", "どちらでも"),
        ("参加身份", "被指导者", "指导者", "都可以"),
        ("What would you like to do?", "Have a mentor", "Have a mentee", "Either way"),
        ("Ziel", "Ich suche eine:n Mentor:in", "Ich suche eine Mentee", "beides"),
    ],
)  # fmt: skip
def test_more_words_for_roles(header, mentee, mentor, both) -> None:
    frame = pd.DataFrame({"Name": NAMES["Name"], header: [mentee, mentor, both]})
    mentees, mentors = read_roster(frame, "both")
    assert mentees.names == ("Ana Lima", "Cy Dahl")
    assert mentors.names == ("Bo Chan", "Cy Dahl")


@pytest.mark.parametrize(
    ("wants", "offers", "yes", "no"),
    [
        ("Ich suche eine:n Mentor:in", "Ich möchte selbst Mentor:in sein", "ja", "nein"),
        ("Busco mentoría", "Ofrezco mentoría", "sí", "no"),
        ("メンターが欲しい", "メンターになりたい", "はい", "いいえ"),
        ("Sign me up as mentee", "Sign me up as mentor", "1", "0"),
        ("Je cherche un mentor", "Je veux être mentor", "oui", "non"),
        ("Vorrei un mentor", "Vorrei fare da mentor", "sì", "no"),
    ],
)
def test_more_questions_for_roles(wants, offers, yes, no) -> None:
    frame = pd.DataFrame({"Name": NAMES["Name"], wants: [yes, no, yes], offers: [no, yes, yes]})
    mentees, mentors = read_roster(frame, "both")
    assert (mentees.names, mentors.names) == (("Ana Lima", "Cy Dahl"), ("Bo Chan", "Cy Dahl"))


def test_roles_that_nothing_tells_are_asked_about() -> None:
    names = {"Name": NAMES["Name"]}
    mentees, mentors = read_roster(pd.DataFrame({**names, "Side": ["x", "y", "z"]}), "both")
    assert asked(mentees, "roles")["reading"].tolist() == ["everybody is read as both"]
    assert not len(mentors.questions)
    frame = pd.DataFrame({**names, "Do you want a mentor?": ["yes", "no", "yes"]})
    mentees, mentors = read_roster(frame, "both")
    assert mentees.names == ("Ana Lima", "Cy Dahl")
    assert asked(mentors, "roles")["reading"].tolist() == ["everybody is read as a mentor"]
    told = pd.DataFrame({**names, "Role": ["Both", "Both", "Mentee"]})
    assert not any(len(profiles.questions) for profiles in read_roster(told, "both"))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Status", ["Approved", "Rejected", "Approved"]),
        ("Status", ["aktiv", "ausgeschieden", "aktiv"]), ("Statut", ["actif", "partie", "actif"]),
        ("Estado", ["activo", "baja", "activo"]), ("Situação", ["Ativo", "Desligado", "Ativo"]),
        ("Stato", ["attiva", "ritirata", "attivo"]), ("在籍状況", ["在籍", "退職", "在籍"]),
        ("状态", ["在职", "离职", "在职"]),
    ],
)  # fmt: skip
def test_who_has_left_is_left_out_in_any_language(header, cells) -> None:
    assert read(**{header: cells}).names == ("Ana Lima", "Cy Dahl")
    kept = read_roster(pd.DataFrame({**NAMES, header: cells}), "mentee", columns={header: None})
    assert len(kept) == 3


@pytest.mark.parametrize(
    "cells", [["Accepted", "Waitlisted", "Accepted"], ["bestätigt", "Warteliste", "bestätigt"]]
)
def test_who_waits_is_kept_and_asked_about(cells) -> None:
    profiles = read(Status=cells)
    assert len(profiles) == 3
    assert asked(profiles, "status")["settle"].iloc[0].startswith("drop_rows=[3]")


@pytest.mark.parametrize("column", ["Name", "Goals", "Avoid"])
def test_a_failed_lookup_is_nobody_and_no_answer(column) -> None:
    cells = {"Goals": ["Law", "Tax", "Art"], "Avoid": ["Quin Elm", None, None], **NAMES}
    cells[column] = [cells[column][0], "#N/A", cells[column][2]]
    profiles = read_roster(pd.DataFrame(cells), "mentee")
    assert "#N/A" not in str(profiles.to_frame().to_dict())
    assert profiles.repairs.set_index("code").loc["failed_formula", "row"] == 3


@pytest.mark.parametrize(
    "header",
    [
        "Preferred mentor no.", "Preferred mentor No", "Wunschmentor Nr.", "Mentor préféré n°",
        "Mentor préféré No", "Mentor preferido núm.", "Mentor preferido n.º",
        "Mentor preferito n.", "Voorkeursmentor nr.", "Preferowany mentor nr",
    ],
)  # fmt: skip
def test_what_stands_for_number_denies_nothing(header) -> None:
    profiles = read(**{header: ["M17", "M18", "M17"]})
    assert profiles.columns["preferred"].to_list() == [["M17"], ["M18"], ["M17"]]
    assert "avoid" not in profiles.columns


@pytest.mark.parametrize(
    "header", ["Mentor no quiero", "¿Con quién no quieres trabajar?", "No match with"]
)
def test_a_no_that_denies_still_denies(header) -> None:
    assert "avoid" in read(**{header: ["Quin Elm", "Rae Fir", "Quin Elm"]}).columns


@pytest.mark.parametrize("cell", ["2-3", "2 - 3 mentees", "2 or 3", "zwei bis drei", "2 à 3"])
def test_a_range_of_seats_is_its_most_and_listed(cell) -> None:
    frame = pd.DataFrame({**NAMES, "How many mentees can you take?": [cell, "1", "1"]})
    profiles = read_roster(frame, "mentor")
    assert profiles.capacity.tolist() == [3, 1, 1]
    row = profiles.repairs.set_index("code").loc["capacity_words"]
    assert (row["row"], row["action"]) == (2, "read as 3, the most of it")
