"""Match mentors and mentees well and fairly, prove it, and say why.

The public names, in pipeline order. Each is imported when it is first used, so that
``import mentormatch`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mentormatch.errors import (
        MentormatchError as MentormatchError,
    )

__version__ = "0.1.0"

_HOMES: dict[str, tuple[str, ...]] = {
    "mentormatch.errors": (
        "ColumnError",
        "InfeasibleError",
        "MentormatchError",
        "ParameterError",
        "RosterError",
        "ScoreError",
        "UnknownPersonError",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*_HOME_OF, "__version__"]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'mentormatch' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
