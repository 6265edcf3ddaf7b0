"""Linear hypotheses about fixed effects: L beta = rhs, and what is said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import numbers, shown
from pybootmlm.exceptions import ArgumentError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FTest:
    """An F statistic with its degrees of freedom.

    Attributes
    ----------
    F : float
        Before it is scaled.
    num_df : int
    den_df : float
    scale : float
        What F is multiplied by before it is compared (Kenward and Roger).
    """

    F: float
    num_df: int
    den_df: float
    scale: float = 1.0


class Approximation(Protocol):
    """How tests of fixed effects find a covariance matrix and degrees of freedom."""

    @property
    def vcov(self) -> Array:
        """Covariance matrix (p, p) of the fixed effects."""

    def df(self, contrast: Array) -> float:
        """Degrees of freedom of one contrast (p,)."""

    def f_test(self, L: Array, difference: Array) -> FTest:
        """F test of L beta - rhs = `difference` (m,), L (m, p)."""


@dataclass(frozen=True)
class Restriction:
    """Rows of L, what they are called, and what they are compared with.

    Attributes
    ----------
    names : tuple of str
    L : (m, p) array
    rhs : (m,) array
    """

    names: tuple[str, ...]
    L: Array
    rhs: Array


def read_restriction(L: Any, rhs: Any, fixed: tuple[str, ...]) -> Restriction:
    """Check a hypothesis about the fixed effects `fixed`.

    `L` is a frame (its columns fixed effects by name, others zero), a dict of weights by fixed
    effect, the name of one, or an array (m, p) or (p,).
    """
    names: tuple[str, ...] | None = None
    if isinstance(L, str):
        L = {L: 1.0}
        names = (next(iter(L)),)
    if isinstance(L, Mapping):
        L = pd.DataFrame([dict(L)])
    elif isinstance(L, pd.Series):
        L = L.to_frame().T
    elif isinstance(L, pd.DataFrame):
        names = tuple(str(name) for name in L.index)
    if isinstance(L, pd.DataFrame):
        strange = [f"`{name}`" for name in L.columns if name not in fixed]
        if strange:
            raise ArgumentError(
                f"`L` names {shown(strange)}; the fixed effects are "
                f"{shown([f'`{name}`' for name in fixed], 20)}."
            )
        L = L.reindex(columns=list(fixed), fill_value=0.0).to_numpy(dtype=float)
    matrix = np.atleast_2d(numbers(L, "L"))
    shaped = matrix.ndim == 2 and len(matrix) > 0 and matrix.shape[1] == len(fixed)
    if not shaped or not np.isfinite(matrix).all():
        raise ArgumentError(
            f"`L` must hold finite numbers, a row a contrast with one weight for each of the "
            f"{len(fixed)} fixed effects; got an array of shape {matrix.shape}."
        )
    values = numbers(rhs, "rhs")
    if values.ndim > 1 or values.size not in (1, len(matrix)) or not np.isfinite(values).all():
        raise ArgumentError(
            f"`rhs` must be one finite number, or one for each of the {len(matrix)} rows of `L`; "
            f"got an array of shape {values.shape}."
        )
    if names is None:
        names = tuple(str(i) for i in range(len(matrix)))
    return Restriction(names, matrix, np.broadcast_to(values, (len(matrix),)).astype(float))
