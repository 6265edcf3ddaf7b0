"""R's model built again from what R said of it, and evaluated at R's theta."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from parity.errors import RObjectError
from parity.r_objects.described import Described, Frame
from parity.r_objects.raw_columns import RawColumns
from pybootmlm.lmm.call import Call, response_of
from pybootmlm.lmm.fit import LmerFit, evaluate_at
from pybootmlm.lmm.model import build_model


def rows_of(data: pd.DataFrame, r: Described) -> Frame:
    """The rows that R used: all of them, or those at the positions that R's names say.

    Raises
    ------
    RObjectError
        `data` are no data frame, or other rows than R's.
    """
    _check_frame(data)
    if len(data) != len(r.rows):
        texts = pd.Index([str(row) for row in data.index])
        named = texts.is_unique and not isinstance(data.index, pd.RangeIndex)
        if named and set(r.rows) <= set(texts):
            data = data.iloc[texts.get_indexer(pd.Index(r.rows))]
        elif all(row.isdigit() and 1 <= int(row) <= len(data) for row in r.rows):
            data = data.iloc[[int(row) - 1 for row in r.rows]]
        else:
            message = (
                f"`data` has {len(data)} rows and R used {len(r.rows)}, whose names are not theirs"
            )
            raise RObjectError(message)
    return {str(name): column.reset_index(drop=True) for name, column in data.items()}


def fit_at(r: Described, raw: RawColumns) -> LmerFit:
    """The model at R's theta, nothing optimised.

    Raises
    ------
    RObjectError
        Its fixed effects or its theta are not R's.
    PybootmlmError
        Its formula or its data are not ours.
    """
    call = _call(r, raw)
    design = call.design()
    if not r.response_as_framed:  # R's refit(fit, newresp) leaves the old one in the frame
        call = replace(call, response=response_of(design, r.response))
        design = replace(design, y=r.response)
    if design.fixed_names != r.fixed:
        message = (
            f"the fixed effects would be {', '.join(design.fixed_names)}, but R's are "
            f"{', '.join(r.fixed)}; make the variables factors with the levels in R's order"
        )
        raise RObjectError(message)
    model = build_model(design)
    elements = model.labels.covariance.on_diagonal.size
    if len(r.theta) != elements:
        message = f"R's theta has {len(r.theta)} elements, the model {elements}"
        raise RObjectError(message)
    fit = evaluate_at(model, r.theta, r.reml and design.X.shape[1] > 0)
    return replace(fit, call=call, messages=r.messages)


def _call(r: Described, raw: RawColumns) -> Call:
    columns = dict(raw.columns)
    beside = {}
    for argument in ("weights", "offset"):
        if (name := f"({argument})") in r.frame:
            columns[name] = pd.Series(r.frame[name])
            beside[argument] = name
    frame = pd.DataFrame(columns)
    frame.index = _labels(r.rows)
    if r.excluded:
        kept = np.delete(np.arange(len(frame) + len(r.omitted)), r.omitted)
        whole = np.empty(len(frame) + len(r.omitted), dtype=object)
        whole[kept], whole[r.omitted] = r.rows, r.omitted_rows
        frame = frame.reindex(_labels(tuple(whole)))
    used = {n: c for n, c in r.contrasts.items() if not _default(n, c, r)}
    return Call(
        formula=r.formula,
        data=frame,
        reml=r.reml,
        contrasts=used or None,
        na_action="exclude" if r.excluded else "omit",
        states=r.states or None,
        weights=beside.get("weights"),
        offset=beside.get("offset"),
    )


def _labels(rows: tuple[str, ...]) -> "pd.Index[Any]":
    return pd.Index([int(row) for row in rows] if all(r.isdigit() for r in rows) else list(rows))


def _default(name: str, contrast: str | pd.DataFrame, r: Described) -> bool:
    ordered = getattr(getattr(r.frame.get(name), "cat", None), "ordered", False)
    return isinstance(contrast, str) and contrast == (
        "contr.poly" if ordered else "contr.treatment"
    )


def _check_frame(data: object) -> None:
    if not isinstance(data, pd.DataFrame):
        message = f"`data` must be a pandas DataFrame; got {type(data).__name__}"
        raise RObjectError(message)
