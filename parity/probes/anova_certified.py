"""Variance components of a balanced layout, against sums of squares that NIST certifies."""

from collections.abc import Mapping
from typing import Any

from parity.probes.anova import components
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return components(fit)


PROBE = Probe(
    name="anova_certified",
    what="variance components of a balanced one-way layout, certified by NIST",
    package="lme4",
    r="s <- sigma(m); c((m@theta * s)^2, s^2)",
    python="(fit.theta * fit.sigma) ** 2, fit.sigma ** 2",
    compute=_compute,
    judge="independent",
    at_own_optimum=True,
)
