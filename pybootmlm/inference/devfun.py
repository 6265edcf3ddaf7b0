"""The deviance as a function of (theta, sigma), or of theta alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import numbers
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.fit import LmerFit, checked_fit, checked_theta
from pybootmlm.lmm.model import Model
from pybootmlm.lmm.solution import Solution, solution_of


@dataclass(frozen=True, repr=False, eq=False)
class DevianceFunction:
    """Deviance, or REML criterion, with the fixed effects profiled out; call it.

    Attributes
    ----------
    model : Model
    reml : bool
    profile_sigma : bool
        Whether sigma is profiled out too, or the last argument.
    """

    model: Model
    reml: bool
    profile_sigma: bool

    def __call__(self, parameters: ArrayLike) -> float:
        """Value at theta (t,), or at (theta, sigma) (t + 1,).

        Raises
        ------
        ArgumentError
            Wrong length, numbers that are not finite, or a sigma that is not positive.
        """
        values = np.atleast_1d(numbers(parameters, "parameters"))
        if self.profile_sigma:
            return self._at(checked_theta(self.model, values)).minus_two_loglik(self.reml)
        theta, sigma = checked_theta(self.model, values[:-1]), float(values[-1])
        if not (np.isfinite(sigma) and sigma > 0):
            raise ArgumentError(f"sigma, the last element, must be positive; got {sigma}.")
        found = self._at(theta)
        value = found.log_det_V - found.log_weights
        value += found.df * np.log(2 * np.pi * sigma**2) + found.pwrss / sigma**2
        return float(value + found.log_det_XX if self.reml else value)

    def __repr__(self) -> str:
        what = "REML criterion" if self.reml else "Deviance"
        arguments = "theta" if self.profile_sigma else "(theta, sigma)"
        return f"<{what} of {self.model.design.formula!r} as a function of {arguments}>"

    def _at(self, theta: NDArray[np.float64]) -> Solution:
        state = self.model.problem.state(theta)
        return solution_of(
            theta,
            state.tail,
            state.log_det_V,
            self.model.coordinates,
            len(self.model.design.y),
            self.reml,
        )


def devfun_mer(fit: LmerFit) -> DevianceFunction:
    r"""Deviance of a model as a function of (theta, sigma).

    .. math:: d(\theta, \sigma) = \log|V| + \nu \log(2\pi\sigma^2) + r^2(\theta) / \sigma^2

    with :math:`\nu = n`; for a REML fit :math:`\log|X'V^{-1}X|` is added and
    :math:`\nu = n - p`.

    Parameters
    ----------
    fit : LmerFit
        The fit whose model and data are meant; its estimates are not used.

    Returns
    -------
    DevianceFunction
        A function of an array (t + 1,).

    References
    ----------
    bootmlm 0.1.1, manual page ``devfun_mer``; Bates et al. (2015), equations 30 and 39. Prior
    weights and offsets enter as in the model, which they do not in bootmlm.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> deviance = bm.devfun_mer(fit)
    >>> print(f"{deviance([*fit.theta, fit.sigma]):.4f}")
    327.3271
    """
    model = checked_fit(fit).model
    return DevianceFunction(model, fit.reml, profile_sigma=False)


def devfun_mer2(fit: LmerFit) -> DevianceFunction:
    r"""Profiled deviance of a model as a function of theta.

    The deviance of `devfun_mer` at the best sigma, :math:`\sigma^2 = r^2(\theta)/\nu`.

    Parameters
    ----------
    fit : LmerFit
        The fit whose model and data are meant; its estimates are not used.

    Returns
    -------
    DevianceFunction
        A function of an array (t,).

    References
    ----------
    bootmlm 0.1.1, manual page ``devfun_mer``; Bates et al. (2015), equations 34 and 41.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> profiled = bm.devfun_mer2(fit)
    >>> print(f"{profiled(fit.theta):.4f}, and without batches {profiled([0.0]):.4f}")
    327.3271, and without batches 332.7299
    """
    model = checked_fit(fit).model
    return DevianceFunction(model, fit.reml, profile_sigma=True)
