"""Profile the likelihood of a fit."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import chdtri

from pybootmlm.checks import confidence_level, flag, number, one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.profiling.parameters import (
    SCALES,
    Parameter,
    chosen,
    numbers_of,
    parameters_of,
    path_of,
)
from pybootmlm.methods.profiling.path import Path
from pybootmlm.methods.profiling.result import Profile
from pybootmlm.methods.profiling.search import rise, trace

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

# Points of a parameter on either side of its estimate, at most.
MOST_POINTS = 100


def profile(
    fit: "LmerFit",
    which: Any = None,
    *,
    scale: str = "sdcor",
    alpha_max: float = 0.01,
    delta: float | None = None,
    grid: bool = True,
) -> Profile:
    r"""Profile the likelihood, as lme4's ``profile``.

    A parameter is held at a value and the deviance is minimised over all others, exactly: by
    Newton's method, in coordinates in which the constraint is built in, with sigma free or bound to
    the others. So the profile is right on the boundary too (a variance of zero, a correlation of
    one), where lme4 continues a spline. A REML fit is profiled by maximum likelihood, as in lme4.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    which : str, int or sequence, optional
        Which parameters: names, positions from 0, ``"theta_"`` (all of the variances) or
        ``"beta_"``; all by default.
    scale : {"sdcor", "varcov", "theta"}
        Standard deviations and correlations; variances and covariances (sigma squared too); or the
        elements of theta, relative to sigma.
    alpha_max : float
        The points go to where the deviance excludes a parameter at this level, all parameters being
        taken together.
    delta : float, optional
        Distance of the points in zeta; an eighth of the largest zeta by default.
    grid : bool
        Whether to compute points for plots; limits do not need them.

    Returns
    -------
    Profile
        Its `confint` gives exact limits, its `frame` the points.

    Raises
    ------
    ArgumentError
        There is no such parameter, or an option has no meaning.

    References
    ----------
    Bates, D., Mächler, M., Bolker, B. and Walker, S. (2015), section 5.1. Bates, D. M. and Watts,
    D. G. (1988). Nonlinear Regression Analysis and Its Applications, chapter 6.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.profile("theta_", grid=False).confint(old_names=False).round(3)
                                   2.5 %  97.5 %
    sd_(Intercept)|Subject        14.381  37.716
    cor_Days.(Intercept)|Subject  -0.481   0.685
    sd_Days|Subject                3.801   8.753
    sigma                         22.898  28.858
    """
    fit = checked_fit(fit)
    one_of(scale, "scale", tuple(SCALES))
    confidence_level(alpha_max, "alpha_max")
    ml = fit.refit_ml()
    every = parameters_of(ml, scale)
    picked = chosen(every, which)
    paths = {one.name: path_of(ml, one, scale) for one in picked}
    cutoff = float(np.sqrt(chdtri(len(every), alpha_max)))
    step = cutoff / 8 if delta is None else number(delta, "delta")
    if not step > 0:
        raise ArgumentError(f"`delta` must be positive; got {delta!r}.")
    frames = []
    if flag(grid, "grid"):
        found = [_points(ml, scale, every, one, paths[one.name], cutoff, step) for one in picked]
        # A correlation with an effect of variance zero has no points, and no types of columns.
        frames = [frame for frame in found if len(frame)]
    columns = [".zeta", *(one.name for one in every), ".par"]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return Profile(ml, scale, tuple(picked), paths, frame)


def _points(
    fit: "LmerFit",
    scale: str,
    every: list[Parameter],
    held: Parameter,
    path: Path,
    cutoff: float,
    delta: float,
) -> pd.DataFrame:
    """A row a point: zeta, all parameters, and which was held."""
    rows = []
    for minimum in trace(path, cutoff, delta, fit.deviance, MOST_POINTS):
        place = path.place(minimum.value, minimum.point)
        zeta = np.sign(minimum.value - path.estimate) * rise(minimum, fit.deviance)
        rows.append([float(zeta), *numbers_of(place, scale)])
    frame = pd.DataFrame(rows, columns=[".zeta", *(one.name for one in every)])
    return frame.assign(**{".par": held.name})
