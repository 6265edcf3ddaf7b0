"""Values that R would have, for rdata to write: with names and classes, factors, dates, calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parity.data_files.library import library
from parity.errors import DataFileError
from pybootmlm.design.columns import FactorColumn, read_column

# Missing in R is a NaN of its own.
_NA = np.uint64(0x7FF00000000007A2).view(np.float64)
_INTEGER = 2**31
_EXACT = 2**53


@dataclass(frozen=True)
class With:
    """A value with R's attributes (``names``, ``class``, ``dim``, ...)."""

    value: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CallOf:
    """A call of a function, its arguments by name: a `Symbol` or a value."""

    function: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Symbol:
    """A name, not evaluated."""

    name: str


def write_object(path: Path, thing: Any) -> None:
    """Write an RDS file by rdata, without R."""
    rdata = library("rdata", path)
    rdata.write_rds(path, thing, constructor_dict=_constructors(rdata))


def texts(values: Any) -> Any:
    """A vector of texts; None is R's NA."""
    return np.array(list(values), dtype=object)


def numbers(values: Any) -> Any:
    """Numbers, NaN as R's NA."""
    array = np.array(values, dtype=np.float64)
    array[np.isnan(array)] = _NA
    return array


def r_frame(frame: pd.DataFrame) -> With:
    """A data frame as R has it; row names are numbers unless the index is of texts.

    Raises
    ------
    DataFileError
        A name occurs twice, or a column has no counterpart in R.
    """
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        message = f"the columns must have names of their own; got {', '.join(names)}"
        raise DataFileError(message)
    columns = {name: r_column(frame.iloc[:, k], name) for k, name in enumerate(names)}
    held = pd.api.types.infer_dtype(frame.index)
    rows = (
        texts(frame.index)
        if held == "string" and frame.index.is_unique
        else np.ma.array([0, -len(frame)], mask=[True, False], dtype=np.int32)
    )
    attributes = {"names": texts(names), "class": "data.frame", "row.names": rows}
    return With(list(columns.values()), attributes)


def r_column(column: "pd.Series[Any]", name: str) -> Any:
    """One column as R's vector: factor, logical, integer, double, text, Date, POSIXct, difftime.

    Examples
    --------
    >>> r_column(pd.Series(pd.Categorical(["b", None], ["b", "a"])), "g").attributes["class"]
    'factor'
    """
    dtype = column.dtype
    missing = column.isna().to_numpy()
    if isinstance(dtype, pd.CategoricalDtype):
        read = read_column(column, name)
        assert isinstance(read, FactorColumn)
        codes = np.ma.array(read.codes + 1, mask=missing, dtype=np.int32)
        kind = texts(["ordered", "factor"]) if dtype.ordered else "factor"
        return With(codes, {"levels": texts(read.levels), "class": kind})
    if isinstance(dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(dtype):
        return _time(column, missing)
    if pd.api.types.is_timedelta64_dtype(dtype):
        seconds = column.dt.total_seconds().to_numpy()
        return With(numbers(seconds), {"class": "difftime", "units": "secs"})
    held = pd.api.types.infer_dtype(column, skipna=True)
    if held == "boolean":
        filled = column.astype("boolean").fillna(value=False).to_numpy(dtype=bool)
        return np.ma.array(filled, mask=missing) if missing.any() else filled
    if held == "integer":
        whole = column.astype("Int64").fillna(0).to_numpy(dtype=np.int64)
        if np.abs(whole).max(initial=0) < _INTEGER:
            return np.ma.array(whole.astype(np.int32), mask=missing)
        if np.abs(whole).max() <= _EXACT:
            return numbers(np.where(missing, np.nan, whole.astype(np.float64)))
        message = f"column '{name}' has whole numbers beyond 2^53, which R does not hold exactly"
        raise DataFileError(message + "; make them texts")
    if held in ("floating", "mixed-integer-float", "empty", "decimal"):
        return numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if held == "string":
        return texts(None if gap else text for gap, text in zip(missing, column, strict=True))
    message = (
        f"column '{name}' holds {held} values ({dtype}), for which R has no vector; make it "
        "numbers, texts, logical, a factor, dates or times, or drop it"
    )
    raise DataFileError(message)


def _time(column: "pd.Series[Any]", missing: Any) -> With:
    zone = getattr(column.dtype, "tz", None)
    instants = column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
    micro = instants.to_numpy().astype("datetime64[us]").astype(np.int64)
    seconds = np.where(missing, np.nan, micro / 1e6)
    if zone is None and not (micro[~missing] % 86_400_000_000).any():
        return With(numbers(seconds / 86400.0), {"class": "Date"})
    kind = texts(["POSIXct", "POSIXt"])
    return With(numbers(seconds), {"class": kind, "tzone": str(zone or "UTC")})


def _constructors(rdata: Any) -> dict[type, Any]:
    to_r = import_module("rdata.conversion.to_r")
    kinds = rdata.parser.RObjectType

    def with_attributes(thing: With, converter: Any) -> Any:
        value = thing.value
        if isinstance(value, np.ma.MaskedArray) and value.dtype == bool:
            # The writer would make masked truth values true.
            value = np.ma.array(value.astype(np.int32), mask=value.mask)
        inner = converter.convert_to_r_object(value)
        if not thing.attributes:
            return inner
        attributes = converter.convert_to_r_attributes(dict(thing.attributes))
        return to_r.build_r_object(
            inner.info.type,
            value=inner.value,
            is_object="class" in thing.attributes,
            attributes=attributes,
        )

    def call(thing: CallOf, converter: Any) -> Any:
        function = converter.convert_to_r_sym(thing.function)
        pairs = [
            (converter.convert_to_r_sym(name), converter.convert_to_r_object(value))
            for name, value in thing.arguments.items()
        ]
        return to_r.build_r_object(kinds.LANG, value=(function, to_r.build_r_list(pairs)))

    def symbol(thing: Symbol, converter: Any) -> Any:
        return converter.convert_to_r_sym(thing.name)

    return {With: with_attributes, CallOf: call, Symbol: symbol}
