"""Pools of effects cut in the wrong places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.resampling.scheme import EffectsAndErrors, Responses, fixed_part, unweigh
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CutPlan:
    """The residual bootstrap of a model in which a factor has several terms.

    bootmlm multiplies the numbers of levels, one a factor, by the numbers of coefficients, one a
    term, and where there are more terms than factors R recycles the former. So the effects, all in
    a row, are cut into pools of other sizes, drawn from, and put back in a row.

    Attributes
    ----------
    plan
        The right one.
    pools : tuple of (q, c) arrays
        What is drawn from.
    """

    plan: Any
    pools: tuple[Array, ...]

    @classmethod
    def of(cls, plan: Any) -> "CutPlan":
        """Cut the pools of a plan."""
        row = np.concatenate([pool.ravel(order="F") for pool in plan.effects])
        levels = [len(factor.levels) for factor in plan.fit.design.factors]
        widths = [len(pool) for pool in plan.effects]
        sizes = [J * q for J, q in zip(islice(cycle(levels), len(widths)), widths, strict=True)]
        pieces = np.split(row, np.cumsum(sizes)[:-1])
        return cls(
            plan,
            tuple(piece.reshape(q, -1, order="F") for piece, q in zip(pieces, widths, strict=True)),
        )

    @property
    def effects(self) -> tuple[Array, ...]:
        """What is drawn from."""
        return self.pools

    @property
    def errors(self) -> Array:
        """Errors, which are those of the plan."""
        errors: Array = self.plan.errors
        return errors

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[EffectsAndErrors]:
        """Per replicate: columns of each pool in turn, then rows."""
        n = self.plan.fit.nobs
        sizes = [(pool.shape[1], pool.shape[1]) for pool in self.pools]
        for count in counts:
            *effects, errors = source.indices([*sizes, (n, n)], count)
            yield EffectsAndErrors(tuple(effects), errors)

    def apply(self, draws: EffectsAndErrors) -> Responses:
        """Put the columns drawn in a row, and cut it where the terms are."""
        fit = self.plan.fit
        drawn = [pool[:, index.T] for pool, index in zip(self.pools, draws.effects, strict=True)]
        B = len(draws.errors)
        row = np.concatenate([one.transpose(1, 0, 2).reshape(-1, B) for one in drawn])
        by_factor: list[list[Array]] = [[] for _ in fit.design.factors]
        at = 0
        for term, pool in zip(fit.design.terms, self.plan.effects, strict=True):
            q, J = pool.shape
            by_factor[term.factor].append(row[at : at + q * J].reshape(J, q, B))
            at += q * J
        return Responses(
            fixed_part(fit),
            tuple(np.concatenate(parts, axis=1) for parts in by_factor),
            unweigh(fit, self.plan.errors[draws.errors.T]),
        )
