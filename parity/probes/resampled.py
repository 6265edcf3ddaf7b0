"""Resampled data of a fit, drawn from R's stream or made of R's own draws."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm
from parity.emulation import plan_as_r
from parity.probes.rows import by_row
from parity.values import Value
from pybootmlm.resampling.case import CaseDraws
from pybootmlm.resampling.scheme import EffectsAndErrors, Resamples, Responses
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source

Indices = NDArray[np.intp]
OPTIONS = ("corrected_trans", "lv1_resample", "reb_scale")


def options_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the option of a type, where a case has one."""
    return {name: inputs[name] for name in OPTIONS if name in inputs}


def plan_of(fit: Any, inputs: Mapping[str, Any]) -> Any:
    """Prepare the scheme of a case for a fit; for a proof, with R's slips (``as_r``)."""
    scheme = resolve(inputs.get("type", "parametric"), **options_of(inputs))
    return plan_as_r(fit, scheme, inputs) if inputs.get("as_r") else scheme.plan(fit)


def resampled(fit: Any, inputs: Mapping[str, Any]) -> Responses | Resamples:
    """Resample as ``set.seed(seed)`` does it in R."""
    plan = plan_of(fit, inputs)
    draws = plan.draw(as_source(bm.RStream(inputs["seed"])), [inputs["nsim"]])
    data: Responses | Resamples = plan.apply(next(draws))
    return data


def replayed(fit: Any, inputs: Mapping[str, Any]) -> Responses | Resamples:
    """Resample with the index draws that R made, in the order in which it made them."""
    plan = plan_of(fit, inputs)
    ends = np.cumsum(inputs["lengths"].numbers.astype(int))[:-1]
    drawn = iter(np.split(inputs["draws"].numbers.astype(np.intp) - 1, ends))
    count = range(inputs["nsim"])
    if inputs["type"] == "case":
        draws: Any = _case_draws([_one_case(drawn, inputs) for _ in count])
    elif inputs["type"] == "residual_trans":
        draws = np.array([next(drawn) for _ in count])
    else:
        pairs = [_effects_and_errors(fit, drawn, inputs["type"]) for _ in count]
        effects = tuple(np.array(term) for term in zip(*(one for one, _ in pairs), strict=True))
        draws = EffectsAndErrors(effects, np.array([errors for _, errors in pairs]))
    left = sum(1 for _ in drawn)
    if left:
        message = f"R made {left} more draws than the scheme '{inputs['type']}' uses"
        raise ValueError(message)
    data: Responses | Resamples = plan.apply(draws)
    return data


def as_value(fit: Any, data: Responses | Resamples) -> Value:
    """Write resampled data as R's functions return them.

    Responses are a column a replicate; resampled clusters follow one another, a row with its
    response and the number of its new cluster.
    """
    if isinstance(data, Responses):
        y = data.y(fit)
        return Value(y, (by_row(fit, fit.fitted).rows, None), np.zeros(y.shape, bool))
    parts = [part for rows in case_rows(fit, data) for part in rows]
    per_set = data.clusters.shape[1]
    cluster = np.repeat(np.arange(len(parts)) % per_set + 1, [len(part) for part in parts])
    table = np.column_stack([fit.design.y[np.concatenate(parts)], cluster])
    return Value(table, (None, ("response", "cluster")), np.zeros(table.shape, bool))


def case_rows(fit: Any, data: Resamples) -> list[list[Indices]]:
    """Return the rows of each drawn cluster of each data set."""
    if data.rows is not None:
        return [list(rows) for rows in data.rows]
    members = members_of(fit)
    return [[members[c] for c in clusters] for clusters in data.clusters]


def members_of(fit: Any) -> list[Indices]:
    """Return the rows of each level of the grouping factor."""
    factor = fit.design.factors[0]
    return [np.flatnonzero(factor.codes == j) for j in range(len(factor.levels))]


def _effects_and_errors(
    fit: Any, drawn: Iterator[Indices], kind: str
) -> tuple[list[Indices], Indices]:
    """Take one replicate's draws: levels for every term, then rows, or rows of every cluster."""
    effects = [next(drawn) for _ in fit.design.terms]
    if kind != "reb":
        return effects, next(drawn)
    sizes = [len(rows) for rows in members_of(fit)]
    starts = np.cumsum([0, *sizes[:-1]])
    return effects, np.concatenate([start + next(drawn) for start in starts])


def _one_case(
    drawn: Iterator[Indices], inputs: Mapping[str, Any]
) -> tuple[Indices, tuple[Indices, ...] | None]:
    clusters = next(drawn)
    within = inputs.get("lv1_resample", False)
    return clusters, tuple(next(drawn) for _ in clusters) if within else None


def _case_draws(sets: list[tuple[Indices, tuple[Indices, ...] | None]]) -> CaseDraws:
    rows = tuple(within for _, within in sets if within is not None)
    return CaseDraws(np.array([clusters for clusters, _ in sets]), rows or None)
