"""Hessians by variance components, of any deviance of (theta, sigma), by differences."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pybootmlm import LmerFit

Array = NDArray[np.float64]
_STEP = 1e-2  # of a component; the error of the extrapolated difference is its fourth power


def hessian_by_components(fit: LmerFit, deviance: Callable[[Array], Array], sd_cor: bool) -> Array:
    """Differentiate a deviance by (sds and correlations, sigma), or by (co)variances, sigma^2.

    Second differences at two steps, extrapolated, as numDeriv does it at four.
    """
    centre = _components(fit, sd_cor)
    coarse = _differences(fit, deviance, sd_cor, centre, _STEP)
    fine = _differences(fit, deviance, sd_cor, centre, _STEP / 2)
    return np.asarray((4.0 * fine - coarse) / 3.0)


def _differences(
    fit: LmerFit, deviance: Callable[[Array], Array], sd_cor: bool, centre: Array, step: float
) -> Array:
    k = len(centre)
    h = step * np.abs(centre)

    def at(move: Array) -> float:
        return float(deviance(_theta_sigma(fit, centre + move * h, sd_cor)[None])[0])

    axes = np.eye(k)
    hessian = np.empty((k, k))
    for i in range(k):
        for j in range(i + 1):
            one, other = axes[i], axes[j]
            corners = at(one + other) - at(one - other) - at(other - one) + at(-one - other)
            hessian[i, j] = hessian[j, i] = corners / (4.0 * h[i] * h[j])
    return hessian


def _components(fit: LmerFit, sd_cor: bool) -> Array:
    """Return the components in the order of theta, and sigma or its square."""
    parts = []
    for L in fit.labels.covariance.term_matrices(fit.theta):
        covariance = fit.sigma**2 * L @ L.T
        if sd_cor:
            sd = np.sqrt(np.diag(covariance))
            covariance = covariance / np.outer(sd, sd)
            covariance[np.diag_indices(len(sd))] = sd
        parts.append(covariance)
    scale = fit.sigma if sd_cor else fit.sigma**2
    return np.append(fit.labels.covariance.from_matrices(tuple(parts)), scale)


def _theta_sigma(fit: LmerFit, components: Array, sd_cor: bool) -> Array:
    """Invert `_components`."""
    sigma = float(components[-1] if sd_cor else np.sqrt(components[-1]))
    structure = fit.labels.covariance
    roots: list[Array] = []
    for lower in structure.term_matrices(components[:-1]):
        covariance = np.tril(lower) + np.tril(lower, -1).T
        if sd_cor:
            sd = np.diag(covariance).copy()
            covariance[np.diag_indices(len(sd))] = 1.0
            covariance = covariance * np.outer(sd, sd)
        roots.append(np.asarray(np.linalg.cholesky(covariance) / sigma, dtype=np.float64))
    return np.append(structure.from_matrices(tuple(roots)), sigma)
