"""Every solver on the same work: ours by route, and each peer in the form that suits it best.

The work: match as many mentees as can be, then maximise the total. A peer has two steps.
`prepare` builds its own input (repeated columns, arc lists); it is timed apart and never counts
against the peer. `solve` is what is compared. Both get plain arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.families import ONE, Instance, SparseInstance

Work = Instance | SparseInstance
MentorOf = npt.NDArray[np.int64]
"""int64 (n,): mentor per mentee, -1 unmatched."""


@dataclass(frozen=True)
class Solver:
    """A way to solve an instance.

    most_pairs
        Larger instances (in pairs) are skipped, and the table says so.
    """

    name: str
    prepare: Callable[[Work], Any]
    solve: Callable[[Any], Any]
    decode: Callable[[Work, Any], MentorOf]
    most_pairs: int
    sparse: bool = False
    ours: bool = False
    requires: str = ""

    def why_skipped(self, instance: Work) -> str | None:
        """Return why this solver sits the instance out, or None."""
        pairs = instance.points.size
        if isinstance(instance, SparseInstance) != self.sparse:
            return "takes dense input only" if not self.sparse else "takes sparse input only"
        if pairs > self.most_pairs:
            return f"skipped above {self.most_pairs:,} pairs"
        return None


# --- what all of them share ---------------------------------------------------------------------


def seats_of(instance: Work) -> npt.NDArray[np.int64]:
    """Seats that can be of use: nobody takes more than all mentees."""
    return np.minimum(instance.capacity, instance.shape[0])


def bonus(instance: Work) -> int:
    """More than any exchange of pairs can gain: matched first, then total."""
    n, _ = instance.shape
    return 2 * ONE * (min(n, int(seats_of(instance).sum())) + 2)


def complete(instance: Work) -> bool:
    """Whether every pair is admissible: then the smaller side is matched in full."""
    return isinstance(instance, Instance) and bool((instance.points >= 0).all())


def costs(instance: Instance, dtype: type = np.float64) -> npt.NDArray[Any]:
    """Cost to minimise, (n, m): inadmissible pairs cost more than any exchange can gain."""
    points = instance.points.astype(dtype)
    return np.where(instance.points >= 0, ONE - points, float(bonus(instance)))


def value(instance: Work, mentor_of: MentorOf) -> tuple[int, int]:
    """Return (matched, total points) and check that the assignment may be used.

    Raises
    ------
    AssertionError
        If a mentor is overfull or a pair inadmissible.
    """
    rows = np.flatnonzero(mentor_of >= 0)
    mentors = mentor_of[rows]
    load = np.bincount(mentors, minlength=instance.shape[1])
    assert (load <= instance.capacity).all(), "a mentor has more mentees than seats"
    if isinstance(instance, Instance):
        points = instance.points[rows, mentors]
    else:
        n, m = instance.shape
        owner = np.repeat(np.arange(n), np.diff(instance.indptr))
        key = owner * m + instance.indices
        order = np.argsort(key, kind="stable")
        place = np.searchsorted(key[order], rows * m + mentors)
        place = order[np.minimum(place, len(key) - 1)]
        assert (key[place] == rows * m + mentors).all(), "a pair is not on the short list"
        points = instance.points[place]
    assert (points >= 0).all(), "an inadmissible pair was chosen"
    return len(rows), int(points.sum(dtype=np.int64))


def admissible_only(instance: Instance, mentor_of: MentorOf) -> MentorOf:
    """Undo the pairs that a dense solver had to choose at the cost of being unmatched."""
    rows = np.flatnonzero(mentor_of >= 0)
    bad = instance.points[rows, mentor_of[rows]] < 0
    mentor_of[rows[bad]] = -1
    return mentor_of


# --- ours ---------------------------------------------------------------------------------------


def _ours(instance: Instance, route: str) -> Any:
    from mentormatch.solvers.assignment import assign

    n = instance.shape[0]
    return functools.partial(
        assign,
        instance.points,
        instance.capacity,
        row_bonus=np.full(n, bonus(instance), dtype=np.int64),
        route=route,
    )


def _ours_sparse(instance: SparseInstance, route: str) -> Any:
    from mentormatch.solvers.assignment import assign_sparse

    n = instance.shape[0]
    return functools.partial(
        assign_sparse,
        instance.indptr,
        instance.indices,
        instance.points,
        instance.capacity,
        row_bonus=np.full(n, bonus(instance), dtype=np.int64),
        route=route,
    )


def _call(problem: Any) -> Any:
    return problem()


def _proven(instance: Work, answer: Any) -> MentorOf:
    assert answer.objective == answer.bound, f"gap: {answer.objective} < {answer.bound}"
    return np.array(answer.mentor_of)


# --- one column per seat ------------------------------------------------------------------------


def _repeated(instance: Instance) -> npt.NDArray[np.float64]:
    return np.ascontiguousarray(np.repeat(costs(instance), seats_of(instance), axis=1))


def _squared(instance: Instance) -> npt.NDArray[np.float64]:
    """Add rows or columns of zeros, for a solver that would copy a rectangle into a square."""
    cost = _repeated(instance)
    size = max(cost.shape)
    square = np.zeros((size, size))
    square[: cost.shape[0], : cost.shape[1]] = cost
    return square


def _decode_repeated(instance: Instance, answer: Any) -> MentorOf:
    rows, columns = answer
    n = instance.shape[0]
    owner = np.repeat(np.arange(instance.shape[1]), seats_of(instance))
    real = (rows < n) & (columns < len(owner))
    mentor_of = np.full(n, -1, dtype=np.int64)
    mentor_of[rows[real]] = owner[columns[real]]
    return admissible_only(instance, mentor_of)


def _scipy_dense(cost: npt.NDArray[np.float64]) -> Any:
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(cost)


def _lapx(name: str, cost: npt.NDArray[np.float64]) -> Any:
    import lap

    return getattr(lap, name)(cost, return_cost=False)


def _csgraph_input(instance: Work) -> Any:
    """Sparse costs (at least 1: zeros are no edges), with an exit column per mentee if needed."""
    from scipy.sparse import csr_array

    n, _ = instance.shape
    tail, head, points = arcs(instance)
    seats = seats_of(instance)
    first = np.concatenate(([0], np.cumsum(seats)))
    times = seats[head]
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    rows, columns = np.repeat(tail, times), np.repeat(first[head], times) + within
    cost = np.repeat(ONE + 1.0 - points, times)
    width = int(first[-1])
    if not complete(instance):
        rows, columns = np.append(rows, np.arange(n)), np.append(columns, width + np.arange(n))
        cost, width = np.append(cost, np.full(n, float(bonus(instance)))), width + n
    return csr_array((cost, (rows.astype(np.int32), columns.astype(np.int32))), shape=(n, width))


def _csgraph(cost: Any) -> Any:
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    return min_weight_full_bipartite_matching(cost)


def _decode_csgraph(instance: Work, answer: Any) -> MentorOf:
    rows, columns = answer
    owner = np.repeat(np.arange(instance.shape[1]), seats_of(instance))
    owner = np.append(owner, np.full(instance.shape[0], -1))
    mentor_of = np.full(instance.shape[0], -1, dtype=np.int64)
    mentor_of[rows] = owner[columns]
    return mentor_of


# --- minimum-cost flow --------------------------------------------------------------------------


def arcs(instance: Work) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Any]:
    """Return mentee, mentor and points of each admissible pair."""
    if isinstance(instance, Instance):
        tail, head = np.nonzero(instance.points >= 0)
        return tail, head, instance.points[tail, head]
    n = instance.shape[0]
    return (
        np.repeat(np.arange(n), np.diff(instance.indptr)),
        instance.indices.astype(np.int64),
        instance.points,
    )


@dataclass(frozen=True, eq=False)
class Network:
    """Minimum-cost flow: mentees 0..n-1, mentors n..n+m-1, sink n+m.

    Where every pair is admissible, the smaller side supplies all of its flow and nobody needs an
    exit. Otherwise each mentee has an exit arc to the sink.
    """

    tail: npt.NDArray[np.int64]
    head: npt.NDArray[np.int64]
    capacity: npt.NDArray[np.int64]
    cost: npt.NDArray[np.int64]
    supply: npt.NDArray[np.int64]
    pairs: int
    first_is_mentee: bool


def network(instance: Work, exits: bool = True) -> Network:
    """Build the flow problem; the pairs are its first arcs."""
    n, m = instance.shape
    tail, head, points = arcs(instance)
    seats = seats_of(instance)
    cost = ONE - points.astype(np.int64)
    pairs = len(tail)
    supply = np.zeros(n + m + 1, dtype=np.int64)
    mentees, mentors, sink = np.arange(n), np.arange(n, n + m), n + m
    flow = min(n, int(seats.sum()))
    if complete(instance) and flow < n:  # all seats are filled: mentors supply, mentees may
        supply[n : n + m], supply[sink] = seats, -flow
        ends = np.concatenate([n + head, mentees]), np.concatenate([tail, np.full(n, sink)])
        limit = np.ones(pairs + n, dtype=np.int64)
        return Network(*ends, limit, np.append(cost, np.zeros(n, np.int64)), supply, pairs, False)
    supply[:n], supply[sink] = 1, -n
    start, end = [tail, mentors], [n + head, np.full(m, sink)]
    limit, price = [np.ones(pairs, np.int64), seats], [cost, np.zeros(m, np.int64)]
    if exits and not complete(instance):
        start.append(mentees)
        end.append(np.full(n, sink))
        limit.append(np.ones(n, np.int64))
        price.append(np.full(n, bonus(instance)))
    parts = (np.concatenate(part).astype(np.int64) for part in (start, end, limit, price))
    return Network(*parts, supply, pairs, True)


def _decode_network(instance: Work, graph: Network, flow: npt.NDArray[Any]) -> MentorOf:
    n = instance.shape[0]
    used = np.flatnonzero(np.asarray(flow)[: graph.pairs] > 0)
    tail, head = graph.tail[used], graph.head[used]
    mentee, mentor = (tail, head) if graph.first_is_mentee else (head, tail)
    mentor_of = np.full(n, -1, dtype=np.int64)
    mentor_of[mentee] = mentor - n
    return mentor_of


def _ortools_input(instance: Work) -> Any:
    from ortools.graph.python import min_cost_flow

    # without exits: the solver's own "as much flow as possible" suits it better than large costs
    graph = network(instance, exits=False)
    solver = min_cost_flow.SimpleMinCostFlow()
    arc = solver.add_arcs_with_capacity_and_unit_cost(
        graph.tail, graph.head, graph.capacity, graph.cost
    )
    solver.set_nodes_supplies(np.arange(len(graph.supply)), graph.supply)
    return solver, arc, graph, complete(instance)


def _ortools(problem: Any) -> Any:
    solver, arc, graph, full = problem
    status = solver.solve() if full else solver.solve_max_flow_with_min_cost()
    assert status == solver.OPTIMAL, status
    return solver, arc, graph


def _decode_ortools(instance: Work, answer: Any) -> MentorOf:
    solver, arc, graph = answer
    return _decode_network(instance, graph, solver.flows(arc))


def _pylmcf_input(instance: Work) -> Any:
    import pylmcf

    graph = network(instance)
    order = np.lexsort((graph.head, graph.tail))  # it wants its arcs sorted
    solver = pylmcf.Graph(len(graph.supply), graph.tail[order], graph.head[order])
    solver.set_edge_capacities(graph.capacity[order])
    solver.set_edge_costs(graph.cost[order])
    solver.set_node_supply(graph.supply)
    return solver, graph, order


def _pylmcf(problem: Any) -> Any:
    solver, graph, order = problem
    solver.solve()
    return solver.result(), graph, order


def _decode_pylmcf(instance: Work, answer: Any) -> MentorOf:
    flow, graph, order = answer
    unsorted = np.empty(len(order), dtype=np.int64)
    unsorted[order] = flow
    return _decode_network(instance, graph, unsorted)


def _pot_input(instance: Instance) -> Any:
    n, m = instance.shape
    cost, seats = costs(instance), seats_of(instance).astype(np.float64)
    spare = seats.sum() - n
    if spare > 0:
        cost = np.vstack([cost, np.zeros((1, m))])
        return np.append(np.ones(n), spare), seats, cost
    if spare < 0:
        cost = np.ascontiguousarray(np.hstack([cost, np.zeros((n, 1))]))
        return np.ones(n), np.append(seats, -spare), cost
    return np.ones(n), seats, cost


def _pot(problem: Any) -> Any:
    import ot

    plan, log = ot.lp.emd(*problem, numItermax=100_000_000, log=True, check_marginals=False)
    assert log["warning"] is None, log["warning"]
    return plan


def _decode_pot(instance: Instance, plan: Any) -> MentorOf:
    n, m = instance.shape
    pairs = np.asarray(plan)[:n, :m]
    mentor_of = np.where(pairs.max(axis=1) > 0.5, pairs.argmax(axis=1), -1)
    return admissible_only(instance, mentor_of)


def _highs_input(instance: Instance) -> Any:
    """A linear programme: a column per pair, a row per mentee and per mentor."""
    import highspy

    n, m = instance.shape
    tail, head, points = arcs(instance)
    pairs = len(tail)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = pairs, n + m
    model.col_cost_ = -(points + float(ONE * (n + 2) if not complete(instance) else 1))
    model.col_lower_, model.col_upper_ = np.zeros(pairs), np.ones(pairs)
    model.row_lower_ = np.full(n + m, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.ones(n), seats_of(instance)]).astype(np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * pairs + 1, 2)
    model.a_matrix_.index_ = np.column_stack([tail, n + head]).ravel()
    model.a_matrix_.value_ = np.ones(2 * pairs)
    return model, tail, head


def _highs(problem: Any) -> Any:
    import highspy

    model, tail, head = problem
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.array(solver.getSolution().col_value), tail, head


def _decode_highs(instance: Instance, answer: Any) -> MentorOf:
    taken, tail, head = answer
    used = np.flatnonzero(taken > 0.5)
    mentor_of = np.full(instance.shape[0], -1, dtype=np.int64)
    mentor_of[tail[used]] = head[used]
    return mentor_of


def _networkx_input(instance: Work) -> Any:
    import networkx as nx

    parts = network(instance)
    graph = nx.DiGraph()
    graph.add_nodes_from((node, {"demand": -int(s)}) for node, s in enumerate(parts.supply))
    graph.add_edges_from(
        (int(a), int(b), {"capacity": int(c), "weight": int(w)})
        for a, b, c, w in zip(parts.tail, parts.head, parts.capacity, parts.cost, strict=True)
    )
    return graph, parts


def _networkx(problem: Any) -> Any:
    import networkx as nx

    graph, parts = problem
    _, flow = nx.network_simplex(graph)
    return flow, parts


def _decode_networkx(instance: Work, answer: Any) -> MentorOf:
    flow, parts = answer
    used = [flow[int(a)].get(int(b), 0) for a, b in zip(parts.tail, parts.head, strict=True)]
    return _decode_network(instance, parts, np.array(used))


# --- the list -----------------------------------------------------------------------------------

SMALL_ROUTE_PAIRS = 60_000
"""Our route without a compiler is meant for fewer pairs than this."""


def our_routes() -> tuple[str, ...]:
    """Return the names of the routes that `assign` knows in this version."""
    from mentormatch.solvers import assignment

    return tuple(getattr(assignment, "ROUTES", ("auto",)))


def solvers() -> list[Solver]:
    """Return ours, by route, then every peer."""
    everything = 10**12
    routes = [route for route in our_routes() if route not in ("warm", "sparse")]
    ours = [
        Solver(
            f"mentormatch {route}".removesuffix(" auto"),
            functools.partial(_ours, route=route),
            _call,
            _proven,
            SMALL_ROUTE_PAIRS if route == "small" else everything,
            ours=True,
        )
        for route in routes
    ]
    ours.append(
        Solver(
            "mentormatch (sparse)",
            functools.partial(_ours_sparse, route="auto"),
            _call,
            _proven,
            everything,
            sparse=True,
            ours=True,
        )
    )
    return [*ours, *peers()]


def peers() -> list[Solver]:
    """Return every peer, those for dense input first."""

    def peer(name: str, module: str, *steps: Any, most: int, sparse: bool = False) -> Solver:
        return Solver(name, *steps, most, sparse, requires=module)

    dense = 8_000_000
    lapx = [
        peer(
            f"lapx {kernel}",
            "lap",
            _squared if kernel == "lapjvx" else _repeated,
            functools.partial(_lapx, kernel),
            _decode_repeated,
            most=dense,
        )
        for kernel in ("lapjvx", "lapjvs", "lapjvc")
    ]
    ortools = (_ortools_input, _ortools, _decode_ortools)
    lemon = (_pylmcf_input, _pylmcf, _decode_pylmcf)
    csgraph = (_csgraph_input, _csgraph, _decode_csgraph)
    return [
        peer("SciPy LSA", "scipy", _repeated, _scipy_dense, _decode_repeated, most=dense),
        peer("SciPy csgraph", "scipy", *csgraph, most=1_500_000),
        *lapx,
        peer("OR-Tools flow", "ortools", *ortools, most=dense),
        peer("pylmcf", "pylmcf", *lemon, most=dense),
        peer("POT emd", "ot", _pot_input, _pot, _decode_pot, most=dense),
        peer("HiGHS LP", "highspy", _highs_input, _highs, _decode_highs, most=100_000),
        peer("networkx", "networkx", _networkx_input, _networkx, _decode_networkx, most=5_000),
        peer("OR-Tools flow (sparse)", "ortools", *ortools, most=10**8, sparse=True),
        peer("pylmcf (sparse)", "pylmcf", *lemon, most=10**8, sparse=True),
        peer("SciPy csgraph (sparse)", "scipy", *csgraph, most=10**7, sparse=True),
    ]


def by_name(name: str) -> Solver:
    """Return the solver called that."""
    return next(solver for solver in solvers() if solver.name == name)
