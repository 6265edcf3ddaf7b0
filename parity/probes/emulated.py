"""What R's bootstraps do wrong, done to ours: with it our data are R's, for proofs.

A case's inputs may hold ``emulate``, names of mistakes. Of pools R's own are inputs too:
``effects`` and ``errors``.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pybootmlm.resampling.scheme import Responses

OFFSET_LEFT_OUT = "offset_left_out"
LEVEL_ORDER = "errors_in_level_order"
WEIGHTS_IGNORED = "weights_ignored"
CLUSTERS_MERGED = "clusters_merged"
POOLS = "pools"

_MARGINAL = ("residual_trans", "reb")  # they start from y - X beta


def makes(inputs: Mapping[str, Any], mistake: str) -> bool:
    """Say whether a case is to make a mistake."""
    return mistake in inputs.get("emulate", ())


def fit_to_resample(fit: Any, inputs: Mapping[str, Any]) -> Any:
    """Return the fit that responses are made of; where the offset is a residual, without one."""
    if not makes(inputs, OFFSET_LEFT_OUT) or inputs.get("type") not in _MARGINAL:
        return fit
    design = replace(fit.design, offset=None)
    return replace(fit, model=replace(fit.model, design=design))


def plan_with_pools(fit: Any, inputs: Mapping[str, Any], plan: Any) -> Any:
    """Draw from R's effects and errors in place of ours."""
    if not makes(inputs, POOLS):
        return plan
    sizes = [
        (len(term.names), len(fit.design.factors[term.factor].levels)) for term in fit.design.terms
    ]
    ends = np.cumsum([q * levels for q, levels in sizes])[:-1]
    parts = np.split(inputs["effects"].numbers, ends)
    effects = tuple(part.reshape(size, order="F") for part, size in zip(parts, sizes, strict=True))
    errors = inputs["errors"].numbers.copy()
    if inputs["type"] == "reb":  # R has them cluster by cluster
        errors[plan.by_cluster] = inputs["errors"].numbers
    return replace(plan, effects=effects, errors=errors)


def emulated(fit: Any, inputs: Mapping[str, Any], data: Responses) -> Responses:
    """Return responses with R's mistakes in them."""
    for name, mistake in _MISTAKES.items():
        if makes(inputs, name):
            data = mistake(fit, inputs, data)
    return data


def _offset_left_out(fit: Any, inputs: Mapping[str, Any], data: Responses) -> Responses:
    """Leave the offset out of the mean; `fit_to_resample` has done it for the other types."""
    if inputs.get("type") in _MARGINAL:
        return data
    return replace(data, fixed=data.fixed - fit.design.offset)


def _errors_in_level_order(fit: Any, _inputs: Mapping[str, Any], data: Responses) -> Responses:
    """Lay errors, drawn cluster by cluster, on the rows as they come."""
    order = np.argsort(fit.design.factors[0].codes, kind="stable")
    return replace(data, errors=data.errors[order])


def _weights_ignored(fit: Any, _inputs: Mapping[str, Any], data: Responses) -> Responses:
    """Give every row errors of the same variance."""
    return replace(data, errors=data.errors * np.sqrt(fit.design.weights)[:, None])


_MISTAKES: Mapping[str, Callable[[Any, Mapping[str, Any], Responses], Responses]] = {
    OFFSET_LEFT_OUT: _offset_left_out,
    LEVEL_ORDER: _errors_in_level_order,
    WEIGHTS_IGNORED: _weights_ignored,
}
