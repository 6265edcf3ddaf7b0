"""The parametric-bootstrap likelihood-ratio test."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, gammaincc  # not scipy.stats: it is slow to import

from pybootmlm.bootstrap.refit_data import elements_each, refitter
from pybootmlm.checks import positive_integer
from pybootmlm.exceptions import ModelError
from pybootmlm.lmm.fit import checked_fit
from pybootmlm.lmm.refits.one_factor import Refits, batches
from pybootmlm.methods.anova import same_data
from pybootmlm.methods.anova_table import AnovaTable
from pybootmlm.resampling.parametric import Parametric
from pybootmlm.resampling.scheme import Responses, fixed_part
from pybootmlm.rng.draws import RandomState, as_source

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

# Likelihood ratios up to this are zeros: what two optimisations of one maximum leave.
NOTHING = 1e-8


@dataclass(frozen=True, eq=False, repr=False)
class BootstrapTest:
    """A likelihood-ratio test by parametric bootstrap.

    Attributes
    ----------
    statistic : float
        The likelihood ratio, twice the difference of the log-likelihoods.
    df : int
        Difference of the numbers of parameters.
    reference : (nsim,) array
        Likelihood ratios of data simulated from the smaller model; NaN where a refit failed.
    formulas : tuple of str
        The larger model, the smaller one.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("Dyestuff")
    >>> data["day"] = [1, 2, 3, 4, 5] * 6
    >>> larger = bm.lmer("Yield ~ day + (1 | Batch)", data)
    >>> found = bm.pb_modcomp(larger, larger.update(". ~ . - day"), nsim=39, rng=1)
    >>> found.frame.index.tolist(), len(found.reference)
    (['LRT', 'PBtest', 'Gamma', 'Bartlett', 'F'], 39)
    """

    statistic: float
    df: int
    reference: Array
    formulas: tuple[str, str]

    @property
    def positive(self) -> Array:
        """The reference values above zero, which the table's tests use."""
        return self.reference[self.reference > 0]

    @property
    def extremes(self) -> int:
        """How many reference values are above the statistic."""
        return int((self.reference > self.statistic).sum())

    @property
    def p_value(self) -> float:
        """(1 + extremes) / (1 + number of positive reference values), as pbkrtest."""
        return (1 + self.extremes) / (1 + len(self.positive))

    @property
    def p_value_all(self) -> float:
        """The same over all reference values: for variances, whose ratio can be zero."""
        return (1 + self.extremes) / (1 + int(np.isfinite(self.reference).sum()))

    @property
    def frame(self) -> pd.DataFrame:
        """Five tests: rows LRT, PBtest, Gamma, Bartlett, F."""
        t, df, positive = self.statistic, self.df, self.positive
        mean, variance = (
            (float(positive.mean()), float(positive.var(ddof=1)))
            if len(positive) > 1
            else (np.nan, np.nan)
        )
        corrected, ratio = df * t / mean, t / df
        ddf = 2 * mean / (mean - 1)
        rows = {
            "LRT": (t, df, np.nan, chdtrc(df, t)),
            "PBtest": (t, np.nan, np.nan, self.p_value),
            "Gamma": (t, np.nan, np.nan, gammaincc(mean**2 / variance, t * mean / variance)),
            "Bartlett": (corrected, df, np.nan, chdtrc(df, corrected)),
            "F": (ratio, df, ddf, fdtrc(df, ddf, ratio) if ddf > 0 else np.nan),
        }
        columns = ["stat", "Df", "DenDF", "Pr(>stat)"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def __str__(self) -> str:
        heading = (
            f"Bootstrap test; samples: {len(self.reference)}; positive: {len(self.positive)}; "
            f"extremes: {self.extremes}",
            f"large : {self.formulas[0]}",
            f"small : {self.formulas[1]}",
        )
        return str(AnovaTable(self.frame, heading))

    def __repr__(self) -> str:
        return str(self)


def pb_modcomp(
    larger: "LmerFit",
    smaller: "LmerFit",
    *,
    nsim: int = 1000,
    rng: RandomState | None = None,
) -> BootstrapTest:
    """Parametric-bootstrap likelihood-ratio test of two nested models, as pbkrtest's ``PBmodcomp``.

    Responses are simulated from the smaller model; both models are fitted to each by maximum
    likelihood, many at a time.

    Parameters
    ----------
    larger, smaller : LmerFit
        Nested models of the same data. Fits by REML are refitted by maximum likelihood.
    nsim : int
        Number of simulated responses.
    rng : int, Generator or RStream, optional
        Where the random numbers come from. ``RStream(1)`` gives the responses that pbkrtest
        simulates after ``set.seed(1)``.

    Returns
    -------
    BootstrapTest
        ``print`` it; its `frame` has, besides the bootstrap test, the chi-square test, a gamma
        distribution with the moments of the reference, Bartlett's correction, and F.

    Raises
    ------
    ModelError
        The models are not of the same data, or `larger` has no more parameters than `smaller`.
    ArgumentError
        An option has no meaning.

    Notes
    -----
    As pbkrtest does, the tests leave out the reference values that are not positive. Where a
    variance is tested about half of them are exactly zero (pbkrtest keeps those of them that its
    optimisers leave a little above), and `p_value_all` counts all.

    References
    ----------
    Halekoh, U. and Højsgaard, S. (2014). J. Stat. Softw. 59(9),
    section 3. Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application,
    chapter 4.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> data = bm.load_dataset("sleepstudy")
    >>> larger = bm.lmer("Reaction ~ Days + I(Days^2) + (Days | Subject)", data)
    >>> smaller = bm.lmer("Reaction ~ Days + (Days | Subject)", data)
    >>> found = bm.pb_modcomp(larger, smaller, nsim=19, rng=1)
    >>> round(found.statistic, 3), found.df, found.p_value
    (1.658, 1, 0.2)
    """
    larger = checked_fit(larger, "larger").refit_ml()
    smaller = checked_fit(smaller, "smaller").refit_ml()
    nsim = positive_integer(nsim, "nsim")
    same_data([larger, smaller])
    df = larger.n_parameters - smaller.n_parameters
    if df < 1:
        raise ModelError(
            f"`larger` must have more parameters than `smaller`; they have {larger.n_parameters} "
            f"and {smaller.n_parameters}. Change their places, or compare them by `anova`."
        )
    plan, source = Parametric().plan(smaller), as_source(rng)
    each = max(elements_each(larger), elements_each(smaller))
    counts = [len(part) for part in batches(nsim, each)]
    refit = [(one, refitter(one)) for one in (larger, smaller)]
    parts = []
    for draws in plan.draw(source, counts):
        y = plan.apply(draws).y(smaller)
        big, small = (_deviances(again(_as_errors(one, y))) for one, again in refit)
        parts.append(small - big)
    reference = np.concatenate(parts)
    reference[np.abs(reference) < NOTHING * smaller.nobs] = 0.0
    statistic = max(0.0, smaller.deviance - larger.deviance)
    return BootstrapTest(statistic, df, reference, (larger.formula, smaller.formula))


def _as_errors(fit: "LmerFit", y: Array) -> Responses:
    """Responses `y` (n, B) as a refit of `fit` takes them: all about the fixed part is error."""
    fixed = fixed_part(fit)
    return Responses(fixed, (), y - fixed[:, None])


def _deviances(refits: Refits) -> Array:
    """Deviances (B,); NaN where there is no optimum."""
    return np.array(
        [
            np.nan
            if refits.problem_of(b) is not None
            else refits.solution(b).minus_two_loglik(reml=False)
            for b in range(len(refits))
        ]
    )
