"""make_cohort: two invented rosters of any size, as a form's export would hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.datasets import spelling, words
from mentormatch.errors import check_parameter

if TYPE_CHECKING:
    import pandas as pd

Codes: TypeAlias = npt.NDArray[np.int64]
Cells: TypeAlias = npt.NDArray[np.object_]

BLANK = ""
SPAN = 8
"""People who report to one manager."""
MANAGERS_ON_ROSTER = 0.5
"""Share of managers who take part in the programme themselves."""
MOST_SEATS = 5
"""Seats that no mentor goes beyond unless there are more for each on average."""
DAYS_GIVEN, DAYS_GIVEN_IF_HARD = 0.84, 0.35
"""Share of the working days on which somebody has time, for `hard` of 0 and of 1."""
WISHING = 0.5
"""Share of mentees who name a mentor they would like."""
WISHES = (1, 1, 1, 2, 2, 3)
"""How many they name."""
WISHES_NEAR = 0.5
"""Share of those whom somebody knows of that are of her own site, the others of any."""
CONSIDERED = 3
"""Among how many she knows of she names the one with whom she has most to talk about."""
MENTEE_LEVELS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
MENTOR_LEVELS = (2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8)


def make_cohort(
    n_mentees: int,
    n_mentors: int,
    seed: int | np.random.Generator,
    *,
    seats: float = 1.05,
    popularity: float = 1.0,
    levels: int | None = None,
    missing: float = 0.08,
    hard: float = 0.0,
    sites: int = 6,
    departments: int = 8,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Invent two rosters with the skew, the gaps and the structure of real ones.

    Popular answers follow Zipf's law, :math:`P(k) \propto k^{-s}` for the k-th most popular
    answer. Half of the skills and interests that people name are popular everywhere, half in their
    own department; of goals seven in ten are the department's. Hours are local to the site's time
    zone: of two people in one zone who both gave hours, four in five pairs share some; in two
    zones fewer. Goals, skills, needs and interests are typed: now and then in other letters or
    with hyphens, one in fifty in a way that nobody can safely merge (a plural, two letters
    swapped). Half of the mentees wish for one to three mentors. Each department is a tree of
    managers, `SPAN` people to a manager, the more senior above; half of the managers are not on a
    roster themselves.

    Parameters
    ----------
    n_mentees, n_mentors
        People on each roster, 0 or more.
    seed
        Seed, or a numpy Generator (advanced by the call).
    seats
        Seats per mentee: 1.05 is 5 % slack, 0.8 leaves a fifth of the mentees unmatched. The
        capacities add up to ``round(seats * n_mentees)``; everybody offers at least one seat as
        long as there are that many, few offer many [1]_, and nobody more than 5 unless there are
        more for each.
    popularity
        Exponent s of Zipf's law for skills, goals, interests and mentors wished for: 0 is
        uniform, 1 usual, 2 "everybody wants the same few".
    levels
        How many different answers each question gets, one per person, and no wishes for
        people; None for full variety. Few levels give few distinct scores, hence many ties;
        ``levels=1, missing=0`` makes all mentees, and all mentors, answer alike but for
        department and gender.
    missing
        Share of cells left blank, in [0, 1], independently in each optional column. Id, name,
        e-mail, department, site, time zone and capacity are always given; a manager is blank
        only at the top of a department.
    hard
        How thin hours are, in [0, 1]: somebody who gave hours has time on a working day with
        probability ``0.84 - 0.49 * hard``, on one day at least. With 1 a third of the pairs in one
        time zone share an hour.
    sites, departments
        How many of each, at most 10 and 12; sizes follow Zipf's law.

    Returns
    -------
    mentees, mentors : DataFrame
        One row per person, text in every cell, blank where not answered; the columns are named
        by the fields that `read_roster` knows, several answers are joined by ``;`` and levels
        (1 to 5) follow a colon: ``python:3;sql:2``. Mentors have `capacity` (mentees), both
        have `hours` (per month) and `availability` (local time).

    Raises
    ------
    ParameterError
        If a parameter is outside its domain.

    Notes
    -----
    The same seed gives the same cells on every platform: only uniform draws and integer
    arithmetic decide. Time and memory O(n_mentees + n_mentors), about 20 s and 2 GB per million.

    References
    ----------
    .. [1] Capacities that mentors stated in two published sign-ups, 45 mentors: 1 seat 26, 2 seats
       12, 3 or more 7. `WomenCodingCommunity.github.io, _data/mentors.yml
       <https://github.com/Women-Coding-Community/WomenCodingCommunity.github.io>`_ and
       `mentoring-matching <https://github.com/JohnBarbish/mentoring-matching>`_. Such counts are
       geometric, as are those of seats shared out at random.

    Examples
    --------
    >>> mentees, mentors = make_cohort(100, 40, seed=7)
    >>> len(mentees), len(mentors), mentors["capacity"].astype(int).sum()
    (100, 40, np.int64(105))
    """
    _check(n_mentees, n_mentors, seats, popularity, levels, missing, hard, sites, departments)
    rng = seed if isinstance(seed, np.random.Generator) else _generator(seed)
    draw = _Draw(rng, popularity, levels, missing, hard)
    places = min(sites, levels or sites)
    mentees = _people(draw, 0, n_mentees, places, departments, MENTEE_LEVELS)
    mentors = _people(draw, n_mentees, n_mentors, places, departments, MENTOR_LEVELS)
    managers = _managers(draw, mentees, mentors)
    asked, offered = _topics(draw, mentees, 3, 4), _topics(draw, mentors, 5, 6)
    mentee_answers = _shared_answers(draw, mentees, managers[:n_mentees], asked)
    mentor_answers = _shared_answers(draw, mentors, managers[n_mentees:], offered)
    _add_needs(draw, asked, mentee_answers)
    _add_offers(draw, offered, mentor_answers, round(seats * n_mentees))
    if levels is None:
        topics = asked.codes, offered.codes
        _add_wishes(draw, (mentees, mentors), topics, mentee_answers, WISHES, WISHING)
        _add_wishes(draw, (mentors, mentees), topics[::-1], mentor_answers, (1,), share=0.05)
    return _frame(mentee_answers), _frame(mentor_answers)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))  # of every NumPy the same numbers


def _check(
    n_mentees: int,
    n_mentors: int,
    seats: float,
    popularity: float,
    levels: int | None,
    missing: float,
    hard: float,
    sites: int,
    departments: int,
) -> None:
    owner = "make_cohort"
    check_parameter(n_mentees >= 0, "n_mentees", owner, "an int in [0, inf)", n_mentees)
    check_parameter(n_mentors >= 0, "n_mentors", owner, "an int in [0, inf)", n_mentors)
    check_parameter(0 <= seats < np.inf, "seats", owner, "a number in [0, inf)", seats)
    check_parameter(0 <= popularity <= 10, "popularity", owner, "a number in [0, 10]", popularity)
    check_parameter(
        levels is None or levels >= 1, "levels", owner, "None or an int in [1, inf)", levels
    )
    check_parameter(0 <= missing <= 1, "missing", owner, "a number in [0, 1]", missing)
    check_parameter(0 <= hard <= 1, "hard", owner, "a number in [0, 1]", hard)
    most_sites, most_departments = len(words.SITES), len(words.DEPARTMENTS)
    check_parameter(1 <= sites <= most_sites, "sites", owner, f"an int in [1, {most_sites}]", sites)
    check_parameter(
        1 <= departments <= most_departments,
        "departments",
        owner,
        f"an int in [1, {most_departments}]",
        departments,
    )


@dataclass(frozen=True, eq=False)
class _People:
    """Who somebody is, before any answer; arrays of n."""

    ids: Cells
    names: Cells
    emails: Cells
    department: Codes
    site: Codes
    seniority: Codes
    departments: int

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class _Draw:
    """The generator, with the few ways in which answers are drawn."""

    rng: np.random.Generator
    popularity: float
    levels: int | None
    missing: float
    hard: float

    def ranks(self, n: int, among: int, skew: float) -> Codes:
        """Draw n ranks below `among` by Zipf's law."""
        # whole weights: their sums are exact, so that every platform draws the same ranks
        weights = np.rint(2.0**32 / np.arange(1, among + 1, dtype=np.float64) ** skew)
        edges = np.cumsum(weights)
        found = np.searchsorted(edges, self.rng.random(n) * edges[-1], side="right")
        ranks: Codes = np.minimum(found, among - 1)
        return ranks

    def chance(self, n: int, share: float) -> npt.NDArray[np.bool_]:
        return self.rng.random(n) < share

    def one_of(self, n: int, options: Sequence[Any]) -> Codes:
        """Draw n positions among options, equally likely."""
        return np.minimum((self.rng.random(n) * len(options)).astype(np.int64), len(options) - 1)

    def variety(self, vocabulary: Sequence[str]) -> int:
        return min(len(vocabulary), self.levels or len(vocabulary))

    def several(
        self, people: _People, vocabulary: Sequence[str], most: int, own: float = 0.5
    ) -> Codes:
        """Draw 1 to `most` different words per person: int64 (n, most), -1 where fewer.

        A share `own` of the words is popular in the person's own department, the others everywhere.
        """
        n, known = len(people), self.variety(vocabulary)
        most = 1 if self.levels else most
        wanted = 1 + self.one_of(n, range(most))
        local = people.department * known // people.departments
        chosen = np.full((n, most), -1, dtype=np.int64)
        for slot in range(most):
            word = self.ranks(n, known, self.popularity)
            word = np.where(self.chance(n, own), (word + local) % known, word)
            fresh = (slot < wanted) & (chosen[:, :slot] != word[:, None]).all(axis=1)
            chosen[:, slot] = np.where(fresh, word, -1)
        return chosen

    def typed(self, chosen: Codes, vocabulary: Sequence[str]) -> tuple[Codes, Sequence[str]]:
        """Return the chosen words as people write them, and the vocabulary with all spellings."""
        if self.levels:
            return chosen, vocabulary
        way = spelling.ways(self.rng.random(chosen.size)).reshape(chosen.shape)
        written = np.where(chosen < 0, -1, chosen * len(spelling.SHARES) + way)
        return written, spelling.spelt(vocabulary)

    def blanks(self, cells: Cells, share: float | None = None) -> Cells:
        """Leave a share of the cells blank (`missing` unless stated)."""
        blank = self.chance(len(cells), self.missing if share is None else share)
        return np.where(blank, BLANK, cells)


def _cells(vocabulary: Sequence[str]) -> Cells:
    """Return the words followed by a blank, so that code -1 reads as not answered."""
    return np.array([*vocabulary, BLANK], dtype=object)


def _people(
    draw: _Draw, start: int, n: int, sites: int, departments: int, ladder: tuple[int, ...]
) -> _People:
    first = draw.one_of(n, words.FIRST_NAMES)
    last = draw.one_of(n, words.LAST_NAMES)
    first_name, last_name = _cells(words.FIRST_NAMES)[first], _cells(words.LAST_NAMES)[last]
    numbers = range(start + 1, start + n + 1)
    ids = np.array([f"E{number:07d}" for number in numbers], dtype=object)
    emails = [
        f"{a}.{b}.{number}@example.org".lower()
        for a, b, number in zip(first_name, last_name, numbers, strict=True)
    ]
    level = np.array(ladder)[draw.one_of(n, ladder)]
    if draw.levels:
        level = ladder[len(ladder) // 2] + level % draw.levels
    return _People(
        ids=ids,
        names=first_name + " " + last_name,
        emails=np.array(emails, dtype=object),
        department=draw.ranks(n, departments, 0.7),
        site=draw.ranks(n, sites, 0.9),
        seniority=np.minimum(level, len(words.SENIORITY) - 1),
        departments=departments,
    )


def _managers(draw: _Draw, mentees: _People, mentors: _People) -> Cells:
    """Return everybody's manager id, mentees first; blank at the top of a department."""
    ids = np.concatenate([mentees.ids, mentors.ids])
    department = np.concatenate([mentees.department, mentors.department])
    seniority = np.concatenate([mentees.seniority, mentors.seniority])
    # in each department the most senior first; the person at place p reports to place
    # (p - 1) // SPAN, which is smaller, so that nobody is above herself
    order = np.lexsort((draw.rng.random(len(ids)), -seniority, department))
    start = np.searchsorted(department[order], department[order])
    place = np.arange(len(ids)) - start
    above = order[start + np.maximum(place - 1, 0) // SPAN]
    # a manager who does not take part has a number of her own, the same for all who report to her
    outsiders = np.array(["M" + person[1:] for person in ids], dtype=object)
    known_as = np.where(draw.chance(len(ids), MANAGERS_ON_ROSTER), ids, outsiders)
    managers = np.full(len(ids), BLANK, dtype=object)
    managers[order] = np.where(place > 0, known_as[above], BLANK)
    return managers


@dataclass(frozen=True, eq=False)
class _Topics:
    """What each person would talk about, int64 (n, most), -1 where fewer."""

    goals: Codes
    skills: Codes

    @property
    def codes(self) -> Codes:
        skills = np.where(self.skills < 0, -1, self.skills + len(words.GOALS))
        return np.concatenate([self.goals, skills], axis=1)


def _topics(draw: _Draw, people: _People, goals: int, skills: int) -> _Topics:
    return _Topics(
        draw.several(people, words.GOALS, goals, own=0.7),
        draw.several(people, words.SKILLS, skills),
    )


def _shared_answers(
    draw: _Draw, people: _People, managers: Cells, topics: _Topics
) -> dict[str, Cells]:
    """Answer what both rosters ask."""
    n = len(people)
    department = _cells(words.DEPARTMENTS)[people.department]
    aims = topics.goals
    interests = draw.several(people, words.INTERESTS, 4)
    site, zone, _ = (np.array(column, dtype=object) for column in zip(*words.SITES, strict=True))
    style = draw.ranks(n, draw.variety(words.STYLES), 0.5)
    rhythm = draw.one_of(n, range(draw.variety(words.RHYTHMS)))
    hours = 1 + draw.one_of(n, range(min(4, draw.levels or 4)))
    return {
        "id": people.ids,
        "name": people.names,
        "email": people.emails,
        "department": department,
        "site": site[people.site],
        "timezone": zone[people.site],
        "seniority": draw.blanks(_cells(words.SENIORITY)[people.seniority]),
        "supervisor_id": managers,
        "gender": draw.blanks(_gender(draw, n)),
        "goals": draw.blanks(_joined(*draw.typed(aims, words.GOALS))),
        "communication_style": draw.blanks(_cells(words.STYLES)[style]),
        "availability": draw.blanks(_availability(draw, n)),
        "interests": draw.blanks(_joined(*draw.typed(interests, words.INTERESTS))),
        "languages": draw.blanks(_languages(draw, people)),
        "hours": draw.blanks(_numbers(hours)),
        "rhythm": draw.blanks(_cells(words.RHYTHMS)[rhythm]),
        "about": draw.blanks(_about(draw, department, _cells(words.GOALS)[aims[:, 0]])),
    }


def _gender(draw: _Draw, n: int) -> Cells:
    edges = np.array([0.47, 0.94, 0.97])
    return _cells(words.GENDERS)[np.searchsorted(edges, draw.rng.random(n), side="right")]


def _joined(chosen: Codes, vocabulary: Sequence[str], levels: Codes | None = None) -> Cells:
    """Write the chosen words of each person, joined by ``;``, with levels 1 to 5 if given.

    The first word is always there, the later ones may be -1.
    """
    spelt = list(vocabulary)
    if levels is not None:
        spelt = [f"{word}:{level}" for word in vocabulary for level in range(1, 6)]
        chosen = np.where(chosen < 0, -1, chosen * 5 + levels - 1)
    first, later = _cells(spelt), _cells([f";{word}" for word in spelt])
    text: Cells = first[chosen[:, 0]]
    for slot in range(1, chosen.shape[1]):
        text = text + later[chosen[:, slot]]
    return text


def _availability(draw: _Draw, n: int) -> Cells:
    """Write local hours such as ``Mon 09:00-11:00; Thu 14:00-16:00``."""
    if draw.levels:
        pattern = draw.one_of(n, range(draw.variety(words.BLOCKS)))
        return _cells([f"Tue {block}; Thu {block}" for block in words.BLOCKS])[pattern]
    sure = draw.one_of(n, words.DAYS)
    text = np.full(n, BLANK, dtype=object)
    share = DAYS_GIVEN - draw.hard * (DAYS_GIVEN - DAYS_GIVEN_IF_HARD)
    for day, name in enumerate(words.DAYS):
        block = draw.ranks(n, len(words.BLOCKS), 0.8)
        block = np.where(draw.chance(n, share) | (sure == day), block, -1)
        gap = np.where((text != BLANK) & (block >= 0), "; ", BLANK).astype(object)
        text = text + gap + _cells([f"{name} {hours}" for hours in words.BLOCKS])[block]
    return text


def _languages(draw: _Draw, people: _People) -> Cells:
    n = len(people)
    if draw.levels:
        return np.full(n, "English", dtype=object)
    spoken = np.array([tongue for _, _, tongue in words.SITES], dtype=object)[people.site]
    other = _cells(words.LANGUAGES)[draw.ranks(n, len(words.LANGUAGES), 0.5)]
    third = draw.chance(n, 0.2) & (other != spoken)
    second: Cells = np.where(spoken == "English", BLANK, ";" + spoken)
    text: Cells = "English" + second + np.where(third, ";" + other, BLANK)
    return text


def _numbers(values: Codes) -> Cells:
    return np.array([str(value) for value in values.tolist()], dtype=object)


def _about(draw: _Draw, department: Cells, goal: Cells) -> Cells:
    n = len(department)
    if draw.levels:
        return np.full(n, BLANK, dtype=object)
    phrase = draw.one_of(n, words.ABOUT).tolist()
    return np.array(
        [
            words.ABOUT[code].format(department=place, goal=aim)
            for code, place, aim in zip(phrase, department, goal, strict=True)
        ],
        dtype=object,
    )


def _add_needs(draw: _Draw, topics: _Topics, answers: dict[str, Cells]) -> None:
    """Skills a mentee wants, at the level she aims for, and where she stands now."""
    wanted = topics.skills
    if draw.levels:
        answers["needs"] = draw.blanks(_joined(wanted, words.SKILLS))
        return
    aim = 2 + draw.one_of(wanted.size, range(4)).reshape(wanted.shape)
    now = 1 + (draw.rng.random(wanted.shape) * (aim - 1)).astype(np.int64)
    written, vocabulary = draw.typed(wanted, words.SKILLS)
    answers["needs"] = draw.blanks(_joined(written, vocabulary, aim))
    answers["skills"] = draw.blanks(_joined(written, vocabulary, now))


def _add_offers(draw: _Draw, topics: _Topics, answers: dict[str, Cells], seats: int) -> None:
    """Skills a mentor offers, with levels, and his seats."""
    offered = topics.skills
    level = 2 + np.maximum(*(draw.one_of(offered.size, range(4)) for _ in range(2)))
    known = None if draw.levels else level.reshape(offered.shape)
    answers["skills"] = draw.blanks(_joined(*draw.typed(offered, words.SKILLS), known))
    answers["capacity"] = _numbers(_capacities(draw, len(offered), seats))


def _capacities(draw: _Draw, n: int, seats: int) -> Codes:
    """Share out the seats: one each first, the rest at random, int64 (n,).

    All ways to share out the rest are equally likely, so that counts are geometric, but for those
    that give one mentor too many: what is beyond goes to others.
    """
    capacity = np.zeros(n, dtype=np.int64)
    if n == 0:
        return capacity
    rest = seats - n
    if rest <= 0:
        capacity[np.argsort(draw.rng.random(n), kind="stable")[:seats]] = 1
        return capacity
    # n - 1 bars among as many places and seats cut the seats into n runs
    places = np.argsort(draw.rng.random(rest + n - 1), kind="stable")
    bars = np.concatenate([[-1], np.sort(places[: n - 1]), [rest + n - 1]])
    most = max(MOST_SEATS, -(-seats // n))
    capacity[:] = np.minimum(np.diff(bars), most)
    room = np.repeat(np.arange(n), most - capacity)
    beyond = seats - int(capacity.sum())
    turn = np.argsort(draw.rng.random(len(room)), kind="stable")
    capacity += np.bincount(room[turn[:beyond]], minlength=n)
    return capacity


def _add_wishes(
    draw: _Draw,
    sides: tuple[_People, _People],
    topics: tuple[Codes, Codes],
    answers: dict[str, Cells],
    counts: Sequence[int],
    share: float,
) -> None:
    """Name people of the other roster: wished for, best first; to avoid; met before."""
    people, others = sides
    n = len(people)
    if not len(others):
        return
    known = np.argsort(draw.rng.random(len(others)), kind="stable")  # who is how popular
    wanted = np.array(counts)[draw.one_of(n, counts)]
    wishes = np.full((n, max(counts)), -1, dtype=np.int64)
    for slot in range(max(counts)):
        person, fits = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
        for _ in range(CONSIDERED):
            other = _acquaintance(draw, people, others, known)
            common = _in_common(topics[0], topics[1][other])
            better = (common > fits) & (wishes[:, :slot] != other[:, None]).all(axis=1)
            person, fits = np.where(better, other, person), np.where(better, common, fits)
        wishes[:, slot] = np.where(slot < wanted, person, -1)
    quiet = 1 - share * (1 - draw.missing)
    answers["preferred"] = draw.blanks(_joined(wishes, others.ids.tolist()), quiet)
    for field, rare in (("avoid", 0.02), ("previous", 0.03)):
        person = draw.one_of(n, range(len(others)))
        answers[field] = draw.blanks(others.ids[person], 1 - rare * (1 - draw.missing))


def _in_common(mine: Codes, theirs: Codes) -> Codes:
    """Count the topics of each row that are in the same row of the other: int64 (n,)."""
    count = np.zeros(len(mine), dtype=np.int64)
    for topic in mine.T:
        count += (topic >= 0) & (theirs == topic[:, None]).any(axis=1)
    return count


def _acquaintance(draw: _Draw, people: _People, others: _People, known: Codes) -> Codes:
    """Draw somebody whom each person knows of: at her own site, or everywhere, int64 (n,).

    known : int64 (m,), the others from the best known to the least.
    """
    person = known[draw.ranks(len(people), len(others), draw.popularity)]
    near = draw.chance(len(people), WISHES_NEAR)
    for site in range(len(words.SITES)):
        here, there = (
            np.flatnonzero(near & (people.site == site)),
            known[others.site[known] == site],
        )
        if len(there):
            person[here] = there[draw.ranks(len(here), len(there), draw.popularity)]
    return person


def _frame(answers: dict[str, Cells]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(answers)
