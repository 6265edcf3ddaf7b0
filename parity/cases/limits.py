"""What R cannot be asked of large data: bootmlm fills matrices of rows by rows."""

from collections.abc import Mapping

_SQUARE = "bootmlm fills matrices of {rows} by {rows} for it"
_REFITS = "R fits the model anew for each cluster"
# Most rows, and why more would take R minutes, or all memory.
LIMITS: Mapping[str, tuple[int, str]] = {
    "scores_mer": (5000, _SQUARE),
    "responses": (5000, _SQUARE),
    "bootstrap_mer": (5000, _SQUARE),
    "empinf_mer": (5000, _REFITS),
    "empinf_merm": (5000, _REFITS),
}


def too_large(quantity: str, rows: int) -> str | None:
    """Return why a quantity is not asked of R at this number of rows; None if it is.

    Examples
    --------
    >>> too_large("fixef", 10**6) is None, too_large("scores_mer", 100) is None
    (True, True)
    """
    limit, why = LIMITS.get(quantity, (rows, ""))
    if rows <= limit:
        return None
    return (
        f"not asked of R: {why.format(rows=rows)}, and the data have more than {limit} rows "
        "(`--all` asks all the same)"
    )
