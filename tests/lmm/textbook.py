"""The linear mixed model in dense n-by-n matrices, as a textbook writes it; no trick, no scaling.

y = offset + X beta + Z b + e with Var(b) = sigma^2 S and Var(e) = sigma^2 W^-1. Everything is in
units of the data and formed from V = Z S Z' + W^-1 by general solvers, so it shares neither
algebra nor code with the library.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import block_diag

Array = NDArray[np.float64]


def indicator_columns(Z: Array, codes: ArrayLike, levels: int) -> Array:
    """Row i of Z (n, q) moved to the columns of its level: (n, levels q)."""
    n, q = Z.shape
    out = np.zeros((n, levels * q))
    for i, level in enumerate(np.asarray(codes)):
        out[i, level * q : (level + 1) * q] = Z[i]
    return out


def lower(theta: ArrayLike, q: int) -> Array:
    """The lower triangular q-by-q matrix with the entries of theta, column by column."""
    values = iter(np.asarray(theta, dtype=float))
    L = np.zeros((q, q))
    for column in range(q):
        for row in range(column, q):
            L[row, column] = next(values)
    return L


@dataclass(frozen=True)
class Textbook:
    """One model at one Lambda, everything else at its best value."""

    y: Array
    X: Array
    Z: Array
    Lambda: Array
    reml: bool = True
    weights: Array | None = None
    offset: Array | None = None

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def p(self) -> int:
        return int(self.X.shape[1])

    @property
    def df(self) -> int:
        return self.n - self.p if self.reml else self.n

    @cached_property
    def W_inverse(self) -> Array:
        return np.eye(self.n) if self.weights is None else np.diag(1 / self.weights)

    @cached_property
    def V(self) -> Array:
        root = self.Z @ self.Lambda
        return root @ root.T + self.W_inverse

    @cached_property
    def V_inverse(self) -> Array:
        return np.linalg.inv(self.V)

    @cached_property
    def H(self) -> Array:
        return np.linalg.inv(self.X.T @ self.V_inverse @ self.X)

    @cached_property
    def P(self) -> Array:
        """V^-1 - V^-1 X H X'V^-1."""
        A = self.V_inverse @ self.X
        return self.V_inverse - A @ self.H @ A.T

    @cached_property
    def shifted(self) -> Array:
        return self.y if self.offset is None else self.y - self.offset

    @cached_property
    def beta(self) -> Array:
        return self.H @ (self.X.T @ (self.V_inverse @ self.shifted))

    @cached_property
    def eps(self) -> Array:
        return self.shifted - self.X @ self.beta

    @cached_property
    def r2(self) -> float:
        return float(self.eps @ self.V_inverse @ self.eps)

    @property
    def sigma(self) -> float:
        return float(np.sqrt(self.r2 / self.df))

    @cached_property
    def log_determinants(self) -> float:
        value = np.linalg.slogdet(self.V)[1]
        if self.reml and self.p:
            value -= np.linalg.slogdet(self.H)[1]
        return float(value)

    @property
    def criterion(self) -> float:
        """Minus twice the (restricted) log-likelihood, sigma profiled out."""
        return self.joint(self.sigma)

    def joint(self, sigma: float) -> float:
        """Minus twice the (restricted) log-likelihood at this sigma."""
        return float(
            self.log_determinants + self.df * np.log(2 * np.pi * sigma**2) + self.r2 / sigma**2
        )

    @cached_property
    def u(self) -> Array:
        return self.Lambda.T @ self.Z.T @ self.V_inverse @ self.eps

    @cached_property
    def b(self) -> Array:
        return self.Lambda @ self.u

    @property
    def mu(self) -> Array:
        return self.y - self.eps + self.Z @ self.b

    @property
    def vcov(self) -> Array:
        return self.sigma**2 * self.H

    @property
    def hat(self) -> Array:
        """d mu / d y: I - W^-1 P."""
        return np.eye(self.n) - self.W_inverse @ self.P

    @property
    def hat_diagonal(self) -> Array:
        return np.diag(self.hat)


def of_design(design: Any, theta: ArrayLike, reml: bool) -> Textbook:
    """The dense model of a `ModelDesign` at `theta`; columns ordered term, level, coefficient."""
    values = np.asarray(theta, dtype=float)
    Zs, Lambdas, at = [], [], 0
    for term in design.terms:
        factor = design.factors[term.factor]
        q, J = len(term.names), len(factor.levels)
        size = q * (q + 1) // 2
        Zs.append(indicator_columns(term.Z, factor.codes, J))
        Lambdas += [lower(values[at : at + size], q)] * J
        at += size
    assert at == values.size
    return Textbook(
        design.y,
        design.X,
        np.hstack(Zs),
        block_diag(*Lambdas),
        reml,
        design.weights,
        design.offset,
    )


def central_gradient(
    function: Callable[[Array], float], at: ArrayLike, step: float = 1e-3
) -> Array:
    """Fourth-order central differences, step relative to 1 + |x|."""
    x = np.asarray(at, dtype=float)
    out = []
    for k in range(x.size):
        h = np.zeros_like(x)
        h[k] = step * (1 + abs(x[k]))
        near = np.asarray(function(x + h)) - np.asarray(function(x - h))
        far = np.asarray(function(x + 2 * h)) - np.asarray(function(x - 2 * h))
        out.append((8 * near - far) / (12 * h[k]))
    return np.array(out)


def central_hessian(function: Callable[[Array], float], at: ArrayLike, step: float = 2e-3) -> Array:
    """Second differences at a step and at twice the step, extrapolated: fourth order."""
    x = np.asarray(at, dtype=float)
    middle = function(x)

    def with_step(size: float) -> Array:
        moves = np.diag(size * (1 + np.abs(x)))
        out = np.empty((x.size, x.size))
        for k, a in enumerate(moves):
            out[k, k] = (function(x + a) - 2 * middle + function(x - a)) / a[k] ** 2
            for m, b in enumerate(moves[:k]):
                same = function(x + a + b) + function(x - a - b)
                other = function(x + a - b) + function(x - a + b)
                out[k, m] = out[m, k] = (same - other) / (4 * a[k] * b[m])
        return out

    return (4 * with_step(step) - with_step(2 * step)) / 3


def random_rows(
    seed: int, sizes: Sequence[int], q: int, p: int
) -> tuple[Array, Array, Array, NDArray[np.intp]]:
    """y, X (n, p), Z (n, q), codes of groups of these `sizes`, in shuffled row order."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    n = codes.size
    Z = np.column_stack([np.ones(n), rng.normal(size=(n, q - 1)) + 0.5])[:, :q]
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 3))])[:, :p]
    b = rng.normal(size=(len(sizes), q))
    y = 2.0 + np.einsum("nq,nq->n", Z, b[codes]) + rng.normal(size=n)
    return y, X, Z, codes
