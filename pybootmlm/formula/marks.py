"""The one way a formula error is worded: what was wrong, then the formula with a marked span."""

from pybootmlm.exceptions import FormulaError


def formula_error(text: str, start: int, end: int, message: str) -> FormulaError:
    """
    Build a `FormulaError` that shows `text` with ``text[start:end]`` underlined.

    Examples
    --------
    >>> print(formula_error("y ~ x | g", 4, 9, "a random term needs parentheses"))
    a random term needs parentheses
    <BLANKLINE>
        y ~ x | g
            ^^^^^
    """
    start = min(max(start, 0), len(text))
    carets = "^" * max(end - start, 1)
    return FormulaError(f"{message}\n\n    {text}\n    {' ' * start}{carets}")
