r"""Effects drawn from their distribution given the data, theta taken as known, sigma drawn too.

Effects b* and errors e* are drawn from the model, and estimated from y* = Zb* + e* as the data's
are. What the estimates miss, (0 - beta*, b* - estimate of b*), has the covariance matrix of the
errors of prediction, sigma^2 times the inverse of Henderson's mixed-model equations, whatever the
number of grouping factors; so estimate plus error is a draw of (beta, b) with a flat prior of beta.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import confidence_level, flag, positive_integer
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.lmm.refits.one_factor import batches
from pybootmlm.resampling.parametric import Parametric
from pybootmlm.rng import RStream
from pybootmlm.rng.draws import RandomState, as_source

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SimulatedEffects:
    """Draws of the effects.

    Attributes
    ----------
    fixef : DataFrame (nsim, p)
    ranef : mapping of str to (nsim, J, q) array
        By grouping factor: draws, levels, effects.
    sigma : (nsim,) array
    levels, effects : mappings of str to tuple of str
        Names of the levels and of the effects of each factor.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> drawn = bm.sim(fit, 200, rng=1)
    >>> drawn.fixef.shape, drawn.ranef["Subject"].shape
    ((200, 2), (200, 18, 2))
    """

    fixef: pd.DataFrame
    ranef: Mapping[str, Array]
    sigma: Array
    levels: Mapping[str, tuple[str, ...]]
    effects: Mapping[str, tuple[str, ...]]


def sim(
    fit: "LmerFit",
    nsim: int = 100,
    *,
    draw_sigma: bool = True,
    rng: RandomState | None = None,
) -> SimulatedEffects:
    """Draw fixed and random effects given the data, as arm's ``sim``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    nsim : int
        Number of draws.
    draw_sigma : bool
        Draw sigma too, as arm does: the penalised residual sum of squares over a chi-square of
        n - p degrees of freedom is sigma^2. Otherwise it stays at its estimate.
    rng : int, Generator or RStream, optional
        Where the random numbers come from. (They are used in another way than arm's: R's numbers
        with the same seed are others.)

    Returns
    -------
    SimulatedEffects

    Raises
    ------
    ArgumentError
        An option has no meaning.

    References
    ----------
    Gelman, A. and Hill, J. (2007). Data Analysis Using Regression and Multilevel/Hierarchical
    Models, section 12.4. Henderson, C. R. (1975). Biometrics 31, 423-447.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> drawn = bm.sim(fit, 2000, rng=1)
    >>> bool(abs(drawn.fixef["Days"].std() / fit.std_errors["Days"] - 1) < 0.1)
    True
    """
    fit = checked_fit(fit)
    nsim = positive_integer(nsim, "nsim")
    ratio = _sigma_ratios(fit, nsim, rng) if flag(draw_sigma, "draw_sigma") else np.ones(nsim)
    plan, source = Parametric().plan(fit), as_source(rng)
    counts = [len(part) for part in batches(nsim, fit.nobs)]
    coordinates, theta = fit.model.coordinates, fit.theta
    root = fit.solution.RX_inverse
    X = coordinates.weigh(fit.design.X)
    VX = fit.model.problem.v_inverse(theta, X)
    betas: list[Array] = []
    modes: list[list[Array]] = [[] for _ in fit.design.factors]
    for draws in plan.draw(source, counts):
        data = plan.apply(draws)
        y = coordinates.weigh(data.y(fit) - data.fixed[:, None])
        beta = root @ (root.T @ (VX.T @ y))
        betas.append(-beta.T)
        estimated = fit.model.problem.effects_of(theta, y - X @ beta)
        for f, (true, found) in enumerate(zip(data.effects, estimated, strict=True)):
            modes[f].append(np.moveaxis(true - found, -1, 0))
    names = [factor.name for factor in fit.design.factors]
    found_modes = fit.ranef()
    fixed = fit.beta + ratio[:, None] * np.concatenate(betas)
    return SimulatedEffects(
        fixef=pd.DataFrame(fixed, columns=list(fit.labels.fixed)),
        ranef={
            name: found_modes[name].to_numpy() + ratio[:, None, None] * np.concatenate(parts)
            for name, parts in zip(names, modes, strict=True)
        },
        sigma=fit.sigma * ratio,
        levels={factor.name: factor.levels for factor in fit.design.factors},
        effects={name: tuple(found_modes[name].columns) for name in names},
    )


def re_sim(
    fit: "LmerFit", nsim: int = 200, *, level: float = 0.95, rng: RandomState | None = None
) -> pd.DataFrame:
    """Random effects with the spread and quantiles of their draws, as merTools's ``REsim``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    nsim : int
        Number of draws; see `sim`.
    level : float
        Share of the draws between lower and upper.
    rng : int, Generator or RStream, optional
        Where the random numbers come from.

    Returns
    -------
    DataFrame
        One row an effect: groupFctr, groupID, term, mean, median, sd, lower, upper.

    Raises
    ------
    ArgumentError
        An option has no meaning.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> bm.re_sim(fit, 1000, rng=1)[["groupID", "term", "mean"]].head(2).round(0)
      groupID         term  mean
    0       A  (Intercept) -17.0
    1       B  (Intercept)   1.0
    """
    level = confidence_level(level)
    drawn = sim(fit, nsim, rng=rng)
    parts = []
    for name, values in drawn.ranef.items():
        for k, effect in enumerate(drawn.effects[name]):
            labels = {"groupFctr": name, "groupID": list(drawn.levels[name]), "term": effect}
            parts.append(pd.DataFrame(labels | _summary(values[:, :, k], level)))
    return pd.concat(parts, ignore_index=True)


def fe_sim(
    fit: "LmerFit", nsim: int = 200, *, level: float = 0.95, rng: RandomState | None = None
) -> pd.DataFrame:
    """Fixed effects with the spread and quantiles of their draws, as merTools's ``FEsim``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    nsim : int
        Number of draws; see `sim`.
    level : float
        Share of the draws between lower and upper.
    rng : int, Generator or RStream, optional
        Where the random numbers come from.

    Returns
    -------
    DataFrame
        One row an effect: term, mean, median, sd, lower, upper.

    Raises
    ------
    ArgumentError
        An option has no meaning.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> bm.fe_sim(fit, 1000, rng=1)["mean"].round(0).tolist()
    [251.0, 10.0]
    """
    level = confidence_level(level)
    drawn = sim(fit, nsim, rng=rng).fixef
    return pd.DataFrame({"term": list(drawn.columns)} | _summary(drawn.to_numpy(), level))


def _summary(values: Array, level: float) -> dict[str, Array]:
    """Mean, median, standard deviation and quantiles of draws (nsim, k)."""
    lower, median, upper = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
    sd = values.std(axis=0, ddof=1) if len(values) > 1 else np.full(values.shape[1], np.nan)
    return {
        "mean": values.mean(axis=0),
        "median": median,
        "sd": sd,
        "lower": lower,
        "upper": upper,
    }


def _sigma_ratios(fit: "LmerFit", nsim: int, rng: RandomState | None) -> Array:
    """sigma drawn, over its estimate (nsim,); from a stream of its own where `rng` is a seed."""
    # Of maximum likelihood the estimate divides by n, but what is left has n - p degrees too.
    df = fit.nobs - fit.beta.size
    if isinstance(rng, RStream):
        squares = rng.rchisq(nsim, df)
    elif isinstance(rng, np.random.Generator):
        squares = rng.chisquare(df, nsim)
    else:
        as_source(rng)  # says what is wrong with it
        seed = np.random.SeedSequence(rng, spawn_key=(nsim, 1)) if rng is not None else None
        squares = np.random.default_rng(seed).chisquare(df, nsim)
    return np.sqrt(fit.solution.df / squares)
