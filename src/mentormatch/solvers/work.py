"""Work that other processes do, and what of it is kept for a run that goes on later.

Large objects are written to a file once and mapped into memory by every process of a machine, so
that a task carries rows and prices only, and lists come back. Tasks are pure functions: a result
does not depend on who computed it, and one that is lost is computed again, here.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import struct
import tempfile
import time
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mentormatch.errors import ParameterError
from mentormatch.solvers.budget import Cancelled, Report
from mentormatch.writing import replacing

__all__ = ["Executor", "Mapped", "Work", "kept_in", "mark_of", "work_of"]

AHEAD = 64
"""Tasks handed out before their results are asked for."""
ALIGNED = 64
"""Arrays begin at multiples of so many bytes."""
PASSED_OVER = {"pool", "work", "pairing", "threads", "compiled", "for_filter"}
"""What tells nothing about the pairs of a source."""
T = TypeVar("T")


@runtime_checkable
class Executor(Protocol):
    """Anything with `submit`: a pool of `concurrent.futures`, a Dask client."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """Return what has a `result()`: that of function(*args)."""
        ...


class Mapped:
    """An object that tasks carry as the name of a file."""

    def store(self, folder: Path) -> Path:
        """Write it to a file, if it is in none yet; arrays are mapped from there.

        The name tells what is in it, so that runs that differ do not meet in one folder.
        """
        known = self.__dict__.get("_file")
        if known is not None and known.exists():
            return Path(known)
        arrays: list[pickle.PickleBuffer] = []
        head = pickle.dumps(self.bare(), protocol=5, buffer_callback=arrays.append)
        raw = [array.raw() for array in arrays]
        told = blake2b(head, digest_size=12)
        for part in raw:
            told.update(part)
        path = (folder / f"{type(self).__name__}-{told.hexdigest()}").absolute()
        if not path.exists():
            with replacing(path) as file:
                file.write(struct.pack("<2q", len(head), len(raw)))
                file.write(struct.pack(f"<{len(raw)}q", *(part.nbytes for part in raw)))
                file.write(head)
                for part in raw:
                    file.write(b"\0" * (-file.tell() % ALIGNED))
                    file.write(part)
        self.__dict__["_file"] = path
        return path

    def forget_file(self) -> None:
        """Store it anew when it is asked for: it has changed."""
        self.__dict__.pop("_file", None)

    def bare(self) -> Any:
        """Return the same without what tasks do not need; it is pickled as it is."""
        raise NotImplementedError


class _Packer(pickle.Pickler):
    """Pickles objects that can be mapped as the names of their files."""

    def __init__(self, buffer: io.BytesIO, folder: Path) -> None:
        super().__init__(buffer, protocol=5)
        self.folder = folder

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Mapped):
            return opened, (str(value.store(self.folder)),)
        return NotImplemented


def packed(source: Any, folder: Path) -> bytes:
    """Return what tasks carry of a source: the names of the files that its large parts are in."""
    buffer = io.BytesIO()
    _Packer(buffer, folder).dump(source)
    return buffer.getvalue()


def called(function: Callable[..., T], source: bytes, *task: Any) -> T:
    """Return function(source, *task) of a source that was packed."""
    return function(pickle.loads(source), *task)


@lru_cache(maxsize=8)
def opened(path: str) -> Any:
    """Return what was stored in a file; its arrays are read when they are looked at."""
    with open(path, "rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    head, many = struct.unpack_from("<2q", whole)
    sizes = struct.unpack_from(f"<{many}q", whole, 16)
    at = 16 + 8 * many
    view = memoryview(whole)
    pickled = view[at : at + head]
    at += head
    arrays = []
    for size in sizes:
        at += -at % ALIGNED
        arrays.append(view[at : at + size])
        at += size
    return pickle.loads(pickled, buffers=arrays)


@dataclass(eq=False)
class Work:
    """Who computes, who is told, and where a run that was cut off goes on from.

    executor : anything with `submit`, or None: this process
    folder : where large objects and checkpoints are kept; None: a folder that is thrown away, and
        no checkpoints
    report : who is told how far it is
    lost : how many tasks the executor has not done
    """

    executor: Executor | None = None
    folder: Path | None = None
    report: Report | None = None
    started: float = field(default_factory=time.perf_counter)
    lost: int = 0

    def __getstate__(self) -> dict[str, Any]:
        return {"executor": None, "folder": None, "report": None, "started": 0.0, "lost": 0}

    @property
    def place(self) -> Path:
        """The folder that objects are stored in."""
        if self.folder is not None:
            return self.folder
        made = self.__dict__.get("_place")
        if made is None:
            made = self.__dict__["_place"] = Path(tempfile.mkdtemp(prefix="mentormatch-"))
            weakref.finalize(self, rmtree, made, ignore_errors=True)
        return made

    def run(
        self, function: Callable[..., T], source: Any, tasks: Iterable[tuple[Any, ...]]
    ) -> Iterator[T]:
        """Yield function(source, *task) of every task, in order; a lost one is computed here."""
        sent = self._pack(source)
        if sent is None:
            for task in tasks:
                yield function(source, *task)
            return
        waiting: deque[tuple[Any, tuple[Any, ...]]] = deque()

        def first() -> T:
            future, task = waiting.popleft()
            try:
                if not isinstance(future, Exception):
                    found: T = future.result()
                    return found
            except Exception as error:  # a worker was killed, or a scheduler
                future = error
            self._lost(future)
            return function(source, *task)  # a mistake in a task comes again

        for task in tasks:
            waiting.append((self._submit(function, sent, task), task))
            if len(waiting) >= AHEAD:
                yield first()
        while waiting:
            yield first()

    def _pack(self, source: Any) -> bytes | None:
        """Return what tasks carry of a source; None: all is computed here, which is said."""
        if self.executor is None:
            return None
        try:
            return packed(source, self.place)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self.executor = None
            warnings.warn(
                f"The scores cannot be sent to other processes ({error}), so all of them are "
                "computed in this one. Hand over criteria of your own as Precomputed(...).",
                RuntimeWarning, stacklevel=2,
            )  # fmt: skip
            return None

    def _submit(self, function: Callable[..., T], sent: bytes, task: tuple[Any, ...]) -> Any:
        assert self.executor is not None
        try:
            return self.executor.submit(called, function, sent, *task)
        except Exception as error:  # a pool that is broken or closed takes no more
            return error

    def _lost(self, error: Exception) -> None:
        """Say once that the executor does not do what it was given."""
        if not self.lost:
            said = str(error).strip().splitlines()
            told = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
            warnings.warn(
                f"The executor lost a task ({told}). It is computed in this process, as are others "
                "that get lost; the answer stays the same.", RuntimeWarning, stacklevel=2,
            )  # fmt: skip
        self.lost += 1

    def tell(self, stage: str, value: float, bound: float) -> None:
        """Report how far it is; raise `Cancelled` if the listener says so."""
        if self.report is not None and self.report(
            stage, value, bound, time.perf_counter() - self.started
        ):
            raise Cancelled

    def count(self, what: str, done: int, of: int, began: float) -> None:
        """Report that so many pairs of all are done, and when the rest will be."""
        if self.report is not None and done:
            left = (time.perf_counter() - began) * (of - done) / done
            share = f"{done:,} of {of:,} pairs, about {left:,.0f} s left"
            self.tell(f"{what}: {share}", float("nan"), float("nan"))

    def load(self, name: str) -> dict[str, NDArray[Any]] | None:
        """Return arrays of an earlier run of the same programme, None where there are none."""
        path = self._file(name)
        if path is None or not path.exists():
            return None
        with np.load(path, allow_pickle=False) as kept:
            return {key: kept[key] for key in kept.files}

    def save(self, name: str, **arrays: NDArray[Any]) -> None:
        """Keep arrays for a later run; a file is there as a whole or not at all."""
        path = self._file(name)
        if path is None:
            return
        with replacing(path) as file:
            np.savez(file, allow_pickle=False, **arrays)

    def forget(self, name: str) -> None:
        """Throw away what was kept under a name."""
        path = self._file(name)
        if path is not None:
            path.unlink(missing_ok=True)

    def _file(self, name: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{name}.npz"


def kept_in(checkpoint: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder for checkpoints, made where there is none yet; None: none are wanted.

    Raises
    ------
    ParameterError
        If nothing can be written there.
    """
    if checkpoint is None:
        return None
    folder = Path(checkpoint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(
            f"The 'checkpoint' parameter must be a folder that can be written to. {folder} cannot "
            f"be one: {error.strerror}.", parameter="checkpoint",
        ) from None  # fmt: skip
    return folder


def work_of(source: Any) -> Work:
    """Return the work of a source, or of the one that it is made of; without any: done here."""
    while source is not None:
        own: Work | None = getattr(source, "work", None)
        if own is not None:
            return own
        source = getattr(source, "source", getattr(source, "of", None))
    return Work()


def mark_of(source: Any, *more: Any) -> str:
    """Return a name for what is kept of a source: another one for each that differs in anything.

    Empty where nothing is kept. Time linear in the bytes of its arrays.
    """
    if work_of(source).folder is None:
        return ""
    told = blake2b(digest_size=12)
    for value in (source, *more):
        _tell(told, value)
    return told.hexdigest()


def _tell(told: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        told.update(f"{value.dtype}{value.shape}".encode())
        told.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    elif value is None or isinstance(value, str | int | float | complex | np.generic | type):
        told.update(repr(value).encode())
    elif isinstance(value, tuple | list):
        told.update(f"{len(value)}".encode())
        for part in value:
            _tell(told, part)
    elif isinstance(value, partial):
        _tell(told, (value.func.__qualname__, value.args))
    elif callable(value):
        raise ParameterError(
            "The 'checkpoint' parameter needs criteria that are known again in a later run, and "
            "one is a function of yours (Custom). Compute it first, and hand it over as "
            "Precomputed(...); or leave checkpoint= out.", parameter="checkpoint",
        )  # fmt: skip
    else:
        told.update(type(value).__name__.encode())
        for name, part in sorted(vars(value).items()):
            if not name.startswith("_") and name not in PASSED_OVER:
                _tell(told, part)
