"""Partial pooling: what each level's own data say, and what the model makes of it."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.plotting.choice import chosen, several
from pybootmlm.plotting.style import (
    DATA,
    FAINT,
    FITTED,
    axes_for,
    cut,
    label_rows,
    plain,
    rows_height,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]
# Levels whose own data determine no coefficients (singular values below this share) have none.
RANK = 1e-10


def shrinkage(
    fit: "LmerFit",
    *,
    factor: int | str | None = None,
    effects: "Sequence[int | str] | int | str | None" = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how far the coefficients of each level are pulled towards those of all.

    Without pooling, a level's coefficients are the least squares of its own rows (everything else
    in the model being what it is estimated to be); with partial pooling, they are fixed effects
    plus conditional modes. One effect: both on a line for each level, with the fixed effect as
    the line of complete pooling. Two effects: an arrow for each level in their plane.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    factor : int or str, optional
        The grouping factor; the first by default.
    effects : int, str or two of them, optional
        The effects; the first two of the factor by default, or its only one.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        There is no such factor or effect, or more than two were named.
    MissingPackageError
        matplotlib is not installed.

    References
    ----------
    Bates, D. M. (2010). lme4: Mixed-effects modeling with R, chapter 4.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    >>> ax = bm.plotting.shrinkage(fit)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('(Intercept)', 'Days')
    """
    fit = checked_fit(fit)
    groups = [one.name for one in fit.design.factors]
    which = chosen(groups, factor, "factor")
    pooled, own = partial_pooling(fit, which)
    names = [str(column) for column in pooled.columns]
    picked = several(names, effects, "effects")[: 2 if effects is None else None]
    if len(picked) > 2:
        raise ArgumentError(
            f"`effects` must be one or two; got {', '.join(names[one] for one in picked)}."
        )
    alone = own.to_numpy()[:, picked]
    partial = pooled.to_numpy()[:, picked]
    fixed = fit.fixef.reindex(names).fillna(0.0).to_numpy()[picked]
    has_own = np.isfinite(alone).all(axis=1)
    title = _title(groups[which], has_own)
    labels = [plain(names[one]) for one in picked]
    if len(picked) == 2:
        ax = axes_for(ax, 6.0, 5.2)
        _plane(ax, alone[has_own], partial[has_own], partial[~has_own], fixed)
        ax.set(xlabel=labels[0], ylabel=labels[1], title=title)
        return ax
    ax = axes_for(ax, 6.5, rows_height(len(partial)))
    order = np.argsort(partial[:, 0], kind="stable")
    _lines(ax, alone[order, 0], partial[order, 0], float(fixed[0]))
    label_rows(ax, list(pooled.index[order]))
    ax.set(xlabel=labels[0], ylabel=plain(cut(groups[which])), title=title)
    return ax


def partial_pooling(fit: "LmerFit", factor: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Coefficients of each level (J, q): partially pooled, and from its own rows alone.

    Levels whose rows do not determine them alone have NaN in the second.
    """
    group = fit.design.factors[factor]
    terms = [term for term in fit.design.terms if term.factor == factor]
    Z = np.hstack([term.Z for term in terms])
    names = [name for term in terms for name in term.names]
    fixed = fit.fixef.reindex(names).fillna(0.0).to_numpy()
    modes = fit.ranef()[group.name].to_numpy()
    coefficients = modes + fixed
    # What the rows say of these coefficients: the residual, and their own part of the fit again.
    partial = fit.design.y - fit.mu + np.einsum("nq,nq->n", Z, coefficients[group.codes])
    weights = np.sqrt(fit.weights.to_numpy())
    own = np.full(coefficients.shape, np.nan)
    order = np.argsort(group.codes, kind="stable")
    ends = np.searchsorted(group.codes[order], np.arange(len(group.levels) + 1))
    for level, (start, end) in enumerate(pairwise(ends)):
        rows = order[start:end]
        own[level] = _least_squares(Z[rows] * weights[rows, None], partial[rows] * weights[rows])
    index = pd.Index(group.levels, name=group.name)
    return (
        pd.DataFrame(coefficients, index=index, columns=names),
        pd.DataFrame(own, index=index, columns=names),
    )


def _least_squares(Z: Array, y: Array) -> Array:
    size = np.linalg.norm(Z, axis=0)
    if len(y) < Z.shape[1] or not size.all():
        return np.full(Z.shape[1], np.nan)
    solution, _, rank, _ = np.linalg.lstsq(Z / size, y, rcond=RANK)
    return np.asarray(solution / size if rank == Z.shape[1] else np.full(Z.shape[1], np.nan))


def _title(group: str, has_own: NDArray[np.bool_]) -> str:
    without = int((~has_own).sum())
    said = f"; {without} without an estimate of their own" if without else ""
    return plain(f"Shrinkage: {len(has_own)} level{'s'[: len(has_own) > 1]} of {cut(group)}{said}")


def _plane(ax: "Axes", alone: Array, partial: Array, only: Array, fixed: Array) -> None:
    many = len(alone) > 100
    size = 2.0 if many else 4.5
    ax.quiver(
        alone[:, 0], alone[:, 1], partial[:, 0] - alone[:, 0], partial[:, 1] - alone[:, 1],
        angles="xy", scale_units="xy", scale=1, width=0.0012 if many else 0.0025, color=FAINT,
    )  # fmt: skip
    ax.plot(
        alone[:, 0], alone[:, 1], "o", markersize=size, color=FAINT, markerfacecolor="white",
        label="no pooling",
    )  # fmt: skip
    ax.plot(partial[:, 0], partial[:, 1], "o", markersize=size, color=DATA, label="partial pooling")
    if len(only):
        ax.plot(only[:, 0], only[:, 1], "s", markersize=size, color=DATA)
    ax.plot(*fixed[:, None], "X", markersize=10, color=FITTED, label="complete pooling")
    ax.legend(frameon=False, fontsize=8)


def _lines(ax: "Axes", alone: Array, partial: Array, fixed: float) -> None:
    rows = np.arange(len(partial))
    size = 4.5 if len(rows) <= 100 else 1.8
    ax.hlines(rows, np.where(np.isnan(alone), partial, alone), partial, color=FAINT, linewidth=0.8)
    ax.plot(
        alone, rows, "o", markersize=size, color=FAINT, markerfacecolor="white", label="no pooling"
    )
    ax.plot(partial, rows, "o", markersize=size, color=DATA, label="partial pooling")
    ax.axvline(fixed, color=FITTED, linestyle="--", linewidth=1.2, label="complete pooling")
    ax.legend(frameon=False, fontsize=8)
