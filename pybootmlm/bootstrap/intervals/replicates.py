"""What intervals need to know of a bootstrap, and how one statistic is picked from it."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import is_integer, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.statistic import Statistic

Array = NDArray[np.float64]
Which = int | str


class Replicates(Protocol):
    """A bootstrap, as far as its intervals go: `BootResult` is one.

    Attributes
    ----------
    t0 : (k,) array
        The statistic of the fit.
    t : (nsim, k) array
        The statistic of each replicate; NaN where it has none.
    names : tuple of str
    fit : LmerFit or None
    statistic : callable or None
        The last two are what influence values are computed from where none are given.
    """

    @property
    def t0(self) -> Array: ...  # noqa: D102
    @property
    def t(self) -> Array: ...  # noqa: D102
    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def fit(self) -> LmerFit | None: ...  # noqa: D102
    @property
    def statistic(self) -> Statistic | None: ...  # noqa: D102


def position(names: Sequence[str], which: Any, argument: str) -> int:
    """Position of a statistic given by its position or by its name.

    Raises
    ------
    ArgumentError
        There is no such statistic, or the name is that of several.

    Examples
    --------
    >>> position(["(Intercept)", "sigma"], "sigma", "index"), position(["a", "b"], -2, "index")
    (1, 0)
    """
    if isinstance(which, str):
        if (found := list(names).count(which)) == 1:
            return list(names).index(which)
        problem = "is not one" if found == 0 else "is the name of several"
        raise ArgumentError(
            f"`{argument}` must be the name or the position (from 0) of a statistic; {which!r} "
            f"{problem} among {shown([repr(name) for name in names])}."
        )
    if not is_integer(which) or not -len(names) <= which < len(names):
        raise ArgumentError(
            f"`{argument}` must be the name or the position, counted from 0, of one of the "
            f"{len(names)} statistics ({shown(names)}); got {which!r}."
        )
    return int(which) % len(names)
