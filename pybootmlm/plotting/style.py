"""Colours that the colour-blind tell apart, and labels that stay legible when there are many."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pybootmlm.exceptions import ArgumentError
from pybootmlm.plotting.figure import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's, which differ in lightness too: a grey print tells them apart.
DATA = "#0072B2"  # what was observed or estimated
FITTED = "#D55E00"  # what a model or a reference says of it
OTHER = ("#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442", "#000000")
SERIES = (DATA, FITTED, *OTHER)
FAINT = "#8C8C8C"  # what is there to be compared with
BAND = 0.18  # opacity of a band

LABELS = 40  # more labels than this on an axis are thinned
LETTERS = 32  # a longer label is cut in the middle
MOST = 2000  # more points than this are drawn smaller and paler


def axes_for(ax: "Axes | None", width: float, height: float) -> "Axes":
    """The axes given, or new ones of a size in inches.

    Raises
    ------
    ArgumentError
        `ax` is no axes.
    MissingPackageError
        matplotlib is not installed.
    """
    if ax is None:
        return new_axes(1, width, height)[0]
    if not all(hasattr(ax, method) for method in ("plot", "axvline", "set")):
        raise ArgumentError(f"`ax` must be an Axes of matplotlib; got {type(ax).__name__}.")
    return ax


def cut(label: Any) -> str:
    """A label of at most 32 characters, its middle left out if it is longer.

    Examples
    --------
    >>> cut("Ytterstad"), cut("a" * 30 + "-" + "b" * 30)
    ('Ytterstad', 'aaaaaaaaaaaaaaa…bbbbbbbbbbbbbbbb')
    """
    text = _written(label)
    half = LETTERS // 2
    return text if len(text) <= LETTERS else f"{text[: half - 1]}…{text[-half:]}"


def _written(label: Any) -> str:
    """A label on one line; a float without the noughts that say nothing."""
    return f"{label:.15g}" if isinstance(label, float) else " ".join(str(label).split())


def cut_all(labels: "list[Any]") -> list[str]:
    """Labels of at most 32 characters, without what all begin and end with if they are longer.

    Examples
    --------
    >>> cut_all(["a", "b"])
    ['a', 'b']
    >>> cut_all([f"Institution number {i} of the northern district" for i in (7, 12)])
    ['…7…', '…12…']
    """
    whole = [_written(label) for label in labels]
    if max(map(len, whole), default=0) <= LETTERS or len(set(whole)) < 2:
        return [cut(text) for text in whole]
    words = [text.split(" ") for text in whole]
    before, after = _shared(words), _shared([line[::-1] for line in words])
    # A label that is all beginning and end keeps its last word.
    before = min(before, min(map(len, words)) - 1)
    after = min(after, min(map(len, words)) - 1 - before)
    head, tail = "…"[: before > 0], "…"[: after > 0]
    return [cut(head + " ".join(line[before : len(line) - after]) + tail) for line in words]


def _shared(lines: list[list[str]]) -> int:
    """Number of words that all lines begin with."""
    count = 0
    for words in zip(*lines, strict=False):
        if len(set(words)) > 1:
            break
        count += 1
    return count


def label_rows(ax: "Axes", labels: "list[Any]") -> None:
    """Label the places 0, 1, ... of the vertical axis; of many, every second, fifth, ..."""
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000, 10**9) if len(labels) <= LABELS * s)
    places, texts = np.arange(0, len(labels), step), cut_all(labels)
    small = 8.0 if len(places) <= LABELS / 2 else 6.5
    ax.set_yticks(places, [plain(texts[i]) for i in places], fontsize=small)
    ax.set_ylim(-0.6, len(labels) - 0.4)


def plain(text: str) -> str:
    """Text as it stands, without R's backticks around it: a dollar would begin a formula."""
    return text.strip("`").replace("$", r"\$")


def rows_height(rows: int) -> float:
    """Inches for so many rows."""
    return float(np.clip(1.1 + 0.2 * rows, 2.2, 9.0))


def points_style(count: int) -> dict[str, Any]:
    """Size and opacity of so many points."""
    size = float(np.clip(80 / np.sqrt(max(count, 1)), 1.3, 4.5))
    alpha = float(np.clip(25 / np.sqrt(max(count, 1)), 0.12, 0.75))
    # An SVG of many thousand points is megabytes: those are drawn as one image in it.
    return {"markersize": size, "alpha": alpha, "markeredgewidth": 0, "rasterized": count > MOST}
