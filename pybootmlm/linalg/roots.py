"""Symmetric square roots of semidefinite matrices."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import numbers
from pybootmlm.exceptions import ArgumentError


def solve_eigen_sqrt(M: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    r"""Solve :math:`M^{1/2} x = b` with the symmetric square root of `M`.

    The root comes from the eigenvalue decomposition of `M`. Eigenvalues that are zero within
    rounding, or negative, are taken as zero and their directions dropped, so for a semidefinite
    `M` this is the pseudo-inverse of the root.

    Parameters
    ----------
    M : array_like, (k, k)
        Symmetric positive semidefinite matrix; only its lower triangle is read.
    b : array_like, (k,) or (k, c)
        Right-hand side or sides.

    Returns
    -------
    ndarray, the shape of `b`
        The solution.

    Raises
    ------
    ArgumentError
        `M` is not a square matrix of finite numbers, or `b` does not have its number of rows.

    References
    ----------
    bootmlm 0.1.1, manual page ``solve_eigen_sqrt``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> bm.solve_eigen_sqrt([[4.0, 0.0], [0.0, 9.0]], [2.0, 6.0])
    array([1., 2.])
    """
    matrix, right = numbers(M, "M"), numbers(b, "b")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ArgumentError(
            f"`M` must be a square matrix of finite numbers; got an array of shape {matrix.shape}."
        )
    if right.ndim not in (1, 2) or right.shape[0] != matrix.shape[0]:
        raise ArgumentError(
            f"`b` must have as many rows as `M` ({matrix.shape[0]}); got shape {right.shape}."
        )
    values, vectors = np.linalg.eigh(matrix)
    positive = values > values.size * np.finfo(float).eps * np.abs(values).max(initial=0.0)
    inverse_root = np.divide(
        1.0,
        np.sqrt(values, where=positive, out=np.ones_like(values)),
        where=positive,
        out=np.zeros_like(values),
    )
    solution: NDArray[np.float64] = (vectors * inverse_root) @ (vectors.T @ right)
    return solution
