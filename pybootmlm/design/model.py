"""A formula and a data frame made into the arrays that a fit needs."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import shown
from pybootmlm.design.columns import FactorColumn
from pybootmlm.design.frame import ModelFrame, model_frame
from pybootmlm.design.grouping import GroupingFactor
from pybootmlm.design.identifiability import DesignChecks, check_identifiable
from pybootmlm.design.magnitudes import check_predictors
from pybootmlm.design.matrices import MatrixSpec, matrix_spec
from pybootmlm.design.random_terms import RandomTerm, random_terms
from pybootmlm.design.row_values import RowValues
from pybootmlm.design.transforms import State
from pybootmlm.exceptions import ArgumentError, RankDeficiencyWarning
from pybootmlm.formula import ModelFormula, label, parse_formula
from pybootmlm.linalg.rank import independent_columns
from pybootmlm.linalg.read_only import read_only


@dataclass(frozen=True, eq=False)
class ModelDesign:
    """
    The arrays of a linear mixed model; `n` rows are used.

    Attributes
    ----------
    formula : str
        As given, runs of blanks made one.
    response : str
        Text of the response, ``"log(y)"``.
    y : ndarray, shape (n,)
        The offset is not subtracted.
    X : ndarray, shape (n, p)
        Fixed-effects model matrix, full column rank, not weighted.
    fixed_names : tuple of str, length p
    dropped : tuple of str
        Columns left out because they depend on those before them.
    terms : tuple of RandomTerm
        In lme4's order.
    factors : tuple of GroupingFactor
        In the order of first use by `terms`.
    weights, offset : ndarray of shape (n,) or None
    given_offset : ndarray of shape (n,) or None
        The part of `offset` that is not in the formula.
    weights_column, offset_column : str or None
        The columns that these were read from, where they were given by name.
    index, data_index : Index
        Labels of the rows used, and of all rows.
    n_total : int
        Rows of the data.
    kept : ndarray of intp, shape (n,)
        Positions of the rows used.
    na_action : str
        ``"omit"`` or ``"exclude"``.
    frame : DataFrame
        The data columns that the model reads, rows used.
    fixed_formula : str
        The formula without its random terms.
    fixed_spec : MatrixSpec
        How `X` was built, for new data.
    states : mapping of str to tuple of float
        What ``poly()`` and ``scale()`` learned, by label.
    """

    formula: str
    response: str
    y: NDArray[np.float64]
    X: NDArray[np.float64]
    fixed_names: tuple[str, ...]
    dropped: tuple[str, ...]
    terms: tuple[RandomTerm, ...]
    factors: tuple[GroupingFactor, ...]
    weights: NDArray[np.float64] | None
    offset: NDArray[np.float64] | None
    index: "pd.Index[Any]"
    data_index: "pd.Index[Any]"
    n_total: int
    kept: NDArray[np.intp]
    na_action: str
    frame: pd.DataFrame
    fixed_formula: str
    fixed_spec: MatrixSpec
    states: Mapping[str, State]
    given_offset: NDArray[np.float64] | None = None
    weights_column: str | None = None
    offset_column: str | None = None

    def __post_init__(self) -> None:
        # Fits share these arrays and statistics reach them: to centre y in place would change
        # the fit under the bootstrap.
        for name in ("y", "X", "weights", "offset", "given_offset", "kept"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, read_only(values))


def build_design(
    formula: str,
    data: pd.DataFrame,
    *,
    weights: RowValues = None,
    offset: RowValues = None,
    contrasts: Mapping[str, Any] | None = None,
    na_action: str = "omit",
    control: DesignChecks | None = None,
    states: Mapping[str, State] | None = None,
) -> ModelDesign:
    """
    Read a formula and build its arrays from data.

    Parameters
    ----------
    formula : str
        An lme4 formula, ``"y ~ x + (x | g)"``.
    data : DataFrame
        Text and boolean columns are factors; a Categorical keeps its order of levels.
    weights, offset : str or array_like, optional
        One number per row: the name of a column, an array, or a Series with `data`'s index.
        The offset adds to the formula's ``offset()`` terms.
    contrasts : mapping of str to str, array_like or DataFrame, optional
        By variable: ``"contr.treatment"``, ``"contr.sum"``, ``"contr.helmert"``,
        ``"contr.poly"``, or a matrix of shape (levels, levels - 1). Fixed effects only.
    na_action : {"omit", "exclude", "fail"}
        What to do with rows that have missing values.
    control : DesignChecks, optional
        Which models to refuse.
    states : mapping of str to tuple of float, optional
        What ``poly()`` and ``scale()`` learned elsewhere, by label.

    Returns
    -------
    ModelDesign

    Raises
    ------
    FormulaError, DataError, ModelError, ArgumentError

    Warns
    -----
    RankDeficiencyWarning
        If columns of `X` are dropped.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "g": ["a", "a", "b", "b"]})
    >>> design = build_design("y ~ (1 | g)", data)
    >>> design.fixed_names, design.factors[0].levels
    (('(Intercept)',), ('a', 'b'))
    """
    parsed = parse_formula(formula)
    frame = model_frame(parsed, data, weights, offset, na_action, states)
    n = len(frame.y)
    terms, factors = random_terms(parsed.bars, frame.columns, n)
    for term in terms:
        check_predictors(term.Z, term.names)
    check_identifiable(frame.y, terms, factors, control or DesignChecks())
    X, spec, dropped = _fixed_matrix(parsed, frame, contrasts)
    return ModelDesign(
        formula=parsed.text,
        response=label(parsed.response),
        y=frame.y,
        X=X,
        fixed_names=spec.kept_names,
        dropped=dropped,
        terms=terms,
        factors=factors,
        weights=frame.weights,
        offset=frame.offset,
        index=frame.raw.index,
        data_index=data.index,
        n_total=frame.n_total,
        kept=frame.kept,
        na_action="exclude" if na_action == "exclude" else "omit",
        frame=frame.raw,
        fixed_formula=parsed.fixed_text,
        fixed_spec=spec,
        states=frame.states,
        given_offset=frame.given_offset,
        weights_column=weights if isinstance(weights, str) else None,
        offset_column=offset if isinstance(offset, str) else None,
    )


def _fixed_matrix(
    parsed: ModelFormula, frame: ModelFrame, contrasts: Mapping[str, Any] | None
) -> tuple[NDArray[np.float64], MatrixSpec, tuple[str, ...]]:
    """`X` thinned to full rank, its specification, and the names of what was dropped."""
    _check_contrasts(parsed, frame, contrasts)
    spec = matrix_spec(parsed.fixed, frame.columns, contrasts)
    X = spec.matrix(frame.columns, len(frame.y))
    check_predictors(X, spec.names)
    kept = independent_columns(X)
    if len(kept) == X.shape[1]:
        return X, spec, ()
    dropped = tuple(name for i, name in enumerate(spec.names) if i not in set(kept.tolist()))
    warnings.warn(
        f"the fixed-effects model matrix has {X.shape[1]} columns but rank {len(kept)}: dropped "
        f"{len(dropped)} that depend on the others ({', '.join(dropped)})",
        RankDeficiencyWarning,
        stacklevel=3,
    )
    return np.ascontiguousarray(X[:, kept]), replace(spec, kept=tuple(kept.tolist())), dropped


def _check_contrasts(parsed: ModelFormula, frame: ModelFrame, contrasts: Any) -> None:
    """Refuse contrasts for anything but a categorical variable of the fixed effects."""
    if contrasts is None:
        return
    if not isinstance(contrasts, Mapping):
        raise ArgumentError(
            "`contrasts` must be a dict such as {'recipe': 'contr.sum'}; "
            f"got {type(contrasts).__name__}"
        )
    categorical = [
        label(variable)
        for variable in parsed.fixed.variables
        if isinstance(frame.columns[variable], FactorColumn)
    ]
    unknown = [name for name in contrasts if name not in categorical]
    if unknown:
        raise ArgumentError(
            f"`contrasts` names {shown(unknown)}; the categorical variables of the fixed effects "
            f"are {shown(categorical, 20) or 'none'}"
        )
