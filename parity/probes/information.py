"""AIC, BIC and residual degrees of freedom."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of({"AIC": fit.aic, "BIC": fit.bic, "df.residual": fit.df_resid})


PROBE = Probe(
    name="information",
    what="AIC, BIC and residual degrees of freedom",
    package="lme4",
    r="c(AIC(m), BIC(m), df.residual(m))",
    python="fit.aic, fit.bic, fit.df_resid",
    compute=_compute,
)
