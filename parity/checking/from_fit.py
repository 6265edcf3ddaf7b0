"""From a fit to the question that R can be asked: its formula, data, weights and offset."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.cases.own import OwnModel, own_model
from parity.errors import CaseError
from parity.implementation import Implementation
from parity.implementations.native import Native, NativeFit
from parity.values import Value
from pybootmlm import LmerFit
from pybootmlm.design.model import ModelDesign, build_design
from pybootmlm.design.row_values import RowValues

WEIGHTS, OFFSET = "(weights)", "(offset)"  # columns for numbers that are not in the data


class GivenFit:
    """pybootmlm, with the fit of one model given: that very fit is compared, not another one."""

    def __init__(self, model: Model, fit: LmerFit, rows: int) -> None:
        self._native = Native()
        self._model, self._fit, self._rows = model, fit, rows
        self.name = self._native.name

    def versions(self) -> Mapping[str, str]:
        """Return the version of pybootmlm."""
        return self._native.versions()

    def fit(self, model: Model, data: pd.DataFrame) -> NativeFit:
        """Return the fit that was given, or fit a variant of its model or some of its rows."""
        if model == self._model and len(data) == self._rows:
            return NativeFit(self._fit)
        return self._native.fit(model, data)

    def compute(self, name: str, inputs: Mapping[str, Any]) -> Value:
        """Compute a quantity that needs no model."""
        return self._native.compute(name, inputs)


def model_of_fit(
    fit: LmerFit, name: str, data: pd.DataFrame | None
) -> tuple[OwnModel, Implementation]:
    """Describe the model of a fit, as R can be asked it.

    Parameters
    ----------
    fit
        A fit by `lmer`.
    name
        What the model is called in reports.
    data
        The data that it was fitted to; by default those that the fit holds.

    Raises
    ------
    CaseError
        The fit has what R is not told of (contrasts, another response), or `data` are other data.
    """
    call = fit.call
    if call is None or fit.optimum is None:
        message = "this fit does not know its data, or is not at its optimum; give one of `lmer`"
        raise CaseError(message)
    for what, given in (("a response", call.response), ("contrasts", call.contrasts)):
        if given is not None:
            message = (
                f"this fit was given {what} of its own, of which R is not told; put them into the "
                "data and the formula, and fit it with `lmer`"
            )
            raise CaseError(message)
    frame = (call.data if data is None else data).copy()
    weights = _column(frame, call.weights, WEIGHTS)
    offset = _column(frame, call.offset, OFFSET)
    design = build_design(fit.formula, frame, weights=weights, offset=offset)
    if not _same(design, fit.design):
        message = (
            "the data given are not those of the fit; leave them out, or fit the model to them"
        )
        raise CaseError(message)
    own = own_model(
        fit.formula, frame, name=name, reml=fit.reml, weights=weights, offset=offset, fit=fit
    )
    if call.na_action == "exclude":  # its rows are shown with gaps; the numbers are the same
        return own, Native()
    return own, GivenFit(own.model, fit, len(frame))


def _same(one: ModelDesign, other: ModelDesign) -> bool:
    pairs = [(getattr(one, n), getattr(other, n)) for n in ("y", "X", "weights", "offset", "kept")]
    pairs += zip((t.Z for t in one.terms), (t.Z for t in other.terms), strict=False)
    return all((a is None and b is None) or np.array_equal(a, b) for a, b in pairs)


def _column(frame: pd.DataFrame, values: RowValues, name: str) -> str | None:
    """Return the column that holds weights or an offset, made if they were given as numbers."""
    if values is None or isinstance(values, str):
        return values
    numbers = np.asarray(values, dtype=float)
    if numbers.shape != (len(frame),):
        message = (
            f"the {name[1:-1]} of the fit are {len(numbers)}, but the data have {len(frame)} rows"
        )
        raise CaseError(message)
    frame[name] = numbers
    return name
