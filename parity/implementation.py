"""What parity asks of a Python implementation, whoever wrote it.

An implementation is an object with a name and three verbs. `fit` gives a `Fitted`, which has a
theta and two verbs of its own. That is all: who has them can be compared with lme4 on every
case of this project (``parity run --implementation module:factory``), and is judged by the same
rules as pybootmlm.

- **A quantity that is not there** is said by raising `NotProvidedError`; the report shows it as
  not run. Nothing is filled in from elsewhere.
- **A fit that can only be asked at its own optimum** raises `OwnOptimumError` when it is given
  another theta. Then lme4 is put at its theta instead (live R), or the two are compared at two
  optima, as exactly as optima are known (recorded answers).
- **Theta is lme4's**: relative covariance factors, the lower triangle of each random term's
  block, column by column, terms in lme4's order (factors with more levels first).
- **Names are lme4's**, because values are compared by name: ``(Intercept)``, ``recipeB``, and
  for effects ``factor|level|coefficient``. `parity list` shows the cases, `parity.probes` what
  each quantity is.

`parity.implementations.OwnOptimum` is a ready `Fitted` for the second kind.
"""

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
        """Return the deviance (ML) or REML criterion at a theta.

        Raises
        ------
        NotProvidedError
            If the implementation cannot evaluate it away from its own optimum.
        """
        ...

    def quantity(self, name: str, theta: NDArray[np.float64] | None = None, **inputs: Any) -> Value:
        """Return a named quantity, at `theta` if one is given, else at its own optimum.

        A number, sequence, array, Series or DataFrame does as well as a `Value`.

        Raises
        ------
        NotProvidedError
            If the implementation does not have the quantity.
        OwnOptimumError
            If it has it, but not at a theta that it is given.
        """
        ...


class Implementation(Protocol):
    """The library under test."""

    name: str

    def versions(self) -> Mapping[str, str]:
        """Return the version of the library and of what it stands on."""
        ...

    def fit(self, model: Model, data: pd.DataFrame) -> Fitted:
        """Fit a model to a data frame.

        Raises
        ------
        NotProvidedError
            If the implementation does not claim to fit such a model. Any other error is
            the fit's failure, and is reported as that.
        """
        ...

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Return a quantity of numbers alone, without a model."""
        ...
