"""Bootstraps replicate by replicate: at our own optima, or at points that somebody else found."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm
from parity.emulation import regrouped
from parity.probes.resampled import case_rows, options_of, resampled
from parity.probes.statistics import extra_statistic
from parity.values import Names, Value
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.lmm.model import Model, build_model
from pybootmlm.resampling.scheme import Responses

Array = NDArray[np.float64]


def replicates(fit: Any, inputs: Mapping[str, Any]) -> Value:
    """Return estimates, statistics asked for, and criterion of every replicate, a row each.

    With ``at`` (points, as many for every replicate, replicate by replicate) nothing is optimised:
    every replicate's model is built by itself, from its rows, and evaluated there; points of NaN
    give estimates of NaN.
    """
    names, extra = extra_statistic(inputs, fit)

    def estimates(fit: Any) -> Array:
        own = (fit.theta, fit.beta, extra(fit), [fit.sigma], [fit.criterion])
        return np.concatenate([np.ravel(part) for part in own])

    if "at" in inputs:
        points = inputs["at"].numbers
        each = len(points) // inputs["nsim"]
        sets = points.reshape(inputs["nsim"], each, -1)
        wanted = ~np.isnan(sets).any(axis=(1, 2))
        t = np.full((len(points), len(estimates(fit))), np.nan)
        for b, model in replicate_models(fit, inputs, wanted):
            for k, point in enumerate(sets[b]):
                t[b * each + k] = estimates(evaluate_at(model, point, fit.reml))
    else:
        t = bm.bootstrap_mer(
            fit,
            estimates,
            inputs["nsim"],
            type=inputs.get("type", "parametric"),
            rng=bm.RStream(inputs["seed"]),
            **options_of(inputs),
        ).t
    return Value(t, (None, _names(fit, names)), np.zeros(t.shape, bool))


def replicate_models(
    fit: Any, inputs: Mapping[str, Any], wanted: NDArray[np.bool_]
) -> Iterator[tuple[int, Model]]:
    """Build the models of wanted replicates from their rows, without the batched refits."""
    data = resampled(fit, inputs)
    each: Any = data.y(fit).T if isinstance(data, Responses) else case_rows(fit, data)
    for b in np.flatnonzero(wanted):
        if isinstance(data, Responses):
            yield int(b), fit.model.with_response(each[b])
        else:
            yield int(b), build_model(regrouped(fit, each[b], inputs.get("as_r", ())))


def _names(fit: Any, extra: Names) -> Names:
    if extra is None:
        return None
    thetas = (f"theta{i + 1}" for i in range(len(fit.theta)))
    return (*thetas, *fit.fixef.index, *extra, "sigma", "criterion")
