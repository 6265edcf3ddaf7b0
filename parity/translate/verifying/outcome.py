"""What a verification found, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass

from parity.translate.translation import Piece, Translation
from parity.verdict import Verdict


@dataclass(frozen=True)
class Item:
    """One variable, or one shown value.

    Attributes
    ----------
    name
        The R name; ``shown`` for what was printed.
    digits
        Decimal digits on which both agree.
    """

    name: str
    verdict: Verdict
    reason: str
    digits: float = 15.95


@dataclass(frozen=True)
class Line:
    """A statement and what was found of it."""

    piece: Piece
    items: tuple[Item, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The worst of its items; None if there was nothing to compare."""
        order = (Verdict.MISMATCH, Verdict.PYTHON_ERROR, Verdict.R_ERROR, Verdict.NOT_RUN,
                 Verdict.EXPLAINED, Verdict.MATCH)  # fmt: skip
        return min((item.verdict for item in self.items), key=order.index, default=None)


@dataclass(frozen=True)
class Verification:
    """Both scripts were run; this is what came of every statement.

    Attributes
    ----------
    notes
        What was done to make them run: seeds that were set, files that stood for others.
    """

    translation: Translation
    lines: tuple[Line, ...]
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything that was compared."""
        return tuple(item for line in self.lines for item in line.items)

    @property
    def passed(self) -> bool:
        """Whether nothing differs without an explanation, and something was compared."""
        compared = [i for i in self.items if i.verdict is not Verdict.NOT_RUN]
        return bool(compared) and not any(item.verdict.fails for item in compared)

    @property
    def conclusion(self) -> str:
        """The result in words, with what it leaves open."""
        if not self.passed:
            return "the scripts DIFFER"
        if self.translation.untranslated:
            return "what is translated says the same in both scripts"
        if self.count(Verdict.NOT_RUN):
            return "both scripts say the same wherever they could be compared"
        return "both scripts say the same"

    def count(self, verdict: Verdict) -> int:
        """How many items have a verdict."""
        return sum(item.verdict is verdict for item in self.items)

    def summary(self) -> str:
        """The counts in one line."""
        parts = [f"{self.count(v)} {v}" for v in Verdict if self.count(v)]
        return f"{len(self.items)} values compared: {', '.join(parts) or 'none'}"
