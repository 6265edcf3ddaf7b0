"""The residual bootstrap: reflated effects and errors, resampled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.fit import LmerFit
from pybootmlm.resampling.reflation import reflated_effects, reflated_errors
from pybootmlm.resampling.scheme import (
    EffectsAndErrors,
    Responses,
    fixed_part,
    resampled_effects,
    unweigh,
)
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Residual:
    """Levels of each term, and rows, drawn with replacement from reflated residuals.

    References
    ----------
    Van der Leeden, R., Meijer, E. and Busing, F. M. T. A. (2008). Resampling multilevel models. In
    Handbook of Multilevel Analysis, Springer, pp. 413-415; bootmlm 0.1.1, ``type = "residual"``.
    """

    name = "residual"

    def plan(self, fit: LmerFit) -> "PoolPlan":
        """Prepare for a fit."""
        return PoolPlan(fit, reflated_effects(fit), reflated_errors(fit))


@dataclass(frozen=True)
class PoolPlan:
    """Effects and errors to be drawn from.

    Attributes
    ----------
    fit : LmerFit
    effects : tuple of (q, J) arrays
        Pool of each random-effects term.
    errors : (n,) array
        Pool of weighted errors.
    """

    fit: LmerFit
    effects: tuple[Array, ...]
    errors: Array

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[EffectsAndErrors]:
        """Per replicate: levels for each term in turn, then rows."""
        sizes = [(pool.shape[1], pool.shape[1]) for pool in self.effects]
        for count in counts:
            *effects, errors = source.indices([*sizes, (self.fit.nobs, self.fit.nobs)], count)
            yield EffectsAndErrors(tuple(effects), errors)

    def apply(self, draws: EffectsAndErrors) -> Responses:
        """Responses from the levels and rows drawn."""
        return Responses(
            fixed_part(self.fit),
            resampled_effects(self.fit, self.effects, draws.effects),
            unweigh(self.fit, self.drawn_errors(draws.errors.T)),
        )

    def drawn_errors(self, rows: Indices) -> Array:
        """Errors (n, B) of the rows drawn (n, B)."""
        return self.errors[rows]
