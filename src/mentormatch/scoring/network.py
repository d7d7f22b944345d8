"""A network of people: who knows whom, how many steps lie between two, and a criterion of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ColumnError, ParameterError, check_parameter, listed
from mentormatch.rosters.columns import BoolArray, IntArray, People, label_key, take_ragged
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.criteria import Criterion, check_number
from mentormatch.scoring.lowered import Parts, Positions
from mentormatch.scoring.people import Pairing

__all__ = ["FARTHEST", "Network", "NetworkDistance", "Steps", "edges_of", "network_of"]

Edges: TypeAlias = "tuple[tuple[str, str], ...]"
ROLES: tuple[Role, Role] = ("mentee", "mentor")
SUPERVISORS = "supervisor_id"
FARTHEST = 253
"""Steps that are told apart at most."""
UNKNOWN = 255
"""Stands for the steps of a pair of which one is not in the network."""
AT_ONCE = 64
"""People from whom the network is searched together: one bit each."""


# -- what users hand in -------------------------------------------------------------------------


def edges_of(graph: Any, owner: str) -> Edges:
    """Return who knows whom as pairs of texts, each once, in one order; alone: with oneself.

    Parameters
    ----------
    graph
        A networkx graph (directions and weights do not matter), (person, person) pairs, a mapping
        of a person to others, or a frame of two columns. A pair of which one end is blank is
        somebody who knows nobody, such as the head of an organisation in a list of managers.

    Raises
    ------
    ParameterError
        If it is none of these; names every entry that is no pair.
    """
    given, wrong = list(_entries(graph, owner)), list[str]()
    found: set[tuple[str, str]] = set()
    for place, entry in enumerate(given, start=1):
        pair = isinstance(entry, tuple | list) and len(entry) == 2
        ends = [_name(one) for one in entry] if pair else []
        named = [one for one in ends if one]
        if not named:
            wrong.append(f"entry {place} ({entry!r})")
            continue
        found.add((min(named), max(named)))
    if wrong or not found:
        told = f"No pair of people: {listed(wrong, 10)}." if wrong else "It holds nobody."
        raise ParameterError(
            f"The 'graph' parameter of {owner} must be a networkx graph, pairs of people such as "
            f"[('ana', 'bo')], a frame of two columns, or the name of a column of people. {told}"
        )
    linked = {one for pair in found if pair[0] != pair[1] for one in pair}
    return tuple(sorted(pair for pair in found if pair[0] != pair[1] or pair[0] not in linked))


def _entries(graph: Any, owner: str) -> Iterator[Any]:
    if hasattr(graph, "nodes") and hasattr(graph, "edges"):
        yield from ((node, None) for node in graph.nodes)
        yield from ((edge[0], edge[1]) for edge in graph.edges)
    elif hasattr(graph, "columns") and hasattr(graph, "iloc"):
        ok = len(graph.columns) == 2
        check_parameter(
            ok, "graph", owner, "a frame of two columns, who knows whom", list(graph.columns)
        )
        yield from zip(graph.iloc[:, 0].tolist(), graph.iloc[:, 1].tolist(), strict=True)
    elif hasattr(graph, "items"):
        for one, others in graph.items():
            several = isinstance(others, Iterable) and not isinstance(others, str | bytes)
            check_parameter(
                several, "graph", owner, "a mapping of each person to a list of others", others
            )
            yield one, None
            yield from ((one, other) for other in others)
    else:
        ok = isinstance(graph, Iterable) and not isinstance(graph, str | bytes)
        words = "a networkx graph, pairs of people, a frame of two columns or a column's name"
        check_parameter(ok, "graph", owner, words, graph)
        yield from graph


def _name(person: Any) -> str:
    """Return a person's id as text, "" for a blank; a number read with others as 7.0 is 7."""
    if person is None or person != person:
        return ""
    if isinstance(person, float | np.floating) and float(person).is_integer():
        person = int(person)
    return str(person).strip()


# -- the people of two rosters in it ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Network:
    """Who knows whom, by nodes: mentees, mentors who are no mentees, then everybody else.

    indptr : int64 (nodes + 1,);  to : int64 (entries,), whom each knows; each knows herself
    of_mentee, of_mentor : int64 (n,), (m,), the node of each person
    inside : bool (nodes,), who is in the network
    names : what everybody else is called in it
    """

    indptr: IntArray
    to: IntArray
    of_mentee: IntArray
    of_mentor: IntArray
    inside: BoolArray
    names: tuple[str, ...]

    def knows(self, node: int) -> IntArray:
        """Return int64, ascending: a node's acquaintances."""
        near = self.to[self.indptr[node] : self.indptr[node + 1]]
        others: IntArray = near[near != node]
        return others

    def name(self, node: int, mentees: Profiles, mentors: Profiles) -> str:
        """Return the id of whoever a node stands for, as on the rosters where she is on one."""
        n, m = len(self.of_mentee), len(self.of_mentor)
        if node >= n + m:
            return self.names[node - n - m]
        return mentees.ids[node] if node < n else mentors.ids[node - n]

    def steps(self, sources: IntArray, targets: IntArray, most: int) -> npt.NDArray[np.uint8]:
        """Return uint8 (sources, targets): steps from one to the other, most + 1 if more.

        Notes
        -----
        Breadth first from 64 people together, one bit each: time O(people / 64 x entries x most),
        memory O(entries).
        """
        steps = np.zeros((len(sources), len(targets)), dtype=np.uint8)
        for start in range(0, len(sources), AT_ONCE):
            some = sources[start : start + AT_ONCE]
            out = steps[start : start + AT_ONCE]
            bits = np.uint64(1) << np.arange(len(some), dtype=np.uint64)
            reached = np.zeros(len(self.inside), dtype=np.uint64)
            np.bitwise_or.at(reached, some, bits)
            for level in range(most + 1):
                apart = (reached[targets] & bits[:, None]) == 0
                out += apart
                if level == most:
                    break
                further = np.bitwise_or.reduceat(reached[self.to], self.indptr[:-1])
                if np.array_equal(further, reached):  # nobody else is reached, ever
                    out += apart * np.uint8(most - level)
                    break
                reached = further
        return steps

    def with_links(self, rows: IntArray, columns: IntArray) -> Network:
        """Return the network in which these mentees and mentors know one another too."""
        known = np.repeat(np.arange(len(self.inside)), np.diff(self.indptr))
        pairs = np.stack([
            np.concatenate((known, self.of_mentee[rows])),
            np.concatenate((self.to, self.of_mentor[columns])),
        ], axis=1)  # fmt: skip
        inside = self.inside.copy()
        inside[pairs[len(known) :].ravel()] = True
        size = len(self.inside)
        return _knit(pairs, size, self.of_mentee, self.of_mentor, inside, self.names)

    def path(self, one: int, other: int) -> list[int]:
        """Return the nodes of a shortest path, both ends included; [] where there is none.

        Of several it is the first in the order of the nodes' numbers, seen from `one`.
        """
        away = np.full(len(self.inside), -1, dtype=np.int64)
        away[other] = 0
        edge = np.array([other], dtype=np.int64)
        level = 0
        while len(edge) and away[one] < 0:
            _, entries = take_ragged(self.indptr, edge)
            near = self.to[entries]
            edge, level = np.unique(near[away[near] < 0]), level + 1
            away[edge] = level
        if away[one] < 0:
            return []
        found = [one]
        while found[-1] != other:
            near = self.to[self.indptr[found[-1]] : self.indptr[found[-1] + 1]]
            found.append(int(near[away[near] == away[found[-1]] - 1][0]))
        return found


def network_of(graph: Any, pairing: Pairing, owner: str) -> Network:
    """Return the network that the people of two rosters stand in.

    Parameters
    ----------
    graph
        What `edges_of` gave, or the name of a column of people on either roster.

    Raises
    ------
    ColumnError
        If neither roster has that column.
    ParameterError
        If nobody on the rosters is in the network.
    """
    n, m = len(pairing.mentees), len(pairing.mentors)
    of_mentee, of_mentor = np.arange(n), np.arange(n, n + m)
    also = np.flatnonzero(pairing.same >= 0)
    of_mentor[pairing.same[also]] = also
    who = _Nodes(pairing, of_mentee, of_mentor)
    if isinstance(graph, str):
        pairs = np.array(list(_of_column(graph, who, owner)), dtype=np.int64).reshape(-1, 2)
    else:
        pairs = np.array([(who.of(a), who.of(b)) for a, b in graph], dtype=np.int64)
    nodes = n + m + len(who.outside)
    inside = np.zeros(nodes, dtype=bool)
    inside[pairs.ravel()] = True
    network = _knit(pairs, nodes, of_mentee, of_mentor, inside, tuple(who.outside))
    _report(network, who, graph, owner)
    return network


def _knit(
    pairs: IntArray, nodes: int, of_mentee: IntArray, of_mentor: IntArray, inside: BoolArray,
    names: tuple[str, ...],
) -> Network:  # fmt: skip
    """Return the network of pairs of nodes, both ways."""
    own = np.arange(nodes)
    rows = np.concatenate((pairs[:, 0], pairs[:, 1], own))
    keys = np.unique(rows * nodes + np.concatenate((pairs[:, 1], pairs[:, 0], own)))
    indptr = np.searchsorted(keys, np.arange(nodes + 1) * nodes).astype(np.int64)
    return Network(indptr, keys % max(nodes, 1), of_mentee, of_mentor, inside, names)


class _Nodes:
    """Whom a text means: somebody on a roster, else somebody of the rest of the organisation."""

    def __init__(self, pairing: Pairing, of_mentee: IntArray, of_mentor: IntArray) -> None:
        self.pairing = pairing
        self.sides = ((pairing.mentees, of_mentee), (pairing.mentors, of_mentor))
        self.first = len(of_mentee) + len(of_mentor)
        self.known: dict[str, int] = {}
        self.outside: dict[str, int] = {}
        self.keys: dict[str, str] = {}
        self.doubtful: list[str] = []

    def of(self, reference: str) -> int:
        if reference not in self.known:
            self.known[reference] = self._found(reference)
        return self.known[reference]

    def _found(self, reference: str) -> int:
        nodes = set()
        for people, node in self.sides:
            place = people.find(reference)
            place = people.find_number(reference) if place < 0 else place
            if place >= 0:
                nodes.add(int(node[place]))
        if len(nodes) == 1:
            return nodes.pop()
        if nodes:
            self.doubtful.append(reference)
        name = self.keys.setdefault(label_key(reference), reference)
        return self.outside.setdefault(name, self.first + len(self.outside))


def _of_column(column: str, who: _Nodes, owner: str) -> Iterator[tuple[int, int]]:
    found = False
    for people, node in who.sides:
        answers = people.columns.get(column)
        if not isinstance(answers, People):
            continue
        found = True
        for person, (first, last) in enumerate(pairwise(answers.indptr.tolist())):
            yield from ((int(node[person]), who.of(ref)) for ref in answers.refs[first:last])
    if not found:
        raise ColumnError(
            f"{owner} needs a column {column!r} of people on one of the rosters. Map one with "
            f"read_roster(..., columns={{{column!r}: 'header in the file'}}), or hand in the "
            "network itself: a networkx graph, or pairs of people.",
            column=column, rule=owner,
        )  # fmt: skip


def _report(network: Network, who: _Nodes, graph: Any, owner: str) -> None:
    """Say who is not in the network, and whom it may mean twice."""
    pairing = who.pairing
    column = graph if isinstance(graph, str) else ""
    missing = {
        role: np.flatnonzero(~network.inside[node]).tolist()
        for role, (_, node) in zip(ROLES, who.sides, strict=True)
    }
    people = sum(len(node) for _, node in who.sides)
    if people and sum(map(len, missing.values())) == people:
        some = listed([repr(name) for name in list(who.outside)[:3]])
        first = [repr(profiles.ids[0]) for profiles, _ in who.sides if len(profiles)]
        raise ParameterError(
            f"Nobody on the rosters is in the network of {owner}: it names {some}, the rosters "
            f"have {listed(first)}. Name people in it by id, e-mail or full name."
        )
    for name in sorted(who.doubtful):
        pairing.found_on_both(
            f"{name!r} in the network is a mentee and another mentor",
            "taken for neither; name people by what is theirs alone, such as e-mails", column,
        )  # fmt: skip
    for role, places in missing.items():
        for place in places:
            pairing.found(
                role, column or "network", "", "is not in the network",
                "unanswered: counts neither way", place,
            )  # fmt: skip
        if places:
            told = "1 is" if len(places) == 1 else f"{len(places):,} are"
            size = len(pairing.side(role))
            pairing.note(f"Of {size:,} {role}s {told} not in the network; see repairs for whom")


# -- the criterion ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Steps:
    """What so many steps are worth.

    steps : uint8 (n, m), `UNKNOWN` where one is not in the network
    worth : float32 (256,)
    """

    steps: npt.NDArray[np.uint8]
    worth: Parts

    def block(self, start: int, stop: int, out: Parts, compiled: bool) -> None:
        np.take(self.worth, self.steps[start:stop], out=out, mode="clip")

    def pairs(self, rows: Positions, cols: Positions) -> Parts:
        part: Parts = self.worth[self.steps[rows, cols]]
        return part


@dataclass(frozen=True, eq=False, repr=False)
class NetworkDistance(Criterion):
    r"""How far apart two people are in a network: neither next to each other nor worlds apart.

    .. math:: \max(0, 1 - |d - \text{ideal}| / \text{tolerance})

    of the least number of steps d between the two: 1 for acquaintances, 2 where somebody knows
    both. Weights and directions of the network do not matter. Two people without a path are
    infinitely far apart: 0.

    Attributes
    ----------
    graph : networkx graph, pairs, mapping, DataFrame of two columns, or str
        Who knows whom, people by id, e-mail or full name, also people on neither roster; or a
        column of people on the rosters, by default the managers. It is kept as pairs of texts.
    ideal, tolerance : float
        In steps. The defaults give 1 to three steps, half to two and to four, 0 to colleagues
        next to each other.

    Notes
    -----
    Unanswered (NaN): one of the two is not in the network; who, is in `Scores.repairs`.
    Links across a network bring what one's own circle does not know [1]_; that they are made is
    hoped for, not promised. Time O(people / 64 x links x steps), memory n x m bytes.

    References
    ----------
    .. [1] Granovetter (1973), The strength of weak ties, Amer. J. Sociology 78(6), 1360-1380.
    """

    graph: Any = SUPERVISORS
    ideal: float = 3.0
    tolerance: float = 2.0

    def _default_name(self) -> str:
        return "network"

    def __str__(self) -> str:
        return f"NetworkDistance({self.name!r})"

    def _identity(self) -> tuple[Any, ...]:
        return (*super()._identity(), self.ideal, self.tolerance)

    def columns_used(self) -> tuple[str, ...]:
        return (self.graph,) if isinstance(self.graph, str) else ()

    def _check(self) -> None:
        check_number(str(self), "ideal", self.ideal, above=0)
        check_number(str(self), "tolerance", self.tolerance, above=0, least=False)
        ok = self.ideal + self.tolerance <= FARTHEST
        words = f"a number such that ideal + tolerance is at most {FARTHEST}"
        check_parameter(ok, "tolerance", str(self), words, self.tolerance)
        if not isinstance(self.graph, str):
            object.__setattr__(self, "graph", edges_of(self.graph, "NetworkDistance"))

    @property
    def most(self) -> int:
        """Steps that are counted; whoever is farther apart gets 0."""
        return max(1, ceil(self.ideal + self.tolerance) - 1)

    def lower(self, pairing: Pairing) -> Steps:
        network = network_of(self.graph, pairing, str(self))
        steps = network.steps(network.of_mentee, network.of_mentor, self.most)
        steps[~network.inside[network.of_mentee]] = UNKNOWN
        steps[:, ~network.inside[network.of_mentor]] = UNKNOWN
        away = np.abs(np.arange(256, dtype=np.float64) - self.ideal)
        worth = np.maximum(0.0, 1.0 - away / self.tolerance).astype(np.float32)
        worth[self.most + 1 :] = 0
        worth[UNKNOWN] = np.nan
        return Steps(steps, worth)
