"""A cell is handed from room to room, each of which looks at it once."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mentormatch import read_roster

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")
HOME = "mentormatch.rosters."
SMALL = {"vocabulary", "columns", "findings", "table", "answers", "reading"}
"""What all rooms use: words, keys of labels, and where findings are listed."""
PEOPLE = {
    "Name": ["Ana Lima", "Bo Chan", "Cy Dahl", "Di Elm"],
    "Email": ["a@x.org", "b@x.org", "c@x.org", "d@x.org"],
    "Goals": ["Law;Tax", "Art", "Law", "Tax"],
    "Site": ["Rome", "Oslo", "Rome", "Bern"],
    "How many mentees can you take?": ["2", "1", "1", "2"],
    "Years of experience": ["7", "3", "5", "4"],
    "Availability": ["Mon 9-11", "Tue 9-11", "Tue 9-11", "Fri 9-11"],
    "Avoid": ["Quin Oak", "", "", ""],
}
MARK = "zqx"


def rooms_of(path: Path) -> list[str]:
    """Return the rooms that are handed a text with the mark, in order, each stay once."""
    stays: list[str] = []

    def room(frame: FrameType) -> str | None:
        name = frame.f_globals.get("__name__", "")
        held = (frame.f_locals.get(v) for v in frame.f_code.co_varnames[: frame.f_code.co_argcount])
        if not name.startswith(HOME) or not any(isinstance(h, str) and MARK in h for h in held):
            return None
        return str(name.removeprefix(HOME))

    def watch(frame: FrameType, event: str, _: Any) -> None:
        here = room(frame) if event == "call" else None
        if here is None or here in SMALL:
            return
        outer = frame.f_back
        while outer is not None:  # a room that calls another and goes on has not been left
            if outer.f_globals.get("__name__") == HOME + here and room(outer) == here:
                return
            outer = outer.f_back
        if not stays or stays[-1] != here:
            stays.append(here)

    sys.setprofile(watch)
    try:
        read_roster(path, "mentor")
    finally:
        sys.setprofile(None)
    return stays


def forget() -> None:
    """Empty what was remembered of texts that were read before."""
    for name, module in list(sys.modules.items()):
        if name.startswith(HOME):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.cache_parameters()["maxsize"]:
                    value.cache_clear()


@pytest.mark.parametrize(
    ("column", "cell", "rooms"),
    [
        ("Name", "zqx lima", []),
        ("Email", "zqx@x.org", ["headers", "references"]),
        # what parts the answers of the column is learnt before it parts them
        ("Goals", "zqx;Tax", ["lists", "labels", "lists"]),
        ("Site", "zqx ville", []),
        ("How many mentees can you take?", "zqx two", ["headers", "capacity", "numbers"]),
        ("Years of experience", "zqx 7", ["headers", "numbers"]),
        ("Availability", "zqx Mon 9-11", ["week_columns", "hours"]),
        ("Avoid", "zqx oak", ["references"]),
    ],
)
def test_each_room_looks_at_a_cell_once(
    column: str, cell: str, rooms: list[str], tmp_path: Path
) -> None:
    people = {**PEOPLE, column: [cell, *PEOPLE[column][1:]]}
    lines = [list(people), *map(list, zip(*people.values(), strict=True))]
    path = tmp_path / "mentors.csv"
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    read_roster(path, "mentor")  # whatever is loaded once
    forget()
    assert rooms_of(path) == ["delimited", "second_headers", "repair", "roles", *rooms]
