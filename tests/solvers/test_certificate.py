"""The certificate is computed in whole numbers, however large they are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mentormatch.solvers.certificate import exact_product, exact_sum

prices = st.integers(-(2**58), 2**58)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_sums_do_not_overflow(values):
    assert exact_sum(np.array(values, np.int64)) == sum(values)


@given(st.lists(st.tuples(prices, st.integers(0, 2**31 - 1))))
def test_products_do_not_overflow(pairs):
    price, seats = (np.array([pair[k] for pair in pairs], np.int64) for k in (0, 1))
    assert exact_product(price, seats) == sum(p * s for p, s in pairs)
