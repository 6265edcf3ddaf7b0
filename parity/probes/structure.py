"""Covariance structures of the random effects, at our optimum and at nlme's."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.probes.structured import with_term
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    found = with_term(fit, inputs["term"])
    if inputs["part"] == "criterion":
        return Value.of({"criterion": float(found.criterion)})
    S = found.varcorr.terms[0].cov
    numbers = {"sigma": float(found.sigma)} | {k: float(v) for k, v in found.fixef.items()}
    numbers |= {f"error of {k}": float(v) for k, v in found.std_errors.items()}
    # Down the columns of the lower triangle, counted from 1 as in R.
    for column, row in np.argwhere(np.tri(len(S), dtype=bool).T):
        numbers[f"S[{row + 1},{column + 1}]"] = float(S[row, column])
    return Value.of(numbers)


PROBE = Probe(
    name="structure",
    what="a model with structured random effects",
    package="nlme",
    r="lme(fixed, data, random = list(g = pdDiag(~x))), or gls with corExp(nugget = TRUE)",
    python='lmer("y ~ x + diag(x | g)", data)',
    compute=_compute,
    at_own_optimum=True,
    record="structures",
)
