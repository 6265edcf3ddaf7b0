"""Numbers of rows and of levels, and the flag of a singular fit."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    return Value.of({"nobs": fit.nobs, **dict(fit.ngrps), "singular": fit.is_singular()})


PROBE = Probe(
    name="shape",
    what="numbers of rows and of levels, and the flag of a singular fit",
    package="lme4",
    r="c(nobs(m), ngrps(m), isSingular(m))",
    python="fit.nobs, fit.ngrps, fit.is_singular()",
    compute=_compute,
)
