"""Files of answers, made up, as forms export them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

import mentormatch as mm

WORDS = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
LOST = "I am at a loss"
CONFIDENCE = mm.Scale(
    "confidence", items=["I feel able", "I know what to do", LOST], low=1, high=5, reverse=[LOST]
)
ABLE = mm.Scale("able", items="I feel able", low=1, high=5)


def csv(text: str) -> io.StringIO:
    return io.StringIO(text.strip() + "\n")


def points(people: int, *, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return int (people, 3): answers 1 to 5 to the items of CONFIDENCE, the last one reversed."""
    level = np.random.default_rng(0).normal(3, 1, people) + shift
    noise = np.random.default_rng(seed).normal(0, 0.5, (people, 3))
    found = np.clip(np.round(level[:, None] + noise), 1, 5).astype(int)
    found[:, 2] = 6 - found[:, 2]
    return found


def form(answers: np.ndarray, **more: object) -> pd.DataFrame:
    """Return answers to CONFIDENCE as a form exports them: numbers, words, both."""
    n = len(answers)
    return pd.DataFrame(
        {
            "ID": range(1, n + 1),
            "Start time": [f"2026-03-{1 + k % 28:02d} 10:00" for k in range(n)],
            "Email": [f"p{k}@x.example" for k in range(n)],
            "1. I feel able": [f"{a}. {WORDS[a - 1]}" for a in answers[:, 0]],
            "I know what to do.": [WORDS[a - 1] for a in answers[:, 1]],
            LOST: answers[:, 2],
            **more,
        }
    )
