"""The profile likelihood of a fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtri

from pybootmlm.checks import confidence_level, flag, number
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formats import percent_names
from pybootmlm.methods.profiling.parameters import Parameter, chosen
from pybootmlm.methods.profiling.path import Path
from pybootmlm.methods.profiling.search import Limit, constrained, find_limit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """Profile likelihoods of some parameters; made by `profile`.

    Attributes
    ----------
    fit : LmerFit
        The fit by maximum likelihood.
    scale : str
        ``sdcor``, ``varcov`` or ``theta``.
    parameters : tuple of Parameter
        Those that were profiled.
    paths : mapping of str to Path
        The deviance along each, by lme4's name.
    frame : DataFrame
        Points along each parameter, for plots: its signed root deviance ``.zeta``, all parameters
        there, and ``.par``, which of them was held. Empty if none were asked for.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> profile = fit.profile()
    >>> profile.confint().round(3)
                    2.5 %    97.5 %
    .sig01         12.197    84.063
    .sigma         38.230    67.658
    (Intercept)  1486.451  1568.549
    >>> round(profile.deviance(".sig01", 12.1965) - profile.base, 3)  # chi-square quantile
    3.841
    """

    fit: "LmerFit"
    scale: str
    parameters: tuple[Parameter, ...]
    paths: Mapping[str, Path]
    frame: pd.DataFrame
    _found: dict[tuple[str, int, float], Limit] = field(default_factory=dict)

    @property
    def base(self) -> float:
        """The lowest deviance."""
        return self.fit.deviance

    def confint(
        self, parm: Any = None, level: float = 0.95, *, old_names: bool = True
    ) -> pd.DataFrame:
        """Confidence limits: where the deviance has risen by a quantile of chi-square(1).

        Parameters
        ----------
        parm : str, int or sequence, optional
            Which of the parameters: names (either kind), positions from 0, ``"theta_"`` (all of the
            variances) or ``"beta_"``.
        level : float
            Confidence level.
        old_names : bool
            lme4's names of the rows, ``.sig01``; or readable ones, ``sd_(Intercept)|Batch``.

        Returns
        -------
        DataFrame (k, 2)
            A limit is the end of the domain (0, -1, 1) where the deviance does not rise so far.
        """
        limits = self.limits(parm, level, old_names=old_names)
        out = limits[["lower", "upper"]]
        out.columns = pd.Index(percent_names(confidence_level(level)))
        return out

    def limits(
        self, parm: Any = None, level: float = 0.95, *, old_names: bool = True
    ) -> pd.DataFrame:
        """Confidence limits with their evidence: the deviance at both, and what it should be.

        Parameters
        ----------
        parm, level, old_names
            See `confint`.

        Returns
        -------
        DataFrame
            estimate, lower, upper; deviance_lower, deviance_upper, with everything else at its
            best; target, the deviance at a limit; at_lower_bound, at_upper_bound, whether the
            domain ends before the deviance rises so far.
        """
        flag(old_names, "old_names")
        rise = float(chdtri(1, 1 - confidence_level(level)))
        rows = {}
        for one in chosen(self.parameters, parm):
            low, high = (self._limit(one.name, side, float(np.sqrt(rise))) for side in (-1, 1))
            rows[one.name if old_names else one.readable] = {
                "estimate": self.paths[one.name].estimate,
                "lower": low.value,
                "upper": high.value,
                "deviance_lower": low.deviance,
                "deviance_upper": high.deviance,
                "target": self.base + rise,
                "at_lower_bound": low.at_bound,
                "at_upper_bound": high.at_bound,
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def deviance(self, parm: str | int, value: float) -> float:
        """The deviance with a parameter held at a value and everything else at its best.

        Parameters
        ----------
        parm : str or int
            The parameter.
        value : float
            The value, within the parameter's domain.

        Raises
        ------
        ArgumentError
            There is no such parameter, or it cannot have this value.
        """
        (one,) = chosen(self.parameters, parm)
        path, held = self.paths[one.name], number(value, "value")
        if not path.lower <= held <= path.upper:
            raise ArgumentError(
                f"`value` must lie between {path.lower:g} and {path.upper:g} for {one.name} "
                f"({one.readable}); got {held:g}."
            )
        return constrained(path, held, path.start, careful=True).deviance

    def zeta(self, parm: str | int, value: float) -> float:
        """Signed root of the rise of the deviance above its minimum.

        Parameters
        ----------
        parm, value
            See `deviance`.
        """
        (one,) = chosen(self.parameters, parm)
        rise = max(0.0, self.deviance(parm, value) - self.base)
        return float(np.sign(value - self.paths[one.name].estimate) * np.sqrt(rise))

    def __repr__(self) -> str:
        names = ", ".join(one.name for one in self.parameters)
        return f"<Profile of {self.fit.formula!r}: {names}>"

    def _limit(self, name: str, side: int, z: float) -> Limit:
        key = (name, side, z)
        if key not in self._found:
            self._found[key] = find_limit(self.paths[name], side, z, self.base)
        return self._found[key]
