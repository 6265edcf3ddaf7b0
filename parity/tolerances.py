"""Named tolerances, each with its reason."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.errors import CaseError
from parity.paths import parity_folder

_SCALES = ("element", "column", "value")


@dataclass(frozen=True)
class Tolerance:
    """How near is near enough, and why.

    Attributes
    ----------
    scale
        What `relative` is relative to: the element, its column's largest magnitude, or
        the whole value's.
    criterion
        How much higher than R's our criterion may be, where an optimum is judged.
    chain
        Bound of the links of a proof by recomputation, relative to the column.
    """

    name: str
    tier: str
    absolute: float
    relative: float
    scale: str
    reason: str
    criterion: float = 0.0
    chain: float = 0.0

    def __post_init__(self) -> None:
        if self.scale not in _SCALES:
            message = f"tolerance '{self.name}': `scale` must be one of {_SCALES}"
            raise CaseError(message)
        if not self.reason.strip():
            message = f"tolerance '{self.name}' has no reason; write down why it is enough"
            raise CaseError(message)

    def allowed(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the allowed difference of each element of `expected`, same shape."""
        size = np.where(np.isfinite(expected), np.abs(expected), 0.0)
        if self.scale == "column":
            size = np.broadcast_to(size.max(axis=0, keepdims=True, initial=0.0), size.shape)
        elif self.scale == "value":
            size = np.full_like(size, size.max(initial=0.0))
        return np.asarray(self.absolute + self.relative * size, dtype=np.float64)


def load_tolerances() -> Mapping[str, Tolerance]:
    """Read ``tables/tolerances.toml``."""
    text = (parity_folder() / "tables" / "tolerances.toml").read_text("utf-8")
    return {name: Tolerance(name=name, **table) for name, table in tomllib.loads(text).items()}
