"""Influence values for bca intervals: those given, or those of the fit that was bootstrapped."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.bootstrap.intervals.replicates import Replicates
from pybootmlm.checks import numbers
from pybootmlm.exceptions import ArgumentError
from pybootmlm.inference.influence import empinf_merm

Array = NDArray[np.float64]


def influence_columns(
    boot: Replicates, L: ArrayLike | pd.DataFrame | None, which: Sequence[int]
) -> Array:
    """Influence values (J, m) of the m statistics at the positions `which`.

    Parameters
    ----------
    boot : Replicates
    L : array_like or DataFrame, optional
        One column a statistic of the bootstrap, or values (J,) of the only statistic in `which`.
        The columns of a frame are taken by name if their names are those of the statistics.
        Without it they are computed from the fit.
    which : sequence of int

    Raises
    ------
    ArgumentError
        `L` has the wrong form or length or is not finite; or it is not given, and the bootstrap
        does not have the fit and the statistic.
    """
    if L is None:
        if boot.fit is None or boot.statistic is None:
            raise ArgumentError(
                "A bca interval needs influence values: pass `L`, such as `empinf_merm(fit, "
                "statistic)`, because this bootstrap does not have its fit and its statistic (one "
                "read from a file has them only if `load_boot` is given them)."
            )
        L = empinf_merm(boot.fit, boot.statistic)
    values = numbers(L, "L")
    if values.ndim == 1 and len(which) == 1:
        chosen = values[:, None]
    elif values.ndim == 2 and values.shape[1] == len(boot.names):
        columns = list(which)
        if isinstance(L, pd.DataFrame):
            columns = _by_name([str(name) for name in L.columns], boot.names, columns)
        chosen = values[:, columns]
    else:
        raise ArgumentError(
            f"`L` must hold one column of influence values for each of the {len(boot.names)} "
            "statistics, or the values of the one whose interval is asked for; got an array of "
            f"shape {values.shape}."
        )
    _check_units(boot, chosen)
    if not np.isfinite(chosen).all():
        raise ArgumentError(
            f"`L` must be finite; {int((~np.isfinite(chosen)).sum())} of its values are not."
        )
    return chosen


def _by_name(columns: list[str], names: tuple[str, ...], which: list[int]) -> list[int]:
    if len(set(names)) == len(names) and set(columns) == set(names):
        return [columns.index(names[i]) for i in which]
    return which


def _check_units(boot: Replicates, chosen: Array) -> None:
    """A value belongs to a cluster (or, for other schemes, to a row)."""
    if boot.fit is None:
        if len(chosen) < 2:
            raise ArgumentError(
                f"`L` must hold one influence value a cluster, at least 2; got {len(chosen)}."
            )
        return
    units = {f"`{name}`": int(count) for name, count in boot.fit.ngrps.items()}
    if len(chosen) not in (*units.values(), boot.fit.nobs):
        counts = ", ".join(f"{count} of {name}" for name, count in units.items())
        raise ArgumentError(
            f"`L` must hold one influence value for each cluster ({counts}) or each of the "
            f"{boot.fit.nobs} rows; got {len(chosen)}."
        )
