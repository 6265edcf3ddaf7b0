"""A fit that can be asked at its own optimum only, which is what most libraries offer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.asking import as_value
from parity.errors import NotProvidedError, OwnOptimumError
from parity.values import Value

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OwnOptimum:
    """What a thin adapter knows of one fit.

    Attributes
    ----------
    library
        Whose fit it is, for messages.
    theta
        ``(t,)`` the library's variance parameters as lme4's theta.
    reported
        The criterion that the library reports there.
    quantities
        What the library provides, by the names of parity's probes; called when asked for.
    deviance
        The library's own deviance or REML criterion as a function of theta, if it has one.

    Examples
    --------
    >>> fit = OwnOptimum("mine", np.array([0.5]), 327.3, {"sigma": lambda: 49.5})
    >>> fit.quantity("sigma").numbers
    array([49.5])
    >>> fit.quantity("hatvalues")
    Traceback (most recent call last):
    parity.errors.NotProvidedError: mine does not provide 'hatvalues'
    """

    library: str
    theta: Array
    reported: float
    quantities: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    deviance: Callable[[Array], float] | None = None

    def criterion(self, theta: Array) -> float:
        """Return the library's criterion at a theta."""
        if self.deviance is not None:
            return float(self.deviance(np.asarray(theta, dtype=float)))
        message = f"{self.library} cannot be asked for its criterion at a given theta"
        raise OwnOptimumError(message)

    def quantity(self, name: str, theta: Array | None = None, **inputs: Any) -> Value:
        """Return a quantity at the library's optimum; the criterion at any theta if it can."""
        if name == "optimum":
            parameters = {f"theta{i + 1}": x for i, x in enumerate(self.theta)}
            return Value.of({**parameters, "criterion": self.reported})
        if name == "devfun_lme4":
            return Value.of([self.criterion(point) for point in inputs["points"].numbers])
        if name == "criterion":
            return Value.of(self.reported if theta is None else self.criterion(theta))
        if name not in self.quantities:
            message = f"{self.library} does not provide '{name}'"
            raise NotProvidedError(message)
        if theta is not None:
            message = f"{self.library} cannot be asked for '{name}' at a given theta"
            raise OwnOptimumError(message)
        return as_value(self.quantities[name](), name)
