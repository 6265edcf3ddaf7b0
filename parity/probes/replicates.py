"""Bootstraps replicate by replicate: at our own optima, or at points that somebody else found."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm
from parity.probes.emulated import CLUSTERS_MERGED, makes
from parity.probes.resampled import case_rows, options_of, resampled
from parity.probes.statistics import extra_statistic
from parity.values import Names, Value
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.lmm.model import Model, build_model
from pybootmlm.lmm.rows_taken import take_rows
from pybootmlm.resampling.scheme import Responses

Array = NDArray[np.float64]


def replicates(fit: Any, inputs: Mapping[str, Any]) -> Value:
    """Return estimates, statistics asked for, and criterion of every replicate, a row each.

    With ``at`` (points, as many for every replicate, replicate by replicate) nothing is optimised:
    every replicate's model is built by itself, from its rows, and evaluated there.
    """
    names, extra = extra_statistic(inputs, fit)

    def estimates(fit: Any) -> Array:
        own = (fit.theta, fit.beta, extra(fit), [fit.sigma], [fit.criterion])
        return np.concatenate([np.ravel(part) for part in own])

    if "at" in inputs:
        points = inputs["at"].numbers
        each = len(points) // inputs["nsim"]
        sets = points.reshape(inputs["nsim"], each, -1)
        rows = [
            estimates(evaluate_at(model, point, fit.reml))
            for model, own in zip(replicate_models(fit, inputs), sets, strict=True)
            for point in own
        ]
        t = np.array(rows)
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


def replicate_models(fit: Any, inputs: Mapping[str, Any]) -> Iterator[Model]:
    """Build the model of every replicate from its rows, without the batched refits."""
    data = resampled(fit, inputs)
    if isinstance(data, Responses):
        for y in data.y(fit).T:
            yield fit.model.with_response(y)
        return
    for rows in case_rows(fit, data):
        taken = np.concatenate(rows)
        codes = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
        if makes(inputs, CLUSTERS_MERGED):
            codes = np.unique(fit.design.factors[0].codes[taken], return_inverse=True)[1]
        levels = tuple(str(j + 1) for j in range(int(codes.max()) + 1))
        yield build_model(take_rows(fit.design, taken, codes, levels))


def _names(fit: Any, extra: Names) -> Names:
    if extra is None:
        return None
    thetas = (f"theta{i + 1}" for i in range(len(fit.theta)))
    return (*thetas, *fit.fixef.index, *extra, "sigma", "criterion")
