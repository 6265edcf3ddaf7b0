"""What a statement has set or shown, in the form in which both sides say it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import pybootmlm as bm
from parity.values import Value


def observe(thing: Any) -> dict[str, Any]:
    """Describe a value of Python as ``verify_script.R`` describes one of R.

    Examples
    --------
    >>> observe(2.5)["type"], observe("text")["type"], observe(print)["type"]
    ('numbers', 'texts', 'other')
    """
    special = _special(thing)
    if special is not None:
        return special
    if isinstance(thing, pd.DataFrame):
        return _frame(thing)
    if isinstance(thing, pd.Series | pd.Categorical):
        return _series(pd.Series(thing))
    if isinstance(thing, str):
        return {"type": "texts", "value": [thing]}
    if isinstance(thing, Mapping):
        return {"type": "list", "value": {str(k): observe(v) for k, v in thing.items()}}
    if isinstance(thing, list | tuple):
        return _sequence(thing)
    if isinstance(thing, np.ndarray) and thing.dtype.kind in "OUST":
        return {"type": "texts", "value": [str(item) for item in thing.ravel()]}
    if isinstance(thing, bool | int | float | np.number | np.bool_ | np.ndarray):
        array = np.asarray(thing, dtype=float)
        if array.ndim <= 2:
            return _numbers(Value.of(array))
    return {"type": "other", "class": [type(thing).__name__]}


def _special(thing: Any) -> dict[str, Any] | None:
    if isinstance(thing, bm.LmerFit):
        return _fit(thing)
    if isinstance(thing, bm.BootResult):
        return {"type": "boot", "t0": _json(thing.t0), "t": _json(thing.t)}
    if isinstance(thing, bm.BootCI):
        rows = {f"{i.type} {i.conf:.7g}": (i.lower, i.upper) for i in thing.intervals}
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["lower", "upper"])
        return {"type": "intervals", "value": Value.of(frame).to_json()}
    if isinstance(thing, bm.AnovaTable):
        return _frame(thing.to_frame())
    if isinstance(thing, bm.Profile):
        return _numbers(Value.of(thing.confint()))
    if isinstance(thing, bm.RandomEffects):
        return {"type": "list", "value": {name: _frame(part) for name, part in thing.items()}}
    name = type(thing).__name__
    if name == "VarCorr":
        return _numbers(Value.of(thing.to_frame()[["vcov", "sdcor"]].to_numpy()))
    if name == "Summary":
        return _numbers(Value.of(thing.coefficients))
    if name == "BootSummary":
        return {"type": "other", "class": [name]}
    return None


def _fit(fit: bm.LmerFit) -> dict[str, Any]:
    return {
        "type": "fit", "criterion": _json(fit.criterion), "theta": _json(fit.theta),
        "fixef": Value.of(fit.fixef).to_json(), "sigma": _json(fit.sigma),
        "nobs": _json(fit.nobs), "reml": _json(float(fit.reml)),
    }  # fmt: skip


def _json(numbers: Any) -> dict[str, Any]:
    return Value.of(numbers).to_json()


def _numbers(value: Value) -> dict[str, Any]:
    return {"type": "numbers", "value": value.to_json()}


def _series(series: "pd.Series[Any]") -> dict[str, Any]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy().astype(float) + 1
        codes[codes == 0] = np.nan
        levels = [_level(level) for level in series.cat.categories]
        return {"type": "factor", "levels": levels, "codes": _json(codes)}
    if series.dtype.kind not in "biuf":
        return {"type": "texts", "value": ["NA" if pd.isna(v) else str(v) for v in series]}
    value = Value.of(_labelled(series).astype(float))
    return _numbers(value if _is_named(series.index) else Value.of(value.numbers))


def _level(level: object) -> str:
    """A label as R writes it."""
    if isinstance(level, bool | np.bool_):
        return "TRUE" if level else "FALSE"
    return f"{level:.15g}" if isinstance(level, float) else str(level)


def _is_named(index: pd.Index) -> bool:
    return index.dtype.kind not in "iuf"


def _labelled(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Labels as R writes them: TRUE and FALSE."""
    if series.index.dtype.kind != "b":
        return series
    return series.set_axis(["TRUE" if label else "FALSE" for label in series.index])


def _frame(frame: pd.DataFrame) -> dict[str, Any]:
    columns = {
        _level(title): observe(frame[title].reset_index(drop=True)) for title in frame.columns
    }
    names = [_level(label) for label in frame.index] if _is_named(frame.index) else None
    return {"type": "frame", "rows": [len(frame)], "names": names, "titles": list(columns),
            "value": columns}  # fmt: skip


def _sequence(things: "list[Any] | tuple[Any, ...]") -> dict[str, Any]:
    if things and all(isinstance(item, str) for item in things):
        return {"type": "texts", "value": list(things)}
    if things and all(isinstance(item, bool | int | float | np.number) for item in things):
        return _numbers(Value.of(np.asarray(things, dtype=float)))
    return {"type": "list", "value": {str(i + 1): observe(v) for i, v in enumerate(things)}}


def as_numbers(said: Mapping[str, Any]) -> Value | None:
    """The numbers of a value, if it has nothing else: of a frame, a matrix of its columns."""
    if said["type"] == "numbers":
        return _flat(Value.from_json(said["value"]))
    if said["type"] != "frame":
        return None
    columns: list[NDArray[np.float64]] = []
    for title in said["titles"]:
        column = said["value"][title]
        if column["type"] != "numbers":
            return None
        columns.append(Value.from_json(column["value"]).numbers.ravel())
    if not columns:
        return None
    matrix = np.column_stack(columns)
    names = said["names"]
    labels = None if names is None else tuple(names)
    shape = np.zeros(matrix.shape, dtype=bool)
    return _flat(Value(matrix, (labels, tuple(said["titles"])), shape))


def _flat(value: Value) -> Value:
    """A matrix of one column, or of one number, as a vector: R keeps a dimension of one."""
    if value.numbers.size == 1:
        names = value.names[0] if value.numbers.ndim == 1 else None
        return Value(value.numbers.reshape(1), (names,), value.missing.reshape(1))
    if value.numbers.ndim == 2 and value.numbers.shape[1] == 1:
        return Value(value.numbers[:, 0], (value.names[0],), value.missing[:, 0])
    return value
