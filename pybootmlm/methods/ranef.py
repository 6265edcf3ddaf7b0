"""Random effects: conditional modes, and how sure they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import flag
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class RandomEffects(Mapping[str, pd.DataFrame]):
    """Conditional modes of the random effects: a mapping from grouping factor to a frame.

    Attributes
    ----------
    modes : mapping of str to DataFrame (J, q)
        A row a level, a column a random effect.
    covariances : mapping of str to (J, q, q) array
        Conditional covariance matrices of each level's effects, given the data and the estimates
        (lme4's ``postVar``); empty unless asked for.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> effects = fit.ranef(cond_var=True)
    >>> effects["Batch"].round(2).T
    Batch            A     B      C      D      E     F
    (Intercept) -17.61  0.39  28.56 -23.08  56.73 -45.0
    >>> effects.covariances["Batch"].shape
    (6, 1, 1)
    >>> effects.to_frame().head(2).round(2)
      grpvar         term grp  condval  condsd
    0  Batch  (Intercept)   A   -17.61   19.59
    1  Batch  (Intercept)   B     0.39   19.59
    """

    modes: Mapping[str, pd.DataFrame]
    covariances: Mapping[str, Array] = field(default_factory=dict)

    def __getitem__(self, factor: str) -> pd.DataFrame:
        return self.modes[factor]

    def __iter__(self) -> Iterator[str]:
        return iter(self.modes)

    def __len__(self) -> int:
        return len(self.modes)

    @property
    def std_errors(self) -> dict[str, pd.DataFrame]:
        """Conditional standard deviations, shaped like the modes (arm's ``se.ranef``).

        Raises
        ------
        ArgumentError
            They were not asked for.
        """
        if not self.covariances:
            raise ArgumentError(
                "These random effects came without their conditional variances: use "
                "`ranef(cond_var=True)`."
            )
        return {
            name: pd.DataFrame(
                np.sqrt(np.diagonal(self.covariances[name], axis1=1, axis2=2)),
                index=frame.index,
                columns=frame.columns,
            )
            for name, frame in self.modes.items()
        }

    def to_frame(self) -> pd.DataFrame:
        """One row an effect, as R's ``as.data.frame``: grpvar, term, grp, condval, condsd."""
        errors = self.std_errors if self.covariances else {}
        parts = []
        for name, frame in self.modes.items():
            J, q = frame.shape
            part = {
                "grpvar": name,
                "term": np.repeat(frame.columns.to_numpy(dtype=object), J),
                "grp": np.tile(frame.index.to_numpy(dtype=object), q),
                "condval": frame.to_numpy().T.ravel(),
            }
            if errors:
                part["condsd"] = errors[name].to_numpy().T.ravel()
            parts.append(pd.DataFrame(part))
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        return "\n\n".join(f"{name}\n{frame}" for name, frame in self.modes.items())


def ranef(fit: "LmerFit", cond_var: bool = False) -> RandomEffects:
    r"""Conditional modes of the random effects, as lme4's ``ranef``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    cond_var : bool
        With their conditional covariance matrices
        :math:`\sigma^2\Lambda(\Lambda'Z'WZ\Lambda + I)^{-1}\Lambda'`, block by block: given the
        data, theta, sigma and beta, as in lme4 (the uncertainty of beta is not in them).

    Returns
    -------
    RandomEffects
        A mapping from the name of a grouping factor to a frame (levels by effects). Terms of one
        factor stand side by side; so do they in the covariance matrices, which keep what such
        terms covary given the data. (lme4 gives such factors one array a term.)

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> effects = fit.ranef(cond_var=True)
    >>> effects["Subject"].loc["308"].round(2).to_dict()
    {'(Intercept)': 2.26, 'Days': 9.2}
    >>> effects.std_errors["Subject"].loc["308"].round(2).to_dict()
    {'(Intercept)': 12.07, 'Days': 2.3}
    """
    fit = checked_fit(fit)
    covariances: dict[str, Array] = {}
    if flag(cond_var, "cond_var"):
        blocks = fit.model.problem.effect_covariances(fit.theta)
        names = [factor.name for factor in fit.design.factors]
        covariances = {n: fit.sigma**2 * block for n, block in zip(names, blocks, strict=True)}
    return RandomEffects(_modes(fit), covariances)


def _modes(fit: "LmerFit") -> dict[str, pd.DataFrame]:
    by_term = fit.model.by_term(fit.state.b)
    frames: dict[str, pd.DataFrame] = {}
    for term, values in zip(fit.design.terms, by_term, strict=True):
        factor = fit.design.factors[term.factor]
        frame = pd.DataFrame(
            values * fit.model.coordinates.scale,
            index=pd.Index(factor.levels, name=factor.name),
            columns=list(term.names),
        )
        known = frames.get(factor.name)
        frames[factor.name] = frame if known is None else pd.concat([known, frame], axis=1)
    return frames
