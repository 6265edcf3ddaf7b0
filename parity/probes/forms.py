"""A matrix by its size and three bilinear forms: an error in any element shows."""

from typing import Any

import numpy as np
import scipy.sparse as sp


def by_forms(matrix: Any, name: str) -> dict[str, float]:
    """Return what ``by_forms`` of methods.R makes of a matrix, or of a vector as a column."""
    given: Any = matrix  # SciPy's types say nothing of what sparse matrices can do
    x = given.toarray() if sp.issparse(matrix) else np.asarray(matrix, float)
    x = x.reshape(-1, 1) if x.ndim < 2 else x
    i, j = np.arange(1.0, len(x) + 1), np.arange(1.0, x.shape[1] + 1)
    numbers = (
        *x.shape,
        np.cos(i) @ x @ np.sin(j),
        np.sin(i**2) @ x @ np.cos(j**2),
        np.cos(i) @ x @ np.cos(j**2),
    )
    kinds = ("rows", "columns", "first", "second", "third")
    return {f"{name}|{kind}": float(x) for kind, x in zip(kinds, numbers, strict=True)}
