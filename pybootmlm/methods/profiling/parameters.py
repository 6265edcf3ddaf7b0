"""The parameters that can be profiled: names, paths, and how a point shows in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pybootmlm.checks import is_integer, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.components import theta_names
from pybootmlm.methods.profiling.fixed_path import FixedPath
from pybootmlm.methods.profiling.path import Path, Place
from pybootmlm.methods.profiling.variance_path import (
    correlation_path,
    covariance_path,
    deviation_path,
    sigma_path,
    theta_path,
)

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

#: Prefixes of standard deviation or variance, correlation or covariance, in readable names.
SCALES = {"sdcor": ("sd", "cor"), "varcov": ("var", "cov"), "theta": ("", "")}


@dataclass(frozen=True)
class Parameter:
    """A parameter of the model.

    Attributes
    ----------
    name : str
        lme4's: ``.sig01``, ``.sigma``, or the fixed effect's.
    readable : str
        ``sd_(Intercept)|Subject``, ``sigma``, or the fixed effect's.
    kind : str
        ``theta``, ``sigma`` or ``beta``.
    position : int
        Among those of its kind.
    """

    name: str
    readable: str
    kind: str
    position: int


def parameters_of(fit: "LmerFit", scale: str) -> list[Parameter]:
    """All parameters in lme4's order: those of the random effects, sigma, fixed effects."""
    one, two = SCALES[scale]
    readable = []
    for group, names in zip(fit.labels.groups, fit.labels.terms, strict=True):
        for column, first in enumerate(names):
            readable.append(f"{one}_{first}|{group}")
            readable += [f"{two}_{second}.{first}|{group}" for second in names[column + 1 :]]
    if scale == "theta":
        readable = theta_names(fit)
    out = [Parameter(f".sig{k + 1:02d}", name, "theta", k) for k, name in enumerate(readable)]
    out.append(Parameter(".sigma", "sigma", "sigma", 0))
    out += [Parameter(name, name, "beta", k) for k, name in enumerate(fit.labels.fixed)]
    return out


def path_of(fit: "LmerFit", parameter: Parameter, scale: str) -> Path:
    """The deviance along a parameter."""
    if parameter.kind == "beta":
        return FixedPath(fit, parameter.position)
    if parameter.kind == "sigma":
        return sigma_path(fit, squared=scale == "varcov")
    if scale == "theta":
        return theta_path(fit, parameter.position)
    term, row, column = _where(fit, parameter.position)
    if row == column:
        return deviation_path(fit, term, row, squared=scale == "varcov")
    pair = (row, column)
    return (
        correlation_path(fit, term, pair) if scale == "sdcor" else covariance_path(fit, term, pair)
    )


def numbers_of(place: Place, scale: str) -> list[float]:
    """All parameters at a place, in the order of `parameters_of`."""
    out: list[float] = []
    for S in place.covariances:
        sd = np.sqrt(np.diag(S))
        L = None
        if scale == "theta":
            L = _root(S) / place.sigma
        for column in range(len(S)):
            for row in range(column, len(S)):
                if L is not None:
                    out.append(float(L[row, column]))
                elif scale == "varcov":
                    out.append(float(S[row, column]))
                elif row == column:
                    out.append(float(sd[row]))
                else:
                    size = sd[row] * sd[column]
                    out.append(float(S[row, column] / size) if size > 0 else np.nan)
    out.append(place.sigma**2 if scale == "varcov" else place.sigma)
    return [*out, *place.beta.tolist()]


def chosen(every: Sequence[Parameter], which: Any) -> list[Parameter]:
    """The parameters that `which` names: None for all, ``"theta_"``, ``"beta_"``, names, positions.

    Raises
    ------
    ArgumentError
        There is no such parameter.
    """
    if which is None:
        return list(every)
    if isinstance(which, str) and which == "theta_":
        return [one for one in every if one.kind != "beta"]
    if isinstance(which, str) and which == "beta_":
        return [one for one in every if one.kind == "beta"]
    listed = [which] if isinstance(which, str) or is_integer(which) else list(which)
    names = {name: one for one in every for name in (one.readable, one.name)}
    out = []
    for item in listed:
        if is_integer(item) and -len(every) <= item < len(every):
            out.append(every[int(item)])
        elif isinstance(item, str) and item in names:
            out.append(names[item])
        else:
            known = shown([repr(one.name) for one in every], 20)
            raise ArgumentError(
                f"`parm` must hold names or positions (from 0) of parameters, or be 'theta_' or "
                f"'beta_'; got {item!r}. The names are {known}, or the readable ones."
            )
    return out


def _where(fit: "LmerFit", position: int) -> tuple[int, int, int]:
    """Term, row and column of an element of theta."""
    for term, (place, names) in enumerate(
        zip(fit.labels.covariance.term_slices, fit.labels.terms, strict=True)
    ):
        if place.start <= position < place.stop:
            columns, rows = np.triu_indices(len(names))
            k = position - place.start
            return term, int(rows[k]), int(columns[k])
    raise AssertionError(position)


def _root(S: np.ndarray) -> np.ndarray:
    """Lower triangular root of a semidefinite matrix, with a diagonal that is not negative."""
    values, vectors = np.linalg.eigh(S)
    half = vectors * np.sqrt(np.maximum(values, 0))
    L = np.linalg.qr(half.T).R.T
    return np.asarray(L * np.where(np.diag(L) < 0, -1, 1))
