"""How a factor becomes columns: R's contrast matrices, with R's column names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import counted, one_of
from pybootmlm.design.columns import FactorColumn
from pybootmlm.design.transforms import orthogonal_polynomials
from pybootmlm.exceptions import ArgumentError, ModelError


@dataclass(frozen=True, eq=False)
class Coding:
    """
    The columns that stand for a factor.

    Attributes
    ----------
    levels : tuple of str, length L
    matrix : ndarray, shape (L, k)
        Row i is what an observation of level i contributes.
    suffixes : tuple of str, length k
        What R appends to the variable's name for each column.
    """

    levels: tuple[str, ...]
    matrix: NDArray[np.float64]
    suffixes: tuple[str, ...]


def treatment(levels: tuple[str, ...]) -> Coding:
    """Difference of each level from the first (``contr.treatment``)."""
    return Coding(levels, np.eye(len(levels))[:, 1:], levels[1:])


def deviation(levels: tuple[str, ...]) -> Coding:
    """Deviation of each level but the last from the mean (``contr.sum``)."""
    k = len(levels) - 1
    matrix = np.vstack([np.eye(k), -np.ones(k)])
    return Coding(levels, matrix, tuple(str(i + 1) for i in range(k)))


def helmert(levels: tuple[str, ...]) -> Coding:
    """Deviation of each level from the mean of those before it (``contr.helmert``)."""
    k = len(levels) - 1
    matrix = np.triu(-np.ones((k + 1, k)))
    matrix[np.arange(1, k + 1), np.arange(k)] = np.arange(1, k + 1)
    return Coding(levels, matrix, tuple(str(i + 1) for i in range(k)))


def polynomial(levels: tuple[str, ...]) -> Coding:
    """Orthonormal polynomials over equally spaced levels (``contr.poly``)."""
    k = len(levels) - 1
    matrix, _ = orthogonal_polynomials(np.arange(1.0, k + 2.0), k)
    suffixes = (".L", ".Q", ".C", *(f"^{i}" for i in range(4, k + 1)))[:k]
    return Coding(levels, matrix, suffixes)


def indicators(levels: tuple[str, ...]) -> Coding:
    """One column for each level: R's coding where no contrast applies."""
    return Coding(levels, np.eye(len(levels)), levels)


CONTRASTS: dict[str, Callable[[tuple[str, ...]], Coding]] = {
    "contr.treatment": treatment,
    "contr.sum": deviation,
    "contr.helmert": helmert,
    "contr.poly": polynomial,
}


def contrast_coding(name: str, factor: FactorColumn, choice: Any = None) -> Coding:
    """
    Choose the contrasts of one factor: as asked for, else R's default.

    Parameters
    ----------
    name : str
        The variable, for messages.
    factor : FactorColumn
    choice : str, array_like or DataFrame, optional
        A name in `CONTRASTS`, or a matrix of shape (levels, levels - 1); a DataFrame gives
        the column names, an array has them numbered from 1.

    Examples
    --------
    >>> factor = FactorColumn(np.array([0, 1, 2]), ("low", "mid", "high"), ordered=True)
    >>> contrast_coding("dose", factor).suffixes
    ('.L', '.Q')
    """
    levels = factor.levels
    if len(levels) < 2:
        raise ModelError(
            f"`{name}` has only {counted(len(levels), 'level')} in the rows used, so it has no "
            "contrasts: leave it out of the formula"
        )
    if choice is None:
        return polynomial(levels) if factor.ordered else treatment(levels)
    if isinstance(choice, str):
        kind = one_of(choice, f"contrasts[{name!r}]", tuple(CONTRASTS))
        return CONTRASTS[kind](levels)
    return _given(name, levels, choice)


def _given(name: str, levels: tuple[str, ...], choice: Any) -> Coding:
    frame = choice if isinstance(choice, pd.DataFrame) else None
    expected = (len(levels), len(levels) - 1)
    try:
        matrix = np.asarray(choice, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"`contrasts[{name!r}]` must be one of {', '.join(CONTRASTS)}, or a matrix of "
            f"numbers of shape {expected}; got {choice!r}"
        ) from None
    if matrix.shape != expected or not np.isfinite(matrix).all():
        raise ArgumentError(
            f"`contrasts[{name!r}]` must be a finite matrix of shape {expected}, a row for each "
            f"of {', '.join(levels)}; got shape {matrix.shape}"
        )
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(levels)), matrix])) < len(levels):
        raise ArgumentError(
            f"`contrasts[{name!r}]` is singular: its columns and a constant must be independent"
        )
    labels = range(1, len(levels)) if frame is None else frame.columns
    return Coding(levels, matrix, tuple(str(text) for text in labels))
