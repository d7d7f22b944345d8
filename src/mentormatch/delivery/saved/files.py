"""Saved matchings, scores and profiles as JSON, and read again from either kind of file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

from mentormatch import __version__
from mentormatch.delivery.saved.documents import (
    matching_of,
    profiles_document,
    profiles_from,
    scores_document,
    scores_from,
)
from mentormatch.delivery.saved.encoding import in_line, packed
from mentormatch.delivery.saved.forms import form_document, form_of
from mentormatch.delivery.saved.reading import Node
from mentormatch.errors import MentormatchError, SavedFileError
from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form
from mentormatch.rosters.profiles import Profiles
from mentormatch.scoring.scores import Scores
from mentormatch.writing import FilePath, write_file

__all__ = [
    "VERSION", "Source", "form_to_json", "from_json", "heading", "kind_in", "loaded",
    "profiles_to_json", "schema", "scores_to_json", "whole",
]  # fmt: skip

VERSION = 1
"""Of the format of saved files; a file says which it is written in."""
OLDEST = 1
"""Older ones are refused."""
FORMATS: dict[str, str] = {
    "Matching": "mentormatch.matching",
    "Scores": "mentormatch.scores",
    "Profiles": "mentormatch.profiles",
    "Suggestions": "mentormatch.suggestions",
    "Timetable": "mentormatch.timetable",
    "Peers": "mentormatch.peers",
    "Groups": "mentormatch.groups",
}
Source: TypeAlias = FilePath | bytes
Saved = TypeVar("Saved", bound=Matching | Scores | Profiles | Form)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of saved files."""
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    return cast(dict[str, Any], json.loads(text))


def heading(kind: type) -> dict[str, Any]:
    """Return what every saved file begins with."""
    return {"format": FORMATS[kind.__name__], "version": VERSION, "written_by": __version__}


def whole(content: dict[str, Any], path: FilePath | None) -> str:
    """Return a document as text, ASCII, one line per entry; and write it to a path."""
    lines = [f"{json.dumps(key)}: {_entry(held)}" for key, held in content.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if path is not None:
        write_file(path, text)
    return text


def _entry(held: Any) -> str:
    if isinstance(held, list) and held and isinstance(held[0], dict):  # a pair on each line
        return "[\n  " + ",\n  ".join(json.dumps(one, allow_nan=False) for one in held) + "\n]"
    return json.dumps(held, allow_nan=False)


def profiles_to_json(profiles: Profiles, path: FilePath | None = None) -> str:
    """Return a roster as JSON; write it to a path."""
    return whole(heading(Profiles) | profiles_document(profiles, in_line), path)


def scores_to_json(scores: Scores, path: FilePath | None = None) -> str:
    """Return scores as JSON, with both rosters; write it to a path."""
    return whole(heading(Scores) | scores_document(scores, in_line), path)


def form_to_json(form: Form, path: FilePath | None = None) -> str:
    """Return a form of mentoring as JSON; write it to a path."""
    return whole(heading(type(form)) | form_document(form), path)


def saved_matching(node: Node) -> Matching:
    """Return the matching of a whole file; its readable part must still say the same."""
    if "saved" not in node or node["saved"].value is None:
        raise node.error(
            "was written without answers, so that nothing can be asked of it. Write it with "
            "to_json(path), or take its pairs with Matching.from_pairs(scores, pairs)"
        )
    matching = matching_of(node["saved"])
    frame = matching.to_frame()
    held = sorted(zip(frame["mentee"], frame["mentor"], strict=True))
    told = sorted((one["mentee"].text(), one["mentor"].text()) for one in node["pairs"])
    if held != told:
        raise node["pairs"].error(
            "were changed after they were saved. To look at a matching that was changed by hand, "
            "take Matching.from_pairs(scores, pairs)"
        )
    return matching


READERS: dict[str, Callable[[Node], Any]] = {
    "Matching": saved_matching,
    "Scores": scores_from,
    "Profiles": profiles_from,
}


def kind_in(path: Path) -> str | None:
    """Return what a JSON file says it holds, such as "Groups"; None if it does not say."""
    try:
        with path.open(encoding="utf-8") as file:
            head = file.read(200)
    except (OSError, UnicodeDecodeError):
        return None
    said = re.match(r'\s*\{\s*"format":\s*"([\w.]+)"', head)
    return next((kind for kind, name in FORMATS.items() if said and name == said[1]), None)


def from_json(kind: type[Saved], source: Source) -> Saved:
    """Read what a thing of this kind wrote with its `to_json`."""
    text, name = _text_of(source)

    def document() -> Any:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            raise SavedFileError(
                f"is not whole: no JSON from line {error.lineno} on, column {error.colno}"
            ) from error

    return loaded(lambda: Node(document(), "", packed), kind, name)


def _no_constant(word: str) -> None:
    raise SavedFileError(f"holds {word}, which is no number")


def _text_of(source: Source) -> tuple[str | bytes, str]:
    """Return the text, and what to call it."""
    if isinstance(source, bytes):
        return source, "the text"
    if isinstance(source, str) and source.lstrip()[:1] in ("{", "["):
        return source, "the text"
    return Path(source).read_bytes(), os.path.basename(os.fspath(source))


def loaded(open_: Callable[[], Node], kind: type[Saved], name: str) -> Saved:
    """Read a document, whatever is wrong with it being one clear error.

    Raises
    ------
    SavedFileError
        Says what, and where in the file.
    """
    try:
        node = open_()
        _check_heading(node, kind)
        return cast(Saved, READERS.get(kind.__name__, form_of)(node))
    except SavedFileError as error:
        problem = str(error)
    except MentormatchError as error:  # a setting that the library itself refuses
        problem = f"holds what cannot be: {error}"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        problem = f"is damaged: {error}"
    except (RecursionError, MemoryError) as error:
        problem = f"is damaged: {type(error).__name__}"
    except Exception as error:  # zlib's, which is of no kind
        if type(error).__module__ not in ("zlib", "pyarrow.lib"):
            raise
        problem = f"is damaged: {error}"
    noun = FORMATS[kind.__name__].partition(".")[2]
    raise SavedFileError(f"{name} cannot be loaded as {noun}: {problem}.") from None


def _check_heading(node: Node, kind: type) -> None:
    if not isinstance(node.value, dict):
        raise node.wrong("an object")
    if "format" not in node or "version" not in node:
        raise node.error(
            "says no format. Before saved files could be loaded, to_json wrote none: take the "
            "pairs of such a file with Matching.from_pairs(scores, pairs)"
        )
    found = node["format"].text()
    if found != FORMATS[kind.__name__]:
        reader = next((k for k, name in FORMATS.items() if name == found), None)
        hint = f". Read it with {reader}.from_json" if reader else ""
        hint += " or from_parquet" if reader in READERS else ""
        raise node.error(f"is {found!r}{hint}")
    version = node["version"].whole(0)
    if version > VERSION:
        by = node["written_by"].text() if "written_by" in node else "a later version"
        raise node.error(
            f"is of format {version}, written by mentormatch {by}; this is {__version__}, which "
            f"reads up to format {VERSION}. Upgrade mentormatch to read it"
        )
    if version < OLDEST:
        raise node.error(f"is of format {version}; this version reads from format {OLDEST} on")
