"""What single rows or groups of rows do to a fit: the estimates without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import one_of, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.linalg import stacked
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.lmm.refits.deletions import refit_without
from pybootmlm.lmm.templates.unstructured import lower_triangle

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit
    from pybootmlm.lmm.refits.one_factor import Refits

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Influence:
    """Estimates of a fit, and of the fits without each set of rows.

    Attributes
    ----------
    groups : str
        What the sets are called: the grouping variable, or ``case`` for single rows.
    fixed, var_cov : Series (p,), Series (m,)
        Fixed effects; sigma^2 and the (co)variances of the random effects.
    fixed_without, var_cov_without : DataFrame (K, p), DataFrame (K, m)
        The same without each set, in order of appearance. NaN where there is no fit.
    vcov : (p, p) array
    vcov_without : (K, p, p) array
        Covariance matrices of the fixed effects.
    converged : Series of bool (K,)
    messages : Series of str (K,)
        Why there is no fit; empty where there is one.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> by_batch = fit.influence("Batch")
    >>> by_batch.dfbeta().round(1).T
    deleted         A    B    C     D     E    F
    (Intercept)  4.5 -0.1 -7.3   5.9 -14.5 11.5
    >>> by_batch.cooks_distance.idxmax()
    'E'
    """

    groups: str
    fixed: pd.Series
    fixed_without: pd.DataFrame
    var_cov: pd.Series
    var_cov_without: pd.DataFrame
    vcov: Array
    vcov_without: Array
    converged: pd.Series
    messages: pd.Series

    def dfbeta(self, which: str = "fixed") -> pd.DataFrame:
        """Estimates without each set less those with all rows.

        (So has lme4 it; R's ``dfbeta`` for linear models has the opposite sign.)

        Parameters
        ----------
        which : {"fixed", "var_cov"}
            Fixed effects, or variance components.
        """
        if one_of(which, "which", ("fixed", "var_cov")) == "fixed":
            return self.fixed_without - self.fixed
        return self.var_cov_without - self.var_cov

    @property
    def dfbetas(self) -> pd.DataFrame:
        """`dfbeta` of the fixed effects, over their standard errors without the set."""
        errors = np.sqrt(np.diagonal(self.vcov_without, axis1=1, axis2=2))
        found = self.dfbeta()
        return pd.DataFrame(found.to_numpy() / errors, index=found.index, columns=found.columns)

    @cached_property
    def cooks_distance(self) -> pd.Series:
        r"""Cook's distances :math:`\frac{K - p}{K p} d'V^{-1}d`, d being the rows of `dfbeta`.

        As lme4 defines them: K is the number of sets, p that of fixed effects, V the covariance
        matrix of the fixed effects with all rows. Without the first factor's K - p over K it is the
        textbook's.
        """
        d = self.dfbeta().to_numpy()
        K, p = d.shape
        values = (K - p) / (K * p) * np.einsum("kp,kp->k", d, np.linalg.solve(self.vcov, d.T).T)
        return pd.Series(values, index=self.fixed_without.index, name="cooks_distance")

    def __repr__(self) -> str:
        K, p = self.fixed_without.shape
        return f"<Influence of {K} sets of rows ({self.groups}) on {p} fixed effects>"


def influence(fit: "LmerFit", groups: str | Sequence[str] | None = None) -> Influence:
    """Refit without each row, or each group of rows, as lme4's ``influence``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    groups : str or sequence of str, optional
        A column of the data, whose every value makes a set of rows to delete; or several columns,
        for every combination of their values; or the name of a grouping factor such as ``"a:b"``.
        By default each row is a set of its own. (lme4, given several columns, pastes all
        columns of the data together and so deletes single rows.)

    Returns
    -------
    Influence
        With one grouping factor all sets are refitted together.

    Raises
    ------
    ArgumentError
        There is no such column, or it has one value only.

    References
    ----------
    Fox, J. and Weisberg, S. (2019). An R Companion to Applied Regression, 3rd edition, section 8.8.
    Belsley, D. A., Kuh, E. and Welsch, R. E. (1980). Regression Diagnostics.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.influence("Subject").cooks_distance.nlargest(2).round(3)
    deleted
    309    0.132
    335    0.115
    Name: cooks_distance, dtype: float64
    >>> fit.influence().fixed_without.shape
    (180, 2)
    """
    fit = checked_fit(fit)
    name, member, labels = _sets(fit, groups)
    parts = list(refit_without(fit, member, len(labels)))
    index = pd.Index(labels, name="deleted")
    theta = np.concatenate([part.theta for part in parts])
    sigma = np.concatenate([part.sigma for part in parts])
    beta = np.concatenate([part.beta for part in parts])
    names = _component_names(fit)
    everything = _components(fit, fit.theta[None], np.array([fit.sigma]))[0]
    messages = [part.problem_of(b) or "" for part in parts for b in range(len(part))]
    return Influence(
        groups=name,
        fixed=fit.fixef,
        fixed_without=pd.DataFrame(beta, index=index, columns=list(fit.labels.fixed)),
        var_cov=pd.Series(everything, index=names, name="var_cov"),
        var_cov_without=pd.DataFrame(_components(fit, theta, sigma), index=index, columns=names),
        vcov=fit.vcov.to_numpy(),
        vcov_without=np.concatenate([_vcov(part) for part in parts]),
        converged=pd.Series(np.concatenate([part.converged for part in parts]), index=index),
        messages=pd.Series(messages, index=index),
    )


def _sets(
    fit: "LmerFit", groups: str | Sequence[str] | None
) -> tuple[str, NDArray[np.intp], list[object]]:
    """Name of the sets, the set of each row (n,), and a label a set, in order of appearance."""
    design = fit.design
    if groups is None:
        return "case", np.arange(fit.nobs), design.index.tolist()
    data = design.frame if fit.call is None else fit.call.data.iloc[design.kept]
    named = {factor.name: factor for factor in design.factors}
    if isinstance(groups, str) and groups in named and groups not in data.columns:
        factor = named[groups]
        values = pd.Series(np.array(factor.levels, dtype=object)[factor.codes])
    else:
        values = _columns(data, [groups] if isinstance(groups, str) else list(groups))
    member, labels = pd.factorize(values)
    if len(labels) < 2:
        raise ArgumentError(f"`groups` = {groups!r} has one value only: nothing would be left.")
    name = groups if isinstance(groups, str) else ".".join(groups)
    return name, member.astype(np.intp), list(labels)


def _columns(data: pd.DataFrame, names: list[str]) -> "pd.Series":
    missing = [name for name in names if name not in data.columns]
    if missing or not names:
        raise ArgumentError(
            f"`groups` must name columns of the data or a grouping factor; got {names}. The "
            f"columns are {shown(list(data.columns), 20)}."
        )
    lost = [name for name in names if data[name].isna().any()]
    if lost:
        raise ArgumentError(f"`groups` has missing values in {shown(lost)}: fill or drop them.")
    if len(names) == 1:
        return data[names[0]].reset_index(drop=True)
    texts = [data[name].astype(str) for name in names]
    return pd.Series([":".join(parts) for parts in zip(*texts, strict=True)])


def _component_names(fit: "LmerFit") -> list[str]:
    """lme4's: ``sigma^2``, ``v[(Intercept)]``, ``C[Days,(Intercept)]``, with groups if several."""
    labels = fit.labels
    several = len(labels.terms) > 1
    out = ["sigma^2"]
    for group, term in zip(labels.unique_groups, labels.terms, strict=True):
        before = f"{group}:" if several else ""
        for column, first in enumerate(term):
            out.append(f"{before}v[{first}]")
            out += [f"{before}C[{second},{first}]" for second in term[column + 1 :]]
    return out


def _components(fit: "LmerFit", theta: Array, sigma: Array) -> Array:
    """sigma^2 and the lower triangles of the covariance matrices (K, m), term by term."""
    covariance = fit.labels.covariance
    columns = [np.ones(len(theta))]
    for template, part in zip(covariance.templates, covariance.term_slices, strict=True):
        S = stacked.outer_gram(template.Lambda(theta[:, part].T))
        columns += [S[r, c] for r, c in zip(*lower_triangle(template.size), strict=True)]
    return np.column_stack(columns) * sigma[:, None] ** 2


def _vcov(refits: "Refits") -> Array:
    """Covariance matrices of the fixed effects (B, p, p)."""
    R, C = refits.model.coordinates.R, np.moveaxis(refits.tail.C, -1, 0)
    p = len(R)
    out = np.full((len(refits), p, p), np.nan)
    known = np.isfinite(refits.sigma)
    if p and known.any():
        root = np.linalg.inv(R) @ np.linalg.inv(C[known]).transpose(0, 2, 1)
        out[known] = refits.sigma[known, None, None] ** 2 * root @ root.transpose(0, 2, 1)
    return out
