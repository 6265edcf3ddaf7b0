"""
What a column of data means to a model: numbers, or a factor with R's levels.

Everything downstream sees only these two kinds, whatever dtype pandas had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import DataError
from pybootmlm.formula.numbers import r_text


@dataclass(frozen=True, eq=False)
class NumericColumn:
    """
    Numbers, missing ones as NaN.

    Attributes
    ----------
    values : ndarray, shape (n, k)
        More than one column for ``poly()`` only.
    suffixes : tuple of str, length k
        What R appends to the variable's name for each column.
    whole : ndarray, shape (n,), or None
        The same as integers, where the data held them: as labels of groups they keep all their
        digits, and R writes them without exponent.
    """

    values: NDArray[np.float64]
    suffixes: tuple[str, ...] = ("",)
    whole: NDArray[Any] | None = None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Rows without a value, shape (n,)."""
        return np.asarray(np.isnan(self.values).any(axis=1))

    def rows(self, kept: NDArray[np.intp]) -> "NumericColumn":
        """Return the given rows."""
        whole = None if self.whole is None else self.whole[kept]
        return NumericColumn(self.values[kept], self.suffixes, whole)


@dataclass(frozen=True, eq=False)
class FactorColumn:
    """
    Levels, coded.

    Attributes
    ----------
    codes : ndarray of intp, shape (n,)
        -1 where missing.
    levels : tuple of str
        In R's order.
    ordered, logical : bool
        Whether R would see an ordered factor, or a logical vector.
    """

    codes: NDArray[np.intp]
    levels: tuple[str, ...]
    ordered: bool = False
    logical: bool = False

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Rows without a level, shape (n,)."""
        return self.codes < 0

    def rows(self, kept: NDArray[np.intp]) -> "FactorColumn":
        """Return the given rows; all levels stay."""
        return FactorColumn(self.codes[kept], self.levels, self.ordered, self.logical)

    def without_unused(self) -> "FactorColumn":
        """Drop the levels that no row has; a logical vector keeps both, as in R."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels))
        used = np.flatnonzero(counts)
        if self.logical or len(used) == len(self.levels):
            return self
        renumbered = np.full(len(self.levels) + 1, -1, dtype=np.intp)
        renumbered[used] = np.arange(len(used))
        levels = tuple(self.levels[i] for i in used)
        return FactorColumn(renumbered[self.codes], levels, self.ordered)


Column: TypeAlias = NumericColumn | FactorColumn


def read_column(series: "pd.Series[Any]", name: str) -> Column:
    """
    Read a pandas column as R would: numbers, logical, ordered or unordered factor.

    Examples
    --------
    >>> column = read_column(pd.Series(["b", "a", None]), "g")
    >>> column.levels, column.codes
    (('a', 'b'), array([ 1,  0, -1]))
    """
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels = _category_texts(dtype.categories)
        codes = series.cat.codes.to_numpy().astype(np.intp)
        return FactorColumn(codes, levels, ordered=bool(dtype.ordered))
    if pd.api.types.is_bool_dtype(dtype):
        return _logical(series)
    if pd.api.types.is_complex_dtype(dtype):
        raise DataError(f"column `{name}` holds complex numbers; give real numbers")
    if pd.api.types.is_numeric_dtype(dtype):
        values = _floats(series)[:, None]
        if not pd.api.types.is_integer_dtype(dtype):
            return NumericColumn(values)
        return NumericColumn(values, whole=_integers(series))
    if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
        raise _date_error(name)
    return _read_objects(series, name)


def _read_objects(series: "pd.Series[Any]", name: str) -> Column:
    """Columns of Python objects or text: decided by what they hold."""
    held = pd.api.types.infer_dtype(series, skipna=True)
    if held == "boolean":
        return _logical(series)
    if held in ("integer", "floating", "mixed-integer-float", "decimal"):
        whole = _integers(series) if held == "integer" else None
        return NumericColumn(_floats(series)[:, None], whole=whole)
    if held == "empty":
        return NumericColumn(np.full((len(series), 1), np.nan))
    if held == "string":
        return _sorted_factor(series, str)
    if held in ("date", "datetime", "datetime64", "timedelta", "timedelta64", "time"):
        raise _date_error(name)
    raise DataError(
        f"column `{name}` holds {held} values; expected numbers, text, booleans or categories: "
        "convert it with `astype`"
    )


def _date_error(name: str) -> DataError:
    return DataError(
        f"column `{name}` holds dates or times: convert it to numbers (such as days since the "
        "first) to use it as a predictor, or to text to group by it"
    )


def _floats(series: "pd.Series[Any]") -> NDArray[np.float64]:
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iuf":
        return series.to_numpy().astype(np.float64)
    return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))


def _integers(series: "pd.Series[Any]") -> NDArray[Any]:
    """Whole numbers with all their digits, shape (n,); 0 where missing."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        return series.to_numpy()
    if pd.api.types.is_object_dtype(dtype):
        values = series.to_numpy(dtype=object, copy=True)
        values[series.isna().to_numpy()] = 0
        return values
    target = np.uint64 if str(dtype).lower().startswith("u") else np.int64
    return series.to_numpy(dtype=target, na_value=0)


def _logical(series: "pd.Series[Any]") -> FactorColumn:
    missing = series.isna().to_numpy()
    codes = np.full(len(series), -1, dtype=np.intp)
    codes[~missing] = series[~missing].to_numpy().astype(np.intp)
    return FactorColumn(codes, ("FALSE", "TRUE"), logical=True)


def _sorted_factor(
    values: "pd.Series[Any] | NDArray[Any]", text: Callable[[Any], str]
) -> FactorColumn:
    """Levels sorted by value, then written with `text`; equal texts are one level."""
    found, uniques = pd.factorize(values)
    present: Sequence[Any] = list(uniques)
    order = sorted(range(len(present)), key=lambda i: present[i])
    levels = tuple(dict.fromkeys(text(present[i]) for i in order))
    position = {level: i for i, level in enumerate(levels)}
    renumbered = np.array([*(position[text(value)] for value in present), -1], dtype=np.intp)
    return FactorColumn(renumbered[found], levels)


def _category_texts(categories: "pd.Index[Any]") -> tuple[str, ...]:
    if pd.api.types.is_bool_dtype(categories.dtype):
        return tuple("TRUE" if value else "FALSE" for value in categories)
    if pd.api.types.is_float_dtype(categories.dtype):
        return tuple(r_text(float(value)) for value in categories)
    return tuple(str(value) for value in categories)


def as_factor(column: Column, *, ordered: bool = False) -> FactorColumn:
    """
    Make a factor of a column, as R's ``factor()``: sorted levels in R's text.

    Examples
    --------
    >>> as_factor(NumericColumn(np.array([[2.5], [1.0], [2.5]]))).levels
    ('1', '2.5')
    """
    if isinstance(column, NumericColumn):
        if column.whole is None:
            factor = _sorted_factor(column.values[:, 0], r_text)
        else:
            factor = _sorted_factor(column.whole, str)
            codes = np.where(column.missing, -1, factor.codes)
            factor = FactorColumn(codes, factor.levels).without_unused()
    else:
        factor = FactorColumn(column.codes, column.levels, column.ordered).without_unused()
    return FactorColumn(factor.codes, factor.levels, ordered or factor.ordered)
