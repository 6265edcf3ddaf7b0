"""The rules: what must hold for a difference to count as explained, and who is nearer then.

They see numbers only, so that each can be shown to refuse what it must refuse.
"""

from dataclasses import dataclass

from parity.verdict import Cause, Side

EARLY = "R stopped early: its point is the worse of the two"
BOUNDARY = "R stopped at a saddle on the boundary: its point is the worse of the two"
VALLEY = "R stopped in another valley of the criterion: its point is the worse of the two"
ROUNDED = "R's deviance function is off by rounding; in 50 digits our optimum is no worse"
FLAT = "the criterion is flat between the two thetas"


@dataclass(frozen=True)
class Decision:
    """What a rule says.

    Attributes
    ----------
    explained
        False: the difference stays a mismatch.
    reason
        Why, the same words for the same thing.
    """

    explained: bool
    nearer: Side
    cause: Cause
    reason: str


@dataclass(frozen=True)
class Stop:
    """A point where an optimiser stopped.

    Attributes
    ----------
    criterion
        By the judge.
    gain
        By how much a Newton step from there would lower it.
    saddle
        Whether it falls away whatever the gradient.
    on_bound
        Whether a diagonal entry of Lambda is zero.
    """

    criterion: float
    gain: float
    saddle: bool = False
    on_bound: bool = False


@dataclass(frozen=True)
class Optima:
    """Two optima, and what is known of the way between and below them.

    Attributes
    ----------
    rise
        By how much the criterion rises between the two, above the higher of them.
    reach
        The lowest criterion that R itself reaches when told to look harder; None if not known.
    least
        The least criterion, in 50 digits; None if not known.
    allowed
        What counts as equally low.
    """

    ours: Stop
    theirs: Stop
    rise: float
    reach: float | None
    least: float | None
    allowed: float


def decide_optima(optima: Optima) -> Decision:
    """Decide between two optima. Ours must hold against everything that is known."""
    ours, theirs, allowed = optima.ours, optima.theirs, optima.allowed

    def worse(reason: str) -> Decision:
        return Decision(False, Side.R, Cause.UNKNOWN, reason)

    def doubtful(reason: str) -> Decision:
        # Ours fails by itself; R's may still be the higher of the two.
        higher = theirs.criterion - ours.criterion > allowed
        nearer = Side.NEITHER if higher else Side.R
        return Decision(False, nearer, Cause.UNKNOWN, reason)

    gap = theirs.criterion - ours.criterion
    if not gap >= -allowed:
        return worse(f"our optimum is {-gap:.3e} above R's")
    for known, what in (
        (optima.reach, "what R reaches when it is told to look harder"),
        (optima.least, "the least criterion, in 50 digits"),
    ):
        if known is not None and not ours.criterion - known <= allowed:
            return doubtful(f"our optimum is {ours.criterion - known:.3e} above {what}")
    if not ours.gain <= allowed:
        return doubtful(
            f"our point is not an optimum: a Newton step from it would gain {ours.gain:.3e}"
        )
    if ours.saddle:
        return doubtful("our point is a saddle of the criterion, not an optimum")
    return decide_stop(gap, optima.rise, theirs, allowed)


def decide_stop(gap: float, rise: float, theirs: Stop, allowed: float) -> Decision:
    """Say why R's point is `gap` above an optimum of ours, or as low as that."""
    if gap <= allowed:
        if rise <= allowed:
            return Decision(True, Side.BOTH, Cause.FLAT, FLAT)
        return Decision(
            False, Side.OPEN, Cause.UNKNOWN, "two thetas of the same height, with a rise between"
        )
    if theirs.saddle and theirs.on_bound and theirs.gain <= allowed:
        return Decision(True, Side.PYTHON, Cause.BOUNDARY, BOUNDARY)
    # A slope under R's point, or downhill all the way from it to ours: it is no optimum.
    if theirs.gain > allowed or theirs.saddle or rise <= allowed:
        return Decision(True, Side.PYTHON, Cause.EARLY_STOP, EARLY)
    return Decision(True, Side.PYTHON, Cause.VALLEY, VALLEY)


@dataclass(frozen=True)
class Numbers:
    """Two answers at one theta, each against the same numbers in 50 digits.

    Attributes
    ----------
    ours_right, theirs_right
        Whether they agree with the 50 digits within the tolerance.
    ours_determined
        Whether ours differs from them by no more than half a unit in the last place of the data
        changes them.
    theirs_rounding
        Whether R's error is within what rounding may do to R's algorithm.
    theirs_df
        Other degrees of freedom with which R's number comes out; None if there are none.
    ours_df
        The same of ours.
    """

    ours_right: bool
    theirs_right: bool
    ours_determined: bool = False
    theirs_rounding: bool = False
    theirs_df: int | None = None
    ours_df: int | None = None


def decide_numbers(numbers: Numbers) -> Decision:
    """Decide between two numbers. A difference is explained only if ours is the right one."""
    ours = numbers.ours_right or numbers.ours_determined
    theirs = numbers.theirs_right
    if ours and theirs:
        reason = "both are right to what the data determine; they differ by rounding"
        return Decision(True, Side.BOTH, Cause.ROUNDING, reason)
    if ours:
        if numbers.theirs_df is not None:
            reason = f"R counts {numbers.theirs_df} degrees of freedom"
            return Decision(True, Side.PYTHON, Cause.DEGREES, reason)
        if numbers.theirs_rounding:
            reason = "R's number is off by rounding: 50-digit arithmetic gives ours"
            return Decision(True, Side.PYTHON, Cause.ROUNDING, reason)
        reason = "50-digit arithmetic gives our number, and nothing shows how R comes to another"
        return Decision(False, Side.PYTHON, Cause.UNKNOWN, reason)
    cause = Cause.UNKNOWN if numbers.ours_df is None else Cause.DEGREES
    if theirs:
        reason = "50-digit arithmetic gives R's number, not ours"
        if numbers.ours_df is not None:
            reason += f": ours counts {numbers.ours_df} degrees of freedom"
        return Decision(False, Side.R, cause, reason)
    reason = "50-digit arithmetic gives neither R's number nor ours"
    return Decision(False, Side.NEITHER, cause, reason)
