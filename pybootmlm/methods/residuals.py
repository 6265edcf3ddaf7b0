"""Residuals of every type, and what is made of them and of the hat matrix row by row."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import flag, one_of
from pybootmlm.lmm.checked import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

#: Whether each type of residual is multiplied by the root of the prior weights.
TYPES = {"response": False, "working": False, "pearson": True, "deviance": True}


# 1 - h below this is rounding: the row is fitted exactly.
NO_FREEDOM = 1e-12


def residuals(
    fit: "LmerFit",
    type: str = "response",  # noqa: A002 (R's name)
    *,
    scaled: bool = False,
) -> pd.Series:
    """Residuals by row, as R's ``residuals``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    type : {"response", "working", "pearson", "deviance"}
        The first two are the response less its conditional mean; the last two are the same times
        the square root of the prior weight.
    scaled : bool
        Divide by sigma.

    Returns
    -------
    Series (n,)
        With ``na_action="exclude"``, NaN in rows that were left out.

    Raises
    ------
    ArgumentError
        `type` is none of these.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> fit.residuals("pearson", scaled=True).head(2).round(3).tolist()
    [0.709, -1.412]
    """
    fit = checked_fit(fit)
    weighted = TYPES[one_of(type, "type", tuple(TYPES))]
    values = fit.design.y - fit.mu
    if weighted:
        values = fit.model.coordinates.weigh(values)
    return fit.by_row(values / fit.sigma if flag(scaled, "scaled") else values, "residuals")


def studentised(fit: "LmerFit") -> Array:
    """Pearson residuals divided by their standard deviations sigma sqrt(1 - h) (n,).

    A row that is fitted exactly (h = 1) has none: NaN.
    """
    left = 1 - fit.hat
    pearson = fit.model.coordinates.weigh(fit.design.y - fit.mu)
    out = np.full(len(left), np.nan)
    np.divide(pearson, fit.sigma * np.sqrt(np.abs(left)), out=out, where=left > NO_FREEDOM)
    return out


def cooks_distance_by_row(fit: "LmerFit") -> Array:
    r"""Cook's distance of every row (n,): :math:`r^2 h / (p \sigma^2 (1 - h)^2)`, as lme4's.

    r is the Pearson residual, h the leverage in the hat matrix of all effects (conditional modes
    included), p the number of fixed effects.
    """
    left = 1 - fit.hat
    student = studentised(fit)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(student**2 * fit.hat / (left * fit.beta.size))
