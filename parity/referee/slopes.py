"""Slope and curvature of a criterion at a point: whether somebody may stop there."""

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from parity.implementation import Fitted

Array = NDArray[np.float64]
# Curvature below this share of the largest counts as flat.
FLAT = 1e-9
_STEP = 5e-3  # of central differences, per unit of the scale
# Curvature that is negative by more than this share of the largest is no rounding.
_NEGATIVE = {True: -1e-6, False: -1e-3}


@runtime_checkable
class HasDerivatives(Protocol):
    """A fit that knows the derivatives of its criterion."""

    def derivatives(self, theta: Array) -> tuple[Array, Array]:
        """Return gradient ``(t,)`` and Hessian ``(t, t)`` at a theta."""
        ...


@dataclass(frozen=True)
class Slopes:
    """Gradient ``(t,)`` and Hessian ``(t, t)`` at a point.

    Attributes
    ----------
    scale
        ``(t,)`` units of theta, in which curvatures can be compared with each other.
    exact
        Whether they are derivatives, not differences.
    """

    gradient: Array
    hessian: Array
    scale: Array
    exact: bool

    @property
    def norm(self) -> float:
        """Length of the gradient."""
        return float(np.sqrt((self.gradient**2).sum()))

    @property
    def gain(self) -> float:
        """By how much a Newton step would lower the criterion, uphill directions turned round."""
        values, vectors = self._spectrum()
        along = vectors.T @ (self.gradient * self.scale)
        size = np.maximum(np.abs(values), max(FLAT * np.abs(values).max(), 1e-300))
        return float((along**2 / size).sum() / 2)

    @property
    def least_curvature(self) -> float:
        """Smallest eigenvalue of the Hessian, per unit of the scale squared."""
        return float(self._spectrum()[0][0])

    @property
    def saddle(self) -> bool:
        """Whether the criterion falls away in some direction, whatever the gradient."""
        values = self._spectrum()[0]
        return bool(values[0] < _NEGATIVE[self.exact] * max(np.abs(values).max(), 1.0))

    @property
    def flat(self) -> bool:
        """Whether some direction has no curvature."""
        values = np.abs(self._spectrum()[0])
        limit = FLAT if self.exact else 1e-6
        return bool(values.min() <= limit * values.max())

    def moved(self, by: Array) -> "Slopes":
        """Return the slopes at a point near by, ``(t,)`` away: the Hessian is taken as constant."""
        return replace(self, gradient=self.gradient + self.hessian @ by, exact=False)

    def _spectrum(self) -> tuple[Array, Array]:
        scaled = self.hessian * np.outer(self.scale, self.scale)
        values, vectors = np.linalg.eigh((scaled + scaled.T) / 2)
        return values, vectors


def slopes_of(fitted: Fitted, theta: Array, scale: Array) -> Slopes:
    """Return our slopes: exact where the fit knows them, else differences of its criterion."""
    if isinstance(fitted, HasDerivatives):
        return Slopes(*fitted.derivatives(theta), scale, exact=True)
    t = len(theta)
    moves = np.diag(_STEP * scale)

    def at(move: Array) -> float:
        return fitted.criterion(theta + move)

    middle = at(np.zeros(t))
    gradient, hessian = np.empty(t), np.empty((t, t))
    for i in range(t):
        up, down = at(moves[i]), at(-moves[i])
        gradient[i] = (up - down) / (2 * moves[i, i])
        hessian[i, i] = (up - 2 * middle + down) / moves[i, i] ** 2
        for j in range(i):
            same = at(moves[i] + moves[j]) + at(-moves[i] - moves[j])
            other = at(moves[i] - moves[j]) + at(moves[j] - moves[i])
            hessian[i, j] = hessian[j, i] = (same - other) / (4 * moves[i, i] * moves[j, j])
    return Slopes(gradient, hessian, scale, exact=False)


def slopes_from(row: Array, scale: Array) -> Slopes:
    """Read a gradient and a Hessian as ``referee.R`` writes them, one after the other."""
    t = len(scale)
    return Slopes(row[:t], row[t:].reshape(t, t), scale, exact=False)
