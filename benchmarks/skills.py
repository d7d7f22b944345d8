"""Skills that people want and offer, for the instances of the forms of mentoring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SKILLS = 40


def skills(rng: np.random.Generator, n: int, few: int, many: int) -> npt.NDArray[np.float32]:
    """Return n rows of `few` to `many` different skills, popular ones more often (Zipf 0.7)."""
    popular = 1 / np.arange(1, SKILLS + 1) ** 0.7
    popular /= popular.sum()
    rows = np.zeros((n, SKILLS), np.float32)
    for row in rows:
        row[rng.choice(SKILLS, rng.integers(few, many + 1), replace=False, p=popular)] = 1
    return rows
