"""The fixed part of rows: X, and what is known of the mean."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.design.frame import check_data
from pybootmlm.design.newdata import fixed_matrix, formula_offset
from pybootmlm.design.row_values import RowValues, read_row_values
from pybootmlm.exceptions import ArgumentError

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def fixed_rows(
    fit: "LmerFit", newdata: pd.DataFrame | None, offset: RowValues
) -> tuple[Array, Array]:
    """X (m, p) and the offset (m,), of the rows of the fit or of new ones.

    Raises
    ------
    DataError
        A column is missing, or a level of a fixed effect is new.
    ArgumentError
        The fit has an offset that is not known for the new rows.
    """
    design = fit.design
    if newdata is None:
        if offset is not None:
            raise ArgumentError("`offset` is for new rows: give it together with `newdata`.")
        known = np.zeros(fit.nobs) if design.offset is None else design.offset
        return design.X, known
    check_data(newdata, (), "newdata")
    total = formula_offset(design, newdata)
    if offset is None and design.given_offset is not None:
        offset = design.offset_column
        if offset is None or offset not in newdata.columns:
            raise ArgumentError(
                "This model was fitted with an offset"
                + (f" (column `{offset}`)" if offset else "")
                + " that `newdata` does not have: give `offset` for the new rows (0 for none)."
            )
    extra = per_row(offset, newdata, "offset")
    return fixed_matrix(design, newdata), total if extra is None else total + extra


def weights_of_rows(
    fit: "LmerFit", newdata: pd.DataFrame | None, weights: RowValues
) -> Array | None:
    """Prior weights of the rows of the fit or of new ones; None where all are one.

    Raises
    ------
    ArgumentError
        The fit has weights that are not known for the new rows, or they are not positive.
    """
    design = fit.design
    if newdata is None:
        if weights is not None:
            raise ArgumentError("`weights` is for new rows: give it together with `newdata`.")
        return design.weights
    if weights is None and design.weights is not None:
        weights = design.weights_column
        if weights is None or weights not in newdata.columns:
            raise ArgumentError(
                "This model was fitted with prior weights"
                + (f" (column `{weights}`)" if weights else "")
                + " that `newdata` does not have: give `weights` for the new rows (1 for rows "
                "whose variance is sigma^2)."
            )
    found = per_row(weights, newdata, "weights")
    if found is not None and not (found > 0).all():
        raise ArgumentError("`weights` must be positive numbers in every new row.")
    return found


def per_row(values: RowValues, newdata: pd.DataFrame, argument: str) -> Array | None:
    """One number a row of new data; a single number counts for all."""
    if values is not None and not isinstance(values, str) and np.ndim(values) == 0:
        values = np.full(len(newdata), values)
    return read_row_values(values, newdata, argument)
