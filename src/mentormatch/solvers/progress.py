"""progress=True: one line that says what is being solved and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mentormatch.errors import check_parameter
from mentormatch.solvers.budget import Report

__all__ = ["Progress", "listener"]


Progress: TypeAlias = bool | Callable[[str, float, float, float], bool | None]
"""True, False, or what receives (stage, value, bound, seconds) and cancels by returning True."""


def listener(progress: Progress, owner: str = "solve") -> Report | None:
    """Return who is told about the progress: nobody, a line on the screen, or the callable."""
    check_parameter(
        isinstance(progress, bool) or callable(progress), "progress", owner,
        "True, False or a callable", progress,
    )  # fmt: skip
    if callable(progress):
        return progress
    return _Line() if progress else None


class _Line:
    """One line, by tqdm, that is rewritten as stages are solved."""

    def __init__(self) -> None:
        from tqdm.auto import tqdm

        self.bar: Any = tqdm(desc="solving", bar_format="{desc} {elapsed}{postfix}", leave=False)

    def __call__(self, stage: str, value: float, bound: float, seconds: float) -> None:
        largest = max(abs(value), abs(bound), 1e-12)
        gap = abs(bound - value) / largest
        self.bar.set_description_str(stage, refresh=False)
        self.bar.set_postfix_str(f"gap {gap:.2%}" if gap == gap and gap < 10 else "no bound yet")
