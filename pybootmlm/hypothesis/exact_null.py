r"""The exact null distribution of the (restricted) likelihood ratio of one variance component.

With :math:`\lambda = \operatorname{Var}(b)/\sigma^2` and eigenvalues :math:`\mu_s` of Z'P_0 Z (P_0
the projection off X) and :math:`\xi_s` of Z'Z, the statistic without the random effect is
distributed as

.. math::

    \sup_{\lambda \ge 0} \Big\{ m \log\Big(1 + \frac{N(\lambda)}{D(\lambda)}\Big)
        - \sum_s \log(1 + \lambda \xi_s) \Big\}, \quad
    N = \sum_s \frac{\lambda\mu_s}{1 + \lambda\mu_s} w_s^2, \quad
    D = \sum_s \frac{w_s^2}{1 + \lambda\mu_s} + W,

w_s^2 chi-square of 1 degree of freedom and W of n - p - K; m = n - p and xi = mu for the restricted
likelihood, m = n for the likelihood, which adds n log(1 + U / (sum w_s^2 + W)) with U of as many
degrees of freedom as fixed effects are tested (Crainiceanu and Ruppert 2004, theorems 1 and 2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng import RStream
from pybootmlm.rng.draws import RandomState

Array = NDArray[np.float64]

# log(lambda) of the grid on which the supremum is looked for, with the largest eigenvalue 1.
LOWEST, HIGHEST, POINTS = -10.0, 8.0, 200
# Replicates at a time: points times replicates numbers.
AT_ONCE = 2000


@dataclass(frozen=True)
class NullDistribution:
    """What the distribution depends on.

    Attributes
    ----------
    mu : (K,) array
        Eigenvalues that belong to the residual contrasts, the largest of `xi` (or of them) 1.
    xi : (K,) array
        Eigenvalues of the determinant; `mu` for the restricted likelihood.
    n, p : int
        Rows and fixed effects.
    tested : int
        Fixed effects that the smaller model lacks; 0 for the restricted likelihood.
    restricted : bool
    """

    mu: Array
    xi: Array
    n: int
    p: int
    tested: int
    restricted: bool

    def sample(self, nsim: int, rng: RandomState | None) -> Array:
        """`nsim` independent values of the statistic.

        Of an `RStream` the chi-squares are read in RLRsim's order: W, the w_s, U, one replicate
        after the other.
        """
        K = len(self.mu)
        degrees = [max(0, self.n - self.p - K), *[1] * K]
        degrees += [] if self.restricted else [self.tested]
        drawn = _chi_squares(nsim, np.array(degrees, dtype=float), rng)
        rest, w = drawn[:, 0], drawn[:, 1 : K + 1]
        grid = np.exp(np.linspace(LOWEST, HIGHEST, POINTS - 1))[:, None]
        share = grid * self.mu / (1 + grid * self.mu)
        penalty = np.log1p(grid * self.xi).sum(axis=1)
        size = self.n - self.p if self.restricted else self.n
        found = np.zeros(nsim)
        for start in range(0, nsim, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            N = w[part] @ share.T
            D = w[part] @ (1 - share).T + rest[part, None]
            found[part] = np.maximum(0, (size * np.log1p(N / D) - penalty).max(axis=1))
        if not self.restricted:
            found += self.n * np.log1p(drawn[:, -1] / (w.sum(axis=1) + rest))
        return found


def _chi_squares(nsim: int, degrees: Array, rng: RandomState | None) -> Array:
    """A row of chi-squares with these degrees of freedom for each replicate."""
    shape = (nsim, len(degrees))
    if isinstance(rng, RStream):
        return rng.rchisq(nsim * len(degrees), np.tile(degrees, nsim)).reshape(shape)
    if isinstance(rng, (bool, float, str)) or (isinstance(rng, int) and rng < 0):
        raise ArgumentError(
            "`rng` must be a seed (an integer from 0), a NumPy Generator, or an RStream for R's "
            f"random numbers; got {rng!r}."
        )
    generator = np.random.default_rng(rng)
    out = np.zeros(shape)
    out[:, degrees > 0] = generator.chisquare(
        degrees[degrees > 0], (nsim, int((degrees > 0).sum()))
    )
    return out
