"""The example that comes with the package: two exports as a programme's forms give them."""

from __future__ import annotations

from pathlib import Path

from mentormatch.rosters.profiles import Profiles
from mentormatch.rosters.read import read_roster

__all__ = ["example_files", "load_example"]

FOLDER = Path(__file__).parent / "example"


def example_files() -> tuple[Path, Path]:
    """Return where the two files of the shipped example lie.

    Returns
    -------
    tuple of two Path
        The sign-ups of 120 invented mentees (.xlsx, as Microsoft Forms exports them) and of 45
        invented mentors (.csv, as Google Forms does), with the blemishes of real exports. Copy
        them before you change them: ``mentormatch example`` does.
    """
    return FOLDER / "mentees.xlsx", FOLDER / "mentors.csv"


def load_example() -> tuple[Profiles, Profiles]:
    """Read the shipped example, wherever the package is installed.

    Returns
    -------
    tuple of two Profiles
        120 mentees and 45 mentors, as `read_roster` reads `example_files`.

    Examples
    --------
    >>> import mentormatch as mm
    >>> mentees, mentors = mm.load_example()
    >>> len(mentees), len(mentors)
    (120, 45)
    """
    mentees, mentors = example_files()
    return read_roster(mentees, role="mentee"), read_roster(mentors, role="mentor")
