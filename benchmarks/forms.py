"""The other forms of mentoring: figures and peers, one command.

    python -m benchmarks.forms [--smoke] [--only suggest|rounds|...] [--seeds 3]

Each form has a file of its own, `benchmarks.forms_<form>`, with a function `lines(seeds, smoke)`
that yields one dict per line. Seconds are of the processor, warm.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

FORMS = tuple(
    sorted(path.stem.removeprefix("forms_") for path in Path(__file__).parent.glob("forms_*.py"))
)


def lines(form: str, seeds: int, smoke: bool) -> Iterator[dict[str, Any]]:
    """Yield the lines of one form."""
    yield from import_module(f"benchmarks.forms_{form}").lines(seeds, smoke)


def main(arguments: list[str] | None = None) -> None:
    """Print one line per instance; keep them in a file if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small, for CI")
    parser.add_argument("--only", choices=FORMS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--store", type=Path, help="also write the lines to this file (JSON)")
    options = parser.parse_args(arguments)
    kept = []
    for form in [options.only] if options.only else FORMS:
        for line in lines(form, options.seeds, options.smoke):
            row = {"form": form, **line}
            print(*(f"{key}={value}" for key, value in row.items()), flush=True)
            kept.append(row)
    if options.store:
        options.store.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
