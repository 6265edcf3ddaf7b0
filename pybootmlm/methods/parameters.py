"""Parameters other than the estimates, for predictions and simulations (lme4's ``newparams``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import number, numbers, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.components import theta_names

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]
NAMES = ("theta", "beta", "sigma")


@dataclass(frozen=True, eq=False)
class Parameters:
    """A point in the parameter space, and the conditional modes there.

    Attributes
    ----------
    theta : (t,) array
    beta : (p,) array
    sigma : float
    b : tuple of (J, q) arrays
        Conditional modes of each grouping factor.
    """

    theta: Array
    beta: Array
    sigma: float
    b: tuple[Array, ...]


def parameters(fit: "LmerFit", new: Mapping[str, Any] | None) -> Parameters:
    """The estimates of a fit, some or all replaced by those in `new`.

    The conditional modes are those at the new theta and beta: lme4 keeps the old spherical
    effects, which are the conditional modes of nothing then.

    Raises
    ------
    ArgumentError
        `new` is no mapping with some of the keys theta, beta and sigma, or what it holds has the
        wrong length or other names.
    """
    scale = fit.model.coordinates.scale
    if new is None:
        return Parameters(fit.theta, fit.beta, fit.sigma, tuple(scale * b for b in fit.state.b))
    if not isinstance(new, Mapping) or not new or not set(new) <= set(NAMES):
        raise ArgumentError(
            "`newparams` must be a dict with some of 'theta', 'beta' and 'sigma'; "
            f"got {new if not isinstance(new, Mapping) else sorted(map(str, new))!r}."
        )
    theta = _vector(new, "theta", fit.theta, theta_names(fit))
    beta = _vector(new, "beta", fit.beta, list(fit.labels.fixed))
    sigma = number(new["sigma"], "newparams['sigma']") if "sigma" in new else fit.sigma
    if not 0 <= sigma < np.inf:
        raise ArgumentError(f"`newparams['sigma']` must not be negative; got {sigma}.")
    return Parameters(theta, beta, sigma, conditional_modes(fit, theta, beta))


def conditional_modes(fit: "LmerFit", theta: Array, beta: Array) -> tuple[Array, ...]:
    """Modes of the random effects (J, q) of each factor, given the data, theta and beta."""
    mean = fit.design.X @ beta
    if fit.design.offset is not None:
        mean = mean + fit.design.offset
    rest = fit.model.coordinates.weigh(fit.design.y - mean)
    found = fit.model.problem.effects_of(theta, rest[:, None])
    return tuple(b[:, :, 0] for b in found)


def _vector(new: Mapping[str, Any], name: str, estimate: Array, labels: list[str]) -> Array:
    """One of the vectors; a Series or dict is matched by its labels."""
    if name not in new:
        return estimate
    given, where = new[name], f"newparams['{name}']"
    keys = given.index if isinstance(given, pd.Series) else None
    if isinstance(given, Mapping):
        given = pd.Series(dict(given))
        keys = given.index
    values = np.atleast_1d(numbers(given, where))
    if values.shape != estimate.shape or not np.isfinite(values).all():
        raise ArgumentError(
            f"`{where}` must hold {len(estimate)} finite numbers ({shown(labels, 20)}); got an "
            f"array of shape {values.shape}."
        )
    if keys is None:
        return values
    if sorted(map(str, keys)) != sorted(labels) or len(set(labels)) < len(labels):
        raise ArgumentError(
            f"`{where}` must be labelled {shown(labels, 20)}, or be an array in this order; its "
            f"labels are {shown(list(map(str, keys)), 20)}."
        )
    return values[[list(map(str, keys)).index(label) for label in labels]]
