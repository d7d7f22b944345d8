"""Where a job writes: refused before the work, not after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import W_OK, access
from pathlib import Path

from mentormatch.errors import ParameterError, listed
from mentormatch.insight.wording import joined

__all__ = ["check_writable", "write"]


def check_writable(
    outputs: Sequence[tuple[str, Path, Sequence[str]]], inputs: Sequence[Path]
) -> None:
    """Refuse files that cannot be written, or must not be.

    Parameters
    ----------
    outputs
        (option, file, endings that it may have; none: any; "": a folder, made if need be).
    inputs
        Files that are read.

    Raises
    ------
    ParameterError
        Naming all of them.
    """
    taken = {path.resolve(): "is read" for path in inputs}
    wrong = []
    for option, path, endings in outputs:
        place = path.resolve()
        if endings and path.suffix.lower() not in endings:
            wrong.append(f"{option} must end in {_either(endings)}. Got {path.name!r}.")
        elif path.is_dir() and (path.suffix or "" not in endings):
            wrong.append(f"{path} is a folder. Name a file in {option}.")
        elif path.is_file() and not path.suffix and "" in endings:
            wrong.append(f"{path} is a file. Name a folder in {option}.")
        elif not place.parent.is_dir():
            wrong.append(f"The folder of {path} does not exist. Make it first.")
        elif not access(place if path.exists() else place.parent, W_OK):
            wrong.append(f"{path} cannot be written: permission denied. Name another in {option}.")
        elif place in taken:
            wrong.append(
                f"{path} {taken[place]}: writing would destroy it. Name another in {option}."
            )
        taken[place] = "is written already"
    if wrong:
        raise ParameterError("\n".join(wrong))


def _either(endings: Sequence[str]) -> str:
    words = [ending or "nothing (a folder)" for ending in endings]
    return words[0] if len(words) == 1 else f"{listed(words[:-1])} or {words[-1]}"


def write(files: Mapping[Path, Callable[[Path], object]]) -> str:
    """Write files one after the other; return a sentence that says which."""
    earlier = [path for path in files if path.is_file()]
    for path, writer in files.items():
        writer(path)
    instead = ""
    if earlier:
        instead = f", in place of {'an earlier file' if len(earlier) == 1 else 'earlier files'}"
    names = [str(path) for path in files]
    return f"Wrote {joined(names, len(names))}{instead}."
