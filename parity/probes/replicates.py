"""Bootstraps replicate by replicate: at our own optima, or at points that somebody else found."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm
from parity.probes.resampled import case_rows, options_of, resampled
from parity.values import Value
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.lmm.model import Model, build_model
from pybootmlm.lmm.rows_taken import take_rows
from pybootmlm.resampling.scheme import Responses

Array = NDArray[np.float64]


def replicates(fit: Any, inputs: Mapping[str, Any]) -> Value:
    """Return estimates and criterion of every replicate, a row each.

    With ``at`` (points, as many for every replicate, replicate by replicate) nothing is optimised:
    every replicate's model is built by itself, from its rows, and evaluated there.
    """
    if "at" in inputs:
        points = inputs["at"].numbers
        each = len(points) // inputs["nsim"]
        sets = points.reshape(inputs["nsim"], each, -1)
        rows = [
            _estimates(evaluate_at(model, point, fit.reml))
            for model, own in zip(replicate_models(fit, inputs), sets, strict=True)
            for point in own
        ]
        t = np.array(rows)
    else:
        t = bm.bootstrap_mer(
            fit,
            _estimates,
            inputs["nsim"],
            type=inputs.get("type", "parametric"),
            rng=bm.RStream(inputs["seed"]),
            **options_of(inputs),
        ).t
    return Value(t, (None, _names(fit)), np.zeros(t.shape, bool))


def replicate_models(fit: Any, inputs: Mapping[str, Any]) -> Iterator[Model]:
    """Build the model of every replicate from its rows, without the batched refits."""
    data = resampled(fit, inputs)
    if isinstance(data, Responses):
        for y in data.y(fit).T:
            yield fit.model.with_response(y)
        return
    for rows in case_rows(fit, data):
        codes = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
        levels = tuple(str(j + 1) for j in range(len(rows)))
        yield build_model(take_rows(fit.design, np.concatenate(rows), codes, levels))


def _estimates(fit: Any) -> Array:
    return np.asarray(np.r_[fit.theta, fit.beta, fit.sigma, fit.criterion])


def _names(fit: Any) -> tuple[str, ...]:
    thetas = (f"theta{i + 1}" for i in range(len(fit.theta)))
    return (*thetas, *fit.fixef.index, "sigma", "criterion")
