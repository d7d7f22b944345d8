"""The questions of matchings, asked of lists, groups, peers and rounds."""

from __future__ import annotations

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.values import Told
from tests.delivery.letters.test_of_forms import FORMS, form


@pytest.mark.parametrize("name", FORMS)
def test_each_form_answers_in_its_own_words(name: str) -> None:
    made = form(name)
    people, others = made.scores.mentees, made.scores.mentors
    met = next(person for person in people.ids if made[person] is not None and any(made[person]))
    told = mm.explain(made, met)
    assert isinstance(told, Told)
    assert people.name(people.position(met)) in told.text
    left = {"groups": "coach", "list": "mentor"}.get(name)
    apart = next(x for x in others.ids if x != met and (met, x) not in set(made._pairs()))
    reason = mm.why_not(made, met, apart)
    assert isinstance(reason, Told)
    assert reason.text
    assert left is None or others.name(others.position(apart)) in reason.text
    table = mm.diagnose(made)
    assert list(table.columns[:2]) != []
    assert len(table) == len(made.diagnose())


@pytest.mark.parametrize("name", FORMS)
def test_an_audit_counts_who_is_with_somebody(name: str) -> None:
    made = form(name)
    audit = mm.audit(made, by="gender", draws=0, smallest=1)
    placed = {one for one, _ in made._pairs()}
    people = made.scores.mentees
    everybody = audit.groups.query("role == 'mentee' and attribute == 'everybody'").iloc[0]
    assert everybody["matched_share"] == pytest.approx(len(placed) / len(people))
    column = people.columns["gender"]
    for value in audit.groups.query("role == 'mentee' and attribute == 'gender'").itertuples():
        if value.group == "unknown" or np.isnan(value.matched_share):
            continue
        code = list(column.labels).index(value.group)
        ids = [x for x, c in zip(people.ids, column.codes, strict=True) if c == code]
        share = sum(x in placed for x in ids) / len(ids)
        assert value.matched_share == pytest.approx(share)


def test_who_is_together_as_a_matching() -> None:
    for name in FORMS:
        paired = form(name).paired()
        assert set(paired) == set(form(name)._pairs())
        load = np.bincount(paired.pairs[1], minlength=len(paired.problem.scores.mentors))
        assert (load <= paired.problem.scores.mentors.capacity).all()


def test_rounds_explain_whom_somebody_meets() -> None:
    for name in ("rounds", "coffee"):
        table = form(name)
        frame = table.to_frame()
        both = frame.columns[1:3]
        for person in table.scores.mentees.ids:
            told = mm.explain(table, person)
            rows = frame[(frame[both] == person).any(axis=1)]
            assert told.meetings["score"].sum() == pytest.approx(rows["score"].sum())
            assert told.meetings["round"].tolist() == rows["round"].tolist()
    mentor = form("rounds").scores.mentors.ids[0]
    assert len(mm.explain(form("rounds"), mentor).meetings) == sum(
        b == mentor for _, b in form("rounds")
    )


def test_what_only_matchings_are_asked_with_is_refused() -> None:
    with pytest.raises(mm.errors.ParameterError, match="'most_seats': it is for matchings"):
        mm.diagnose(form("peers"), most_seats=3)
    with pytest.raises(mm.errors.ParameterError, match="explain of Suggestions has no parameter"):
        mm.explain(form("list"), form("list").scores.mentees.ids[0], "x")
    with pytest.raises(mm.errors.UnknownPersonError):
        mm.explain(form("rounds"), "nobody")
    with pytest.raises(mm.errors.ParameterError, match="mentee"):
        mm.explain(form("list").matching, 1)
