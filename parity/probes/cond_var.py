"""Conditional modes with their standard deviations and covariances, given the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    effects = fit.ranef(cond_var=True)
    frame = effects.to_frame()
    widest = max(len(term.names) for term in fit.design.terms)
    shared, start = [], dict.fromkeys(effects.covariances, 0)
    # Terms of one factor stand side by side; R gives each by itself.
    for name in effects.covariances:
        for term in fit.design.terms:
            if fit.design.factors[term.factor].name != name:
                continue
            q, first = len(term.names), start[name]
            start[name] += q
            block = effects.covariances[name][:, first : first + q, first : first + q]
            rows = np.moveaxis(block, 0, 1).reshape(-1, q)
            shared.append(np.pad(rows, ((0, 0), (0, widest - q))))
    numbers = np.column_stack([frame["condval"], frame["condsd"], np.concatenate(shared)])
    names = frame[["grpvar", "grp", "term"]].astype(str).agg("|".join, axis=1)
    columns = ("condval", "condsd", *(f"cov{k + 1}" for k in range(widest)))
    return Value(numbers, (tuple(names), columns), np.zeros(numbers.shape, bool))


PROBE = Probe(
    name="cond_var",
    what="random effects with their conditional (co)variances",
    package="lme4",
    r="ranef(m, condVar = TRUE)",
    python="fit.ranef(cond_var=True)",
    compute=_compute,
    record="methods",
)
