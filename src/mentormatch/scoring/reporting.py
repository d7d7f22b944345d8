"""Who reports to whom, over both rosters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mentormatch.errors import ColumnError, listed
from mentormatch.rosters.columns import IntArray, People, label_key
from mentormatch.rosters.profiles import Role
from mentormatch.scoring.people import Pairing


@dataclass(frozen=True, eq=False)
class Reporting:
    """Nodes are people: mentees first, then mentors who are not also mentees, then outsiders.

    manager : int64 (nodes,), -1 where unknown
    of_mentee, of_mentor : int64 (n,), (m,), node of each person
    """

    manager: IntArray
    of_mentee: IntArray
    of_mentor: IntArray

    def above(self, nodes: IntArray, level: int) -> IntArray:
        """Return the manager so many levels above each node, -1 where there is none."""
        lifted = np.append(self.manager, -1)
        for _ in range(level):
            nodes = lifted[nodes]
        return nodes

    def depth(self) -> int:
        """Return how many managers stand above one another at most; each of a cycle once."""
        deepest, manager = 0, self.manager.tolist()
        for start in range(len(manager)):
            seen, node = {start}, manager[start]
            while node >= 0 and node not in seen:
                seen.add(node)
                node = manager[node]
            deepest = max(deepest, len(seen) - 1)
        return deepest

    def above_mentees(self, level: int) -> tuple[IntArray, IntArray]:
        """Return the (mentee, mentor) pairs in which the mentor is that far above."""
        rows, cols = self._meet(self.of_mentee, self.of_mentor, level)
        return rows, cols

    def above_mentors(self, level: int) -> tuple[IntArray, IntArray]:
        """Return the (mentee, mentor) pairs in which the mentee is that far above."""
        cols, rows = self._meet(self.of_mentor, self.of_mentee, level)
        return rows, cols

    def _meet(self, below: IntArray, above: IntArray, level: int) -> tuple[IntArray, IntArray]:
        at = np.full(len(self.manager) + 1, -1, dtype=np.int64)
        at[above] = np.arange(len(above))
        boss = at[self.above(below, level)]
        low = np.flatnonzero(boss >= 0)
        return low, boss[low]


def reporting_lines(pairing: Pairing, owner: str) -> Reporting:
    """Return who reports to whom, from `supervisor_id` of both rosters.

    Raises
    ------
    ColumnError
        If neither roster has the column.
    """
    n, m = len(pairing.mentees), len(pairing.mentors)
    of_mentee = np.arange(n)
    of_mentor = np.arange(n, n + m)
    also = np.flatnonzero(pairing.same >= 0)
    of_mentor[pairing.same[also]] = also
    manager = np.full(n + m, -1, dtype=np.int64)
    outsiders: dict[str, int] = {}
    askers: dict[int, list[tuple[Role, int, str]]] = {}
    seen = False
    sides: tuple[tuple[Role, IntArray], ...] = (("mentor", of_mentor), ("mentee", of_mentee))
    for role, node in sides:
        column = pairing.side(role).columns.get("supervisor_id")
        if not isinstance(column, People):
            continue
        seen = True
        boss_of = _node_of_reference(pairing, of_mentee, of_mentor, n + m, outsiders)
        for person in np.flatnonzero(np.diff(column.indptr) > 0).tolist():
            ref = column.refs[int(column.indptr[person])]
            boss = boss_of(ref)
            if boss == node[person]:
                pairing.found(
                    role, "supervisor_id", ref, "is given as her or his own manager", "ignored",
                    person,
                )  # fmt: skip
                continue
            manager[node[person]] = boss
            if boss >= n + m:
                askers.setdefault(boss, []).append((role, person, ref))
    if not seen:
        raise ColumnError(
            f"{owner} needs a column 'supervisor_id' on one of the rosters. Map one with "
            "read_roster(..., columns={'supervisor_id': 'header in the file'}).",
            column="supervisor_id", rule=owner,
        )  # fmt: skip
    manager = np.concatenate((manager, np.full(len(outsiders), -1, dtype=np.int64)))
    _report_outsiders(pairing, askers)
    _report_cycles(pairing, manager, of_mentor)
    return Reporting(manager, of_mentee, of_mentor)


def _node_of_reference(
    pairing: Pairing,
    of_mentee: IntArray,
    of_mentor: IntArray,
    first: int,
    outsiders: dict[str, int],
) -> Callable[[str], int]:
    """Return a function from a reference to its node; unknown people get nodes of their own."""
    known: dict[str, int] = {}

    def node(ref: str) -> int:
        if ref not in known:
            mentor, mentee = pairing.mentors.find(ref), pairing.mentees.find(ref)
            if mentor >= 0:
                known[ref] = int(of_mentor[mentor])
            elif mentee >= 0:
                known[ref] = int(of_mentee[mentee])
            elif (mentor := pairing.mentors.find_number(ref)) >= 0:
                known[ref] = int(of_mentor[mentor])
            elif (mentee := pairing.mentees.find_number(ref)) >= 0:
                known[ref] = int(of_mentee[mentee])
            else:
                known[ref] = outsiders.setdefault(label_key(ref), first + len(outsiders))
        return known[ref]

    return node


def _report_outsiders(pairing: Pairing, askers: dict[int, list[tuple[Role, int, str]]]) -> None:
    for people in askers.values():
        role, person, ref = people[0]
        also = "" if len(people) == 1 else f" (named by {len(people)} people)"
        pairing.found(
            role, "supervisor_id", ref, f"this manager is on neither roster{also}",
            "used only to tell who has the same manager", person,
        )  # fmt: skip


def _report_cycles(pairing: Pairing, manager: IntArray, of_mentor: IntArray) -> None:
    """Report every cycle of managers once; each node is walked over once."""
    n = len(pairing.mentees)
    mentor_at = {int(node): position for position, node in enumerate(of_mentor)}
    walked = np.zeros(len(manager), dtype=np.int64)
    for start in np.flatnonzero(manager >= 0).tolist():
        path: list[int] = []
        node = start
        while node >= 0 and not walked[node]:
            walked[node] = start + 1
            path.append(node)
            node = int(manager[node])
        if node >= 0 and walked[node] == start + 1 and node in path:
            cycle = path[path.index(node) :]
            first = cycle.index(min(cycle))
            cycle = cycle[first:] + cycle[:first]
            names = [_id(pairing, person, n, mentor_at) for person in (*cycle, cycle[0])]
            role: Role = "mentee" if cycle[0] < n else "mentor"
            position = cycle[0] if cycle[0] < n else mentor_at[cycle[0]]
            pairing.found(
                role, "supervisor_id", names[1],
                f"managers in a cycle: {listed(names)}",
                "each is taken as the manager of the next, no further", position,
            )  # fmt: skip


def _id(pairing: Pairing, node: int, n: int, mentor_at: dict[int, int]) -> str:
    return pairing.mentees.ids[node] if node < n else pairing.mentors.ids[mentor_at[node]]
