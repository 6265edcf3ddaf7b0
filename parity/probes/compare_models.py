"""Models side by side; probabilities by their logarithm."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.log10 import log10
from parity.probes.probe import Probe
from parity.values import Value
from pybootmlm.methods.anova import REFITTED


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    fits = [fit, *(fit.update(formula) for formula in inputs["others"])]
    names = [f"m{i + 1}" for i in range(len(fits))]
    made = bm.anova(*fits, refit=inputs.get("refit", True), model_names=names)
    frame = made.frame.drop(columns="Pr(>Chisq)")
    frame["log10 p"] = log10(made.frame["Pr(>Chisq)"])
    return Value.of(frame.assign(refitted=int(REFITTED in made.messages)))


PROBE = Probe(
    name="compare_models",
    what="comparison of models",
    package="lme4",
    r="anova(m, m2, m3)",
    python="bm.anova(fit, fit2, fit3)",
    compute=_compute,
    at_own_optimum=True,
    record="methods",
)
