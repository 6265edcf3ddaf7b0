"""Empirical influence values of a statistic, from the delete-one-cluster jackknife."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import is_integer
from pybootmlm.exceptions import ArgumentError, StatisticError
from pybootmlm.inference.statistics import resolve_statistic
from pybootmlm.lmm.fit import LmerFit, checked_fit, evaluate_at
from pybootmlm.lmm.model import build_model
from pybootmlm.lmm.one_factor.problem import OneFactorProblem
from pybootmlm.lmm.refits.cluster_moments import ClusterMoments
from pybootmlm.lmm.refits.one_factor import Refits, batches, refit_moments
from pybootmlm.lmm.refits.refit import Refit
from pybootmlm.lmm.refits.rows_taken import take_rows
from pybootmlm.lmm.solution import Solution
from pybootmlm.lmm.statistic import Statistic, named_values

Array = NDArray[np.float64]


def empinf_mer(fit: LmerFit, statistic: Statistic | str, index: int = 0) -> Array:
    """Empirical influence values of one element of a statistic.

    Parameters
    ----------
    fit : LmerFit
        A model with one grouping factor.
    statistic : callable or str
        Takes a fit, returns a number, an array, a Series or a dict of numbers; or the name of one
        in `pybootmlm.statistics`.
    index : int
        Which element, from 0.

    Returns
    -------
    ndarray (J,)
        One value a cluster, in the order of the levels; see `empinf_merm`.

    Raises
    ------
    ArgumentError
        `index` is not a position of the statistic, or the model has several grouping factors.
    StatisticError
        The statistic is not numeric, changes its length, or fails.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> bm.empinf_mer(fit, lambda m: m.fixef).round(2)
    array([-112.5,    2.5,  182.5, -147.5,  362.5, -287.5])
    """
    fit = checked_fit(fit)
    names, _ = named_values(resolve_statistic(statistic), fit)
    if not is_integer(index) or not -len(names) <= index < len(names):
        raise ArgumentError(
            f"`index` must be a position among the {len(names)} elements of the statistic, counted "
            f"from 0; got {index!r}."
        )
    return empinf_merm(fit, statistic).to_numpy()[:, index]


def empinf_merm(fit: LmerFit, statistic: Statistic | str) -> pd.DataFrame:
    r"""Empirical influence values of every element of a statistic.

    With :math:`h_j = n/n_j`, :math:`\hat\theta_{-j}` the statistic without cluster j and the
    pseudo-values :math:`\tilde\theta_j = h_j\hat\theta - (h_j - 1)\hat\theta_{-j}`, the value of
    cluster j is :math:`(h_j - 1)(\tilde\theta_j - \hat\theta_J)`, where
    :math:`\hat\theta_J = J\hat\theta - \sum_j (1 - 1/h_j)\hat\theta_{-j}` is the
    delete-:math:`m_j` jackknife estimate. All J deletions are refitted together.

    Parameters
    ----------
    fit : LmerFit
        A model with one grouping factor.
    statistic : callable or str
        Takes a fit, returns a number, an array, a Series or a dict of numbers; or the name of one
        in `pybootmlm.statistics`.

    Returns
    -------
    DataFrame (J, k)
        One row a cluster, one column an element of the statistic. A deletion that cannot be
        fitted, or on which the statistic fails, makes the whole frame undefined: it raises.

    Raises
    ------
    ArgumentError
        The model has several grouping factors.
    StatisticError
        The statistic is not numeric, changes its length, or fails; or a deletion leaves the model
        without an optimum. The message names the cluster.

    References
    ----------
    Van der Leeden, R., Meijer, E. and Busing, F. M. T. A. (2008). Resampling multilevel models. In
    Handbook of Multilevel Analysis, Springer, pp. 420-422; bootmlm 0.1.1, manual page
    ``empinf_mer``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> bm.empinf_merm(fit, "icc").shape
    (6, 1)
    """
    function = resolve_statistic(statistic)
    fit = checked_fit(fit)
    names, whole = named_values(function, fit)
    values = np.empty((len(fit.design.factors[0].levels), len(names)))
    levels = fit.design.factors[0].levels
    j = 0
    for refits in deletions(fit):
        for b in range(len(refits)):
            if problem := refits.problem_of(b):
                raise StatisticError(
                    f"Without cluster {levels[j]!r} the model cannot be fitted: {problem}."
                )
            found = named_values(function, Refit(refits, b), len(names), levels[j])
            values[j] = found[1]
            j += 1
    n_j = np.bincount(fit.design.factors[0].codes, minlength=len(values))
    h = (fit.nobs / n_j)[:, None]
    jackknife = len(values) * whole - ((1 - 1 / h) * values).sum(axis=0)
    pseudo = h * whole - (h - 1) * values
    index = pd.Index(fit.design.factors[0].levels, name=fit.design.factors[0].name)
    return pd.DataFrame((h - 1) * (pseudo - jackknife), index=index, columns=names)


def deletions(fit: LmerFit) -> Iterator[Refits]:
    """The model refitted without each cluster in turn, in batches."""
    model = fit.model
    if not isinstance(model.problem, OneFactorProblem):
        names = ", ".join(f"`{f.name}`" for f in fit.design.factors)
        raise ArgumentError(
            "Influence values need a model with one grouping factor (clusters that can be deleted "
            f"independently); this one has {names}."
        )
    make = ClusterMoments(model.problem)
    q, levels = model.problem.moments.fy.shape[0], model.problem.moments.fy.shape[2]
    weights = fit.design.weights
    log_weights = np.zeros(len(fit.design.y)) if weights is None else np.log(weights)
    by_level = np.bincount(fit.design.factors[0].codes, weights=log_weights, minlength=levels)
    log_weights_left = by_level.sum() - by_level
    for part in batches(levels, levels * q * (q + 1) * (q + model.problem.moments.p + 1)):

        def materialise(b: int, solution: Solution, part: NDArray[np.intp] = part) -> LmerFit:
            codes = fit.design.factors[0].codes
            rows = np.flatnonzero(codes != part[b])
            left = [level for j, level in enumerate(fit.design.factors[0].levels) if j != part[b]]
            smaller = build_model(
                take_rows(fit.design, rows, codes[rows] - (codes[rows] > part[b]), tuple(left))
            )
            return evaluate_at(smaller, solution.theta, fit.reml)

        yield refit_moments(
            model,
            make(_all_but(part, levels)),
            fit.reml,
            fit.theta,
            log_weights_left[part],
            materialise,
            same_rows=False,
        )


def _all_but(deleted: NDArray[np.intp], levels: int) -> Array:
    multiplicity = np.ones((len(deleted), levels))
    multiplicity[np.arange(len(deleted)), deleted] = 0.0
    return multiplicity
