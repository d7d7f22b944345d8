"""An independent check of every `Matching`: nothing it says may be untrue.

`check` needs the matching alone: pairs, constraints, values, bounds and words, by the definitions.
`check_optimal` compares it with every assignment of a tiny problem. Both return what is wrong, in
words; an empty list is a clean bill.
"""

from __future__ import annotations

import json
from math import inf, isfinite, isnan

import numpy as np
import pandas as pd

import mentormatch as mm
from tests.definitions import Definitions, Ints, Key, incidence
from tests.oracles import BruteForce, Highs, in_units

DUST = 1e-9
"""What floating point may leave of a difference."""
STATUSES = ("optimal", "within_gap", "time_limit", "work_limit", "interrupted", "stable")
UNITS = {
    "MaximizeMatched": "mentees",
    "MaximizeTotal": "score",
    "MaximizeMinimum": "score",
    "Leximin": "score",
    "MaximizeWorstGroup": "score",
    "MinimizeChanges": "pairs kept",
    "BalanceLoad": "squared load",
    "MaximizeWishes": "wishes",
    "MinimizeDefects": "pairs with a defect",
}
MINIMISED = ("BalanceLoad", "MinimizeDefects")


def check(
    matching: mm.Matching,
    mentees: pd.DataFrame | None = None,
    mentors: pd.DataFrame | None = None,
    *,
    problem: mm.Problem | None = None,
    others: bool = False,
    views: bool = True,
) -> list[str]:
    """Return everything that is untrue about a matching, by itself.

    Parameters
    ----------
    matching
        Result of any function.
    mentees, mentors
        The frames that the rosters were made from; default: what the rosters say of themselves.
    problem
        What was asked, where the matching's own problem says more, as after `rematch`.
    others
        Whether stages that are no objective of the problem may stand between its own; so it is
        where `problem` is given.
    views
        Whether to look at frames, JSON and the proof as well, which takes longest.
    """
    meaning = Definitions(problem or matching.problem, mentees, mentors)
    others = others or problem is not None
    wrong = _shape(matching, meaning)
    if wrong:
        return wrong
    if not matching.stages:
        return ["there are no stages, so no value and no bound"]
    x = incidence(matching)
    if status_of(matching) == "stable":
        kept = [*meaning.basic(x), *_plain(meaning, x)]
        wrong += [name for name, ok in kept if not ok[0]]
        wrong += _stable_stages(matching, meaning)
    else:
        wrong += [name for name, ok in meaning.checks(x) if not ok[0]]
        wrong += _stages(matching, meaning, others)
    wrong += _claims(matching)
    return wrong + (_views(matching, meaning) if views else [])


def status_of(matching: mm.Matching) -> str:
    """Return the status as its plain word, be it a string or a member of an enum."""
    return next((word for word in STATUSES if matching.status == word), str(matching.status))


def _plain(meaning: Definitions, x: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [(f"{c!r} is not kept", meaning.holds(c, x)) for c in meaning.problem.constraints]


def _shape(matching: mm.Matching, meaning: Definitions) -> list[str]:
    """Positions are positions, in slots from the left, nobody twice."""
    of = np.asarray(matching.mentors_of)
    if of.ndim != 2 or len(of) != meaning.n or of.shape[1] < 1:
        return [f"mentors_of has the shape {of.shape}"]
    if of.size and (of.min() < -1 or of.max() >= meaning.m):
        return ["mentors_of holds positions that do not exist"]
    wrong = []
    for row in of:
        held = row[row >= 0]
        if len(set(held.tolist())) != held.size:
            wrong.append("a mentee has one mentor twice")
        if (row[: held.size] < 0).any():
            wrong.append("an empty slot stands before a mentor")
    if not np.array_equal(matching.assignment, of[:, 0]):
        wrong.append("assignment is not the first column of mentors_of")
    return wrong


def _stages(matching: mm.Matching, meaning: Definitions, others: bool) -> list[str]:
    """Every objective has its row, and the row says what the pairs are worth."""
    wrong = []
    wanted = [type(o).__name__ for o in meaning.problem.pursued]
    rows = [s for s in matching.stages if not others or s.objective in wanted]
    if others and any("Kept" in s.objective for s in matching.stages):  # the total with a price
        wanted = [
            name
            for name in wanted
            if name != "MaximizeTotal" or name in {s.objective for s in rows}
        ]
    if [s.objective for s in rows] != wanted:
        return [f"stages are {[s.objective for s in rows]}, objectives {wanted}"]
    x = incidence(matching)
    for stage in rows:
        key = shown_key(meaning.keys(), stage.objective)
        true = in_units(key, tuple(int(v) for v in key.values(x)[0]))
        if not close(stage.value, true):
            wrong.append(f"{stage.objective} says {stage.value}, its pairs have {true}")
        sign = -1 if stage.objective in MINIMISED else 1
        if isnan(stage.bound) or sign * (stage.bound - stage.value) < -tolerance(stage.value):
            wrong.append(f"{stage.objective}: bound {stage.bound} below value {stage.value}")
        if stage.objective == "MaximizeMatched" and meaning.n < stage.bound < inf:
            wrong.append(f"MaximizeMatched: bound {stage.bound} for {meaning.n} mentees")
        if stage.unit != UNITS[stage.objective]:
            wrong.append(f"{stage.objective} is in {stage.unit!r}")
    return wrong


def shown_key(keys: list[Key], name: str) -> Key:
    """Return the key whose first number `Matching.stages` reports."""
    return next(key for key in keys if key.name == name and key.shown)


def tolerance(value: float) -> float:
    return DUST * max(1.0, abs(value) if isfinite(value) else 1.0)


def close(a: float, b: float) -> bool:
    return abs(a - b) <= max(tolerance(b), 1e-9)


def _claims(matching: mm.Matching) -> list[str]:
    """Gap, status and words agree."""
    status, gap = status_of(matching), matching.gap
    wrong = []
    if status not in STATUSES:
        wrong.append(f"the status {matching.status!r} is not one of the vocabulary")
    largest = max(_gap(s.value, s.bound) for s in matching.stages)
    if not (gap == largest or abs(gap - largest) <= 1e-6):
        wrong.append(f"gap says {gap}, its stages {largest}")
    if status == "optimal" and gap > DUST:
        wrong.append(f"status optimal with a gap of {gap}")
    last = matching.stages[-1]
    if not (close(matching.objective, last.value) and matching.bound == last.bound):
        wrong.append("objective and bound are not those of the last stage")
    try:
        words = repr(matching)
    except Exception as error:
        return [*wrong, f"repr raises {type(error).__name__}: {error}"]
    if "proven optimal" in words and (gap > DUST or status == "stable"):
        wrong.append(f"called proven optimal with status {status}, gap {gap}")
    matched = int((matching.assignment >= 0).sum())
    if f"{matched:,} of {len(matching.assignment):,} mentees" not in words:
        wrong.append(f"repr says another number matched than {matched}: {words}")
    if "total score" in words and (said := _number_after(words, "total score ")) is not None:
        rows, columns = matching.pairs
        total = matching.problem.scores.points[rows, columns].sum(dtype=np.int64) / 1e6
        if abs(said - total) > 6e-4:
            wrong.append(f"repr says total score {said}, its pairs total {total}: {words}")
    return wrong


def _number_after(words: str, marker: str) -> float | None:
    tail = words.split(marker, 1)[1].split(" ")[0].rstrip(",.>").replace(",", "")
    try:
        return float(tail)
    except ValueError:
        return None


def _gap(value: float, bound: float) -> float:
    if bound == value:
        return 0.0
    if not isfinite(bound):
        return inf
    return abs(bound - value) / max(abs(bound), abs(value), 1e-12)


def _stable_stages(matching: mm.Matching, meaning: Definitions) -> list[str]:
    wrong = []
    by = {stage.objective: stage for stage in matching.stages}
    total = by.get("TotalScore")
    rows, columns = matching.pairs
    true = float(meaning.points[rows, columns].sum()) / 1e6
    if total is not None and not close(total.value, true):
        wrong.append(f"TotalScore says {total.value}, its pairs total {true}")
    if total is not None and total.bound < total.value - DUST:
        wrong.append(f"TotalScore: bound {total.bound} below value {total.value}")
    return wrong


def _views(matching: mm.Matching, meaning: Definitions) -> list[str]:
    """What shows the matching agrees with its pairs, and shows without an error."""
    wrong: list[str] = []
    ids = meaning.ids
    lonely = tuple(ids[0][i] for i in np.flatnonzero(matching.assignment < 0))
    if tuple(matching.unmatched) != lonely:
        wrong.append(f"unmatched says {matching.unmatched}")
    for name, look in (
        ("load", lambda: _load_of(matching, meaning)),
        ("to_frame", lambda: _frame_of(matching, meaning)),
        ("to_json", lambda: _json_of(matching)),
        ("repr_html", lambda: [] if matching._repr_html_() else ["is empty"]),
        ("proof", lambda: _proof_of(matching, meaning)),
    ):
        try:
            wrong += [f"{name}: {told}" for told in look()]
        except Exception as error:
            wrong.append(f"{name} raises {type(error).__name__}: {str(error)[:100]}")
    return wrong


def _load_of(matching: mm.Matching, meaning: Definitions) -> list[str]:
    load = matching.load
    used = np.bincount(matching.pairs[1], minlength=meaning.m)
    wrong = []
    if list(load["mentor"]) != meaning.ids[1] or (load["load"].to_numpy() != used).any():
        wrong.append("not what the pairs use")
    if (load["capacity"].to_numpy() != meaning.capacity).any():
        wrong.append("not the capacities")
    if (load["slack"].to_numpy() != meaning.capacity - used).any():
        wrong.append("slack is not capacity - load")
    return wrong


def _frame_of(matching: mm.Matching, meaning: Definitions) -> list[str]:
    frame = matching.to_frame()
    rows, columns = matching.pairs
    pairs = list(zip(rows.tolist(), columns.tolist(), strict=True))
    told = list(zip(frame["mentee"], frame["mentor"], strict=True))
    wrong = []
    if told != [(meaning.ids[0][i], meaning.ids[1][j]) for i, j in pairs]:
        wrong.append("other pairs")
    if (np.abs(frame["score"].to_numpy() * 1e6 - meaning.points[rows, columns]) > 0.5).any():
        wrong.append("other scores")
    better = [
        int((meaning.problem.scores.points[i] > meaning.points[i, j]).sum()) for i, j in pairs
    ]
    if frame["rank"].tolist() != [count + 1 for count in better]:
        wrong.append("other ranks")
    return wrong


def _json_of(matching: mm.Matching) -> list[str]:
    json.loads(matching.to_json())
    return []


def _proof_of(matching: mm.Matching, meaning: Definitions) -> list[str]:
    """The documented formula gives the documented bound, and no matching exceeds it."""
    proof = matching.proof
    if proof is None:
        return []
    points = meaning.points / 1e6
    charge = np.zeros_like(points)
    for price, row in zip(proof.price, proof.coefficients, strict=True):
        charge = charge + price * row
    left = np.where(proof.open, points - proof.seat_price[None, :] - charge, -np.inf)
    best = np.maximum(left.max(axis=1, initial=-np.inf), 0)
    bound = proof.locked + proof.seats @ proof.seat_price
    bound = float(bound + (proof.price * proof.limit).sum() + best.sum())
    rows, columns = matching.pairs
    total = float(meaning.points[rows, columns].sum()) / 1e6
    wrong = []
    if abs(bound - proof.bound) > 1e-6 * max(1, abs(bound)):
        wrong.append(f"the formula gives {bound:.7g}, proof.bound is {proof.bound:.7g}")
    if proof.bound < total - 1e-6:
        wrong.append(f"proof.bound {proof.bound} is below the total {total}")
    return wrong


# -- against every assignment -------------------------------------------------------------------


def check_optimal(matching: mm.Matching, oracle: BruteForce | Highs) -> list[str]:
    """Return everything that is untrue about how good a matching is.

    Where it is called optimal, or every gap is 0, every key must be that of the best assignment.
    Otherwise each bound must hold, as far as the stages before it are those of the best.
    """
    if oracle.infeasible:
        return ["nothing is feasible, and there is a matching"]
    x = incidence(matching)
    keys, best = oracle.keys, oracle.optimum
    ours = oracle.values_of(x)
    wrong: list[str] = []
    if not matching.stages:
        return ["there are no stages, so no value and no bound"]
    claimed = status_of(matching) == "optimal" or matching.gap == 0
    by_name = {stage.objective: stage for stage in matching.stages}
    for key, mine, true in zip(keys, ours, best, strict=True):
        stage = by_name.get(key.name) if key.shown else None
        if stage is not None and true:
            limit = in_units(key, true)
            sign = -1 if key.unit < 0 else 1
            if sign * (stage.bound - limit) < -max(tolerance(limit), 1e-7):
                wrong.append(f"{key.name}: bound {stage.bound} excludes {limit}, which is reached")
        if mine != true:
            if claimed:
                wrong.append(
                    f"{key.name}{'' if key.shown else ' (part)'} is {shorter(key, mine)}, "
                    f"best {shorter(key, true)}, called {status_of(matching)}, gap {matching.gap:g}"
                )
            break
    unique = bool(matching.unique)
    if claimed and unique and len(oracle.best) > 1:
        wrong.append(f"called unique, {len(oracle.best)} assignments are as good")
    return wrong


def shorter(key: Key, values: tuple[int, ...]) -> str:
    """Return a key's values in a few words."""
    told = [f"{float(abs(key.unit) * abs(v)):g}" for v in values[:6]]
    return told[0] if len(told) == 1 else f"[{', '.join(told)}]"


def same_values(
    matching: mm.Matching, oracle: BruteForce, x: np.ndarray, keys: list[Key] | None = None
) -> list[str]:
    """Return where a matching falls short of the best of some assignments (k, n, m)."""
    judged = oracle.keys if keys is None else keys
    _, reached = oracle.best_among(x, judged)
    ours = oracle.values_of(incidence(matching), judged)
    for key, mine, true in zip(judged, ours, reached, strict=True):
        if mine != true:
            return [f"{key.name} is {shorter(key, mine)}, best {shorter(key, true)}"]
    return []


# -- stability ----------------------------------------------------------------------------------


def blocking(meaning: Definitions, x: np.ndarray) -> np.ndarray:
    """Return bool (k, n, m): pairs that would both rather be together, by the shared score.

    Locked pairs and their seats are set aside; score floors and most loads are rules.
    """
    problem = meaning.problem
    open_ = meaning.admissible.copy()
    seats: Ints = meaning.capacity.copy()
    for c in problem.constraints:
        if isinstance(c, mm.ScoreFloor):
            open_ &= meaning.points >= meaning.floors(c)[:, None]
        if isinstance(c, mm.Load):
            seats = np.minimum(seats, meaning.load_bounds(c)[1])
    wanted = meaning.asked.copy()
    locked = np.zeros_like(open_)
    for i, j in meaning.locks:
        locked[i, j], open_[i, j] = True, False
        wanted[i] -= 1
        seats[j] -= 1
    held = x & ~locked
    far = 1 << 40
    worth = np.where(held, meaning.points, far)
    weakest_mentee = np.where(held.sum(axis=2) < wanted, -1, worth.min(axis=2, initial=far))
    weakest_mentor = np.where(held.sum(axis=1) < seats, -1, worth.min(axis=1, initial=far))
    weakest_mentee = np.where(wanted <= 0, far, weakest_mentee)
    weakest_mentor = np.where(seats <= 0, far, weakest_mentor)
    gains = (meaning.points > weakest_mentee[:, :, None]) & (
        meaning.points > weakest_mentor[:, None, :]
    )
    return gains & open_ & ~x


def check_stable(matching: mm.Matching, oracle: BruteForce) -> list[str]:
    """Return what is untrue about a stable matching, over all assignments."""
    meaning = oracle.meaning
    wrong = []
    if blocking(meaning, incidence(matching)).any():
        wrong.append("somebody would rather pair up, though it is called stable")
    stable = oracle.x[~blocking(meaning, oracle.x).any(axis=(1, 2))]
    if not len(stable):
        return [*wrong, "no assignment is stable, and one was found"]
    most = int((stable * meaning.points).sum(axis=(1, 2)).max()) / 1e6
    if matching.bound < most - 1e-9:
        wrong.append(f"bound {matching.bound} excludes a stable matching of {most}")
    if matching.unique and len(stable) > 1:
        wrong.append(f"called the only stable one of {len(stable)}")
    return wrong
