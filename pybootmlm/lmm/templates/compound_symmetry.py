r"""``cs``: all effects have one correlation.

:math:`R_{ij} = \rho` for :math:`i \ne j`. R is a covariance matrix for
:math:`-1/(q - 1) \le \rho \le 1`: its eigenvalues are :math:`1 + (q - 1)\rho`, once, and
:math:`1 - \rho`. Its lower triangular root has, counting from 1 and with
:math:`g_j = 1 + (j - 2)\rho`,

.. math:: L_{jj} = \sqrt{(1 - \rho)\, g_{j+1} / g_j}, \qquad
          L_{ij} = \rho \sqrt{(1 - \rho) / (g_j g_{j+1})} \quad (i > j).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.templates.scaled_correlation import ScaledCorrelation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CompoundSymmetry(ScaledCorrelation):
    """A `Template`: heterogeneous unless said otherwise, as in lme4 2."""

    homogeneous: bool = False

    @property
    def name(self) -> str:
        """As in formulas."""
        return "cs"

    @property
    def least(self) -> float:
        """-1 / (q - 1)."""
        return -1.0 / (self.size - 1)

    @property
    def stored_if_homogeneous(self) -> NDArray[np.intp]:
        """Of each column the diagonal, and one below it."""
        q = self.size
        below = np.tri(q, k=-1, dtype=np.intp)
        return np.where(np.tri(q, dtype=bool), 2 * np.arange(q) + below, -1)

    def correlations(self, rho: Array) -> tuple[Array, Array, Array]:
        """R is linear in the correlation."""
        off = 1.0 - np.eye(self.size).reshape((self.size, self.size) + (1,) * np.ndim(rho))
        first = off * np.ones(np.shape(rho))
        return 1.0 - off + off * rho, first, np.zeros_like(first)

    def root(self, rho: Array) -> Array:
        """See the module's docstring."""
        L = np.zeros((self.size, self.size, *np.shape(rho)))
        # At a bound what should be zero may be a rounding below it.
        one_less = np.maximum(1.0 - rho, 0.0)
        g = [np.maximum(1.0 + (j - 1) * rho, 0.0) for j in range(self.size + 1)]
        L[0, 0] = 1.0
        L[1:, 0] = rho
        for j in range(1, self.size):
            L[j, j] = np.sqrt(one_less * g[j + 1] / g[j])
            if j + 1 < self.size:
                L[j + 1 :, j] = rho * np.sqrt(one_less / (g[j] * g[j + 1]))
        return L
