"""``python -m mentormatch``: the command `mentormatch`, see `mentormatch.command`."""

from __future__ import annotations

import sys

from mentormatch.command.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
