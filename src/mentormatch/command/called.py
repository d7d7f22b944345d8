"""How the command was called."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["program"]


def program() -> str:
    """Return how the command was called."""
    name = Path(sys.argv[0]).name if sys.argv else ""
    return "python -m mentormatch" if name == "__main__.py" else "mentormatch"
