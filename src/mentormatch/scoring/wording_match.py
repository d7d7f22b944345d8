"""Needs and offers in people's own words: how alike they read, counted like labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import BoolArray, Column, FloatArray, Labels, Texts
from mentormatch.scoring.lowered import Counts
from mentormatch.scoring.needs import SHARES, needs_of
from mentormatch.scoring.scales import common_codes, rows_of
from mentormatch.scoring.text import STEPS, Encoder, encoded, unit_rows

if TYPE_CHECKING:
    from mentormatch.scoring.people import Pairing

NOISE = 0.1
"""Cosine of letter n-grams up to which unrelated wishes and offers are alike (98 % of them)."""
ROWS_AT_ONCE = 512
_CLAUSES = re.compile(r"[;\n•]+|[.!?]+(?:\s+|$)")


def as_labels(column: Column) -> Labels:
    """Return free text as labels, one for each sentence, line or item; labels as they are."""
    if isinstance(column, Labels):
        return column
    assert isinstance(column, Texts)
    return Labels.of(
        None if not text else [part.strip() for part in _CLAUSES.split(text) if part.strip()]
        for text in column.values
    )


def share_offered(wanted: Labels, offered: Labels) -> float:
    """Return the share (0 to 1) of all needs named that some mentor offers under that name.

    1 where nothing was named: then there is nothing that words could hide.
    """
    (mine, yours), _ = common_codes(wanted.labels, offered.labels)
    named = mine[wanted.codes]
    return float(np.isin(named, yours[offered.codes]).mean()) if len(named) else 1.0


def lower_alike(
    wanted: Labels, offers: Sequence[Labels], encoder: Encoder | None, owner: str
) -> tuple[Counts, list[str]]:
    """Return `Covers` by text as counts, and the needs that read like no offer.

    Notes
    -----
    Time O(kinds of needs x kinds of offers), memory O(kinds of needs x m).
    """
    n, m = len(wanted), len(offers[0])
    codes, labels = common_codes(wanted.labels, *(offer.labels for offer in offers))
    rows, need, units, total = needs_of(wanted, codes[0], len(labels))
    needs, kind = np.unique(need, return_inverse=True)
    who = np.concatenate([rows_of(offer) for offer in offers])
    what = np.concatenate(
        [mine[offer.codes] for offer, mine in zip(offers, codes[1:], strict=True)]
    )
    offered, at = np.unique(what, return_inverse=True)
    order = np.argsort(who, kind="stable")
    who, at = who[order], at[order]
    mentors, starts = np.unique(who, return_index=True)
    shares = np.zeros((len(needs), m), dtype=np.int16)
    vectors = _vectors([labels[k] for k in needs], [labels[k] for k in offered], encoder, owner)
    for start in range(0, len(needs) if len(offered) else 0, ROWS_AT_ONCE):
        block = needs[start : start + ROWS_AT_ONCE]
        alike = _alike(*vectors, start, start + len(block), by_letters=encoder is None)
        alike[block[:, None] == offered[None, :]] = 1  # the same label, whatever its rounding
        counted = np.rint(alike * SHARES).astype(np.int16)
        best = np.maximum.reduceat(counted[:, at], starts, axis=1)
        shares[start : start + len(block), mentors] = best
    unmet = [
        labels[k] for k, most in zip(needs, shares.max(axis=1, initial=0), strict=True) if not most
    ]
    given: BoolArray = np.any([offer.given for offer in offers], axis=0)
    counts = Counts(
        indptr=np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n)))).astype(np.int64),
        kinds=kind.ravel().astype(np.int32),
        units=units.astype(np.int32),
        offered=shares,
        total=(total * SHARES).astype(np.float32),
        size=np.where(given, 0, np.nan).astype(np.float32),
        jaccard=False,
    )
    return counts, unmet


def _vectors(
    needs: Sequence[str], offers: Sequence[str], encoder: Encoder | None, owner: str
) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors in steps of 1/2048, of needs and of offers (sparse for TF-IDF)."""
    if encoder is not None:
        vectors = unit_rows(encoded([*needs, *offers], encoder, owner)).astype(np.float64)
        return np.nan_to_num(vectors[: len(needs)]), np.nan_to_num(vectors[len(needs) :])
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer

    # each wording once, in one order: neither repeats nor the order of rows have a say
    words = sorted({*needs, *offers})
    model = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), strip_accents="unicode", sublinear_tf=True
    )
    try:
        model.fit(words)
    except ValueError:  # no letters at all
        return csr_array((len(needs), 1)), csr_array((len(offers), 1))
    both = [
        csr_array(model.transform(list(texts))) if texts else csr_array((0, len(model.vocabulary_)))
        for texts in (needs, offers)
    ]
    for each in both:
        each.data = np.rint(each.data * STEPS) / STEPS
    return both[0], both[1]


def _alike(
    needs: FloatArray, offers: FloatArray, start: int, stop: int, *, by_letters: bool
) -> npt.NDArray[np.float64]:
    """Return how alike (stop - start, offers) they read, from 0 to 1; products are exact."""
    product = needs[start:stop] @ offers.T
    cosine = np.clip(product.toarray() if hasattr(product, "toarray") else product, 0, 1)
    if not by_letters:
        return np.asarray(cosine)
    # the root: other words for the same thing share a quarter of their letters at most
    return np.sqrt(np.where(cosine < NOISE, 0, cosine))


def note_unmet(pairing: Pairing, column: str, unmet: Sequence[str]) -> None:
    """List what the mentees named that reads like nothing any mentor offers."""
    for label in sorted(unmet):
        pairing.found(
            "mentee", column, label, "reads like nothing that a mentor offers",
            "counts 0 with every mentor; ask mentors about it, or word it as one of them does",
        )  # fmt: skip


__all__ = ["as_labels", "lower_alike", "note_unmet", "share_offered"]
