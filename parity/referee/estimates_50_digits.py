"""What a fit reports at one theta, from 50-digit arithmetic, in the order in which R reports it."""

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.referee.criterion_50_digits import Profile, backward, forward
from parity.referee.cross_products import Matrix, Number

Array = NDArray[np.float64]


def _criterion(at: Profile) -> list[Number]:
    return [at.criterion]


def _loglik(at: Profile) -> list[Number]:
    return [-at.criterion / 2]


def _information(at: Profile) -> list[Number]:
    """AIC, BIC and residual degrees of freedom."""
    n, p = at.products.n, at.products.p
    parameters = p + 1 + sum(term.entries for term in at.products.rows.terms)
    log_n = at.products.mp.log(n)
    return [at.criterion + 2 * parameters, at.criterion + log_n * parameters, n - parameters]


def _sigma(at: Profile) -> list[Number]:
    return [at.sigma]


def _fixef(at: Profile) -> list[Number]:
    return list(at.beta)


def _vcov(at: Profile) -> Matrix:
    """sigma^2 (X'V^-1 X)^-1, as rows."""
    mp, p = at.products.mp, at.products.p
    one = [[mp.mpf(i == j) for j in range(p)] for i in range(p)]
    half = forward(at.R, one)
    scale = at.sigma**2
    return [
        [scale * sum(half[k][i] * half[k][j] for k in range(p)) for j in range(p)] for i in range(p)
    ]


def _std_errors(at: Profile) -> list[Number]:
    covariance = _vcov(at)
    return [at.products.mp.sqrt(covariance[i][i]) for i in range(at.products.p)]


def _varcorr(at: Profile) -> Matrix:
    """Variances and covariances of each term beside standard deviations and correlations."""
    mp, scale = at.products.mp, at.sigma**2
    rows: Matrix = []
    for T in at.templates:
        size = range(len(T))
        S = [
            [scale * sum(a * b for a, b in zip(T[i], T[j], strict=True)) for j in size]
            for i in size
        ]
        sd = [mp.sqrt(S[i][i]) for i in size]
        rows += [[S[i][i], sd[i]] for i in size]
        for j in size:
            for i in range(j + 1, len(T)):
                both = sd[i] * sd[j]
                rows.append([S[i][j], S[i][j] / both if both else mp.nan])
    rows.append([scale, at.sigma])
    return rows


def _u_by_column(at: Profile) -> dict[int, Number]:
    """Spherical effects by column of Z."""
    found: dict[int, Number] = {}
    for part, L, C in zip(at.products.parts, at.roots, at.C, strict=True):
        right = [row[-1] - sum(x * b for x, b in zip(row, at.beta, strict=False)) for row in C]
        values = iter(backward(L, right))
        for k, first in part.blocks:
            for c in range(at.products.rows.terms[k].size):
                found[first + c] = next(values)
    return found


def _b_by_column(at: Profile) -> dict[int, Number]:
    """Conditional modes by column of Z: Lambda u."""
    u, found = _u_by_column(at), dict[int, Number]()
    for k, first in _blocks(at):
        for i, row in enumerate(at.templates[k]):
            found[first + i] = sum(row[j] * u[first + j] for j in range(i + 1))
    return found


def _blocks(at: Profile) -> list[tuple[int, int]]:
    """Term and first column of every level of every term."""
    out, first = [], 0
    for k, term in enumerate(at.products.rows.terms):
        for _ in range(term.levels):
            out.append((k, first))
            first += term.size
    return out


def _u(at: Profile) -> list[Number]:
    u = _u_by_column(at)
    return [u[column] for column in sorted(u)]


def _ranef(at: Profile) -> list[Number]:
    """By factor, by coefficient, by level: the order of as.data.frame(ranef(m))."""
    b, terms = _b_by_column(at), at.products.rows.terms
    starts = list(accumulate((term.size * term.levels for term in terms), initial=0))
    ordered = sorted(range(len(terms)), key=lambda k: terms[k].factor)
    return [
        b[starts[k] + level * terms[k].size + c]
        for k in ordered
        for c in range(terms[k].size)
        for level in range(terms[k].levels)
    ]


def _fitted(at: Profile) -> list[Number]:
    rows, mp = at.products.rows, at.products.mp
    offset = [0.0] * at.products.n if rows.offset is None else rows.offset.tolist()
    out = [
        mp.mpf(o) + sum(x * b for x, b in zip(own, at.beta, strict=True))
        for o, own in zip(offset, rows.X.tolist(), strict=True)
    ]
    b = _b_by_column(at)
    for i, c, x in zip(rows.row.tolist(), rows.column.tolist(), rows.entry.tolist(), strict=True):
        out[i] += x * b[c]
    return out


def _resid(at: Profile) -> list[Number]:
    y = at.products.rows.y.tolist()
    return [value - mean for value, mean in zip(y, _fitted(at), strict=True)]


def _hatvalues(at: Profile) -> list[Number]:
    """Diagonal of d mu / d y, by the factors of each part."""
    rows, mp, p = at.products.rows, at.products.mp, at.products.p
    weights = [1.0] * at.products.n if rows.weights is None else rows.weights.tolist()
    entries: dict[int, dict[int, float]] = {}
    for i, c, x in zip(rows.row.tolist(), rows.column.tolist(), rows.entry.tolist(), strict=True):
        entries.setdefault(i, {})[c] = x
    out = [mp.mpf(0)] * at.products.n
    for part, L, C in zip(at.products.parts, at.roots, at.C, strict=True):
        for i in part.rows:
            own = entries[i]
            z: Matrix = []
            for k, first in part.blocks:
                T = at.templates[k]
                for column in range(len(T)):
                    used = range(column, len(T))
                    z.append([sum(T[r][column] * own.get(first + r, 0.0) for r in used)])
            half = [row[0] for row in forward(L, z)]
            x = rows.X[i].tolist()
            left = [[x[j] - sum(C[k][j] * half[k] for k in range(len(half)))] for j in range(p)]
            fixed = forward(at.R, left)
            out[i] = mp.mpf(weights[i]) * (
                sum(v * v for v in half) + sum(row[0] * row[0] for row in fixed)
            )
    return out


ESTIMATES: Mapping[str, Callable[[Profile], Any]] = {
    "criterion": _criterion,
    "loglik": _loglik,
    "information": _information,
    "sigma": _sigma,
    "fixef": _fixef,
    "vcov": _vcov,
    "std_errors": _std_errors,
    "varcorr": _varcorr,
    "u": _u,
    "ranef": _ranef,
    "fitted": _fitted,
    "resid": _resid,
    "hatvalues": _hatvalues,
    "fifty_digits": lambda at: [at.criterion, at.sigma, *at.beta],
}


def estimates(quantity: str, at: Profile) -> Array:
    """Return a quantity of `ESTIMATES` as the doubles nearest to its 50 digits.

    Returns
    -------
    ndarray
        Of the shape of R's answer to the quantity.
    """
    found = ESTIMATES[quantity](at)
    return np.array(
        [[float(x) for x in row] if isinstance(row, list) else float(row) for row in found]
    )
