"""alternatives: the next best mentors for one mentee, and what each would cost the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mentormatch.errors import check_parameter
from mentormatch.insight.residual import FAR, Worth, residual_of
from mentormatch.insight.why_not import moves_frame, moves_text
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["alternatives"]


def alternatives(matching: Matching, mentee: str, k: int = 3) -> pd.DataFrame:
    """List the next best mentors for a mentee, given everybody else.

    A mentor's cost is what the whole would lose if this mentee were with that mentor and everybody
    else then arranged as well as possible; the list begins with the cheapest.

    Parameters
    ----------
    matching
        Result of `solve`, proven optimal.
    mentee
        Id, e-mail or unambiguous name.
    k
        How many.

    Returns
    -------
    DataFrame, at most k rows
        `mentor`, `name`, `score`, `matched_lost` (how many fewer mentees would be matched),
        `cost` (total score lost; below 0: gained, with fewer matched), `others_move` (how many
        other mentees change), `text` (who moves where). Empty for a locked mentee.

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If k is not a whole number of at least 1, or the matching is not proven optimal.

    Notes
    -----
    One tree of shortest paths gives the cost of every mentor: O(h m^2) for chains of h moves.
    """
    import pandas as pd

    ok = isinstance(k, int | np.integer) and not isinstance(k, bool) and k >= 1
    check_parameter(bool(ok), "k", "alternatives", "an int in [1, inf)", k)
    scores = matching.problem.scores
    i = scores.mentees.position(mentee)
    residual = residual_of(matching, "alternatives")
    names = ["mentor", "name", "score", "matched_lost", "cost", "others_move", "text"]
    if residual.mentor_of[i] < 0:
        return pd.DataFrame(columns=names)
    forced = residual.forced(i)
    options = np.flatnonzero(forced.cost < FAR)
    options = options[options != matching.assignment[i]]
    points = scores.points[i, options]
    ids = np.array([scores.mentors.ids[int(j)] for j in options], dtype=object)
    # among equal costs the better score, then the id: never the order of the roster
    order = sorted(range(len(options)), key=lambda o: (forced.cost[options[o]], -points[o], ids[o]))
    rows = []
    for j in options[order[:k]].tolist():
        lost = Worth.of(int(forced.cost[j]), residual.lowered)
        moves = moves_frame(matching, forced.moves(j))
        score = int(scores.points[i, j]) / MILLION
        others = max(len(moves) - 1, 0)
        text = moves_text(matching, moves)
        rows.append(
            (scores.mentors.ids[j], scores.mentors.name(j), score, lost.matched,
             lost.points / MILLION, others, text)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=names)
