"""Introductions: who knows both, shared out so that nobody introduces too many; what is bridged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.domains import typed
from mentormatch.errors import check_parameter
from mentormatch.matching.case import groups_of
from mentormatch.matching.matching import Matching
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.rosters.columns import IntArray
from mentormatch.scoring.network import FARTHEST, Network, edges_of, network_of
from mentormatch.scoring.scores import Scores
from mentormatch.solvers.assignment import assign_sparse
from mentormatch.solvers.ties import id_hashes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bridging", "introductions"]


@typed
def introductions(
    matching: Matching | Suggestions, graph: Any = "supervisor_id", most: int = 3
) -> pd.DataFrame:
    """Name somebody for each pair who knows both and could introduce them.

    As many pairs as can be have an introducer, none of whom introduces more than `most` pairs.

    Parameters
    ----------
    matching
        Pairs, or the entries of suggested lists.
    graph
        The network, as for `NetworkDistance`.
    most
        Most introductions by one person.

    Returns
    -------
    DataFrame
        One row per pair: `mentee`, `mentor`, `introducer` (ids; None where there is none), `steps`
        between the two (missing where there is no path), `path` (ids on a shortest path, by the
        introducer where there is one), `alternatives` (ids of others who know both), `why`
        ("introduced", "know each other", "nobody knows both", "whoever knows both has enough to
        introduce", "no path", "not in the network").

    Raises
    ------
    ParameterError
        If `most` is below 0, or nobody is in the network.
    ColumnError
        If the rosters lack the column that `graph` names.

    Notes
    -----
    One exact assignment of pairs to common acquaintances; ties go by hashed ids, so that the order
    of rows never matters. The frame tells who knows whom: it is for whoever runs the programme.
    """
    import pandas as pd

    check_parameter(most >= 0, "most", "introductions", "a whole number >= 0", most)
    scores, rows, columns = _pairs(matching)
    network = _network(scores, graph, "introductions")
    ends = network.of_mentee[rows], network.of_mentor[columns]
    common = [
        np.intersect1d(network.knows(one), network.knows(other), assume_unique=True)
        if other not in network.knows(one)
        else np.zeros(0, dtype=np.int64)
        for one, other in zip(ends[0].tolist(), ends[1].tolist(), strict=True)
    ]
    chosen = _shared_out(common, [*_names(network, scores, ends[0])], scores, network, most, ends)
    told = []
    for one, other, both, by in zip(
        ends[0].tolist(), ends[1].tolist(), common, chosen.tolist(), strict=True
    ):
        path = [one, by, other] if by >= 0 else network.path(one, other)
        inside = bool(network.inside[one] and network.inside[other])
        others = [node for node in both.tolist() if node != by]
        told.append(
            {
                "introducer": _name(network, scores, by) if by >= 0 else None,
                "steps": float(len(path) - 1) if path else np.nan,
                "path": [_name(network, scores, node) for node in path],
                "alternatives": sorted(_name(network, scores, node) for node in others),
                "why": _why(by, path, inside),
            }
        )
    told_of = ("introducer", "steps", "path", "alternatives", "why")
    frame = pd.DataFrame(
        {name: pd.Series([one[name] for one in told], dtype=object) for name in told_of}
    )
    frame.insert(0, "mentee", pd.Series([scores.mentees.ids[i] for i in rows], dtype=object))
    frame.insert(1, "mentor", pd.Series([scores.mentors.ids[j] for j in columns], dtype=object))
    return frame.astype({"steps": float})


def _why(by: int, path: Sequence[int], inside: bool) -> str:
    if by >= 0:
        return "introduced"
    if not inside:
        return "not in the network"
    if len(path) == 3:
        return "whoever knows both has enough to introduce"
    if not path:
        return "no path"
    return "know each other" if len(path) == 2 else "nobody knows both"


def _shared_out(
    common: Sequence[IntArray], mentees: Sequence[str], scores: Scores, network: Network,
    most: int, ends: tuple[IntArray, IntArray],
) -> IntArray:  # fmt: skip
    """Return int64 (pairs,): the node of whoever introduces each, -1 for nobody."""
    found = np.full(len(common), -1, dtype=np.int64)
    counts = np.array([len(both) for both in common], dtype=np.int64)
    if not counts.any() or not most:
        return found
    people, to = np.unique(np.concatenate(common), return_inverse=True)
    pairs = [f"{a}\n{b}" for a, b in zip(mentees, _names(network, scores, ends[1]), strict=True)]
    solution = assign_sparse(
        np.concatenate(([0], np.cumsum(counts))), to, np.zeros(len(to), dtype=np.int32),
        np.full(len(people), most, dtype=np.int64),
        row_bonus=np.ones(len(common), dtype=np.int64), row_hash=id_hashes(pairs, 0),
        mentor_hash=id_hashes(_names(network, scores, people), 1),
    )  # fmt: skip
    has = solution.mentor_of >= 0
    found[has] = people[solution.mentor_of[has]]
    return found


@typed
def bridging(
    matching: Matching | Suggestions, graph: Any = "supervisor_id", by: str = "department"
) -> pd.DataFrame:
    """Report what pairs bridge: how many cross departments, how far apart people were and are.

    Parameters
    ----------
    matching
        Pairs, or the entries of suggested lists.
    graph
        The network, as for `NetworkDistance`.
    by
        Column of categories on both rosters; who did not answer counts neither way.

    Returns
    -------
    DataFrame
        One row per figure: `figure`, `before`, `after`, `meaning`. Before: all admissible pairs, or
        the network as it is. After: the matched pairs, or the network with them as links.

    Notes
    -----
    What pairs that met would add; whether they meet, and go on to know one another, is not known.
    """
    import pandas as pd

    scores, rows, columns = _pairs(matching)
    network = _network(scores, graph, "bridging")
    after = network.with_links(rows, columns)
    shares = "share of pairs of two different answers: of all admissible pairs, of those matched"
    told = [("pairs across " + by, *_across(scores, rows, columns, by), shares)]
    matched = network.steps(network.of_mentee, network.of_mentor, FARTHEST)[rows, columns]
    there = matched <= FARTHEST
    told.append(
        ("steps of a pair", _mean(matched[there]), 1.0 if there.any() else np.nan,
         "mean steps between the two of a matched pair that had a path")
    )  # fmt: skip
    inside = [
        np.unique(nodes[network.inside[nodes]]) for nodes in (network.of_mentee, network.of_mentor)
    ]
    then, now = (
        known.steps(inside[0], inside[1], FARTHEST)[inside[0][:, None] != inside[1]]
        for known in (network, after)
    )
    reached = then <= FARTHEST
    told.append(
        ("steps", _mean(then[reached]), _mean(now[reached]),
         "mean steps between any mentee and any mentor that had a path")
    )  # fmt: skip
    told.append(
        ("with a path", _mean(reached), _mean(now <= FARTHEST),
         "share of mentees and mentors in the network with a path between them")
    )  # fmt: skip
    return pd.DataFrame(told, columns=["figure", "before", "after", "meaning"])


def _across(
    scores: Scores, rows: IntArray, columns: IntArray, by: str
) -> tuple[float, float]:  # fmt: skip
    """Return the share of pairs of different answers: of the admissible ones, and of these."""
    sides = [groups_of(people, by, "bridging") for people in (scores.mentees, scores.mentors)]
    known = [
        np.array([label != "unknown" for label in side.labels], dtype=bool)[side.codes]
        for side in sides
    ]
    labels = sorted({label for side in sides for label in side.labels})
    mine, yours = (
        np.array([labels.index(label) for label in side.labels], dtype=np.int64)[side.codes]
        for side in sides
    )
    both, differ = known[0][:, None] & known[1], mine[:, None] != yours
    admissible = both & (scores.admissible)
    return _mean(differ[admissible]), _mean(differ[rows, columns][both[rows, columns]])


def _mean(values: Any) -> float:
    return float(np.mean(values)) if values.size else float("nan")


def _pairs(matching: Matching | Suggestions) -> tuple[Scores, IntArray, IntArray]:
    pairs = matching.matching if isinstance(matching, Suggestions) else matching
    return pairs.problem.scores, *pairs.pairs


def _network(scores: Scores, graph: Any, owner: str) -> Network:
    given = graph if isinstance(graph, str) else edges_of(graph, owner)
    return network_of(given, scores.pairing, owner)


def _name(network: Network, scores: Scores, node: int) -> str:
    return network.name(node, scores.mentees, scores.mentors)


def _names(network: Network, scores: Scores, nodes: IntArray) -> list[str]:
    return [_name(network, scores, node) for node in nodes.tolist()]
