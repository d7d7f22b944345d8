"""What people are called in letters: the preferred name, else the first name, else nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.read import read_roster


def read(**columns: list[str]) -> Profiles:
    n = len(next(iter(columns.values())))
    base = {"Email": [f"p{k}@x.org" for k in range(n)], "Goals": ["Python; SQL", "Writing; SQL"]}
    return read_roster(pd.DataFrame({**base, **columns}), role="mentee")


@pytest.mark.parametrize(
    ("columns", "called", "names"),
    [
        ({"First name": ["Ana", "Bo"], "Last name": ["Silva", "Berg"]},
         ("Ana", "Bo"), ("Ana Silva", "Bo Berg")),
        ({"Vorname": ["Jürgen", "Anna-Lena"], "Nachname": ["Ott", "Kern"]},
         ("Jürgen", "Anna-Lena"), ("Jürgen Ott", "Anna-Lena Kern")),
        ({"First name": ["William", "Bo"], "Last name": ["Ng", "Berg"],
          "Preferred name": ["Bill", ""]}, ("Bill", "Bo"), ("William Ng", "Bo Berg")),
        ({"Vorname": ["Jürgen", "Anna"], "Nachname": ["Ott", "Kern"], "Rufname": ["Jo", ""]},
         ("Jo", "Anna"), ("Jürgen Ott", "Anna Kern")),
        ({"Rufname": ["Jo", "Anna"], "Nachname": ["Ott", "Kern"]},
         ("Jo", "Anna"), ("Jo Ott", "Anna Kern")),
        ({"Prénom": ["Élodie", "Luc"], "Nom de famille": ["Roy", "Petit"],
          "Prénom d'usage": ["Lou", ""]}, ("Lou", "Luc"), ("Élodie Roy", "Luc Petit")),
        ({"Full name": ["Ana Silva", "Bo Berg"]}, (None, None), ("Ana Silva", "Bo Berg")),
        ({"Full name": ["Ana Silva", "Bo Berg"], "What should we call you?": ["Anita", ""]},
         ("Anita", None), ("Ana Silva", "Bo Berg")),
        ({"Full name": ["Ana Silva", "Bo Berg"], "Wie dürfen wir Sie ansprechen?": ["", "B."]},
         (None, "B."), ("Ana Silva", "Bo Berg")),
        ({"Full name": ["Ana Silva", "Bo Berg"], "Known as": ["Anita", ""]},
         ("Anita", None), ("Ana Silva", "Bo Berg")),
    ],
)  # fmt: skip
def test_what_people_are_called(
    columns: dict[str, list[str]], called: tuple[str | None, ...], names: tuple[str, ...]
) -> None:
    people = read(**columns)
    assert people.called == called
    assert people.names == names
    again = read_roster(people.to_frame(), role="mentee")
    assert (again.called, again.names) == (called, names)
