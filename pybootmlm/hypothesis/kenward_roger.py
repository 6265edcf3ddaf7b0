r"""Kenward and Roger's covariance matrix and degrees of freedom for fixed effects.

With :math:`\Phi = (X'\Sigma^{-1}X)^{-1}`, W the asymptotic covariance matrix of the covariance
parameters (twice the inverse of the expected information) and P, Q as in `covariance_information`,

.. math:: \Phi_A = \Phi + 2\Phi \Big[\sum_{rs} W_{rs}(Q_{rs} - P_r \Phi P_s)\Big] \Phi,

and F of q contrasts, scaled, has q and m degrees of freedom with m from its first two moments
(Kenward and Roger 1997; Halekoh and Højsgaard 2014, section 2).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import ModelError
from pybootmlm.hypothesis.covariance_information import covariance_information
from pybootmlm.hypothesis.restriction import FTest
from pybootmlm.hypothesis.satterthwaite import RANK
from pybootmlm.lmm.fit import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Share of the largest eigenvalue of the information below which a direction has none.
NO_INFORMATION = 1e-10


@dataclass(frozen=True)
class KenwardRoger:
    """What Kenward and Roger's method needs of a fit.

    Attributes
    ----------
    vcov : (p, p) array
        The adjusted covariance matrix of the fixed effects.
    H : (p, p) array
        The one that is not adjusted, over sigma^2.
    P : (r, p, p) array
    W : (r, r) array
        Of the covariance parameters, in units of sigma^2.
    """

    vcov: Array
    H: Array
    P: Array
    W: Array

    def df(self, contrast: Array) -> float:
        """Degrees of freedom of one contrast (p,)."""
        return self._moments(contrast[None], 1)[0]

    def f_test(self, L: Array, difference: Array) -> FTest:
        """Wald F test of L beta - rhs = `difference` (m,), L (m, p)."""
        values, vectors = np.linalg.eigh(L @ self.H @ L.T)
        kept = values > max(RANK * values[-1], 0.0)
        L, difference, q = vectors[:, kept].T @ L, vectors[:, kept].T @ difference, int(kept.sum())
        if q == 0:
            return FTest(np.nan, 0, np.nan)
        wald = difference @ np.linalg.solve(L @ self.vcov @ L.T, difference)
        df, scale = self._moments(L, q)
        return FTest(float(wald) / q, q, df, scale)

    def _moments(self, L: Array, q: int) -> tuple[float, float]:
        """Denominator degrees of freedom, and the scale of F; L (q, p) of full rank."""
        Theta = L.T @ np.linalg.solve(L @ self.H @ L.T, L)
        moved = Theta @ self.H @ self.P @ self.H
        traces = np.einsum("kpp->k", moved)
        A1 = float(traces @ self.W @ traces)
        A2 = float(np.einsum("rs,rpq,sqp->", self.W, moved, moved))
        if A2 == 0:
            return np.inf, 1.0
        B = (A1 + 6 * A2) / (2 * q)
        g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
        rest = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / rest, (q - g) / rest, (q + 2 - g) / rest
        # E* = 1 / (1 - A2/q) and V* = 2/q V0 / (V1^2 V2); rho = V* / (2 E*^2).
        V0, V1, V2 = 1 + c1 * B, 1 - c2 * B, 1 - c3 * B
        V0 = 0.0 if abs(V0) < 1e-10 else V0
        both_vanish = abs(1 - A2 / q) < 1e-14 and abs(V1) < 1e-14
        ratio = 1.0 if both_vanish else (1 - A2 / q) / V1
        rho = ratio**2 * V0 / V2 / q
        m = 4 + (q + 2) / (q * rho - 1)
        # m = 2 has no mean to match.
        return m, 1.0 if abs(m - 2) < 1e-2 else m * (1 - A2 / q) / (m - 2)


def kenward_roger(fit: "LmerFit") -> KenwardRoger:
    """Adjusted covariance matrix, and what the degrees of freedom need.

    Raises
    ------
    ModelError
        The fit is not one by REML.
    """
    if not fit.reml and fit.beta.size:
        raise ModelError(
            "Kenward and Roger's method needs a fit by REML; this one is by maximum likelihood. "
            'Fit with `reml=True`, or use `ddf="satterthwaite"`.'
        )
    H = fit.solution.RX_inverse @ fit.solution.RX_inverse.T
    pieces = covariance_information(fit)
    PH = pieces.P @ H
    information = pieces.K - 2 * np.einsum("pq,rsqp->rs", H, pieces.Q)
    information += np.einsum("rpq,sqp->rs", PH, PH)
    # Variances of slopes and of intercepts have other units; their information is compared in none.
    unit = np.sqrt(np.diag(pieces.K))
    unitless = information / np.outer(unit, unit)
    W = 2 * np.linalg.pinv(unitless, rcond=NO_INFORMATION, hermitian=True) / np.outer(unit, unit)
    U = np.einsum("rs,rspq->pq", W, pieces.Q) - np.einsum("rs,rpk,skq->pq", W, PH, pieces.P)
    adjusted = fit.sigma**2 * (H + 2 * H @ ((U + U.T) / 2) @ H)
    return KenwardRoger(adjusted, H, pieces.P, W)


def vcov_adj(fit: "LmerFit") -> pd.DataFrame:
    """Covariance matrix of the fixed effects with Kenward and Roger's small-sample adjustment.

    Parameters
    ----------
    fit : LmerFit
        A fit by REML. With one grouping factor, memory and time are linear in the rows; with
        several, time grows with the rows times the number of random effects.

    Returns
    -------
    DataFrame (p, p)

    Raises
    ------
    ModelError
        The fit is one by maximum likelihood.

    Notes
    -----
    Prior weights are part of the model here. pbkrtest (0.5.2) leaves them out of the covariance
    matrix of the errors, so its numbers for weighted fits are those of another model.

    References
    ----------
    Kenward, M. G. and Roger, J. H. (1997). Small sample inference for fixed effects from restricted
    maximum likelihood. Biometrics 53, 983-997.
    Halekoh, U. and Højsgaard, S. (2014). A Kenward-Roger approximation and parametric bootstrap
    methods for tests in linear mixed models: the R package pbkrtest. J. Stat. Softw. 59(9),
    section 2. As pbkrtest's ``vcovAdj``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (1 | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.vcov_adj(fit).round(3)
                 (Intercept)   Days
    (Intercept)       94.998 -2.910
    Days              -2.910  0.647
    """
    fit = checked_fit(fit)
    names = list(fit.labels.fixed)
    return pd.DataFrame(kenward_roger(fit).vcov, index=names, columns=names)
