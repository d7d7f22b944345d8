"""What texts of answers mean, remembered while a roster is read and no longer.

Equal answers are understood once. Afterwards nothing is kept: of a large roster it would be as
much as the profiles, and it is about people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar, cast

__all__ = ["forgetting", "remembered"]

MOST = 1 << 16
"""Different texts that are remembered."""
Reader = TypeVar("Reader", bound=Callable[..., Any])
_readers: list[Any] = []


def remembered(reader: Reader) -> Reader:
    """Remember what a function made of a text until `forgetting` ends."""
    made = lru_cache(maxsize=MOST)(reader)
    _readers.append(made)
    return cast(Reader, made)


@contextmanager
def forgetting() -> Iterator[None]:
    """Forget all texts of answers afterwards."""
    try:
        yield
    finally:
        for reader in _readers:
            reader.cache_clear()
