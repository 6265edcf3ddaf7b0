"""Covariance structures of the random effects, at our optimum and at nlme's."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

import pybootmlm as bm
from parity.probes.probe import Probe
from parity.values import Value
from pybootmlm.exceptions import SingularFitWarning


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    formula = f"{fit.fixed_formula} + {inputs['term']}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        found = bm.lmer(formula, fit.model_frame(), reml=fit.reml)
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
