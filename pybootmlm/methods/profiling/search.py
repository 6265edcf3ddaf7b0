"""Constrained minima of the deviance, and where along a path it has risen so far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, minimise
from pybootmlm.methods.profiling.path import Path

Array = NDArray[np.float64]

# Steps of a search for a bracket: each at least doubles the distance where nothing better is known.
MOST_STEPS = 60
# A limit is sharp when it moves by less than this part of its distance from the estimate.
SHARP = 1e-10


# A deviance that is lower by this part of its size is another minimum, no rounding.
LOWER = 1e-9
# How far, in distances of the points known, a line through them is trusted.
FARTHEST = 3.0


@dataclass(frozen=True)
class Minimum:
    """The deviance with a parameter held at a value.

    Attributes
    ----------
    value : float
    deviance : float
    point : (k,) array
        Free coordinates of the minimum.
    """

    value: float
    deviance: float
    point: Array


@dataclass(frozen=True)
class Limit:
    """Where the deviance has risen by so much, or the end of the domain.

    Attributes
    ----------
    value, deviance : float
    at_bound : bool
        The deviance does not rise so far before the domain ends.
    """

    value: float
    deviance: float
    at_bound: bool


def constrained(path: Path, value: float, near: Array, *, careful: bool = False) -> Minimum:
    """Minimise over everything else, from `near` (k,); if `careful`, from other starts as well."""
    starts = np.array([near, path.fallback(value)] if careful else [near])
    values = np.full(len(starts), value)
    if not near.size:
        found = path.evaluate(values[:1], starts[:1], 0)
        return Minimum(value, float(found.value[0]), near)

    def objective(points: Array, which: NDArray[np.intp], order: int) -> Evaluation:
        return path.evaluate(values[which], points, order)

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = minimise(objective, starts, DEFAULT_OPTIONS)
    deviances = np.where(np.isfinite(ends.value), ends.value, np.inf)
    best = int(np.argmin(deviances))
    if not (careful or ends.converged[0]):
        return constrained(path, value, near, careful=True)
    return Minimum(value, float(deviances[best]), ends.theta[best])


def find_limit(path: Path, side: int, z: float, base: float) -> Limit:
    """Where the root of the rise above `base` is `z`, below (-1) or above (1) the estimate."""
    if not np.isfinite(path.estimate):
        # Nothing depends on it (a correlation with an effect that has no variance).
        return Limit(path.upper if side > 0 else path.lower, base, True)
    found = _find_limit(path, side, z, base, careful=False)
    if np.isfinite(found.value):
        again = constrained(path, found.value, path.start, careful=True)
        if again.deviance < found.deviance - LOWER * (1 + abs(base)):
            # What was followed from the estimate is not the lowest deviance out here.
            return _find_limit(path, side, z, base, careful=True)
    return found


def _find_limit(path: Path, side: int, z: float, base: float, *, careful: bool) -> Limit:
    # Not at the top: scipy.optimize would add a third to the time that importing us takes.
    from scipy.optimize import brentq

    bound = path.upper if side > 0 else path.lower
    last = Minimum(path.estimate, base, path.start)
    if last.value == bound:
        return Limit(bound, base, True)
    seen, step = [last], path.scale
    for _ in range(MOST_STEPS):
        value = last.value + side * step
        value = min(value, bound) if side > 0 else max(value, bound)
        found = constrained(path, value, _guess(seen, value), careful=careful)
        seen.append(found)
        if rise(found, base) >= z:
            break
        if value == bound:
            return Limit(bound, found.deviance, True)
        gain = rise(found, base) - rise(last, base)
        step = 2 * abs(value - path.estimate)
        if gain > 0:
            # Nearly linear in zeta: a little beyond where the line reaches z.
            step = min(step, 1.05 * (z - rise(found, base)) * abs(value - last.value) / gain)
        last = found
    else:
        return Limit(np.nan, np.nan, False)

    def excess(value: float) -> float:
        known = next((one for one in seen if one.value == value), None)
        if known is None:
            known = constrained(path, value, _guess(seen, value), careful=careful)
            seen.append(known)
        return rise(known, base) - z

    tolerance = SHARP * abs(found.value - path.estimate)
    value = float(brentq(excess, last.value, found.value, xtol=tolerance, rtol=8.9e-16))
    excess(value)
    return Limit(value, next(one.deviance for one in seen if one.value == value), False)


def trace(path: Path, cutoff: float, delta: float, base: float, most: int) -> list[Minimum]:
    """Minima along the path, about `delta` apart in zeta, until it is beyond `cutoff`."""
    if not np.isfinite(path.estimate):
        return []
    middle = Minimum(path.estimate, base, path.start)
    out = [middle]
    for side in (-1, 1):
        found = _trace(path, side, middle, cutoff, delta, most, careful=False)
        if found:
            last = found[-1]
            again = constrained(path, last.value, path.start, careful=True)
            if again.deviance < last.deviance - LOWER * (1 + abs(base)):
                found = _trace(path, side, middle, cutoff, delta, most, careful=True)
        out += found
    return sorted(out, key=lambda minimum: minimum.value)


def _trace(
    path: Path,
    side: int,
    middle: Minimum,
    cutoff: float,
    delta: float,
    most: int,
    *,
    careful: bool,
) -> list[Minimum]:
    bound, base = path.upper if side > 0 else path.lower, middle.deviance
    seen, step, last = [middle], path.scale, middle
    while last.value != bound and len(seen) <= most and rise(last, base) <= cutoff:
        value = last.value + side * step
        value = min(value, bound) if side > 0 else max(value, bound)
        new = constrained(path, value, _guess(seen, value), careful=careful)
        seen.append(new)
        gain, moved = rise(new, base) - rise(last, base), abs(new.value - last.value)
        step = min(10 * moved, delta * moved / gain) if gain > 0 else 2 * moved
        last = new
    return seen[1:]


def _guess(seen: list[Minimum], value: float) -> Array:
    """Free coordinates at a value, from the line through the two nearest points known."""
    nearest = sorted(seen, key=lambda known: abs(known.value - value))[:2]
    if len(nearest) == 1 or nearest[0].value == nearest[1].value:
        return nearest[0].point
    one, other = nearest
    share = (value - one.value) / (other.value - one.value)
    guess = one.point + share * (other.point - one.point)
    # A line may lead out of what is allowed; where it goes far, it knows nothing.
    return guess if abs(share) <= FARTHEST else one.point


def rise(minimum: Minimum, base: float) -> float:
    """Root of the rise of the deviance above `base`."""
    return float(np.sqrt(max(0.0, minimum.deviance - base)))
