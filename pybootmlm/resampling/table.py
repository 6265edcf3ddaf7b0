"""The schemes by name; the one place where a string becomes a scheme."""

import builtins
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pybootmlm.exceptions import ArgumentError
from pybootmlm.resampling.case import Case
from pybootmlm.resampling.parametric import Parametric
from pybootmlm.resampling.reb import REB
from pybootmlm.resampling.residual import Residual
from pybootmlm.resampling.residual_cgr import ResidualCGR
from pybootmlm.resampling.residual_trans import ResidualTrans
from pybootmlm.resampling.scheme import Scheme

SCHEMES: Mapping[str, type[Any]] = {
    scheme.name: scheme for scheme in (Parametric, Residual, ResidualCGR, ResidualTrans, REB, Case)
}


def resolve(type: str | Scheme, **options: bool | None) -> Scheme:  # noqa: A002 (bootmlm's name)
    """The scheme that `type` names, with the `options` that are not None.

    Raises
    ------
    ArgumentError
        There is no such type, or an option does not belong to it.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if not isinstance(type, str | builtins.type) and callable(getattr(type, "plan", None)):
        if given:
            raise ArgumentError(
                f"`{next(iter(given))}` belongs to a type given by name; set it on {type!r} itself."
            )
        return type
    if not isinstance(type, str) or type not in SCHEMES:
        known = ", ".join(repr(name) for name in SCHEMES)
        raise ArgumentError(f"`type` must be one of {known}; got {type!r}.")
    own = {field.name for field in fields(SCHEMES[type])}
    for name in given:
        if name not in own:
            owners = [key for key, cls in SCHEMES.items() if name in {f.name for f in fields(cls)}]
            raise ArgumentError(
                f"`{name}` is an option of type {' or '.join(map(repr, owners))}, not of {type!r}: "
                "leave it out."
            )
    scheme: Scheme = SCHEMES[type](**given)
    return scheme
