"""Two optima: what every witness measures at R's point, at ours, and at the lowest R reaches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from parity.errors import EvidenceError
from parity.implementation import Fitted
from parity.oracles.answer import points_input
from parity.referee.covariance import on_diagonal, scale_of, way_between
from parity.referee.criterion_50_digits import profile
from parity.referee.cross_products import CrossProducts, Number
from parity.referee.minimum_50_digits import Minimum, least
from parity.referee.parts import DIGITS
from parity.referee.rows import Term
from parity.referee.slopes import Slopes, slopes_from, slopes_of
from parity.referee.tightened import Tightened
from parity.referee.witness import hear_rows, hear_tightened
from parity.trial import Trial

Array = NDArray[np.float64]
STEPS = np.linspace(0.0, 1.0, 9)
# In units of the scale: lme4's isSingular takes this number in whatever units theta has.
BOUND = 1e-4
# Over so short a way, in units of the scale, R's recorded slopes are taken to our point by R's
# Hessian: its own change over it is a thousandth of itself.
NEAR = 1e-3
T = TypeVar("T")


@dataclass(frozen=True)
class Point:
    """One theta, measured by everybody who could be asked.

    Attributes
    ----------
    by_r, by_us, by_50
        The criterion by R's deviance function, by ours, in 50 digits; None where not asked.
    ours, theirs
        Slopes by us, and by numDeriv on R's deviance function (recorded: at our point, those of
        the lowest point that R reaches, if that is near).
    on_bound
        The diagonal entries of Lambda that are zero.
    """

    theta: Array
    by_us: float
    ours: Slopes
    by_r: float | None = None
    by_50: Number | None = None
    theirs: Slopes | None = None
    on_bound: tuple[str, ...] = ()


@dataclass(frozen=True)
class Points:
    """Everything that is known of two optima.

    Attributes
    ----------
    best
        The lowest point that R reaches when told to look harder.
    minimum
        The least criterion in 50 digits.
    rise
        By how much our criterion rises between the two, above the higher of them.
    products
        R's rows, as 50-digit arithmetic takes them.
    missing
        What could not be heard, and why, by name.
    """

    theirs: Point
    ours: Point
    rise: float
    best: Point | None = None
    tightened: Tightened | None = None
    minimum: Minimum | None = None
    products: CrossProducts | None = None
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def gap_in_50_digits(self) -> float:
        """By how much R's point is above ours; NaN where 50 digits are not available."""
        if self.theirs.by_50 is None or self.ours.by_50 is None:
            return float("nan")
        return float(self.theirs.by_50 - self.ours.by_50)


def measure(trial: Trial, fitted: Fitted, theirs: Array, ours: Array, reported: float) -> Points:
    """Ask every witness about R's point and ours.

    Parameters
    ----------
    reported
        R's criterion at R's point, as it answered.
    """
    missing: dict[str, str] = {}
    tightened = _heard(missing, "tightened refits in R", lambda: hear_tightened(trial, ours))
    products = _heard(missing, f"{DIGITS}-digit arithmetic", lambda: hear_rows(trial))
    terms: Sequence[Term] | None = None
    scale, diagonal = np.ones(len(ours)), np.zeros(len(ours), bool)
    if tightened is not None:
        scale, terms = tightened.scale, tightened.terms
    elif products is not None:
        scale, terms = scale_of(products.rows), products.rows.terms
    if terms is not None:
        diagonal = on_diagonal(terms)
    live = trial.answer.oracle == "live"
    judged = trial.oracle.judge(trial.case, "judge", points_input([ours])) if live else None
    by_r = float(judged[0]) if judged is not None and judged.size == 1 else None
    slopes: list[Slopes | None] = [None, None]
    if live and tightened is not None:
        found = trial.oracle.judge(trial.case, "judge_slopes", points_input([theirs, ours]))
        if found is not None and found.shape == (2, len(ours) * (len(ours) + 1)):
            slopes = [slopes_from(row, scale) for row in found]
    elif tightened is not None:
        away = ours - tightened.theta
        slopes[0] = tightened.at_answer
        if tightened.at_best is not None and np.abs(away / scale).max() <= NEAR:
            slopes[1] = tightened.at_best.moved(away)

    def point(at: Array, by_r: float | None, of_r: Slopes | None) -> Point:
        by_50 = None if products is None else _by_50(trial, products, at)
        own = slopes_of(fitted, at, scale)
        zero = np.flatnonzero(diagonal & (np.abs(at / scale) < BOUND))
        bound = tuple(f"theta{i + 1}" for i in zero)
        return Point(at, fitted.criterion(at), own, by_r, by_50, of_r, bound)

    here = point(ours, by_r, slopes[1])
    best = minimum = None
    if tightened is not None:
        best = point(tightened.theta, tightened.criterion, tightened.at_best)
    if products is not None:
        start = here if best is None or here.by_us <= best.by_us else best
        minimum = _heard(
            missing, "least criterion in 50 digits", lambda: _least(trial, products, start, scale)
        )
    return Points(
        theirs=point(theirs, reported, slopes[0]),
        ours=here,
        rise=rise_between(fitted, theirs, ours, terms),
        best=best,
        tightened=tightened,
        minimum=minimum,
        products=products,
        missing=missing,
    )


def _heard(missing: dict[str, str], name: str, ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except EvidenceError as error:
        missing[name] = f"not available: {error}"
        return None


def _by_50(trial: Trial, products: CrossProducts, theta: Array) -> Number:
    assert trial.case.model is not None
    return profile(products, theta.tolist(), trial.case.model.reml).criterion


def _least(trial: Trial, products: CrossProducts, start: Point, scale: Array) -> Minimum:
    assert trial.case.model is not None
    return least(products, start.theta, trial.case.model.reml, start.ours.hessian, scale)


def rise_between(fitted: Fitted, one: Array, other: Array, terms: Sequence[Term] | None) -> float:
    """Return by how much the criterion rises on the way between, above the higher of its ends."""
    values = [fitted.criterion(theta) for theta in way_between(one, other, terms, STEPS)]
    ends = fitted.criterion(one), fitted.criterion(other)
    return max(values) - max(ends)
