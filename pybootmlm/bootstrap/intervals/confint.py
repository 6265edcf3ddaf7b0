"""Bootstrap confidence intervals of several statistics at once, as bootmlm's ``confint``."""

from collections.abc import Iterable, Sequence

import pandas as pd
from numpy.typing import ArrayLike

from pybootmlm.bootstrap.intervals.boot_ci import boot_ci, requested_levels
from pybootmlm.bootstrap.intervals.influence import influence_columns
from pybootmlm.bootstrap.intervals.replicates import Replicates, Which, position
from pybootmlm.bootstrap.intervals.scale import Function
from pybootmlm.checks import one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formats import percent_names

TYPES = ("norm", "basic", "perc", "bca")


def confint(
    boot: Replicates,
    parm: Which | Sequence[Which] | None,
    *,
    level: float | Iterable[float],
    type: str,  # noqa: A002 - boot's name
    L: ArrayLike | pd.DataFrame | None,
    h: Function | None,
    hdot: Function | None,
    hinv: Function | None,
) -> pd.DataFrame:
    """Limits (m, 2 per level) of the statistics `parm`; see `BootResult.confint`."""
    if type == "stud":
        raise ArgumentError(
            "`type` must be one of 'norm', 'basic', 'perc', 'bca': a studentised interval needs a "
            "variance for each statistic. Use `boot_ci(boot, (statistic, variance), type='stud')`."
        )
    one_of(type, "type", TYPES)
    levels = requested_levels(level, "level")
    which = _positions(boot, parm)
    columns = [None] * len(which)
    if type == "bca":
        columns = list(influence_columns(boot, L, which).T)
    rows = []
    for index, column in zip(which, columns, strict=True):
        found = boot_ci(boot, index, conf=levels, type=type, L=column, h=h, hdot=hdot, hinv=hinv)
        rows.append([limit for i in found.intervals for limit in (i.lower, i.upper)])
    return pd.DataFrame(
        rows,
        index=[boot.names[i] for i in which],
        columns=[name for one in levels for name in percent_names(float(one))],
    )


def _positions(boot: Replicates, parm: Which | Sequence[Which] | None) -> list[int]:
    if parm is None:
        return list(range(len(boot.names)))
    if isinstance(parm, str) or not isinstance(parm, Iterable):
        return [position(boot.names, parm, "parm")]
    which = [position(boot.names, one, "parm") for one in parm]
    if not which:
        raise ArgumentError("`parm` must name at least one statistic; got none.")
    return which
