"""Kernels as compiled code, or as Python where the compiler would take longer than the work."""

from __future__ import annotations

from importlib import import_module
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

__all__ = ["COMPILED", "kernels"]

COMPILED = 10_000
"""Pools with fewer pairs than this are solved without compiled code."""


def kernels(name: str, pairs: int) -> Any:
    """Return the kernels of a file of this folder for a pool of so many pairs."""
    module = import_module(f"mentormatch.solvers.general.{name}")
    if pairs < COMPILED:
        return _interpreted(module)
    from mentormatch.solvers.compile import announce

    first = next(value for value in vars(module).values() if hasattr(value, "py_func"))
    announce(first, "solver of pools")
    return module


def _interpreted(module: ModuleType) -> Any:
    """Return the functions of a module of kernels as they are without the compiler."""
    names = {
        name: value.py_func if hasattr(value, "py_func") else value
        for name, value in vars(module).items()
    }
    for name, value in names.items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            names[name] = FunctionType(value.__code__, names, name, value.__defaults__)
    return SimpleNamespace(**names)
