"""Who takes part: consent, withdrawal, and who said neither."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster
from mentormatch.errors import RosterError

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

NAMES = {"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], "Email": ["a@x.org", "b@x.org", "c@x.org"]}


def read(columns=None, **answers):
    return read_roster(pd.DataFrame({**NAMES, **answers}), "mentee", columns=columns)


@pytest.mark.parametrize(
    ("header", "yes", "no"),
    [
        ("Consent", "Yes", "No"), ("Consent to be matched", "Yes", "I do not consent"),
        ("Consent status", "Given", "Withdrawn"), ("Consent form", "Signed", "Not signed"),
        ("GDPR consent", "1", "0"), ("I agree to be matched", "I agree", "I do not agree to it"),
        ("Do you consent to take part in the programme?", "yes", "Declined"),
        ("Data processing consent", "granted", "revoked"),
        ("Einwilligung", "erteilt", "widerrufen"),
        ("Einwilligung zur Datenverarbeitung", "ja", "nein"),
        ("Ich bin mit der Verarbeitung meiner Daten einverstanden", "Ja", "Nein"),
        ("Sind Sie mit der Speicherung Ihrer Daten einverstanden?", "Ja", "Nein"),
        ("Stimmst du der Verarbeitung deiner Daten zu?", "Ja", "Nein"),
        ("¿Acepta el tratamiento de sus datos?", "Sí", "No"),
        ("I am happy for my data to be used for matching", "Yes", "No"),
        ("Einverständnis", "ja", "nicht einverstanden"), ("Consentement", "oui", "retiré"),
        ("J'accepte d'être mis en relation", "oui", "non"), ("Consentimiento", "sí", "no acepto"),
        ("Consentimento", "sim", "não autorizo"), ("Consenso", "sì", "revocato"),
        ("Toestemming", "ja", "ingetrokken"), ("Zgoda na udział", "tak", "nie"),
        ("同意", "同意します", "同意しません"), ("是否同意", "同意", "不同意"),
        ("الموافقة", "نعم", "لا اوافق"), ("رضایت", "بله", "موافق نیستم"),
    ],
)  # fmt: skip
def test_who_did_not_consent_is_left_out_and_listed(header, yes, no) -> None:
    profiles = read(**{header: [yes, no, yes]})
    assert profiles.names == ("Ana Lima", "Cy Dahl")
    line = f"columns={{{header!r}: None}}"
    (listed,) = profiles.repairs[profiles.repairs["code"] == "not_taking_part"].to_dict("records")
    assert (listed["row"], listed["column"]) == (3, header)
    assert line in listed["action"]
    (question,) = profiles.questions.to_dict("records")
    assert question["reading"] == "dropped 1: row 3"
    assert question["settle"].endswith(f"{line}  # keep them")
    kept = read({header: None}, **{header: [yes, no, yes]})
    assert len(kept) == 3
    assert not len(kept.questions)
    settled = read({"consent": header}, **{header: [yes, no, yes]})
    assert len(settled) == 2
    assert not len(settled.questions)


@pytest.mark.parametrize(
    "header",
    [
        "Do you agree to the code of conduct?", "Consent to share my profile with sponsors",
        "Permission to contact my manager", "I agree that my data and photos may be used",
        "Autorisation de contacter mon chef", "Toestemming om mijn profiel te delen",
    ],
)  # fmt: skip
def test_consent_to_something_else_is_asked_about(header) -> None:
    profiles = read(**{header: ["yes", "no", "yes"]})
    assert len(profiles) == 3
    (question,) = profiles.questions.to_dict("records")
    assert question["reading"] == "kept 1: row 3"
    assert question["settle"].startswith(f"columns={{'consent': {header!r}}}  # leave them out")
    assert read({"consent": header}, **{header: ["yes", "no", "yes"]}).names[1] == "Cy Dahl"


@pytest.mark.parametrize(
    "header",
    ["Photo consent", "Einverständnis Fotos", "I agree to get the newsletter",
     "Autorisation photos", "Zgoda na wizerunek", "写真の同意"],
)  # fmt: skip
def test_photos_and_newsletters_are_no_matter_of_the_matching(header) -> None:
    profiles = read(**{header: ["yes", "no", "yes"]})
    assert len(profiles) == 3
    assert not len(profiles.questions)


@pytest.mark.parametrize(
    ("header", "cells", "row"),
    [
        ("I agree to be matched", ["Yes", None, "Yes"], 3), ("GDPR consent", ["x", "x", None], 4),
        ("Consent", ["Yes", "Pending", "Yes"], 3), ("Einwilligung", ["ja", "ja", None], 4),
        ("Confirmed", ["x", None, "x"], 3), ("Still interested?", ["yes", "maybe", "yes"], 3),
        ("Withdrawn", [None, "moved abroad", None], 3), ("Consentement", ["oui", None, "oui"], 3),
    ],
)  # fmt: skip
def test_who_did_not_say_is_kept_and_asked_about(header, cells, row) -> None:
    profiles = read(**{header: cells})
    assert len(profiles) == 3
    (question,) = profiles.questions.to_dict("records")
    assert question["reading"] == f"kept 1: row {row}"
    assert question["settle"].startswith(f"drop_rows=[{row}]")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Withdrawn", ["2024-03-02", None, None]), ("Withdrawn on", ["02.03.2024", None, None]),
        ("Withdrawn", ["Withdrawn", None, None]), ("Active", ["Left", "Yes", "Yes"]),
        ("Abgemeldet", ["ja", "nein", "nein"]), ("辞退", ["はい", "いいえ", "いいえ"]),
    ],
)  # fmt: skip
def test_who_has_withdrawn_is_left_out(header, cells) -> None:
    assert read(**{header: cells}).names == ("Bo Chan", "Cy Dahl")


def test_every_column_of_consent_counts() -> None:
    answers = {"Consent to be matched": ["Yes", "Yes", "No"], "GDPR consent": ["Yes", "No", "Yes"]}
    profiles = read(**answers)
    assert profiles.names == ("Ana Lima",)
    assert profiles.questions["column"].tolist() == list(answers)


def test_a_roster_of_which_nobody_takes_part_is_refused() -> None:
    with pytest.raises(RosterError, match="nobody takes part"):
        read(Consent=["No", "No", "No"])


@pytest.mark.parametrize(
    "header",
    [
        "Do you agree to be matched with someone from another department?",
        "Do you consent to be paired with a mentor in a different time zone?",
        "Sind Sie einverstanden, mit jemandem aus einer anderen Abteilung gematcht zu werden?",
    ],
)
def test_consent_to_a_part_of_the_matching_drops_nobody(header) -> None:
    frame = pd.DataFrame({"Name": ["Ana Lima", "Bo Chan", "Cy Dahl"], header: ["Yes", "No", "Yes"]})
    assert len(read_roster(frame, "mentee")) == 3
