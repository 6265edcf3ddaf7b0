"""What one cell of the survey's tables says."""

from collections.abc import Sequence
from dataclasses import dataclass

from parity.survey.document import Entry

NOT_RUN, ERROR, MATCH, EXPLAINED = "not-run", "python-error", "match", "explained"
_LOWER = -1e-6  # less than lme4 by more than an optimum is known to


def optimum_cell(entry: Entry | None) -> str:
    """Say how near an optimum is: digits of theta, or how far above lme4's criterion.

    Examples
    --------
    >>> optimum_cell(Entry("match", "the same optimum", 6.2, 1e-9))
    '6.2'
    >>> optimum_cell(Entry("mismatch", "its optimum is 0.0794 above lme4's", 1.6, 7.9e-2))
    '+8e-02'
    """
    if entry is None or entry.verdict == NOT_RUN:
        return "–"
    if entry.verdict == MATCH:
        return f"{entry.digits:.1f}"
    if entry.verdict == ERROR or entry.excess is None:
        return "error" if entry.verdict == ERROR else "differs"
    if entry.verdict == EXPLAINED:
        return "lower" if entry.excess < _LOWER else "flat"
    if "reports" in entry.reason:
        return "offset"
    return f"+{entry.excess:.0e}" if entry.excess > 0 else "theta"


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
        digits = "names" if self.digits is None else f"{self.digits:.1f}"
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
