"""What answers mean is remembered while a roster is read, and not afterwards."""

from __future__ import annotations

import gc

import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.rosters import remembered
from mentormatch.rosters.references import parse_email


def test_nothing_of_a_roster_is_kept_when_it_is_read() -> None:
    parse_email("somebody@example.org")
    frame = pd.DataFrame({
        "Name": ["Ana Lima", "Bo Chen"],
        "Email": ["ana@example.org", "bo@example.org"],
        "Skills": ["Python;Excel", "Law"],
        "Availability": ["Mon 9-11", "Tue 14:00-16:00"],
    })  # fmt: skip
    mm.read_roster(frame, role="mentor")
    assert len(remembered._readers) > 5
    assert {reader.cache_info().currsize for reader in remembered._readers} == {0}


@pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
def test_what_is_remembered_for_longer_holds_headers_alone() -> None:
    bounded = [
        one for one in gc.get_objects()
        if isinstance(one, type(parse_email)) and one.__module__.startswith("mentormatch.rosters")
        and one.cache_parameters()["maxsize"]
    ]  # fmt: skip
    for cached in bounded:
        cached.cache_clear()
    headers = ["Name", "Role", "Skills", "Goals", "Availability", "Preferred sites"]
    rows = [[f"{h} {k}" for h in headers] for k in range(200)]
    mm.read_roster(pd.DataFrame(rows, columns=headers), role="mentee")
    longer = [one for one in bounded if one not in remembered._readers]
    assert longer
    assert max(one.cache_info().currsize for one in longer) <= 3 * len(headers)


def test_nothing_is_kept_of_a_roster_that_is_refused() -> None:
    with pytest.raises(mm.RosterError):
        mm.read_roster(b'Name,Email\nAna,ana@x.org\nBo,ana@x.org\n"', role="mentor")
    assert {reader.cache_info().currsize for reader in remembered._readers} == {0}
