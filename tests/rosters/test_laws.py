"""Laws of reading: order never matters, every door gives the same profiles, nothing crashes."""

from __future__ import annotations

import io
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mentormatch.errors import MentormatchError, ParameterError
from mentormatch.rosters import read_roster
from mentormatch.rosters.capacity import parse_capacity
from mentormatch.rosters.columns import SLOTS_PER_WEEK, describe_week
from mentormatch.rosters.hours import parse_week, parse_zone
from mentormatch.rosters.labels import split_level
from mentormatch.rosters.lists import Splitter
from mentormatch.rosters.numbers import parse_number
from mentormatch.rosters.references import parse_email, parse_id, parse_people
from mentormatch.rosters.wishes import welcome
from tests.rosters import exports

SHAPES = {
    "google": exports.GOOGLE_FORMS,
    "together": exports.TOGETHER,
    "bamboo": exports.BAMBOO,
    "pushfar": exports.PUSHFAR,
    "civil": exports.CIVIL_SERVICE,
}

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def frames():
    found = {name: pd.read_csv(exports.csv(text), dtype=str) for name, text in SHAPES.items()}
    header, *rows = exports.MS_FORMS
    found["ms"] = pd.DataFrame(rows, columns=header, dtype=object)
    found["all"] = exports.people(40)
    return found


def same(a, b):
    pd.testing.assert_frame_equal(a.to_frame(), b.to_frame())
    assert a.sensitive == b.sensitive
    assert list(a.columns) == list(b.columns)
    for name, column in a.columns.items():
        assert type(column) is type(b.columns[name])
        if hasattr(column, "labels"):
            assert column.labels == b.columns[name].labels
        if hasattr(column, "priority"):
            np.testing.assert_array_equal(column.priority, b.columns[name].priority)


@pytest.mark.parametrize("role", ["mentee", "mentor"])
@pytest.mark.parametrize("shape", [*SHAPES, "ms", "all"])
def test_column_order_does_not_matter(shape, role):
    frame = frames()[shape]
    expected = read_roster(frame, role)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(frame.shape[1])
        found = read_roster(frame.iloc[:, order], role)
        same(found, expected)
        listed = ["row", "column", "code"]
        pd.testing.assert_frame_equal(
            found.repairs.sort_values(listed).reset_index(drop=True),
            expected.repairs.sort_values(listed).reset_index(drop=True),
        )


@pytest.mark.parametrize("shape", [*SHAPES, "ms", "all"])
def test_row_order_does_not_matter(shape):
    frame = frames()[shape]
    expected = read_roster(frame, "mentee")
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(frame))
        found = read_roster(frame.iloc[order].reset_index(drop=True), "mentee")
        back = [found.position(person) for person in expected.ids]
        same(found.take(np.array(back)), expected)


def test_every_door_gives_the_same_profiles(tmp_path):
    import polars as pl
    import pyarrow as pa

    frame = exports.people(30)
    expected = read_roster(frame, "mentee")
    path = tmp_path / "people.csv"
    frame.to_csv(path, index=False)
    book = [list(frame.columns), *frame.astype(object).where(frame.notna(), None).values.tolist()]
    data = {name: [None if pd.isna(v) else v for v in frame[name]] for name in frame}
    for source in (
        path,
        str(path),
        path.read_bytes(),
        io.BytesIO(path.read_bytes()),
        io.StringIO(path.read_text()),
        exports.workbook(("S", book)),
        pl.DataFrame(data),
        pl.DataFrame(data).lazy(),
        pa.table(data),
        frame.convert_dtypes(),
        frame.astype({"Office": "category"}),
        frame.set_index("Employee ID"),
    ):
        same(read_roster(source, "mentee"), expected)


def test_profiles_pickle_and_are_frozen():
    roster = read_roster(exports.people(5), "mentor")
    same(pickle.loads(pickle.dumps(roster)), roster)
    assert roster.digest
    assert "5 mentors" in repr(roster)
    with pytest.raises(ValueError):
        roster.capacity[0] = 9
    with pytest.raises(ParameterError, match="role"):
        read_roster(exports.people(5), "boss")
    with pytest.raises(ParameterError, match="kind"):
        read_roster(exports.people(5), "mentor", kinds={"about": "novel"})


def test_twenty_thousand_people():
    roster = read_roster(exports.people(20_000), "mentee")
    assert len(roster) == 20_000
    assert len(roster.repairs) == 0
    assert roster.columns["availability"].answered.all()


WORDS = (
    *("Mon", "Tue-Fri", "9-11", "2pm", "noon", "midnight", "and", ";", ",", "24:00", "after"),
    *("before", "weekdays", "mornings", "one", "or", "two", "mentees", "UTC", "+5:30", "London"),
    *("1.", "3/5", "none", "-", "NaN", ":"),
)
ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789:;,-. amponMTueWdh/+()", max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
)


@given(ANY_TEXT)
@example("- ;")
@example("1. ; 2. ;")
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_a_parser(text):
    week = parse_week(text)
    assert week.slots is None or week.slots.shape == (SLOTS_PER_WEEK,)
    assert week.slots is not None or week.finding is not None
    zone, finding = parse_zone(text)
    assert zone is not None or finding is not None
    seats, _ = parse_capacity(text)
    assert 0 <= seats <= 10**6
    parse_number(text)
    split_level(text)
    parse_id(text)
    parse_email(text)
    welcome(text)
    references, _ = parse_people(text)
    assert all(references)
    assert all(Splitter([text])(text))


@given(st.lists(st.lists(ANY_TEXT, min_size=3, max_size=3), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_answers_give_profiles_or_an_error_in_words(rows):
    header = ["Availability", "Skills", "Capacity"]
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    frame.insert(0, "Name", [f"Person {k}" for k in range(len(rows))])
    try:
        roster = read_roster(frame, "mentor")
    except MentormatchError:  # said in words; anything else is a defect
        return
    assert len(roster) == len(rows)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_profiles_or_an_error_in_words(content):
    try:
        roster = read_roster(content, "mentee")
    except MentormatchError:  # said in words; anything else is a defect
        return
    assert len(roster) > 0


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(("Law", "Tax", "Law and order", "R&D", "none", "C++", "1) Law", "a. Tax")),
        st.sampled_from(("Goal: Law", "Law;#3", "[Law]", "{Law}", "<b>Law</b>", "Law: 3", "&amp;")),
        st.text(alphabet="aB1 ,;|/·~\\+\"'[]{}()<>#:-.&\n\t、・•=\u3000é", min_size=1, max_size=8),
    ),
    max_size=4,
)


@given(st.lists(HOSTILE, min_size=2, max_size=5), st.data())
@settings(max_examples=100, deadline=None)
def test_profiles_that_are_written_out_read_back_equal_in_any_order_of_columns(lists, data):
    frame = pd.DataFrame(
        {
            "Name": [f"Person {k} Oak" for k in range(len(lists))],
            "goals": [json.dumps(labels, ensure_ascii=False) for labels in lists],
            "skills": pd.Series(lists[::-1], dtype=object),
            "site": ["Ely", "Bath"] + ["Ely"] * (len(lists) - 2),
        }
    )
    chosen = {"goals": "goals", "skills": "skills"}
    first = read_roster(frame, "mentor", columns=chosen)
    written = first.to_frame()
    again = read_roster(written, "mentor", columns=chosen)
    same(again, first)
    assert again.names == first.names
    order = data.draw(st.permutations(list(written.columns)))
    same(read_roster(written[order], "mentor", columns=chosen), first)


@given(st.sets(st.integers(0, SLOTS_PER_WEEK - 1), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_week_that_is_written_out_reads_back(free):
    slots = np.zeros(SLOTS_PER_WEEK, dtype=bool)
    slots[list(free)] = True
    week = parse_week(describe_week(slots))
    assert week.finding is None
    np.testing.assert_array_equal(week.slots, slots)
