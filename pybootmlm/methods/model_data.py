"""The variables and matrices of a fit as frames."""

from typing import TYPE_CHECKING, Any

import pandas as pd
import scipy.sparse as sp

from pybootmlm.checks import flag, one_of
from pybootmlm.design.columns import Column, FactorColumn, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.formula import column_names, label, parse_formula
from pybootmlm.formula.expression import Name
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.lmm.components import random_matrix, raw_matrices

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def model_frame(fit: "LmerFit", fixed_only: bool = False) -> pd.DataFrame:
    """The variables of the model on the rows used, as R's ``model.frame``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    fixed_only : bool
        Leave out what only the random terms use.

    Returns
    -------
    DataFrame (n, k)
        The response first, then every variable of the formula as it enters the model, named as R
        names it (``log(y)``; the columns of ``poly(x, 2)`` are ``poly(x, 2)1`` and so on), then
        ``(weights)`` and ``(offset)`` where `lmer` was given some.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("log(Reaction) ~ Days + (1 | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.model_frame().head(2).round(4)
       log(Reaction)  Days Subject
    0         5.5197   0.0     308
    1         5.5557   1.0     308
    """
    fit = checked_fit(fit)
    design, parsed = fit.design, parse_formula(fit.design.formula)
    wanted = list(dict.fromkeys([*parsed.fixed.variables, *parsed.offsets]))
    if not flag(fixed_only, "fixed_only"):
        for bar in parsed.bars:
            wanted += [*bar.terms.variables, *bar.grouping.variables]
    raw = design.frame
    names = [name for expression in wanted for name in column_names(expression)]
    evaluator = Evaluator(
        {name: read_column(raw[name], name) for name in dict.fromkeys(names)}, design.states
    )
    columns: dict[str, Any] = {design.response: design.y}
    for expression in dict.fromkeys(wanted):
        name = label(expression)
        if any(expression == offset for offset in parsed.offsets):
            name = f"offset({name})"
        column = evaluator.column(expression)
        if isinstance(expression, Name) and not isinstance(column, FactorColumn):
            # As it came: whole numbers stay whole.
            columns[name] = raw[expression.name].to_numpy()
            continue
        columns |= _values(name, column)
    if design.weights is not None:
        columns["(weights)"] = design.weights
    if design.given_offset is not None:
        columns["(offset)"] = design.given_offset
    return pd.DataFrame(columns, index=design.index)


def model_matrix(fit: "LmerFit", type: str = "fixed") -> Any:  # noqa: A002 (R's name)
    """The model matrix, as R's ``model.matrix``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    type : {"fixed", "random", "random_list_raw"}
        X; Z, sparse, with a column for every level and effect; or, for each random term, the matrix
        of what stands left of its bar.

    Returns
    -------
    DataFrame (n, p), csc_array (n, q) or dict of str to DataFrame (n, q_i)

    Raises
    ------
    ArgumentError
        `type` is none of these.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.model_matrix().shape, fit.model_matrix("random").shape
    ((180, 2), (180, 36))
    >>> list(fit.model_matrix("random_list_raw"))
    ['Days | Subject']
    """
    fit = checked_fit(fit)
    one_of(type, "type", ("fixed", "random", "random_list_raw"))
    design = fit.design
    if type == "fixed":
        return pd.DataFrame(design.X, index=design.index, columns=list(fit.labels.fixed))
    if type == "random":
        Z: sp.csc_array = random_matrix(fit)
        return Z
    return raw_matrices(fit)


def _values(name: str, column: Column) -> dict[str, Any]:
    """Columns by name: a Categorical for a factor, booleans for a logical, else numbers."""
    if isinstance(column, FactorColumn):
        if column.logical:
            return {name: column.codes == 1}
        used = column.without_unused()
        return {
            name: pd.Categorical.from_codes(used.codes, pd.Index(list(used.levels)), used.ordered)
        }
    if column.values.shape[1] == 1:
        return {name: column.values[:, 0]}
    return {name + suffix: column.values[:, k] for k, suffix in enumerate(column.suffixes)}
