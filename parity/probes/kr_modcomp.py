"""Kenward and Roger's F test of several contrasts, with its scale."""

from collections.abc import Mapping
from typing import Any

import pybootmlm as bm
from parity.probes.effects import contrasts_of
from parity.probes.probe import Probe
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    test = bm.contest(fit, contrasts_of(fit, inputs), ddf="kenward-roger").frame.iloc[0]
    unscaled = test["Mean Sq"] / fit.sigma**2
    return Value.of(
        {
            "F": test["F value"],
            "NumDF": test["NumDF"],
            "DenDF": test["DenDF"],
            "scale": test["F value"] / unscaled,
            "p": test["Pr(>F)"],
        }
    )


PROBE = Probe(
    name="kr_modcomp",
    what="Kenward and Roger's F test",
    package="pbkrtest",
    r="KRmodcomp(m, L)",
    python='contest(fit, L, ddf="kenward-roger")',
    compute=_compute,
    record="tests",
)
