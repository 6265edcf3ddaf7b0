"""The matrices of a fitted model rebuilt for new rows, as prediction needs them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.design.columns import Column, FactorColumn, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.design.frame import check_data, one_number_per_row
from pybootmlm.design.grouping import GroupingFactor, grouping_factor
from pybootmlm.design.matrices import MatrixSpec
from pybootmlm.design.model import ModelDesign
from pybootmlm.formula import Expression, column_names, parse_formula


@dataclass(frozen=True, eq=False)
class RandomRows:
    """
    One random term on new rows.

    Attributes
    ----------
    codes : ndarray of intp, shape (m,)
        Level of the term's grouping factor; -1 where the fit has not seen it, or it is missing.
    Z : ndarray, shape (m, q)
        NaN where a variable is missing.
    """

    codes: NDArray[np.intp]
    Z: NDArray[np.float64]


def fixed_matrix(design: ModelDesign, newdata: pd.DataFrame) -> NDArray[np.float64]:
    """
    Build the fixed-effects matrix of new rows, in the columns of ``design.X``.

    Factors are coded by the levels of the fit, and ``poly()`` and ``scale()`` repeat what they
    learned there; rows with a missing variable are NaN.

    Parameters
    ----------
    design : ModelDesign
    newdata : DataFrame
        Needs the columns of the fixed effects only.

    Returns
    -------
    ndarray, shape (m, p)

    Raises
    ------
    DataError
        For a missing column, or a level that the fit has not seen.

    Examples
    --------
    >>> from pybootmlm.design.model import build_design
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3], "x": [0.0, 1, 0, 2], "g": ["a", "a", "b", "b"]})
    >>> fixed_matrix(build_design("y ~ x + (1 | g)", data), pd.DataFrame({"x": [5.0]}))
    array([[1., 5.]])
    """
    return matrix_of(design, design.fixed_spec, newdata)


def random_matrices(design: ModelDesign, newdata: pd.DataFrame) -> tuple[RandomRows, ...]:
    """
    Build each random term's group codes and matrix for new rows, in the order of the terms.

    Examples
    --------
    >>> from pybootmlm.design.model import build_design
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3], "g": ["a", "a", "b", "b"]})
    >>> design = build_design("y ~ (1 | g)", data)
    >>> random_matrices(design, pd.DataFrame({"g": ["b", "new"]}))[0].codes
    array([ 1, -1])
    """
    codes = []
    for factor in design.factors:
        found = grouping_of(design, factor.name, newdata)
        position = {level: i for i, level in enumerate(factor.levels)}
        known = [position.get(level, -1) for level in found.levels]
        codes.append(np.array([*known, -1], dtype=np.intp)[found.codes])
    return tuple(
        RandomRows(codes[term.factor], matrix_of(design, term.spec, newdata))
        for term in design.terms
    )


def grouping_of(design: ModelDesign, name: str, newdata: pd.DataFrame) -> GroupingFactor:
    """
    Group new rows by a grouping factor of the fit; the levels are those of the new rows.

    Examples
    --------
    >>> from pybootmlm.design.model import build_design
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3], "g": ["a", "a", "b", "b"]})
    >>> design = build_design("y ~ (1 | g)", data)
    >>> grouping_of(design, "g", pd.DataFrame({"g": ["b", "new"]})).levels
    ('b', 'new')
    """
    bars = parse_formula(design.formula).bars
    grouping = next(bar.grouping for bar in bars if bar.grouping.name == name)
    return grouping_factor(grouping, _columns(design, newdata, grouping.variables))


def matrix_of(design: ModelDesign, spec: MatrixSpec, newdata: pd.DataFrame) -> NDArray[np.float64]:
    """
    Build a model matrix of new rows, shape (m, columns), by a specification of the fit's.

    Examples
    --------
    >>> from pybootmlm.design.model import build_design
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3], "x": [0.0, 1, 0, 2], "g": ["a", "a", "b", "b"]})
    >>> design = build_design("y ~ x + (0 + x | g)", data)
    >>> matrix_of(design, design.terms[0].spec, pd.DataFrame({"x": [5.0]}))
    array([[5.]])
    """
    return spec.matrix(_columns(design, newdata, spec.variables), len(newdata))


def formula_offset(design: ModelDesign, newdata: pd.DataFrame) -> NDArray[np.float64]:
    """
    Sum the formula's ``offset()`` terms on new rows, shape (m,); zeros if it has none.

    Examples
    --------
    >>> from pybootmlm.design.model import build_design
    >>> data = pd.DataFrame({"y": [1.0, 2, 4, 3], "x": [0.0, 1, 0, 2], "g": ["a", "a", "b", "b"]})
    >>> formula_offset(build_design("y ~ offset(x) + (1 | g)", data), data)
    array([0., 1., 0., 2.])
    """
    offsets = parse_formula(design.formula).offsets
    columns = _columns(design, newdata, offsets)
    total = np.zeros(len(newdata))
    for expression in offsets:
        total += one_number_per_row(expression, columns[expression])
    return total


def _columns(
    design: ModelDesign, newdata: pd.DataFrame, expressions: Iterable[Expression]
) -> dict[Expression, Column]:
    wanted = tuple(expressions)
    names = tuple(dict.fromkeys(name for e in wanted for name in column_names(e)))
    check_data(newdata, names, "newdata")
    evaluator = Evaluator({name: read_column(newdata[name], name) for name in names}, design.states)
    found: dict[Expression, Column] = {}
    for expression in wanted:
        column = evaluator.column(expression)
        found[expression] = column.without_unused() if isinstance(column, FactorColumn) else column
    return found
