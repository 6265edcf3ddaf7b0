"""Tests of one variance component by the exact distribution of the likelihood ratio."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import positive_integer, shown
from pybootmlm.exceptions import ArgumentError, ModelError
from pybootmlm.formats import format_common
from pybootmlm.hypothesis.exact_null import NullDistribution
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.lmm.rows import WeightedRows
from pybootmlm.methods.anova_table import format_p_values
from pybootmlm.rng.draws import RandomState

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ExactTest:
    """A likelihood-ratio test by simulation of its exact null distribution.

    Attributes
    ----------
    name : str
        ``"RLRT"`` or ``"LRT"``.
    statistic : float
    p_value : float
        Share of the sample above the statistic; 1 for a statistic of 0, which is not simulated.
    sample : (nsim,) array
        Values from the null distribution.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> found = bm.exact_rlrt(fit, nsim=200, rng=1)
    >>> round(found.statistic, 3), len(found.sample), bool(found.p_value < 0.05)
    (6.369, 200, True)
    """

    name: str
    statistic: float
    p_value: float
    sample: Array

    def __str__(self) -> str:
        value = format_common([self.statistic], 5)[0]
        p = format_p_values([self.p_value], 4)[0] if self.p_value else f"< {1 / len(self.sample):g}"
        return (
            f"Simulated finite sample distribution of {self.name} "
            f"(p-value based on {len(self.sample)} simulated values)\n"
            f"{self.name} = {value}, p-value {p if p.startswith('<') else f'= {p}'}"
        )

    def __repr__(self) -> str:
        return str(self)


def exact_rlrt(
    fit: "LmerFit",
    larger: "LmerFit | None" = None,
    smaller: "LmerFit | None" = None,
    *,
    nsim: int = 10_000,
    rng: RandomState | None = None,
) -> ExactTest:
    """Exact restricted likelihood-ratio test of a variance component, as RLRsim's ``exactRLRT``.

    Parameters
    ----------
    fit : LmerFit
        A fit by REML whose only random effect is the one that is tested.
    larger, smaller : LmerFit, optional
        The models with and without that random effect, where there are others besides; then the
        test is an approximation (Greven et al. 2008), and `fit` gives the null distribution.
    nsim : int
        Number of values that are simulated.
    rng : int, Generator or RStream, optional
        Where the random numbers come from. ``RStream(1)`` gives the values that R's ``exactRLRT``
        simulates after ``set.seed(1)``.

    Returns
    -------
    ExactTest

    Raises
    ------
    ModelError
        A fit is not by REML, or `fit` has more than one random effect a level, or the two models
        do not differ by one variance.
    ArgumentError
        Only one of `larger` and `smaller` is given, or an option has no meaning.

    Notes
    -----
    Prior weights are part of the model here, but not of RLRsim's null distribution. The supremum is
    taken over a grid of 200 values, the largest of all; RLRsim stops at the first fall.

    References
    ----------
    Crainiceanu, C. M. and Ruppert, D. (2004). Likelihood ratio tests in linear mixed models with
    one variance component. J. R. Stat. Soc. B 66, 165-185, theorem 2. Scheipl, F., Greven, S. and
    Küchenhoff, H. (2008). Comput. Stat. Data Anal. 52, 3283-3299.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> print(bm.exact_rlrt(fit, nsim=1000, rng=bm.RStream(1)))
    Simulated finite sample distribution of RLRT (p-value based on 1000 simulated values)
    RLRT = 6.369, p-value = 0.003
    """
    fit = _with_one_variance(checked_fit(fit), reml=True)
    nsim = positive_integer(nsim, "nsim")
    if (larger is None) != (smaller is None):
        raise ArgumentError("`larger` and `smaller` must be given together, or neither of them.")
    if larger is None or smaller is None:
        statistic = fit.at_theta([0.0]).reml_criterion - fit.reml_criterion
    else:
        larger, smaller = checked_fit(larger, "larger"), checked_fit(smaller, "smaller")
        _differ_by_one_variance(larger, smaller, fit)
        statistic = smaller.reml_criterion - larger.reml_criterion
    mu, _ = _eigenvalues(fit)
    null = NullDistribution(mu / mu.max(), mu / mu.max(), fit.nobs, fit.beta.size, 0, True)
    return _test("RLRT", max(0.0, statistic), null, nsim, rng)


def exact_lrt(
    fit: "LmerFit",
    without: str | Sequence[str] = (),
    *,
    nsim: int = 10_000,
    rng: RandomState | None = None,
) -> ExactTest:
    """Exact likelihood-ratio test of a variance component and of fixed effects together.

    Parameters
    ----------
    fit : LmerFit
        A fit by maximum likelihood with one random effect.
    without : str or sequence of str
        The terms of the fixed effects that the smaller model, which has no random effect, lacks
        too.
    nsim : int
        Number of values that are simulated.
    rng : int, Generator or RStream, optional
        Where the random numbers come from; see `exact_rlrt`.

    Returns
    -------
    ExactTest

    Raises
    ------
    ModelError
        The fit is not by maximum likelihood, or has more than one random effect a level.
    ArgumentError
        `without` has a term that the model has not, or an option has no meaning.

    References
    ----------
    Crainiceanu and Ruppert (2004), theorem 1; as RLRsim's ``exactLRT``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("Orthodont")
    >>> fit = bm.lmer("distance ~ age + Sex + (1 | Subject)", data, reml=False)
    >>> print(bm.exact_lrt(fit, "Sex", nsim=1000, rng=bm.RStream(1)))
    Simulated finite sample distribution of LRT (p-value based on 1000 simulated values)
    LRT = 70.72, p-value < 0.001
    """
    fit = _with_one_variance(checked_fit(fit), reml=False)
    nsim = positive_integer(nsim, "nsim")
    names = [without] if isinstance(without, str) else list(without)
    strange = [f"`{name}`" for name in names if name not in fit.terms.labels]
    if strange:
        raise ArgumentError(
            f"`without` has {shown(strange)}; the terms of the model are "
            f"{shown([f'`{name}`' for name in fit.terms.labels], 20) or 'none'}."
        )
    gone = [k + 1 for k, name in enumerate(fit.terms.labels) if name in names]
    kept = ~np.isin(fit.terms.assign, gone)
    statistic = _linear_deviance(fit, kept) - fit.deviance
    mu, xi = _eigenvalues(fit)
    tested = int((~kept).sum())
    null = NullDistribution(mu / xi.max(), xi / xi.max(), fit.nobs, fit.beta.size, tested, False)
    return _test("LRT", max(0.0, statistic), null, nsim, rng)


def _test(
    name: str, statistic: float, null: NullDistribution, nsim: int, rng: RandomState | None
) -> ExactTest:
    if statistic == 0 and null.restricted:
        return ExactTest(name, 0.0, 1.0, np.empty(0))
    sample = null.sample(nsim, rng)
    return ExactTest(name, statistic, float(np.mean(statistic < sample)), sample)


def _with_one_variance(fit: "LmerFit", reml: bool) -> "LmerFit":
    effects = sum(len(names) for names in fit.labels.terms)
    if effects != 1:
        raise ModelError(
            f"`fit` must have one random effect, such as (1 | g); this one has {effects} and "
            f"{fit.theta.size} covariance parameters. To test one of several, give the model with "
            "it alone as `fit` and the two models to compare as `larger` and `smaller`, or use "
            "`pb_modcomp`."
        )
    if fit.reml != reml:
        kind = "REML (`reml=True`)" if reml else "maximum likelihood (`reml=False`)"
        raise ModelError(f"The exact distribution is that of a fit by {kind}: refit the model so.")
    return fit


def _differ_by_one_variance(larger: "LmerFit", smaller: "LmerFit", fit: "LmerFit") -> None:
    if not (larger.reml and smaller.reml):
        raise ModelError("`larger` and `smaller` must be fits by REML.")
    designs = [one.design for one in (larger, smaller, fit)]
    same = all(
        np.array_equal(one.X, designs[0].X) and np.array_equal(one.y, designs[0].y)
        for one in designs[1:]
    )
    if not same:
        raise ModelError(
            "`fit`, `larger` and `smaller` must have the same response and the same fixed effects: "
            "restricted likelihoods of others cannot be compared."
        )
    if larger.theta.size - smaller.theta.size != 1:
        raise ModelError(
            "`larger` must have one variance more than `smaller`, and no more covariances; they "
            f"have {larger.theta.size} and {smaller.theta.size} covariance parameters."
        )


def _eigenvalues(fit: "LmerFit") -> tuple[Array, Array]:
    """Of Z'P_0 Z and of Z'Z, the largest first; as many as rows or levels."""
    rows, Q = WeightedRows(fit), fit.model.coordinates.Q
    squares = rows.by_level(0, rows.Z(0))[:, 0, 0]
    crossed = rows.by_level(0, Q)[:, 0]
    mu = np.linalg.eigvalsh(np.diag(squares) - crossed @ crossed.T)[::-1]
    size = min(len(squares), fit.nobs)
    return np.maximum(mu, 0)[:size], np.sort(squares)[::-1][:size]


def _linear_deviance(fit: "LmerFit", kept: NDArray[np.bool_]) -> float:
    """Deviance of the linear model with some columns of X."""
    coordinates, n = fit.model.coordinates, fit.nobs
    y = fit.design.y if fit.design.offset is None else fit.design.y - fit.design.offset
    y, X = coordinates.weigh(y), coordinates.weigh(fit.design.X[:, kept])
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return float(n * (1 + np.log(2 * np.pi * residual @ residual / n)) - coordinates.log_weights)
