"""How much memory an array may take, and what is said before one would be too large."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mentormatch.errors import ParameterError, TooLargeError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Memory",
    "check_room",
    "fits",
    "free_bytes",
    "give_back",
    "limit_of",
    "new_array",
    "said",
]

Memory: TypeAlias = str | int | None
"""A number of bytes, or words such as "2GB"; None: half of what is free."""

UNITS = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_WORDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", re.IGNORECASE)
SHARE = 2
"""One array may take one part in so many of the memory that is free."""
SURELY = 1 << 26
"""Bytes that are asked for without a look at what is free, where no limit was given."""
MEMINFO, GROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


def limit_of(memory: Memory, owner: str) -> int | None:
    """Return the bytes that a `memory` parameter stands for, None where it says nothing.

    Raises
    ------
    ParameterError
        If it is neither a whole number above 0 nor a number with a unit.
    """
    if memory is None:
        return None
    if isinstance(memory, str) and (found := _WORDS.fullmatch(memory)):
        unit = UNITS.get(found[2].lower())
        if unit is not None and float(found[1]) > 0:
            return int(float(found[1]) * unit)
    elif isinstance(memory, int) and not isinstance(memory, bool) and memory > 0:
        return memory
    raise ParameterError(
        f"The 'memory' parameter of {owner} must be a number of bytes, or a number with a unit "
        f"such as '2GB' or '500 MB'. Got {memory!r}."
    )


def free_bytes() -> int | None:
    """Return how many bytes are free on this machine, or in this container; None: not known."""
    known = [size for size in (_of_machine(), _of_container()) if size is not None]
    return min(known) if known else None


def give_back() -> None:
    """Give the system what was freed and is kept for later, where that can be done.

    Reading a large roster leaves a third of what it took: in pools of pandas' strings, and between
    what is still used.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
        if trim is not None:
            trim(0)


def _of_machine() -> int | None:
    try:
        for line in MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows, macOS
        return None


def _of_container() -> int | None:
    """Return what a container may still take; files that it keeps in memory give way."""
    try:
        most = int((GROUP / "memory.max").read_text(encoding="ascii"))  # "max": no limit
        used = int((GROUP / "memory.current").read_text(encoding="ascii"))
        stat = (GROUP / "memory.stat").read_text(encoding="ascii").split()
        files = int(stat[stat.index("inactive_file") + 1])
    except (OSError, ValueError, IndexError):
        return None
    return max(most - used + files, 0)


def said(size: int) -> str:
    """Return a number of bytes in words: 32.0 GB (29.8 GiB)."""
    if size < UNITS["gb"] // 10:
        return f"{size / UNITS['mb']:,.1f} MB" if size >= UNITS["mb"] // 10 else f"{size:,} bytes"
    return f"{size / UNITS['gb']:,.1f} GB ({size / UNITS['gib']:,.1f} GiB)"


def check_room(
    what: str, shape: tuple[int, ...], itemsize: int, remedy: str, limit: int | None = None
) -> None:
    """Raise `TooLargeError` if an array would take more than the limit, before it is made.

    Parameters
    ----------
    what
        What it holds, in words: "The scores".
    shape, itemsize
        Its shape, and the bytes of an entry.
    remedy
        What to do instead, a sentence.
    limit
        Bytes; None: half of what is free, where that is known.
    """
    size = prod(shape) * itemsize
    why = "the limit that was given"
    if limit is None:
        if size <= SURELY:
            return
        free = free_bytes()
        if free is None:
            return
        limit, why = free // SHARE, f"half of the {said(free)} that are free"
    if size > limit:
        raise _too_large(what, shape, size, limit, why, remedy)


def fits(shape: tuple[int, ...], itemsize: int, limit: int | None = None) -> bool:
    """Tell whether an array takes no more than the limit, as `check_room` sees it."""
    try:
        check_room("", shape, itemsize, "", limit)
    except TooLargeError:
        return False
    return True


def new_array(
    what: str, shape: tuple[int, ...], dtype: npt.DTypeLike, remedy: str, limit: int | None = None
) -> npt.NDArray[Any]:
    """Return an array that is not filled yet; raise `TooLargeError` where there is no room."""
    import numpy as np

    kind: np.dtype[Any] = np.dtype(dtype)
    check_room(what, shape, kind.itemsize, remedy, limit)
    try:
        return np.empty(shape, dtype=kind)
    except MemoryError as error:
        size = prod(shape) * kind.itemsize
        why = "what the system gives"
        raise _too_large(what, shape, size, limit or 0, why, remedy) from error


def _too_large(
    what: str, shape: tuple[int, ...], size: int, limit: int, why: str, remedy: str
) -> TooLargeError:
    people = " x ".join(f"{side:,}" for side in shape)
    most = f"{said(limit)}, {why}" if limit else why
    return TooLargeError(
        f"{what} of {people} need {said(size)} at once, more than {most}. {remedy}", size, limit
    )
