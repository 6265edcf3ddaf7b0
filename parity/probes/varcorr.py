"""Variances, standard deviations and correlations, a row each, as VarCorr lists them."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    frame = fit.varcorr.to_frame(order="cov.last")
    parts = frame[["grp", "var1", "var2"]].astype(object)
    labels = parts.where(parts.notna(), "").agg("|".join, axis=1)
    return Value.of(frame[["vcov", "sdcor"]].set_index(labels))


PROBE = Probe(
    name="varcorr",
    what="variance components",
    package="lme4",
    r='as.data.frame(VarCorr(m), order = "cov.last")',
    python='fit.varcorr.to_frame(order="cov.last")',
    compute=_compute,
)
