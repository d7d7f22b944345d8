"""The windows of matched shares, against their definition in fractions."""

from fractions import Fraction

import numpy as np
import pytest

from mentormatch.solvers.windows import Shares


@pytest.mark.parametrize("seed", range(40))
def test_windows_hold_the_counts_whose_shares_lie_in_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 9 if seed % 2 else 300, int(rng.integers(0, 5)))
    limit = Fraction(int(rng.integers(0, 20)), int(rng.integers(20, 1000)))
    named = {"ratio": limit} if seed % 3 else {"within": limit}
    shares = Shares(np.zeros(2, dtype=np.int64), size, size * 0, **named)
    least, most = shares.windows()
    lefts = sorted({Fraction(k, n) for n in size.tolist() for k in range(n + 1)} | {Fraction(0)})
    assert least.shape == most.shape == (len(lefts), size.size)
    for at in rng.permutation(len(lefts))[:50].tolist():
        left = lefts[at]
        for n, low, high in zip(size.tolist(), least[at].tolist(), most[at].tolist(), strict=True):
            right = left + limit if seed % 3 == 0 else left / limit if limit else Fraction(1)
            inside = [k for k in range(n + 1) if left <= Fraction(k, n) <= right]
            assert list(range(low, high + 1)) == inside


def test_windows_of_sizes_whose_common_multiple_is_long() -> None:
    size = np.array([1009, 1013, 1019, 1021, 1031, 1033, 1039])
    shares = Shares(np.zeros(2, dtype=np.int64), size, size * 0, within=Fraction(1, 1049))
    least, most = shares.windows()
    assert (least[0] == 0).all()
    assert (most[-1] == size).all()
    for at in (1, 500, len(least) - 1):
        share = [Fraction(k, n) for k, n in zip(least[at].tolist(), size.tolist(), strict=True)]
        left = min(share)  # the group whose share is the least one exactly
        assert all(one - left < Fraction(1, n) for one, n in zip(share, size.tolist(), strict=True))
        assert max(most[at].tolist()[g] / n for g, n in enumerate(size.tolist())) >= float(left)
