"""Data frames as plain columns, each with its kind, the way R and a digest see them."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd

from parity.errors import CaseError

# What a column can hold that is neither all numbers nor all texts.
_MIXED = ("mixed", "mixed-integer", "complex")


def columns_for_r(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Write every column as R needs it: kind, values, levels, positions of NA from 1.

    Raises
    ------
    CaseError
        If a name occurs twice, or a column has no counterpart in R.
    """
    names = [str(name) for name in frame.columns]
    twice = sorted({repr(name) for name in names if names.count(name) > 1})
    if twice:
        message = (
            f"a column's name must be its own, but {', '.join(twice)} occurs more than once; "
            "rename the columns or drop those that are not needed"
        )
        raise CaseError(message)
    return {str(name): _column(str(name), frame[name]) for name in frame.columns}


def data_digest(frame: pd.DataFrame) -> str:
    """Fingerprint of the columns: recorded answers hold for these data only."""
    text = json.dumps(columns_for_r(frame), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _column(name: str, column: "pd.Series[Any]") -> dict[str, Any]:
    absent = column.isna().to_numpy()
    missing = [int(i) + 1 for i in np.flatnonzero(absent)]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {
            "kind": "factor",
            "values": [int(code) + 1 for code in column.cat.codes],
            "levels": [str(level) for level in column.cat.categories],
            "ordered": bool(column.cat.ordered),
            "missing": missing,
        }
    if pd.api.types.is_bool_dtype(column.dtype):
        return {"kind": "logical", "values": _filled(column, False, bool), "missing": missing}
    if pd.api.types.is_integer_dtype(column.dtype) and _fits_r_integer(column):
        return {"kind": "integer", "values": _filled(column, 0, int), "missing": missing}
    of_one_kind = pd.api.types.infer_dtype(column, skipna=True) not in _MIXED
    if pd.api.types.is_numeric_dtype(column.dtype) and of_one_kind:
        return {"kind": "numeric", "values": _filled(column, 0.0, float), "missing": missing}
    if (pd.api.types.is_string_dtype(column.dtype) or column.dtype == object) and of_one_kind:
        return {"kind": "character", "values": _filled(column, "", str), "missing": missing}
    message = (
        f"column '{name}' has type {column.dtype}, which has no counterpart in R; make it "
        "numeric, boolean, text or categorical, all its values of one kind, or drop it"
    )
    raise CaseError(message)


def _fits_r_integer(column: "pd.Series[Any]") -> bool:
    return bool((column.dropna().abs() < 2**31).all())


def _filled(column: "pd.Series[Any]", blank: Any, kind: type) -> list[Any]:
    return [blank if pd.isna(value) else kind(value) for value in column]
