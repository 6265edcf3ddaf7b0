r"""Structures :math:`S_{ij} = s_i s_j R_{ij}(\rho)`: standard deviations, and one correlation.

Theta is :math:`(s_1, \dots, s_q, \rho)`, or :math:`(s, \rho)` where all effects have one standard
deviation: what lme4 2 calls ``par``. Heterogeneous standard deviations enter the search as squares,
since another sign of one of them would turn the sign of its correlations; the correlation enters
as a sine between its bounds, so that both ends are stationary points which a search can reach, and
leave.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.templates.template import Bend, Label
from pybootmlm.lmm.templates.unstructured import number_lower

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ScaledCorrelation(ABC):
    """A `Template` with a correlation matrix R of one parameter.

    Attributes
    ----------
    size : int
        At least 2.
    homogeneous : bool
    """

    size: int
    homogeneous: bool

    @property
    @abstractmethod
    def name(self) -> str:
        """See `Template`."""

    @property
    @abstractmethod
    def least(self) -> float:
        """The lower bound of the correlation."""

    @abstractmethod
    def correlations(self, rho: Array) -> tuple[Array, Array, Array]:
        """R and its first two derivatives (q, q, ...)."""

    @abstractmethod
    def root(self, rho: Array) -> Array:
        """The lower triangular root of R (q, q, ...)."""

    @property
    def n_theta(self) -> int:
        """Standard deviations and the correlation."""
        return 2 if self.homogeneous else self.size + 1

    @property
    def is_deviation(self) -> NDArray[np.bool_]:
        """All but the last."""
        return np.arange(self.n_theta) < self.n_theta - 1

    @property
    def lower(self) -> Array:
        """Zero, and the least correlation."""
        return np.append(np.zeros(self.n_theta - 1), self.least)

    @property
    def upper(self) -> Array:
        """One for the correlation."""
        return np.append(np.full(self.n_theta - 1, np.inf), 1.0)

    @property
    def bends(self) -> tuple[Bend, ...]:
        """See the module's docstring; S is even in a common standard deviation."""
        if self.homogeneous:
            return ("linear", "sine")
        squares: tuple[Bend, ...] = tuple("square" for _ in range(self.size))
        return (*squares, "sine")

    @property
    @abstractmethod
    def stored_if_homogeneous(self) -> NDArray[np.intp]:
        """See `Template.stored`."""

    @property
    def stored(self) -> NDArray[np.intp]:
        """The lower triangle, less what is equal by the structure."""
        return self.stored_if_homogeneous if self.homogeneous else number_lower(self.size)

    def whitens(self) -> bool:
        """No."""
        return False

    def labels(self, effects: tuple[str, ...]) -> tuple[Label, ...]:
        """Standard deviations, then the correlation."""
        names = ("*",) if self.homogeneous else effects
        return (*(Label("sd", name) for name in names), Label("rho", "rho"))

    def Lambda(self, theta: Array) -> Array:
        """The root of R, its rows multiplied by the standard deviations."""
        return self._scales(theta)[:, None] * self.root(np.clip(theta[-1], self.least, 1.0))

    def gradient(self, K: Array, theta: Array) -> Array:
        """2 sum_j K_ij s_j R_ij by s_i; sum K_ij s_i s_j R'_ij by the correlation."""
        s, (R, first, _) = self._scales(theta), self.correlations(theta[-1])
        by_scale = 2 * (K * R * s[None]).sum(axis=1)
        if self.homogeneous:
            by_scale = by_scale.sum(axis=0, keepdims=True)
        by_rho = (K * first * s[:, None] * s).sum(axis=(0, 1))
        return np.concatenate([by_scale, by_rho[None]])

    def directions(self, theta: Array) -> Array:
        """dS by each element."""
        s, (R, first, _) = self._scales(theta), self.correlations(theta[-1])
        dS = np.zeros((self.n_theta, self.size, self.size, *theta.shape[1:]))
        for i in range(self.size):
            k = 0 if self.homogeneous else i
            dS[k, i] += R[i] * s
            dS[k, :, i] += R[i] * s
        dS[-1] = first * s[:, None] * s
        return dS

    def curvature(self, K: Array, theta: Array) -> Array:
        """2 K_ij R_ij by s_i and s_j; by s_i and the correlation, and by it twice, likewise."""
        s, (R, first, second) = self._scales(theta), self.correlations(theta[-1])
        out = np.zeros((self.n_theta, self.n_theta, *np.broadcast_shapes(K.shape[2:], R.shape[2:])))
        twice, mixed = 2 * K * R, 2 * (K * first * s[None]).sum(axis=1)
        if self.homogeneous:
            out[0, 0], out[0, 1] = twice.sum(axis=(0, 1)), mixed.sum(axis=0)
        else:
            out[:-1, :-1], out[:-1, -1] = twice, mixed
        out[-1, :-1] = out[:-1, -1]
        out[-1, -1] = (K * second * s[:, None] * s).sum(axis=(0, 1))
        return out

    def near_boundary(self, theta: Array, tolerance: Array | float) -> NDArray[np.bool_]:
        """A standard deviation vanishes, or the correlation is at a bound."""
        rho, tol = theta[-1], np.broadcast_to(tolerance, theta.shape)
        at_end = (rho - self.least < tol[-1]) | (1 - rho < tol[-1])
        return np.asarray((theta[:-1] < tol[:-1]).any(axis=0) | at_end)

    def canonical(self, theta: Array, tolerance: Array | float = 0.0) -> Array:
        """Inside the bounds; without effects that vary there is no correlation: zero."""
        tol = np.broadcast_to(tolerance, theta.shape)
        out = np.where(np.abs(theta) <= tol, 0.0, np.abs(theta))
        rho = min(1.0, max(self.least, float(theta[-1])))
        if 1 - rho <= tol[-1]:
            rho = 1.0
        elif rho - self.least <= tol[-1]:
            rho = self.least
        out[-1] = rho if np.count_nonzero(out[:-1]) > (0 if self.homogeneous else 1) else 0.0
        return out

    def of_covariance(self, S: Array) -> Array:
        """Standard deviations and correlation, zero where it has no meaning."""
        found = self.components(S, sd_cor=True)
        found[-1] = np.clip(np.nan_to_num(found[-1], nan=0.0), self.least, 1.0)
        return found

    def components(self, S: Array, sd_cor: bool) -> Array:
        """Standard deviations or variances, and the correlation."""
        variances = np.diag(S)
        # The correlation of neighbours; where one does not vary, of others that do.
        size = np.sqrt(variances[1:] * variances[:-1])
        at = int(np.argmax(size))
        rho = np.diag(S, -1)[at] / size[at] if size[at] > 0 else np.nan
        kept = variances[: self.n_theta - 1]
        return np.append(np.sqrt(kept) if sd_cor else kept, rho)

    def component_directions(self, theta: Array) -> Array:
        """By s_i^2: dS / (2 s_i); by the correlation: as it is."""
        dS = self.directions(theta)
        if self.homogeneous:
            return np.concatenate([self.correlations(theta[-1])[0][None], dS[1:]])
        with np.errstate(divide="ignore", invalid="ignore"):
            dS[:-1] /= 2 * theta[:-1, None, None]
        return dS

    def _scales(self, theta: Array) -> Array:
        """Relative standard deviations (q, ...)."""
        given = theta[:-1]
        return np.repeat(given, self.size, axis=0) if self.homogeneous else given
