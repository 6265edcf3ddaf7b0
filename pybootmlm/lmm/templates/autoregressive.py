r"""``ar1``: a stationary autoregressive process over the effects, in their order.

:math:`R_{ij} = \rho^{|i - j|}` with :math:`-1 \le \rho \le 1`. The root's first column is
:math:`\rho^{i-1}`, and the others are :math:`\rho^{i-j}\sqrt{1 - \rho^2}`, :math:`i \ge j`: the
process started in its stationary distribution and driven by independent innovations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.templates.scaled_correlation import ScaledCorrelation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Autoregressive(ScaledCorrelation):
    """A `Template`: homogeneous unless said otherwise, as in lme4 2."""

    homogeneous: bool = True

    @property
    def name(self) -> str:
        """As in formulas."""
        return "ar1"

    @property
    def least(self) -> float:
        """-1."""
        return -1.0

    @property
    def stored_if_homogeneous(self) -> NDArray[np.intp]:
        """The first column, and the second, along whose diagonals all others repeat."""
        q = self.size
        lag = np.subtract.outer(np.arange(q), np.arange(q))
        out = np.where(lag >= 0, q + lag, -1)
        out[:, 0] = np.arange(q)
        return out

    def correlations(self, rho: Array) -> tuple[Array, Array, Array]:
        """Powers of the correlation."""
        q = self.size
        lag = np.abs(np.subtract.outer(np.arange(q), np.arange(q)))
        powers = [np.ones(np.shape(rho))]
        for _ in range(1, q):
            powers.append(powers[-1] * rho)
        nothing = np.zeros(np.shape(rho))
        first = [nothing, *(k * powers[k - 1] for k in range(1, q))]
        second = [nothing, nothing, *(k * (k - 1) * powers[k - 2] for k in range(2, q))]
        return np.array(powers)[lag], np.array(first)[lag], np.array(second)[lag]

    def root(self, rho: Array) -> Array:
        """See the module's docstring."""
        q = self.size
        R, _, _ = self.correlations(rho)
        L = R * np.tri(q).reshape((q, q) + (1,) * np.ndim(rho))
        L[:, 1:] *= np.sqrt(np.maximum((1.0 - rho) * (1.0 + rho), 0.0))
        return L
