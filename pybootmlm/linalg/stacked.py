"""Algebra on stacks of small matrices, matrix axes first.

A stack has shape (rows, columns, ...): the two matrix axes lead and the batch axes trail, so
that every scalar operation of the textbook algorithm is one NumPy operation over a contiguous
batch. The loops run over the order of the matrices, which is the number of random
effects of a group, never over the batch.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def multiply(A: Array, B: Array) -> Array:
    """Product of stacks (r, k, ...) and (k, c, ...); batch axes broadcast."""
    out: Array = A[:, 0, None] * B[None, 0]
    for k in range(1, A.shape[1]):
        out = out + A[:, k, None] * B[None, k]
    return out


def gram(A: Array, B: Array) -> Array:
    """Product A'B of stacks (k, r, ...) and (k, c, ...); batch axes broadcast."""
    out: Array = A[0, :, None] * B[0, None, :]
    for k in range(1, A.shape[0]):
        out = out + A[k, :, None] * B[k, None, :]
    return out


def outer_gram(A: Array) -> Array:
    """Product AA' of a stack (r, k, ...)."""
    return multiply(A, A.swapaxes(0, 1))


def cholesky(A: Array) -> Array:
    """Lower Cholesky factors of a stack (k, k, ...) of symmetric matrices.

    A matrix that is not positive definite gives NaN in its own factor only.
    """
    order = A.shape[0]
    L = np.zeros_like(A)
    with np.errstate(invalid="ignore", divide="ignore"):
        for j in range(order):
            column = A[j:, j].copy()
            for k in range(j):
                column -= L[j:, k] * L[j, k]
            pivot = np.where(column[0] > 0, column[0], np.nan)
            L[j:, j] = column / np.sqrt(pivot)
    return L


def solve_lower(L: Array, B: Array) -> Array:
    """Solve LX = B for stacks L (k, k, ...) lower triangular and B (k, c, ...)."""
    batch = np.broadcast_shapes(L.shape[2:], B.shape[2:])
    X: Array = np.empty(B.shape[:2] + batch)
    for i in range(L.shape[0]):
        row: Array = B[i]
        for k in range(i):
            row = row - L[i, k] * X[k]
        X[i] = row / L[i, i]
    return X


def solve_lower_transposed(L: Array, B: Array) -> Array:
    """Solve L'X = B for stacks L (k, k, ...) lower triangular and B (k, c, ...)."""
    batch = np.broadcast_shapes(L.shape[2:], B.shape[2:])
    X: Array = np.empty(B.shape[:2] + batch)
    for i in reversed(range(L.shape[0])):
        row: Array = B[i]
        for k in range(i + 1, L.shape[0]):
            row = row - L[k, i] * X[k]
        X[i] = row / L[i, i]
    return X


def log_diagonal(L: Array) -> Array:
    """Sum of the logarithms of the diagonals of a stack (k, k, ...)."""
    total: Array = np.log(L[0, 0])
    for i in range(1, L.shape[0]):
        total = total + np.log(L[i, i])
    return total
