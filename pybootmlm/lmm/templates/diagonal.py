r"""``diag``: independent random effects.

:math:`S = \operatorname{diag}(s_1^2, \dots, s_q^2)` with
:math:`\theta = (s_1, \dots, s_q)`; homogeneous: :math:`S = s^2 I` with :math:`\theta = s`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.templates.template import Bend, Label

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Diagonal:
    """A `Template` of relative standard deviations, one an effect or one for all."""

    size: int
    homogeneous: bool = False
    name: str = "diag"

    @property
    def n_theta(self) -> int:
        """q, or 1."""
        return 1 if self.homogeneous else self.size

    @property
    def is_deviation(self) -> NDArray[np.bool_]:
        """All of them."""
        return np.ones(self.n_theta, bool)

    @property
    def lower(self) -> Array:
        """Zero."""
        return np.zeros(self.n_theta)

    @property
    def upper(self) -> Array:
        """None."""
        return np.full(self.n_theta, np.inf)

    @property
    def bends(self) -> tuple[Bend, ...]:
        """S is even in each of them."""
        return tuple("linear" for _ in range(self.n_theta))

    @property
    def stored(self) -> NDArray[np.intp]:
        """The diagonal."""
        own = np.zeros(self.size, np.intp) if self.homogeneous else np.arange(self.size)
        return np.asarray(np.diag(own + 1) - 1)

    def whitens(self) -> bool:
        """No: other combinations of the effects correlate."""
        return False

    def labels(self, effects: tuple[str, ...]) -> tuple[Label, ...]:
        """Standard deviations."""
        return tuple(Label("sd", name) for name in (("*",) if self.homogeneous else effects))

    def Lambda(self, theta: Array) -> Array:
        """See `Root`."""
        out = np.zeros((self.size, self.size, *theta.shape[1:]))
        k = np.arange(self.size)
        out[k, k] = theta
        return out

    def gradient(self, K: Array, theta: Array) -> Array:
        """2 K_ii s_i, or their sum."""
        own = K[np.arange(self.size), np.arange(self.size)]
        return 2 * theta * (own.sum(axis=0, keepdims=True) if self.homogeneous else own)

    def directions(self, theta: Array) -> Array:
        """2 s_i at (i, i)."""
        dS = np.zeros((self.n_theta, self.size, self.size, *theta.shape[1:]))
        k = np.arange(self.size)
        dS[0 if self.homogeneous else k, k, k] = 2 * theta
        return dS

    def curvature(self, K: Array, theta: Array) -> Array:  # noqa: ARG002 (S is quadratic)
        """2 K_ii for an element with itself."""
        own = 2 * K[np.arange(self.size), np.arange(self.size)]
        if self.homogeneous:
            total: Array = own.sum(axis=0)[None, None]
            return total
        out = np.zeros((self.size, self.size, *K.shape[2:]))
        out[np.arange(self.size), np.arange(self.size)] = own
        return out

    def near_boundary(self, theta: Array, tolerance: Array | float) -> NDArray[np.bool_]:
        """A standard deviation vanishes."""
        return np.asarray((theta < tolerance).any(axis=0))

    def canonical(self, theta: Array, tolerance: Array | float = 0.0) -> Array:
        """Without signs."""
        return np.where(np.abs(theta) <= tolerance, 0.0, np.abs(theta))

    def of_covariance(self, S: Array) -> Array:
        """Roots of the diagonal."""
        return np.sqrt(np.diag(S))[: self.n_theta]

    def components(self, S: Array, sd_cor: bool) -> Array:
        """The diagonal, or its roots."""
        variances = np.diag(S)[: self.n_theta]
        return np.sqrt(variances) if sd_cor else variances

    def component_directions(self, theta: Array) -> Array:  # noqa: ARG002 (S is linear in them)
        """One at (i, i)."""
        dS = np.zeros((self.n_theta, self.size, self.size))
        k = np.arange(self.size)
        dS[0 if self.homogeneous else k, k, k] = 1.0
        return dS
