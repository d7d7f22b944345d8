"""The plan of a reading: one part per field, and the columns that it is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mentormatch.rosters.columns import label_key
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.wishes import WishGrid


@dataclass(frozen=True)
class Part:
    """One field to build: its kind, the columns it is read from, and why.

    shape : "single", or how several columns become one field: "joined", "hours_grid",
        "level_grid", "paired", "choices", "wish_grid", "gated", "ticks", "rank_grid", "with_other".
    """

    field: str
    kind: str
    headers: tuple[str, ...]
    reason: str
    shape: str = "single"
    grid: WishGrid | None = None
    items: tuple[str, ...] = ()
    levels: tuple[str | None, ...] = ()
    of_priority: bool = False
    first_is_one: bool = False
    inverted: bool = False


@dataclass
class Plan:
    """The parts, one per field, and the headers they use up."""

    columns: Mapping[str, TextColumn]
    role: str
    parts: dict[str, Part] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    def add(self, part: Part) -> None:
        self.parts[part.field] = part
        for header in part.headers:
            self.used[header] = part.field

    def free(self) -> list[TextColumn]:
        """Return the columns that no field uses yet, by name."""
        names = sorted(self.columns.keys() - self.used.keys() - self.left, key=by_key)
        return [self.columns[name] for name in names if self.columns[name].texts]


def by_key(header: str) -> tuple[str, str]:
    return label_key(header), header
