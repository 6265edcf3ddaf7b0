"""One statistic with its replicates and variances, checked and ready for intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.bootstrap.intervals.replicates import Replicates, Which, position
from pybootmlm.checks import numbers
from pybootmlm.exceptions import ArgumentError, StatisticError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Variances:
    """Variances of the estimate and of each replicate.

    Attributes
    ----------
    of_t0 : float
    of_t : (R,) array
    """

    of_t0: float
    of_t: Array


@dataclass(frozen=True)
class Sample:
    """Estimate and replicates of one statistic.

    Attributes
    ----------
    index : int
        Which statistic it is.
    t0 : float
    t : (R,) array
        The replicates that are finite and, if there are variances, have a finite variance.
    t_finite : (R',) array
        The replicates that are finite.
    var_t0 : float or None
        A variance given by the user, for the normal approximation.
    variances : Variances or None
        For studentised intervals.
    influence : (J,) array or None
        Influence values, for bca intervals.
    """

    index: int
    t0: float
    t: Array
    t_finite: Array
    var_t0: float | None
    variances: Variances | None
    influence: Array | None = None


def sample_of(
    boot: Replicates,
    index: Which | Sequence[Which],
    *,
    t0: float | None,
    t: ArrayLike | None,
    var_t0: float | None,
    var_t: ArrayLike | None,
) -> Sample:
    """Pick the statistic `index` of a bootstrap, or what is given in its place.

    Raises
    ------
    ArgumentError
        An argument has the wrong form or length.
    StatisticError
        The replicates are all equal, or fewer than two are finite.
    """
    first, second = _pair(boot, index)
    nsim = len(boot.t)
    if (t0 is None) != (t is None):
        raise ArgumentError("`t0` and `t` must be given together; got only one of them.")
    given_var_t0 = None if var_t0 is None else _variance(var_t0)
    of_t0, of_t = given_var_t0, None if var_t is None else _vector(var_t, nsim, "var_t")
    if t0 is not None and t is not None:
        estimate, replicates = _number(t0, "t0"), _vector(t, nsim, "t")
    else:
        estimate, replicates = _number(boot.t0[first], "t0"), boot.t[:, first]
        if second is not None:
            of_t0 = _variance(boot.t0[second]) if of_t0 is None else of_t0
            of_t = boot.t[:, second] if of_t is None else of_t
    finite = np.isfinite(replicates)
    usable = finite if of_t is None else finite & np.isfinite(of_t)
    used = replicates[usable]
    _check_spread(used, boot.names[first])
    variances = None
    if of_t0 is not None and of_t is not None:
        if (of_t[usable] < 0).any():
            raise ArgumentError(
                "The variances of the replicates (`var_t`, or the second of the pair `index`) must "
                f"not be negative; the smallest is {of_t[usable].min():g}."
            )
        variances = Variances(of_t0, of_t[usable])
    return Sample(first, estimate, used, replicates[finite], given_var_t0, variances)


def _pair(boot: Replicates, index: Which | Sequence[Which]) -> tuple[int, int | None]:
    if isinstance(index, str) or not isinstance(index, Sequence | np.ndarray):
        return position(boot.names, index, "index"), None
    if len(index) not in (1, 2):
        raise ArgumentError(
            "`index` must be a statistic, or a pair of a statistic and its variance; got "
            f"{len(index)} of them."
        )
    first, *rest = (position(boot.names, one, "index") for one in index)
    return first, rest[0] if rest else None


def _number(value: object, argument: str) -> float:
    array = numbers(value, argument)
    if array.size != 1 or not np.isfinite(array).all():
        raise ArgumentError(f"`{argument}` must be a finite number; got {value!r}.")
    return float(array.ravel()[0])


def _variance(value: object) -> float:
    variance = _number(value, "var_t0")
    if variance < 0:
        raise ArgumentError(f"`var_t0`, a variance, must not be negative; got {variance:g}.")
    return variance


def _vector(values: ArrayLike, nsim: int, argument: str) -> Array:
    array = numbers(values, argument)
    if array.shape != (nsim,):
        raise ArgumentError(
            f"`{argument}` must hold one number for each of the {nsim} replicates; got an array of "
            f"shape {array.shape}."
        )
    return array


def _check_spread(t: Array, name: str) -> None:
    if len(t) < 2:
        raise StatisticError(
            f"Intervals need at least 2 replicates with a finite value; {name!r} has {len(t)}. See "
            "`failures` of the bootstrap for what went wrong."
        )
    # boot's rule for "constant", with the size of the mean in place of the mean.
    mean = float(t.mean())
    if np.abs(t - mean).max() <= min(1e-8, abs(mean) / 1e6):
        raise StatisticError(
            f"All {len(t)} replicates of {name!r} are equal to {mean:g}: there is no interval to "
            "calculate. Does the statistic depend on the response?"
        )
