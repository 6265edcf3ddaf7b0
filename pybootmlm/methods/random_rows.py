"""Rows of Z, of the fit or of new data: which level each row belongs to, and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import counted, shown
from pybootmlm.design.model import ModelDesign
from pybootmlm.design.newdata import grouping_of, matrix_of
from pybootmlm.exceptions import DataError
from pybootmlm.methods.re_form import Effects

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RandomRows:
    """Rows of Z for some effects of one grouping factor.

    Attributes
    ----------
    factor : int
        The grouping factor.
    columns : (k,) array of int
        Positions of the effects among all effects of the factor.
    term : int or None
        The term of the fit that they are.
    levels : tuple of str
        Those of the fit, then those that only the new data have.
    codes : (m,) array of int
        The level of each row; -1 where it is missing.
    Z : (m, k) array
        NaN where a variable is missing.
    """

    factor: int
    columns: NDArray[np.intp]
    term: int | None
    levels: tuple[str, ...]
    codes: NDArray[np.intp]
    Z: Array

    def times(self, effects: Array) -> Array:
        """Z b (m,) for b (J, q) of the fit's levels; other levels have b = 0."""
        padded = np.zeros((len(self.levels) + 1, len(self.columns)))
        padded[: len(effects)] = effects[:, self.columns]
        product: Array = np.einsum("mk,mk->m", self.Z, padded[self.codes])
        return product


def random_rows(
    design: ModelDesign,
    effects: Sequence[Effects],
    newdata: pd.DataFrame | None,
    allow_new_levels: bool,
) -> tuple[RandomRows, ...]:
    """Rows of Z for `effects`, of the rows of the fit or of new ones.

    Raises
    ------
    DataError
        A column is missing; or a level is, or is new, and that is not allowed.
    """
    out = []
    for one in effects:
        factor = design.factors[one.factor]
        if newdata is None:
            terms = [term.Z for term in design.terms if term.factor == one.factor]
            Z = np.hstack(terms)[:, one.columns]
            out.append(
                RandomRows(one.factor, one.columns, one.term, factor.levels, factor.codes, Z)
            )
            continue
        found = grouping_of(design, factor.name, newdata)
        position = {level: i for i, level in enumerate(factor.levels)}
        # New levels in order of appearance, as lme4 draws effects for them.
        first = {found.levels[code]: None for code in pd.unique(found.codes) if code >= 0}
        new = [level for level in first if level not in position]
        position |= {level: len(factor.levels) + i for i, level in enumerate(new)}
        recode = np.array([*(position[level] for level in found.levels), -1], dtype=np.intp)
        codes = recode[found.codes]
        if not allow_new_levels:
            _check_levels(factor.name, new, int((codes < 0).sum()))
        Z = matrix_of(design, one.spec, newdata)
        levels = (*factor.levels, *new)
        out.append(RandomRows(one.factor, one.columns, one.term, levels, codes, Z))
    return tuple(out)


def _check_levels(name: str, new: list[str], missing: int) -> None:
    if new:
        raise DataError(
            f"`newdata` has levels of `{name}` that the fit has not seen: {shown(new)}. With "
            "allow_new_levels=True their random effects are taken to be zero, their expectation."
        )
    if missing:
        raise DataError(
            f"the grouping factor `{name}` is missing in {counted(missing, 'row')} of `newdata`. "
            "With allow_new_levels=True the random effects of such rows are taken to be zero."
        )
