"""explain: why this pair. Contributions that sum exactly to the score, and words for them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import ParameterError, check_parameter
from mentormatch.insight.audience import (
    AUDIENCES,
    Audience,
    check_audience,
    folded,
    private_criteria,
)
from mentormatch.insight.of_forms import asked_of_form
from mentormatch.insight.wording import Cast, cast, joined, plain, tellers
from mentormatch.matching.answer import Answer
from mentormatch.matching.lowering import MILLION
from mentormatch.matching.matching import Matching
from mentormatch.scoring.scores import PairParts, Scores
from mentormatch.scoring.wishes import Preference
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "contributions", "explain", "reason_texts", "scores_texts"]

IntArray: TypeAlias = npt.NDArray[np.int64]

NO_ANSWERS = "(no answers)"
"""Where the points of a pair go about which nothing was answered."""
MOST_REASONS = 4
"""Reasons in one text."""


def contributions(scores: Scores, rows: npt.ArrayLike, cols: npt.ArrayLike) -> pd.DataFrame:
    """Return what each criterion adds to the score of each pair, in points.

    A pair's score is the weighted mean of its criteria, in whole millionths, unanswered ones at
    what they count as (`score(missing=...)`); each criterion's share of it is rounded so that the
    shares sum to the score exactly (largest remainder, the earlier criterion among equals).

    Parameters
    ----------
    scores
        n mentees, m mentors.
    rows, cols
        Positions of the pairs, (k,) each.

    Returns
    -------
    DataFrame, one row per pair
        One column per criterion: int64 points (millionths of score). A last column
        ``(no answers)`` only if there are pairs about which there is nothing to count: it then
        holds the prior.

    Notes
    -----
    Time and memory O(k x criteria), whatever n and m.
    """
    import pandas as pd

    pairs = scores._at(rows, cols)
    shares, prior = _shares(pairs)
    frame = pd.DataFrame(shares, columns=list(pairs.names))
    if prior.any():
        frame[NO_ANSWERS] = prior
    return frame


def _shares(pairs: PairParts) -> tuple[IntArray, IntArray]:
    """Return (points per criterion (k, criteria), points of the prior (k,))."""
    known = ~np.isnan(pairs.counted) & (pairs.weights > 0)
    gained = np.where(known, pairs.weights * np.nan_to_num(pairs.counted), 0.0)
    answered = np.where(known, pairs.weights, 0.0).sum(axis=1)
    told = answered > 0
    exact = np.zeros_like(gained)
    exact[told] = MILLION * gained[told] / answered[told, None]
    # a shade less than exact, so that rounding dust never makes the floors exceed the score
    whole = np.maximum(np.floor(exact - 1e-6), 0).astype(np.int64)
    missing = np.where(told, pairs.millionths - whole.sum(axis=1), 0)
    remainder = np.where(known, exact - whole, -1.0)
    order = np.argsort(-remainder, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(order.shape[1])[None, :], axis=1)
    whole += place < missing[:, None]
    return whole, np.where(told, 0, pairs.millionths)


def reason_texts(
    matching: Matching,
    rows: npt.ArrayLike,
    cols: npt.ArrayLike,
    audience: Audience = "participant",
    *,
    most: int | None = None,
) -> list[str]:
    """Return one text per pair that says why the two go together.

    Parameters
    ----------
    matching
        Result of `solve`.
    rows, cols
        Positions of the pairs, (k,) each; they need not be matched.
    audience
        "participant": to the mentee, strongest reason first; nothing that rests on a sensitive
        answer, nothing about anybody's wishes but her own. "reviewer" and "administrator": about
        both by name, with what speaks against the pair and what was not answered; that sensitive
        answers or wishes count, and not what they are.
    most
        Only so many of the strongest reasons, and nothing of what was not answered; None for
        all that the audience is told.

    Raises
    ------
    ParameterError
        If the audience is none of these.

    Notes
    -----
    Time O(k x answers), about 0.3 ms a pair.
    """
    return scores_texts(matching.problem.scores, rows, cols, audience, most=most)


def scores_texts(
    scores: Scores,
    rows: npt.ArrayLike,
    cols: npt.ArrayLike,
    audience: Audience = "participant",
    *,
    most: int | None = None,
) -> list[str]:
    """Do what `reason_texts` does, for pairs of scores."""
    check_audience(audience, "reason_texts")
    pairs = scores._at(rows, cols)
    shares, _ = _shares(pairs)
    ranked = _ranked(pairs, shares)
    return [_text(scores, pairs, ranked[k], k, audience, most) for k in range(len(pairs))]


def _ranked(pairs: PairParts, shares: IntArray) -> list[list[int]]:
    """Return for each pair the criteria that were answered, the largest contribution first."""
    counted = ~np.isnan(pairs.parts) & (pairs.weights > 0)
    order = np.argsort(-shares, axis=1, kind="stable")
    kept = np.take_along_axis(counted, order, axis=1)
    return [line[keep].tolist() for line, keep in zip(order, kept, strict=True)]


def _text(
    scores: Scores,
    pairs: PairParts,
    ranked: Sequence[int],
    k: int,
    audience: Audience,
    most: int | None = None,
) -> str:
    i, j = int(pairs.rows[k]), int(pairs.cols[k])
    who = cast(scores, i, j, audience)
    told = _clauses(scores, pairs, ranked, k, who, most)
    if who.to_mentee:
        told = told[:MOST_REASONS]
        if not told:
            told = [f"{who.mentor} is the best match that was open to you"]
        return " ".join(_sentence(clause) for clause in told)
    if not told:
        told = ["Nothing was answered that could be compared; the score is a stated average"]
    text = " ".join(_sentence(clause) for clause in told)
    if most is not None:
        return text
    silent = [
        plain(name) + ("" if counts != counts else f" (counts as {counts:.2f})")
        for name, part, counts in zip(pairs.names, pairs.parts[k], pairs.counted[k], strict=True)
        if part != part
    ]
    return f"{text} Not answered: {joined(silent, 9)}." if silent else text


def _clauses(
    scores: Scores,
    pairs: PairParts,
    ranked: Sequence[int],
    k: int,
    who: Cast,
    most: int | None = None,
) -> list[str]:
    """Return what the criteria found, the largest contribution first."""
    found: list[str] = []
    told = tellers(scores)
    parts, i, j = pairs.parts[k].tolist(), int(pairs.rows[k]), int(pairs.cols[k])
    for c in ranked:
        part = parts[c]
        if who.to_mentee and part == 0:
            continue
        clause = told[c].tell(i, j, part, who)
        if clause:
            found.append(clause)
        if len(found) == most:
            break
    return found


def _sentence(clause: str) -> str:
    text = clause[:1].upper() + clause[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


@dataclass(frozen=True, eq=False)
class Explanation(Told):
    """Why a mentee and a mentor were matched, or what they would be to one another.

    Attributes
    ----------
    mentee, mentor : str
        Ids.
    matched : bool
        Whether the two are matched.
    score : float
        In [0, 1]; also of a pair that is not admissible.
    audience : {"participant", "reviewer", "administrator"}
        For whom it is: `text` and its HTML.
    contributions : Series
        Criterion -> points (millionths of score), int64; they sum to the score exactly. What rests
        on sensitive answers is one number, "(not shown)", but for an administrator.
    parts : Series
        Criterion -> its value in [0, 1], NaN where unanswered.
    evidence : float
        Share of the weight whose answers were given.
    rank : int or None
        Place of the mentor among the mentee's admissible mentors by score, 1 is best; None if
        the pair is not admissible.
    rank_for_mentor : int or None
        Place of the mentee among the mentor's admissible mentees.
    options, options_for_mentor : int
        How many admissible options each has.
    runner_up : str or None
        Id of the best-scored other admissible mentor of this mentee. This, `decided`, `rules` and
        `rank_for_mentor` are left empty for a participant.
    decided : str
        What decided between the match and the runner-up.
    rules : tuple of str
        What makes the pair inadmissible; empty if it is admissible.
    """

    mentee: str
    mentor: str
    matched: bool
    audience: Audience
    score: float
    contributions: pd.Series[int]
    parts: pd.Series[float]
    evidence: float
    rank: int | None
    rank_for_mentor: int | None
    options: int
    options_for_mentor: int
    runner_up: str | None
    decided: str
    rules: tuple[str, ...]
    _texts: dict[Audience, str] = field(repr=False)
    _names: tuple[str, str] = field(repr=False)

    def text_for(self, audience: Audience) -> str:
        """Return the reasons as a participant, a reviewer or an administrator may read them."""
        check_audience(audience, "text_for")
        return self._texts[audience]

    @property
    def text(self) -> str:
        """The reasons, for whom the explanation is."""
        return self.text_for(self.audience)

    def __repr__(self) -> str:
        state = "matched" if self.matched else "not matched"
        return f"<Explanation: {self.mentee} with {self.mentor}, {state}, score {self.score:.3f}>"

    def _repr_html_(self) -> str:
        parts = self.parts.reindex(self.contributions.index)
        rows = "".join(
            f"<tr><td>{html.escape(plain(str(name)))}</td>"
            f"<td>{'' if np.isnan(part) else f'{part:.2f}'}</td>"
            f"<td>{points / MILLION:.3f}</td></tr>"
            for (name, points), part in zip(self.contributions.items(), parts, strict=True)
        )
        head = "<tr><th>criterion</th><th>value</th><th>adds</th></tr>"
        title = f"{self._names[0]} with {self._names[1]}: {self.score:.3f}"
        return (
            f"<p><b>{html.escape(title)}</b></p><p>{html.escape(self.text)}</p>"
            f"<table>{head}{rows}</table>"
        )


@overload
def explain(
    matching: Matching, mentee: str, mentor: str | None = ..., *, audience: Audience = ...
) -> Explanation: ...


@overload
def explain(
    matching: Answer, mentee: str | int, mentor: None = ..., *, audience: Audience = ...
) -> Told: ...


@typed
def explain(
    matching: Answer,
    mentee: str | int,
    mentor: str | None = None,
    *,
    audience: Audience = "administrator",
) -> Told:
    """Explain one pair: what it scores, why, and what decided for it.

    Parameters
    ----------
    matching
        Result of `solve`. Or of `suggest`, `form_groups`, `match_peers` or `schedule_rounds`: then
        a person's list, group (by its number too), company or rounds are explained, in the words
        of that form.
    mentee
        Id, e-mail or unambiguous name.
    mentor
        The same; default: the mentee's (first) mentor.
    audience
        For whom the explanation is. Nobody is told a sensitive answer; a participant and a
        reviewer do not see either how much criteria about them add.

    Returns
    -------
    Explanation

    Raises
    ------
    UnknownPersonError
        If nobody is called that.
    ParameterError
        If the mentee is unmatched and no mentor is named (ask `diagnose` then), or the audience is
        none of the three.

    Notes
    -----
    Time O(n + m + answers).

    Examples
    --------
    >>> mm.explain(matching, mentee="ana@x.org").text        # doctest: +SKIP
    """
    check_audience(audience, "explain")
    if not isinstance(matching, Matching):
        told: Told = asked_of_form(matching, "explain", mentee, audience, mentor=(mentor, None))
        return told
    check_parameter(isinstance(mentee, str), "mentee", "explain", "text", mentee)
    mentee = str(mentee)
    scores = matching.problem.scores
    i = scores.mentees.position(mentee)
    j = _mentor_of(matching, i) if mentor is None else scores.mentors.position(mentor)
    best = _runner_up(scores, i, j)
    pairs = scores._at([i] if best is None else [i, i], [j] if best is None else [j, best])
    shares, prior = _shares(pairs)
    decided = "" if best is None else _decided(matching, pairs, shares, best)
    found = _explanation(matching, pairs, shares, int(prior[0]), best, decided)
    return found if audience == "administrator" else _for(found, audience, scores)


def _for(found: Explanation, audience: Audience, scores: Scores) -> Explanation:
    """Return an explanation without what single criteria about sensitive answers add.

    A participant is not told either what the mentor wished, nor about anybody else.
    """
    private = list(private_criteria(scores))
    if audience == "participant":
        private += [c.name for c in scores.criteria if isinstance(c, Preference)]
        found = replace(found, decided="", runner_up=None, rank_for_mentor=None, rules=())
    points = folded(found.contributions.to_frame().T, private).iloc[0].rename("points")
    parts = found.parts.drop(list(dict.fromkeys(private)))
    return replace(found, audience=audience, contributions=points, parts=parts)


def _explanation(
    matching: Matching,
    pairs: PairParts,
    shares: IntArray,
    prior: int,
    best: int | None,
    decided: str,
) -> Explanation:
    import pandas as pd

    scores = matching.problem.scores
    i, j = int(pairs.rows[0]), int(pairs.cols[0])
    names = list(pairs.names)
    points = pd.Series(
        [*shares[0], prior] if prior else shares[0],
        index=[*names, NO_ANSWERS] if prior else names,
        dtype=np.int64,
        name="points",
    )
    barred, own = bool(pairs.barred[0]), int(pairs.millionths[0])
    everybody = np.arange(len(scores.mentees))
    row, column = scores.block([i])[0], scores.at(everybody, np.full(everybody.size, j))
    ranks = [None if barred else 1 + int((line > own).sum()) for line in (row, column)]
    options = [int((line >= 0).sum()) for line in (row, column)]
    rules = scores.why_inadmissible(i, j) if barred else ()
    ranked = _ranked(pairs, shares)[0]
    texts = {reader: _text(scores, pairs, ranked, 0, reader) for reader in AUDIENCES}
    notes = [*_standing(scores, i, j, own, ranks, options), decided]
    notes += [f"Not admissible: {'; '.join(rules)}." if rules else ""]
    for reader in AUDIENCES[1:]:
        texts[reader] = " ".join(filter(None, [texts[reader], *notes]))
    return Explanation(
        mentee=scores.mentees.ids[i],
        mentor=scores.mentors.ids[j],
        audience="administrator",
        matched=bool((matching.mentors_of[i] == j).any()),
        score=own / MILLION,
        contributions=points,
        parts=pd.Series(pairs.parts[0].astype(np.float64), index=names, name="part"),
        evidence=float(pairs.evidence[0]),
        rank=ranks[0],
        rank_for_mentor=ranks[1],
        options=options[0],
        options_for_mentor=options[1],
        runner_up=None if best is None else scores.mentors.ids[best],
        decided=decided,
        rules=rules,
        _texts=texts,
        _names=(scores.mentees.name(i), scores.mentors.name(j)),
    )


def _standing(
    scores: Scores, i: int, j: int, own: int, ranks: Sequence[int | None], options: Sequence[int]
) -> list[str]:
    if own < 0:
        return []
    mentee, mentor = scores.mentees.name(i), scores.mentors.name(j)
    return [
        f"Score {own / MILLION:.3f}: choice {ranks[0]} of {options[0]} for {mentee}, "
        f"{ranks[1]} of {options[1]} for {mentor}."
    ]


def _mentor_of(matching: Matching, i: int) -> int:
    j = int(matching.assignment[i])
    if j < 0:
        name = matching.problem.scores.mentees.ids[i]
        raise ParameterError(
            f"{name!r} is not matched, so there is no pair to explain. Name a mentor with "
            "explain(..., mentor=...), or see diagnose(matching) for why nobody was free."
        )
    return j


def _runner_up(scores: Scores, i: int, j: int) -> int | None:
    """Return the best-scored other admissible mentor; among equals the first by id."""
    points = scores.block([i])[0]
    points[j] = -1
    top = int(points.max(initial=-1))
    if top < 0:
        return None
    ties = np.flatnonzero(points == top).tolist()
    return int(min(ties, key=lambda k: scores.mentors.ids[k]))


def _decided(matching: Matching, pairs: PairParts, shares: IntArray, best: int) -> str:
    """Say what decided between the pair (first) and the runner-up (second)."""
    scores = matching.problem.scores
    i, j = int(pairs.rows[0]), int(pairs.cols[0])
    mentee, mentor, other = (
        scores.mentees.name(i),
        scores.mentors.name(j),
        scores.mentors.name(best),
    )
    ahead = int(pairs.millionths[0]) - int(pairs.millionths[1])
    criteria = _leaders(pairs, shares)
    if ahead > 0:
        why = f", mostly for {criteria}" if criteria else ""
        return f"{mentor} is {ahead / MILLION:.3f} ahead of {other}, the next best{why}."
    if ahead < 0 and (matching.mentors_of[i] == j).any():
        return (
            f"{other} would score {-ahead / MILLION:.3f} more with {mentee}; "
            f"{_why_taken(matching, best)}."
        )
    return "" if ahead < 0 else f"{other} would score the same."


def _why_taken(matching: Matching, best: int) -> str:
    load = int((matching.mentors_of == best).sum())
    seats = int(matching.problem.scores.mentors.capacity[best])
    if load >= seats:
        taken = "that seat is" if seats == 1 else f"all {seats} seats there are"
        if seats == 0:
            return "there is no seat there"
        return f"{taken} taken by mentees who would lose more"
    return "the exchange would cost others more"


def _leaders(pairs: PairParts, shares: IntArray) -> str:
    """Name the criteria that put the first pair ahead of the second, the most decisive first."""
    lead = shares[0] - shares[1]
    order = [c for c in np.argsort(-lead, kind="stable").tolist() if lead[c] > 0][:2]
    return joined([plain(pairs.names[c]) for c in order])


def positions(matching: Matching, mentee: str, mentor: str) -> tuple[int, int]:
    """Return the positions of a mentee and a mentor given by id, e-mail or unambiguous name."""
    scores: Any = matching.problem.scores
    return scores.mentees.position(mentee), scores.mentors.position(mentor)
