"""From a library's variances, effects and rows to lme4's form and names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.implementations.spelling import RandomTerm
from parity.values import Value

Array = NDArray[np.float64]
_FLAT = 1e-14  # of a variance: what a Cholesky step leaves of one that is zero


@dataclass(frozen=True)
class Block:
    """The covariance of one random term.

    Attributes
    ----------
    group
        Grouping factor as lme4 names it, ``"cask:batch"``.
    names
        Coefficients, ``("(Intercept)", "Days")``.
    cov
        ``(q, q)`` their covariance matrix, in the response's units.
    levels
        Number of levels of the factor, which sets lme4's order of the terms.
    """

    group: str
    names: tuple[str, ...]
    cov: Array
    levels: int


def in_lme4_order(blocks: Iterable[Block]) -> list[Block]:
    """Order terms as lme4 does: factors with more levels first, else as they are written."""
    return sorted(blocks, key=lambda block: -block.levels)


def theta_of(blocks: Iterable[Block], sigma: float) -> Array:
    """Return lme4's theta ``(t,)``: lower roots of the relative covariances, column by column.

    Examples
    --------
    >>> theta_of([Block("g", ("(Intercept)",), np.array([[9.0]]), 6)], sigma=2.0)
    array([1.5])
    """
    parts = []
    for block in in_lme4_order(blocks):
        root = lower_root(block.cov / sigma**2)
        parts.append(root.T[np.triu_indices(len(root))])
    return np.concatenate(parts)


def lower_root(matrix: Array) -> Array:
    """Return the lower Cholesky factor of a matrix that may be singular.

    Examples
    --------
    >>> lower_root(np.array([[4.0, -2.0], [-2.0, 1.0]]))
    array([[ 2.,  0.],
           [-1.,  0.]])
    """
    matrix = np.atleast_2d(np.asarray(matrix, dtype=float))
    root = np.zeros_like(matrix)
    for j in range(len(matrix)):
        rest = matrix[j:, j] - root[j:, :j] @ root[j, :j]
        if rest[0] > _FLAT * max(matrix[j, j], 1e-300):
            root[j:, j] = rest / np.sqrt(rest[0])
    return root


def roots_of(theta: Array, blocks: Sequence[Block]) -> list[Array]:
    """Return the lower roots of relative covariances, in the order of `blocks`, at lme4's theta."""
    roots: dict[int, Array] = {}
    start = 0
    for block in in_lme4_order(blocks):
        size = len(block.names)
        root = np.zeros((size, size))
        count = size * (size + 1) // 2
        root.T[np.triu_indices(size)] = theta[start : start + count]
        roots[id(block)] = root
        start += count
    return [roots[id(block)] for block in blocks]


def permuted(matrix: Any, names: Sequence[str], wanted: Sequence[str]) -> Array:
    """Return a covariance matrix with its coefficients in the order that is wanted."""
    place = [list(names).index(name) for name in wanted]
    found: Array = np.atleast_2d(np.asarray(matrix, dtype=float))[np.ix_(place, place)]
    return found


def varcorr_of(blocks: Iterable[Block], sigma: float) -> pd.DataFrame:
    """List variances, standard deviations and correlations as lme4's VarCorr names them."""
    rows: dict[str, tuple[float, float]] = {}
    seen: dict[str, int] = {}
    for block in in_lme4_order(blocks):
        again = seen.get(block.group, 0)
        seen[block.group] = again + 1
        group = f"{block.group}.{again}" if again else block.group
        sd = np.sqrt(np.diag(block.cov))
        for i, name in enumerate(block.names):
            rows[f"{group}|{name}|"] = (block.cov[i, i], sd[i])
            for j, other in enumerate(block.names[:i]):
                cov = block.cov[i, j]
                with np.errstate(invalid="ignore"):
                    rows[f"{group}|{other}|{name}"] = (cov, cov / (sd[i] * sd[j]))
    rows["Residual||"] = (sigma**2, sigma)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["vcov", "sdcor"])


def ranef_of(effects: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Name effects ``factor|level|coefficient``, given a frame (levels, coefficients) a factor."""
    return {
        f"{factor}|{level}|{name}": float(value)
        for factor, frame in effects.items()
        for name in frame.columns
        for level, value in frame[name].items()
    }


def u_of(named: Mapping[str, float], terms: Sequence[RandomTerm], data: pd.DataFrame) -> Value:
    """Put spherical effects, named as `ranef_of` names effects, in lme4's order."""
    levels = {term.group: term.levels(data) for term in terms}
    ordered = sorted(terms, key=lambda term: -len(levels[term.group]))
    return by_row(
        [
            named[f"{term.group}|{level}|{name}"]
            for term in ordered
            for level in levels[term.group]
            for name in term.names
        ]
    )


def by_row(numbers: Any) -> Value:
    """Name numbers by their places, from 1, as R names rows of the data."""
    numbers = np.asarray(numbers, dtype=float).ravel()
    return Value.of(numbers, names=[str(i + 1) for i in range(len(numbers))])
