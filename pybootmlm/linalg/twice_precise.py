"""Products of matrices as if computed with twice the digits, rounded once.

Columns that nearly coincide (a year beside an intercept) differ by what is far below their size;
a combination that removes what they share must not be drowned by the rounding of what it removes.
Error-free transformations: Dekker (1971), Numerische Mathematik 18; Ogita, Rump and Oishi (2005),
SIAM Journal on Scientific Computing 26(6), algorithm Dot2.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Halves the 53 digits of a double.
SPLITTER = 2.0**27 + 1
# A combination that keeps this share of its terms loses no digits worth mentioning.
HARMLESS = 1e-3


def product(A: Array, B: Array) -> Array:
    """A B for `A` (n, k) and `B` (k, c), whose elements' squares stay in range.

    Examples
    --------
    >>> A = np.array([[1e16 + 2, 1e16], [1e8 + 1, 1e8]])
    >>> product(A, np.array([[1.0], [-1.0]])).ravel()
    array([2., 1.])
    """
    out = np.empty((len(A), B.shape[1]))
    for c in range(B.shape[1]):
        total, carry = np.zeros(len(A)), np.zeros(len(A))
        for k in np.flatnonzero(B[:, c]):
            high, low = _two_product(A[:, k], float(B[k, c]))
            total, lost = _two_sum(total, high)
            carry += lost + low
        out[:, c] = total + carry
    return out


def _two_product(a: Array, b: float) -> tuple[Array, Array]:
    """The rounded product, and what rounding took."""
    high = a * b
    a1 = SPLITTER * a
    a1 -= a1 - a
    b1 = SPLITTER * b
    b1 -= b1 - b
    a2, b2 = a - a1, b - b1
    return high, a2 * b2 - (((high - a1 * b1) - a2 * b1) - a1 * b2)


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum, and what rounding took."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def combine(Z: Array, T: Array) -> Array:
    """Z T for a triangular `T` (q, q); with twice the digits where the columns nearly cancel."""
    sizes = np.abs(Z).max(axis=0, initial=0.0)
    exponents = np.where((sizes > 0) & np.isfinite(sizes), np.frexp(sizes)[1], 0)
    # Powers of two: exact.
    Z, T = np.ldexp(Z, -exponents), np.ldexp(T, exponents[:, None])
    # Columns of Z are of size one now, and so are those of Z T.
    return np.asarray(Z @ T) if (np.abs(T) * HARMLESS < 1.0).all() else product(Z, T)
