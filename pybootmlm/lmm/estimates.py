"""What can be read off a solution without the rows: shared by a fit and its refits."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import number
from pybootmlm.lmm.solution import Labels, Solution
from pybootmlm.lmm.varcorr import TermVariance, VarCorr

Array = NDArray[np.float64]


# lme4's isSingular: a diagonal element of Lambda below this is zero.
SINGULAR = 1e-4
# Residual standard deviation, relative to that of the response about the fixed effects, below
# which nothing is left for the residual: the criterion of a larger theta drowns in rounding.
EXACT = 1e-7
# With several factors it drowns earlier: searches on data without any error end between 4e-7 and
# 1.1e-6, while an error of 7e-6 is still found.
EXACT_OF_SEVERAL = 2e-6


def least_sigma(factors: int, scale: float) -> float:
    """Residual standard deviation below which a model explains its response exactly.

    Parameters
    ----------
    factors : int
        How many grouping factors it has.
    scale : float
        Standard deviation of the response about the fixed effects.
    """
    return scale * (EXACT if factors == 1 else EXACT_OF_SEVERAL)


class Estimates:
    """Estimates of a linear mixed model.

    A statistic that is bootstrapped receives one of these for every refit; the attributes are
    those of a fit and are computed when asked for. Classes that derive from this one hold the
    numbers and their names.

    Attributes
    ----------
    solution : Solution
        The numbers.
    labels : Labels
        What they are called.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> print(f"{fit.sigma:.4f} {fit.theta[0]:.4f} {fit.deviance:.4f}")
    49.5101 0.7526 327.3271
    """

    solution: Solution
    labels: Labels

    @property
    def reml(self) -> bool:
        """Whether the estimates are REML's."""
        return self.solution.reml

    @property
    def theta(self) -> Array:
        """Relative covariance parameters (t,)."""
        return self.solution.theta

    @property
    def beta(self) -> Array:
        """Fixed effects (p,)."""
        return self.solution.beta

    @property
    def fixef(self) -> pd.Series:
        """Fixed effects by name."""
        return pd.Series(self.beta, index=list(self.labels.fixed), name="fixef")

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return self.solution.sigma

    @property
    def vcov(self) -> pd.DataFrame:
        """Covariance matrix of the fixed effects (p, p)."""
        root = self.solution.RX_inverse
        names = list(self.labels.fixed)
        return pd.DataFrame(self.sigma**2 * root @ root.T, index=names, columns=names)

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors of the fixed effects."""
        root = self.solution.RX_inverse
        values = self.sigma * np.sqrt((root**2).sum(axis=1))
        return pd.Series(values, index=list(self.labels.fixed), name="std_error")

    @property
    def varcorr(self) -> VarCorr:
        """Variance components."""
        labels = self.labels
        matrices = labels.covariance.term_matrices(self.theta)
        terms = [
            TermVariance(group, names, self.sigma**2 * L @ L.T, template.name, template.homogeneous)
            for group, names, L, template in zip(
                labels.unique_groups,
                labels.terms,
                matrices,
                labels.covariance.templates,
                strict=True,
            )
        ]
        return VarCorr(tuple(terms), self.sigma)

    @property
    def criterion(self) -> float:
        """What was minimised: the REML criterion or the deviance."""
        return self.solution.minus_two_loglik(self.reml)

    @property
    def deviance(self) -> float:
        """Minus twice the log-likelihood (not the restricted one) at the estimates."""
        return self.solution.minus_two_loglik(reml=False)

    @property
    def reml_criterion(self) -> float:
        """Minus twice the restricted log-likelihood at the estimates."""
        return self.solution.minus_two_loglik(reml=True)

    @property
    def loglik(self) -> float:
        """Log-likelihood; the restricted one of a REML fit."""
        return -self.criterion / 2

    @property
    def nobs(self) -> int:
        """Number of rows used."""
        return self.solution.n

    @property
    def n_parameters(self) -> int:
        """Number of parameters: beta, theta and sigma."""
        return self.beta.size + self.theta.size + 1

    @property
    def df_residual(self) -> int:
        """Rows less parameters, as lme4 counts."""
        return self.nobs - self.n_parameters

    @property
    def df_resid(self) -> int:
        """`df_residual`, under statsmodels' name."""
        return self.df_residual

    @property
    def aic(self) -> float:
        """Akaike's criterion, from `loglik`."""
        return self.criterion + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, from `loglik`."""
        return self.criterion + float(np.log(self.nobs)) * self.n_parameters

    def is_singular(self, tol: float = SINGULAR) -> bool:
        """Whether a covariance matrix is singular up to `tol`, as lme4's isSingular.

        A diagonal element of Lambda, or a relative standard deviation, is below it; or the
        correlation of a structured term is so near to a bound.
        """
        tolerance = number(tol, "tol")
        return bool(self.labels.covariance.near_boundary(self.theta, tolerance))
