"""Columns that a model derives from its data, in the arithmetic of formulas.

`DataFrame.eval` would read them too, but it calls methods (``x.to_csv('...')``) and reaches
through ``@`` into the program: a case file could run anything.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.errors import CaseError
from pybootmlm.design.columns import NumericColumn, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.exceptions import PybootmlmError
from pybootmlm.formula.expression import column_names
from pybootmlm.formula.expression_parser import parse_expression


def derived(frame: pd.DataFrame, name: str, expression: str) -> NDArray[np.float64]:
    """Compute a column ``(n,)`` from an expression such as ``"log(x) / 2 + 1"``.

    Raises
    ------
    CaseError
        If it is not arithmetic on numeric columns with the functions that formulas know.

    Examples
    --------
    >>> derived(pd.DataFrame({"x": [1.0, 2.0]}), "y", "x^2 + 1")
    array([2., 5.])
    """
    try:
        tree = parse_expression(expression)
        missing = [column for column in column_names(tree) if column not in frame.columns]
        if missing:
            message = f"the data have no column {', '.join(map(repr, missing))}"
            raise CaseError(message)
        columns = {column: read_column(frame[column], column) for column in column_names(tree)}
        value = Evaluator(columns).column(tree)
    except (PybootmlmError, CaseError) as error:
        message = f"column '{name}' = '{expression}' cannot be derived: {error}"
        raise CaseError(message) from error
    if not isinstance(value, NumericColumn) or value.values.shape[1] != 1:
        message = (
            f"column '{name}' = '{expression}' cannot be derived: it must give one number a row"
        )
        raise CaseError(message)
    return np.array(value.values[:, 0])
