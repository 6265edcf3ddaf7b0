"""From impact, likelihood and detectability to a class, a priority and a depth of testing.

The two tables are those of GAMP 5: impact and likelihood give the class, class and
detectability the priority. The depth that a priority asks for is ours, and is checked.
"""

from dataclasses import dataclass

from parity.requirements import LEVELS, Risk

# Rows: impact low, medium, high; columns: likelihood low, medium, high.
_CLASS = ((3, 3, 2), (3, 2, 1), (2, 1, 1))
# Rows: class 1, 2, 3; columns: detectability low, medium, high.
_PRIORITY = (("high", "high", "medium"), ("high", "medium", "low"), ("medium", "low", "low"))


@dataclass(frozen=True)
class Depth:
    """How much evidence a priority asks for.

    Attributes
    ----------
    words
        For the reader.
    pieces
        Least number of pieces of evidence: cases, or tests that the requirement names.
    kinds
        Least number of kinds among R, an independent source, print, and named tests.
    """

    words: str
    pieces: int
    kinds: int


DEPTHS = {
    "high": Depth("at least three pieces of evidence, of two kinds or more", 3, 2),
    "medium": Depth("at least two pieces of evidence", 2, 1),
    "low": Depth("at least one piece of evidence", 1, 1),
}


def risk_class(risk: Risk) -> int:
    """Return the class, 1 (worst) to 3.

    Examples
    --------
    >>> risk_class(Risk("high", "medium", "low")), risk_class(Risk("low", "medium", "low"))
    (1, 3)
    """
    return _CLASS[LEVELS.index(risk.impact)][LEVELS.index(risk.likelihood)]


def priority(risk: Risk) -> str:
    """Return "high", "medium" or "low".

    Examples
    --------
    >>> priority(Risk("high", "low", "high")), priority(Risk("high", "low", "low"))
    ('low', 'high')
    """
    return _PRIORITY[risk_class(risk) - 1][LEVELS.index(risk.detectability)]


def depth(risk: Risk) -> Depth:
    """Return the depth of testing that a risk asks for."""
    return DEPTHS[priority(risk)]
