"""A structure of effects as columns see it that are other combinations of Z's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg import stacked
from pybootmlm.lmm.templates.template import Root

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InBasis:
    """A `Root` with M Lambda in place of Lambda, and M S M' in place of S.

    Where rows have Z T in place of Z, effects on Z are T times those on Z T; M is the inverse of T.

    Attributes
    ----------
    inner : Root
    M : (q, q) array
    """

    inner: Root
    M: Array

    @property
    def size(self) -> int:
        """Number of random effects of a level."""
        return self.inner.size

    def Lambda(self, theta: Array) -> Array:
        """M Lambda, which need not be triangular."""
        return stacked.multiply(self._stack(theta), self.inner.Lambda(theta))

    def gradient(self, K: Array, theta: Array) -> Array:
        """tr(K M dS M') = tr(M'KM dS)."""
        return self.inner.gradient(self._around(K), theta)

    def directions(self, theta: Array) -> Array:
        """M dS M'."""
        out: Array = np.einsum("ab,kbc...,dc->kad...", self.M, self.inner.directions(theta), self.M)
        return out

    def curvature(self, K: Array, theta: Array) -> Array:
        """tr(M'KM d2S)."""
        return self.inner.curvature(self._around(K), theta)

    def _around(self, K: Array) -> Array:
        M = self.M.reshape(self.M.shape + (1,) * (K.ndim - 2))
        return stacked.multiply(stacked.gram(M, K), M)

    def _stack(self, theta: Array) -> Array:
        return self.M.reshape(self.M.shape + (1,) * (theta.ndim - 1))
