"""Principal components of the random effects; columns of a rotation have a sign by chance."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parity.probes.probe import Probe
from parity.values import Value

_NONE = 1e-6  # a component without variance has no direction


def _compute(fit: Any, _inputs: Mapping[str, Any]) -> Value:
    numbers: dict[str, float] = {}
    for factor, one in fit.re_pca().items():
        numbers |= {f"{factor}|sdev|{k + 1}": x for k, x in enumerate(one.sdev)}
        turn = np.abs(one.rotation[:, one.sdev > _NONE])
        numbers |= {f"{factor}|rotation|{i + 1}|{j + 1}": x for (i, j), x in np.ndenumerate(turn)}
    return Value.of(numbers)


PROBE = Probe(
    name="re_pca",
    what="principal components of the random effects",
    package="lme4",
    r="rePCA(m)",
    python="fit.re_pca()",
    compute=_compute,
    record="methods",
)
