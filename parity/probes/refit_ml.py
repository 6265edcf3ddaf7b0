"""The same model by maximum likelihood."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.refits_at import one_refit


def _refit(fit: Any, _inputs: Mapping[str, Any]) -> Any:
    return fit.refit_ml()


PROBE = Probe(
    name="refit_ml",
    what="the refit by maximum likelihood",
    package="lme4",
    r="refitML(m)",
    python="fit.refit_ml()",
    compute=one_refit(_refit),
    judge="replicates",
    at_own_optimum=True,
    record="methods",
)
