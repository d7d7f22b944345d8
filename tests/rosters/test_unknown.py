"""Somebody who is not found is met with the nearest id, name or address."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch.errors import UnknownPersonError
from mentormatch.rosters import read_roster


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("Felix Arsla", "Felix Arslan"), ("E01", "E001"), ("felix@x.exampel", "felix@x.example")],
)
def test_the_nearest_person_is_proposed(asked: str, meant: str) -> None:
    frame = pd.DataFrame(
        {
            "Employee ID": ["E001", "E777"],
            "Name": ["Felix Arslan", "Ana Lima"],
            "Email": ["felix@x.example", "ana@y.example"],
        }
    )
    roster = read_roster(frame, role="mentee")
    with pytest.raises(UnknownPersonError) as caught:
        roster.position(asked)
    assert meant in caught.value.near
    assert meant not in str(caught.value)  # who reads it may not learn who takes part
