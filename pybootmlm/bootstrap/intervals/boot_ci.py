"""Bootstrap confidence intervals of one statistic, as R's ``boot.ci`` defines them."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from pybootmlm.bootstrap.intervals.influence import influence_columns
from pybootmlm.bootstrap.intervals.kinds import KINDS, Limits
from pybootmlm.bootstrap.intervals.replicates import Replicates, Which
from pybootmlm.bootstrap.intervals.result import BootCI, Interval
from pybootmlm.bootstrap.intervals.sample import sample_of
from pybootmlm.bootstrap.intervals.scale import Function, Scale
from pybootmlm.checks import confidence_level, counted, one_of, shown
from pybootmlm.exceptions import ArgumentError, IntervalWarning

Array = NDArray[np.float64]


def boot_ci(
    boot: Replicates,
    index: Which | Sequence[Which] = 0,
    *,
    conf: float | Iterable[float] = 0.95,
    type: str | Iterable[str] = "all",  # noqa: A002 - boot's name
    var_t0: float | None = None,
    var_t: ArrayLike | None = None,
    t0: float | None = None,
    t: ArrayLike | None = None,
    L: ArrayLike | pd.DataFrame | None = None,
    h: Function | None = None,
    hdot: Function | None = None,
    hinv: Function | None = None,
) -> BootCI:
    r"""Bootstrap confidence intervals of one statistic.

    Five kinds, defined as in R's package boot: ``"norm"``, the normal approximation with the
    bootstrap's bias and variance; ``"basic"``; ``"stud"``, studentised; ``"perc"``, percentile;
    and ``"bca"``, the bias-corrected and accelerated percentile interval. Quantiles are
    interpolated between order statistics on the normal scale.

    Parameters
    ----------
    boot : BootResult
        A bootstrap.
    index : int, str, or a pair of them
        Which statistic, by position from 0 or by name. In a pair, the second is the variance of
        the first, which studentised intervals need.
    conf : float or iterable of float
        Confidence levels.
    type : str or iterable of str
        Kinds of intervals; ``"all"`` leaves out, with a warning, a studentised one for which
        there are no variances.
    var_t0 : float, optional
        Variance of the estimate; replaces the bootstrap's in the normal approximation too.
    var_t : array_like (nsim,), optional
        Variance of the statistic in each replicate.
    t0, t : float and array_like (nsim,), optional
        An estimate and its replicates in place of the bootstrap's, such as a function of them.
    L : array_like (J,) or (J, k) or DataFrame, optional
        Influence values, one a cluster, for ``"bca"``: of this statistic, or one column for each.
        By default `empinf_merm` of the fit and the statistic that were bootstrapped.
    h, hdot, hinv : callable, optional
        An increasing transformation, its derivative and its inverse, all functions of arrays. The
        intervals are calculated on the scale of `h` and carried back by `hinv`.

    Returns
    -------
    BootCI
        One row for each kind and level; its print is laid out as boot's.

    Raises
    ------
    ArgumentError
        An argument lies outside its domain; there is no variance for a studentised interval, or
        nothing to make influence values of.
    StatisticError
        The replicates are constant, or all on one side of the estimate (bca).

    Warns
    -----
    IntervalWarning
        Order statistics at the very ends serve as limits; the studentised interval was left out;
        replicates were left out that are not finite on the scale of `h`.

    Notes
    -----
    Replicates that failed are left out. For studentised, basic and percentile intervals so are
    those without a finite variance, if there are variances.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and Their Application.
       Cambridge University Press, sections 5.2 and 5.3.
    .. [2] Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American
       Statistical Association 82, 171-185.
    .. [3] Canty, A. and Ripley, B. (2022). boot: Bootstrap R (S-Plus) Functions, version 1.3-28.1.

    Examples
    --------
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> t = np.random.default_rng(1).gamma(9.0, 1.0, size=(999, 1))
    >>> boo = bm.BootResult(np.array([9.0]), t, ("t1",), type="by hand", nsim=999)
    >>> bm.boot_ci(boo, type=["norm", "perc"], conf=[0.9, 0.95]).to_frame().round(2)
       type  conf  rank_lower  rank_upper  lower  upper
    0  norm  0.90         NaN         NaN   4.09  13.95
    1  norm  0.95         NaN         NaN   3.14  14.90
    2  perc  0.90        50.0       950.0   4.80  14.46
    3  perc  0.95        25.0       975.0   4.10  16.18
    """
    if not all(hasattr(boot, name) for name in ("t0", "t", "names")):
        raise ArgumentError(
            "`boot` must be a bootstrap, such as `bootstrap_mer` returns; got "
            f"{boot.__class__.__name__}."
        )
    kinds = requested_kinds(type)
    levels = requested_levels(conf, "conf")
    scale = Scale(h, hdot, hinv)
    sample = sample_of(boot, index, t0=t0, t=t, var_t0=var_t0, var_t=var_t)
    if sample.variances is None and kinds == list(KINDS):
        kinds.remove("stud")
        warnings.warn(
            "The studentised interval is left out: it needs variances. Give `index` as a pair "
            "(statistic, variance), or name the types wanted.",
            IntervalWarning,
            stacklevel=2,
        )
    if "bca" in kinds:
        if L is None and t is not None:
            raise ArgumentError(
                "A bca interval of a `t` of your own needs its influence values: pass `L`, or "
                "leave 'bca' out of `type`."
            )
        influence = influence_columns(boot, L, [sample.index])[:, 0]
        sample = replace(sample, influence=influence)
    name = boot.names[sample.index]
    intervals: list[Interval] = []
    for kind in kinds:
        found = KINDS[kind](sample, scale, levels)
        for message in _remarks(f"type {kind!r} of {name!r}", found, len(sample.t)):
            warnings.warn(message, IntervalWarning, stacklevel=2)
        intervals += (
            Interval(kind, *map(float, (conf, *ranks, *limits)))
            for conf, ranks, limits in zip(levels, found.ranks, found.values, strict=True)
        )
    return BootCI(
        name=name,
        R=len(sample.t),
        t0=float(scale.back(scale.forward(np.array([sample.t0])))[0]),
        intervals=tuple(intervals),
        transformed=h is not None,
        carried_back=hinv is not None,
    )


def requested_kinds(given: str | Iterable[str]) -> list[str]:
    """Kinds of intervals, in the order in which they are reported.

    Examples
    --------
    >>> requested_kinds(["perc", "norm"]), len(requested_kinds("all"))
    (['norm', 'perc'], 5)
    """
    wanted = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    for one in wanted:
        one_of(one, "type", ("all", *KINDS))
    if not wanted:
        raise ArgumentError(f"`type` must name a kind of interval: {shown(list(KINDS))}.")
    return [kind for kind in KINDS if kind in wanted or "all" in wanted]


def requested_levels(given: float | Iterable[float], argument: str) -> Array:
    """Confidence levels as an array (m,).

    Examples
    --------
    >>> requested_levels(0.95, "conf").tolist(), requested_levels((0.9, 0.5), "conf").tolist()
    ([0.95], [0.9, 0.5])
    """
    try:
        levels = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        levels = np.empty(0)
    if levels.ndim != 1 or not levels.size:
        raise ArgumentError(
            f"`{argument}` must be a level between 0 and 1 or a sequence of them; got {given!r}."
        )
    return np.array([confidence_level(float(level), argument) for level in levels])


def _remarks(what: str, found: Limits, R: int) -> list[str]:
    remarks = []
    if found.left_out:
        remarks.append(
            f"{what}: {found.left_out} of {counted(R, 'replicate')} not finite on the scale "
            "of the calculation, and left out. R's boot does so too, but for 'norm', whose limits "
            "are NaN there. 'perc' and 'bca' need no `h`."
        )
    if found.extreme:
        remarks.append(
            f"{what}: extreme order statistics used as endpoints. {counted(R, 'replicate')} "
            "are too few for this level: take more, or a lower level."
        )
    return remarks
