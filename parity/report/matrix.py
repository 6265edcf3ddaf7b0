"""The verdict table: a row a quantity, a column a data set. It serves every display."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from parity.probes import PROBES
from parity.run import CaseResult
from parity.verdict import Verdict

FIRST = ("Dyestuff", "pop_syn", "hsb", "sleepstudy")
NUMBERS = "numbers"


@dataclass(frozen=True)
class Tally:
    """The verdicts of some cases.

    Attributes
    ----------
    counts
        Pairs of verdict and number, those that occur, in the order of `Verdict`.
    digits
        Least agreement of the matches, in decimal digits; None without a match.
    """

    counts: tuple[tuple[Verdict, int], ...]
    digits: float | None

    @property
    def total(self) -> int:
        """Number of cases."""
        return sum(number for _, number in self.counts)


@dataclass(frozen=True)
class MatrixRow:
    """One quantity: a tally for each data set (None where it has no case), and for all."""

    quantity: str
    cells: tuple[Tally | None, ...]
    total: Tally


@dataclass(frozen=True)
class Matrix:
    """The table's columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def build_matrix(results: Sequence[CaseResult], widest: int | None = None) -> Matrix:
    """Tally results by quantity and data set, in at most `widest` columns.

    The data sets that find no place share the last column, "others".
    """
    present = {_data(result) for result in results}
    names = [name for name in FIRST if name in present]
    names += sorted(present - set(names) - {NUMBERS}) + sorted(present & {NUMBERS})
    columns = names
    if widest is not None and len(names) > widest:
        columns = [*names[: widest - 1], "others"]
    cells: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for result in results:
        name = _data(result)
        column = name if name in columns else "others"
        cells[result.case.quantity, column].append(result)
    rows = []
    for quantity in PROBES:
        groups = [cells.get((quantity, column), []) for column in columns]
        if any(groups):
            tallies = tuple(_tally(group) if group else None for group in groups)
            everything = [result for group in groups for result in group]
            rows.append(MatrixRow(quantity, tallies, _tally(everything)))
    return Matrix(tuple(columns), tuple(rows))


def _tally(results: Sequence[CaseResult]) -> Tally:
    verdicts = [result.finding.verdict for result in results]
    digits = [
        result.finding.comparison.digits
        for result in results
        if result.finding.verdict is Verdict.MATCH and result.finding.comparison is not None
    ]
    counts = tuple((verdict, verdicts.count(verdict)) for verdict in Verdict)
    return Tally(tuple(pair for pair in counts if pair[1]), min(digits, default=None))


def _data(result: CaseResult) -> str:
    return NUMBERS if result.case.model is None else result.case.model.data
