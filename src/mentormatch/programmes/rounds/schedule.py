"""schedule_rounds: who meets whom in each round, nobody the same person twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, Status, check_parameter, counted, listed
from mentormatch.journal import logged
from mentormatch.matching.answer import Stage
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.programmes.pool import is_pool
from mentormatch.programmes.rounds.presence import presence
from mentormatch.programmes.rounds.result import Prices, Timetable, TimetableAsked
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.engine import plain
from mentormatch.scoring.mutual import Mutual
from mentormatch.scoring.rules import Forbid
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.assignment import assign
from mentormatch.solvers.budget import Budget
from mentormatch.solvers.certificate import dual_bound
from mentormatch.solvers.colouring import coloured, levelled
from mentormatch.solvers.general.rounds import pool_rounds
from mentormatch.solvers.rows.timetable import Slots, timetable
from mentormatch.solvers.ties import id_hashes

__all__ = ["schedule_rounds"]


@logged(lambda table, _: f"scheduled: {len(table):,} meetings, {table.status}")
@typed
def schedule_rounds(
    scores: Scores,
    rounds: int | None = None,
    *,
    meetings: int | None = None,
    slots: Sequence[Any] | None = None,
    minutes: int = 15,
    tables: int = 1,
    available: Any = None,
    level: bool = True,
    previous: Any = (),
    mutual: Mutual = "mean",
    seed: int = 0,
    time_limit: float | None = None,
) -> Timetable:
    """Schedule rounds of meetings of two: coffee rounds in one pool, speed mentoring in two.

    Nobody meets the same person twice, nobody has two meetings at once. As many meetings as
    possible come first, the total score of all of them second.

    Parameters
    ----------
    scores
        Of one roster against itself (``score(people, people)``): coffee rounds, in which everybody
        meets everybody. Of two rosters: speed mentoring, in which mentees go round the mentors.
        Mentors without a seat do not take part. Inadmissible pairs never meet; locks are not
        looked at.
    rounds
        How many; default: as many as `slots`.
    meetings
        With two rosters: how many meetings each mentee has at most; default: one each round.
        Among as many meetings, everybody's first comes before anybody's second.
    slots
        What the rounds are called, one name or time each: ISO dates and times, or what has
        `isoformat`, become entries of a calendar.
    minutes
        How long a meeting lasts, for calendars.
    tables
        With two rosters: how many mentees a mentor meets at a time.
    available
        Who is not there always: person -> rounds (numbers from 1, or names from `slots`), or a
        frame of people and rounds. Late and absent people are said so here.
    level
        Whether rounds are to be about equally good, rather than the best first.
    previous
        Pairs who have met before and do not meet again: pairs, a frame, a `Matching`, or an
        earlier `Timetable`; after one of these, who sat out then comes first.
    mutual
        With one roster: how what two people are to each other becomes one score.
    seed
        Decides ties, together with ids.
    time_limit
        Seconds.

    Returns
    -------
    Timetable
        With the bound of a flow, or of a linear programme where not everybody is always there.

    Raises
    ------
    ParameterError
        If rounds, meetings or names make no sense.
    UnknownPersonError
        If people are named whom nobody knows; all of them.

    Notes
    -----
    Two rosters, everybody always there: one flow, and its meetings coloured by rounds [1]_: exact.
    Where so many rounds and people make the sum too large for whole numbers of 64 bits, all
    meetings of a mentee count alike, and nobody's first comes before another's second.
    Otherwise an integer programme over the pairs and rounds, in which second and later meetings
    count alike. One pool: see
    `solvers.general.rounds`; where everybody has met everybody, pairs meet again, and a note says
    from which round on.

    References
    ----------
    .. [1] König (1916), Math. Ann. 77, 453-465: a bipartite graph needs no more colours than its
       largest degree.

    Examples
    --------
    >>> import numpy as np, mentormatch as mm
    >>> matrix = np.array([[0.9, 0.8], [0.7, 0.2]])
    >>> table = mm.schedule_rounds(mm.Scores.from_matrix(matrix), rounds=2)
    >>> len(table), table.gap
    (4, 0.0)
    """
    labels = _labels(rounds, slots)
    check_parameter(tables >= 1, "tables", "schedule_rounds", "a whole number >= 1", tables)
    check_parameter(minutes >= 1, "minutes", "schedule_rounds", "a whole number >= 1", minutes)
    check_parameter(
        meetings is None or meetings >= 1, "meetings", "schedule_rounds",
        "None or a whole number >= 1", meetings,
    )  # fmt: skip
    check_parameter(
        time_limit is None or time_limit > 0, "time_limit", "schedule_rounds", "a number > 0",
        time_limit,
    )  # fmt: skip
    check_parameter(
        mutual in ("mean", "least", "product"), "mutual", "schedule_rounds",
        "'mean', 'least' or 'product'", mutual,
    )  # fmt: skip
    pool = is_pool(scores)
    _check_pool(pool, meetings, tables)
    met, behind = _earlier(scores, previous, pool)
    asked = TimetableAsked(
        scores, labels, meetings, minutes, tables, level, mutual, seed, pool, met
    )
    people = (scores.mentees,) if pool else (scores.mentees, scores.mentors)
    there = presence(available, people, labels)
    budget = Budget(time_limit)
    found = (_coffee if pool else _speed)(asked, there, behind, budget)
    return replace(found, seconds=budget.used())


def _labels(rounds: int | None, slots: Sequence[Any] | None) -> tuple[str, ...]:
    if slots is not None:
        named = tuple(str(s.isoformat() if hasattr(s, "isoformat") else s) for s in slots)
        twice = sorted({one for one in named if named.count(one) > 1})
        check_parameter(
            rounds in (None, len(named)), "rounds", "schedule_rounds",
            f"left out, or {len(named)} as there are slots", rounds,
        )  # fmt: skip
        check_parameter(not twice, "slots", "schedule_rounds", "different names", listed(twice))
        return named
    check_parameter(
        rounds is not None and rounds >= 1, "rounds", "schedule_rounds", "a whole number >= 1",
        rounds,
    )  # fmt: skip
    assert rounds is not None
    return tuple(str(k + 1) for k in range(rounds))


def _check_pool(pool: bool, meetings: int | None, tables: int) -> None:
    if pool and (meetings is not None or tables != 1):
        raise ParameterError(
            "schedule_rounds with one pool has one meeting a round for everybody: leave out "
            "'meetings' and 'tables', or hand over scores of two rosters."
        )


def _earlier(
    scores: Scores, previous: Any, pool: bool
) -> tuple[tuple[tuple[int, int], ...], IntArray]:
    """Return positions of pairs who have met, and how many meetings each mentee is behind."""
    ours, theirs = scores.mentees, scores.mentees if pool else scores.mentors
    behind = np.zeros(len(ours), dtype=np.int64)
    if isinstance(previous, Timetable):
        held = previous.meetings_of()
        behind = np.array([-held.get(person, 0) for person in ours.ids], dtype=np.int64)
    if isinstance(previous, Timetable | Matching):  # who has left since is nobody to be met
        at = [(ours.find(one), theirs.find(other)) for one, other in previous]
        at = [pair for pair in at if min(pair) >= 0]
    else:
        known = Forbid(previous, reason="met before").listed
        at = [(ours.position(str(one)), theirs.position(str(other))) for one, other in known]
    return tuple(at), behind - behind.min(initial=0)


# -- two rosters ----------------------------------------------------------------------------------


def _speed(
    asked: TimetableAsked, there: tuple[Any, ...], behind: IntArray, budget: Budget
) -> Timetable:
    scores, count = asked.scores, len(asked.labels)
    n = len(scores.mentees)
    order = (
        np.argsort(id_hashes(scores.mentees.ids, asked.seed), kind="stable"),
        np.argsort(id_hashes(scores.mentors.ids, asked.seed + 1), kind="stable"),
    )
    points = np.ascontiguousarray(asked.worth()[np.ix_(*order)])
    rows_there, columns_there = there[0][order[0]], there[1][order[1]]
    seated = scores.mentors.capacity[order[1]] > 0
    per_round = np.where(seated, asked.tables, 0).astype(np.int64)
    wanted = np.full(n, min(asked.meetings or count, count), dtype=np.int64)
    if rows_there.all() and columns_there.all():
        found = _all_there(asked, points, wanted, per_round, budget)
    else:
        found = _some_there(Slots(points, wanted, rows_there, columns_there, per_round), budget)
    i, j, t, stages, prices, late = found
    if asked.level and i.size:
        t = _level(i, j, t, points, rows_there, columns_there, asked.tables)
    return _lifted(asked, (order[0][i], order[1][j], t), stages, prices, late, there)


def _all_there(
    asked: TimetableAsked, points: Any, wanted: IntArray, per_round: IntArray, budget: Budget
) -> tuple[Any, ...]:
    """Return meetings from one flow, coloured by rounds."""
    count, n = len(asked.labels), len(wanted)
    width = int(wanted.max(initial=1))
    top = int(points.max(initial=0)) + 1
    most = min(int(wanted.sum()), int(per_round.sum()) * count)
    base = (2 * min(points.shape) + 4) * top  # more than any exchange along a path can bring
    bonus = np.array([base * 4 ** (width - 1 - k) for k in range(width)], dtype=object)
    if int(bonus[0]) * max(most, 1) >= 1 << 54:  # too large to tell first from second: all alike
        bonus = np.full(width, base, dtype=object)
    rows = np.tile(bonus.astype(np.int64), (n, 1))
    flow = assign(
        points, per_round * count, row_bonus=rows, demand=wanted, time_limit=budget.left()
    )
    partners = flow.mentor_of if flow.mentor_of.ndim == 2 else flow.mentor_of[:, None]
    i, slot = np.nonzero(partners >= 0)
    j = partners[i, slot]
    colour = _by_round(i, j, asked.tables, count) if i.size else np.zeros(0, dtype=np.int64)
    total = int(points[i, j].sum(dtype=np.int64))
    bound = dual_bound(
        points, rows, wanted, per_round * count, np.zeros_like(per_round), flow.mentor_price
    )
    slack = bound - flow.objective
    late = flow.status != "optimal"
    stages = (
        Stage("Meetings", float(i.size), float(i.size if not late else most), "meetings"),
        Stage("TotalScore", total / MILLION, (total + slack if not late else most * top) / MILLION,
              "score"),
    )  # fmt: skip
    prices = Prices("flow", np.array(flow.mentor_price)[None, :], bonus=bonus.astype(np.int64))
    return i, j, colour, stages, prices, late


def _by_round(i: IntArray, j: IntArray, tables: int, count: int) -> IntArray:
    """Return the round of each meeting; a mentor with several tables is so many mentors."""
    if tables == 1:
        return coloured(i, j, count)
    place = np.zeros(j.size, dtype=np.int64)
    seen: dict[int, int] = {}
    for at, mentor in enumerate(j.tolist()):
        place[at] = seen.get(mentor, 0) // count
        seen[mentor] = seen.get(mentor, 0) + 1
    return coloured(i, j * tables + place, count)


def _some_there(slots: Slots, budget: Budget) -> tuple[Any, ...]:
    """Return meetings from an integer programme over pairs and rounds."""
    found = timetable(slots, budget)
    total = slots.total(found.row, found.column)
    stages = (
        Stage("Meetings", float(found.row.size), float(found.most_meetings), "meetings"),
        Stage("TotalScore", total / MILLION, max(found.bound, total) / MILLION, "score"),
    )
    prices = Prices(
        "rounds", found.column_price, row=found.row_price, meeting=found.meeting_price,
        count=found.count_price, first=found.first.price, bonus=np.array([found.first.bonus]),
    )  # fmt: skip
    return found.row, found.column, found.round, stages, prices, found.late


def _level(
    i: IntArray, j: IntArray, t: IntArray, points: Any, rows_there: Any, columns_there: Any,
    tables: int,
) -> IntArray:  # fmt: skip
    """Return rounds of the same meetings, about equally good."""
    n, count = rows_there.shape
    if tables > 1:  # a mentor is as many as she has tables
        place = np.zeros(j.size, dtype=np.int64)
        seen: dict[tuple[int, int], int] = {}
        for at, key in enumerate(zip(j.tolist(), t.tolist(), strict=True)):
            place[at] = seen.get(key, 0)
            seen[key] = seen.get(key, 0) + 1
        j = j * tables + place
        columns_there = np.repeat(columns_there, tables, axis=0)
    worth = points[i, j // tables].astype(np.int64)
    able = np.concatenate([rows_there, columns_there])
    return levelled((i, n + j), t, worth, able, count)


# -- one pool -------------------------------------------------------------------------------------


def _coffee(
    asked: TimetableAsked, there: tuple[Any, ...], behind: IntArray, budget: Budget
) -> Timetable:
    scores = asked.scores
    order = np.argsort(id_hashes(scores.mentees.ids, asked.seed), kind="stable")
    points = np.ascontiguousarray(asked.worth()[np.ix_(order, order)])
    here = there[0][order]
    partners = (points >= 0).sum(axis=1).max(initial=0)
    unlike = min(len(asked.labels), int(partners) or len(asked.labels))
    found = pool_rounds(
        points, here[:, :unlike], behind[order], level=asked.level,
        time_limit=budget.left(),
    )  # fmt: skip
    at, one = np.nonzero(found.partner_of >= 0)
    other = found.partner_of[at, one]
    first = one < other
    i, j, t = one[first], other[first], at[first]
    notes: tuple[str, ...] = ()
    if unlike < len(asked.labels):
        rest = replace(asked, labels=asked.labels[unlike:], met=())
        again = _coffee(rest, (there[0][:, unlike:],), behind, budget)
        notes = (
            f"there are only {counted(int(partners), 'partner')} to meet: from round "
            f"{asked.labels[unlike]} on pairs meet again",
        )
        columns = np.argsort(order)
        more = again.meetings
        i = np.concatenate([i, columns[more[0]]])
        j = np.concatenate([j, columns[more[1]]])
        t = np.concatenate([t, more[2] + unlike])
    total = int(plain(points[i, j]).sum(dtype=np.int64))  # also of pairs who meet again
    most, bound = found.most_meetings, found.bound
    if notes:
        most, bound = most + int(again.stages[0].bound), bound + round(again.bound * MILLION)
    stages = (
        Stage("Meetings", float(i.size), float(most), "meetings"),
        Stage("TotalScore", total / MILLION, max(bound, total) / MILLION, "score"),
    )
    prices = Prices(
        "pool", np.array(found.price)[None, :], bonus=np.array([found.bonus]), count=found.fewest
    )
    made = _lifted(
        asked, (order[i], order[j], t), stages, prices if not notes else None, found.late, there
    )
    return replace(made, notes=(*made.notes, *notes))


# -- back -----------------------------------------------------------------------------------------


def _lifted(
    asked: TimetableAsked, meetings: tuple[IntArray, ...], stages: tuple[Stage, ...],
    prices: Prices | None, late: bool, there: tuple[Any, ...],
) -> Timetable:  # fmt: skip
    """Return the timetable, people by their places on the rosters, rounds in order."""
    scores = asked.scores
    i, j, t = meetings
    if asked.pool:  # in each pair, the one who stands first
        i, j = np.minimum(i, j), np.maximum(i, j)
    by = np.lexsort((j, i, t))
    status = Status.OPTIMAL if all(stage.gap == 0 for stage in stages) else Status.WORK_LIMIT
    if late and status != Status.OPTIMAL:
        status = Status.TIME_LIMIT
    if prices is not None:
        prices = prices.unsorted(
            np.argsort(id_hashes(scores.mentees.ids, asked.seed), kind="stable"),
            np.argsort(id_hashes(scores.mentors.ids, asked.seed + 1), kind="stable"),
            pool=asked.pool,
        )
    return Timetable(
        asked, (i[by], j[by], t[by]), stages, status, there, prices, tuple(scores.notes)
    )
