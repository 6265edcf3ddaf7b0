"""Estimates, effects and rows at a theta that the case states, against dense algebra."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.probes.structured import with_term
from parity.values import Value


def _compute(fit: Any, inputs: Mapping[str, Any]) -> Value:
    if "term" in inputs:
        fit = with_term(fit, inputs["term"])
    at = fit.at_theta(np.asarray(inputs["at"], dtype=np.float64))
    if inputs["part"] == "effects":
        return Value.of(
            {
                f"{factor}|{level}|{coefficient}": number
                for factor, frame in at.ranef().items()
                for coefficient in frame.columns
                for level, number in frame[coefficient].items()
            }
        )
    if inputs["part"] == "rows":
        return Value.of(np.column_stack([at.fitted, at.hatvalues]))
    names = list(at.fixef.index)
    numbers = {"criterion": float(at.criterion), "sigma": float(at.sigma)}
    numbers |= {f"fixef|{name}": float(b) for name, b in at.fixef.items()}
    vcov = np.asarray(at.vcov)
    for i, row in enumerate(names):
        numbers |= {f"vcov|{row}|{names[j]}": float(vcov[i, j]) for j in range(i + 1)}
    return Value.of(numbers)


PROBE = Probe(
    name="textbook",
    what="estimates at a stated theta, against dense textbook algebra",
    package="independent",
    r="none: dense matrices, V = Z D Z' + W^-1 formed and inverted",
    python="fit.at_theta(theta): criterion, sigma, fixef, vcov, ranef, fitted, hatvalues",
    compute=_compute,
    judge="independent",
    at_own_optimum=True,
)
