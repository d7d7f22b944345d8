"""Letters and calendars of lists, groups, peers and rounds: whom they reach and what they tell."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.delivery.letters.group_times import CLOCKS_MOVED
from mentormatch.delivery.letters.wording import LANGUAGES
from mentormatch.rosters.columns import SLOT_MINUTES

SLOTS = ["2027-01-11T10:00+01:00", "2027-01-11T11:00+01:00", "2027-01-18T10:00+01:00"]


@cache
def rosters():
    ours, theirs = mm.make_cohort(24, 10, seed=3)
    return mm.read_roster(ours, role="mentee"), mm.read_roster(theirs, role="mentor")


@cache
def form(name: str):
    people, coaches = rosters()
    scores = mm.score(people, coaches)
    if name == "list":
        return mm.suggest(scores, k=3)
    if name == "groups":
        return mm.form_groups(scores, size=(2, 4), meet=mm.CommonSlot(1), partial=True)
    if name == "peers":
        return mm.match_peers(mm.score(people, people))
    if name == "rounds":
        return mm.schedule_rounds(scores, slots=SLOTS)
    assert name == "coffee"
    odd = people.take(np.arange(23))
    return mm.schedule_rounds(mm.score(odd, odd), 3)


FORMS = ("list", "groups", "peers", "rounds", "coffee")


def readers(name: str) -> list[str]:
    people, coaches = form(name).scores.mentees, form(name).scores.mentors
    alone = name in ("peers", "coffee")
    known = zip(coaches.ids, coaches.capacity, strict=True)
    return [*people.ids, *([] if alone else [coach for coach, seats in known if seats])]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_everybody_gets_one_letter_in_her_language(name: str, language: str) -> None:
    letters = mm.letters.write(form(name), "2027-01-11", language=language, programme="Tandem")
    assert [letter.person for letter in letters] == readers(name)
    for letter in letters:
        assert letter.subject
        assert "Tandem" in letter.subject + letter.text
        assert not any(mark in letter.text for mark in ("{{", "[%", "None", "\n\n\n", "  "))
        assert "nan" not in letter.text.split()
        assert letter.text.endswith("\n")


def test_a_list_is_read_from_both_sides() -> None:
    lists = form("list")
    letters = mm.letters.write(lists)
    names = dict(zip(lists.scores.mentors.ids, lists.scores.mentors.names, strict=True))
    for mentee in lists.scores.mentees.ids:
        told = [line for line in letters[mentee].text.splitlines() if line[:1].isdigit()]
        assert [line.split(" (")[0] for line in told] == [
            f"{place}. {names[mentor]}" for place, mentor in enumerate(lists[mentee], 1)
        ]
    for letter in letters:
        if letter.role == "mentor":
            seats = lists.scores.mentors.capacity[lists.scores.mentors.position(letter.person)]
            assert f"You have {seats} place" in letter.text or letter.kind == "unmatched"
            assert {p.id for p in letter.partners} == {a for a, b in lists if b == letter.person}
    assert letters.meetings.empty
    assert letters.notes[0].endswith("first word.")


def test_a_group_is_told_its_coach_its_members_and_its_time() -> None:
    groups = form("groups")
    people, coaches = groups.scores.mentees, groups.scores.mentors
    letters = mm.letters.write(groups, "2027-01-11")
    for i, person in enumerate(people.ids):
        letter, group = letters[person], groups[person]
        if group is None:
            assert letter.kind == "unmatched"
            assert "could not find a group" in letter.text
            continue
        coach, members = group
        assert letter.partners[0].id == coach
        assert all(people.name(people.position(m)) in letter.text for m in members if m != person)
        day, hour = groups.when(groups.group_of(i), people, i).split()
        assert f"{hour}–" in letter.text
        assert f": {day}" in letter.text
    for letter in letters:
        if letter.role == "coach" and letter.kind == "matched":
            led = [members for coach, members in groups if coach == letter.person]
            assert [p.id for p in letter.partners] == [m for members in led for m in members]
    assert letters.meetings["meeting"].eq(1).all()
    assert len(letters.meetings) == sum(len(members) for _, members in groups)
    assert {x.kind for x in letters if x.role == "coach"} <= {"matched", "unmatched"}
    assert len([1 for j in coaches.capacity if j]) == sum(x.role == "coach" for x in letters)


def test_peers_read_of_each_other_and_of_one_meeting(tmp_path) -> None:
    peers = form("peers")
    letters = mm.letters.write(peers, "2027-01-11")
    timed = 0
    for letter in letters:
        assert tuple(p.id for p in letter.partners) == peers[letter.person]
        for partner in letter.partners:
            back = next(p for p in letters[partner.id].partners if p.id == letter.person)
            assert partner.meeting == back.meeting
            assert partner.topics == back.mirror.topics
            timed += partner.meeting is not None
    assert timed
    assert timed == 2 * letters.meetings["start"].notna().sum()
    files = letters.to_eml(tmp_path)
    mails = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]
    attached = [len(list(mail.iter_attachments())) for mail in mails]
    assert attached == [int(any(p.meeting for p in letter.partners)) for letter in letters]
    assert "agree on a time" in mm.letters.write(peers).letters[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_want_is_not_called_what_they_offer(language: str) -> None:
    asked = {
        "Name": ["Ana Lima", "Bo Chan"],
        "Goals": ["Leadership; SQL", "Leadership; Law"],
        "Languages": ["Deutsch; Welsh", "Deutsch; Welsh"],
        "Availability": ["Mon 9-12", "Mon 9-12"],
        "Time zone": ["GMT+8", "GMT+8"],
    }
    people = mm.read_roster(pd.DataFrame(asked), role="mentee")
    letters = mm.letters.write(
        mm.match_peers(mm.score(people, people)), "2027-01-11", language=language
    )
    for letter in letters:
        (partner,) = letter.partners
        assert partner.alike == ("Leadership",)
        assert partner.shared == partner.mirror.shared == []
        assert not any(word in letter.text for word in ("help", "Hilfe", "ayuda", "aide"))
        assert letter.text.count("Leadership") == 2
        assert "UTC+8" in letter.text
        assert "GMT" not in letter.text
    skilled = people.to_frame().assign(skills=["Law", "SQL"])
    people = mm.read_roster(skilled, role="mentee")
    letters = mm.letters.write(mm.match_peers(mm.score(people, people)))
    assert [x.partners[0].shared for x in letters] == [["SQL"], ["Law"]]


def test_languages_are_named_in_the_language_of_the_letter() -> None:
    asked = {"Name": list("ABCDEFGH"), "Languages": ["Deutsch; Klingon"] * 2 + ["Welsh"] * 6}
    people = mm.read_roster(pd.DataFrame(asked), role="mentee")
    peers = mm.match_peers(mm.score(people, people))
    for language, said in (
        ("en", "German"),
        ("de", "Deutsch"),
        ("es", "alemán"),
        ("fr", "allemand"),
    ):
        text = mm.letters.write(peers, language=language).letters[0].text
        assert said in text
        assert "Klingon" in text


@pytest.mark.parametrize("name", ["rounds", "coffee"])
def test_rounds_are_told_one_by_one(name: str) -> None:
    table = form(name)
    letters = mm.letters.write(table)
    by_person = table.by_person.set_index(["person", "role"])
    for letter in letters:
        role = "person" if letter.role == "peer" else letter.role
        row = by_person.loc[(letter.person, role)]
        told = [line.removeprefix("– ") for line in letter.text.splitlines() if line[:1] == "–"]
        met = [row[label] for label in table.rounds if row[label]]
        assert [
            [who.split(" (")[0] for who in line.split(": ")[1].split("), ")] for line in told
        ] == [names.split(", ") for names in met]
    out = {person for person, why in zip(table.sat_out["person"], table.sat_out["why"], strict=True)
           if why != "not there"}  # fmt: skip
    assert {x.person for x in letters if "nobody was left" in x.text} == out - {
        x.person for x in letters if x.kind == "unmatched"
    }


def test_a_template_of_ones_own_knows_the_form() -> None:
    own = "Subject: {{ form }}\n{% for c in companies %}{{ c.people | length }};{% endfor %}\n"
    for name in FORMS:
        letters = mm.letters.write(form(name), template=own)
        assert letters.letters[0].subject == {"coffee": "rounds"}.get(name, name)


def test_nobody_on_one_side() -> None:
    people, coaches = rosters()
    none = mm.score(people.take(np.arange(0)), coaches)
    assert {x.kind for x in mm.letters.write(mm.suggest(none, k=2))} == {"unmatched"}
    assert len(mm.letters.write(mm.match_peers(mm.score(none.mentees, none.mentees)))) == 0


def free(people, at: int, start: pd.Timestamp, minutes: int, usual: str) -> bool:
    """Tell by her own clock whether somebody is free for a whole meeting."""
    hours = people.columns["availability"]
    week = hours.slots()[at]
    for quarter in range(minutes // SLOT_MINUTES):
        moment = start.to_pydatetime() + timedelta(minutes=SLOT_MINUTES * quarter)
        local = moment.astimezone(ZoneInfo(hours.zones[at] or usual))
        if not week[(local.weekday() * 24 + local.hour) * 4 + local.minute // SLOT_MINUTES]:
            return False
    return True


def test_groups_meet_at_one_time_and_who_cannot_is_said() -> None:
    groups = form("groups")
    people, coaches = groups.scores.mentees, groups.scores.mentors
    plan = mm.letters.check_ins(groups, "2027-03-03", weeks=8, every=1)
    assert plan.groupby(["group", "meeting"])["start"].nunique().eq(1).all()
    assert (plan["start"] >= pd.Timestamp("2027-03-02T10:00", tz=UTC)).all()
    noted = 0
    for row in plan.to_dict("records"):
        i, j = people.position(row["mentee"]), coaches.position(row["mentor"])
        g = row["group"] - 1
        assert i in groups.solved.members[g]
        assert j == groups.solved.coach[g]
        usual = groups.lowering.zone
        shown = row["start"].tz_convert(usual)
        assert f"{shown:%a %H:%M}" == groups.when(g)
        missing = [
            side.name(at)
            for side, at in ((people, i), (coaches, j))
            if not free(side, at, row["start"], 60, usual)
        ]
        assert row["note"] == (f"{' and '.join(missing)}: {CLOCKS_MOVED}" if missing else "")
        noted += bool(missing)
    assert noted < len(plan)
    text = mm.letters.to_ics(plan)
    assert text.count("BEGIN:VEVENT") == 8 * len(groups)
    coach, members = next(iter(groups))
    own = mm.letters.to_ics(plan, person=members[0])
    assert own.count("BEGIN:VEVENT") == 8
    assert coaches.name(coaches.position(coach)) in own.replace("\r\n ", "")
    with pytest.raises(mm.errors.UnknownPersonError, match="'nobody'"):
        mm.letters.to_ics(plan, person="nobody")


def test_groups_without_a_common_time_have_no_calendar() -> None:
    people, coaches = rosters()
    groups = mm.form_groups(mm.score(people, coaches), size=(2, 4), meet=None, partial=True)
    with pytest.raises(mm.errors.ParameterError, match="CommonSlot"):
        mm.letters.check_ins(groups, "2027-03-03", 8)
    text = next(x.text for x in mm.letters.write(groups) if x.kind == "matched")
    assert "will agree with all of you when you meet" in text


def test_check_ins_of_peers_are_those_of_their_pairs() -> None:
    peers = form("peers")
    plan = mm.letters.check_ins(peers, "2027-01-11", weeks=4)
    pairs = {frozenset(pair) for pair in zip(plan["mentee"], plan["mentor"], strict=True)}
    assert all(frozenset((a, b)) in pairs for a in peers.scores.mentees.ids for b in peers[a])
    assert len(plan) == 2 * len(pairs)


def test_the_command_writes_them_from_saved_files(tmp_path, monkeypatch) -> None:
    from mentormatch.command.main import main

    monkeypatch.chdir(tmp_path)
    for name in FORMS:
        form(name).to_json(f"{name}.json")
        dated = ["--ics", f"{name}.ics"] if name in ("groups", "peers", "rounds") else []
        asked = ["letters", f"{name}.json", "--start", "2027-01-11", "-o", f"{name}.csv", *dated]
        assert main(asked) == 0
        assert len(pd.read_csv(f"{name}.csv")) == len(readers(name))
        if dated:
            assert "BEGIN:VEVENT" in (tmp_path / f"{name}.ics").read_text()
