"""Which columns of a matrix are linearly independent, chosen as R's ``qr`` chooses them."""

import numpy as np
from numpy.typing import NDArray


def independent_columns(X: NDArray[np.float64], tol: float = 1e-7) -> NDArray[np.intp]:
    r"""
    Positions of the columns that R keeps of a rank-deficient model matrix.

    The columns are taken from left to right; one is set aside when what the columns kept so
    far leave of it is shorter than `tol` times the column itself, the limited pivoting of
    R's modified LINPACK routine dqrdc2 [1]_. That depends on :math:`X'X` only, so the
    selection runs on the triangular factor of :math:`X`.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Finite.
    tol : float
        Relative length below which a column counts as dependent; R's default is 1e-7.

    Returns
    -------
    ndarray of intp, shape (rank,)
        Ascending.

    References
    ----------
    .. [1] R Core Team, documentation of ``qr``: "limited column pivoting strategy".

    Examples
    --------
    >>> independent_columns(np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0]]))
    array([0, 2])
    """
    n, p = X.shape
    if p == 0 or n == 0:
        return np.zeros(0, dtype=np.intp)
    norms = np.sqrt(np.einsum("ij,ij->j", X, X))
    norms[norms == 0] = 1.0
    # Scaled columns: the selection is about relative lengths, and no column dwarfs another.
    remaining = np.asarray(np.linalg.qr(X / norms, mode="r"))
    kept: list[int] = []
    for j in range(p):
        column = remaining[:, j]
        length = float(np.sqrt(column @ column))
        if length < tol or len(kept) == n:
            continue
        kept.append(j)
        direction = column / length
        later = remaining[:, j + 1 :]
        later -= np.outer(direction, direction @ later)
    return np.array(kept, dtype=np.intp)
