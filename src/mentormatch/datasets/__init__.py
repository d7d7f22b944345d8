"""To try things on, all invented: a shipped example, seeded cohorts of any size, answers after."""

from mentormatch.datasets.cohort import make_cohort
from mentormatch.datasets.outcomes import SimulatedOutcomes, make_outcomes
from mentormatch.datasets.shipped import example_files, load_example

__all__ = [
    "SimulatedOutcomes",
    "example_files",
    "load_example",
    "make_cohort",
    "make_outcomes",
]
