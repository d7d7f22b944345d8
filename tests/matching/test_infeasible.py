"""Planted contradictions are explained by exactly the requirements that cause them."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm


def scores(admissible: object = None, rules: list[mm.Rule] | None = None) -> mm.Scores:
    rng = np.random.default_rng(3)
    mentees = pd.DataFrame(
        {"id": [f"e{i}" for i in range(8)], "site": ["north"] * 4 + ["south"] * 4}
    )
    mentors = pd.DataFrame(
        {"id": [f"r{j}" for j in range(4)], "site": ["north", "north", "north", "south"]}
    )
    return mm.Scores.from_matrix(
        rng.random((8, 4)).round(2), capacity=[2, 2, 2, 1], admissible=admissible,
        mentees=mentees, mentors=mentors, rules=rules or [],
    )  # fmt: skip


def error(problem: mm.Problem) -> mm.InfeasibleError:
    with pytest.raises(mm.InfeasibleError) as caught:
        mm.solve(problem)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.conflicts, again.relaxations) == (
        caught.value.conflicts,
        caught.value.relaxations,
    )
    return caught.value


def test_locks_against_capacity() -> None:
    locks = [mm.Lock([("e0", "r3"), ("e1", "r3"), ("e2", "r0")])]
    said = error(mm.Problem(scores(rules=locks)))
    assert len(said.conflicts) == 1
    for part in ("Lock('e0', 'r3')", "Lock('e1', 'r3')", "capacity of r3 (1)"):
        assert part in said.conflicts[0]
    assert "e2" not in str(said)


def test_parity_against_rules() -> None:
    """The south may only have its own mentor, with one seat; the north is locked in."""
    locks = mm.Lock([("e0", "r0"), ("e1", "r0"), ("e2", "r1"), ("e3", "r1")])
    made = scores(rules=[mm.Same("site"), locks])
    said = error(mm.Problem(made, constraints=[mm.Parity("site", within=0.3, smallest=1)]))
    kinds = {name.split("(")[0].split(" ")[0] for name in said.conflicts}
    assert kinds == {"Lock", "Parity", "Same", "capacity"}
    assert sum(name.startswith("capacity") for name in said.conflicts) == 1
    assert "capacity of r3 (1)" in said.conflicts
    # 4 of 4 against 1 of 4, so 0.75 would do; and 3 seats give 3 of 4
    assert "Parity('site', 'matched_share') within 0.75" in said.relaxations
    assert "2 more seats at r3" in said.relaxations
    looser = mm.Parity("site", within=0.75, smallest=1)
    assert mm.solve(mm.Problem(made, constraints=[looser])).status == "optimal"


def test_minimum_loads_against_supply() -> None:
    only = np.ones((8, 4), dtype=bool)
    only[:, 2] = False
    only[0, 2] = True
    said = error(mm.Problem(scores(only), constraints=[mm.Load(2, mentors=["r2"])]))
    assert set(said.conflicts) == {"Load(least=2) of r2", "the pairs marked as inadmissible"}
    assert "a least load of 1 instead of 2 for r2" in said.relaxations


PLANTED = {
    "locks against a quota": lambda: mm.Problem(
        scores(rules=[mm.Lock([("e0", "r0"), ("e1", "r0"), ("e4", "r3")])]),
        constraints=[mm.Quota("site", "north", over_value="r0", most=1)],
    ),
    "parity against rules": lambda: mm.Problem(
        scores(rules=[
            mm.Same("site"),
            mm.Lock([("e0", "r0"), ("e1", "r0"), ("e2", "r1"), ("e3", "r1")]),
        ]),
        constraints=[mm.Parity("site", within=0.3, smallest=1), mm.Load(0, 2)],
    ),
    "minimum loads against supply": lambda: mm.Problem(
        scores(rules=[mm.Same("site")]),
        constraints=[mm.Load(2, mentors=["r0", "r1", "r2"]), mm.Quota("site", most=2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_exactly_the_rows_that_cause_it(name: str) -> None:
    """What is named cannot hold together, and dropping any one of it resolves that."""
    from mentormatch.matching.infeasible import Feasibility, requirements
    from mentormatch.matching.lowering import lower
    from mentormatch.solvers.budget import Budget

    problem = PLANTED[name]()
    said = error(problem)
    lowered = lower(problem)
    tests = Feasibility(problem, lowered, Budget())
    named = [r for r in requirements(problem, lowered) if r.name in set(said.conflicts)]
    assert {r.name for r in named} == set(said.conflicts)
    assert len(named) >= 2
    assert tests.holds(named) is False
    for dropped in named:
        assert tests.holds([r for r in named if r is not dropped]), dropped.name
    innocent = {
        "locks against a quota": "r3",
        "parity against rules": "Load",
        "minimum loads against supply": "Quota",
    }[name]
    assert not any(
        innocent in conflict for conflict in said.conflicts if "capacity" not in conflict
    )


def test_least_load_above_capacity() -> None:
    said = error(mm.Problem(scores(), constraints=[mm.Load(2)]))
    assert "r3" in str(said)
    assert "r0" not in str(said)


def test_quota_names_the_group_and_the_place() -> None:
    quota = mm.Quota("site", "south", over="mentor", over_value="r3", least=2)
    said = error(mm.Problem(scores(), constraints=[quota]))
    assert set(said.conflicts) == {
        "capacity of r3 (1)",
        "Quota('site' = 'south', least=2) at r3",
    }
    assert "1 more seat at r3" in said.relaxations


def test_every_part_of_a_conflict_is_needed() -> None:
    """Dropping any one requirement of a minimal set resolves that set."""
    from mentormatch.matching.infeasible import Requirement, minimal

    rng = np.random.default_rng(0)
    for _ in range(50):
        every = [Requirement(str(k)) for k in range(12)]
        bad = set(rng.choice(12, int(rng.integers(1, 5)), replace=False).tolist())

        def feasible(kept: list[Requirement], bad: set[int] = bad) -> bool:
            return not bad <= {int(r.name) for r in kept}

        assert {int(r.name) for r in minimal(every, feasible)} == bad
