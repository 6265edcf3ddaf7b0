"""Estimated marginal means, and their differences."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import confidence_level, flag, one_of, shown
from pybootmlm.exceptions import ArgumentError
from pybootmlm.hypothesis.coefficient_table import CoefficientTable
from pybootmlm.hypothesis.contest import t_frame
from pybootmlm.hypothesis.degrees_of_freedom import approximation
from pybootmlm.hypothesis.reference_grid import grid_rows, reference_grid
from pybootmlm.hypothesis.restriction import Restriction
from pybootmlm.lmm.fit import checked_fit

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]

ADJUSTMENTS = ("none", "bonferroni", "tukey")


def emmeans(
    fit: "LmerFit",
    specs: str | Sequence[str],
    *,
    at: Mapping[str, Any] | None = None,
    pairwise: bool = False,
    adjust: str = "none",
    ddf: str = "satterthwaite",
    level: float = 0.95,
) -> CoefficientTable:
    """Estimated marginal means: predictions averaged over a balanced grid.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    specs : str or sequence of str
        The columns whose values are to be compared; one mean for each combination.
    at : mapping, optional
        Values of columns, in place of every level of a factor and the mean of a number: ``{"age":
        [8, 14]}``. What is not in `specs` is averaged over with equal weights.
    pairwise : bool
        The differences of all pairs, in place of the means.
    adjust : {"none", "bonferroni", "tukey"}
        How the p-values of differences allow for there being several. The intervals stay those of
        single differences.
    ddf : {"satterthwaite", "kenward-roger", "asymptotic"}
        How the degrees of freedom are found; see `contest`.
    level : float
        Confidence level.

    Returns
    -------
    CoefficientTable
        Estimate, Std. Error, df, t value, lower, upper, Pr(>|t|); NaN where the data cannot
        estimate a mean (an empty cell). An offset is not added.

    Raises
    ------
    ArgumentError
        `specs` or `at` is not of the fixed effects, or an option has no meaning.
    ModelError
        Kenward and Roger's method is asked of a fit by maximum likelihood.

    References
    ----------
    Searle, S. R., Speed, F. M. and Milliken, G. A. (1980). Population marginal means in the linear
    model: an alternative to least squares means. Am. Stat. 34, 216-221. As lmerTest's ``ls_means``
    and the R package emmeans (which takes a number with two values for a factor; here `at` does).

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("angle ~ recipe * temp + (1 | recipe:replicate)", bm.load_dataset("cake"))
    >>> bm.emmeans(fit, "recipe").frame.iloc[:, :3].round(3)
       Estimate  Std. Error    df
    A    33.122       1.737  42.0
    B    31.644       1.737  42.0
    C    31.600       1.737  42.0
    >>> bm.emmeans(fit, "recipe", pairwise=True, adjust="tukey").frame["Pr(>|t|)"].round(4)
    A - B    0.8200
    A - C    0.8102
    B - C    0.9998
    Name: Pr(>|t|), dtype: float64
    """
    fit = checked_fit(fit)
    level = confidence_level(level)
    one_of(adjust, "adjust", ADJUSTMENTS)
    if at is not None and not isinstance(at, Mapping):
        raise ArgumentError(f"`at` must be a dict such as {{'age': [8, 14]}}; got {at!r}.")
    cells = reference_grid(fit, at or {})
    names = [specs] if isinstance(specs, str) else list(specs)
    strange = [f"`{name}`" for name in names if name not in cells.columns]
    if strange or not names or len(set(names)) < len(names):
        known = shown([f"`{name}`" for name in cells.columns], 20) or "there are none"
        raise ArgumentError(
            f"`specs` must name columns of the fixed effects ({known}), each once; got "
            f"{shown(strange) or repr(specs)}."
        )
    labels, L = _averages(cells[names], grid_rows(fit, cells))
    if flag(pairwise, "pairwise"):
        pairs = list(combinations(range(len(labels)), 2))
        labels = [f"{labels[i]} - {labels[j]}" for i, j in pairs]
        L = np.array([L[i] - L[j] for i, j in pairs]).reshape(len(pairs), fit.beta.size)
    elif adjust != "none":
        raise ArgumentError("`adjust` is for differences: use it with `pairwise=True`.")
    frame = _tests(fit, labels, L, ddf, level)
    heading = f"{'Differences' if pairwise else 'Marginal means'} of {', '.join(names)}"
    if adjust != "none":
        # k means have k (k - 1) / 2 differences.
        means = round((1 + np.sqrt(1 + 8 * len(frame))) / 2)
        frame["Pr(>|t|)"] = _adjusted(frame, adjust, means)
        heading += f"; p-values adjusted: {adjust}"
    return CoefficientTable(frame, (heading,))


def _averages(specs: pd.DataFrame, rows: Array) -> tuple[list[str], Array]:
    """Names of the combinations, and the mean of their rows."""
    texts = [" ".join(_text(value) for value in cell) for cell in specs.itertuples(index=False)]
    names = list(dict.fromkeys(texts))
    of = np.array(texts)
    return names, np.array([rows[of == name].mean(axis=0) for name in names])


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _tests(fit: "LmerFit", names: list[str], L: Array, ddf: str, level: float) -> pd.DataFrame:
    """t-tests of the rows; NaN for those that are NaN."""
    known = np.asarray(np.isfinite(L).all(axis=1))
    asked = Restriction(
        tuple(name for name, there in zip(names, known, strict=True) if there),
        L[known],
        np.zeros(int(known.sum())),
    )
    return t_frame(fit, approximation(fit, ddf), asked, level).reindex(names)


def _adjusted(frame: pd.DataFrame, adjust: str, means: int) -> Array:
    p = frame["Pr(>|t|)"].to_numpy()
    if adjust == "bonferroni":
        return np.asarray(np.minimum(1.0, p * len(frame)))
    from scipy.stats import studentized_range  # here: it doubles the time of the import

    # Two means do not differ by more than the range of all of them.
    ranges = np.sqrt(2) * np.abs(frame["t value"].to_numpy())
    return np.asarray(studentized_range.sf(ranges, means, frame["df"].to_numpy()))
