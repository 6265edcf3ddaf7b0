"""The criterion of a linear mixed model in 50-digit arithmetic: the referee.

y = offset + X beta + Z b + e, Var(b) = sigma^2 Lambda Lambda', Var(e) = sigma^2 W^-1, so that
V = Z Lambda Lambda' Z' + W^-1 in units of sigma^2. With r2 the least of
(y - offset - X beta)' V^-1 (y - offset - X beta), and df = n (ML) or n - p (REML),

criterion = log|V| + [REML: log|X'V^-1 X|] + df (1 + log(2 pi r2 / df))

V^-1 and log|V| come from Omega = Lambda'Z'WZ Lambda + I by the inversion and the determinant lemma:
identities whose cancellation 50 digits can afford, and 16 cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parity.referee.cross_products import CrossProducts, Matrix, Number, Part


@dataclass(frozen=True)
class Profile:
    """A model at one theta, everything else at its best value.

    Attributes
    ----------
    products
        The data.
    templates
        The lower triangular matrix of each term.
    roots
        Cholesky factor L of Omega of each part.
    C
        L^-1 Lambda'Z'W[X y] of each part ``(q, p + 1)``.
    R
        Lower Cholesky factor of X'V^-1 X ``(p, p)``.
    beta
        ``(p,)``.
    r2
        Least weighted sum of squares.
    df
        Degrees of freedom of sigma.
    criterion
        Minus twice the (restricted) log-likelihood.
    """

    products: CrossProducts
    templates: tuple[Matrix, ...]
    roots: tuple[Matrix, ...]
    C: tuple[Matrix, ...]
    R: Matrix
    beta: tuple[Number, ...]
    r2: Number
    df: int
    criterion: Number

    @property
    def sigma(self) -> Number:
        """Residual standard deviation."""
        return self.products.mp.sqrt(self.r2 / self.df)


def profile(
    products: CrossProducts, theta: Sequence[Number], reml: bool, df: int | None = None
) -> Profile:
    """Evaluate a model at a theta ``(t,)``.

    Parameters
    ----------
    df
        Other degrees of freedom than the method's, to see what they would give.
    """
    mp, p = products.mp, products.p
    templates = _templates(products, theta)
    tail = [row[:] for row in products.TT]
    log_det = mp.mpf(0)
    roots, halves = [], []
    for part in products.parts:
        omega = _scaled(mp, part, templates)
        root = cholesky(mp, omega)
        half = forward(root, _spread(part, templates, part.ZT))
        for a in range(p + 1):
            for b in range(a + 1):
                tail[a][b] -= sum(row[a] * row[b] for row in half)
        log_det += 2 * sum(mp.log(root[i][i]) for i in range(len(root)))
        roots.append(root)
        halves.append(half)
    full = cholesky(mp, tail)
    R = [row[:p] for row in full[:p]]
    r2 = full[p][p] ** 2
    beta = backward(R, full[p][:p])
    if reml:
        log_det += 2 * sum(mp.log(R[i][i]) for i in range(p))
    df = (products.n - p if reml else products.n) if df is None else df
    criterion = log_det - products.log_weights + df * (1 + mp.log(2 * mp.pi * r2 / df))
    return Profile(
        products, templates, tuple(roots), tuple(halves), R, tuple(beta), r2, df, criterion
    )


def _templates(products: CrossProducts, theta: Sequence[Number]) -> tuple[Matrix, ...]:
    """Lower triangles, filled column by column."""
    mp, entries = products.mp, iter(theta)
    templates = []
    for term in products.rows.terms:
        block = [[mp.mpf(0)] * term.size for _ in range(term.size)]
        for column in range(term.size):
            for row in range(column, term.size):
                block[row][column] = mp.mpf(next(entries))
        templates.append(block)
    return tuple(templates)


def _spread(part: Part, templates: Sequence[Matrix], right: Matrix) -> Matrix:
    """Lambda' right, block by block."""
    out: Matrix = []
    for (k, _), at in zip(part.blocks, part.places, strict=True):
        T = templates[k]
        for column in range(len(at)):
            used = range(column, len(at))
            out.append(
                [sum(T[r][column] * right[at[r]][j] for r in used) for j in range(len(right[0]))]
            )
    return out


def _scaled(mp: Any, part: Part, templates: Sequence[Matrix]) -> Matrix:
    """Lambda'Z'WZ Lambda + I."""
    half = _spread(part, templates, part.ZZ)
    whole = _spread(part, templates, [list(column) for column in zip(*half, strict=True)])
    for i, row in enumerate(whole):
        row[i] += mp.mpf(1)
    return whole


def cholesky(mp: Any, A: Matrix) -> Matrix:
    """Lower factor of a symmetric matrix, of which the lower triangle is read."""
    L = [[mp.mpf(0)] * len(A) for _ in A]
    for i, row in enumerate(A):
        own = L[i]
        for j in range(i):
            other = L[j]
            own[j] = (row[j] - sum(own[k] * other[k] for k in range(j))) / other[j]
        own[i] = mp.sqrt(row[i] - sum(x * x for x in own[:i]))
    return L


def forward(L: Matrix, right: Matrix) -> Matrix:
    """L^-1 right, for rows of columns."""
    out: Matrix = []
    for i, own in enumerate(L):
        row = right[i]
        out.append(
            [(x - sum(own[k] * out[k][j] for k in range(i))) / own[i] for j, x in enumerate(row)]
        )
    return out


def backward(L: Matrix, right: Sequence[Number]) -> list[Number]:
    """L'^-1 right, of one column."""
    size = len(L)
    out: list[Number] = [0] * size
    for i in reversed(range(size)):
        rest = sum(L[k][i] * out[k] for k in range(i + 1, size))
        out[i] = (right[i] - rest) / L[i][i]
    return out
