"""Estimates without each group or row, and Cook's distances and dfbetas made of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.probes.probe import Probe
from parity.probes.refits_at import columns_of
from parity.values import Value
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.lmm.model import build_model
from pybootmlm.methods.influence import Influence

Array = NDArray[np.float64]


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = fit.influence(inputs.get("groups"))
    names = tuple(
        str(label + 1 if found.groups == "case" else label) for label in found.messages.index
    )
    left = _left(fit, found, names)
    if "at" not in inputs:
        thetas = np.stack([_theta(fit, row) for row in found.var_cov_without.to_numpy()])
        criteria = [one.at_theta(theta).criterion for one, theta in zip(left, thetas, strict=True)]
        t = _table(found, thetas, np.array(criteria))
        return Value(t, (names, _columns(fit, found)), np.zeros(t.shape, bool))
    points = inputs["at"].numbers
    points = points.reshape(len(left), len(points) // len(left), -1)
    tables = []
    for k in range(points.shape[1]):  # the k-th point of every deletion together
        there = [one.at_theta(point) for one, point in zip(left, points[:, k], strict=True)]
        tables.append(
            _table(
                _with_estimates(found, there),
                points[:, k],
                np.array([one.criterion for one in there]),
            )
        )
    t = np.stack(tables, axis=1).reshape(points.shape[0] * points.shape[1], -1)
    return Value(t, (None, _columns(fit, found)), np.zeros(t.shape, bool))


def _left(fit: Any, found: Influence, names: tuple[str, ...]) -> list[Any]:
    """The model of the rows that are left, for every deletion, built by itself."""
    data = fit.call.data
    if found.groups == "case":
        labels = np.array([str(i + 1) for i in range(len(data))])
    else:
        labels = data[found.groups].astype(str).to_numpy()
    return [_model(fit, data.loc[labels != name]) for name in names]


def _model(fit: Any, data: pd.DataFrame) -> Any:
    call = replace(fit.call, data=data)
    return evaluate_at(build_model(call.design()), fit.theta, fit.reml)


def _theta(fit: Any, components: Array) -> Array:
    """Theta from sigma^2 and the (co)variances in the order of theta."""
    parts, first = [], 1
    for term in fit.design.terms:
        q = len(term.names)
        columns, rows = np.triu_indices(q)  # down the columns of the lower triangle
        S = np.zeros((q, q))
        S[rows, columns] = components[first : first + len(rows)] / components[0]
        S = S + np.tril(S, -1).T
        first += len(rows)
        L = np.sqrt(S) if q == 1 else np.linalg.cholesky(S)
        parts.append(L[rows, columns])
    return np.concatenate(parts)


def _with_estimates(found: Influence, fits: list[Any]) -> Influence:
    """The same measures of the estimates of other fits of the deletions."""
    fixed, components = found.fixed_without.copy(), found.var_cov_without.copy()
    fixed[:] = np.stack([one.beta for one in fits])
    for k, one in enumerate(fits):
        frame = one.varcorr.to_frame(order="lower.tri")["vcov"].to_numpy()
        components.iloc[k] = np.append(frame[-1], frame[:-1])
    vcov = np.stack([one.vcov.to_numpy() for one in fits])
    return replace(found, fixed_without=fixed, var_cov_without=components, vcov_without=vcov)


def _table(found: Influence, thetas: Array, criteria: Array) -> Array:
    components = found.var_cov_without.to_numpy()
    scaled = found.dfbetas.to_numpy()
    parts = [
        thetas,
        found.fixed_without,
        np.sqrt(components[:, 0]),
        components,
        found.cooks_distance,
    ]
    if scaled.shape[1] > 1:  # lme4 has none of a single fixed effect
        parts.append(scaled)
    return np.column_stack([*parts, criteria])


def _columns(fit: Any, found: Influence) -> tuple[str, ...]:
    scaled = [f"dfbetas {name}" for name in found.fixed.index] if len(found.fixed) > 1 else []
    return columns_of(fit, (*map(str, found.var_cov.index), "cooks", *scaled))


PROBE = Probe(
    name="influence",
    what="estimates without each group or row",
    package="lme4",
    r="influence(m, groups), cooks.distance, dfbetas",
    python="fit.influence(groups)",
    compute=_compute,
    judge="replicates",
    record="methods",
)
