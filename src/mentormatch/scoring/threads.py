"""Blocks of rows shared among threads, and from how many pairs on compiled code pays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

COMPILE_FROM = 50_000
"""Pairs from which compiled kernels are worth their start-up; the numbers are the same."""


def in_threads(work: object, starts: Sequence[Any], threads: int) -> None:
    """Run `work` on interleaved shares of the blocks, in so many threads."""
    assert callable(work)
    threads = min(threads, len(starts))
    if threads <= 1:
        work(starts)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, starts[first::threads]) for first in range(threads)]:
            done.result()


def threads_for(wanted: int | None, pairs: int) -> int:
    """Return how many threads so many pairs are worth."""
    if wanted is not None:
        return wanted
    if pairs <= COMPILE_FROM:
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


__all__ = ["COMPILE_FROM", "in_threads", "threads_for"]
