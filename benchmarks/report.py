"""Results to a table, a plot, and a comparison with stored results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

Results = dict[str, Any]
SLACKENED = 0.7
"""A stored ratio counts as lost when the new one is below this share of it."""


def finished(record: Results, ours: bool) -> dict[str, Results]:
    """Return the rows with a time, by solver."""
    rows = (row for row in record["rows"] if row["ours"] == ours and "seconds" in row)
    return {row["solver"]: row for row in rows}


def our_row(record: Results) -> Results | None:
    """Return the row of the route that a user gets without asking for one."""
    ours = finished(record, ours=True)
    return ours.get("mentormatch") or ours.get("mentormatch (sparse)")


def fastest_peer(record: Results) -> Results | None:
    """Return the row of the fastest peer that finished."""
    return min(finished(record, ours=False).values(), key=lambda row: row["seconds"], default=None)


def ratio(record: Results) -> float | None:
    """Return how many times faster we are than the fastest peer."""
    ours, peer = our_row(record), fastest_peer(record)
    return peer["seconds"] / ours["seconds"] if ours and peer else None


def exponent(records: list[Results], solver: str) -> float | None:
    """Fit time = c * pairs ** exponent by least squares on logarithms."""
    points = [
        (record["pairs"], row["seconds"])
        for record in records
        for row in record["rows"]
        if row["solver"] == solver and "seconds" in row
    ]
    if len({pairs for pairs, _ in points}) < 3:
        return None
    pairs, seconds = np.log(np.array(points, dtype=float)).T
    return float(np.polyfit(pairs, seconds, 1)[0])


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [line(header), line(["---"] * len(header)), *map(line, rows), ""]


def _summary_row(record: Results) -> list[str]:
    ours, peer, times = our_row(record), fastest_peer(record), ratio(record)
    dense = "read_points" in record
    return [
        record["family"],
        record["regime"],
        f"{record['n']} x {record['m']}",
        _time(ours["seconds"]) if ours else "-",
        f"{peer['solver']} {_time(peer['seconds'])}" if peer else "none finished",
        f"**{times:.1f}**" if times else _at_least(record),
        f"{ours['seconds'] / record['read_points']:.1f}" if ours and dense else "-",
        f"{ours['seconds'] / record['read_float64']:.1f}" if ours and dense else "-",
        _memory(record, ours) if ours else "-",
        "yes" if record["agree"] else "**NO**",
    ]


def _at_least(record: Results) -> str:
    """Return the ratio to the time cap, where peers were stopped there and none finished."""
    ours = our_row(record)
    stopped = any(row["status"].startswith("over") for row in record["rows"])
    return f"> {record['cap'] / ours['seconds']:.0f}" if ours and stopped else "-"


def _memory(record: Results, row: Results) -> str:
    if "peak_bytes" not in row:
        return "-"
    size = f"{row['peak_bytes'] / 1e6:.0f} MB"
    if "read_points" not in record:
        return size
    return f"{size} ({row['peak_bytes'] / (8 * record['pairs']):.2f})"


SUMMARY = [
    "family",
    "seats",
    "size",
    "mentormatch",
    "fastest peer",
    "times faster",
    "reads of points",
    "reads of float64",
    "peak memory (of float64 matrix)",
    "totals agree",
]


def _all_times(records: list[Results]) -> list[str]:
    names = list(dict.fromkeys(row["solver"] for record in records for row in record["rows"]))
    rows = []
    for record in records:
        by_name = {row["solver"]: row for row in record["rows"]}
        cells = [_cell(by_name.get(name)) for name in names]
        rows.append([f"{record['family']} {record['regime']} {record['n']}x{record['m']}", *cells])
    return _table(["instance", *names], rows)


def _cell(row: Results | None) -> str:
    if row is None:
        return ""
    if "seconds" not in row:
        return row["status"].replace("skipped above", ">").replace("over the time cap", "> cap")
    setup = f" (+{_time(row['setup_seconds'])})" if row.get("setup_seconds", 0) > 1e-4 else ""
    return f"{_time(row['seconds'])}{'' if row['ours'] else setup}"


def render(results: Results) -> str:
    """Return the results as Markdown."""
    records = results["records"]
    lines = [
        "# Benchmarks",
        "",
        f"{results['date']}, {results['machine']}, Python {results['python']}, "
        + ", ".join(f"{name} {version}" for name, version in results["versions"].items())
        + ".",
        "",
        f"`{results['command']}` makes this page. Best of up to {results['repeats']} after a "
        f"warm-up, one process per solver and instance, time cap {results['cap']:g} s. The time is "
        "the solver's alone: what a peer needs to build its input is in brackets and does not "
        "count. All maximise the number of matched mentees, then the total, and must agree on "
        "both. One read is a row minimum over the matrix.",
        "",
    ]
    for suite in dict.fromkeys(record["suite"] for record in records):
        chosen = [record for record in records if record["suite"] == suite]
        lines += [f"## {suite.capitalize()}", ""]
        lines += _table(SUMMARY, [_summary_row(record) for record in chosen])
        lines += _means(chosen)
        lines += ["<details><summary>Every solver</summary>", "", *_all_times(chosen)]
        lines += ["</details>", ""]
    lines += _growth(records)
    for title, section in results.get("sections", {}).items():
        lines += [f"## {title}", ""]
        lines += _table(["what", "value"], [[name, _plain(v)] for name, v in section.items()])
    return "\n".join(lines).rstrip() + "\n"


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _means(records: list[Results]) -> list[str]:
    lines = []
    for size in dict.fromkeys((record["n"], record["m"]) for record in records):
        of_size = [record for record in records if (record["n"], record["m"]) == size]
        ratios = [times for record in of_size if (times := ratio(record))]
        if len(ratios) > 1:
            mean = float(np.exp(np.mean(np.log(ratios))))
            lines.append(
                f"{size[0]} x {size[1]}: geometric mean {mean:.1f} times faster than the fastest "
                f"peer, least {min(ratios):.1f}."
            )
    return [*lines, ""] if lines else []


def _growth(records: list[Results]) -> list[str]:
    chosen = growth_records(records)
    names = dict.fromkeys(row["solver"] for record in chosen for row in record["rows"])
    fits = [(name, fit) for name in names if (fit := exponent(chosen, name)) is not None]
    if not fits:
        return []
    rows = [[name, f"{fit:.2f}"] for name, fit in fits]
    lines = ["## Growth", "", "Time = c * pairs ^ exponent, seats for 105 %:", ""]
    lines += _table(["solver", "exponent"], rows)
    return [*lines, "![Time against size](growth.png)", ""]


def growth_records(records: list[Results]) -> list[Results]:
    """Return the records of one family and regime over all sizes."""
    return [r for r in records if r["suite"] in ("capacity", "smoke") and r["regime"] == "slack"]


def plot_growth(results: Results, path: Path) -> None:
    """Draw time against size, one line per solver, both axes logarithmic."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    records = [r for r in growth_records(results["records"]) if r["suite"] == "capacity"]
    figure, axes = plt.subplots(figsize=(8.5, 5), layout="constrained")
    # a strong and a pale one of each of ten colours
    axes.set_prop_cycle(color=plt.get_cmap("tab20")([*range(0, 20, 2), *range(1, 20, 2)]))
    for name in dict.fromkeys(row["solver"] for record in records for row in record["rows"]):
        line = [
            (record["pairs"], row["seconds"])
            for record in records
            for row in record["rows"]
            if row["solver"] == name and "seconds" in row
        ]
        if not line:
            continue
        ours = name.startswith("mentormatch")
        dashed = "--" if ours and name != "mentormatch" else "-"  # one covers the other
        axes.plot(
            *zip(*line, strict=True), dashed, marker="o", label=name,
            lw=3 if ours else 1, zorder=3 if ours else 2,
        )  # fmt: skip
    reads = [(record["pairs"], record["read_points"]) for record in records]
    axes.plot(*zip(*reads, strict=True), ls=":", color="black", label="one read of the points")
    axes.set(xscale="log", yscale="log", xlabel="pairs", ylabel="seconds")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


def compare(old: Results, new: Results) -> list[str]:
    """Return one line per ratio that got worse than `SLACKENED` of the stored one."""
    before = {record["key"]: ratio(record) for record in old["records"]}
    lines = []
    for record in new["records"]:
        now, then = ratio(record), before.get(record["key"])
        if now and then and now < SLACKENED * then:
            lines.append(f"{record['key']}: {now:.2f} times the fastest peer, was {then:.2f}")
    for title, section in new.get("sections", {}).items():
        for name, now in section.items():
            then = old.get("sections", {}).get(title, {}).get(name)
            if not ("times" in name and isinstance(then, float) and isinstance(now, float)):
                continue
            if now < SLACKENED * then:
                lines.append(f"{title}, {name}: {now:.2f}, was {then:.2f}")
    return lines
