"""Questions of roles in words that are not known: nobody is let in without a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mentormatch import plan_roster, read_roster
from tests.rosters.ordinary import EXPORTS

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
NAMES = ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Elm", "Ed Fox", "Flo Gil"]
ONLY_YES = ("Ana Lima", "Bo Chan", "Ed Fox")

UNSEEN = [
    ("Do you have capacity to guide someone this year? (Yes/No)",
     "Do you wish to be guided? (Yes/No)", "Yes", "No"),
    ("Could you take a newcomer under your wing?",
     "Would you like somebody to show you the ropes?", "Y", "N"),
    ("Hast du Zeit, eine jüngere Kollegin zu unterstützen?",
     "Soll dir jemand zur Seite stehen?", "Ja", "Nein"),
    ("Könnten Sie Ihre Erfahrung weitergeben?",
     "Möchten Sie an die Hand genommen werden?", "Ja", "Nein"),
    ("Avez-vous le temps d'épauler quelqu'un cette année ?",
     "Souhaitez-vous être épaulé(e) ?", "Oui", "Non"),
    ("¿Puedes apoyar a un compañero este año?", "¿Quieres que alguien te oriente?", "Sí", "No"),
    ("Pode apoiar alguém este ano?", "Gostaria de ser apoiado?", "Sim", "Não"),
    ("Potresti dare una mano a un collega?",
     "Vorresti che ci fosse qualcuno che ti guida?", "Sì", "No"),
    ("Kun je dit jaar iemand op weg helpen?", "Wil je dat iemand jou op weg helpt?", "Ja", "Nee"),
    ("Czy możesz wesprzeć kogoś w tym roku?",
     "Czy chcesz, żeby ktoś Cię poprowadził?", "Tak", "Nie"),
    ("今年、後輩をサポートできますか？", "先輩に相談したいですか？", "はい", "いいえ"),
    ("您今年能带一位新人吗？", "您希望有人指点吗？", "是", "否"),
    ("هل يمكنك مساعدة زميل هذا العام؟", "هل ترغب في أن يوجهك أحد؟", "نعم", "لا"),
    ("آیا می‌توانید به کسی کمک کنید؟", "آیا می‌خواهید کسی شما را راهنمایی کند؟", "بله", "خیر"),
]  # fmt: skip


def sheet(guides: str, guided: str, yes: str = "Yes", no: str = "No") -> pd.DataFrame:
    offers, wants = [yes, yes, no, no, yes, no], [no, no, yes, yes, no, yes]
    return pd.DataFrame({"Name": NAMES, guides: offers, guided: wants})


def roles_asked(profiles: Any) -> list[dict[str, str]]:
    questions = profiles.questions
    return list(questions[questions["code"] == "roles"].to_dict("records"))


@pytest.mark.parametrize(("guides", "guided", "yes", "no"), UNSEEN)
def test_a_question_of_roles_in_unknown_words_is_asked_about_and_settled(
    guides: str, guided: str, yes: str, no: str
) -> None:
    frame = sheet(guides, guided, yes, no)
    mentees, mentors = read_roster(frame, "both")
    assert (mentees.names, mentors.names) == (tuple(NAMES), tuple(NAMES))
    alone = frame.drop(columns=guided)
    read = ((mentees, guided), (mentors, guides), (read_roster(frame, "mentee"), guided),
            (read_roster(frame, "mentor"), guides), (read_roster(alone, "mentor"), guides),
            (read_roster(frame.drop(columns=guides), "mentee"), guided))  # fmt: skip
    for profiles, header in read:
        (question,) = roles_asked(profiles)
        assert question["column"] == header
        assert question["reading"] == f"everybody is read as a {profiles.role}"
        assert f"'is_{profiles.role}': " in question["settle"]
    settled = read_roster(frame, "both", columns={"is_mentee": guided, "is_mentor": guides})
    assert [one.names for one in settled] == [("Cy Dahl", "Di Elm", "Flo Gil"), ONLY_YES]
    assert not any(len(one.questions) for one in settled)
    left = read_roster(alone, "mentor", columns={guides: None})
    assert left.names == tuple(NAMES)
    assert not roles_asked(left)


def test_two_wishes_that_part_the_people_are_asked_about_whatever_their_words() -> None:
    frame = sheet("Keen to pass the torch?", "Up for a wingman?")
    (question,) = roles_asked(read_roster(frame, "mentor"))
    assert question["column"] == "Keen to pass the torch?, Up for a wingman?"


def test_who_says_no_and_leaves_the_questions_of_a_role_blank_is_asked_about() -> None:
    frame = pd.DataFrame({
        "Name": NAMES, "Torchbearer?": ["Yes", "No", "No", "Yes", "No", "Yes"],
        "How many mentees can you take?": ["2", None, None, "1", None, "1"],
    })  # fmt: skip
    (question,) = roles_asked(read_roster(frame, "mentor"))
    assert question["column"] == "Torchbearer?"
    settled = read_roster(frame, "mentor", columns={"is_mentor": "Torchbearer?"})
    assert settled.names == ("Ana Lima", "Di Elm", "Flo Gil")


def test_a_sheet_for_both_names_the_columns_that_may_tell() -> None:
    frame = pd.DataFrame({"Name": NAMES, "Side": ["lantern", "walker"] * 3})
    mentees, mentors = read_roster(frame, "both")
    (question,) = roles_asked(mentees)
    assert "columns={'role': 'Side'}" in question["settle"]
    assert not roles_asked(mentors)


ORDINARY = [
    "First-generation student?", "Have you been mentored before?", "Attending in person?",
    "Consent to photos", "Do you need accessibility support?", "Are you a manager?",
    "Would you be happy to meet online?", "Would you like to join the newsletter?",
    "Have you supported others before?", "Are you willing to travel?", "Do you speak English?",
    "Do you need help with travel costs?", "Do you have leadership experience?",
    "Bist du Erstakademiker*in?", "Haben Sie Personalverantwortung?", "Êtes-vous boursier ?",
    "¿Has participado antes?", "Sei una matricola?", "Ben je al eens mentor geweest?",
    "是否第一次参加", "写真掲載に同意しますか",
]  # fmt: skip


@pytest.mark.parametrize("header", ORDINARY)
@pytest.mark.parametrize("role", ["mentee", "mentor"])
def test_ordinary_questions_of_yes_and_no_tell_no_roles(header: str, role: str) -> None:
    frame = pd.DataFrame({
        "Name": NAMES, header: ["Yes", "No", "No", "Yes", "No", "Yes"],
        "Topics": ["Law", "Tax", "Law", "Law", "Tax", "Tax"],
    })  # fmt: skip
    assert not roles_asked(read_roster(frame, role))


def test_ordinary_questions_beside_one_another_tell_no_roles() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(40):
        chosen = rng.choice(ORDINARY, 4, replace=False)
        cells: Mapping[str, list[str]] = {
            h: rng.choice(["Yes", "No"], len(NAMES)).tolist() for h in chosen
        }
        alarms += len(roles_asked(read_roster(pd.DataFrame({"Name": NAMES, **cells}), "mentor")))
    assert alarms == 0
    for export in EXPORTS:
        for role in ("mentee", "mentor"):
            assert not roles_asked(read_roster(export.source(role), role)), export.name


@pytest.mark.parametrize(
    "header",
    [
        "Would you like to be paired with a mentor from another site?",
        "Are you happy to be matched with a mentor in a different time zone?",
        "Möchten Sie eine Mentorin aus einer anderen Abteilung?",
        "Souhaitez-vous un mentor d'un autre service ?",
        "¿Quieres un mentor de otra sede?",
    ],
)
def test_a_question_which_mentor_is_none_whether(header: str) -> None:
    frame = pd.DataFrame({"Name": NAMES, header: ["Yes", "No"] * 3})
    assert read_roster(frame, "mentee").names == tuple(NAMES)


def test_a_column_of_roles_can_be_given_or_left() -> None:
    frame = pd.DataFrame({"Name": NAMES, "Side": ["mentor", "mentee", "?"] * 2})
    mentors = read_roster(frame, "mentor", columns={"role": "Side"})
    assert mentors.names == ("Ana Lima", "Cy Dahl", "Di Elm", "Flo Gil")
    assert "role_unclear" in set(mentors.repairs["code"])
    known = sheet("Would you like to mentor?", "Would you like a mentor?")
    assert read_roster(known, "mentor").names == ONLY_YES
    left = read_roster(known, "mentor", columns={"Would you like to mentor?": None})
    assert left.names == tuple(NAMES)
    frame["Job"] = "Clerk"
    assert set(read_roster(frame, "mentor", columns={"role": "Job"}).columns["role"].to_list()) == {
        "Clerk"
    }


KNOWN = "Do you want to be a mentor?"


@pytest.mark.parametrize(
    ("now", "names", "code"),
    [
        (KNOWN, ONLY_YES, None),
        ("Would you like to mentor someone?", ONLY_YES, "plan_renamed"),  # asks for the same
        ("Do you want to be of use?", ONLY_YES, "plan_renamed"),  # spelt alike
        ("Can you spare us an hour?", tuple(NAMES), "plan_lost"),
    ],
)
def test_a_plan_keeps_which_column_told_roles(
    now: str, names: tuple[str, ...], code: str | None
) -> None:
    frame = sheet(KNOWN, "First-generation student?")
    saved = plan_roster(frame, "mentor").to_dict()
    assert saved["columns"][1] == {
        "header": KNOWN, "field": "is_mentor", "kind": "category", "set_kind": True,
    }  # fmt: skip
    later = read_roster(frame.rename(columns={KNOWN: now}), "mentor", plan=saved)
    assert later.names == names
    assert code is None or code in set(later.repairs["code"])
    lost = later.questions[later.questions["code"] == "plan_lost"]
    assert len(lost) == (code == "plan_lost")
    for question in lost.to_dict("records"):
        assert KNOWN in question["question"]
        assert question["settle"] == f"columns={{'is_mentor': {now!r}}}"
