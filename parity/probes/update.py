"""A fit after a change of its call."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.refits_at import one_refit


def _refit(fit: Any, inputs: Mapping[str, Any]) -> Any:
    changes = {name: inputs[name] for name in ("formula", "reml") if name in inputs}
    if "first" in inputs:
        changes["data"] = fit.call.data.head(inputs["first"])
    return fit.update(**changes)


PROBE = Probe(
    name="update",
    what="the fit of a changed call",
    package="lme4",
    r="update(m, formula, data, REML)",
    python="fit.update(formula, data=..., reml=...)",
    compute=one_refit(_refit),
    judge="replicates",
    at_own_optimum=True,
    record="methods",
)
