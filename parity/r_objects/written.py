"""Data frames and bootstraps written as R's files, without R."""

import secrets
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parity.errors import RObjectError, WriteError
from parity.r_objects.r_values import (
    CallOf,
    Symbol,
    With,
    numbers,
    r_frame,
    texts,
    write_object,
)
from pybootmlm.bootstrap.result import BootResult

OURS = "pybootmlm"


def write_frame(path: str | PathLike[str], frame: pd.DataFrame) -> None:
    """Write a data frame as an RDS file, which R's ``readRDS`` reads.

    Parameters
    ----------
    path
        The file; one that exists is replaced in one step.
    frame
        Categorical columns become factors, ordered ones ordered factors; booleans logical;
        missing values R's NA; days without a time Date, other times POSIXct, time spans difftime.
        An index of texts becomes row names; any other is left behind.

    Raises
    ------
    RObjectError
        `frame` is no data frame.
    DataFileError
        A column has no counterpart in R, or the library rdata is not installed.
    WriteError
        The file cannot be written.
    """
    _check(frame, pd.DataFrame, "`frame` must be a pandas DataFrame")
    _write(path, r_frame(frame))


def write_boot(path: str | PathLike[str], boot: BootResult) -> None:
    """Write a bootstrap as an object of R's class ``boot`` (RDS).

    R's ``print``, ``plot`` and ``boot.ci`` work on it: norm, basic, perc; stud where a statistic
    is the variance of another; bca with influence values given as ``L``, because the function that
    was bootstrapped is not R's. A replicate that failed is a row of NA. What R's class has no place
    for (messages, scheme, formula) stands in an element ``pybootmlm``, which `read_boot` reads.

    Parameters
    ----------
    path
        The file; one that exists is replaced in one step.
    boot
        The bootstrap.

    Raises
    ------
    RObjectError
        `boot` is no bootstrap.
    DataFileError
        The library rdata is not installed.
    WriteError
        The file cannot be written.
    """
    _check(boot, BootResult, "`boot` must be a BootResult, as bootstrap_mer gives it")
    names = texts(boot.names)
    simulated = "parametric" if boot.type == "parametric" else "ordinary"
    elements = {
        "t0": With(numbers(boot.t0), {"names": names}),
        "t": With(
            numbers(boot.t).ravel(order="F"),
            {"dim": np.array(boot.t.shape, dtype=np.int32), "dimnames": [None, names]},
        ),
        "R": np.array([boot.nsim], dtype=np.int32),
        "data": None if boot.fit is None else r_frame(_textual(boot.fit.design.frame)),
        "seed": None,
        "statistic": None,
        "sim": simulated,
        "call": CallOf(
            "bootstrap_mer",
            {"x": Symbol("x"), "FUN": Symbol("FUN"), "nsim": boot.nsim, "type": boot.type},
        ),
        OURS: _beside(boot),
    }
    attributes = {
        "names": texts(elements),
        "class": "boot",
        "bootFail": np.array([len(boot.failures)], dtype=np.int32),
        "boot_type": "boot",
    }
    _write(path, With(list(elements.values()), attributes))


def _beside(boot: BootResult) -> With:
    rows = sorted(boot.failures)
    fields: dict[str, Any] = {
        "type": boot.type,
        "formula": boot.formula,
        "reml": boot.reml,
        "origin": boot.origin,
        "seed": boot.seed,
        "complete": boot.complete,
        "singular": boot.singular,
        "not_converged": boot.not_converged,
        "failed": np.array([row + 1 for row in rows], dtype=np.int32),
        "failures": texts(boot.failures[row] for row in rows),
        "warned": texts(boot.warnings),
        "warnings": np.array(list(boot.warnings.values()), dtype=np.int32),
    }
    return With(list(fields.values()), {"names": texts(fields)})


def _textual(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the labels of its rows, which R would want unique."""
    return frame.reset_index(drop=True)


def _check(thing: object, kind: type, expected: str) -> None:
    if not isinstance(thing, kind):
        message = f"{expected}; got {type(thing).__name__}"
        raise RObjectError(message)


def _write(path: str | PathLike[str], thing: With) -> None:
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        write_object(temporary, thing)
        temporary.replace(target)
    except OSError as error:
        raise WriteError(target, str(error.strerror or error)) from error
    finally:
        temporary.unlink(missing_ok=True)
