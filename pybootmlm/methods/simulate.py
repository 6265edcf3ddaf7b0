"""Responses simulated from the fitted model, or from the model at other parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import flag, positive_integer
from pybootmlm.design.row_values import RowValues
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.methods.fixed_rows import fixed_rows, weights_of_rows
from pybootmlm.methods.parameters import Parameters, parameters
from pybootmlm.methods.random_rows import RandomRows, random_rows
from pybootmlm.methods.re_form import Effects, all_effects, chosen_effects
from pybootmlm.rng.draws import RandomState, as_source

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]


def simulate(
    fit: "LmerFit",
    nsim: int = 1,
    *,
    use_u: bool | None = None,
    re_form: Any = "~0",
    newdata: pd.DataFrame | None = None,
    newparams: Mapping[str, Any] | None = None,
    allow_new_levels: bool = False,
    cond_sim: bool = True,
    weights: RowValues = None,
    offset: RowValues = None,
    rng: RandomState | None = None,
) -> pd.DataFrame:
    r"""Simulate responses, as lme4's ``simulate``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    nsim : int
        Number of responses.
    use_u : bool, optional
        True keeps the conditional modes of all random effects, False draws all random effects
        anew: short for ``re_form=None`` and ``re_form="~0"``.
    re_form : str or None
        The random effects to keep at their conditional modes, as in `predict`; the others are drawn
        anew. A formula must consist of whole terms of the model.
    newdata : DataFrame, optional
        New rows; those of the fit by default.
    newparams : mapping, optional
        Some of ``theta``, ``beta`` and ``sigma``, in place of the estimates; see `predict`.
    allow_new_levels : bool
        Accept levels that the fit has not seen. Random effects that are drawn are drawn for new
        levels as for others; those that are kept are zero there.
    cond_sim : bool
        Add the residual error.
    weights : array_like, number or column name, optional
        Prior weights of the new rows; needed where `lmer` was given weights that are not a column
        of `newdata`.
    offset : array_like, number or column name, optional
        As in `predict`.
    rng : int, Generator or RStream, optional
        Where the random numbers come from. ``RStream(1)`` gives what R gives after
        ``set.seed(1)``; a seed gives every response a NumPy stream of its own, the one that
        `bootstrap_mer` uses for the same replicate.

    Returns
    -------
    DataFrame (m, nsim)
        One column a response: ``sim_1``, ``sim_2``, ... NaN in rows with a missing variable.

    Raises
    ------
    DataError
        `newdata` lacks a column, or has levels that the fit has not seen.
    ArgumentError
        An option has no meaning for this fit.

    Notes
    -----
    The variance of a row's error is sigma^2 divided by its prior weight, as the model says; lme4
    (1.1-37) simulates all rows with sigma^2. It also takes the first elements of theta for
    whatever terms are drawn: where only some are (``re_form`` with a formula), or where new data
    change the order of the terms, it simulates with the standard deviations of other terms.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    >>> fit.simulate(2, rng=bm.RStream(1)).head(2).round(1)
        sim_1   sim_2
    0  1470.4  1582.5
    1  1391.5  1575.5
    """
    fit = checked_fit(fit)
    nsim = positive_integer(nsim, "nsim")
    if use_u is not None:
        if not (isinstance(re_form, str) and re_form == "~0"):
            raise ArgumentError("`use_u` and `re_form` say the same: give one of them.")
        re_form = None if flag(use_u, "use_u") else "~0"
    allow, cond_sim = flag(allow_new_levels, "allow_new_levels"), flag(cond_sim, "cond_sim")
    source = as_source(rng)
    at = parameters(fit, newparams)
    kept = chosen_effects(fit.design, re_form)
    X, known = fixed_rows(fit, newdata, offset)
    mean = X @ at.beta + known
    for part in random_rows(fit.design, kept, newdata, allow):
        mean = mean + part.times(at.b[part.factor])
    drawn = draws_of(fit, random_rows(fit.design, _others(fit, kept), newdata, allow), at)
    row_weights = weights_of_rows(fit, newdata, weights)
    complete = np.isfinite(mean)
    for one in drawn:
        complete &= np.isfinite(one.Z).all(axis=1)
    m, errors = len(mean), int(complete.sum()) if cond_sim else 0
    out = np.full((m, nsim), np.nan)
    ((u, e),) = source.normals((sum(one.size for one in drawn), errors), [nsim])
    values = np.repeat(mean[complete, None], nsim, axis=1)
    first = 0
    for one in drawn:
        values += at.sigma * one.times(u[:, first : first + one.size], complete)
        first += one.size
    if cond_sim:
        noise = at.sigma * e.T
        values += noise if row_weights is None else noise / np.sqrt(row_weights[complete, None])
    out[complete] = values
    names = [f"sim_{i + 1}" for i in range(nsim)]
    if newdata is not None:
        return pd.DataFrame(out, index=newdata.index, columns=names)
    columns = {name: fit.by_row(out[:, i], name) for i, name in enumerate(names)}
    return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class DrawnEffects:
    """Random effects of one term that are drawn anew, for the levels that the rows have.

    Attributes
    ----------
    Lambda : (q, q) array
        The term's template.
    levels : int
        Number of levels.
    codes : (m,) array of int
        The level of each row; -1 where it is missing.
    Z : (m, q) array
    """

    Lambda: Array
    levels: int
    codes: NDArray[np.intp]
    Z: Array

    @property
    def size(self) -> int:
        """Number of standard normals for one response."""
        return self.levels * len(self.Lambda)

    def times(self, u: Array, rows: NDArray[np.bool_]) -> Array:
        """Z Lambda u (rows, B) for u (B, size)."""
        b = u.reshape(len(u), self.levels, -1) @ self.Lambda.T
        padded = np.concatenate([b, np.zeros((len(b), 1, b.shape[2]))], axis=1)
        codes, Z = self.codes[rows], self.Z[rows]
        out = np.zeros((len(codes), len(u)))
        for k in range(Z.shape[1]):
            out += Z[:, k, None] * padded[:, codes, k].T
        return out


def draws_of(
    fit: "LmerFit", rows: tuple[RandomRows, ...], at: Parameters
) -> tuple[DrawnEffects, ...]:
    """The effects to draw, in the order in which lme4 draws them.

    That is its order of terms on these rows: levels that no row has are left out, and terms with
    more levels come first.
    """
    matrices = fit.labels.covariance.term_matrices(at.theta)
    out = []
    for part in rows:
        assert part.term is not None
        present = np.unique(part.codes[part.codes >= 0])
        recode = np.full(len(part.levels) + 1, -1, np.intp)
        recode[present] = np.arange(len(present))
        # The columns of a term named by a formula may stand in another order.
        own = np.argsort(part.columns)
        Z = part.Z[:, own]
        out.append(DrawnEffects(matrices[part.term], len(present), recode[part.codes], Z))
    counts = np.array([one.levels for one in out])
    if len(out) and (np.diff(counts) > 0).any():
        out = [out[i] for i in np.argsort(counts, kind="stable")[::-1].tolist()]
    return tuple(out)


def _others(fit: "LmerFit", kept: tuple[Effects, ...]) -> tuple[Effects, ...]:
    """The terms that are not kept."""
    every = all_effects(fit.design)
    whole: set[int | None] = {one.term for one in kept if one.term is not None}
    covered = {(one.factor, int(column)) for one in kept for column in one.columns}
    for one in every:
        pairs = {(one.factor, int(column)) for column in one.columns}
        if one.term not in whole and pairs & covered:
            if not pairs <= covered:
                raise ArgumentError(
                    "`re_form` must consist of whole random terms of the model: the other effects "
                    f"of a term are not independent of those that are kept ({fit.formula})."
                )
            whole.add(one.term)
    return tuple(one for one in every if one.term not in whole)
