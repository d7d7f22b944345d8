"""One way to write a file: beside the one that is there, which is then replaced at once."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, TypeAlias

__all__ = ["FilePath", "replacing", "write_file"]

FilePath: TypeAlias = str | PathLike[str]


def write_file(path: FilePath, content: str | bytes, *, encoding: str = "utf-8") -> None:
    """Write a whole file: afterwards there is the new one, or, if that failed, the old one.

    Parameters
    ----------
    path
        Where to; line ends are written as they are.
    content
        Text or bytes.
    """
    with replacing(path) as file:
        file.write(content.encode(encoding) if isinstance(content, str) else content)


@contextmanager
def replacing(path: FilePath) -> Iterator[IO[bytes]]:
    """Open a new file beside `path` that takes its place when all is written and on the disk.

    A full disk, an error or a killed process leaves what was there before. What a link points to
    is replaced, not the link; what is no file (a pipe) is written to as it is.

    Parameters
    ----------
    path
        File to write; its folder must exist. A file that is there keeps its permissions.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a folder says so itself
        with target.open("wb") as stream:
            yield stream
        return
    handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(_mode(target))
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    _settle(target.parent)


def _mode(target: Path) -> int:
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _settle(folder: Path) -> None:
    """Put the folder's new entry on the disk as well, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
