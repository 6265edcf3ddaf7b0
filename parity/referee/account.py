"""What was measured at two optima, as a reader sees it: a table, and a sentence on who is right."""

from collections.abc import Callable, Sequence

import numpy as np

from parity.referee.cross_products import Number
from parity.referee.decision import Decision
from parity.referee.points import Point, Points
from parity.verdict import Cause, Ruling, Side

_PLACES = 10


def account(points: Points, decision: Decision, gap: float) -> Ruling:
    """Write a ruling on two optima.

    Parameters
    ----------
    gap
        By how much R's point is above ours, by the judge.
    """
    named = [("R's point", points.theirs), ("Python's point", points.ours)]
    if points.best is not None:
        named.append(("lowest that R reaches", points.best))
    columns = tuple(name for name, _ in named)
    at = [point for _, point in named]
    sentence = f"{_who(points, decision, gap)}{_reach(points)}"
    return Ruling(decision.nearer, decision.cause, sentence, columns, tuple(_rows(points, at)))


def _rows(points: Points, at: Sequence[Point]) -> list[tuple[str, ...]]:
    def row(name: str, text: Callable[[Point], str]) -> tuple[str, ...]:
        return (name, *(text(point) for point in at))

    found = [
        row("criterion, by R's deviance function", lambda x: _fixed(x.by_r)),
        row("criterion, by Python's", lambda x: _fixed(x.by_us)),
        row("criterion, in 50 digits", lambda x: _fixed(x.by_50)),
        row("length of the gradient", lambda x: f"{x.ours.norm:.1e}"),
        row(
            "length of the gradient, by R",
            lambda x: "" if x.theirs is None else f"{x.theirs.norm:.1e}",
        ),
        row("a Newton step promises", lambda x: f"{x.ours.gain:.1e}"),
        row("least curvature of the criterion", lambda x: f"{x.ours.least_curvature:.2e}"),
        row(
            "least curvature of the criterion, by R",
            lambda x: "" if x.theirs is None else f"{x.theirs.least_curvature:.2e}",
        ),
        row("diagonal of Lambda at its bound", lambda x: ", ".join(x.on_bound)),
    ]
    minimum = points.minimum
    if minimum is not None:
        found.insert(
            3, row("above the least, in 50 digits", lambda x: above(x.by_50, minimum.criterion))
        )
        found.insert(
            4,
            row(
                "largest error in theta, by 50 digits",
                lambda x: f"{np.abs(x.theta - minimum.theta).max():.1e}",
            ),
        )
    return [line for line in found if any(line[1:])]


def above(value: Number | None, least: Number) -> str:
    """Say how far a criterion is above the least one; their difference has 50 digits too."""
    return "" if value is None else f"{float(value - least):.1e}"


def _fixed(value: Number | None) -> str:
    return "" if value is None else f"{float(value):.{_PLACES}f}"


def _who(points: Points, decision: Decision, gap: float) -> str:
    if not decision.explained:
        who = {
            Side.R: "R's point holds: ",
            Side.PYTHON: "Python's holds: ",
            Side.NEITHER: "neither point holds: ",
        }
        return f"{who.get(decision.nearer, '')}{decision.reason}"
    theirs = points.theirs
    bound = f", with {', '.join(theirs.on_bound)} at its bound" if theirs.on_bound else ""
    better = f"Python's point is the better one, by {gap:.3g}"
    said = {
        Cause.EARLY_STOP: (
            f"{better}: R stopped early{bound}, where a Newton step promises {theirs.ours.gain:.3g}"
        ),
        Cause.BOUNDARY: f"{better}: R stopped at a saddle{bound}",
        Cause.ROUNDING: (
            f"Python's point is {abs(gap):.1e} {'below' if gap > 0 else 'above'} R's in 50 "
            f"digits; {decision.reason}"
        ),
        Cause.VALLEY: f"{better}: the criterion rises by {points.rise:.3g} between the two",
        Cause.FLAT: (
            f"both are right: the criteria differ by {abs(gap):.1e}, and on the way from one to "
            f"the other it {_rises(points.rise)}"
        ),
    }[decision.cause]
    if points.ours.ours.flat:
        said += "; the data leave one direction of theta open"
    return said


def _rises(rise: float) -> str:
    return f"rises by {rise:.1e}" if rise > 0 else "does not rise"


def _reach(points: Points) -> str:
    """Say where R itself ends when it looks harder."""
    if points.best is None or points.tightened is None:
        return ""
    excess = points.best.by_us - points.ours.by_us
    where = f"{abs(excess):.3g} {'above' if excess > 0 else 'below'} Python's"
    if abs(excess) < 1e-8:
        where = "at Python's, to 1e-08"
    return f"; told to look harder, R ends {where} ({points.tightened.who})"
