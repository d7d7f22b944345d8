"""Random problems that mix everything: no answer may say what is not so."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import mentormatch as mm
from tests import fuzz, validator
from tests.oracles import Highs, Unproven


def told(summary: dict[str, Any]) -> str:
    """One line for each kind of finding: how many, what, and from which seed it can be rebuilt."""
    lines = []
    for kind, found in sorted(summary["kinds"].items(), key=lambda item: -len(item[1])):
        task, text = found[0]
        lines.append(f"{len(found)} x {kind}\n  {text[:300]}\n  {fuzz.describe(task)[:600]}")
    return "\n".join(lines)


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Stop what hangs, where the system can: what loops in Python, not in a kernel."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"no answer in {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def judged(task: fuzz.Task) -> list[fuzz.Finding]:
    try:
        with alarm(20):
            return fuzz.run(*task, routes=False)
    except TimeoutError as error:
        return [fuzz.Finding("hang", str(error))]


@pytest.mark.parametrize("start", range(0, 150, 30))
def test_tiny_problems(start: int) -> None:
    tasks = [(11 * seed, "tiny", False) for seed in range(start, start + 30)]
    summary = fuzz.report((task, judged(task)) for task in tasks)
    assert not summary["kinds"], told(summary)


def test_the_fuzzer_reaches_every_pair_of_features() -> None:
    assert {fuzz.KIND_OF.get(f, f) for f in fuzz.OBJECTIVES} == {
        "matched", "total", "minimum", "leximin mentees", "worst group", "balance", "changes",
            "wishes", "defects",
    }  # fmt: skip
    alone, fewest = fuzz.coverage(fuzz.tasks_of(len(fuzz.PAIRS), 0, "tiny", False))
    share = 500 / 20_000 * len(fuzz.PAIRS)
    assert min(alone[feature] for feature in fuzz.FEATURES) >= share
    assert fewest >= 1


def sleeps_or_dies(seed: int, size: str, limits: bool) -> list[fuzz.Finding]:
    if seed == 1:
        time.sleep(60)
    if seed == 2:
        os._exit(3)
    return []


def test_a_hang_and_a_crash_are_findings_and_the_rest_goes_on() -> None:
    tasks = [(seed, "tiny", False) for seed in range(6)]
    done = dict(fuzz.run_many(tasks, 2, patience=1.5, judge=sleeps_or_dies))
    assert set(done) == set(tasks)
    assert [finding.where for finding in done[tasks[1]]] == ["hang"]
    assert [finding.where for finding in done[tasks[2]]] == ["crash"]
    assert not any(done[task] for task in tasks if task[0] not in (1, 2))


def rematched(feature: str, wanted: int) -> dict[str, Any]:
    """Rematch cases with a feature, with at most so many changes, until so many were judged."""

    def cases() -> Iterator[tuple[fuzz.Task, list[fuzz.Finding]]]:
        judged, seed = 0, 0
        while judged < wanted:
            if feature in fuzz.PAIRS[seed % len(fuzz.PAIRS)]:
                findings = fuzz.rematch_only(seed)
                if findings is not None:
                    judged += 1
                    yield (seed, "tiny", False), findings
            seed += 1

    return fuzz.report(cases())


@pytest.mark.parametrize("feature", fuzz.FEATURES)
def test_rematch_with_few_changes(feature: str) -> None:
    summary = rematched(feature, 4)
    assert not summary["kinds"], told(summary)


@pytest.mark.slow
@pytest.mark.parametrize("feature", fuzz.FEATURES)
def test_rematch_with_few_changes_60_times(feature: str) -> None:
    summary = rematched(feature, 60)
    assert not summary["kinds"], told(summary)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 3_000, 300))
def test_3000_problems(first: int) -> None:
    summary = fuzz.report(fuzz.run_many(fuzz.tasks_of(300, first, None, None), 1))
    assert summary["cases"] == 300
    assert not summary["kinds"], told(summary)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 120, 20))
def test_middle_problems_against_integer_programming(start: int) -> None:
    compared = 0
    findings = []
    for seed in range(11 * start, 11 * (start + 20), 11):
        case = fuzz.make(seed, "thirty")
        try:
            oracle = Highs(case.problem, *case.frames, time_limit=10)
            infeasible = oracle.infeasible
        except Unproven:
            continue
        compared += 1
        wrong: list[str] = []
        try:
            matching = mm.solve(case.problem, time_limit=20)
        except mm.InfeasibleError as error:
            wrong += [] if infeasible else [f"InfeasibleError: {error}"]
        else:
            wrong += validator.check(matching, *case.frames)
            wrong += validator.check_optimal(matching, oracle)
        findings += [f"{text}\n  {fuzz.describe((seed, 'thirty', False))}" for text in wrong]
    assert compared >= 10
    assert not findings, "\n".join(findings)
