"""Questions about peers: why these, why not those two, who is left over, does the proof hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import Status, check_parameter, counted
from mentormatch.insight.audience import Audience, check_audience
from mentormatch.insight.explain import contributions, scores_texts
from mentormatch.insight.wording import joined
from mentormatch.matching.lowering import MILLION
from mentormatch.programmes.form import Verified
from mentormatch.programmes.peers.circles import circle_sizes, circles_bound, pair_points
from mentormatch.programmes.peers.peers import solved_anew, solved_peers
from mentormatch.programmes.peers.pool import APART, EARLIER, Pool, make_pair
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.peers.solving import worth_of
from mentormatch.scoring.engine import plain
from mentormatch.solvers.general.odd_sets import broken_pairs
from mentormatch.solvers.general.trio import TrioPrices, trio_bound
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PeerExplanation",
    "WhyNotPeers",
    "blocking",
    "explained",
    "left_over",
    "verified",
    "why_not_together",
]

MOST_TRIED = 20
"""People left over for whom it is solved again with one change."""

WORDS = {"mean": "the mean of", "least": "the lower of", "product": "the product of"}


@dataclass(frozen=True, eq=False, repr=False)
class PeerExplanation(Told):
    """Why a person meets whom she meets.

    Attributes
    ----------
    person : str
        Id.
    partners : DataFrame
        One row per person she meets: `partner` (id), `name`, `score` (both ways together), `own`
        (what the partner is to her), `back` (what she is to the partner), `reasons`.
    contributions, back : DataFrame
        One row per person she meets: points (millionths of score) per criterion, which sum to
        `own`, and to `back`, exactly.
    text : str
        The same in words.
    """

    _table = "partners"

    person: str
    partners: pd.DataFrame
    contributions: pd.DataFrame
    back: pd.DataFrame
    text: str


@dataclass(frozen=True, repr=False)
class WhyNotPeers(Told):
    """Why two people do not meet.

    Attributes
    ----------
    one, other : str
        Ids.
    rules : tuple of str
        What forbids it; empty where nothing does.
    cost : float or None
        By how much the total score falls with the two as a pair; None where something forbids it,
        or fewer people would have company.
    people : int
        How many people fewer would have company.
    exact : bool
        Whether both totals are proven.
    text : str
        The same in words.
    """

    one: str
    other: str
    rules: tuple[str, ...]
    cost: float | None
    people: int
    exact: bool
    text: str


def explained(peers: Peers, person: str, audience: Audience) -> PeerExplanation:
    """Return why a person meets whom she meets.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    """
    import pandas as pd

    check_audience(audience, "Peers.explain")
    scores, pool = peers.scores, peers.pool
    people = scores.mentees
    i = people.position(person)
    partners = list(peers.partners(i))
    opposite = _opposite(pool)
    rows, columns = np.full(len(partners), i), opposite[partners]
    mine = plain(scores.at(rows, columns)) / MILLION
    theirs = plain(scores.at(partners, np.full(len(partners), opposite[i]))) / MILLION
    joint = pool.joint[pool.place[i], pool.place[partners]] / MILLION
    names = [people.name(j) for j in partners]
    reasons = scores_texts(scores, rows, columns, audience)
    frame = pd.DataFrame(
        {
            "partner": [people.ids[j] for j in partners],
            "name": names,
            "score": joint,
            "own": mine,
            "back": theirs,
            "reasons": reasons,
        }
    )
    told = []
    for name, both, own, back, why in zip(names, joint, mine, theirs, reasons, strict=True):
        how = WORDS[peers.asked.mutual]
        ways = "" if own == back else f", {how} {own:.2f} to {people.name(i)} and {back:.2f} back"
        told.append(f"{people.name(i)} meets {name} ({both:.2f}{ways}). {why}")
    if not partners:
        told = [f"{people.name(i)} meets nobody. {_reason(peers, i)}"]
    return PeerExplanation(
        people.ids[i], frame, contributions(scores, rows, columns),
        contributions(scores, partners, np.full(len(partners), opposite[i])), " ".join(told),
    )  # fmt: skip


def _opposite(pool: Pool) -> np.ndarray:
    """Return where each roster position stands on the other side of the scores."""
    return np.asarray(pool.opposite[pool.place])


def _forbidding(peers: Peers, i: int, j: int) -> tuple[str, ...]:
    """Return what keeps two people from meeting, in words."""
    scores, pool = peers.scores, peers.pool
    opposite, people = _opposite(pool), scores.mentees
    there = scores.why_inadmissible(i, int(opposite[j]))
    said = list(there or scores.why_inadmissible(j, int(opposite[i])))
    names = f"{people.name(i)} and {people.name(j)}"
    a, b = sorted((int(pool.place[i]), int(pool.place[j])))
    if pool.met(a, b):
        said.append(f"{names} {EARLIER}")
    if (a, b) in pool.apart:
        said.append(f"{names} {APART}")
    for pair in pool.forced if peers.asked.size == 2 else ():
        for x in (a, b):
            if x in pair and {a, b} != set(pair):
                one, other = (people.name(int(pool.order[y])) for y in pair)
                said.append(f"{one} and {other} are to be a pair")
    return tuple(dict.fromkeys(said))


def why_not_together(peers: Peers, one: str, other: str, time_limit: float | None) -> WhyNotPeers:
    """Return why two people do not meet: what forbids it, or what it costs, by one more solve.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If both are the same person.
    """
    people, pool = peers.scores.mentees, peers.pool
    i, j = people.position(one), people.position(other)
    check_parameter(i != j, "other", "why_not", "another person", other)
    ids, names = (people.ids[i], people.ids[j]), (people.name(i), people.name(j))
    if j in peers.partners(i):
        return WhyNotPeers(*ids, (), 0.0, 0, True, f"{names[0]} and {names[1]} meet.")
    rules = _forbidding(peers, i, j)
    if rules:
        text = f"{names[0]} and {names[1]} cannot meet: {'; '.join(rules)}."
        return WhyNotPeers(*ids, rules, None, 0, True, text)
    asked = peers.asked
    after = solved_anew(asked, _with_pair(pool, i, j, asked.size), time_limit)
    best = solved_anew(asked, pool, time_limit) if asked.stable else peers.solved
    exact = best.status == after.status == Status.OPTIMAL
    fewer = best.placed - after.placed
    how = "as a pair" if asked.size == 2 else "in one group"
    doubt = "" if exact else ", as far as was found"
    if fewer > 0:
        text = f"{counted(fewer, 'person', 'people')} fewer would have company{doubt}"
        return WhyNotPeers(*ids, (), None, fewer, exact,
                           f"With {names[0]} and {names[1]} {how}, {text}.")  # fmt: skip
    cost = round(best.stages[-1].value - after.stages[-1].value, 7)  # halves of millionths
    said = f"the total score falls by {cost:.3f}" if cost else "nothing is lost: it is a tie"
    text = f"With {names[0]} and {names[1]} {how}, {said}{doubt}."
    return WhyNotPeers(*ids, (), cost, 0, exact, text)


def _with_pair(pool: Pool, i: int, j: int, size: int) -> Pool:
    """Return the pool in which two people, who may meet, do; as a pair with nobody else."""
    a, b = sorted(int(pool.place[x]) for x in (i, j))
    if size > 2:
        return replace(pool, forced=(*pool.forced, (a, b)))
    points = pool.joint.copy()
    make_pair(points, a, b, int(points[a, b]))
    return replace(pool, joint=points)


def left_over(peers: Peers) -> pd.DataFrame:
    """Return the table of `Peers.diagnose`."""
    import pandas as pd

    people, pool = peers.scores.mentees, peers.pool
    alone = [people.position(person) for person in peers.unmatched]
    options = [int((pool.joint[pool.place[i]] >= 0).sum()) for i in alone]
    helps = [_helps(peers, i) if k < MOST_TRIED else "" for k, i in enumerate(alone)]
    return pd.DataFrame(
        {
            "person": [people.ids[i] for i in alone],
            "name": [people.name(i) for i in alone],
            "admissible": np.array(options, dtype=np.int64),
            "reason": [_reason(peers, i) for i in alone],
            "helps": helps,
        }
    )


def _reason(peers: Peers, i: int) -> str:
    """Return why a person has nobody to meet."""
    pool, people = peers.pool, peers.scores.mentees
    options = int((pool.joint[pool.place[i]] >= 0).sum())
    if options:
        may = f"{counted(options, 'person', 'people')} may meet her"
        if peers.asked.odd == "rest" and len(peers.unmatched) == 1:
            return f"{may}, but the number of people is odd: one sits out."
        return f"{may}, but they meet others, who would be left over in her place."
    found: Counter[str] = Counter()
    for j in range(len(pool)):
        if j != i:
            found.update({_kind(peers, i, j): 1})
    what = joined([f"{name} ({count:,})" for name, count in found.most_common()])
    others = counted(len(people) - 1, "other person", "other people")
    return f"None of the {others} may meet her: {what}."


def _kind(peers: Peers, i: int, j: int) -> str:
    """Return the first thing that keeps two people from meeting, as a word."""
    scores, pool = peers.scores, peers.pool
    opposite = _opposite(pool)
    rules = [*scores.forbidding(i, int(opposite[j])), *scores.forbidding(j, int(opposite[i]))]
    if rules:
        return str(rules[0])
    a, b = sorted((int(pool.place[i]), int(pool.place[j])))
    if pool.met(a, b):
        return "they met before"
    if (a, b) in pool.apart:
        return "kept apart"
    if int(pool.mutual[a, b]) < 0:
        return "not admissible in the scores"
    return "locked in another pair"


def _helps(peers: Peers, i: int) -> str:
    """Return a single change with which the person has company, verified by solving."""
    pool, asked, people = peers.pool, peers.asked, peers.scores.mentees
    if asked.odd == "rest":
        again = solved_peers(replace(asked, odd="trio", stable=False), pool)
        if people.ids[i] not in again.unmatched:
            return "odd='trio': she joins two others"
    place = int(pool.place[i])
    again_met = [
        (int(pool.mutual[place, b]), b)
        for b in range(len(pool))
        if pool.mutual[place, b] >= 0 and pool.joint[place, b] < 0 and pool.met(place, b)
    ]
    for worth, b in sorted(again_met, reverse=True)[:3]:
        points = pool.joint.copy()
        points[place, b] = points[b, place] = worth
        after = solved_anew(asked, replace(pool, joint=points))
        if any(place in group for group in after.groups) and after.placed > peers.solved.placed:
            return f"meeting {people.name(int(pool.order[b]))} again"
    return ""


def blocking(peers: Peers) -> pd.DataFrame:
    """Return the table of `Peers.blocking`."""
    import pandas as pd

    pool, scores = peers.pool, peers.scores
    own = scores.matrix()[np.ix_(pool.order, pool.opposite)].astype(np.int64)
    own = plain(own)
    has = np.zeros(len(pool))
    for group in peers.solved.groups:
        for x in group:
            has[x] = np.mean([own[x, y] for y in group if y != x])
    has[[x for x in range(len(pool)) if not any(x in g for g in peers.solved.groups)]] = -1
    gain = own - has[:, None]
    both = (gain > 0) & (gain.T > 0) & (pool.joint >= 0)
    a, b = np.nonzero(np.triu(both, 1))
    ids = [scores.mentees.ids[i] for i in pool.order.tolist()]
    frame = pd.DataFrame(
        {
            "one": [ids[x] for x in a.tolist()],
            "other": [ids[x] for x in b.tolist()],
            "one_gain": np.maximum(gain[a, b], 0) / MILLION,
            "other_gain": np.maximum(gain[b, a], 0) / MILLION,
        }
    )
    return frame.sort_values(["one", "other"], ignore_index=True)


def _verified_circles(peers: Peers) -> Verified:
    """Check groups of three and more: sizes, who may meet, worth, and the bound of the prices."""
    pool, solved, size = peers.pool, peers.solved, peers.asked.size
    total = solved.stages[-1]
    sizes = circle_sizes(len(pool), size) or (size, size)
    members = [x for group in solved.groups for x in group]
    group_of = {x: g for g, group in enumerate(solved.groups) for x in group}
    fair = len(members) == len(set(members)) and all(
        sizes[0] <= len(group) <= sizes[1] for group in solved.groups
    )
    fair = fair and all(
        pool.joint[a, b] >= 0 for group in solved.groups for a in group for b in group if a < b
    )
    fair = fair and all(group_of.get(a) == group_of.get(b) for a, b in pool.forced)
    points = pair_points(pool, solved.groups)
    value = points / MILLION
    if not fair or abs(value - total.value) > 0.25 / MILLION:
        return Verified(False, value, total.bound, "the groups are not what they claim")
    bound = max(circles_bound(pool, size, solved), points) / MILLION
    told = f"{counted(len(solved.groups), 'group')} keep every rule and earlier meeting"
    gap = (bound - value) / bound if bound else 0.0
    proof = "prove that no others total more" if bound == value else f"leave {gap:.2%} open"
    return Verified(True, value, bound, f"{told}; prices {proof}")


def _verified_stable(peers: Peers, value: float) -> Verified:
    """Check that no two people would both rather have each other, by their mutual score."""
    points = peers.pool.joint
    has = np.full(len(points), -1, dtype=np.int64)
    for a, b in peers.solved.groups:
        has[a] = has[b] = points[a, b]
    rather = (points >= 0) & (points > has[:, None]) & (points > has[None, :])
    many = int(rather.sum()) // 2
    if many:
        return Verified(False, value, inf, f"{counted(many, 'pair')} would rather have each other")
    text = "no two people would both rather have each other, by their mutual score"
    return Verified(True, value, peers.stages[-1].bound, text)


def verified(peers: Peers) -> Verified:
    """Check the groups: everybody once, pairs that may be, worth, and the bound of the prices."""
    pool, solved = peers.pool, peers.solved
    total = solved.stages[-1]
    members = [x for group in solved.groups for x in group]
    if peers.asked.size > 2:
        return _verified_circles(peers)
    sizes = all(len(group) in (2, 3) for group in solved.groups)
    trios = sum(len(group) == 3 for group in solved.groups)
    apart = [
        (a, b) for group in solved.groups for a in group for b in group
        if a < b and pool.joint[a, b] < 0
    ]  # fmt: skip
    worth = worth_of(pool, solved.groups)
    fair = (
        sizes and len(members) == len(set(members)) and not apart
        and trios <= (peers.asked.odd == "trio")
        and abs(worth / 2 / MILLION - total.value) < 0.25 / MILLION
    )  # fmt: skip
    value = worth / 2 / MILLION
    if not fair:
        return Verified(False, value, total.bound, "the groups are not what they claim")
    if peers.asked.stable:
        return _verified_stable(peers, value)
    bonus = solved.bonus
    pairs = TrioPrices(solved.price, solved.odd_sets)
    proofs = solved.proofs or (pairs,)
    broken = sum(
        broken_pairs(pool.joint, bonus, prices.price, prices.odd_sets)
        for prices in {id(prices): prices for prices in (pairs, *proofs)}.values()
    )
    if broken:
        return Verified(False, value, inf, f"the prices do not hold for {broken:,} pairs")
    bound = pairs.base
    if peers.asked.odd == "trio" and (trios or len(members) < len(pool)):
        bound = max(bound, trio_bound(pool.joint, bonus, proofs, worth + int(bonus[members].sum())))
    spare = bound - int(bonus[members].sum())
    top = max(spare, worth) / 2 / MILLION
    told = f"{counted(len(solved.groups), 'group')} keep every rule and earlier meeting"
    if spare == worth:
        return Verified(True, value, value, f"{told}; prices prove that no others total more")
    gap = (top - value) / top if top else 0.0
    return Verified(
        True, value, top, f"{told}; prices alone prove them within {gap:.3%} of the best"
    )
