"""Where each of lme4's optimisers ends, against the lowest point of ours and SciPy's."""

from collections.abc import Mapping
from typing import Any

from parity.probes.probe import Probe
from parity.probes.refits_at import refits
from parity.values import Value

_OF_LME4 = (
    "bobyqa",
    "Nelder_Mead",
    "nlminbwrap",
    "nloptwrap.NLOPT_LN_NELDERMEAD",
    "nloptwrap.NLOPT_LN_BOBYQA",
)
# With and without the gradient; trust-constr takes a hundred times as long as these.
_OF_SCIPY = ("L-BFGS-B", "SLSQP", "Nelder-Mead")


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    lowest = fit
    if "at" not in inputs:
        found = fit.all_fit(_OF_SCIPY)
        lowest = found.fits[found.runs["criterion"].idxmin()]
    return refits([lowest] * len(_OF_LME4), inputs, _OF_LME4)


PROBE = Probe(
    name="all_fit",
    what="where each optimiser ends",
    package="lme4",
    r="allFit(m)",
    python="fit.all_fit()",
    compute=_compute,
    judge="replicates",
    at_own_optimum=True,
    record="methods",
)
