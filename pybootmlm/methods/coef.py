"""Coefficients of every level: fixed effects plus conditional modes."""

from typing import TYPE_CHECKING

import pandas as pd

from pybootmlm.lmm.checked import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def coef(fit: "LmerFit") -> dict[str, pd.DataFrame]:
    """Coefficients of every level of every grouping factor, as R's ``coef``.

    Parameters
    ----------
    fit : LmerFit
        The fit.

    Returns
    -------
    dict of str to DataFrame
        By factor: a row a level, a column a coefficient. A random effect without a fixed effect of
        its name gets a column in front, in all frames; it is zero for the factors that have no such
        effect. Where two terms of a factor have an effect of one name, both are added.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.coef()["Subject"].head(2).round(2)
             (Intercept)   Days
    Subject
    308           253.66  19.67
    309           211.01   1.85
    """
    fit = checked_fit(fit)
    effects = fit.ranef()
    fixed = fit.fixef
    every = [name for frame in effects.values() for name in frame.columns]
    extra = [name for name in dict.fromkeys(every) if name not in fixed.index]
    start = dict.fromkeys(extra, 0.0) | dict(zip(fit.labels.fixed, fit.beta.tolist(), strict=True))
    out = {}
    for factor, frame in effects.items():
        values = pd.DataFrame(start, index=frame.index)
        for name, modes in zip(frame.columns, frame.to_numpy().T, strict=True):
            values[name] = values[name] + modes
        out[factor] = values
    return out
