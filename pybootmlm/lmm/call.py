"""What a fit was asked for, so that it can be asked again with a change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.design.model import ModelDesign, build_design
from pybootmlm.design.row_values import RowValues
from pybootmlm.design.transforms import State
from pybootmlm.exceptions import ArgumentError
from pybootmlm.linalg.read_only import read_only
from pybootmlm.lmm.control import LmerControl


@dataclass(frozen=True, eq=False)
class Response:
    """A response given to `LmerFit.refit` in place of the one in the data.

    Attributes
    ----------
    y : (n,) array
    kept : (n,) array of int
        Which rows of the data it belongs to.
    name : str
        The response of the formula.
    """

    y: NDArray[np.float64]
    kept: NDArray[np.intp]
    name: str

    def put_into(self, design: ModelDesign) -> NDArray[np.float64]:
        """The response of `design`, if it is a model of the same response on the same rows."""
        if design.response == self.name and np.array_equal(design.kept, self.kept):
            return self.y
        raise ArgumentError(
            f"This fit has another response than the `{self.name}` of its data (it was refitted to "
            f"one), and the update uses other rows or another response (`{design.response}`). "
            "Update the original fit, then refit."
        )


@dataclass(frozen=True, eq=False)
class Call:
    """The arguments of `lmer`, as given.

    Attributes
    ----------
    formula, data, reml, weights, offset, contrasts, na_action, start, control
        See `lmer`. The data are not copied.
    response : Response or None
        What stands in place of the response of the data.
    states : mapping of str to tuple of float, optional
        What ``poly()`` and ``scale()`` learned from rows that are not in the data, by label.
    """

    formula: str
    data: pd.DataFrame
    reml: bool = True
    weights: RowValues = None
    offset: RowValues = None
    contrasts: Mapping[str, Any] | None = None
    na_action: str = "omit"
    start: ArrayLike | None = None
    control: LmerControl = field(default_factory=LmerControl)
    response: Response | None = None
    states: Mapping[str, State] | None = None

    def design(self) -> ModelDesign:
        """Build the arrays of the model."""
        return build_design(
            self.formula,
            self.data,
            weights=self.weights,
            offset=self.offset,
            contrasts=self.contrasts,
            na_action=self.na_action,
            control=self.control.checks,
            states=self.states,
        )


def response_of(design: ModelDesign, y: NDArray[np.float64]) -> Response:
    """`y` (n,) as the response of the rows of a design."""
    return Response(read_only(y), design.kept, design.response)
