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


def root_above_identity(R: Array) -> Array:
    """Lower triangular L with LL' = I + RR' for a stack R (q, k, ...), not by forming RR'.

    Gram-Schmidt on the rows of [R I], in its modified form: where R is large in one direction
    and small in another, its squares would drown what is small.
    """
    q = R.shape[0]
    L = np.zeros((q, q, *R.shape[2:]))
    if q == 1:
        L[0, 0] = np.sqrt(1.0 + (R[0] ** 2).sum(axis=0))
        return L
    own = np.zeros(L.shape)
    for i in range(q):
        own[i, i] = 1.0
    rows = np.concatenate([R, own], axis=1)
    for j in range(q):
        row = rows[j]
        L[j, j] = np.sqrt((row**2).sum(axis=0))
        if j + 1 < q:
            row = row / L[j, j]
            L[j + 1 :, j] = (rows[j + 1 :] * row).sum(axis=1)
            rows[j + 1 :] -= L[j + 1 :, j, None] * row
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
