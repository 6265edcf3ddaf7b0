"""
The functions of a formula that learn from the data: ``poly()`` and ``scale()``.

Each returns its columns and the numbers needed to repeat the transformation on new data.
"""

import numpy as np
from numpy.typing import NDArray

from pybootmlm.exceptions import DataError

State = tuple[float, ...]


def orthogonal_polynomials(
    x: NDArray[np.float64], degree: int, state: State | None = None
) -> tuple[NDArray[np.float64], State]:
    r"""
    Orthonormal polynomials over the points of `x`, as R's ``poly``.

    They follow the three-term recurrence
    :math:`p_{k+1} = (x - \alpha_k) p_k - (\nu_k / \nu_{k-1}) p_{k-1}` with
    :math:`\nu_k = \|p_k\|^2` [1]_.

    Parameters
    ----------
    x : ndarray, shape (n,)
    degree : int
    state : tuple of float, optional
        :math:`\alpha_0 \ldots \alpha_{d-1}, \nu_0 \ldots \nu_d` of an earlier call: the same
        polynomials are then evaluated at the new points.

    Returns
    -------
    columns : ndarray, shape (n, degree)
    state : tuple of float, length 2 degree + 1

    References
    ----------
    .. [1] Kennedy, W. J. and Gentle, J. E. (1980). Statistical Computing, pp. 343-344.

    Examples
    --------
    >>> columns, _ = orthogonal_polynomials(np.array([1.0, 2.0, 3.0]), 2)
    >>> columns.round(4)
    array([[-0.7071,  0.4082],
           [ 0.    , -0.8165],
           [ 0.7071,  0.4082]])
    """
    centre = float(np.mean(x)) if state is None else state[0]
    alpha = [0.0] * degree if state is None else [a - centre for a in state[:degree]]
    norm = [0.0] * (degree + 1) if state is None else list(state[degree:])
    points = x - centre
    powers = np.empty((len(x), degree + 1))
    powers[:, 0] = 1.0
    for k in range(degree + 1):
        current = powers[:, k]
        if state is None:
            norm[k] = float(current @ current)
        if k == degree:
            break
        if state is None and k > 0:  # the first is 0 by centring
            alpha[k] = float((points * current) @ current) / norm[k]
        powers[:, k + 1] = (points - alpha[k]) * current
        if k > 0:
            powers[:, k + 1] -= (norm[k] / norm[k - 1]) * powers[:, k - 1]
    columns = powers[:, 1:] / np.sqrt(norm[1:])
    return columns, (*(a + centre for a in alpha), *norm)


def poly(
    x: NDArray[np.float64], name: str, degree: int, raw: bool, state: State | None
) -> tuple[NDArray[np.float64], State]:
    """Columns of ``poly(x, degree, raw=)``, with R's restrictions on `x`."""
    if raw:
        return x[:, None] ** np.arange(1, degree + 1), ()
    if state is None:
        if np.isnan(x).any():
            raise DataError(
                f"`{name}` has missing values inside poly(), which needs all of them: drop those "
                "rows first, or use poly(..., raw = TRUE)"
            )
        distinct = len(np.unique(x))
        if degree >= distinct:
            raise DataError(
                f"poly() of degree {degree} needs more than {degree} distinct values; "
                f"`{name}` has {distinct}"
            )
    with np.errstate(all="ignore"):
        try:
            columns, learned = orthogonal_polynomials(x, degree, state)
        except ZeroDivisionError:
            columns, learned = np.full((1, 1), np.nan), ()
    if state is None and np.isfinite(x).all() and not np.isfinite(columns).all():
        raise DataError(
            f"poly() of degree {degree} takes powers of `{name}` that leave the range of floating "
            "point: measure it in other units"
        )
    return columns, learned


def scale(
    x: NDArray[np.float64], center: float | bool, divide: float | bool, state: State | None
) -> tuple[NDArray[np.float64], State]:
    """
    Centre and divide as R's ``scale``; the divisor of uncentred values is their rms.

    Examples
    --------
    >>> scale(np.array([1.0, 2.0, 3.0]), True, True, None)[0]
    array([-1.,  0.,  1.])
    """
    if state is None:
        given = x[~np.isnan(x)]
        middle = float(center)
        if isinstance(center, bool):
            middle = float(np.mean(given)) if center and len(given) else 0.0
        divisor = float(divide)
        if isinstance(divide, bool):
            squares = float(np.sum((given - middle) ** 2))
            divisor = np.sqrt(squares / max(1, len(given) - 1)) if divide else 1.0
        state = (middle, float(divisor))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (x - state[0]) / state[1], state
