"""The least criterion in 50 digits, from a point that is near it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.errors import EvidenceError
from parity.referee.criterion_50_digits import profile
from parity.referee.cross_products import CrossProducts, Matrix, Number
from parity.referee.parts import LIMIT, cost
from parity.referee.slopes import FLAT

Array = NDArray[np.float64]
_STEPS = 8
_SETTLED = 1e-13  # of a step, per unit of the scale: its square is beyond what anybody prints
# In units of the scale: the error of a central difference is its square, and what 50 digits
# round is thirty digits smaller than the difference.
_DIFFERENCE = "1e-17"
_WIDE_DIFFERENCE = "1e-12"


@dataclass(frozen=True)
class Minimum:
    """Where the criterion is least.

    Attributes
    ----------
    theta
        ``(t,)``.
    criterion
        With 50 digits.
    """

    theta: Array
    criterion: Number


def least(
    products: CrossProducts, start: Array, reml: bool, hessian: Array, scale: Array
) -> Minimum:
    """Follow Newton's method with one Hessian, in double precision, to the least criterion.

    Parameters
    ----------
    start, hessian
        A point ``(t,)`` near the minimum, and the Hessian ``(t, t)`` there.
    scale
        ``(t,)`` units in which theta is moved.

    Raises
    ------
    EvidenceError
        The minimum is not a point, Newton's method does not get there, or it would take too long.
    """
    t = len(start)
    if cost(products.rows) * 2 * t * 4 > LIMIT:
        raise EvidenceError("the model is too large to find the least criterion in 50 digits")
    values = np.linalg.eigvalsh(hessian * np.outer(scale, scale))
    if not values[0] > FLAT * abs(values).max():
        raise EvidenceError("the criterion is flat at its least, so no one theta is the minimum")
    inverse = np.linalg.inv(hessian * np.outer(scale, scale))
    mp = products.mp
    theta = [mp.mpf(x) for x in start.tolist()]
    for _ in range(_STEPS):
        slope = _gradient(products, theta, reml, scale)
        step = -inverse @ np.array([float(x) for x in slope])
        if not np.isfinite(step).all() or np.abs(step).max() > 1.0:
            break
        theta = [x + mp.mpf(s) * mp.mpf(d) for x, s, d in zip(theta, scale, step, strict=True)]
        if np.abs(step).max() < _SETTLED:
            value = profile(products, theta, reml).criterion
            return Minimum(np.array([float(x) for x in theta]), value)
    raise EvidenceError("Newton's method did not settle in 50 digits")


def _gradient(
    products: CrossProducts, theta: Sequence[Number], reml: bool, scale: Array
) -> list[Number]:
    """Central differences per unit of the scale."""
    mp = products.mp
    h = mp.mpf(_DIFFERENCE)
    out = []
    for k, unit in enumerate(scale.tolist()):
        ends = []
        for sign in (1, -1):
            moved = list(theta)
            moved[k] += sign * h * unit
            ends.append(profile(products, moved, reml).criterion)
        out.append((ends[0] - ends[1]) / (2 * h))
    return out


def hessian_50_digits(
    products: CrossProducts, theta: Sequence[float], reml: bool, scale: Array
) -> Matrix:
    """Second differences of the criterion ``(t, t)``, right to twenty digits."""
    mp, t = products.mp, len(theta)
    if cost(products.rows) * 2 * t * t > LIMIT:
        raise EvidenceError("the model is too large to find the Hessian in 50 digits")
    units = [mp.mpf(_WIDE_DIFFERENCE) * unit for unit in scale.tolist()]

    def at(*moves: tuple[int, int]) -> Number:
        moved = [mp.mpf(x) for x in theta]
        for k, sign in moves:
            moved[k] += sign * units[k]
        return profile(products, moved, reml).criterion

    middle = at()
    out: Matrix = [[mp.mpf(0)] * t for _ in range(t)]
    for i in range(t):
        out[i][i] = (at((i, 1)) - 2 * middle + at((i, -1))) / units[i] ** 2
        for j in range(i):
            same = at((i, 1), (j, 1)) + at((i, -1), (j, -1))
            other = at((i, 1), (j, -1)) + at((i, -1), (j, 1))
            out[i][j] = out[j][i] = (same - other) / (4 * units[i] * units[j])
    return out
