"""What a user hands over as a fit."""

from typing import TYPE_CHECKING

from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.estimates import Estimates

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def checked_fit(fit: object, argument: str = "fit") -> "LmerFit":
    """`fit` if it is a fit; of a refit, as a statistic receives one, the fit it stands for.

    Raises
    ------
    ArgumentError
        It is something else.
    """
    whole: LmerFit | None = getattr(fit, "whole", None) if isinstance(fit, Estimates) else None
    if whole is None:
        raise ArgumentError(f"`{argument}` must be a fit made by `lmer`; got {type(fit).__name__}.")
    return whole
