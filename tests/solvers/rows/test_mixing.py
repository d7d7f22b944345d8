"""Parts of two assignments: whatever is swapped, seats hold, and all swaps make the second."""

from __future__ import annotations

import numpy as np
import pytest

from mentormatch.solvers.program import Pairs
from mentormatch.solvers.rows.mixing import mixed, swaps


def drawn(rng: np.random.Generator, n: int, capacity: np.ndarray) -> Pairs:
    """Some pairs within the seats, one for each mentee at most."""
    seats = rng.permutation(np.repeat(np.arange(capacity.size), capacity))
    rows = np.sort(rng.permutation(n)[: min(n, seats.size) * 3 // 4])
    return rows, seats[: rows.size].astype(np.int64)


def codes(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_every_choice_of_swaps_keeps_the_seats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 12)), int(rng.integers(1, 5))
    capacity = rng.integers(0, 4, m)
    kept, other = drawn(rng, n, capacity), drawn(rng, n, capacity)
    lost, won, before, after = swaps(kept, other)
    assert codes(lost) == codes(kept) - codes(other)
    assert codes(won) == codes(other) - codes(kept)
    count = int(max(before.max(initial=-1), after.max(initial=-1))) + 1
    loads = [np.bincount(pairs[1], minlength=m) for pairs in (kept, other)]
    for chosen in range(2 ** min(count, 6)):
        taken = np.array([bool(chosen >> part & 1) for part in range(count)], dtype=bool)
        out = codes((lost[0][taken[before]], lost[1][taken[before]]))
        new = (codes(kept) - out) | codes((won[0][taken[after]], won[1][taken[after]]))
        people = [i for i, _ in new]
        assert len(people) == len(set(people))
        load = np.bincount([j for _, j in new], minlength=m)
        assert (load <= np.maximum(*loads)).all()
        assert (load >= np.minimum(*loads)).all()


@pytest.mark.parametrize("seed", range(30))
def test_the_mix_is_within_the_room_and_worth_no_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 12, 4
    capacity = rng.integers(1, 4, m)
    kept, other = drawn(rng, n, capacity), drawn(rng, n, capacity)
    value, weight = rng.integers(0, 9, (n, m)), rng.integers(0, 2, (n, m))

    def worth(pairs: Pairs) -> np.ndarray:
        return value[pairs]

    def amount(pairs: Pairs) -> np.ndarray:
        return weight[pairs]

    for room in (0, 1, 100):
        found = mixed(kept, other, worth, amount, room)
        assert amount(found).sum() <= amount(kept).sum() + room
        assert worth(found).sum() >= worth(kept).sum()
    assert worth(found).sum() >= worth(other).sum()
