"""What a case asks about fixed effects, as our functions take it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def ddf_of(inputs: Mapping[str, Any]) -> str:
    """Return our name of the degrees of freedom that lmerTest calls ``Satterthwaite``, ..."""
    return str(inputs["ddf"]).lower()


def contrasts_of(fit: Any, inputs: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the contrasts ``(m, p)``, which a case holds one after the other."""
    return np.reshape(np.asarray(inputs["L"], dtype=float), (-1, fit.beta.size))
