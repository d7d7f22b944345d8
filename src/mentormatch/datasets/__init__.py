"""Seeded synthetic cohorts, at any size: rosters as an export would hold them, all invented."""

from mentormatch.datasets.cohort import make_cohort

__all__ = ["make_cohort"]
