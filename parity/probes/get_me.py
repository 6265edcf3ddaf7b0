"""Components by their lme4 names: numbers as they are, matrices by forms."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.forms import by_forms
from parity.probes.probe import Probe
from parity.values import Value

_MATRICES = ("X", "Z", "Zt", "A", "Lambda", "Lambdat", "RX")
_LISTS = ("Ztlist", "mmList", "Tlist", "ST")
_VECTORS = (
    "y", "mu", "u", "b", "Gp", "Tp", "Lind", "sigma", "fixef", "beta", "theta", "REML", "is_REML",
    "n_rtrms", "n_rfacs", "N", "n", "p", "q", "p_i", "l_i", "q_i", "k", "m_i", "m", "offset",
)  # fmt: skip
_CMP = ("ldL2", "ldRX2", "wrss", "ussq", "pwrss", "sigmaML", "sigmaREML")
_DIMS = ("N", "n", "p", "nmp", "q", "nth", "useSc", "reTrms", "REML")


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    numbers: dict[str, float] = {}
    for name in _VECTORS:
        found = fit.getME(name)
        values = list(found.values()) if isinstance(found, dict) else found
        # R counts from 1.
        numbers |= by_forms(np.asarray(values, float) + (name == "Lind"), name)
    for name in _MATRICES:
        numbers |= by_forms(fit.getME(name), name)
    for name in _LISTS:
        for k, one in enumerate(fit.getME(name).values()):
            numbers |= by_forms(one, f"{name} {k + 1}")
    L, RZX = fit.getME("L"), np.asarray(fit.getME("RZX"))
    numbers |= by_forms(L @ L.T, "system") | by_forms(RZX.T @ RZX, "RZX'RZX")
    for name, factor in fit.getME("flist").items():
        numbers |= by_forms(factor.cat.codes.to_numpy() + 1.0, str(name))
    numbers |= by_forms(np.asarray(fit.getME("lower")) == 0, "lower")
    parts = fit.getME("devcomp")
    numbers |= {f"cmp {name}": parts["cmp"][name] for name in _CMP}
    numbers |= {f"dims {name}": parts["dims"][name] for name in _DIMS}
    names = (f"cnms {factor} {', '.join(effects)}" for factor, effects in fit.getME("cnms"))
    return Value.of({**numbers, **dict.fromkeys(names, 1)})


PROBE = Probe(
    name="get_me",
    what="components by their lme4 names",
    package="lme4",
    r="getME(m, name)",
    python="fit.getME(name)",
    compute=_compute,
    record="methods",
)
