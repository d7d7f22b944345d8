"""What came of it, against known truth, one command: ``python -m benchmarks.outcomes [--smoke]``.

Runs every ``benchmarks.outcomes_<part>`` and keeps what it finds in ``benchmarks/results``. The
full draws take hours on one core; ``--only evaluation`` runs one part, ``--smoke`` a few draws of
all that can be made small, kept nowhere.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

PARTS = tuple(
    sorted(p.stem.removeprefix("outcomes_") for p in Path(__file__).parent.glob("outcomes_*.py"))
)
FEW = {
    "evaluation": ["--draws", "20", "--parts", "coverage", "worlds", "bounds", "power"],
    "goals": ["--draws", "2", "--goals", "1", "1"],
    "learning": ["--programmes", "2", "--worlds", "other", "--rounds", "1", "--parts", "rows"],
}
"""Arguments of a part that takes seconds."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outcomes", description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--smoke", action="store_true", help="a few draws, kept nowhere")
    options = parser.parse_args(arguments)
    for part in [options.only] if options.only else PARTS:
        run = import_module(f"benchmarks.outcomes_{part}").main
        print(f"-- {part}", flush=True)
        if not options.smoke:
            run([])
        elif part in FEW:
            with tempfile.TemporaryDirectory() as folder:
                run([*FEW[part], "--out", str(Path(folder) / "few.json")])


if __name__ == "__main__":
    main()
