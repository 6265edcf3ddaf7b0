"""What R says of a fitted merMod, as `r_reference/mermod.R` writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.errors import RObjectError
from parity.values import Value

Array = NDArray[np.float64]
Frame = Mapping[str, "pd.Series[Any] | Array"]
_ODD = {"NA": np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}


@dataclass(frozen=True, eq=False)
class Described:
    """A fit of R's: what it was fitted to, and the numbers it found.

    Attributes
    ----------
    formula, reml, contrasts
        As `lmer` takes them.
    frame
        R's model frame: by the name that R gives, a column, or an (n, k) array.
    data
        The same rows of the data that the call names; None if R no longer has them.
    rows
        R's names of the rows used.
    omitted
        Positions, from 0, at which rows with missing values were left out.
    omitted_rows
        Their names.
    excluded
        Whether they are shown as missing (``na.exclude``).
    states
        What ``poly()`` and ``scale()`` learned, by R's label.
    response
        ``(n,)``; not that of the frame after R's ``refit``.
    response_as_framed
        Whether it is that of the frame.
    theta, beta, sigma, u, fitted, loglik, fixed
        What R found, and the names of `beta`.
    messages
        R's on convergence.
    versions
        Of R and lme4, where it was read.
    """

    formula: str
    reml: bool
    frame: Frame
    data: Frame | None
    rows: tuple[str, ...]
    omitted: NDArray[np.intp]
    omitted_rows: tuple[str, ...]
    excluded: bool
    states: Mapping[str, tuple[float, ...]]
    contrasts: Mapping[str, str | pd.DataFrame]
    response: Array
    response_as_framed: bool
    theta: Array
    beta: Array
    fixed: tuple[str, ...]
    sigma: float
    u: Array
    fitted: Array
    loglik: float
    messages: tuple[str, ...]
    versions: Mapping[str, str]


def described(document: Mapping[str, Any], source: str) -> Described:
    """Read R's answer.

    Raises
    ------
    RObjectError
        It is no linear mixed model of lme4's, or R could not say what it is.
    """
    if document["status"] == "refused":
        kind = "/".join(document["class"])
        other = {"glmerMod": "a generalised linear", "nlmerMod": "a nonlinear"}.get(
            document["class"][0]
        )
        message = f"{source} holds R's {kind}, "
        if other:
            message += f"{other} mixed model; only linear ones (lmer's) can be read"
        else:
            message += "not a fit by lme4::lmer; save the fit itself: saveRDS(fit, file)"
        raise RObjectError(message)
    if document["status"] != "ok":
        message = f"{source} cannot be read: R says: {document['error']}"
        raise RObjectError(message)
    data = document["data"]
    return Described(
        formula=document["formula"],
        reml=document["reml"],
        frame=_frame(document["frame"]),
        data=None if data is None else _frame(data),
        rows=tuple(document["rows"]),
        omitted=numbers_of(document["omitted"]).astype(np.intp) - 1,
        omitted_rows=tuple(document["omitted_rows"] or ()),
        excluded=document["excluded"],
        states={name: tuple(numbers_of(v).tolist()) for name, v in document["learned"].items()},
        contrasts={name: _contrast(v) for name, v in document["contrasts"].items()},
        response=numbers_of(document["response"]),
        response_as_framed=document["response_as_framed"],
        theta=numbers_of(document["theta"]),
        beta=numbers_of(document["beta"]),
        fixed=tuple(document["fixed"] or ()),
        sigma=float(numbers_of(document["sigma"])[0]),
        u=numbers_of(document["u"]),
        fitted=numbers_of(document["fitted"]),
        loglik=float(numbers_of(document["loglik"])[0]),
        messages=tuple(document["messages"]),
        versions=document["versions"],
    )


def numbers_of(values: Sequence[Any]) -> Array:
    """Numbers as `r_reference` writes them: NA, NaN and the infinities are texts."""
    return np.array([_ODD[v] if isinstance(v, str) else v for v in values], dtype=np.float64)


def _frame(columns: Mapping[str, Mapping[str, Any]]) -> dict[str, "pd.Series[Any] | Array"]:
    read = {name: _column(column) for name, column in columns.items()}
    return {name: column for name, column in read.items() if column is not None}


def _column(column: Mapping[str, Any]) -> "pd.Series[Any] | Array | None":
    kind, values = column["kind"], column["values"]
    if kind == "matrix":
        return np.column_stack([numbers_of(one) for one in values])
    if kind == "text":
        missing = {int(position) - 1 for position in column["missing"]}
        texts = [None if i in missing else text for i, text in enumerate(values)]
        # The levels that R made of a grouping variable; else those that it would make in C.
        levels = column["levels"] or sorted({text for text in texts if text is not None})
        return pd.Series(pd.Categorical(texts, categories=levels))
    if kind == "other":
        return None
    numbers = numbers_of(values)
    if kind == "factor":
        codes = np.where(np.isnan(numbers), 0, numbers).astype(int) - 1
        levels = pd.Index(column["levels"], dtype=object)
        return pd.Series(pd.Categorical.from_codes(codes, levels, ordered=column["ordered"]))
    if kind == "logical":
        return pd.Series(numbers).astype("boolean")
    if kind == "integer" and not np.isnan(numbers).any():
        return pd.Series(numbers.astype(np.int64))
    return pd.Series(numbers)


def _contrast(given: Any) -> str | pd.DataFrame:
    if isinstance(given, str):
        return given
    value = Value.from_json(given)
    names = value.names[1] or [str(k + 1) for k in range(value.numbers.shape[1])]
    return pd.DataFrame(value.numbers, columns=list(names))
