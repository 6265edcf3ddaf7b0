"""Everything that a judge may look at: both answers to one case, and who gave them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Case, Model
from parity.errors import CaseError
from parity.implementation import Fitted
from parity.oracles import Answer, Oracle
from parity.probes import Probe
from parity.tolerances import Tolerance
from parity.values import Value


@dataclass(frozen=True)
class Trial:
    """One case with R's answer and ours.

    Attributes
    ----------
    observed
        Our value, thinned as R's recorded one is.
    whole
        Our value with all its rows.
    fitted
        Our fit at its own optimum; None for a case without a model.
    fit_rows
        Fits the same model to a part of the rows, given a mask; remembered by mask.
    fit_model
        Fits a variant of the model, for proofs.
    referee
        Gives pybootmlm's fit of the same rows, whose deviance function stands in for R's
        where another library's optimum is judged without R.
    as_r
        The slips of R (see `parity.emulation`) that a proof is to make.
    """

    case: Case
    probe: Probe
    tolerance: Tolerance
    answer: Answer
    whole: Value
    oracle: Oracle
    fitted: Fitted | None
    frame: pd.DataFrame | None
    fit_rows: Callable[[NDArray[np.bool_]], Fitted]
    fit_model: Callable[[Model], Fitted]
    referee: Callable[[], Fitted]
    as_r: tuple[str, ...] = ()

    @property
    def expected(self) -> Value:
        """R's value."""
        return self.answer.value

    def model_sides(self) -> tuple[Fitted, NDArray[np.float64]]:
        """Return our fit and R's theta, which every case with a model has."""
        if self.fitted is None or self.answer.theta is None:
            message = f"case '{self.case.id}' is judged as a model's, but it has no model"
            raise CaseError(message)
        return self.fitted, self.answer.theta

    @property
    def observed(self) -> Value:
        """Our value in the form of R's."""
        return thin_alike(self.whole, self.answer)


def thin_alike(value: Value, answer: Answer) -> Value:
    """Keep the rows that a recorded answer keeps: those of the same names, else places."""
    if not answer.thinned:
        return value
    kept, names = answer.value.rows or (), value.rows or ()
    places = {name: place for place, name in enumerate(names)}
    rows = [places[name] for name in kept[:-2] if name in places]  # two rows are summaries
    return value.thinned(rows if len(rows) == len(kept) - 2 else None)
