"""A bootstrap of R's: of boot::boot, lme4::bootMer or bootmlm::bootstrap_mer."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.bridge import RProcess
from parity.errors import RObjectError
from parity.r_objects.ask_r import description_of
from parity.r_objects.boot_file import boot_elements
from parity.r_objects.described import numbers_of
from pybootmlm.bootstrap.result import BootResult


def read_boot(source: "str | PathLike[str] | Any", *, r: RProcess | None = None) -> BootResult:
    """Read an object of R's class ``boot``.

    Parameters
    ----------
    source : path or rpy2 object
        An RDS file, which the library rdata reads without R if it can, and R if not; or the object
        in a session of the caller's own.
    r : RProcess, optional
        The R that reads what rdata cannot; by default one is started, and ended.

    Returns
    -------
    BootResult
        Statistics that R left without names are ``t1``, ``t2``, ... A replicate that is all NA has
        failed; R keeps messages by their number, not by replicate. What `write_boot` wrote comes
        back whole, but for the fit and the statistic.

    Raises
    ------
    RObjectError
        The object is no bootstrap, or has no replicates.
    RUnavailableError
        rdata cannot read the file, and there is no R.
    """
    where = f"'{source}'" if isinstance(source, str | PathLike) else "the R object"
    elements = _without_r(source)
    if elements is None:
        elements = _from_r(description_of(source, "boot", r), where)
    t0, t = elements["t0"], elements["t"]
    if t.ndim != 2 or t.size == 0 or t.shape[1] != len(t0):
        message = f"{where} has {len(t0)} statistics and replicates of shape {t.shape}; it must "
        raise RObjectError(message + "have a column of replicates for each statistic")
    given = elements["names"] or [""] * len(t0)
    names = tuple(name or f"t{k + 1}" for k, name in enumerate(given))
    beside = elements.get("pybootmlm")
    if beside is not None:
        return BootResult(t0, t, names, nsim=len(t), **_ours(beside))
    kind = next(iter(elements["type"]), "") or (
        "parametric" if "bootMer" in elements["class"] else next(iter(elements["sim"]), "ordinary")
    )
    return BootResult(t0, t, names, type=kind, nsim=len(t), failures=_failures(t, elements["said"]))


def _without_r(source: Any) -> Mapping[str, Any] | None:
    if not isinstance(source, str | PathLike):
        return None
    path = Path(source)
    return boot_elements(path) if path.is_file() else None


def _from_r(document: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if document["status"] == "refused":
        message = f"{where} holds R's {'/'.join(document['class'])}, not a bootstrap of class boot"
        raise RObjectError(message)
    if document["status"] != "ok":
        message = f"{where} cannot be read: R says: {document['error']}"
        raise RObjectError(message)
    columns = int(numbers_of(document["columns"])[0])
    return {
        **{name: document[name] or [] for name in ("class", "type", "sim", "said", "names")},
        "t0": numbers_of(document["t0"]),
        "t": numbers_of(document["t"]).reshape((-1, columns), order="F"),
    }


def _failures(t: NDArray[np.float64], said: list[str]) -> dict[int, str]:
    """Rows of nothing but NA; where R kept one message, it is theirs."""
    message = said[0] if len(said) == 1 else "failed in R"
    return {int(row): message for row in np.flatnonzero(np.isnan(t).all(axis=1))}


def _ours(beside: Mapping[str, Any]) -> dict[str, Any]:
    def one(name: str) -> Any:
        return np.asarray(beside[name]).ravel()[0]

    rows = np.asarray(beside["failed"]).ravel()
    counts = np.asarray(beside["warnings"]).ravel()
    return {
        **{name: str(one(name)) for name in ("type", "formula", "origin", "seed")},
        **{name: bool(one(name)) for name in ("reml", "complete")},
        **{name: int(one(name)) for name in ("singular", "not_converged")},
        "failures": {int(r) - 1: str(m) for r, m in zip(rows, beside["failures"], strict=True)},
        "warnings": {str(w): int(n) for w, n in zip(beside["warned"], counts, strict=True)},
    }
