"""Lists, timetables, peers and groups as JSON, and read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from importlib import import_module
from typing import Any, cast

from mentormatch.delivery.saved.documents import (
    matching_document,
    matching_of,
    profiles_document,
    profiles_from,
    scores_document,
    scores_from,
)
from mentormatch.delivery.saved.encoding import Pack, in_line, value_of, worded
from mentormatch.delivery.saved.reading import Node
from mentormatch.delivery.saved.records import records, rounded
from mentormatch.errors import MentormatchError, SavedFileError, Status
from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores

__all__ = ["form_document", "form_of"]

HOMES: Mapping[str, tuple[str, ...]] = {
    "mentormatch.matching.answer": ("Stage",),
    "mentormatch.matching.certificate": ("Certificate",),
    "mentormatch.programmes.groups.lowering": ("GroupsAsked",),
    "mentormatch.programmes.groups.result": ("Groups", "SolvedGroups"),
    "mentormatch.programmes.groups.rules": (
        "AtLeastValues",
        "AtMost",
        "CommonSlot",
        "NotAlone",
    ),
    "mentormatch.programmes.peers.result": ("Peers", "PeersAsked"),
    "mentormatch.programmes.peers.solving": ("SolvedPeers",),
    "mentormatch.solvers.general.odd_sets": ("OddSets",),
    "mentormatch.solvers.general.trio": ("TrioPrices",),
    "mentormatch.programmes.suggest.result": ("Asked", "Suggestions"),
    "mentormatch.programmes.rounds.result": ("Prices", "Timetable", "TimetableAsked"),
}
"""Where the parts of forms live that a file may hold."""


@cache
def _parts() -> dict[str, type]:
    return {
        name: getattr(import_module(home), name) for home, names in HOMES.items() for name in names
    }


def form_document(form: Form, pack: Pack = in_line) -> dict[str, Any]:
    """Return a form in JSON's types: its table for other programs, and all that it holds."""
    return {
        "rows": records(rounded(form.to_frame())),
        "notes": list(form.notes),
        "manifest": form.manifest,
        "saved": _written(form, pack),
    }


def form_of(node: Node) -> Form:
    """Return the form of a whole file; its readable part must still say the same.

    Raises
    ------
    SavedFileError
        If it does not, or something is not what it should be; says where.
    """
    form = _read(node["saved"])
    if not isinstance(form, Form):
        raise node["saved"].wrong("a form of mentoring")
    if records(rounded(form.to_frame())) != node["rows"].list():
        raise node["rows"].error("were changed after they were saved")
    return form


def _written(value: Any, pack: Pack) -> Any:
    if isinstance(value, Matching):
        return {"matching": matching_document(value, pack)}
    if isinstance(value, Scores):
        return {"scores": scores_document(value, pack)}
    if isinstance(value, Profiles):
        return {"profiles": profiles_document(value, pack)}
    if isinstance(value, Status):
        return {"status": str(value)}
    if isinstance(value, list | tuple):
        return [_written(one, pack) for one in value]
    name = type(value).__name__
    if _parts().get(name) is type(value):
        held = {f.name: getattr(value, f.name) for f in fields(cast(Any, value)) if f.compare}
        return {"part": name} | {key: _written(one, pack) for key, one in held.items()}
    return worded(value, pack)


_READERS: Mapping[str, Callable[[Node], Any]] = {
    "matching": matching_of,
    "scores": scores_from,
    "profiles": profiles_from,
    "status": lambda node: {str(s): s for s in Status}[node.choice([str(s) for s in Status])],
}


def _read(node: Node) -> Any:
    given = node.value
    if isinstance(given, list):
        return tuple(_read(one) for one in node)
    if not isinstance(given, dict):
        return given
    if "part" in given:
        return _made(node)
    if len(given) == 1:
        sign, held = node.only()
        if sign in _READERS:
            return _READERS[sign](held)
    return value_of(node)


def _made(node: Node) -> Any:
    kind = _parts().get(node["part"].text())
    if kind is None:
        raise node.error(f"is a part {node['part'].value!r} that this version does not know")
    held = {key: _read(node[key]) for key in node.value if key != "part"}
    try:
        return kind(**held)
    except MentormatchError:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise SavedFileError(
            f"{node.place or 'the file'} is no {kind.__name__}: {error}"
        ) from error
