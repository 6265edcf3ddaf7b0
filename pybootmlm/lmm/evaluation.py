"""What an engine returns for a stack of thetas."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """A criterion and its derivatives at B points.

    Attributes
    ----------
    value : (B,) array
    gradient : (B, t) array or None
    hessian : (B, t, t) array or None
    """

    value: Array
    gradient: Array | None = None
    hessian: Array | None = None
