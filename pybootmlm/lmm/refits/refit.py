"""One refit of many, as a statistic sees it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.linalg.read_only import read_only
from pybootmlm.lmm.estimates import Estimates
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.refits.one_factor import Refits

Array = NDArray[np.float64]


class Refit(Estimates):
    """One refit, as a statistic sees it: it answers like a fit.

    Estimates cost next to nothing; what needs the rows (random effects, fitted values, ...) is
    made when it is first asked for.

    Parameters
    ----------
    refits : Refits
        The batch it belongs to.
    position : int
        Which of them it is.
    """

    def __init__(self, refits: Refits, position: int) -> None:
        self.refits = refits
        self.position = position

    @property
    def theta(self) -> Array:
        """Relative covariance parameters (t,)."""
        return read_only(self.refits.theta[self.position])

    @property
    def beta(self) -> Array:
        """Fixed effects (p,)."""
        return read_only(self.refits.beta[self.position])

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return float(self.refits.sigma[self.position])

    @property
    def reml(self) -> bool:
        """Whether the estimates are REML's."""
        return self.refits.reml

    @property
    def predictor_moments(self) -> tuple[Array, tuple[Array, ...]]:
        """Covariance of the rows of X (p, p), and the mean of zz' (q, q) of each term."""
        model = self.refits.model if self.refits.same_rows else self._whole.model
        moments: tuple[Array, tuple[Array, ...]] = model.predictor_moments
        return moments

    @property
    def converged(self) -> bool:
        """Whether the optimiser met its criterion."""
        return bool(self.refits.converged[self.position])

    def __repr__(self) -> str:
        return f"<Refit {self.position} of {self.refits.model.design.formula!r}>"

    def __getattr__(self, name: str) -> Any:
        if name == "solution":
            found: Any = self.refits.solution(self.position)
        elif name == "labels":
            found = self.refits.model.labels
        elif name == "_whole":
            found = self.refits.materialise(self.position, self.solution)
        elif name in _OF_A_FIT:
            found = getattr(self._whole, name)
        else:
            raise AttributeError(f"a refit has no attribute {name!r}")
        self.__dict__[name] = found
        return found


_OF_A_FIT = frozenset(
    name for name in {*vars(LmerFit), *LmerFit.__dataclass_fields__} if not name.startswith("_")
)
