"""The ways to degrees of freedom for fixed effects, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import one_of
from pybootmlm.hypothesis.kenward_roger import kenward_roger
from pybootmlm.hypothesis.restriction import Approximation, FTest
from pybootmlm.hypothesis.satterthwaite import RANK, satterthwaite

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asymptotic:
    """Normal and chi-square tests: infinitely many degrees of freedom.

    Attributes
    ----------
    vcov : (p, p) array
    """

    vcov: Array

    def df(self, contrast: Array) -> float:  # noqa: ARG002 (the same for all)
        """Infinitely many."""
        return np.inf

    def f_test(self, L: Array, difference: Array) -> FTest:
        """Wald's chi-square over its degrees of freedom."""
        values, vectors = np.linalg.eigh(L @ self.vcov @ L.T)
        kept = values > max(RANK * values[-1], 0.0)
        if not kept.any():
            return FTest(np.nan, 0, np.nan)
        squares = (vectors[:, kept].T @ difference) ** 2 / values[kept]
        return FTest(float(np.mean(squares)), int(kept.sum()), np.inf)


METHODS: Mapping[str, Callable[["LmerFit"], Approximation]] = {
    "satterthwaite": satterthwaite,
    "kenward-roger": kenward_roger,
    "asymptotic": lambda fit: Asymptotic(fit.vcov.to_numpy()),
}
# How lmerTest's headings name them.
TITLES = {
    "satterthwaite": "Satterthwaite's",
    "kenward-roger": "Kenward-Roger's",
    "asymptotic": "the asymptotic",
}


def approximation(fit: "LmerFit", ddf: str) -> Approximation:
    """The method called `ddf`, for a fit.

    Raises
    ------
    ArgumentError
        There is no such method.
    ModelError
        The method does not exist for this fit.
    """
    return METHODS[one_of(ddf, "ddf", tuple(METHODS))](fit)
