"""The log-likelihood with its counts, and both criteria at one theta."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of(
        {
            "logLik": fit.log_lik(),
            "df": fit.n_parameters,
            "nobs": fit.nobs,
            "ML": fit.log_lik(reml=False),
            "AIC": fit.aic,
            "BIC": fit.bic,
            "df.residual": fit.df_residual,
        }
    )


PROBE = Probe(
    name="log_lik",
    what="log-likelihood with its degrees of freedom, AIC and BIC",
    package="lme4",
    r="logLik(m), AIC(m), BIC(m), df.residual(m)",
    python="fit.log_lik(), fit.n_parameters, fit.aic, fit.bic, fit.df_residual",
    compute=_compute,
    record="methods",
)
