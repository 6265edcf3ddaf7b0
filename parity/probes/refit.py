"""A refit to another response: the old one and a wave over the rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.probes.refits_at import one_refit


def _refit(fit: Any, inputs: Mapping[str, Any]) -> Any:
    y = fit.getME("y")
    return fit.refit(y + inputs["wave"] * y.std(ddof=1) * np.sin(np.arange(1.0, len(y) + 1)))


PROBE = Probe(
    name="refit",
    what="the refit to another response",
    package="lme4",
    r="refit(m, y)",
    python="fit.refit(y)",
    compute=one_refit(_refit),
    judge="replicates",
    at_own_optimum=True,
    record="methods",
)
