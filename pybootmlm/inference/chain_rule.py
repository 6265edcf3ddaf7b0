"""Derivatives of the deviance carried from (theta, sigma) to the variance components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.estimates import Estimates
from pybootmlm.lmm.templates.unstructured import Unstructured, lower_triangle

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Quadratic:
    """First and second derivatives of a function of k parameters.

    Attributes
    ----------
    gradient : (k,) array
    hessian : (k, k) array
    """

    gradient: Array
    hessian: Array


@dataclass(frozen=True)
class Map:
    """First and second derivatives of a one-to-one map of k parameters.

    Attributes
    ----------
    jacobian : (k, k) array
        Row i is the derivative of the i-th image.
    hessians : (k, k, k) array
        One matrix an image.
    """

    jacobian: Array
    hessians: Array


def through(function: Quadratic, inner: Map) -> Quadratic:
    """Derivatives by the images of `inner` of a `function` known in its arguments.

    With d(x) = f(v(x)): d' = J'f' and d'' = J'f''J + sum_i f'_i H_i, solved for f' and f''.
    """
    gradient = np.linalg.solve(inner.jacobian.T, function.gradient)
    left = function.hessian - np.einsum("i,ijk->jk", gradient, inner.hessians)
    half = np.linalg.solve(inner.jacobian.T, left)
    hessian = np.linalg.solve(inner.jacobian.T, half.T)
    return Quadratic(np.asarray(gradient), np.asarray((hessian + hessian.T) / 2))


def variance_map(fit: Estimates, sd_cor: bool) -> Map:
    """(theta, sigma) to (variances and covariances, sigma^2), or to (sds and cors, sigma)."""
    covariance = _covariance_map(fit)
    return _compose(_sd_cor_map(fit), covariance) if sd_cor else covariance


def _compose(outer: Map, inner: Map) -> Map:
    hessians = np.einsum("jk,ijl,lm->ikm", inner.jacobian, outer.hessians, inner.jacobian)
    hessians += np.einsum("ij,jkm->ikm", outer.jacobian, inner.hessians)
    return Map(outer.jacobian @ inner.jacobian, hessians)


def _covariance_map(fit: Estimates) -> Map:
    """c_ab = sigma^2 sum_m Lambda_am Lambda_bm for each term, and sigma^2.

    A structured term has variances sigma^2 s^2, and its correlation stays what it is.
    """
    k, sigma = fit.theta.size + 1, fit.sigma
    jacobian, hessians = np.zeros((k, k)), np.zeros((k, k, k))
    structure = fit.labels.covariance
    for part, L, template in zip(
        structure.term_slices,
        structure.term_matrices(fit.theta),
        structure.templates,
        strict=True,
    ):
        if not isinstance(template, Unstructured):
            _scale(jacobian, hessians, part, fit.theta, sigma, template.is_deviation)
            continue
        rows, columns = lower_triangle(len(L))
        at = {
            (int(r), int(c)): part.start + i
            for i, (r, c) in enumerate(zip(rows, columns, strict=True))
        }
        for (a, b), i in at.items():
            jacobian[i, -1] = 2 * sigma * (L[a] @ L[b])
            hessians[i, -1, -1] = 2 * (L[a] @ L[b])
            for m in range(b + 1):
                # b <= a, so both Lambda_am and Lambda_bm are elements of theta.
                for one, other, value in ((a, b, L[b, m]), (b, a, L[a, m])):
                    x, y = at[one, m], at[other, m]
                    jacobian[i, x] += sigma**2 * value
                    hessians[i, x, -1] += 2 * sigma * value
                    hessians[i, -1, x] += 2 * sigma * value
                    hessians[i, x, y] += sigma**2
    jacobian[-1, -1], hessians[-1, -1, -1] = 2 * sigma, 2.0
    return Map(jacobian, hessians)


def _scale(
    jacobian: Array,
    hessians: Array,
    part: slice,
    theta: Array,
    sigma: float,
    is_deviation: NDArray[np.bool_],
) -> None:
    """Derivatives of sigma^2 s^2, and of a correlation, by theta = (s, rho) and sigma."""
    for i, squared in zip(range(part.start, part.stop), is_deviation, strict=True):
        if not squared:
            jacobian[i, i] = 1.0
            continue
        s = theta[i]
        jacobian[i, i], jacobian[i, -1] = 2 * sigma**2 * s, 2 * sigma * s**2
        hessians[i, i, i], hessians[i, -1, -1] = 2 * sigma**2, 2 * s**2
        hessians[i, i, -1] = hessians[i, -1, i] = 4 * sigma * s


def _sd_cor_map(fit: Estimates) -> Map:
    """sd_a = sqrt(c_aa), cor_ab = c_ab / (sd_a sd_b) for each term, and sigma."""
    k = fit.theta.size + 1
    jacobian, hessians = np.zeros((k, k)), np.zeros((k, k, k))
    structure = fit.labels.covariance
    for part, term, template in zip(
        structure.term_slices, fit.varcorr.terms, structure.templates, strict=True
    ):
        if not isinstance(template, Unstructured):
            sizes = fit.sigma * fit.theta[part]
            for i, one, squared in zip(
                range(part.start, part.stop), sizes, template.is_deviation, strict=True
            ):
                jacobian[i, i] = 0.5 / one if squared else 1.0
                hessians[i, i, i] = -0.25 / one**3 if squared else 0.0
            continue
        rows, columns = lower_triangle(len(term.names))
        at = {
            (int(r), int(c)): part.start + i
            for i, (r, c) in enumerate(zip(rows, columns, strict=True))
        }
        c, s = term.cov, term.sd
        for (a, b), i in at.items():
            if a == b:
                jacobian[i, i] = 0.5 / s[a]
                hessians[i, i, i] = -0.25 / s[a] ** 3
                continue
            cor, x, y = c[a, b] / (s[a] * s[b]), at[a, a], at[b, b]
            jacobian[i, i] = 1 / (s[a] * s[b])
            for z, d in ((x, c[a, a]), (y, c[b, b])):
                jacobian[i, z] = -cor / (2 * d)
                hessians[i, i, z] = hessians[i, z, i] = -1 / (2 * d * s[a] * s[b])
                hessians[i, z, z] = 3 * cor / (4 * d**2)
            hessians[i, x, y] = hessians[i, y, x] = cor / (4 * c[a, a] * c[b, b])
    jacobian[-1, -1] = 0.5 / fit.sigma
    hessians[-1, -1, -1] = -0.25 / fit.sigma / fit.sigma**2
    return Map(jacobian, hessians)
