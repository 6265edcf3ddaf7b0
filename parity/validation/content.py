"""What a report says, apart from any form: sections of texts, facts, tables and forms.

HTML, PDF and JSON are rendered from this and nothing else, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["plain", "soft", "good", "info", "bad"]


@dataclass(frozen=True)
class Text:
    """A paragraph.

    Attributes
    ----------
    tone
        "soft" for a note, "good" or "bad" for a finding.
    """

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Code:
    """Something to type, or a digest: not to be broken or changed."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names and what belongs to them."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    share
        Width, as a share of the sum of all shares.
    kind
        "text", "number" (set right) or "code".
    """

    title: str
    share: float = 1.0
    kind: Literal["text", "number", "code"] = "text"


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    Attributes
    ----------
    verdict
        Number of the column whose words are verdicts, to be set off; None if none.
    dense
        Whether there are many rows, to be set small.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    verdict: int | None = None
    dense: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                message = f"a row has {len(row)} cells, the table {len(self.columns)} columns"
                raise ValueError(message)


@dataclass(frozen=True)
class Form:
    """A table to be filled in by hand: empty cells with room to write."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Text | Code | Facts | Table | Form


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it.

    Attributes
    ----------
    key
        Short name, the anchor of the section.
    wide
        Whether its tables need a page laid across.
    """

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = field(default=())
    wide: bool = False


@dataclass(frozen=True)
class Document:
    """A whole report.

    Attributes
    ----------
    headline
        The conclusion in one sentence.
    passed
        Whether it is a good one.
    running
        What stands at the foot of every page.
    """

    title: str
    subtitle: str
    headline: str
    passed: bool
    running: str
    created: str
    sections: tuple[Section, ...]


_GOOD = (
    "match",
    "kept",
    "identical",
    "unchanged",
    "passed",
    "as recorded",
    "as committed",
    "absent",
)
_INFO = ("explained", "not run", "skipped", "open", "as expected", "cannot be said", "present")


def tone_of(verdict: str) -> Tone:
    """Return the tone in which a verdict is set: what is not known to be good or neutral is bad.

    Examples
    --------
    >>> tone_of("match"), tone_of("explained"), tone_of("altered")
    ('good', 'info', 'bad')
    """
    if not verdict:
        return "plain"
    if verdict.startswith(_GOOD):
        return "good"
    return "info" if verdict.startswith(_INFO) else "bad"


def table(
    columns: Sequence[Column | str],
    rows: Sequence[Sequence[str]],
    *,
    caption: str = "",
    verdict: int | None = None,
    dense: bool = False,
) -> Table:
    """Build a table from plain rows; a column may be its title alone."""
    heads = tuple(Column(c) if isinstance(c, str) else c for c in columns)
    return Table(heads, tuple(tuple(row) for row in rows), caption, verdict, dense)
