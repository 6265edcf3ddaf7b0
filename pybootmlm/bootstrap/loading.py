"""Bootstraps read from a file."""

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybootmlm.bootstrap.result import BootResult
from pybootmlm.bootstrap.storage import read
from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.lmm.fit import LmerFit
from pybootmlm.lmm.statistic import Statistic, named_values

Array = NDArray[np.float64]

# What each entry of the metadata has to be.
TYPES: dict[str, type] = {
    **dict.fromkeys(("type", "formula", "origin", "seed"), str),
    **dict.fromkeys(("nsim", "singular", "not_converged"), int),
    **dict.fromkeys(("reml", "complete"), bool),
    **dict.fromkeys(("names", "failures", "warnings"), list),
}


def load_boot(
    path: str | PathLike[str], *, fit: LmerFit | None = None, statistic: Statistic | None = None
) -> BootResult:
    """Read a bootstrap that `BootResult.save` wrote.

    Parameters
    ----------
    path : path
        The file.
    fit, statistic : LmerFit and callable, optional
        What was bootstrapped. Files do not hold them, and bca intervals need them where no
        influence values are given.

    Returns
    -------
    BootResult

    Raises
    ------
    FileNotFoundError
        There is no such file.
    DataError
        The file is damaged, or is not a stored bootstrap.
    ArgumentError
        `path` is not the path of a file; only one of `fit` and `statistic` is given, or they do
        not give the file's estimates.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import pybootmlm as bm
    >>> t = np.array([[9.0], [11.0], [np.nan]])
    >>> boo = bm.BootResult(np.array([10.0]), t, ("a",), "by hand", 3, failures={2: "no optimum"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     boo.save(pathlib.Path(folder, "boo.npz"))
    ...     again = bm.load_boot(pathlib.Path(folder, "boo.npz"))
    >>> again.failures, np.array_equal(again.t, boo.t, equal_nan=True)
    ({2: 'no optimum'}, True)
    """
    content = read(path)
    try:
        boot = _assembled(content.arrays, content.metadata)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{fspath(path)!r} is a stored bootstrap that lacks a part or holds a wrong one "
            f"({type(error).__name__}: {error}). Write it again with `BootResult.save`."
        ) from error
    if (fit is None) != (statistic is None):
        raise ArgumentError("`fit` and `statistic` must be given together; got only one of them.")
    if fit is None or statistic is None:
        return boot
    return _attached(boot, fit, statistic)


def _assembled(arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> BootResult:
    for name, kind in TYPES.items():
        if type(metadata[name]) is not kind:
            raise TypeError(f"{name} is of type {type(metadata[name]).__name__}")
    for name in ("t0", "t"):
        if arrays[name].dtype != np.float64:
            raise TypeError(f"{name} holds {arrays[name].dtype}")
    known = {name: metadata[name] for name in TYPES}
    known["names"] = tuple(str(name) for name in known["names"])
    known["failures"] = {int(row): str(message) for row, message in known["failures"]}
    known["warnings"] = {str(message): int(times) for message, times in known["warnings"]}
    return BootResult(t0=arrays["t0"], t=arrays["t"], **known)


def _attached(boot: BootResult, fit: LmerFit, statistic: Statistic) -> BootResult:
    names, values = named_values(statistic, fit)
    same = tuple(names) == boot.names
    # The same model fitted elsewhere agrees to the optimiser's tolerance.
    if not (same and np.allclose(values, boot.t0, rtol=1e-6, atol=1e-9, equal_nan=True)):
        raise ArgumentError(
            "`fit` and `statistic` must be those that were bootstrapped: the file has "
            f"{dict(zip(boot.names, boot.t0.tolist(), strict=True))}, and they give "
            f"{dict(zip(names, values.tolist(), strict=True))}."
        )
    return replace(boot, fit=fit, statistic=statistic)
