"""The manifest: everything needed to make the same matching again, and to see what differed."""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from mentormatch import __version__
from mentormatch.matching.answer import Stage
from mentormatch.matching.matching import Matching
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores

__all__ = ["describe", "manifest", "scores_manifest", "stages_manifest"]

LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn")
"""Whose versions can change a score."""
SPELT_OUT = 100
"""Longer lists (of pairs to forbid, say) enter the manifest as a digest."""


def manifest(matching: Matching, *, timing: bool = False) -> dict[str, Any]:
    """Return what made this matching: versions, inputs, settings, seed and certificate.

    The same rosters, settings and versions give the same manifest, to the last character; so two
    manifests that differ show why two matchings do.

    Parameters
    ----------
    matching
        Result of `solve`.
    timing
        Also state when this was asked (UTC) and how many seconds the solver took. These differ
        from run to run, so they are left out unless asked for.

    Returns
    -------
    dict
        Only strings, whole and finite numbers, booleans, None, lists and dicts: ready for JSON.

    Notes
    -----
    Names and answers of people do not enter, only digests (SHA-256), unless a rule names people.
    """
    problem, scores = matching.problem, matching.problem.scores
    made: dict[str, Any] = scores_manifest(scores) | {
        "objectives": [describe(objective) for objective in problem.objectives],
        "constraints": [describe(constraint) for constraint in problem.constraints],
        "seed": int(problem.seed),
        "result": _result(matching),
    }
    if timing:
        made["timing"] = {
            "asked": datetime.now(UTC).isoformat(timespec="seconds"),
            "solver_seconds": round(float(matching.seconds), 6),
        }
    return made


def scores_manifest(scores: Scores) -> dict[str, Any]:
    """Return what made these scores: versions, inputs, weights, criteria and rules."""
    return {
        "versions": _versions(),
        "inputs": {"mentees": _input(scores.mentees), "mentors": _input(scores.mentors)},
        "weights": {c.name: describe(c.weight) for c in scores.criteria},
        "missing": {"counts": scores.missing, "levels": describe(scores.levels)},
        "criteria": [{"name": c.name, **describe(c)} for c in scores.criteria],
        "rules": [describe(rule) for rule in scores.rules],
    }


def stages_manifest(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return value, bound, gap and unit of each stage."""
    return [
        {
            "objective": stage.objective,
            "value": describe(stage.value),
            "bound": describe(stage.bound),
            "gap": describe(float(stage.gap)),
            "unit": stage.unit,
        }
        for stage in stages
    ]


def describe(value: Any) -> Any:
    """Return any setting in JSON's types, the same in every run and on every machine."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.generic):
        return describe(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series):
        return _array(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {"kind": type(value).__name__} | {
            field.name: describe(getattr(value, field.name)) for field in fields(value)
        }
    return _describe_collection(value)


def _describe_collection(value: Any) -> Any:
    if isinstance(value, Mapping):
        items = [(str(key), describe(held)) for key, held in value.items()]
        return _unless_long(dict(items), items)
    if isinstance(value, set | frozenset):
        members = sorted((describe(member) for member in value), key=repr)
        return _unless_long(members, members)
    if isinstance(value, list | tuple | range):
        members = [describe(member) for member in value]
        return _unless_long(members, members)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"  # a repr could hold an address


def _unless_long(short: Any, members: list[Any]) -> Any:
    if len(members) <= SPELT_OUT:
        return short
    return {"entries": len(members), "sha256": _digest(repr(members).encode())}


def _array(value: Any) -> dict[str, Any]:
    array = np.ascontiguousarray(np.asarray(value))
    held = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
    return {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": _digest(held)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str]:
    versions = {"mentormatch": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:  # metadata, not import: the manifest must not load what the matching did without
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "not installed"
    return versions


def _input(profiles: Profiles) -> dict[str, Any]:
    about = {"source": profiles.source, "sha256": profiles.digest, "people": len(profiles)}
    return about if profiles.role == "mentee" else about | {"seats": int(profiles.capacity.sum())}


def _result(matching: Matching) -> dict[str, Any]:
    return {
        "status": str(matching.status),
        "meaning": matching.status.sentence,
        "stages": stages_manifest(matching.stages),
        "unique": bool(matching.unique),
        "matched": int((matching.assignment >= 0).sum()),
        "unmatched": len(matching.unmatched),
        "pairs": len(matching.pairs[0]),
        "pairs_sha256": pairs_digest(matching),
    }


def pairs_digest(matching: Matching) -> str:
    """Return the SHA-256 of the matched pairs, the same for every order of the rosters."""
    scores = matching.problem.scores
    pairs = sorted(
        (scores.mentees.ids[i], scores.mentors.ids[j]) for i, j in zip(*matching.pairs, strict=True)
    )
    return _digest(repr(pairs).encode("utf-8", "backslashreplace"))
