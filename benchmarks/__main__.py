"""``python -m benchmarks``: run, print the table, and rewrite ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import pipeline, report, suites

RESULTS = Path(__file__).parent / "results"
VERSIONS = (
    "mentormatching",
    "numpy",
    "scipy",
    "numba",
    "lapx",
    "ortools",
    "pylmcf",
    "POT",
    "highspy",
    "networkx",
    "mentor-match",
)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--smoke", action="store_true", help="small, under a minute; checks that totals agree"
    )
    mode.add_argument(
        "--compare", action="store_true", help="run, then list the stored ratios that got worse"
    )
    mode.add_argument(
        "--render", action="store_true", help="rewrite table and plot from the stored numbers"
    )
    parser.add_argument("--only", default="", help="cells whose key holds this text")
    parser.add_argument("--solvers", default="", help="comma-separated parts of solver names")
    parser.add_argument("--cap", type=float, default=30.0, help="seconds per call (default 30)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs (default 5)")
    parser.add_argument("--no-sections", action="store_true", help="solvers only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    return parser.parse_args(arguments)


def describe(options: argparse.Namespace) -> dict[str, Any]:
    """Return what a reader must know to judge the numbers."""
    versions = {}
    for name in VERSIONS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "date": dt.date.today().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "versions": versions,
        "command": "python -m benchmarks",
        "cap": options.cap,
        "repeats": options.repeats,
    }


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line for line in lines if line.startswith("model name")).split(": ")[1]
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Run the cells and sections that were asked for."""
    wanted = [part for part in options.solvers.split(",") if part]

    def only(name: str) -> bool:
        return not wanted or any(part in name for part in wanted)

    cells = suites.smoke() if options.smoke else suites.full()
    results = describe(options)
    results["records"] = [
        suites.run_cell(
            cell, cap=options.cap, repeats=options.repeats, only=only, isolated=not options.smoke
        )
        for cell in cells
        if options.only in cell.key
    ]
    skip = options.smoke or options.no_sections
    results["sections"] = {} if skip else pipeline.sections(options.cap)
    return results


def save(results: dict[str, Any], folder: Path) -> None:
    """Write numbers, table and plot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(report.render(results), encoding="utf-8")
    if report.growth_records(results["records"]):
        report.plot_growth(results, folder / "growth.png")


def main(arguments: list[str] | None = None) -> int:
    """Return 0, or 1 if totals disagree, something failed or a ratio got worse."""
    options = parse(arguments)
    stored = options.out / "results.json"
    if options.render:
        save(json.loads(stored.read_text(encoding="utf-8")), options.out)
        return 0
    results = run(options)
    wrong = [record["key"] for record in results["records"] if not record["agree"]]
    for key in wrong:
        print(f"Totals differ or a solver failed: {key}", file=sys.stderr)
    if options.smoke:
        print(f"{len(results['records'])} instances, {len(wrong)} with disagreement.")
        return int(bool(wrong))
    print(report.render(results))
    if options.compare:
        worse = report.compare(json.loads(stored.read_text(encoding="utf-8")), results)
        print("\n".join(["Worse than stored:", *worse]) if worse else "No stored ratio got worse.")
        return int(bool(worse or wrong))
    partial = options.only or options.solvers or options.no_sections
    if partial and options.out == RESULTS:
        print("Not saved: this is a part of the benchmarks. Give --out FOLDER.", file=sys.stderr)
    else:
        save(results, options.out)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
