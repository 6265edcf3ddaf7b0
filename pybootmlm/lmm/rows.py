"""Row quantities that derivatives of the likelihood are made of, in units of the data."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WeightedRows:
    """Rows multiplied by the root of their prior weights.

    Attributes
    ----------
    fit : LmerFit
    """

    fit: LmerFit

    @cached_property
    def eps(self) -> Array:
        """y - offset - X beta (n,)."""
        design = self.fit.design
        mean = design.X @ self.fit.beta
        if design.offset is not None:
            mean = mean + design.offset
        return self.fit.model.coordinates.weigh(design.y - mean)

    @cached_property
    def v_inverse_eps(self) -> Array:
        """V^-1 (y - offset - X beta) (n,): the weighted conditional residuals."""
        return self.fit.model.coordinates.weigh(self.fit.design.y - self.fit.mu)

    @cached_property
    def v_inverse_X(self) -> Array:
        """V^-1 X (n, p)."""
        coordinates = self.fit.model.coordinates
        return self.fit.model.problem.v_inverse(self.fit.theta, coordinates.Q) @ coordinates.R

    def Z(self, factor: int) -> Array:
        """Random-effects columns of a factor at the row's own level (n, q)."""
        design = self.fit.design
        columns = [term.Z for term in design.terms if term.factor == factor]
        return self.fit.model.coordinates.weigh(np.hstack(columns))

    def by_level(self, factor: int, values: Array) -> Array:
        """Z_f' values for each level: (J, q, c) from (n, c)."""
        return level_sums(
            self.Z(factor)[:, :, None] * values[:, None, :],
            self.fit.design.factors[factor].codes,
            len(self.fit.design.factors[factor].levels),
        )


def level_sums(values: Array, codes: NDArray[np.intp], levels: int) -> Array:
    """Sums of `values` (n, ...) over the rows of each level: (J, ...)."""
    flat = values.reshape(len(values), -1)
    out = np.empty((levels, flat.shape[1]))
    for k in range(flat.shape[1]):
        out[:, k] = np.bincount(codes, weights=flat[:, k], minlength=levels)
    return out.reshape((levels, *values.shape[1:]))
