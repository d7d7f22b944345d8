"""Changes of a programme that is one flow: shortest paths say exactly what each would bring.

One seat, one pair or one rule more is one unit of flow more at most, so what it brings is one path,
and several seats with one mentor are as many paths, one after the other. The problem is solved
again only where ties decide whether it is she who gets a mentor, or where a bound on many people
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mentormatch.insight.barriers import Barriers
from mentormatch.insight.forcing import defective
from mentormatch.insight.left_open import by_score_alone
from mentormatch.insight.line import Entry, Line
from mentormatch.insight.reallocation import FAR, UNREACHABLE, Reallocations, Worth
from mentormatch.insight.remedies import Again, Change, Remedies
from mentormatch.matching.constraints import single_loads
from mentormatch.matching.objectives import MaximizeTotal
from mentormatch.matching.problem import Problem
from mentormatch.matching.within import defects_of
from mentormatch.scoring.engine import plain

__all__ = ["RemediesOnFlow"]

IntArray = npt.NDArray[np.int64]

CHECKS = 16
"""Lines that are made sure of for a mentee though she is in none that is listed."""
LINES = 2_048
"""Lines looked at for a mentee and a number of seats where there is no matrix: the nearest."""
SOLVED_AGAIN = 1 << 28
"""With more pairs that are no matrix, seats are told by paths or not at all, unless there is a time
limit to solve in."""
NONE: tuple[list[Entry], bool, int] = ([], False, 0)


@dataclass(frozen=True, eq=False)
class _Lines:
    """The lines of whoever has no mentor, kept for the next who asks.

    deciding : by what decides who gets a seat;  pursued : by all that is pursued.
    told : of each mentor, who comes in by more seats, whether that is sure, and by how many.
    """

    deciding: Line
    pursued: Line
    told: dict[int, tuple[list[Entry], bool, int]]


@dataclass(eq=False)
class RemediesOnFlow(Remedies):
    """Candidates for one mentee after another, each judged by paths.

    open_ : what the matching leaves open.
    checks : how many lines more may be made sure of that she is not in.
    """

    open_: Reallocations = field(kw_only=True)
    checks: int = 0
    longest: int = 1

    @cached_property
    def _by_score(self) -> bool:
        """Whether just those are matched who have a seat by score: nothing else bears on seats."""
        fewest, lowered = defects_of(self.problem), self.open_.lowered
        if fewest is None or not fewest.by_score or self.problem.constraints:
            return False
        if lowered.priority_unit or len(lowered.locks):
            return False
        seated = self.problem.scores.seated
        return bool((seated == (self.matching.assignment >= 0)).all())

    @cached_property
    def _totalled(self) -> bool:
        return any(isinstance(o, MaximizeTotal) for o in self.problem.pursued)

    @cached_property
    def _told_by_paths(self) -> bool:
        """Whether paths alone tell what a change brings.

        Not where the total is not pursued: it then comes as it may. Nor where who gets a seat is
        decided by score, and locks or constraints have a say in it as well.
        """
        if not self._totalled:
            return False
        fewest = defects_of(self.problem)
        decided = fewest is not None and fewest.by_score and not self.problem.scores.seated.all()
        return self._by_score or not decided

    @cached_property
    def _kept(self) -> _Lines:
        return self.matching.once("lines", self._lines)

    def _lines(self) -> _Lines:
        pursued = Line(self.open_)
        if not self._by_score:
            return _Lines(pursued, pursued, {})
        return _Lines(Line(by_score_alone(self.open_, self.matching)), pursued, {})

    # -- seats --------------------------------------------------------------------------------

    def smallest(self, found: Barriers, most_seats: int) -> Change | None:
        self.checks = CHECKS
        self.longest = most_seats
        return super().smallest(found, most_seats)

    def seats(self, found: Barriers, seats: int) -> Change | None:
        i, room = found.mentee, self.room(seats)
        if not self._told_by_paths:
            candidates = self._worth_trying(found, seats)
            return self._best(found, (self.more_seats(j, seats) for j in candidates if room[j]))
        ids, price = self.problem.scores.mentors.ids, self.open_.price
        promised = []
        lines = [(j, self._if_hers(i, j, seats)) for j in self._candidates(i, seats, room).tolist()]
        for j, line in self._of_ties(i, seats, lines):
            most = seats * int(price[j]) - sum(map(self._loses, line))
            promised.append((-most, ids[j], j, line))
        best: tuple[int, str, Change] | None = None
        for most, name, j, line in sorted(promised):
            if best is not None and most > best[0]:
                break
            gain = self._by_seats(found, j, seats, line)
            if gain is not None and (best is None or (-gain[0], name) < best[:2]):
                best = -gain[0], name, gain[1]
        return None if best is None else best[2]

    def _of_ties(
        self, i: int, seats: int, lines: list[tuple[int, list[Entry] | None]]
    ) -> list[tuple[int, list[Entry]]]:
        """Leave out the lines in which she is not even where she comes before her equals."""
        there = [(j, line) for j, line in lines if line is not None]
        tied = [j for j, line in there if any(entry.others for entry in line)]
        first = self._kept.deciding.all_of(np.array(tied, dtype=np.int64), seats, first=i)
        out = {
            j
            for j, (line, sure) in zip(tied, first, strict=True)
            if i not in (entry.mentee for entry in line) and (sure or self._by_rows)
        }
        self.sure &= all(sure for j, (_, sure) in zip(tied, first, strict=True) if j in out)
        return [(j, line) for j, line in there if j not in out]

    @property
    def _by_rows(self) -> bool:
        return self.problem.scores.source is not None

    def _loses(self, entry: Entry) -> int:
        """Return the least that is lost, at the prices of all that is pursued, if she comes in."""
        return int(self._kept.pursued.nearest[entry.mentee]) if entry.mentee >= 0 else 0

    def _worth_trying(self, found: Barriers, seats: int) -> Sequence[int]:
        """Return the mentors that chains lead to; where a solve takes long, the likeliest few."""
        i, scores = found.mentee, self.problem.scores
        ids = scores.mentors.ids
        there = np.flatnonzero(self.open_.reached(i)).tolist()
        if scores.source is None:
            return sorted(there, key=ids.__getitem__)
        points = np.where(found.admissible, scores.block([i])[0].astype(np.int64), -1)
        first = self.open_.entering(i, 0)[0] == 0
        return self._few(sorted(there, key=lambda j: (not first[j], -int(points[j]), ids[j])))

    def _candidates(self, i: int, seats: int, room: npt.NDArray[np.bool_]) -> IntArray:
        """Return the mentors whose line she could be in, as far as is listed."""
        open_ = self._kept.deciding.open_
        if not room.any():
            return np.zeros(0, dtype=np.int64)
        bound = np.where(room, self._kept.deciding.direct(seats), -1)
        if seats == 1:
            bound = np.minimum(bound, 0)  # the price is what the first in line brings
        far, radius = open_.entering(i, int(bound.max(initial=-1)))
        self.sure &= not ((far > bound) & (bound > radius)).any()
        there: IntArray = np.flatnonzero((far <= bound) & (far < UNREACHABLE))
        if self._by_rows and there.size > LINES:
            self.sure = False
            first = np.lexsort((-open_.price[there], far[there]))[:LINES]
            there = np.sort(there[first])
        long = seats if seats == 1 else self.longest
        told = self._kept.told
        new = np.array([j for j in there.tolist() if told.get(j, NONE)[2] < seats], dtype=np.int64)
        lines = self._kept.deciding.all_of(new, long)
        told.update((j, (*line, long)) for j, line in zip(new.tolist(), lines, strict=True))
        return there

    def _if_hers(self, i: int, j: int, seats: int) -> list[Entry] | None:
        """Return the line of a mentor if she is in it, or could be."""
        line, sure, _ = self._kept.told[j]
        hers = i in (entry.mentee for entry in line[:seats])
        if not sure and (hers or self.checks > 0):
            self.checks -= 1
            line, sure = self._kept.deciding.of(j, seats)
            self._kept.told[j] = line, sure, seats
            hers = i in (entry.mentee for entry in line)
        if any(entry.others for entry in line[:seats]):
            return line[:seats]
        self.sure &= sure
        return line[:seats] if hers and sure else None

    def _by_seats(
        self, found: Barriers, j: int, seats: int, line: list[Entry]
    ) -> tuple[int, Change] | None:
        """Return the gain, and the change, if it is she who comes in by the last of these seats."""
        i = found.mentee
        change, again = self.more_seats(j, seats)
        if not any(entry.others for entry in line):
            return self._with_gain(found, change, line)
        # others could come in just as well: at best, at worst, or by solving
        best, sure = self._kept.deciding.of(j, seats, first=i)
        if i not in (entry.mentee for entry in best):
            self.sure &= sure
            return None
        worst, too = self._kept.deciding.of(j, seats, last=i)
        if sure and too and i in (entry.mentee for entry in worst) and not self._by_score:
            return self._with_gain(found, change, worst)
        return self._by_solving(i, change, again)

    def _by_solving(self, i: int, change: Change, again: Again) -> tuple[int, Change] | None:
        """Solve again, where that does not take too long."""
        if self._by_rows and self.problem.scores.size > SOLVED_AGAIN and not self.budget.seconds:
            self.sure = False
            return None
        verified = self._verified(i, change, again)
        return None if verified is None else (self._total(verified.gain), verified)

    def _with_gain(
        self, found: Barriers, change: Change, line: list[Entry]
    ) -> tuple[int, Change] | None:
        """Return the gain and the change by which just these come in."""
        j, lowered = change.mentor, self.open_.lowered
        several = [entry.mentee for entry in line if entry.mentee >= 0]
        told: tuple[list[int], bool] | None = [entry.lost for entry in line], True
        if self._by_score:
            told = self._kept.pursued.only(j, several) if len(several) == len(line) else None
        if told is None:
            return self._by_solving(found.mentee, *self.more_seats(j, change.amount))
        lost, sure = told
        # taken apart one by one: the units are made for single paths
        gains = [Worth.of(int(self.open_.price[j]) - one, lowered) for one in lost]
        gain = Worth(*(sum(part) for part in zip(*map(astuple, gains), strict=True)))
        if not lowered.matched_unit:
            gain = replace(gain, matched=len(several))
        if self._by_score:
            gain = replace(gain, seats=gain.seats + len(several))
        change = replace(change, gain=gain, exact=sure)
        return (self._total(gain), change) if gain.matched > 0 else None

    def _total(self, gain: Worth) -> int:
        """Return a gain as what it is in the sum of the flow, seats by score left out."""
        lowered = self.open_.lowered
        return (
            gain.matched * lowered.matched_unit + gain.priority * lowered.priority_unit
            + gain.defects * lowered.defect_unit + gain.millionths
        )  # fmt: skip

    # -- rules and floors ---------------------------------------------------------------------

    def rules(self, found: Barriers) -> Change | None:
        options = self.relaxable(found)
        if self.open_.lowered.matched_unit:
            best = self._roomiest(found, list(options))
            if best is None:
                return None
            changed = self.relaxed(found, best[0], options[best[0]])
            return self._told(found, changed, best[1])
        order = self._by_gain(found, list(options))
        return next(self._all(found, (self.relaxed(found, j, options[j]) for j in order)), None)

    def floors(self, found: Barriers) -> Change | None:
        options, points = self.below(found)
        levels = np.unique(points)
        if self.open_.lowered.matched_unit:
            low, high = 0, levels.size  # some of level `low` or above helps, none of `high`
            while high - low > 1:
                middle = (low + high) // 2
                helps = self._roomiest(found, options[points >= levels[middle]].tolist())
                low, high = (low, middle) if helps is None else (middle, high)
            there = options[points >= levels[low]] if levels.size else options
            best = self._roomiest(found, there.tolist())
            if best is None:
                return None
            return self._told(found, self.lowered(found, int(levels[low]), best[0]), best[1])
        for level in self._few(levels[::-1].tolist()):
            order = self._by_gain(found, options[points == level].tolist())
            changes = [self.lowered(found, level, j) for j in order[:1]]
            if done := next(self._all(found, changes), None):
                return done
        return None

    def _told(self, found: Barriers, changed: tuple[Change, Again], gain: Worth) -> Change | None:
        """Return the change by which one more is matched: none but she can be."""
        if not self._told_by_paths:
            return next(self._all(found, [changed]), None)
        return replace(changed[0], gain=gain)

    def _roomiest(self, found: Barriers, options: list[int]) -> tuple[int, Worth] | None:
        """Return with whom she gains most if they became admissible, if one more is matched then.

        Of one flow that matches as many as can be. None as well without options.
        """
        open_, ids = self.open_, self.problem.scores.mentors.ids
        program = open_.lowered.program
        options = [j for j in options if program.capacity[j] > 0]
        if not options or not open_.spare.any():
            return None
        places = np.array(options, dtype=np.int64)
        points, spoilt = self._pairs(found.mentee, places)
        unit = open_.lowered.defect_unit
        worth = points * self._totalled - spoilt * (unit if unit < UNREACHABLE else 0)
        groups = [places]
        if unit >= UNREACHABLE or int(points.max()) > program.top:
            groups = [
                places[[k]] for k in range(places.size)
            ]  # none of what the units were made for
        best: tuple[Worth, int] | None = None
        for some in groups:
            offset = np.full(open_.outside, FAR, dtype=np.int64)
            offset[some] = -worth[np.searchsorted(places, some)]
            least, equal = open_.roomiest(offset)
            if not equal.size or least >= UNREACHABLE:
                continue
            score = dict(zip(options, points.tolist(), strict=True))
            j = min(equal.tolist(), key=lambda k: (-score[k], ids[k]))
            gain = self._gain(found.mentee, j, least - int(offset[j]))
            if best is None or (gain, ids[best[1]]) > (best[0], ids[j]):
                best = gain, j
        return (best[1], best[0]) if best is not None and best[0].matched > 0 else None

    def _pairs(self, i: int, places: IntArray) -> tuple[IntArray, IntArray]:
        """Return the points of pairs whatever may not be, and which have a defect."""
        rows = np.full(places.size, i)
        points = plain(self.problem.scores.at(rows, places)).astype(np.int64)
        return points, defective(self.matching, rows, places).astype(np.int64)

    def _by_gain(self, found: Barriers, options: list[int]) -> list[int]:
        """Return with whom she could gain if they became admissible, the most first."""
        open_, ids = self.open_, self.problem.scores.mentors.ids
        gains: dict[int, Worth] = {}
        for j in options:
            offset = np.full(open_.outside, FAR, dtype=np.int64)
            offset[j] = 0
            least, equal = open_.roomiest(offset)
            if open_.lowered.program.capacity[j] and equal.size and least < UNREACHABLE:
                gains[j] = self._gain(found.mentee, j, least)
        able = [j for j in gains if gains[j].millionths >= 0]
        return sorted(able, key=lambda j: (-gains[j].millionths, ids[j]))

    def _gain(self, i: int, j: int, exit_: int) -> Worth:
        """Return what the objective gains if the pair became admissible and were forced.

        exit_ : what making room for one more with the mentor costs.
        Taken apart before it is added up: the pair's score may exceed all that the unit of a
        matched mentee was made for.
        """
        lowered = self.open_.lowered
        own, lost = (Worth.of(int(value), lowered) for value in (lowered.bonus[i], exit_))
        points, spoilt = (int(part[0]) for part in self._pairs(i, np.array([j])))
        # every pair is given the cost of a defect, which the bonus takes back
        defects = own.defects - lost.defects
        if lowered.defect_unit:
            defects += 1 - spoilt
        seats = own.seats - lost.seats + self._by_score
        return Worth(
            own.matched - lost.matched, own.priority - lost.priority, seats, defects,
            points - lost.millionths,
        )  # fmt: skip

    # -- constraints --------------------------------------------------------------------------

    def could_help(self, found: Barriers, without: Problem) -> bool:
        """Whether chains lead from her to a seat that is free, or is where there is more room."""
        if not self.open_.lowered.matched_unit:
            return True
        reached = self.open_.reached(found.mentee)
        now, then = (single_loads(p.scores, p.constraints)[1] for p in (self.problem, without))
        return bool((reached & (self.open_.spare | (then > now))).any())
