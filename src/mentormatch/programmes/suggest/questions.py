"""Questions about lists: why these, why not her, what is missing, does the proof hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import Status, counted
from mentormatch.insight.audience import Audience, check_audience
from mentormatch.insight.barriers import Barriers, barriers
from mentormatch.insight.explain import contributions, reason_texts
from mentormatch.insight.forcing import forced
from mentormatch.insight.wording import joined
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Verified
from mentormatch.programmes.requests import DECLINED
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.programmes.suggest.suggest import solved_lists
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.budget import Budget
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ListExplanation",
    "WhyNotListed",
    "explained",
    "short_lists",
    "verified",
    "why_not_listed",
]

MOST_TRIED = 20
"""Short lists for which it is solved again with one more list of one mentor."""


@dataclass(frozen=True, eq=False, repr=False)
class ListExplanation(Told):
    """Why a mentee's list is as it is.

    Attributes
    ----------
    mentee : str
        Id.
    entries : DataFrame
        One row per entry: `position`, `mentor` (id), `name`, `score`, `reasons`.
    contributions : DataFrame
        One row per entry: points (millionths of score) per criterion, which sum to the score; with
        mutual interest what mentors are to the mentee.
    back : DataFrame or None
        The same the other way round, where interest is mutual.
    missed : DataFrame
        Mentors of her own best k who are not on the list: `mentor`, `name`, `score`, `reason`.
    text : str
        The same in words.
    """

    _table = "entries"

    mentee: str
    entries: pd.DataFrame
    contributions: pd.DataFrame
    back: pd.DataFrame | None
    missed: pd.DataFrame
    text: str


@dataclass(frozen=True, repr=False)
class WhyNotListed(Told):
    """Why a mentor is not on a mentee's list.

    Attributes
    ----------
    mentee, mentor : str
        Ids.
    rules : tuple of str
        What forbids it; empty where nothing does.
    cost : float or None
        By how much the total of all entries falls with her on the list; None where a rule forbids
        it, or entries would be lost.
    entries : int
        How many entries would be lost.
    text : str
        The same in words.
    """

    mentee: str
    mentor: str
    rules: tuple[str, ...]
    cost: float | None
    entries: int
    text: str


def explained(lists: Suggestions, mentee: str, audience: Audience) -> ListExplanation:
    """Return why a mentee's list is as it is.

    Raises
    ------
    UnknownPersonError
        If no mentee is called that.
    """
    import pandas as pd

    check_audience(audience, "Suggestions.explain")
    scores, matching = lists.scores, lists.matching
    i = scores.mentees.position(mentee)
    on = matching.mentors_of[i]
    on = on[on >= 0]
    rows = np.full(on.size, i)
    points = matching.problem.scores.block([i])[0]
    names = [scores.mentors.name(j) for j in on.tolist()]
    reasons = reason_texts(matching, rows, on, audience)
    worth = plain(points[on]) / MILLION
    entries = pd.DataFrame(
        {
            "position": np.arange(1, on.size + 1),
            "mentor": [scores.mentors.ids[j] for j in on.tolist()],
            "name": names,
            "score": worth,
            "reasons": reasons,
        }
    )
    missed = _missed(lists, i, on)
    who = scores.mentees.name(i)
    told = [
        f"{place}. {name} ({score:.2f}). {reason}"
        for place, name, score, reason in zip(
            entries["position"], names, worth.tolist(), reasons, strict=True
        )
    ]
    text = " ".join([f"{who}'s list has {counted(on.size, 'entry', 'entries')}.", *told])
    if audience != "participant":
        text = " ".join(
            [text, *(f"{n}: {r}." for n, r in zip(missed["name"], missed["reason"], strict=True))]
        )
    else:
        missed = missed.iloc[:0]
    return ListExplanation(
        scores.mentees.ids[i], entries, contributions(scores, rows, on), _back(lists, i, on),
        missed, text,
    )  # fmt: skip


def _back(lists: Suggestions, i: int, on: IntArray) -> pd.DataFrame | None:
    back, scores = lists.asked.back, lists.scores
    if back is None:
        return None
    rows = np.array([back.mentees.position(scores.mentors.ids[j]) for j in on.tolist()], dtype=int)
    column = back.mentors.position(scores.mentees.ids[i])
    return contributions(back, rows, np.full(on.size, column))


def _missed(lists: Suggestions, i: int, on: IntArray) -> pd.DataFrame:
    """Return mentors better than the last entry who are not on a list, best first, and why."""
    import pandas as pd

    problem = lists.matching.problem
    points, mentors = problem.scores.block([i])[0], problem.scores.mentors
    load = np.bincount(lists.entries[1], minlength=len(mentors))
    last = int(points[on].min()) if on.size else -1
    better = np.flatnonzero((points >= 0) & (points > last))
    better = better[~np.isin(better, on)]
    better = better[np.argsort(-points[better], kind="stable")][: lists.asked.k]
    told = []
    for j in better.tolist():
        full = load[j] >= mentors.capacity[j]
        times = counted(int(load[j]), "list")
        told.append(
            f"not on it though she scores {points[j] / MILLION:.2f}, as she is on {times} already, "
            "as many as she may be on, where she counts for more"
            if full
            else f"not on it though she scores {points[j] / MILLION:.2f}: others would be on fewer "
            "lists than they must"
        )
    return pd.DataFrame(
        {
            "mentor": [mentors.ids[j] for j in better.tolist()],
            "name": [mentors.name(j) for j in better.tolist()],
            "score": points[better] / MILLION,
            "reason": told,
        }
    )


def why_not_listed(
    lists: Suggestions, mentee: str, mentor: str, time_limit: float | None
) -> WhyNotListed:
    """Return why a mentor is not on a list: a rule, or what it would cost, by one more solve.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
    scores, matching = lists.scores, lists.matching
    i, j = scores.mentees.position(mentee), scores.mentors.position(mentor)
    ids = scores.mentees.ids[i], scores.mentors.ids[j]
    names = scores.mentees.name(i), scores.mentors.name(j)
    if (matching.mentors_of[i] == j).any():
        return WhyNotListed(*ids, (), 0.0, 0, f"{names[1]} is on {names[0]}'s list.")
    rules = tuple(scores.why_inadmissible(i, j))
    if not rules and lists.asked.back is not None:
        back = lists.asked.back
        at = back.mentees.position(ids[1]), back.mentors.position(ids[0])
        rules = tuple(back.why_inadmissible(*at))
    if not rules and matching.problem.scores.mentors.capacity[j] == 0:
        rules = (f"{names[1]} may be on no list",)
    if rules:
        text = f"{names[1]} cannot be on {names[0]}'s list: {'; '.join(rules)}."
        return WhyNotListed(*ids, rules, None, 0, text)
    answer = forced(matching, i, j, Budget(time_limit))
    if answer.matching is None:
        text = f"No lists with {names[1]} on {names[0]}'s were found."
        return WhyNotListed(*ids, answer.conflicts, None, 0, text)
    fewer = len(matching) - len(answer.matching)
    lost = lists.objective - answer.matching.objective
    proven = "" if answer.exact else ", as far as was found in the time given"
    if fewer:
        text = f"{counted(fewer, 'entry', 'entries')} would be lost{proven}"
        return WhyNotListed(*ids, (), None, fewer, f"With {names[1]} on {names[0]}'s list, {text}.")
    cost = round(lost, 6)
    said = f"the total of all lists falls by {cost:.3f}" if cost else "nothing is lost: it is a tie"
    return WhyNotListed(*ids, (), cost, 0, f"With {names[1]} on {names[0]}'s list, {said}{proven}.")


def short_lists(lists: Suggestions) -> pd.DataFrame:
    """Return the table of `Suggestions.diagnose`."""
    import pandas as pd

    matching, asked = lists.matching, lists.asked
    problem = matching.problem
    mentees = problem.scores.mentees
    entries = (matching.mentors_of >= 0).sum(axis=1)
    short = np.flatnonzero((entries < asked.k) & ~np.isin(mentees.ids, asked.found))
    found = list(barriers(matching, short))
    tried = 0
    helps = []
    for barrier in found:
        enough = int(barrier.admissible.sum()) > int(entries[barrier.mentee])
        helps.append(_one_more(lists, barrier) if enough and tried < MOST_TRIED else "")
        tried += enough
    return pd.DataFrame(
        {
            "mentee": [mentees.ids[i] for i in short.tolist()],
            "name": [mentees.name(i) for i in short.tolist()],
            "entries": entries[short],
            "admissible": [int(b.admissible.sum()) for b in found],
            "reason": [_reason(problem.scores, b, int(entries[b.mentee])) for b in found],
            "helps": helps,
        }
    )


def _reason(scores: Scores, found: Barriers, entries: int) -> str:
    options, m = int(found.admissible.sum()), len(scores.mentors)
    if options > entries:
        return (
            f"{counted(options, 'mentor')} may be on her list, but those who are not on it are on "
            "as many lists as they may be."
        )
    what = joined([f"{name} removes {count}" for name, count in found.counts])
    why = f": {what}" if what else ""
    return f"Only {options} of the {counted(m, 'mentor')} may be on her list{why}."


def _one_more(lists: Suggestions, found: Barriers) -> str:
    """Return what one more list of one mentor would do, verified by solving."""
    matching = lists.matching
    scores, i = matching.problem.scores, found.mentee
    options = found.admissible.copy()
    options[matching.mentors_of[i][matching.mentors_of[i] >= 0]] = False
    best = int(np.argmax(np.where(options, scores.block([i])[0], -1)))
    allowed = scores.mentors.capacity.copy()
    allowed[best] += 1
    again = solved_lists(lists.asked, scores.replaced(), allowed, Budget())
    if len(again) <= len(lists):
        return ""
    where = (
        "her"
        if (again.matching.mentors_of[i] >= 0).sum() > (matching.mentors_of[i] >= 0).sum()
        else "another short"
    )
    return f"{scores.mentors.name(best)} on one more list: one more entry on {where} list"


def news(lists: Suggestions) -> pd.DataFrame:
    """Return the table of `Suggestions.news`."""
    import pandas as pd

    before, scores = lists.before, lists.scores
    then = set() if before is None else set(before)
    now = set(lists)
    accepted, found = set(lists.accepted), set(lists.asked.found)
    seats = dict(zip(scores.mentors.ids, scores.mentors.capacity.tolist(), strict=True))
    named = scores if before is None else before.scores

    def why_gone(pair: tuple[str, str]) -> str:
        mentee, mentor = pair
        if pair in accepted:
            return "they have agreed"
        if mentee in found:
            return "she has found a mentor"
        if mentee not in scores.mentees.ids or mentor not in seats:
            return "left"
        if not seats[mentor]:
            return "has no seat left"
        at = scores.mentees.position(mentee), scores.mentors.position(mentor)
        if any(getattr(rule, "reason", None) == DECLINED for rule in scores.forbidding(*at)):
            return "declined"
        rules = scores.why_inadmissible(*at)
        return "; ".join(rules) or "gave way to a better entry"

    rows = []
    for change, pairs in (("new", now - then), ("gone", then - now)):
        for mentee, mentor in sorted(pairs):
            people = scores if change == "new" else named
            names = (
                people.mentees.name(people.mentees.position(mentee)),
                people.mentors.name(people.mentors.position(mentor)),
            )
            why = "fills a place" if change == "new" else why_gone((mentee, mentor))
            rows.append((mentee, mentor, *names, change, why))
    return pd.DataFrame(
        rows, columns=["mentee", "mentor", "mentee_name", "mentor_name", "change", "why"]
    )


def verified(lists: Suggestions) -> Verified:
    """Check the lists: exposure, length, worth, and the bound that the prices prove."""
    matching, certificate = lists.matching, lists.certificate
    scores = matching.problem.scores
    total = lists.stages[-1]
    if certificate is None:
        return Verified(
            False, total.value, inf,
            f"there are no prices to check: {lists.status.sentence}",
        )  # fmt: skip
    points = np.array(scores.matrix("Checking lists"))
    rows, columns = lists.entries
    locked = np.zeros(points.shape, dtype=bool)
    if len(scores.locks):
        locked[scores.locks[:, 0], scores.locks[:, 1]] = True
        points[locked] = np.where(points[locked] < 0, points[locked], ~points[locked])
    free = ~locked[rows, columns]
    worth = certificate.worth(points, rows[free], columns[free])
    bound = certificate.bound(points)
    all_there = int((~free).sum()) == len(scores.locks)
    held = scores.at(rows, columns).astype(np.int64)
    said = int(plain(held).sum())
    holds = (
        all_there and worth is not None and worth == certificate.value
        and abs(said / MILLION - total.value) < 0.5 / MILLION
    )  # fmt: skip
    if not holds or worth is None:
        return Verified(False, said / MILLION, total.bound, "the lists are not what they claim")
    slack = bound - worth
    value = said / MILLION
    if slack == 0:
        text = (
            f"{counted(len(lists), 'entry', 'entries')} keep every exposure; prices prove that no "
            f"other lists of as many entries total more than {value:,.6f}"
        )
        return Verified(True, value, value, text)
    claimed = lists.status == Status.OPTIMAL
    text = (
        f"the lists keep every exposure; these prices do not prove them the best ({slack:,} open)"
    )
    return Verified(not claimed, value, inf, text)
