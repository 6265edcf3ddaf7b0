"""Which factor, effect or statistic a picture is of."""

from collections.abc import Sequence

from pybootmlm.checks import is_integer, shown
from pybootmlm.exceptions import ArgumentError


def chosen(names: Sequence[str], which: int | str | None, argument: str) -> int:
    """Position of a name, given by itself or by its position from 0; the first if None.

    Raises
    ------
    ArgumentError
        There is no such name; the message lists them.

    Examples
    --------
    >>> chosen(["(Intercept)", "Days"], "Days", "effect"), chosen(["a", "b"], None, "effect")
    (1, 0)
    """
    if which is None:
        return 0
    if isinstance(which, str) and which in names:
        return list(names).index(which)
    if is_integer(which) and -len(names) <= int(which) < len(names):
        return int(which) % len(names)
    raise ArgumentError(
        f"`{argument}` must be one of {shown([repr(name) for name in names], 10)}, or a position "
        f"from 0 to {len(names) - 1}; got {which!r}."
    )


def several(
    names: Sequence[str], which: Sequence[int | str] | int | str | None, argument: str
) -> list[int]:
    """Positions of some names; of all if None.

    Examples
    --------
    >>> several(["a", "b", "c"], ["c", 0], "which"), several(["a", "b"], None, "which")
    ([2, 0], [0, 1])
    """
    if which is None:
        return list(range(len(names)))
    listed = [which] if isinstance(which, str | int) else list(which)
    if not listed:
        raise ArgumentError(f"`{argument}` is empty; name one of {shown(list(names), 10)}.")
    return [chosen(names, one, argument) for one in listed]
