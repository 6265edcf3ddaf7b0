"""What a check asks: a model on its data, and what is compared of it."""

from dataclasses import dataclass, field

import pandas as pd

from parity.cases.own import Extras, OwnCases, OwnModel, cases_for
from parity.data import columns_for_r
from parity.errors import CaseError
from parity.frames import Frames
from parity.implementation import Implementation
from parity.implementations import Native
from parity.probes.statistics import chosen_statistic
from pybootmlm import LmerFit
from pybootmlm.exceptions import PybootmlmError


@dataclass(frozen=True)
class Question:
    """One model and everything that is asked about it, of both sides.

    Attributes
    ----------
    own
        The model, its data and its fit's tags.
    implementation
        The Python side.
    extras
        Bootstraps and statistics.
    """

    own: OwnModel
    implementation: Implementation = field(default_factory=Native)
    extras: Extras = field(default_factory=Extras)

    def __post_init__(self) -> None:
        _check_levels(self.own.frame)
        _check_statistics(self.own.fit, self.extras)

    @property
    def asked(self) -> OwnCases:
        """The cases, and why some of them are not put to R."""
        return cases_for(self.own, self.extras)

    @property
    def frames(self) -> Frames:
        """The data, under the name that the model gives them."""
        return Frames({self.own.model.data: self.own.frame})

    @property
    def r_code(self) -> tuple[str, ...]:
        """The R code that the user gave: no other is run."""
        code = self.extras.own_statistic.get("r_statistic")
        return () if code is None else (code,)


def _check_statistics(fit: LmerFit, extras: Extras) -> None:
    """Compute the statistics once on the fit, so that a mistake shows before R is started."""
    asked = [{"statistics": [name]} for name in extras.statistics]
    for inputs in (*asked, extras.own_statistic):
        statistic = chosen_statistic(inputs)
        try:
            if statistic is not None:
                statistic(fit)
        except PybootmlmError as error:
            name = inputs.get("python_statistic", "") or inputs["statistics"][0]
            message = f"statistic '{name}' cannot be had of this model: {error}"
            raise CaseError(message) from error


def _check_levels(frame: pd.DataFrame) -> None:
    """Refuse levels that differ as Python's values and are one as R's text."""
    for name, column in columns_for_r(frame).items():
        levels = column.get("levels", [])
        twice = sorted({level for level in levels if levels.count(level) > 1})
        if twice:
            message = (
                f"column '{name}' has different levels that read alike in R: "
                f"{', '.join(map(repr, twice))}; give them different texts"
            )
            raise CaseError(message)
