"""suggest: a short list of mentors for every mentee, no mentor on more lists than is fair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.matching.certificate import Certificate
from mentormatch.matching.constraints import Demand, Load
from mentormatch.matching.objectives import MaximizeMatched, MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import lift, solved
from mentormatch.programmes.suggest.result import Asked, Suggestions
from mentormatch.rosters.columns import IntArray, Numbers
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.mutual import Mutual, mutual_points
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.progress import Progress, listener

__all__ = ["Exposure", "suggest"]

Exposure: TypeAlias = str | int | Mapping[str, int] | None
"""How many lists a mentor may be on: "seats", a number, a column of the roster, by id, or any."""
SEATS = "seats"


@logged(lambda lists, _: f"suggested: {len(lists):,} entries, {lists.status}")
@typed
def suggest(
    scores: Scores,
    k: int = 5,
    *,
    exposure: Exposure = SEATS,
    least: int = 0,
    back: Scores | None = None,
    mutual: Mutual = "product",
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress = False,
) -> Suggestions:
    """Suggest k mentors to every mentee, for those who choose and ask for themselves.

    Everybody's own best k would put the same few mentors on a hundred lists each and leave others
    on none; most who ask would hear no. Here no mentor is on more lists than she has room for,
    and among all such lists those are found whose total score is the highest.

    Parameters
    ----------
    scores
        n mentees, m mentors. Locked pairs are on the lists, inadmissible ones never.
    k
        Entries of a list. Where there are not enough, everybody's first entry comes before
        anybody's second, and `diagnose` says what is missing.
    exposure
        On how many lists a mentor may be. "seats" (k times her seats: if each mentee asks down her
        list and mentors say yes while they have seats, hardly anybody is left over), a number, a
        column of numbers on the mentors' roster, a mapping from mentor id to a number (others:
        "seats"), or None (no limit: everybody's own best k).
    least
        On how many lists every mentor is at least.
    back
        What mentees are to mentors, for mutual interest: scores the other way round, from
        ``score(mentors.as_role("mentee"), mentees.as_role("mentor"))``. People are recognised by
        id.
    mutual
        With `back`: how both become one score, their "mean", the "least", or the "product".
    seed
        Decides ties, together with both ids.
    time_limit, progress
        As in `solve`.

    Returns
    -------
    Suggestions
        Exact: proven optimal unless the time ran out.

    Raises
    ------
    ParameterError
        If k or exposures make no sense, exposures given as numbers cannot fill the lists, a mentor
        may be on fewer lists than she must, or `back` is about other people; names everybody.
    InfeasibleError
        If every mentor cannot be on as many lists as `least` says.

    Notes
    -----
    One flow: mentees want k mentors each, and exposure stands for capacity [1]_. Time and memory
    as for `solve` with `Demand`.

    References
    ----------
    .. [1] Patro et al. (2020), FairRec: Two-sided fairness for personalized recommendations in
       two-sided platforms, WWW. It guarantees exposure by a heuristic; a flow is exact.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> matrix = np.array([[0.9, 0.8, 0.1], [0.9, 0.7, 0.3], [0.9, 0.2, 0.4]])
    >>> lists = mm.suggest(mm.Scores.from_matrix(matrix), k=2)
    >>> lists["mentee 1"], lists["mentee 3"]
    (('mentor 1', 'mentor 2'), ('mentor 1', 'mentor 3'))
    """
    check_parameter(k >= 1, "k", "suggest", "a whole number >= 1", k)
    check_parameter(least >= 0, "least", "suggest", "a whole number >= 0", least)
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "suggest", "a number > 0", time_limit
    )
    check_parameter(
        mutual in ("mean", "least", "product"), "mutual", "suggest",
        "'mean', 'least' or 'product'", mutual,
    )  # fmt: skip
    joint = scores if back is None else both_ways(scores, back, mutual)
    asked = Asked(scores, k, exposure, least, back, mutual, seed)
    allowed = allowed_lists(joint, k, exposure)
    check_room(joint, asked, allowed)
    return solved_lists(asked, joint, allowed, Budget(time_limit, None, listener(progress)))


def solved_lists(asked: Asked, joint: Scores, allowed: IntArray, budget: Budget) -> Suggestions:
    """Return the best lists within exposures.

    Parameters
    ----------
    joint
        What pairs count as; locked ones are on the lists.
    allowed
        int64 (m,): on how many lists each mentor may be.
    """
    room = replace(joint.mentors, capacity=allowed)
    problem = Problem(
        joint.replaced(mentors=room, _pairing=None),
        [MaximizeMatched(), MaximizeTotal()],
        [Demand(_wanted(asked)), *([Load(least=asked.least)] if asked.least else [])],
        asked.seed,
    )
    lowered, solution = solved(problem, budget)
    matching = lift(problem, lowered, solution, budget)
    certificate = Certificate.of(lowered, solution)
    notes = (*joint.notes, *_notes(matching.mentors_of, asked))
    return Suggestions(asked, replace(matching, notes=notes), certificate)


def _wanted(asked: Asked) -> int | dict[str, int]:
    """Return how many entries mentees want: those who have found a mentor none."""
    if not asked.found:
        return asked.k
    return dict.fromkeys(asked.scores.mentees.ids, asked.k) | dict.fromkeys(asked.found, 0)


def both_ways(scores: Scores, back: Scores, mutual: Mutual) -> Scores:
    """Return scores that say what two people are to each other.

    Raises
    ------
    ParameterError
        If people are in one of the two and not in the other; names them.
    """
    strangers = [
        f"{person} ({where})"
        for ours, theirs, where in (
            (scores.mentees, back.mentors, "mentee"), (scores.mentors, back.mentees, "mentor"),
        )
        for person in sorted(set(ours.ids) ^ set(theirs.ids))
    ]  # fmt: skip
    if strangers:
        raise ParameterError(
            "The 'back' parameter of suggest must be about the same people, the other way round: "
            'score(mentors.as_role("mentee"), mentees.as_role("mentor")). In one of the two only: '
            f"{listed(strangers)}."
        )
    rows = [back.mentees.position(person) for person in scores.mentors.ids]
    columns = [back.mentors.position(person) for person in scores.mentees.ids]
    points = mutual_points(
        scores.matrix("suggest"), back.matrix("suggest")[np.ix_(rows, columns)], mutual
    )
    return replace(scores, points=points)


def allowed_lists(scores: Scores, k: int, exposure: Exposure) -> IntArray:
    """Return int64 (m,): on how many lists each mentor may be.

    Raises
    ------
    ParameterError
        If they are no whole numbers; names everybody.
    """
    mentors, n = scores.mentors, len(scores.mentees)
    if exposure is None:
        return np.full(len(mentors), n, dtype=np.int64)
    if isinstance(exposure, int):
        check_parameter(exposure >= 0, "exposure", "suggest", "a whole number >= 0", exposure)
        return np.full(len(mentors), min(exposure, n), dtype=np.int64)
    usual = np.minimum(mentors.capacity * k, n)
    if isinstance(exposure, Mapping):
        wrong = {who: many for who, many in exposure.items() if not _whole(many)}
        check_parameter(
            not wrong, "exposure", "suggest", "a mapping to whole numbers >= 0", wrong or exposure
        )
        for person, many in exposure.items():
            usual[mentors.position(person)] = min(int(many), n)
        return usual
    if exposure == SEATS and SEATS not in mentors.columns:
        return usual
    return _of_column(mentors, exposure, usual, n)


def _of_column(mentors: Profiles, name: str, usual: IntArray, n: int) -> IntArray:
    values = mentors.column(name, Numbers, wanted_by="suggest(exposure)").values
    wrong = [mentors.ids[j] for j in np.flatnonzero(~np.isnan(values)) if not _whole(values[j])]
    if wrong:
        raise ParameterError(
            f"The 'exposure' parameter of suggest: column {name!r} must hold whole numbers >= 0. "
            f"Not so for: {listed(wrong)}.", column=name,
        )  # fmt: skip
    given = np.minimum(np.nan_to_num(values), n).astype(np.int64)
    return np.where(np.isnan(values), usual, given)


def _whole(value: float) -> bool:
    return not isinstance(value, bool | str) and value >= 0 and float(value).is_integer()


def check_room(scores: Scores, asked: Asked, allowed: IntArray) -> None:
    """Raise if lists cannot be filled as asked, or mentors be on as many as they must.

    Raises
    ------
    ParameterError
        Naming everybody.
    """
    wrong = []
    want = np.where(np.isin(scores.mentees.ids, asked.found), 0, asked.k)
    wanted = int(np.minimum(scores.admissible.sum(axis=1), want).sum())
    if isinstance(asked.exposure, int) and not asked.found and int(allowed.sum()) < wanted:
        fewest = -(-wanted // max(len(allowed), 1))
        wrong.append(
            f"{counted(len(allowed), 'mentor')} on at most {counted(asked.exposure, 'list')} each "
            f"have {allowed.sum():,} places, but the lists have {wanted:,}. Give exposure={fewest} "
            "or more, exposure='seats' (shorter lists where seats are few), or a smaller k"
        )
    if asked.least:
        options = scores.admissible[want > 0].sum(axis=0)
        few = np.flatnonzero(np.minimum(options, allowed) < asked.least)
        ids, must = scores.mentors.ids, counted(asked.least, "list")
        wrong += [
            f"{ids[j]} is to be on at least {must}, but "
            + (
                f"may be on {allowed[j]}"
                if allowed[j] < asked.least
                else f"only {counted(int(options[j]), 'mentee')} may have her"
            )
            for j in few.tolist()
        ]
    if wrong:
        raise ParameterError(f"suggest cannot do this: {listed(wrong)}.")


def _notes(mentors_of: IntArray, asked: Asked) -> list[str]:
    """Return what is said of lists that are shorter than asked for."""
    entries = (mentors_of >= 0).sum(axis=1)
    entries = entries[~np.isin(asked.scores.mentees.ids, asked.found)]
    short, none = int(((entries < asked.k) & (entries > 0)).sum()), int((entries == 0).sum())
    said = []
    if short:
        verb = "has" if short == 1 else "have"
        said.append(f"{counted(short, 'mentee')} {verb} fewer than {asked.k} entries")
    if none:
        verb = "has" if none == 1 else "have"
        said.append(f"{counted(none, 'mentee')} {verb} an empty list")
    if asked.found:
        said.append(f"{counted(len(asked.found), 'mentee')} found a mentor and need no list")
    return said
