"""Ordinary exports are read right, and without false alarms."""

from __future__ import annotations

from statistics import median

import pandas as pd
import pytest

from mentormatch import read_roster
from tests.rosters.ordinary import EXPORTS, Export

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
BOTH = [(export, role) for export in EXPORTS for role in ("mentee", "mentor")]


@pytest.mark.parametrize(
    ("export", "role"), BOTH, ids=[f"{export.name}-{role}" for export, role in BOTH]
)
def test_core_fields_of_an_ordinary_export_are_read(export: Export, role: str) -> None:
    profiles = read_roster(export.source(role), role)
    own = {
        "ids": profiles.ids,
        "names": profiles.names,
        "emails": profiles.emails,
        "capacity": profiles.capacity.tolist(),
    }
    said = {
        name: list(own[name]) if name in own else profiles.columns[name].to_list()
        for name in export.says(role)
    }
    assert said == export.says(role)


def test_ordinary_exports_raise_no_false_alarms() -> None:
    counts = [len(read_roster(export.source(role), role).questions) for export, role in BOTH]
    assert len(EXPORTS) >= 20
    assert median(counts) == 0
    assert max(counts) <= 3


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Hi! What's your first name?", "first_name"), ("And your last name?", "last_name"),
        ("Contact details - Last name", "last_name"), ("What is your job title?", "job_title"),
        ("Wie lautet Ihr Nachname?", "last_name"), ("Deine Abteilung", "department"),
        ("Quel est votre service ?", "department"), ("Quelle est votre ville ?", "site"),
        ("¿Cuál es tu apellido?", "last_name"), ("Tu departamento", "department"),
        ("Qual é o seu sobrenome?", "last_name"), ("Qual è il tuo cognome?", "last_name"),
        ("Wat is je achternaam?", "last_name"), ("Jakie jest twoje nazwisko?", "last_name"),
        ("あなたの部署", "department"), ("您的部门", "department"),
    ],
)  # fmt: skip
def test_a_field_asked_for_in_a_question_is_the_field(header: str, field: str) -> None:
    frame = pd.DataFrame({"ID": ["a1", "b2"], header: ["Lima", "Chan"]})
    mapping = read_roster(frame, "mentee").mapping
    assert mapping.set_index("column")["field"][header] == field


@pytest.mark.parametrize(
    "option",
    ["Other (please specify)", "Sonstiges", "Autre (précisez)", "Otro", "その他", "其他（请注明）"],
)
def test_what_is_written_beside_other_is_an_option(option: str) -> None:
    frame = pd.DataFrame(
        {
            "Name": ["Ana Lima", "Bo Chan", "Cy Dahl"],
            "Goals [Law]": ["Law", None, "Law"],
            "Goals [Tax]": [None, "Tax", None],
            f"Goals [{option}]": [None, "Harbour dues", None],
        }
    )
    goals = read_roster(frame, "mentee").columns["goals"]
    assert goals.to_list() == [["Law"], ["Harbour dues", "Tax"], ["Law"]]
    assert set(goals.labels) == {"Law", "Tax", "Harbour dues"}
