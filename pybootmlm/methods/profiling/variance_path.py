"""The deviance along a standard deviation, a correlation, a (co)variance, sigma, or theta."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.problem import Problem
from pybootmlm.lmm.search.coordinates import Bending, of_data
from pybootmlm.lmm.templates.unstructured import Unstructured, canonical
from pybootmlm.methods.profiling.maps import (
    CovarianceMap,
    DeviationMap,
    LinearMap,
    Map,
    bent,
    flat,
    rest_of_term,
    with_head,
)
from pybootmlm.methods.profiling.path import Place, along

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Transform:
    """How a parameter stands to what a map holds fixed: value = sign(u) |u / unit|^power.

    Attributes
    ----------
    power : float
        2 for variances, whose root is held.
    unit : float
        The size of one, in units of the data.
    """

    power: float = 1.0
    unit: float = 1.0

    def inner(self, values: Array) -> Array:
        """What the map holds fixed (B,)."""
        return np.asarray(np.sign(values) * np.abs(values) ** (1 / self.power) / self.unit)


@dataclass(frozen=True)
class VariancePath:
    """A `Path` along a parameter of the variances.

    Attributes
    ----------
    fit : LmerFit
        By maximum likelihood.
    problem : Problem
        The random effects of the parameter's term in the order of the map.
    map : Map
    transform : Transform
    orders : tuple of arrays of int
        For each term, the order in which the map takes its effects.
    estimate, lower, upper, scale, start
        See `Path`.
    """

    fit: "LmerFit"
    problem: Problem
    map: Map
    transform: Transform
    orders: tuple[NDArray[np.intp], ...]
    estimate: float
    lower: float
    upper: float
    scale: float
    start: Array

    @property
    def constant(self) -> float:
        """What standardising took from the deviance."""
        coordinates = self.fit.model.coordinates
        return float(2 * self.fit.nobs * np.log(coordinates.scale) - coordinates.log_weights)

    def fallback(self, value: float) -> Array:
        """See `Path`: random effects of unit size, relative to sigma and to the data."""
        search = self.fit.model.search
        theta = search.theta(search.starts((1.0,))[0])
        for T, order, place in zip(
            search.T, self.orders, self.fit.labels.covariance.term_slices, strict=True
        ):
            if (order != np.arange(len(order))).any():
                theta[place] = flat(_in_order(T, order))
        inner = float(self.transform.inner(np.array([value]))[0])
        return self.map.coordinates(inner, theta, self.fit.sigma / self.fit.model.coordinates.scale)

    def evaluate(self, values: Array, points: Array, order: int) -> Evaluation:
        """See `Path`."""
        inner = self.transform.inner(values)
        found = along(self.problem, self.fit.nobs, self.map, inner, points, order)
        return replace(found, value=found.value + self.constant)

    def place(self, value: float, point: Array) -> Place:
        """See `Path`."""
        inner = self.transform.inner(np.array([value]))
        image = self.map.image(inner, point[None])
        state = self.problem.state(image.theta[0])
        coordinates = self.fit.model.coordinates
        if image.log_variance is None:
            sigma = np.sqrt(state.tail.r2[0] / self.fit.nobs)
        else:
            sigma = np.exp(image.log_variance[0] / 2)
        sigma = float(sigma) * coordinates.scale
        covariances = []
        for L, order in zip(
            self.fit.labels.covariance.term_matrices(image.theta[0]), self.orders, strict=True
        ):
            S = np.empty_like(L)
            S[np.ix_(order, order)] = sigma**2 * L @ L.T
            covariances.append(S)
        beta = coordinates.beta(state.tail.gamma[:, 0])
        return Place(tuple(covariances), self.fit.labels.covariance.templates, sigma, beta)


def sigma_path(fit: "LmerFit", *, squared: bool = False) -> VariancePath:
    """Along the residual standard deviation, or along its square."""
    t = fit.theta.size
    A = fit.model.search.A
    none = np.zeros_like(A)
    linear = LinearMap(A, none, none, np.zeros(t), np.zeros(t, bool), is_sigma=True)
    path_map = bent(linear, fit.model.search.bending)
    transform = Transform(2.0 if squared else 1.0, fit.model.coordinates.scale)
    start = path_map.coordinates(fit.sigma / transform.unit, fit.theta, fit.sigma)
    orders = _as_they_are(fit)
    estimate = fit.sigma**2 if squared else fit.sigma
    step = transform.power * estimate / np.sqrt(2 * fit.nobs)
    return VariancePath(
        fit, fit.model.problem, path_map, transform, orders, estimate, 0.0, np.inf, step, start
    )


def theta_path(fit: "LmerFit", position: int) -> VariancePath:
    """Along an element of theta, inside its bounds."""
    covariance, search = fit.labels.covariance, fit.model.search
    sizes = np.diag(search.A).copy()
    A = np.diag(sizes)
    A = np.delete(A, position, axis=1)
    offset = np.zeros(fit.theta.size)
    offset[position] = 1.0
    none = np.zeros_like(A)
    # The sign of a column of Lambda is that of its diagonal, which is not negative.
    squared = np.delete(_own_diagonal(fit, position), position)
    others = np.delete(np.arange(fit.theta.size), position)
    path_map = bent(LinearMap(A, none, none, offset, squared), search.bending.take(others))
    estimate = float(fit.theta[position])
    domain = float(covariance.lower[position]), float(covariance.upper[position])
    start = path_map.coordinates(estimate, fit.theta, fit.sigma)
    size = float(sizes[position] * search.bending.unit[position])
    step = 0.1 * max(abs(estimate), size * 0.1)
    orders = _as_they_are(fit)
    return VariancePath(
        fit, fit.model.problem, path_map, Transform(), orders, estimate, *domain, step, start
    )


def structured_deviation_path(fit: "LmerFit", position: int, *, squared: bool) -> VariancePath:
    """Along a standard deviation that is an element of theta times sigma, or along its square."""
    search, t = fit.model.search, fit.theta.size
    others = np.delete(np.arange(t), position)
    A = np.hstack([np.zeros((t, 1)), search.A[:, others]])
    head = np.zeros(t)
    head[position] = 1.0
    path_map = bent(DeviationMap(A, head), search.bending.take(others).after(1))
    transform = Transform(2.0 if squared else 1.0, fit.model.coordinates.scale)
    sd = float(fit.theta[position]) * fit.sigma
    estimate = sd**2 if squared else sd
    step = 0.1 * max(sd, 0.1 * fit.sigma * float(search.bending.unit[position]))
    scale = max(step**2, 2 * sd * step) if squared else step
    inner = float(transform.inner(np.array([estimate]))[0])
    start = path_map.coordinates(inner, fit.theta, fit.sigma / fit.model.coordinates.scale)
    orders = _as_they_are(fit)
    domain = (0.0, np.inf)
    return VariancePath(
        fit, fit.model.problem, path_map, transform, orders, estimate, *domain, scale, start
    )


def deviation_path(fit: "LmerFit", term: int, effect: int, *, squared: bool) -> VariancePath:
    """Along the standard deviation of an effect of a term, or along its variance."""
    order = _first(fit, term, [effect])
    T = _whitening(fit, term, order)
    head = flat(with_head(T, np.ones((1, 1))))
    columns = [np.zeros_like(head), *map(flat, rest_of_term(T, 1))]
    A, place = _embedded(fit, term, columns)
    whole_head = np.zeros(fit.theta.size)
    whole_head[place] = head
    path_map = bent(DeviationMap(A, whole_head), _others_bent(fit, term, len(columns)))
    sd = float(fit.varcorr.terms[term].sd[effect])
    transform = Transform(2.0 if squared else 1.0, fit.model.coordinates.scale)
    estimate = sd**2 if squared else sd
    step = 0.1 * max(sd, 0.1 * fit.sigma * float(T[0, 0]))
    scale = max(step**2, 2 * sd * step) if squared else step
    return _path(fit, term, order, path_map, transform, estimate, (0.0, np.inf), scale)


def correlation_path(fit: "LmerFit", term: int, pair: tuple[int, int]) -> VariancePath:
    """Along the correlation of two effects of a term."""
    order = _first(fit, term, pair)
    T = _whitening(fit, term, order)
    d1, d2 = _sizes(fit, term, order)[:2]
    zero = np.zeros((2, 2))
    corner, beside, below = zero.copy(), zero.copy(), zero.copy()
    corner[0, 0], below[1, 0], beside[1, 1] = d1, d2, d2
    rest = [flat(E) for E in rest_of_term(T, 2)]
    nothing = np.zeros_like(flat(T))
    A, _ = _embedded(fit, term, [flat(with_head(T, corner)), nothing, *rest])
    none = [nothing] * len(rest)
    B, _ = _embedded(fit, term, [nothing, flat(with_head(T, below)), *none], others=False)
    C, _ = _embedded(fit, term, [nothing, flat(with_head(T, beside)), *none], others=False)
    squared = np.arange(A.shape[1]) < 2
    linear = LinearMap(A, B, C, np.zeros(fit.theta.size), squared)
    path_map = bent(linear, _others_bent(fit, term, 2 + len(rest)))
    estimate = float(fit.varcorr.terms[term].cor[pair])
    if np.isfinite(estimate):
        estimate = min(1.0, max(-1.0, estimate))
    return _path(fit, term, order, path_map, Transform(), estimate, (-1.0, 1.0), 0.1)


def covariance_path(fit: "LmerFit", term: int, pair: tuple[int, int]) -> VariancePath:
    """Along the covariance of two effects of a term."""
    order = _first(fit, term, pair)
    T = _whitening(fit, term, order)
    d1, d2 = _sizes(fit, term, order)[:2]
    heads = [np.zeros((2, 2)) for _ in range(3)]
    heads[0][0, 0], heads[1][1, 0], heads[2][1, 1] = d1, 1 / d1, d2
    first, second, third = (flat(with_head(T, head)) for head in heads)
    nothing = np.zeros_like(first)
    columns = [nothing, nothing, third, *map(flat, rest_of_term(T, 2))]
    A, place = _embedded(fit, term, columns)
    whole = np.zeros((2, fit.theta.size))
    whole[0, place], whole[1, place] = first, second
    held = CovarianceMap(A, whole[0], whole[1], place.start)
    path_map = bent(held, _others_bent(fit, term, len(columns)))
    cov = fit.varcorr.terms[term].cov
    sd = np.maximum(np.sqrt(np.diag(cov))[list(pair)], 0.1 * fit.sigma * np.array([d1, d2]))
    transform = Transform(unit=fit.model.coordinates.scale**2)
    estimate = float(cov[pair])
    domain = (-np.inf, np.inf)
    return _path(fit, term, order, path_map, transform, estimate, domain, 0.1 * float(sd.prod()))


def _own_diagonal(fit: "LmerFit", position: int) -> NDArray[np.bool_]:
    """Where the diagonal entry is (t,) that stands in the column of an entry below it."""
    covariance = fit.labels.covariance
    out = np.zeros(fit.theta.size, bool)
    term = next(i for i, part in enumerate(covariance.term_slices) if position < part.stop)
    if not isinstance(covariance.templates[term], Unstructured):
        return out
    before = np.flatnonzero(covariance.on_diagonal[: position + 1])[-1]
    out[before] = before != position
    return out


def _path(
    fit: "LmerFit",
    term: int,
    order: NDArray[np.intp],
    path_map: Map,
    transform: Transform,
    estimate: float,
    domain: tuple[float, float],
    scale: float,
) -> VariancePath:
    problem = _reordered(fit, term, order)
    orders = list(_as_they_are(fit))
    orders[term] = order
    theta = fit.theta.copy()
    place = fit.labels.covariance.term_slices[term]
    L = fit.labels.covariance.term_matrices(fit.theta)[term][order]
    # The lower triangular root of the same covariance matrix, its effects in the new order.
    theta[place] = flat(canonical(np.linalg.qr(L.T).R.T))
    inner = float(transform.inner(np.array([estimate if np.isfinite(estimate) else 0.0]))[0])
    start = path_map.coordinates(inner, theta, fit.sigma / fit.model.coordinates.scale)
    return VariancePath(
        fit, problem, path_map, transform, tuple(orders), estimate, *domain, scale, start
    )


def _embedded(
    fit: "LmerFit", term: int, columns: list[Array], others: bool = True
) -> tuple[Array, slice]:
    """Basis of the whole theta (t, k): `columns` of the term, then those of the other terms."""
    place = fit.labels.covariance.term_slices[term]
    A = np.zeros((fit.theta.size, len(columns)))
    A[place] = np.column_stack(columns)
    rest = np.delete(fit.model.search.A, np.r_[place], axis=1)
    return np.hstack([A, rest if others else np.zeros_like(rest)]), place


def _reordered(fit: "LmerFit", term: int, order: NDArray[np.intp]) -> Problem:
    """The problem whose Lambda is filled as if the term had its effects in another order."""
    data = of_data(fit.labels.covariance, fit.model.search)
    M = data.bases[term]
    assert M is not None
    # Lambda's rows back in the order of the columns.
    changed = (*data.bases[:term], M[:, order], *data.bases[term + 1 :])
    return fit.model.problem.with_covariance(replace(data, bases=changed))


def _whitening(fit: "LmerFit", term: int, order: NDArray[np.intp]) -> Array:
    return _in_order(fit.model.search.T[term], order)


def _in_order(T: Array, order: NDArray[np.intp]) -> Array:
    """The lower triangular T that whitens the effects in another order."""
    return canonical(np.linalg.qr(T[order].T).R.T)


def _others_bent(fit: "LmerFit", term: int, own: int) -> Bending:
    """How the coordinates of the other terms are bent, after so many of its own."""
    place = fit.labels.covariance.term_slices[term]
    others = np.delete(np.arange(fit.theta.size), np.r_[place])
    return fit.model.search.bending.take(others).after(own)


def _sizes(fit: "LmerFit", term: int, order: NDArray[np.intp]) -> Array:
    """What makes each effect of unit size (q,)."""
    T = np.linalg.inv(fit.model.search.T[term])
    return np.asarray(1 / np.sqrt(np.diag(T.T @ T)))[order]


def _first(fit: "LmerFit", term: int, effects: Sequence[int]) -> NDArray[np.intp]:
    """The effects of a term in an order that begins with `effects`."""
    q = len(fit.labels.terms[term])
    return np.array([*effects, *(i for i in range(q) if i not in effects)], dtype=np.intp)


def _as_they_are(fit: "LmerFit") -> tuple[NDArray[np.intp], ...]:
    return tuple(np.arange(len(names)) for names in fit.labels.terms)
