"""Letters to everybody: who, why, when, and what to talk about first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from typing import Literal, TypeAlias

import pandas as pd

from mentormatch.delivery.letters.checkins import (
    check_ins,
    first_meetings,
    meeting_frame,
    meetings_of,
    no_meetings,
    pairs_of,
)
from mentormatch.delivery.letters.drafts import Draft, Signed, letter_of
from mentormatch.delivery.letters.facts import Cause, Facts, Kind, Partner, person_of
from mentormatch.delivery.letters.meeting_times import Meeting
from mentormatch.delivery.letters.of_forms import Spoken, drafts_of
from mentormatch.delivery.letters.of_reviews import next_reviews, review_drafts
from mentormatch.delivery.letters.pairs import pairs_behind
from mentormatch.delivery.letters.result import Letter, Letters
from mentormatch.delivery.letters.wording import Words, words_of
from mentormatch.errors import ParameterError, UnknownPersonError, check_parameter, listed
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.goal_review import GoalReview
from mentormatch.programmes.form import Form
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.rematch import Rematch
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import Hours
from mentormatch.rosters.profiles import Role

__all__ = ["write"]

Greeting: TypeAlias = Literal["called", "first_word", "name"]
GREETINGS = ("called", "first_word", "name")
ROLES: tuple[Role, Role] = ("mentee", "mentor")


def write(
    matching: Matching | Rematch | Form | GoalReview,
    start: date | str | None = None,
    *,
    meetings: pd.DataFrame | None = None,
    language: str | Mapping[str, str] = "en",
    template: str | PathLike[str] | None = None,
    programme: str | None = None,
    sender: str | None = None,
    greet: Greeting = "called",
    minutes: int = 60,
    column: str = "availability",
) -> Letters:
    """Write a letter to everybody in a matching or form, or to those whom a rematch affects.

    A mentee's letter introduces her mentors, a mentor's all of her mentees, and who has nobody is
    told so and why. Each says what the two share, from the answers that both gave: nothing of a
    sensitive column, no score, nothing about who else was considered. The first meeting is
    on the reader's own clock, and no two meetings of one person are at the same time. The agenda
    follows the four steps of GROW [1]_, with the mentee's own topics.

    Parameters
    ----------
    matching
        Result of `solve`: everybody gets a letter. Or result of `rematch`, also that of a review:
        only those whose partners changed, and who of them are still there; where no letters were
        sent before, hand in its `matching`. Or result of `suggest` (mentees get
        their list, mentors who may ask them), `form_groups`, `match_peers` or `schedule_rounds`.
        Or result of `review_goals`: both of every pair are invited to the next review, with the
        goals, their last levels and targets; nobody is told who is stalled.
    start
        First day on which a first meeting may be. Needed for pairs unless `meetings` is given;
        peers without it are asked to agree on a time; the other forms do not use it. Of a review
        the default is the day on which the next one is due.
    meetings
        Result of `check_ins`: the letters then name each pair's first meeting of that plan, so
        that letters and calendar files agree.
    language
        "en", "de", "es" or "fr"; or a mapping from ids to these, where people read different
        ones; "en" for whom it does not name.
    template
        Your own Jinja2 template, as a text of several lines or a path; it begins with
        ``Subject: ...``. The how-to lists what it may use. It runs in a sandbox.
    programme, sender
        The programme's name and who signs; default: plain words in the letter's language.
    greet
        "called": by the preferred or first name where the roster has a column of it, else by the
        whole name. "first_word": by the first word of the name where there is no such column.
        "name": by the whole name.
    minutes
        Length of the first meeting.
    column
        Column of hours; without it, or without a shared time within four weeks, the letters ask
        the two to agree on a time.

    Returns
    -------
    Letters
        One letter per person: `frame`, `to_eml(folder)`, `to_merge_sheet(path)`; its `meetings`
        go into `to_ics`: the first of every pair or group, all of rounds that have dates, none of
        lists.

    Raises
    ------
    ParameterError
        If there is neither `start` nor `meetings`, `start` is no date, or the language or the
        template is not understood.
    UnknownPersonError
        If `language` names ids that are on neither roster.

    Notes
    -----
    Time O(pairs x (answers + meeting times)): about 0.4 ms a letter.

    References
    ----------
    .. [1] Whitmore (1992), Coaching for Performance (the GROW model).
    """
    owner = "letters.write"
    check_parameter(greet in GREETINGS, "greet", owner, f"one of {listed(GREETINGS)}", greet)
    check_parameter(
        isinstance(minutes, int) and minutes >= 1, "minutes", owner, "a whole number >= 1", minutes
    )
    signed = Signed(programme, sender, minutes)
    if isinstance(matching, Form):
        today = pairs_behind(matching)
    else:
        today = matching if isinstance(matching, Matching) else matching.matching
    facts = Facts(today, greet)
    times = _times(facts, _start(matching, start, meetings), meetings, minutes, column)
    base = "form.txt" if isinstance(matching, Form) else "letter.txt"
    base = "review.txt" if isinstance(matching, GoalReview) else base
    spoken = _spoken(facts, language, template, base)

    def words_for(person: str) -> Words:
        return spoken[language if isinstance(language, str) else language.get(person, "en")]

    if isinstance(matching, Form):
        drafts = drafts_of(matching, Spoken(facts, words_for, times, column))
    elif isinstance(matching, GoalReview):
        drafts = review_drafts(matching, Spoken(facts, words_for, times, column))
    else:
        before = _before(matching) if isinstance(matching, Rematch) else None
        drafts = (
            _draft(reader, facts, words_for(reader.id), times) for reader in _readers(facts, before)
        )
    letters = [letter_of(draft, words_for(draft.you.id), signed) for draft in drafts]
    untimed = isinstance(matching, Form) and not isinstance(matching, Peers)
    return Letters(
        tuple(letters),
        (*_of_changes(matching, letters), *_notes(letters, greet, untimed=untimed)),
        lambda: _meetings(matching, today, start, times),
    )


def _meetings(
    asked: Matching | Rematch | Form | GoalReview,
    today: Matching,
    start: date | str | None,
    times: Mapping[tuple[int, int], Meeting | None],
) -> pd.DataFrame:
    """Return the first meetings as `check_ins` does; of rounds all, of lists none."""
    if isinstance(asked, Timetable):
        return asked.dated()
    if isinstance(asked, GoalReview):
        return next_reviews(asked, times)
    if isinstance(asked, Groups) and start is not None and asked.asked.meet is not None:
        return check_ins(asked, start, weeks=1, every=1)
    if isinstance(asked, Suggestions | Groups):
        return no_meetings()
    return meeting_frame(today, {pair: [(times.get(pair), "")] for pair in pairs_of(today)})


def _start(
    matching: Matching | Rematch | Form | GoalReview,
    start: date | str | None,
    meetings: pd.DataFrame | None,
) -> date | str | None:
    """Return the first day of first meetings, None where they are not looked for."""
    if isinstance(matching, Form):
        return start if isinstance(matching, Peers) else None
    if isinstance(matching, GoalReview) and start is None:
        start = matching.next_on
    if start is None and meetings is None:
        raise ParameterError(
            "letters.write needs start=, the first day on which a first meeting may be, "
            "or meetings=, the result of check_ins."
        )
    return start


@dataclass(frozen=True)
class _Reader:
    """One person who gets a letter: by position, with whom she is and was."""

    role: Role
    at: int
    id: str
    now: tuple[int, ...]
    """Positions of today's partners."""
    before: Mapping[str, str] | None
    """Ids and names of earlier partners; None in a first matching."""
    kind: Kind


def _partners(matching: Matching) -> dict[tuple[Role, int], list[int]]:
    found: dict[tuple[Role, int], list[int]] = {}
    for i, j in pairs_of(matching):
        found.setdefault(("mentee", i), []).append(j)
        found.setdefault(("mentor", j), []).append(i)
    return found


def _before(rematch: Rematch) -> dict[tuple[Role, str], dict[str, str]]:
    """Return, by role and id, the ids and names of whom everybody was with."""
    scores = rematch.before.problem.scores
    found: dict[tuple[Role, str], dict[str, str]] = {}
    for i, j in pairs_of(rematch.before):
        mentee, mentor = scores.mentees.ids[i], scores.mentors.ids[j]
        found.setdefault(("mentee", mentee), {})[mentor] = scores.mentors.name(j)
        found.setdefault(("mentor", mentor), {})[mentee] = scores.mentees.name(i)
    return found


def _readers(
    facts: Facts, before: Mapping[tuple[Role, str], Mapping[str, str]] | None
) -> Iterator[_Reader]:
    partners = _partners(facts.matching)
    for role in ROLES:
        people, across = facts.side(role), facts.across(role)
        for at, person in enumerate(people.ids):
            now = tuple(partners.get((role, at), ()))
            if before is None:
                if now or role == "mentee" or people.capacity[at] > 0:
                    kind: Kind = "matched" if now else "unmatched"
                    yield _Reader(role, at, person, now, None, kind)
                continue
            was = before.get((role, person), {})
            if set(was) != {across.ids[k] for k in now}:
                kind = ("changed" if now else "ended") if was else "matched"
                yield _Reader(role, at, person, now, was, kind)


def _draft(
    reader: _Reader, facts: Facts, words: Words, times: Mapping[tuple[int, int], Meeting | None]
) -> Draft:
    role, at = reader.role, reader.at
    across = facts.across(role)
    partners: list[Partner] = []
    for other in reader.now:
        pair = (at, other) if role == "mentee" else (other, at)
        meeting = times.get(pair)
        new = reader.before is None or across.ids[other] not in reader.before
        when = "" if meeting is None or not new else words.when(meeting, role)
        partners.append(facts.partner(role, *pair, new=new, meeting=meeting, when=when))
    still = {partner.id for partner in partners}
    left = [name for person, name in (reader.before or {}).items() if person not in still]
    cause: Cause = facts.cause(at) if role == "mentee" and not partners else ""
    you = person_of(facts.side(role), at, facts.greet)
    return Draft(you, role, reader.kind, partners, left=left, cause=cause)


def _times(
    facts: Facts,
    start: date | str | None,
    meetings: pd.DataFrame | None,
    minutes: int,
    column: str,
) -> Mapping[tuple[int, int], Meeting | None]:
    if meetings is not None:
        return meetings_of(facts.matching, meetings)
    if start is None:
        return {}
    timed = all(isinstance(facts.side(role).columns.get(column), Hours) for role in ROLES)
    return first_meetings(facts.matching, start, minutes=minutes, column=column) if timed else {}


def _spoken(
    facts: Facts,
    language: str | Mapping[str, str],
    template: str | PathLike[str] | None,
    base: str,
) -> dict[str, Words]:
    """Return the words of every language that is wanted."""
    if isinstance(language, str):
        return {language: words_of(language, template, base=base)}
    people = {person for role in ROLES for person in facts.side(role).ids}
    unknown = [str(person) for person in language if person not in people]
    if unknown:
        raise UnknownPersonError(
            f"The 'language' parameter of letters.write names ids that are on neither roster: "
            f"{listed(unknown)}."
        )
    return {each: words_of(each, template, base=base) for each in {"en", *language.values()}}


def _of_changes(asked: object, letters: Sequence[Letter]) -> Iterator[str]:
    """Yield who gets no letter of a rematch: whoever had one that still holds."""
    if isinstance(asked, Rematch):
        yield (
            f"{len(letters)} people whose partners changed get a letter, which says what changed. "
            "If nobody had one before, write those of its .matching: first letters to everybody."
        )


def _notes(letters: Sequence[Letter], greet: str, *, untimed: bool) -> Iterator[str]:
    """Yield what whoever sends the letters should know."""
    if greet == "called":
        whole = {letter.person for letter in letters if letter.first == letter.name}
        if whole:
            yield (
                f"{len(whole)} people are greeted by their whole name: their roster has no column "
                "of first or preferred names. greet='first_word' greets by the first word."
            )
    if greet == "first_word":
        yield "First names were taken from the first word of each name: look them through."
    mute = [letter.name for letter in letters if not letter.email]
    if mute:
        yield f"{len(mute)} people have no e-mail address: {listed(mute)}."
    if untimed:  # such letters speak of no first meeting, or of one that is set
        return
    without = {
        (letter.person, partner.id)
        for letter in letters
        if letter.role != "mentor"
        for partner in letter.partners
        if partner.new and partner.meeting is None
    }
    # two peers have a letter each
    without -= {(a, b) for a, b in without if letters[0].role == "peer" and a > b}
    if without:
        what = "review" if letters[0].kind == "review" else "first meeting"
        yield f"{len(without)} pairs have no {what} yet: their letters ask them to agree on one."
