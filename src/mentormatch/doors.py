"""Doors to the rooms above: results have methods that write and draw, for notebooks."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["upstairs"]


def upstairs(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a room above, imported when it is first asked for.

    The doors are listed in ``tests/test_structure.py``: imports otherwise flow down only.
    """
    found: Callable[..., Any] = getattr(import_module(f"mentormatch.{module}"), name)
    return found
