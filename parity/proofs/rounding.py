"""Cholesky factors that rounding alone lets R have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial, thin_alike
from parity.values import Value
from pybootmlm import LmerFit

Array = NDArray[np.float64]
_NO_PIVOT = 1e-10  # of the row's variance: a smaller one is rounding


@dataclass(frozen=True)
class _Whitened:
    """Residuals (n,) by either root, and where there is a root by Cholesky.

    Attributes
    ----------
    by_cholesky, by_root
        Zero in the former where there is no such root.
    regular
        Rows before the first pivot of their cluster that is rounding.
    least
        The least pivot up to there, as a share of its row's variance.
    """

    by_cholesky: Array
    by_root: Array
    regular: NDArray[np.bool_]
    least: float


def whitened_by_a_factor_of_rounding(trial: Trial) -> Evidence | None:
    """Show that R's residuals are those of Cholesky roots but where there is no such root.

    From a cluster's first pivot that is rounding on, R's residuals may be anything; by them the
    mean differs that is taken off all. Ours must be those of symmetric roots.
    """
    whitened = _whitened(native_fit(trial))
    pool = _pool_of_r(trial, whitened)
    if pool is None:
        return None
    theirs = compare(_kept(trial, pool), Value.of(trial.expected.numbers), trial.tolerance)
    by_root = _kept(trial, whitened.by_root - whitened.by_root.mean())
    ours = compare(by_root, Value.of(trial.observed.numbers), trial.tolerance)
    if not theirs.passed or not ours.passed:
        return None
    regular = whitened.regular
    return {
        f"R's residuals against those of Cholesky roots, of which there are {int(regular.sum())} "
        f"for {regular.size} rows, but for one shift of all": agree(theirs),
        "R's others": (
            f"reach {np.abs(pool[~regular]).max():.4g}; the least pivot is {whitened.least:.1e} "
            "of its row's variance, so they are of no root"
        ),
        "ours against those of symmetric roots": agree(ours),
    }


def _pool_of_r(trial: Trial, whitened: _Whitened) -> Array | None:
    """Put together R's residuals (n,): Cholesky's, shifted, and R's own where there is no root.

    A thinned record need not hold the latter; if it is one, that the mean is zero tells it.
    """
    regular, kept = whitened.regular, trial.expected.numbers
    if regular.all():
        return None
    places = np.arange(len(kept))
    if trial.answer.thinned:
        if (~regular).sum() > 1:
            return None
        kept, rows = kept[:-2], (trial.expected.rows or ())[:-2]
        places = np.array([int(row) - 1 for row in rows])
    known = regular[places]
    shifts = kept[known] - whitened.by_cholesky[places][known]
    pool = np.where(regular, whitened.by_cholesky + np.median(shifts), 0.0)
    pool[~regular] = -pool.sum() if trial.answer.thinned else kept[~regular]
    return pool


def _kept(trial: Trial, numbers: Array) -> Value:
    return Value.of(thin_alike(Value.of(numbers), trial.answer).numbers)


def _whitened(fit: LmerFit) -> _Whitened:
    Lambda, X = fit.getME("Lambda").toarray(), fit.design.X
    half = fit.getME("Z").toarray() @ Lambda
    V = np.eye(fit.nobs) + half @ half.T
    XR = X @ fit.solution.RX_inverse
    variance = np.where(V == 0, 0.0, V - XR @ XR.T)
    residuals = fit.design.y - X @ fit.beta
    values, vectors = np.linalg.eigh(variance)
    full = values > _NO_PIVOT * values.max()
    by_root = vectors[:, full] @ (vectors[:, full].T @ residuals / np.sqrt(values[full]))
    by_cholesky, regular, least = np.zeros(fit.nobs), np.zeros(fit.nobs, bool), np.inf
    codes = fit.design.factors[0].codes
    for rows in (np.flatnonzero(codes == code) for code in np.unique(codes)):
        block = variance[np.ix_(rows, rows)]
        known, pivot = _known(block)
        least = min(least, pivot)
        root = np.linalg.cholesky(block[:known, :known])
        by_cholesky[rows[:known]] = np.linalg.solve(root, residuals[rows[:known]])
        regular[rows[:known]] = True
    return _Whitened(by_cholesky, by_root, regular, least)


def _known(block: Array) -> tuple[int, float]:
    """Return the rows before the first pivot that is rounding, and the least pivot up to there."""
    left, least = block.copy(), np.inf
    for i in range(len(block)):
        share = abs(left[i, i]) / block[i, i]
        least = min(least, share)
        if share <= _NO_PIVOT:
            return i, least
        left[i + 1 :, i + 1 :] -= np.outer(left[i + 1 :, i], left[i, i + 1 :]) / left[i, i]
    return len(block), least
