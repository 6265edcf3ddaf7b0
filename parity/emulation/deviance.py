"""bootmlm's deviance function for a fit with weights or an offset, made of right ones.

A deviance takes points ``(m, t)``, or ``(m, t + 1)`` with sigma last, and returns ``(m,)``.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pybootmlm import LmerFit
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.lmm.model import build_model

Array = NDArray[np.float64]
Deviance = Callable[[Array], Array]
_Rss = Callable[[LmerFit], float]


def right_deviance(fit: LmerFit) -> Deviance:
    """Return the criterion, with sigma freed where a point has one."""
    return _over_points(fit, _rss)


def with_squared_weights(fit: LmerFit) -> Deviance | None:
    """Square the weights and leave their logarithms out; None for a fit without weights."""
    w = fit.design.weights
    if w is None:
        return None
    squared = replace(fit, model=build_model(replace(fit.design, weights=w**2)))
    logs = float(np.log(w**2).sum())
    deviance = _over_points(squared, _rss)
    return lambda points: deviance(points) + logs


def without_the_offset(fit: LmerFit) -> Deviance | None:
    """Fit y as it is, then put the offset into the residuals; None for a fit without one."""
    offset = fit.design.offset
    if offset is None:
        return None
    plain = replace(fit, model=build_model(replace(fit.design, offset=None)))

    def rss(at: LmerFit) -> float:
        e = at.design.y - at.mu
        return _rss(at) - 2.0 * float(e @ offset) + float(offset @ offset)

    return _over_points(plain, rss)


def profiled(df: float, rss: float) -> float:
    """Return the part of the criterion that depends on the degrees of freedom."""
    return df * (1.0 + math.log(2.0 * math.pi * rss / df))


def _over_points(fit: LmerFit, penalised: _Rss) -> Deviance:
    """Return the deviance of a fit's model, its penalised residual sum of squares replaced."""
    df = fit.solution.df

    def value(point: Array) -> float:
        at = evaluate_at(fit.model, point[: fit.theta.size], fit.reml)
        rss = penalised(at)
        logs = at.criterion - profiled(df, _rss(at))
        if len(point) == fit.theta.size:
            return logs + profiled(df, rss)
        variance = float(point[-1]) ** 2
        return logs + df * math.log(2.0 * math.pi * variance) + rss / variance

    return lambda points: np.array([value(point) for point in points])


def _rss(at: LmerFit) -> float:
    return at.sigma**2 * at.solution.df
