"""How compiled functions are made: when first called, kept in files for later processes.

The only file that imports numba. A function compiled with the help of one from another file is
compiled anew when any file of kernels changes; files of compiled code that cannot be read are
thrown away, and processes may fill one folder side by side. Kernels take tuples of arrays, never
more than eight arguments.
"""

# numba's own functions are not all typed.
# mypy: allow-untyped-calls

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numba
from numba.core import caching
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.extending import intrinsic

__all__ = ["announce", "compiled", "count_bits"]

_said: set[str] = set()


def _warn(sentence: str) -> None:
    """Warn, once in a process for each sentence."""
    if sentence not in _said:
        _said.add(sentence)
        warnings.warn(sentence, RuntimeWarning, stacklevel=2)


def _place(name: str) -> Any:
    """Return numba's class for a place of compiled code; before 0.62 its name began with "_"."""
    return getattr(caching, name, None) or getattr(caching, f"_{name}")


@cache
def _stamps(folder: Path) -> tuple[tuple[str, float, int], ...]:
    """Return name, time and size of every file of kernels in a folder."""
    files = sorted(folder.glob("*kernels.py"))
    return tuple((path.name, path.stat().st_mtime, path.stat().st_size) for path in files)


class _ReadOnlyFolder(_place("UserProvidedCacheLocator")):  # type: ignore[misc]
    """The folder NUMBA_CACHE_DIR where nothing can be written, as in a container."""

    def ensure_cache_path(self) -> None:
        """Raise unless the folder holds compiled code of this file already."""
        if not os.path.isdir(self.get_cache_path()):
            raise OSError(f"{self.get_cache_path()} holds no compiled code")


class _ReadOnlyTree(_place("InTreeCacheLocator")):  # type: ignore[misc]
    """The folder of the source where nothing can be written, and compiled code lies."""

    def ensure_cache_path(self) -> None:
        """Raise unless the folder holds compiled code already."""
        if not any(Path(self.get_cache_path()).glob("*.nbi")):
            raise OSError(f"{self.get_cache_path()} holds no compiled code")


class _CacheImpl(CompileResultCacheImpl):
    """numba's places for compiled code; after them those that can only be read."""

    _locator_classes = [  # noqa: RUF012
        *CompileResultCacheImpl._locator_classes,
        _ReadOnlyFolder,
        _ReadOnlyTree,
    ]


class _Cache(FunctionCache):
    """numba's files of compiled code, but for those that are out of date or damaged."""

    _impl_class = _CacheImpl

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._cache_file._source_stamp, _stamps(Path(function.__code__.co_filename).parent)
        self._cache_file._source_stamp = stamp
        # numba numbers its files, so that two processes may write different code to one of them
        self._cache_file._data_name_pattern = (
            f"{self._impl.filename_base}.{uuid4().hex[:12]}-{{number:d}}.nbc"
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code for a signature, None where there is none that can be used."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:  # whatever unpickling half a file may raise
            self._give_up(error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature, if the folder lets us."""
        if isinstance(self._impl.locator, _ReadOnlyFolder | _ReadOnlyTree):
            _warn(
                f"{self.cache_path} is read-only and lacks code that is needed, so every process "
                "compiles it anew. Fill it with: mentormatch warm-up FOLDER"
            )
            return
        try:
            super().save_overload(sig, data)
        except Exception as error:  # a full disk, a folder that has gone, half an index
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        _warn(
            f"Compiled code in {self.cache_path} cannot be used ({type(error).__name__}), so it "
            "is thrown away and compiled anew. Delete the folder, or set NUMBA_CACHE_DIR to a "
            "writable folder, should this come again."
        )
        try:
            os.unlink(self._cache_file._index_path)
        except OSError:
            self.disable()


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called, with a cache where a folder can hold it.

    The code takes no lock (threads run side by side) and divides as NumPy does.
    """
    made: Any = numba.njit(nogil=True, error_model="numpy")(function)
    try:
        made._cache = _Cache(function)
    except RuntimeError as error:
        if "locator" not in str(error):
            raise
        _warn(
            "numba finds no writable folder for compiled code, so every process compiles anew. "
            "Set NUMBA_CACHE_DIR to a writable folder, or to one that `mentormatch warm-up FOLDER` "
            "filled, to avoid the wait."
        )
    return made


def announce(kernel: Any, what: str) -> None:
    """Log one line before a first call of `kernel` that has to wait for the compiler."""
    if what in _said:
        return
    _said.add(what)
    folder = getattr(getattr(kernel, "_cache", None), "cache_path", None)
    stem = f"{kernel.__module__.rpartition('.')[2]}.{kernel.__name__}"
    if folder is None or not any(Path(folder).glob(f"{stem}-*.nbi")):
        logging.getLogger("mentormatch").info(
            "Compiling the %s for this machine; this takes some seconds, the first time only.", what
        )


@intrinsic
def count_bits(context: Any, word: Any) -> Any:
    """Count the set bits of a uint64 (one instruction, vectorised where the machine can)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return numba.uint64(numba.uint64), generate
