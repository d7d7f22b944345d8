"""Scores, objectives and constraints become a `Problem`; `solve` gives a `Matching`."""
