"""Time limits: what comes back after 2 and 10 seconds, on rules that make a programme hard.

    python -m benchmarks.limits [--smoke] [--only NAME] [--limits 2 10]

A realistic cohort of 1500 x 450 with seats for 85 % of the mentees. For each rule and limit: the
seconds that it took, the number matched, every stage's gap. The limit counts as kept within one
second or a fifth, whichever is more; kernels are compiled before.
"""

from __future__ import annotations

import argparse
import time

import mentormatch as mm

MATCHED, TOTAL = mm.MaximizeMatched(), mm.MaximizeTotal()
CASES: dict[str, dict[str, tuple[object, ...]]] = {
    "worst group": {"objectives": (MATCHED, mm.MaximizeWorstGroup("site"), TOTAL)},
    "worst group alone": {"objectives": (mm.MaximizeWorstGroup("site"),)},
    "leximin": {"objectives": (MATCHED, mm.Leximin(), TOTAL)},
    "quota of 40 %": {"constraints": (mm.Quota("gender", "woman", most=0.4, over="site"),)},
    "quota of 40 % per mentor": {"constraints": (mm.Quota("gender", "woman", most=0.4),)},
    "mean parity": {"constraints": (mm.Parity("gender", "mean_score", within=0.01),)},
    "loads per site": {"constraints": (mm.Load(by="site", most=200),)},
}


def cohort(n: int, m: int) -> mm.Scores:
    """Return the scores of a realistic cohort."""
    frames = mm.make_cohort(n, m, seed=7, seats=0.85)
    mentees, mentors = (
        mm.read_roster(frame, role=role)
        for frame, role in zip(frames, ("mentee", "mentor"), strict=True)
    )
    return mm.score(mentees, mentors)


def kept(limit: float, seconds: float) -> bool:
    """Whether a limit was kept, within one second or a fifth."""
    return seconds <= limit + max(1.0, limit / 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="60 x 20 with half a second")
    parser.add_argument("--only", help="cases whose name holds this")
    parser.add_argument("--limits", nargs="*", type=float, default=[2.0, 10.0])
    given = parser.parse_args()
    scores = cohort(60, 20) if given.smoke else cohort(1500, 450)
    mm.solve(mm.Problem(scores), route="dense")
    for name, parts in CASES.items():
        if given.only and given.only not in name:
            continue
        for limit in [0.5] if given.smoke else given.limits:
            started = time.perf_counter()
            matching = mm.solve(mm.Problem(scores, **parts), time_limit=limit)
            seconds = time.perf_counter() - started
            stages = ", ".join(
                f"{s.objective} {s.value:.6g} of {s.bound:.6g} ({s.gap:.3%})"
                for s in matching.stages
            )
            verdict = "kept" if kept(limit, seconds) else "MISSED"
            print(
                f"{name:26} {limit:4g} s: {seconds:6.2f} s {verdict}, {matching.status}: {stages}"
            )


if __name__ == "__main__":
    main()
