"""Rows of the data in the coordinates in which the criterion is computed.

The criterion does not change when X is replaced by an orthonormal basis of its columns and y by
its least-squares residual, apart from known constants. In these coordinates nothing is
badly scaled and nothing cancels, whatever the units of the data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pybootmlm.design.magnitudes import check_response
from pybootmlm.exceptions import ModelError
from pybootmlm.linalg.twice_precise import product

Array = NDArray[np.float64]

# A response that keeps this share of its size loses no digits worth mentioning.
HARMLESS = 1e-3


@dataclass(frozen=True)
class Coordinates:
    """The map between the data's coordinates and the standardised ones.

    Attributes
    ----------
    Q : (n, p) array
        Orthonormal basis of sqrt(w) X.
    R : (p, p) array
        sqrt(w) X = QR.
    beta_ols : (p,) array
        Least-squares coefficients of y - offset on X.
    scale : float
        Root mean square of the least-squares residual; y is measured in it.
    root_weights : (n,) array or None
        sqrt(w).
    offset : (n,) array or None
        Known part of the mean.
    """

    Q: Array
    R: Array
    beta_ols: Array
    scale: float
    root_weights: Array | None
    offset: Array | None

    @property
    def log_det_R(self) -> float:
        """log|det R|."""
        return float(np.log(np.abs(np.diag(self.R))).sum())

    @property
    def log_weights(self) -> float:
        """Sum of the logarithms of the prior weights."""
        return 0.0 if self.root_weights is None else float(2 * np.log(self.root_weights).sum())

    def weigh(self, rows: Array) -> Array:
        """Rows (n, ...) times sqrt(w)."""
        if self.root_weights is None:
            return rows
        return rows * self.root_weights.reshape((-1,) + (1,) * (rows.ndim - 1))

    def ols_residual(self, y: Array, X: Array) -> Array:
        """`residual` about the least-squares fit, which may be nearly all of `y`."""
        fixed = X @ self.beta_ols
        known = y if self.offset is None else y - self.offset
        left = known - fixed
        if np.abs(left).max(initial=0.0) < HARMLESS * np.abs(known).max(initial=0.0):
            # A fit rounded to the digits of y drowns a spread far below its size.
            terms = np.column_stack([known, X])
            left = product(terms, np.append(1.0, -self.beta_ols)[:, None])[:, 0]
        return self._without_fixed(self.weigh(left))

    def residual(self, y: Array, fixed: Array) -> Array:
        """Standardised response (n,): sqrt(w) (y - fixed) without its part in X, in `scale`."""
        r = self.weigh(y - fixed if self.offset is None else y - self.offset - fixed)
        return self._without_fixed(r)

    def _without_fixed(self, r: Array) -> Array:
        r = r - self.Q @ (self.Q.T @ r)
        # Once more: the first projection leaves rounding in proportion to what it took away.
        r = r - self.Q @ (self.Q.T @ r)
        return r / self.scale

    def beta(self, gamma: Array) -> Array:
        """Coefficients of X (p, ...) from those of Q in standardised units (p, ...)."""
        # Columns of NaN stand for data sets without an optimum; they stay what they are.
        step: Array = gamma
        if self.R.size:
            step = solve_triangular(self.R, gamma, check_finite=False)
        ols = self.beta_ols.reshape((-1,) + (1,) * (gamma.ndim - 1))
        return ols + self.scale * step


def standardise(
    y: Array, X: Array, weights: Array | None, offset: Array | None
) -> tuple[Coordinates, Array]:
    """Coordinates for (y, X), and the standardised response (n,).

    Raises
    ------
    ModelError
        The response is an exact linear function of the fixed effects, or its squares leave the
        range of floating point.
    """
    check_response(y)
    if offset is not None:
        check_response(offset, "the offset")
    root = None if weights is None else np.sqrt(weights)
    weighted = X if root is None else X * root[:, None]
    Q, R = np.linalg.qr(weighted)
    centred = y if offset is None else y - offset
    right = centred if root is None else centred * root
    if root is not None:
        check_response(right, "the response times the root of its weights")
    beta = solve_triangular(R, Q.T @ right) if X.shape[1] else np.zeros(0)
    coordinates = Coordinates(Q, R, beta, 1.0, root, offset)
    r = coordinates.ols_residual(y, X)
    scale = float(np.sqrt(np.mean(r**2)))
    size = float(np.sqrt(np.mean(right**2)))
    if not scale > 1e-14 * size:
        raise ModelError(
            "The response is an exact linear function of the fixed effects: nothing is left for "
            "random effects to explain. Drop fixed effects, or check the response."
        )
    return Coordinates(Q, R, beta, scale, root, offset), r / scale
