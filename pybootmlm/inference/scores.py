"""Scores: what each row, or each cluster, contributes to the gradient of the log-likelihood."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError, ModelError
from pybootmlm.lmm.fit import LmerFit, checked_fit
from pybootmlm.lmm.names import component_names
from pybootmlm.lmm.rows import WeightedRows, level_sums

Array = NDArray[np.float64]


def scores_mer(fit: LmerFit, level: int = 2) -> pd.DataFrame:
    r"""Casewise derivatives of the log-likelihood by (beta, variances and covariances, sigma^2).

    With :math:`\varepsilon = y - X\hat\beta`, :math:`V = Z\Lambda\Lambda'Z' + I` and
    :math:`\partial V_k = Z\,\partial(\Lambda\Lambda')_k Z'`, row i contributes

    .. math::
        \beta:&\quad (V^{-1}X)_i\,\varepsilon_i/\sigma^2 \\
        \sigma^2\Sigma_k:&\quad [-(B\,\partial V_k)_{ii}
            + (V^{-1}\partial V_k V^{-1}\varepsilon)_i\,\varepsilon_i/\sigma^2]/(2\sigma^2) \\
        \sigma^2:&\quad [-(\nu/n)/\sigma^2 + (V^{-1}\varepsilon)_i\,\varepsilon_i/\sigma^4]/2

    where B is :math:`V^{-1}`, and for a REML fit :math:`V^{-1} - V^{-1}X(X'V^{-1}X)^{-1}X'V^{-1}`
    and :math:`\nu = n - p`. As in bootmlm, the (co)variances are varied at a fixed
    :math:`\sigma^2`, but :math:`\sigma^2` at a fixed theta, so that the (co)variances vary with
    it. Time and memory grow linearly with the rows.

    Parameters
    ----------
    fit : LmerFit
        The fit. The columns sum to zero at an optimum inside the parameter space.
    level : {2, 1}
        One row a cluster (models with one grouping factor), or one for each row used.

    Returns
    -------
    DataFrame (J, p + t + 1) or (n, p + t + 1)
        Columns are named after the parameters; the covariances stand in the order of theta. A
        term with one correlation has its variances and that correlation.

    Raises
    ------
    ArgumentError
        `level` is neither 1 nor 2, or is 2 for a model with several grouping factors.
    ModelError
        A standard deviation of a term with a common correlation (``cs``, ``ar1``) is zero.

    References
    ----------
    bootmlm 0.1.1, manual page ``scores_mer``; Wang, T. and Merkle, E. C. (2018). merDeriv:
    Derivative computations for linear mixed effects models. J. Stat. Softw. 87(c01), section 2.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> scores = bm.scores_mer(fit)
    >>> list(scores.columns)
    ['(Intercept)', 'var_(Intercept)|Batch', 'sigma2']
    >>> bool((abs(scores.sum()) < 1e-8).all())
    True
    """
    if level not in (1, 2):
        raise ArgumentError(f"`level` must be 1 (rows) or 2 (clusters); got {level!r}.")
    fit = checked_fit(fit)
    factors = fit.design.factors
    if level == 2 and len(factors) > 1:
        names = ", ".join(f"`{f.name}`" for f in factors)
        raise ArgumentError(
            f"`level` must be 1 for a model with several grouping factors; this one has {names}."
        )
    rows = WeightedRows(fit)
    sigma2 = fit.sigma**2
    by_beta = rows.v_inverse_X * rows.eps[:, None] / sigma2
    by_sigma2 = (-fit.solution.df / fit.nobs + rows.v_inverse_eps * rows.eps / sigma2) / 2 / sigma2
    by_covariance = np.empty((fit.nobs, fit.theta.size))
    for f, factor in enumerate(fit.model.covariance.factors):
        by_covariance[:, factor.theta_index] = _covariance_scores(rows, f) / sigma2
    values = np.column_stack([by_beta, by_covariance, by_sigma2])
    columns = [*fit.labels.fixed, *component_names(fit.labels, sd_cor=False)]
    if level == 1:
        return pd.DataFrame(values, index=fit.design.index, columns=columns)
    sums = level_sums(values, factors[0].codes, len(factors[0].levels))
    index = pd.Index(factors[0].levels, name=factors[0].name)
    return pd.DataFrame(sums, index=index, columns=columns)


def _covariance_scores(rows: WeightedRows, f: int) -> Array:
    """Contributions (n, t) for the covariance parameters of factor `f`, times sigma^2."""
    fit = rows.fit
    dS = _component_directions(fit, f)
    codes = fit.design.factors[f].codes
    Z = rows.Z(f)
    BZ = fit.model.problem.own_v_inverse_Z(fit.theta, f)
    if fit.reml:
        root = fit.solution.RX_inverse
        N = rows.by_level(f, rows.v_inverse_X) @ root
        BZ = BZ - np.einsum("np,nqp->nq", rows.v_inverse_X @ root, N[codes])
    e = rows.by_level(f, rows.v_inverse_eps[:, None])[codes, :, 0]
    diagonal: Array = np.einsum("na,kab,nb->nk", BZ, dS, Z)
    moved: Array = np.einsum("na,kab,nb->nk", Z, dS, e)
    spread = fit.model.problem.v_inverse(fit.theta, moved)
    return (-diagonal + spread * rows.eps[:, None] / fit.sigma**2) / 2


def _component_directions(fit: LmerFit, f: int) -> Array:
    """Derivatives (t, q, q) of a factor's S by its variances, covariances and correlations."""
    covariance, factor = fit.labels.covariance, fit.labels.covariance.factors[f]
    out = np.zeros((len(factor.theta_index), factor.size, factor.size))
    first = corner = 0
    members = [i for i, one in enumerate(covariance.term_factor) if one == f]
    for i in members:
        template, part = covariance.templates[i], covariance.term_slices[i]
        own, rows = slice(first, first + template.n_theta), slice(corner, corner + template.size)
        found = template.component_directions(fit.theta[part])
        if not np.isfinite(found).all():
            raise ModelError(
                f"A standard deviation of the term `{template.name}(... | "
                f"{fit.labels.groups[i]})` is zero, where its correlation leaves the "
                "log-likelihood without a derivative by the variance: there are no scores."
            )
        # Correlations are not in units of the response.
        found[~template.is_deviation & (template.name != "us")] *= fit.sigma**2
        out[own, rows, rows] = found
        first, corner = own.stop, rows.stop
    return out
