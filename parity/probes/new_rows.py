"""Arguments of `predict` and `simulate` from the inputs of a case."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parity.values import Value


def arguments_of(fit: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that a case gives: re_form, newdata and whether levels may be new."""
    given: dict[str, Any] = {
        name: inputs[name] for name in ("random_only", "allow_new_levels") if name in inputs
    }
    if "re_form" in inputs:
        meant = {"all": None, "NA": np.nan}
        given["re_form"] = meant.get(inputs["re_form"], inputs["re_form"])
    if inputs.get("newdata") == "fit":
        given["newdata"] = fit.call.data
    elif "newdata" in inputs:
        given["newdata"] = pd.DataFrame(inputs["newdata"])
    return given


def by_place(fit: Any, inputs: Mapping[str, Any], numbers: Any) -> Value:
    """Name predictions as R names them: rows of the fit by their place, new ones from 1."""
    new = inputs.get("newdata")
    places = fit.design.kept if new is None else range(len(numbers))
    return Value.of(np.asarray(numbers), names=[str(int(i) + 1) for i in places])
