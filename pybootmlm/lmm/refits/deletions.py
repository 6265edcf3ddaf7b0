"""A model refitted without some of its rows, many times: one set of rows after the other left out.

With one grouping factor only the groups that lose rows are taken anew; all others keep their
moments, and the data sets of a batch are refitted together. With several factors the
cross-products of the rows that stay are taken, and refitted one after the other.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg.group_qr import group_qr, group_sums
from pybootmlm.lmm.one_factor.moments import Moments
from pybootmlm.lmm.one_factor.problem import OneFactorProblem
from pybootmlm.lmm.refits.cluster_moments import ClusterMoments
from pybootmlm.lmm.refits.one_factor import NO_PIVOT, Refits, batches, refit_moments
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS
from pybootmlm.lmm.search.optimum import find_optimum
from pybootmlm.lmm.several_factors.problem import SeveralFactorsProblem, cross_products
from pybootmlm.lmm.solution import Solution
from pybootmlm.lmm.tail import Tail

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def refit_without(fit: "LmerFit", member: Indices, count: int) -> Iterator[Refits]:
    """Refits without the rows of set 0, 1, ..., `count` - 1, in batches.

    Parameters
    ----------
    fit : LmerFit
    member : (n,) array of int
        The set that each row belongs to.
    count : int
        Number of sets.
    """
    weights = fit.design.weights
    logs = np.zeros(fit.nobs) if weights is None else np.log(weights)
    left = logs.sum() - group_sums(logs, member, count)
    problem = fit.model.problem
    if isinstance(problem, OneFactorProblem):
        yield from _one_factor(fit, problem, member, count, left)
    else:
        assert isinstance(problem, SeveralFactorsProblem)
        yield _several_factors(fit, problem, member, count, left)


def _one_factor(
    fit: "LmerFit", problem: OneFactorProblem, member: Indices, count: int, log_weights: Array
) -> Iterator[Refits]:
    make = ThinnedMoments(problem, member, count)
    q, p, J = problem.covariance.size, problem.rows.fX.shape[1], problem.rows.qr.n_groups
    for part in batches(count, J * q * (q + 1) * (q + p + 1)):
        yield refit_moments(
            fit.model,
            make(part),
            fit.reml,
            fit.theta,
            log_weights[part],
            _no_rows,
            same_rows=False,
        )


def _no_rows(b: int, _solution: Solution) -> "LmerFit":
    raise NotImplementedError(f"data set {b} is known by its moments only")


class ThinnedMoments:
    """Makes moments of a model's data without some sets of rows.

    Parameters
    ----------
    problem : OneFactorProblem
    member : (n,) array of int
        The set that each row belongs to.
    count : int
        Number of sets.
    """

    def __init__(self, problem: OneFactorProblem, member: Indices, count: int) -> None:
        self.problem = problem
        self.clusters = ClusterMoments(problem)
        codes, J = problem.rows.qr.codes, problem.rows.qr.n_groups
        self.sizes = np.bincount(member, minlength=count)
        # Which groups lose rows to which set, set by set.
        pairs = np.unique(member * J + codes)
        self.pair_set, self.pair_group = pairs // J, pairs % J
        self.member = member
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=J))
        self.by_group = np.split(order, ends[:-1])

    def __call__(self, part: Indices) -> Moments:
        """Moments of the batch of sets `part` (consecutive)."""
        problem, whole = self.problem, self.clusters.whole
        J, B = problem.rows.qr.n_groups, len(part)
        chosen = (self.pair_set >= part[0]) & (self.pair_set <= part[-1])
        sets, groups = self.pair_set[chosen] - part[0], self.pair_group[chosen]
        rows, codes = self._rows_that_stay(sets + part[0], groups)
        columns = np.column_stack([problem.Q[rows], problem.y[rows]])
        qr = group_qr(problem.Z[rows], codes, len(sets))
        coordinates = qr.coordinates(columns)
        left = qr.residual(columns, coordinates)
        k = columns.shape[1]
        untouched = np.ones((B, J))
        untouched[sets, groups] = 0.0
        within = np.einsum("acj,bj->acb", self.clusters.within, untouched)
        owner = sets[codes]
        for a in range(k):
            for b in range(a + 1):
                sums = group_sums(left[:, a] * left[:, b], owner, B)
                within[a, b] += sums
                if a != b:
                    within[b, a] += sums
        F = np.repeat(whole.F, B, axis=2)
        fX = np.repeat(whole.fX, B, axis=2)
        fy = np.repeat(whole.fy, B, axis=1)
        F[:, :, sets, groups] = qr.F
        fX[:, :, sets, groups] = coordinates[:, :-1]
        fy[:, sets, groups] = coordinates[:, -1]
        return Moments(
            F=F,
            fX=fX,
            fy=fy,
            WXX=within[:-1, :-1],
            WXy=within[:-1, -1],
            Wyy=within[-1, -1],
            n=(len(problem.y) - self.sizes[part]).astype(float),
        )

    def _rows_that_stay(self, sets: Indices, groups: Indices) -> tuple[Indices, Indices]:
        """Rows of each (set, group) pair that the set leaves, and the position of their pair."""
        rows = [self.by_group[g] for g in groups]
        sizes = [len(r) for r in rows]
        every = np.concatenate(rows) if rows else np.zeros(0, np.intp)
        pair = np.repeat(np.arange(len(groups)), sizes)
        stays = self.member[every] != sets[pair]
        return every[stays], pair[stays]


def _several_factors(
    fit: "LmerFit",
    problem: SeveralFactorsProblem,
    member: Indices,
    count: int,
    log_weights: Array,
) -> Refits:
    model, t, p = fit.model, fit.theta.size, problem.p
    # The response is known by its cross-products; y itself is what Q and Z leave of them.
    y = model.coordinates.ols_residual(fit.design.y, fit.design.X)
    theta = np.full((count, t), np.nan)
    beta, sigma = np.full((count, p), np.nan), np.full(count, np.nan)
    log_det, n = np.full(count, np.nan), np.empty(count, np.intp)
    converged, identified = np.zeros(count, bool), np.ones(count, bool)
    tails = []
    for k in range(count):
        rows = np.flatnonzero(member != k)
        n[k] = len(rows)
        Z, Qy = problem.Z[rows], np.column_stack([problem.Q[rows], y[rows]])
        start = cross_products(problem.covariance, problem.levels, Z, Qy)
        smaller = replace(problem, Z=Z, start=start, Q=problem.Q[rows])
        pivots = np.linalg.svd(start.tt[:p, :p], compute_uv=False) if p else np.ones(1)
        identified[k] = pivots[-1] > NO_PIVOT * pivots[0]
        if not identified[k]:
            unknown = [np.full(shape, np.nan) for shape in ((p, p, 1), (p, 1), (1,))]
            tails.append(Tail(*unknown))
            continue
        found = find_optimum(smaller, model.search, fit.reml, fit.theta, (), DEFAULT_OPTIONS)
        state = smaller.state(found.theta)
        theta[k], converged[k], log_det[k] = found.theta, found.converged, state.log_det_V
        tails.append(state.tail)
        df = len(rows) - p if fit.reml else len(rows)
        sigma[k] = model.coordinates.scale * np.sqrt(state.tail.r2[0] / df)
        beta[k] = model.coordinates.beta(state.tail.gamma)[:, 0]
    return Refits(
        model=model,
        reml=fit.reml,
        theta=theta,
        beta=beta,
        sigma=sigma,
        tail=Tail.joined(tails),
        log_det_V=log_det,
        log_weights=log_weights,
        n=n,
        converged=converged,
        identified=identified,
        materialise=_no_rows,
        same_rows=False,
    )
