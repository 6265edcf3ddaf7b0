"""Kenward and Roger's covariance matrix from n-by-n matrices, with the weights or as pbkrtest."""

import numpy as np
from numpy.typing import NDArray

from pybootmlm import LmerFit

Array = NDArray[np.float64]


def adjusted_covariance(fit: LmerFit, *, as_r: bool) -> Array:
    """Return the adjusted covariance matrix (p, p) of the fixed effects, term by term.

    Kenward and Roger (1997), section 2. pbkrtest takes the covariance of the errors for sigma^2 I
    whatever the weights, but the covariance matrix that is adjusted from the weighted fit.
    """
    X, weights = fit.design.X, fit.weights.to_numpy()
    errors = np.eye(fit.nobs) if as_r else np.diag(1 / weights)
    G, sizes = _parts(fit)
    G, sizes = [*G, errors], [*sizes, fit.sigma**2]
    inverse = np.linalg.inv(np.einsum("r,rmn->mn", sizes, G))
    Phi = fit.vcov.to_numpy() if as_r else np.linalg.inv(X.T @ inverse @ X)
    moved = [g @ inverse for g in G]
    half = [inverse @ m @ X for m in moved]
    P = [-X.T @ h for h in half]
    Q = [[X.T @ inverse @ g @ h for h in half] for g in G]
    r = range(len(G))
    information = [
        [
            np.trace(moved[i] @ moved[j])
            - 2 * np.trace(Phi @ Q[i][j])
            + np.trace(Phi @ P[i] @ Phi @ P[j])
            for j in r
        ]
        for i in r
    ]
    W = 2 * np.linalg.inv(np.array(information))
    U = sum(W[i, j] * (Q[i][j] - P[i] @ Phi @ P[j]) for i in r for j in r)
    return np.asarray(Phi + Phi @ (U + np.transpose(U)) @ Phi)


def _parts(fit: LmerFit) -> tuple[list[Array], list[float]]:
    """Derivatives of the rows' covariance by each (co)variance of the effects, and these."""
    G, sizes = [], []
    for term, variance in zip(fit.design.terms, fit.varcorr.terms, strict=True):
        codes = fit.design.factors[term.factor].codes
        same = codes[:, None] == codes[None]
        for b in range(term.Z.shape[1]):
            for a in range(b, term.Z.shape[1]):
                product = np.outer(term.Z[:, a], term.Z[:, b])
                G.append(same * (product if a == b else product + product.T))
                sizes.append(float(variance.cov[a, b]))
    return G, sizes
