"""form_groups: rules kept, errors that name people, answers that add up."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.errors import ParameterError, Status
from mentormatch.scoring.hours import REFERENCE_WEEKS

WEEK = ["Mon 09:00-12:00; Tue 14:00-17:00", "Mon 10:00-12:00", "Tue 14:00-16:00; Wed 09:00-11:00"]


def roster(n: int, role: str, rng: np.random.Generator, **columns: object) -> mm.Profiles:
    frame = pd.DataFrame(
        {
            "id": [f"{role}{k}" for k in range(n)],
            "name": [f"{role.title()} {k}" for k in range(n)],
            "availability": rng.choice(WEEK, n),
            "timezone": "Europe/Berlin",
            "gender": rng.choice(["woman", "man"], n),
            "department": rng.choice(["a", "b", "c"], n),
            "skills": rng.choice(["python", "law", "sales"], n),
            "needs": rng.choice(["python", "law", "sales"], n),
        }
        | columns
    )
    return mm.read_roster(frame, role)


def cohort(n: int = 12, m: int = 5, seed: int = 1) -> tuple[mm.Profiles, mm.Profiles]:
    rng = np.random.default_rng(seed)
    week = ["Mon 09:00-12:00; Tue 14:00-17:00"] * n  # enough for everybody to be placed
    gender = (["woman", "man"] * n)[:n]
    return roster(n, "mentee", rng, availability=week, gender=gender), roster(
        m, "mentor", rng, availability=["Mon 09:00-12:00; Tue 14:00-17:00"] * m, capacity=1
    )


def scored(people: mm.Profiles, coaches: mm.Profiles) -> mm.Scores:
    rng = np.random.default_rng(len(people))
    frame = pd.DataFrame(rng.random((len(people), len(coaches))), people.ids, coaches.ids)
    return mm.Scores.from_matrix(frame, mentees=people, mentors=coaches)


@pytest.fixture(scope="module")
def plan() -> mm.Groups:
    people, coaches = cohort()
    return mm.form_groups(
        scored(people, coaches), (3, 4), mix=[mm.NotAlone("gender"), mm.AtMost("department", 3)],
        alike=scored(people, people), gap=0,
    )  # fmt: skip


def test_everybody_has_a_group_and_every_rule_holds(plan: mm.Groups) -> None:
    people = plan.scores.mentees
    assert plan.status == Status.OPTIMAL
    assert plan.unplaced == ()
    assert plan.gap == 0
    for coach, members in plan:
        at = [people.position(x) for x in members]
        assert 3 <= len(members) <= 4
        assert coach in plan.scores.mentors.ids
        gender = people["gender"].iloc[at].value_counts()
        assert 1 not in gender.to_numpy()
        assert people["department"].iloc[at].value_counts().max() <= 3
    assert (plan.isolation("gender")["alone"] == 0).all()
    assert plan.isolation("gender")["people"].sum() == 12


def test_everything_adds_up_to_the_total(plan: mm.Groups) -> None:
    frame = plan.to_frame()
    assert frame["score"].sum() + frame["alike"].sum() == pytest.approx(plan.objective, abs=1e-9)
    points = 0
    for g in range(1, len(plan) + 1):
        why = plan.explain(g)
        own = why.contributions.to_numpy().sum() + why.pairs["points"].sum()
        assert own == why.points
        points += why.points
    assert points == round(plan.objective * 1_000_000)
    assert plan.explain(plan.to_frame()["person"][0]).group == 1


def test_the_proof_is_worked_out_again(plan: mm.Groups) -> None:
    found = mm.verify(plan)
    assert found
    assert found.value == pytest.approx(plan.objective)
    assert found.bound >= plan.objective - 1e-9


def test_members_share_the_slot_on_their_own_clocks() -> None:
    rng = np.random.default_rng(3)
    zones = ["Europe/London", "Europe/Berlin", "Europe/Berlin", "Europe/Berlin"]
    hours = ["Mon 09:00-10:00", "Mon 10:00-11:00", "Mon 10:00-11:00", "Mon 10:00-12:00"]
    people = roster(4, "mentee", rng, availability=hours, timezone=zones)
    coaches = roster(1, "mentor", rng, availability=["Mon 10:00-12:00"], timezone="Europe/Berlin")
    plan = mm.form_groups(scored(people, coaches), (4, 4))
    slots = dict(zip(plan.to_frame()["person"], plan.to_frame()["slot"], strict=True))
    assert slots == {"mentee0": "Mon 09:00"} | {f"mentee{k}": "Mon 10:00" for k in (1, 2, 3)}
    for monday in REFERENCE_WEEKS:
        moment = datetime(monday.year, monday.month, monday.day, 10, tzinfo=ZoneInfo(zones[1]))
        assert moment.astimezone(ZoneInfo(zones[0])).hour == 9
    with pytest.raises(ParameterError, match="Mentee 0"):
        mm.form_groups(scored(people, coaches), (4, 4), meet=mm.CommonSlot(hours=2))


def test_a_coach_of_two_groups_never_leads_two_at_once() -> None:
    rng = np.random.default_rng(4)
    people = roster(8, "mentee", rng, availability=["Mon 09:00-13:00"] * 8)
    coaches = roster(1, "mentor", rng, availability=["Mon 09:00-13:00"], capacity=2)
    plan = mm.form_groups(scored(people, coaches), (4, 4), meet=mm.CommonSlot(hours=1.5))
    starts = {int(slot[4:6]) for slot in plan.to_frame()["slot"]}
    assert len(starts) == 2
    assert max(starts) - min(starts) >= 2


def test_order_and_names_do_not_matter() -> None:
    people, coaches = cohort(10, 4, 7)
    scores = scored(people, coaches)
    one = {frozenset(m) | {c} for c, m in mm.form_groups(scores, (3, 4), gap=0)}
    order, mixed = np.random.default_rng(1).permutation(10), np.random.default_rng(2).permutation(4)
    matrix = pd.DataFrame(scores.points / 1e6, people.ids, coaches.ids).iloc[order, mixed]
    other = mm.Scores.from_matrix(matrix, mentees=people.take(order), mentors=coaches.take(mixed))
    assert {frozenset(m) | {c} for c, m in mm.form_groups(other, (3, 4), gap=0)} == one


def test_apart_together_and_locks_hold() -> None:
    people, coaches = cohort()
    ids = people.ids
    plan = mm.form_groups(
        scored(people, coaches), (3, 4), gap=0,
        constraints=[mm.Apart(ids[:3]), mm.Together(ids[4:7])],
    )  # fmt: skip
    assert len({plan[x] for x in ids[:3]}) == 3
    assert len({plan[x] for x in ids[4:7]}) == 1


def test_errors_name_everything_at_once() -> None:
    rng = np.random.default_rng(5)
    gender = ["woman"] + ["man"] * 6
    people = roster(7, "mentee", rng, gender=gender, availability=["Mon 09:00-12:00"] * 7)
    coaches = roster(2, "mentor", rng, availability=["Mon 09:00-12:00"] * 2)
    scores = scored(people, coaches)
    with pytest.raises(ParameterError) as caught:
        mm.form_groups(
            scores, (4, 5), mix=[mm.NotAlone("gender"), mm.AtLeastValues("gender", 3)],
            constraints=[mm.Together(people.ids[:2]), mm.Apart(people.ids[:2])],
        )  # fmt: skip
    said = str(caught.value)
    assert "7 people do not make groups of 4 to 5: at most 5" in said
    assert "Mentee 0 is the only one with gender = 'woman'" in said
    assert "only 2 different values" in said
    assert "Mentee 0 and Mentee 1 are to be together and apart" in said
    with pytest.raises(ParameterError, match="the coaches lead 2 in all"):
        mm.form_groups(scores, (1, 3), meet=None, capacity=1)
    waived = mm.form_groups(
        scores, (3, 4), mix=[mm.NotAlone("gender", waive=["woman"])], capacity=1
    )
    assert waived.unplaced == ()


def test_nobody_who_never_can_is_left_out_in_silence() -> None:
    rng = np.random.default_rng(6)
    week = ["Mon 09:00-12:00"] * 6 + ["Sat 09:00-10:00"]
    people = roster(7, "mentee", rng, availability=week)
    coaches = roster(2, "mentor", rng, availability=["Mon 09:00-12:00; Sat 09:00-11:00"] * 2)
    scores = scored(people, coaches)
    with pytest.raises(ParameterError, match="Mentee 6 can at no time"):
        mm.form_groups(scores, (3, 4))
    silent = scored(roster(7, "mentee", rng, availability=[*week[:6], ""]), coaches)
    with pytest.raises(ParameterError, match="Mentee 6 gave no hours that could be read"):
        mm.form_groups(silent, (3, 4))
    plan = mm.form_groups(scores, (3, 4), partial=True)
    assert plan.unplaced == ("mentee6",)
    assert "Mentee 6 has no group" in repr(plan)
    told = plan.diagnose()
    assert told["person"].tolist() == ["mentee6"]
    assert "at no time" in told["reason"][0]
    assert told["helps"][0].startswith("can on Mon")


def test_why_not_says_a_rule_or_two_numbers(plan: mm.Groups) -> None:
    people, coaches = plan.scores.mentees, plan.scores.mentors
    person = people.ids[0]
    own = plan[person]
    assert own is not None
    assert "is in a group of" in plan.why_not(person, own[0]).text
    problem = plan.lowering.problem
    for coach in coaches.ids:
        if coach == own[0]:
            continue
        why = plan.why_not(person, coach)
        assert why.rules == ()
        # forced by hand: she may have no other coach
        matrix = pd.DataFrame(plan.scores.points / 1e6, people.ids, coaches.ids)
        others = [c for c in coaches.ids if c != coach]
        may = pd.DataFrame(True, people.ids, coaches.ids)
        may.loc[person, others] = False
        forced = mm.Scores.from_matrix(
            matrix, mentees=people, mentors=coaches, admissible=may.to_numpy()
        )
        again = mm.form_groups(
            forced, (3, 4), mix=plan.asked.mix, alike=plan.asked.alike, gap=0, partial=True
        )
        if again.unplaced:
            continue
        cost = plan.objective - again.objective
        assert why.at_least <= cost + 1e-9
        assert why.at_most is None or cost <= why.at_most + 1e-9
    assert problem.capacity.sum() == 5


def test_no_common_time_is_needed_without_meet() -> None:
    people, coaches = cohort(9, 1)
    plan = mm.form_groups(scored(people, coaches), (3, 3), meet=None, capacity=3, gap=0)
    assert len(plan) == 3
    assert set(plan.to_frame()["slot"]) == {""}
    assert plan.gap == 0


def test_a_workbook_opens(plan: mm.Groups, tmp_path) -> None:  # type: ignore[no-untyped-def]
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(plan.to_excel(tmp_path / "groups.xlsx"))
    assert {"Groups", "People"} <= set(book.sheetnames)


def test_a_time_limit_gives_an_honest_gap() -> None:
    people, coaches = cohort(12, 5, 9)
    plan = mm.form_groups(scored(people, coaches), (3, 4), time_limit=1, gap=0)
    assert plan.objective <= plan.bound + 1e-9
    assert mm.verify(plan)
