"""Texts and vectors as unit vectors, quantised so that their products are exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mentormatch.errors import ParameterError
from mentormatch.rosters.columns import BoolArray, FloatArray, Texts
from mentormatch.scoring.lowered import Cosines, Parts, SparseCosines

STEPS = 2048.0
"""Unit vectors are rounded to multiples of 1/2048; products are then exact in float32."""

Encoder = Callable[[Sequence[str]], npt.ArrayLike]


def unit_rows(vectors: FloatArray) -> Parts:
    """Return rows of length 1 in steps of 1/2048; NaN where the row is NaN or zero."""
    vectors = np.ascontiguousarray(vectors)  # each row is then summed in one order
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        scaled = vectors / np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
        length = np.sqrt((scaled * scaled).sum(axis=1, keepdims=True))
        unit = np.rint(scaled / length * STEPS) / STEPS
    unit[~np.isfinite(unit).all(axis=1)] = np.nan
    rounded: Parts = unit.astype(np.float32)
    return rounded


def lower_vectors(mentees: FloatArray, mentors: FloatArray) -> Cosines:
    """Return the cosine of two rosters' vectors, mapped from [-1, 1] to [0, 1]."""
    return Cosines(unit_rows(mentees), unit_rows(mentors), signed=True)


def lower_encoded(mentees: Texts, mentors: Texts, encoder: Encoder, owner: str) -> Cosines:
    """Return the cosine of the encoder's vectors of the answered texts."""
    texts = [text for text in (*mentees.values, *mentors.values) if text]
    vectors = encoded(texts, encoder, owner)
    every = np.full((len(mentees) + len(mentors), vectors.shape[1]), np.nan)
    every[np.concatenate((mentees.answered, mentors.answered))] = vectors
    return lower_vectors(every[: len(mentees)], every[len(mentees) :])


def encoded(texts: Sequence[str], encoder: Encoder, owner: str) -> FloatArray:
    """Return the encoder's vectors (texts, d), or say that they have another shape."""
    vectors = np.asarray(_encode(encoder, texts), dtype=np.float64)
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise ParameterError(
            f"The 'encoder' parameter of {owner} must give one vector per text: "
            f"({len(texts)}, d). Got an array of shape {vectors.shape}."
        )
    return vectors


def _encode(encoder: Any, texts: Sequence[str]) -> Any:
    if not texts:
        return np.zeros((0, 1))
    for name in ("encode", "transform"):
        if hasattr(encoder, name):
            return getattr(encoder, name)(texts)
    return encoder(texts)


def lower_tfidf(mentees: Texts, mentors: Texts) -> SparseCosines:
    """Return the cosine of TF-IDF vectors over both rosters' words."""
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [text or "" for text in (*mentees.values, *mentors.values)]
    n = len(mentees)
    model = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True)
    try:
        weights = csr_array(model.fit_transform(texts))
    except ValueError:  # no words at all
        weights = csr_array((len(texts), 1))
    weights.data = (np.rint(weights.data * STEPS) / STEPS).astype(np.float32)
    weights = weights.astype(np.float32)
    given: BoolArray = np.asarray(weights.sum(axis=1)).ravel() > 0
    return SparseCosines(weights[:n], weights[n:], given[:n], given[n:])
