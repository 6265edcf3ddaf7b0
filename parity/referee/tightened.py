"""What R itself reaches when it is told to look harder: other optimisers, tighter rules."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.referee.rows import Term, terms_of
from parity.referee.slopes import Slopes, slopes_from
from parity.values import Value

Array = NDArray[np.float64]
SECONDS = 60  # after which R begins no further attempt
_REACHED = 1e-6  # lme4's own stopping rule


@dataclass(frozen=True)
class Tightened:
    """The lowest point that R reached, and how.

    Attributes
    ----------
    theta, criterion
        The point ``(t,)``, and R's deviance function there.
    names, criteria
        Every attempt: optimiser and start; the criterion where it ended, NaN if it gave up.
    terms, scale
        The random terms, and units of theta ``(t,)``.
    at_answer, at_best
        Slopes of R's own deviance function at R's answer and at the lowest point, by numDeriv;
        None where they would have taken too long.
    """

    theta: Array
    criterion: float
    names: tuple[str, ...]
    criteria: Array
    terms: tuple[Term, ...]
    scale: Array
    at_answer: Slopes | None
    at_best: Slopes | None

    @property
    def who(self) -> str:
        """The attempt that got lowest."""
        if np.isnan(self.criteria).all():
            return "no attempt ended in time"
        return self.names[int(np.nanargmin(self.criteria))]

    @property
    def said(self) -> str:
        """The attempts in one sentence."""
        there = int((self.criteria <= self.criterion + _REACHED).sum())
        return (
            f"{there} of {len(self.names)} attempts end within {_REACHED:g} of the lowest, "
            f"{self.criterion:.10f} ({self.who})"
        )


def tightened_of(value: Value, evidence: Mapping[str, Value]) -> Tightened:
    """Read the answer to ``quantity_tightened``."""
    attempts, scale = evidence["attempts"], evidence["scale"].numbers
    slopes: list[Slopes | None] = [None, None]
    if "slopes" in evidence:
        slopes = [slopes_from(row, scale) for row in evidence["slopes"].numbers]
    return Tightened(
        theta=value.numbers[:-1],
        criterion=float(value.numbers[-1]),
        names=attempts.rows or (),
        criteria=attempts.numbers[:, -1],
        terms=terms_of(evidence),
        scale=scale,
        at_answer=slopes[0],
        at_best=slopes[1],
    )
