"""Grouping factors: which group each row belongs to, with lme4's names and order of levels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.design.columns import Column, FactorColumn, as_factor
from pybootmlm.exceptions import DataError
from pybootmlm.formula import Expression, Grouping, label
from pybootmlm.linalg.read_only import read_only


@dataclass(frozen=True, eq=False)
class GroupingFactor:
    """
    A grouping factor of the model.

    Attributes
    ----------
    name : str
        As lme4 prints it: ``"Batch"``, ``"cask:batch"``.
    codes : ndarray of intp, shape (n,)
        The level of each row, from 0; -1 on new data for a level not seen in the fit.
    levels : tuple of str
        The levels that occur, in R's order.
    """

    name: str
    codes: NDArray[np.intp]
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", read_only(self.codes))


def grouping_factor(grouping: Grouping, columns: Mapping[Expression, Column]) -> GroupingFactor:
    """
    Cross the variables of a grouping; the first varies slowest over the levels.

    Examples
    --------
    >>> from pybootmlm.formula import parse_formula
    >>> grouping = parse_formula("y ~ (1 | a:b)").bars[0].grouping
    >>> a = FactorColumn(np.array([1, 0, 1]), ("p", "q"))
    >>> b = FactorColumn(np.array([0, 0, 1]), ("u", "v"))
    >>> factor = grouping_factor(grouping, dict(zip(grouping.variables, (a, b))))
    >>> factor.levels, factor.codes
    (('p:u', 'q:u', 'q:v'), array([1, 0, 2]))
    """
    crossed: FactorColumn | None = None
    for variable in grouping.variables:
        column = columns[variable]
        if not isinstance(column, FactorColumn) and column.values.shape[1] > 1:
            raise DataError(f"`{label(variable)}` has several columns and cannot define groups")
        one = as_factor(column)
        crossed = one if crossed is None else _crossed(crossed, one)
    assert crossed is not None
    return GroupingFactor(grouping.name, crossed.codes, crossed.levels)


def _crossed(slow: FactorColumn, fast: FactorColumn) -> FactorColumn:
    """Levels ``slow:fast`` that occur, ordered by the first factor, then by the second."""
    width = len(fast.levels)
    pairs = slow.codes.astype(np.int64) * width + fast.codes
    pairs[slow.missing | fast.missing] = -1
    found, distinct = pd.factorize(pairs, sort=True)
    levels = [f"{slow.levels[k // width]}:{fast.levels[k % width]}" for k in distinct if k >= 0]
    # Missing pairs, if any, sort first.
    return FactorColumn(found.astype(np.intp) - (len(distinct) - len(levels)), tuple(levels))
