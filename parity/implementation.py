"""What parity asks of a Python implementation: three verbs, whoever wrote it."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.values import Value


class Fitted(Protocol):
    """A model, fitted by the implementation under test."""

    @property
    def theta(self) -> NDArray[np.float64]:
        """Estimate ``(t,)``, lower triangles of Lambda's blocks, column by column."""
        ...

    def criterion(self, theta: NDArray[np.float64]) -> float:
        """Return the deviance (ML) or REML criterion at a theta."""
        ...

    def quantity(self, name: str, theta: NDArray[np.float64] | None = None, **inputs: Any) -> Value:
        """Return a named quantity, at `theta` if one is given, else at its own optimum.

        Raises
        ------
        NotProvidedError
            If the implementation does not have the quantity.
        """
        ...


class Implementation(Protocol):
    """The library under test."""

    name: str

    def versions(self) -> Mapping[str, str]:
        """Return the version of the library and of what it stands on."""
        ...

    def fit(self, model: Model, data: pd.DataFrame) -> Fitted:
        """Fit a model to a data frame."""
        ...

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Return a quantity of numbers alone, without a model."""
        ...
