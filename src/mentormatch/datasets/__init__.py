"""Rosters to try things on, all invented: a shipped example, and seeded cohorts of any size."""

from mentormatch.datasets.cohort import make_cohort
from mentormatch.datasets.shipped import example_files, load_example

__all__ = ["example_files", "load_example", "make_cohort"]
