"""Exported files and dataframes become `Profiles`."""

from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.rosters.read import read_roster

__all__ = ["Profiles", "Role", "read_roster"]
