"""The sparse Cholesky factor of lme4's system, for those who want to see it.

No estimate needs it: the criterion is computed block by block (see `pybootmlm.lmm.problem`).
"""

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def weighted_transpose(fit: "LmerFit", Z: sp.csc_array, Lambda: sp.csc_array) -> sp.csc_array:
    """Lambda'Z'W^(1/2) (q, n)."""
    weights = fit.design.weights
    root = np.ones(fit.nobs) if weights is None else np.sqrt(weights)
    return sp.csc_array(Lambda.T @ (Z.T * root))


def cholesky_factor(At: sp.csc_array) -> sp.csc_array:
    """L (q, q), lower triangular with LL' = At At' + I, rows and columns in the order of u."""
    # Not at the top: importing it takes long, and hardly anyone asks for L.
    from scipy.sparse.linalg import splu

    A = sp.csc_matrix(At @ At.T + sp.eye_array(At.shape[0]))
    # A is positive definite, so Gauss's elimination needs no pivots and U = D L'.
    lu = splu(A, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return sp.csc_array(lu.L @ sp.diags_array(np.sqrt(lu.U.diagonal())))


def forward_solve(L: sp.csc_array, right: Array) -> Array:
    """L^-1 right for `right` (q, c)."""
    from scipy.sparse.linalg import spsolve_triangular

    return np.asarray(spsolve_triangular(sp.csr_array(L), right, lower=True))
