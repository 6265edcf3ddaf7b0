"""A grid of typical rows: every combination of factor levels, covariates at their means."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import numbers, shown
from pybootmlm.design.columns import FactorColumn, read_column
from pybootmlm.design.newdata import matrix_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formula import column_names

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Of a row's part outside the rows of X, relative to the row: more cannot be estimated.
ESTIMABLE = 1e-8


def reference_grid(fit: "LmerFit", at: Mapping[str, Any]) -> pd.DataFrame:
    """All combinations of the values of the columns that the fixed effects use.

    Of a factor every level, of a number the mean over the rows used; or what `at` says.
    """
    frame = fit.design.frame
    names = dict.fromkeys(n for v in fit.design.fixed_spec.variables for n in column_names(v))
    strange = [f"`{name}`" for name in at if name not in names]
    if strange:
        raise ArgumentError(
            f"`at` names {shown(strange)}; the fixed effects use "
            f"{shown([f'`{name}`' for name in names], 20) or 'no column'}."
        )
    values = [_values(frame[name], name, at.get(name)) for name in names]
    cells = pd.DataFrame(list(product(*values)), columns=list(names))
    for name in names:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            cells[name] = cells[name].astype(frame[name].dtype)
        elif not is_factor(frame[name]):
            cells[name] = cells[name].astype(float)
    return cells


def grid_rows(fit: "LmerFit", cells: pd.DataFrame) -> Array:
    """Rows of X for the cells of a grid (m, p); NaN where a cell cannot be estimated."""
    design = fit.design
    rows = matrix_of(design, design.fixed_spec, cells) if len(cells.columns) else _ones(fit)
    if not design.dropped:
        return rows
    whole = replace(design.fixed_spec, kept=None)
    X, every = matrix_of(design, whole, design.frame), matrix_of(design, whole, cells)
    projector = np.linalg.pinv(X) @ X
    outside = np.abs(every - every @ projector).max(axis=1)
    rows[outside > ESTIMABLE * np.abs(every).max()] = np.nan
    return rows


def is_factor(series: "pd.Series[Any]") -> bool:
    """Whether a column is categorical to a model."""
    return isinstance(read_column(series, str(series.name)), FactorColumn)


def _values(series: "pd.Series[Any]", name: str, given: Any) -> list[Any]:
    if not is_factor(series):
        if given is None:
            return [float(series.mean())]
        wanted = np.atleast_1d(numbers(given, "at"))
        if wanted.ndim != 1 or not wanted.size or not np.isfinite(wanted).all():
            raise ArgumentError(f"`at` must give finite numbers for `{name}`; got {given!r}.")
        return [float(value) for value in wanted]
    if isinstance(series.dtype, pd.CategoricalDtype):
        used = list(series.cat.remove_unused_categories().cat.categories)
    else:
        used = sorted(series.unique())
    if given is None:
        return used
    chosen: Sequence[Any] = [given] if isinstance(given, str) or np.ndim(given) == 0 else given
    unknown = [level for level in chosen if level not in used]
    if unknown or not len(chosen):
        raise ArgumentError(
            f"`at` must give levels of `{name}` ({shown(used, 20)}); got {shown(list(chosen))}."
        )
    return list(chosen)


def _ones(fit: "LmerFit") -> Array:
    """The only row of a model without variables."""
    return np.ones((1, fit.beta.size))
