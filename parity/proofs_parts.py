"""What proofs of several deviations share: an offset taken back, deviances that R computes wrongly.

The deviances are those of bootmlm's devfun_mer and devfun_mer2, made of our criterion.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.implementation import Fitted
from parity.trial import Trial
from parity.values import Value
from pybootmlm.design.model import build_design
from pybootmlm.formula import label, parse_formula

Array = NDArray[np.float64]
_MINUS = "offset_taken_back"


def offset_of(model: Model, frame: pd.DataFrame) -> Array | None:
    """Return the whole offset of the rows used ``(n,)``, that of the formula included."""
    design = build_design(model.formula, frame, weights=model.weights, offset=model.offset)
    return design.offset


def without_offset(model: Model) -> Model:
    """Return the same model of the same response, nothing added to its mean."""
    terms = [label(expression) for expression in parse_formula(model.formula).offsets]
    taken_back = {**model.columns, _MINUS: "0" + "".join(f" - ({term})" for term in terms)}
    column = {"columns": taken_back, "offset": _MINUS} if terms else {"offset": None}
    return replace(model, id=f"{model.id} without offset", **column)


def deviance_without_offset(trial: Trial, points: Array) -> Array | None:
    """Fit y without the offset, then put the offset into the residuals only.

    Points are thetas, or thetas and sigma; None if the model has no offset.
    """
    model, frame = trial.case.model, trial.frame
    offset = None if model is None or frame is None else offset_of(model, frame)
    if model is None or offset is None:
        return None
    plain = trial.fit_model(without_offset(model))
    df = degrees_of_freedom(trial, plain)
    values = []
    for point in points:
        theta = point[: len(plain.theta)]
        e = plain.quantity("resid", theta).numbers
        rss = float(plain.quantity("sigma", theta).numbers[0]) ** 2 * df
        wrong = rss - 2.0 * float(e @ offset) + float(offset @ offset)
        logs = plain.criterion(theta) - profiled(df, rss)
        if len(point) > len(theta):
            variance = point[-1] ** 2
            values.append(logs + df * math.log(2.0 * math.pi * variance) + wrong / variance)
        else:
            values.append(logs + profiled(df, wrong))
    return np.array(values)


def deviance_of_squared_weights(trial: Trial, points: Array, quantity: str) -> Array | None:
    """Square the weights in our model and leave their logarithms out; None without weights."""
    model, frame = trial.case.model, trial.frame
    if model is None or frame is None or model.weights is None:
        return None
    squared = replace(
        model,
        id=f"{model.id} with squared weights",
        columns={**model.columns, "squared_weights": f"(`{model.weights}`)^2"},
        weights="squared_weights",
    )
    other = trial.fit_model(squared)
    values = other.quantity(quantity, trial.answer.theta, points=Value.of(points)).numbers
    design = build_design(model.formula, frame, weights=model.weights, offset=model.offset)
    assert design.weights is not None
    return np.asarray(values + 2.0 * float(np.log(design.weights).sum()))


def degrees_of_freedom(trial: Trial, fitted: Fitted) -> float:
    """Return n for ML, n - p for REML."""
    model = trial.case.model
    n = len(fitted.quantity("resid").numbers)
    p = len(fitted.quantity("fixef").numbers)
    return float(n - p if model is not None and model.reml else n)


def profiled(df: float, rss: float) -> float:
    """Return the part of the criterion that depends on the degrees of freedom."""
    return df * (1.0 + math.log(2.0 * math.pi * rss / df))
