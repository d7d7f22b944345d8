"""Lists and timetables: written, read again, and as good as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.saved import files
from mentormatch.programmes.form import Form

jsonschema = pytest.importorskip("jsonschema")


def cohort() -> tuple[mm.Profiles, mm.Profiles]:
    ours, theirs = mm.make_cohort(12, 6, 3)
    return mm.read_roster(ours, "mentee"), mm.read_roster(theirs, "mentor")


def lists() -> Form:
    return mm.suggest(mm.score(*cohort()), 3)


def mutual_lists() -> Form:
    mentees, mentors = cohort()
    style = [mm.Similarity("communication_style")]
    back = mm.score(mentors.as_role("mentee"), mentees.as_role("mentor"), criteria=style)
    first = mm.suggest(mm.score(mentees, mentors), 2, back=back, exposure={mentors.ids[0]: 1})
    return mm.resuggest(first, declined=[next(iter(first))])


def coffee() -> Form:
    mentees, _ = cohort()
    return mm.schedule_rounds(mm.score(mentees, mentees), 3)


def speed() -> Form:
    slots = ["2026-09-07T10:00+02:00", "2026-09-07T10:20+02:00"]
    scores = mm.score(*cohort())
    return mm.schedule_rounds(scores, slots=slots, available={scores.mentees.ids[0]: [2]})


def peers() -> Form:
    people = mm.read_roster(mm.make_cohort(9, 6, 3)[0], "mentee")
    scores = mm.score(people, people)
    ids = people.ids
    first = mm.match_peers(scores, odd="rest")
    return mm.match_peers(scores, previous=[first, ids[:2]], constraints=[mm.Apart(ids[2:5])])


def groups() -> Form:
    mentees, mentors = cohort()
    mix = [mm.NotAlone("gender", values=["woman"]), mm.AtMost("department", 3)]
    return mm.form_groups(
        mm.score(mentees, mentors), (2, 4), mix=mix, alike=mm.score(mentees, mentees), partial=True
    )


FORMS: dict[str, Callable[[], Form]] = {
    "lists": lists, "mutual lists": mutual_lists, "coffee": coffee, "speed": speed,
    "peers": peers, "groups": groups,
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_the_same_when_it_is_read_again(name: str, tmp_path: Path) -> None:
    form = FORMS[name]()
    path = tmp_path / "form.json"
    text = form.to_json(path)
    assert path.read_text(encoding="utf-8") == text
    jsonschema.Draft202012Validator(files.schema()).validate(json.loads(text))
    again = type(form).from_json(path)
    assert again == form
    assert repr(again) == repr(form)
    assert again.to_json() == text
    pd.testing.assert_frame_equal(again.to_frame(), form.to_frame())
    assert bool(mm.verify(again)) == bool(mm.verify(form)) is True
    assert mm.verify(again).text == mm.verify(form).text
    for table, other in zip(again.tables().values(), form.tables().values(), strict=True):
        pd.testing.assert_frame_equal(table, other)


def test_lists_go_on_from_a_file() -> None:
    first = lists()
    assert isinstance(first, mm.Suggestions)
    again = mm.Suggestions.from_json(first.to_json())
    declined = [next(iter(first))]
    assert set(mm.resuggest(again, declined=declined)) == set(
        mm.resuggest(first, declined=declined)
    )


@pytest.mark.parametrize("name", FORMS)
def test_what_was_changed_or_cut_off_is_refused_in_words(name: str) -> None:
    form = FORMS[name]()
    text = form.to_json()
    kind = type(form)
    with pytest.raises(mm.errors.SavedFileError, match="is not whole"):
        kind.from_json(text[: len(text) // 2].encode())
    held = json.loads(text)
    held["rows"][0]["score"] = 0.123456
    with pytest.raises(mm.errors.SavedFileError, match="changed after they were saved"):
        kind.from_json(json.dumps(held))
    held = json.loads(text)
    held["saved"]["part"] = "Nonsense"
    with pytest.raises(mm.errors.SavedFileError, match="does not know"):
        kind.from_json(json.dumps(held))
    other = mm.Timetable if kind is mm.Suggestions else mm.Suggestions
    with pytest.raises(mm.errors.SavedFileError, match=f"Read it with {kind.__name__}.from_json"):
        other.from_json(text)
    with pytest.raises(mm.errors.SavedFileError, match="Read it with"):
        mm.Matching.from_json(text)


def test_damage_anywhere_is_one_clear_error() -> None:
    text = coffee().to_json()
    rng = np.random.default_rng(0)
    for _ in range(60):
        at = int(rng.integers(len(text)))
        damaged = text[:at] + chr(int(rng.integers(33, 126))) + text[at + 1 :]
        try:
            made = mm.Timetable.from_json(damaged)
        except mm.errors.SavedFileError:
            continue
        assert len(made.rounds) == 3  # a letter of an answer, say
