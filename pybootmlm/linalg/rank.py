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
    scaled = X / norms
    if _clearly_independent(scaled):
        return np.arange(p, dtype=np.intp)
    remaining = np.asarray(np.linalg.qr(scaled, mode="r"))
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


def _clearly_independent(scaled: NDArray[np.float64]) -> bool:
    """
    Whether no column of unit length comes near to depending on those before it.

    The diagonal of the Cholesky factor of the cross-products is what is left of each column,
    known here to about 1e-8: ample to tell 1e-4 from less, at a fraction of the cost of a QR.
    """
    try:
        left = np.diag(np.linalg.cholesky(scaled.T @ scaled))
    except np.linalg.LinAlgError:
        return False
    return bool(left.min() > 1e-4)
