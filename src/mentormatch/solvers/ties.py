"""The last lexicographic stages: ties decided by hashed ids, never by position.

A stage's hash `tie(i, j)` is an integer in [0, TIE_RANGE) mixed from one 64-bit hash per mentee
and one per mentor, so it is computed where it is needed and never stored as a matrix.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["SALTS", "default_hash", "id_hashes", "tie_matrix", "tie_values", "tie_weight"]

# One odd constant per stage: the fractional bits of unrelated square roots.
SALTS: tuple[int, ...] = (
    0x6A09E667F3BCC909,
    0xBB67AE8584CAA73B,
    0x3C6EF372FE94F82B,
    0xA54FF53A5F1D36F1,
    0x510E527FADE682D1,
    0x9B05688C2B3E6C1F,
)
MIX = 0xD6E8FEB86659FD93  # an odd multiplier with good avalanche
TIE_BITS = 20
TIE_RANGE = 1 << TIE_BITS


def id_hashes(ids: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """Return one 64-bit hash per id, the same on every machine and in every order of rows.

    People are solved for again and again, so the last few answers are kept; they are read-only.
    """
    return _id_hashes(tuple(ids), seed)


@lru_cache(maxsize=8)
def _id_hashes(ids: tuple[str, ...], seed: int) -> NDArray[np.uint64]:
    keyed = hashlib.blake2b(digest_size=8, key=str(seed).encode())
    digests = []
    for person in ids:
        own = keyed.copy()  # faster than keying anew
        own.update(person.encode("utf-8", "surrogatepass"))
        digests.append(own.digest())
    hashes = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
    hashes.flags.writeable = False
    return hashes


def default_hash(count: int, salt: int) -> NDArray[np.uint64]:
    """Hash positions 0..count-1, for callers who have no ids."""
    x = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x ^= np.uint64(salt)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def tie_weight(n: int, m: int) -> int:
    """Return what one unit must weigh so that no ties along an alternating path outweigh it.

    Such a path visits each mentor and each mentee at most once, so at most min(n, m) + 1 pairs
    enter and as many leave; their hashes differ by less than half of this weight.
    """
    return 2 * (min(n, m) + 2) * TIE_RANGE


def tie_values(a: NDArray[np.uint64], b: NDArray[np.uint64], stage: int) -> NDArray[np.int64]:
    """Mix two broadcastable hash arrays into ties of one stage, int64 in [0, TIE_RANGE)."""
    salted = (a ^ np.uint64(SALTS[stage % len(SALTS)])) + np.uint64(stage // len(SALTS))
    x = (salted ^ b) * np.uint64(MIX)
    x ^= x >> np.uint64(32)
    x *= np.uint64(MIX)
    return (x >> np.uint64(64 - TIE_BITS)).astype(np.int64)


def tie_matrix(
    row_hash: NDArray[np.uint64], mentor_hash: NDArray[np.uint64], stage: int
) -> NDArray[np.int64]:
    """Ties of every pair, n x m: for small problems and for tests."""
    return tie_values(row_hash[:, None], mentor_hash[None, :], stage)
