"""The parameters that can be profiled: names, paths, and how a point shows in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pybootmlm.checks import is_integer, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.components import theta_names
from pybootmlm.lmm.templates.unstructured import Unstructured, lower_triangle
from pybootmlm.methods.profiling.fixed_path import FixedPath
from pybootmlm.methods.profiling.path import Path, Place
from pybootmlm.methods.profiling.variance_path import (
    correlation_path,
    covariance_path,
    deviation_path,
    sigma_path,
    structured_deviation_path,
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
    prefixes = {"sd": one, "cor": two, "rho": "cor"}
    readable = [
        f"{prefixes[label.kind]}_{label.effects}|{group}"
        for group, own in zip(fit.labels.groups, fit.labels.of_theta, strict=True)
        for label in own
    ]
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
    term, k = _where(fit, parameter.position)
    template, squared = fit.labels.covariance.templates[term], scale == "varcov"
    if not isinstance(template, Unstructured):
        if template.is_deviation[k]:
            return structured_deviation_path(fit, parameter.position, squared=squared)
        return theta_path(fit, parameter.position)
    rows, columns = lower_triangle(template.size)
    row, column = int(rows[k]), int(columns[k])
    if row == column:
        return deviation_path(fit, term, row, squared=squared)
    pair = (row, column)
    return covariance_path(fit, term, pair) if squared else correlation_path(fit, term, pair)


def numbers_of(place: Place, scale: str) -> list[float]:
    """All parameters at a place, in the order of `parameters_of`."""
    out: list[float] = []
    for S, template in zip(place.covariances, place.templates, strict=True):
        if scale == "theta":
            found = template.of_covariance(S / place.sigma**2)
        else:
            found = template.components(S, sd_cor=scale == "sdcor")
        out += found.tolist()
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


def _where(fit: "LmerFit", position: int) -> tuple[int, int]:
    """Term of an element of theta, and its place there."""
    for term, place in enumerate(fit.labels.covariance.term_slices):
        if place.start <= position < place.stop:
            return term, position - place.start
    raise AssertionError(position)
