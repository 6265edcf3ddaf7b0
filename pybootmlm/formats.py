"""Numbers as R's ``format`` writes them: a common number of decimals for a column."""

from collections.abc import Iterable, Sequence
from string import ascii_lowercase

import numpy as np
from numpy.typing import ArrayLike, NDArray


def significant(value: float, digits: int) -> tuple[int, int]:
    """Decimal exponent and significant digits needed to show `value` to `digits` digits."""
    if value == 0 or not np.isfinite(value):
        return 0, 1
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    return int(exponent), len(mantissa.replace(".", "").rstrip("0")) or 1


def format_common(
    values: Sequence[float], digits: int, nsmall: int = 0, scientific: bool = True
) -> list[str]:
    """Format `values` with as many decimals as the one that needs most for `digits` digits.

    Fixed notation unless scientific notation is allowed and narrower, which is R's rule.
    """
    numbers = [float(v) + 0.0 for v in values]  # R writes -0 as 0
    finite = [v for v in numbers if np.isfinite(v)]
    pairs = [significant(v, digits) for v in finite]
    signs = [v < 0 for v in finite]
    decimals = max((max(0, used - exponent - 1) for exponent, used in pairs), default=0)
    left = max(
        (max(exponent, 0) + 1 + sign for (exponent, _), sign in zip(pairs, signs, strict=True)),
        default=1,
    )
    used = max((used for _, used in pairs), default=1)
    fixed_width = left + decimals + (decimals > 0)
    wide = any(abs(exponent) >= 100 for exponent, _ in pairs)
    scientific_width = any(signs) + used + (used > 1) + (5 if wide else 4)
    if scientific and fixed_width > scientific_width:
        return [_missing(v) or f"{v:.{used - 1}e}" for v in numbers]
    decimals = max(decimals, nsmall)
    return [_missing(v) or f"{v:.{decimals}f}" for v in numbers]


def round_as_r(values: ArrayLike, digits: int) -> NDArray[np.float64]:
    """Round to `digits` decimals as R does since 4.0: to the nearer of the two candidates.

    The candidates are the doubles next to the value with so many decimals; the even one wins
    where both are equally far in double arithmetic. NumPy rounds the scaled value instead.

    Examples
    --------
    >>> round_as_r([0.15, 2.675], 2).tolist(), round_as_r([0.15, 0.25], 1).tolist()
    ([0.15, 2.67], [0.1, 0.2])
    """
    x = np.asarray(values, dtype=float)
    power = 10.0**digits
    floor = np.floor(x * power)
    below, above = floor / power, np.ceil(x * power) / power
    with np.errstate(invalid="ignore"):  # infinities, which are put right below
        to_above, to_below = above - x, x - below
        down = (to_below < to_above) | ((to_below == to_above) & (floor % 2 == 0))
    return np.where(np.isfinite(x), np.where(down, below, above), x)


def percent_names(level: float) -> list[str]:
    """Names of the two limits of a confidence level, as R's ``confint`` gives them.

    Examples
    --------
    >>> percent_names(0.95), percent_names(0.999)
    (['2.5 %', '97.5 %'], ['0.05 %', '99.95 %'])
    """
    percent = [100 * (1 - level) / 2, 100 * (1 + level) / 2]
    return [f"{text} %" for text in format_common(percent, 3, scientific=False)]


def pad_left(cells: Iterable[str]) -> list[str]:
    """Cells padded on the left to a common width."""
    listed = list(cells)
    width = max(map(len, listed), default=0)
    return [cell.rjust(width) for cell in listed]


def _missing(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return ""


def abbreviate(names: Sequence[str], minlength: int) -> list[str]:
    """Shorten names as R's ``abbreviate``: unique ones, each at least `minlength` long.

    Lower-case vowels go first, from the end, then other lower-case letters, then anything.
    """
    short = [_strip(name, minlength) for name in names]
    for longer in range(minlength + 1, max(map(len, names), default=0) + 1):
        clashes = {s for s in short if short.count(s) > 1}
        if not clashes:
            break
        short = [
            _strip(name, longer) if s in clashes else s
            for name, s in zip(names, short, strict=True)
        ]
    return short


def _strip(name: str, minlength: int) -> str:
    # What may go, pass by pass, and whether only at the end of a word or anywhere but its start.
    passes = (("aeiou", True), ("aeiou", False), (ascii_lowercase, True), (ascii_lowercase, False))
    text = name.strip()
    for removable, only_last in (*passes, (None, False)):
        for i in range(len(text) - 1, 0, -1):
            if len(text.replace(" ", "")) <= minlength:
                break
            first = text[i - 1] == " "
            last = not first and (i + 1 == len(text) or text[i + 1] == " ")
            kind = text[i] != " " if removable is None else text[i] in removable
            if kind and (last if only_last else not first):
                text = text[:i] + text[i + 1 :]
    return text.replace(" ", "") if len(text) > minlength else text
