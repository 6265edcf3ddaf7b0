"""What a script became: pieces, one a statement of R, and the Python text they make."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What became of a statement."""

    TRANSLATED = "translated"
    OMITTED = "left out"
    UNTRANSLATED = "not translated"


@dataclass(frozen=True)
class Piece:
    """A statement of R, and its Python.

    Attributes
    ----------
    line, end_line
        Lines of the R text, from 1.
    r_code
        The statement.
    python
        Its lines, comments included.
    at, end_at
        Lines of the Python text, from 1; zero where there is no code.
    sets
        The R name and the Python name of each variable that it sets.
    shows
        Whether R prints its value.
    reason
        Why it was left out or not translated.
    remarks
        What a reader should know of the translation.
    """

    line: int
    end_line: int
    r_code: str
    status: Status
    python: tuple[str, ...] = ()
    at: int = 0
    end_at: int = 0
    sets: tuple[tuple[str, str], ...] = ()
    shows: bool = False
    reason: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Translation:
    """A translated script.

    Attributes
    ----------
    name
        What the R script is called.
    r_text, python
        The two texts.
    seed_added
        The seed that both sides are to start from because the script sets none before it draws;
        None if it does, or draws nothing.
    reader
        Which parser read it: ``R`` or ``own``.
    """

    name: str
    r_text: str
    python: str
    pieces: tuple[Piece, ...]
    seed_added: int | None = None
    reader: str = "own"

    @property
    def untranslated(self) -> tuple[Piece, ...]:
        """The statements that are missing in the Python text."""
        return tuple(p for p in self.pieces if p.status is Status.UNTRANSLATED)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.untranslated

    def count(self, status: Status) -> int:
        """How many statements became this."""
        return sum(piece.status is status for piece in self.pieces)

    def summary(self) -> Iterator[str]:
        """What to say at the end: counts, then everything that needs a reader's eye."""
        done = f"{self.count(Status.TRANSLATED)} of {len(self.pieces)} statements translated"
        left_out = self.count(Status.OMITTED)
        yield done + (f", {left_out} left out because they are about R" if left_out else "")
        for piece in self.pieces:
            for remark in piece.remarks:
                yield f"line {piece.line}: note: {remark}"
            if piece.status is Status.UNTRANSLATED:
                yield f"line {piece.line}: not translated: {piece.reason}"
