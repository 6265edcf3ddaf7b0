"""Weights and offset: one number per row, given as a column's name, an array or a Series."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import shown
from pybootmlm.design.columns import NumericColumn, read_column
from pybootmlm.exceptions import DataError

RowValues: TypeAlias = "str | ArrayLike | pd.Series[Any] | None"


def read_row_values(
    values: RowValues, data: pd.DataFrame, argument: str
) -> NDArray[np.float64] | None:
    """
    Read an argument that has one number for each row of `data`.

    A Series is matched by its labels, which must be those of `data` in the same order.

    Examples
    --------
    >>> read_row_values([1, 2], pd.DataFrame({"y": [5.0, 6.0]}), "weights")
    array([1., 2.])
    """
    if values is None:
        return None
    if isinstance(values, str):
        if list(data.columns).count(values) != 1:
            raise DataError(
                f"`{argument}` names the column `{values}`, which `data` does not have once; "
                f"its columns are {shown(list(data.columns), 20)}"
            )
        values = data[values]
    elif np.ndim(values) != 1 or len(np.asarray(values)) != len(data):
        raise DataError(
            f"`{argument}` must have one number for each of the {len(data)} rows of `data`; "
            f"got shape {np.shape(values)}"
        )
    elif isinstance(values, pd.Series) and not values.index.equals(data.index):
        raise DataError(
            f"the index of `{argument}` differs from that of `data`: align them, or give an array "
            "in the order of the rows"
        )
    column = read_column(pd.Series(values), argument)
    if not isinstance(column, NumericColumn):
        raise DataError(f"`{argument}` must be numeric; it holds other values")
    return column.values[:, 0]
