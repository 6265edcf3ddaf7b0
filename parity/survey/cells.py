"""What one cell of the survey's tables says."""

from collections.abc import Sequence
from dataclasses import dataclass

from parity.survey.document import Entry

NOT_RUN, ERROR, MATCH, EXPLAINED = "not-run", "python-error", "match", "explained"
_MATTERS = 1e-2  # a criterion that is d too high is sqrt(d) standard errors off
_SAME = 1e-6  # what an optimum is known to


def optimum_cell(entry: Entry | None) -> str:
    """Say how near an optimum is: digits of theta, or how far above lme4's criterion.

    Examples
    --------
    >>> optimum_cell(Entry("match", "the same optimum", 6.2, 1e-9))
    '6.2'
    >>> optimum_cell(Entry("mismatch", "its optimum is 0.0794 above lme4's", 1.6, 7.9e-2))
    '**+0.08**'
    >>> optimum_cell(Entry("mismatch", "its optimum is 2e-06 above lme4's", 4.1, 2.04e-6))
    '+2e−6'
    >>> optimum_cell(Entry("explained", "lme4 stopped early", 0.0, -42.82))
    '−43'
    """
    if entry is None or entry.verdict == NOT_RUN:
        return "–"
    if entry.verdict == MATCH:
        return f"{entry.digits:.1f}"
    if entry.verdict == ERROR or entry.excess is None:
        return "error" if entry.verdict == ERROR else "differs"
    if "reports" in entry.reason:
        return "offset"
    if entry.excess < -_SAME:  # also where a lower point than the library's is known
        return f"−{_short(-entry.excess)}"
    if entry.verdict == EXPLAINED:
        return "flat"
    if entry.excess <= 0:
        return "theta"
    above = f"+{_short(entry.excess)}"
    return above if entry.excess < _MATTERS else f"**{above}**"


def _short(excess: float) -> str:
    """Write a difference of criteria with one digit, or as a whole number."""
    if excess >= 1:
        return f"{excess:.0f}"
    # A minus sign, because a line may break after a hyphen.
    return f"{excess:.0e}".replace("e-0", "e−") if excess < _MATTERS else f"{excess:.1g}"


@dataclass(frozen=True)
class Score:
    """What became of a library's optima.

    Attributes
    ----------
    claimed
        Models that it claims to fit, each by REML and by ML.
    low
        No higher than lme4's.
    near
        Higher, by less than a tenth of a standard error.
    off
        Higher by more, or not comparable.
    errors
        The fit raised an error.
    """

    claimed: int
    low: int
    near: int
    off: int
    errors: int


def score(entries: Sequence[Entry]) -> Score:
    """Sum up the optima of a library.

    Examples
    --------
    >>> score([Entry("match", "", 6.0, 0.0), Entry("not-run"), Entry("mismatch", "", 4.0, 2e-6)])
    Score(claimed=2, low=1, near=1, off=0, errors=0)
    """
    claimed = [entry for entry in entries if entry.verdict != NOT_RUN]
    errors = sum(entry.verdict == ERROR for entry in claimed)
    excess = [entry.excess for entry in claimed if entry.excess is not None]
    low = sum(d <= _SAME for d in excess)
    near = sum(_SAME < d < _MATTERS for d in excess)
    return Score(len(claimed), low, near, len(claimed) - low - near - errors, errors)


@dataclass(frozen=True)
class Tally:
    """How a library did on one quantity, over the models that it fits.

    Attributes
    ----------
    compared, agreed
        Number of cases that were compared, and of those that match or are explained.
    digits
        Least agreement of all that were compared.
    """

    compared: int
    agreed: int
    digits: float | None

    @property
    def text(self) -> str:
        """The cell."""
        if not self.compared:
            return "–"
        digits = "differs" if self.digits is None else f"{self.digits:.1f}"
        if self.agreed == self.compared:
            return f"{digits} ({self.compared})"
        return f"**{digits}** ({self.agreed} of {self.compared})"


def tally(entries: Sequence[Entry]) -> Tally:
    """Sum up the cases of one quantity.

    Examples
    --------
    >>> tally([Entry("match", "", 12.5), Entry("not-run", "not claimed")]).text
    '12.5 (1)'
    """
    compared = [entry for entry in entries if entry.verdict not in (NOT_RUN, ERROR)]
    agreed = [entry for entry in compared if entry.verdict in (MATCH, EXPLAINED)]
    # An explained case differs from R by what R does wrong: its digits say nothing of the library.
    digits = [e.digits for e in compared if e.digits is not None and e.verdict != EXPLAINED]
    return Tally(len(compared), len(agreed), min(digits, default=None))
