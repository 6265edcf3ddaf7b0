"""A model's criterion as a function of theta, whatever the number of grouping factors.

Both problems hold cross-products only; the rows are read once, when they are built.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.lmm.anatomy import Anatomy
from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.evaluation import Evaluation
from pybootmlm.lmm.tail import Tail

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class State:
    """The model at one theta, in standardised coordinates.

    Attributes
    ----------
    tail : Tail
        Fixed effects and r2 (B = 1).
    log_det_V : float
        log|V|.
    u, b : tuples of (J, q) arrays
        Spherical effects, and effects on the data's Z, of each grouping factor.
    """

    tail: Tail
    log_det_V: float
    u: tuple[Array, ...]
    b: tuple[Array, ...]


class Problem(Protocol):
    """What the optimiser and the results need of a model.

    Rows enter with whitened columns Z T (see `pybootmlm.lmm.search.coordinates`); what is asked for
    and given back is on the data's Z.
    """

    def with_covariance(self, covariance: Covariance) -> "Problem":
        """The same data, with S of the whitened columns from other parameters."""

    @property
    def dear(self) -> "DearProblem | None":
        """The problem itself where exact Hessians cost too much to search with them."""

    def evaluate(self, theta: Array, reml: bool, order: int) -> Evaluation:
        """Criterion, and derivatives up to `order`, at `theta` (B, T), standardised."""

    def anatomy(self, theta: Array, order: int) -> Anatomy:
        """log|V| and r2, and derivatives up to `order`, at `theta` (B, T), standardised."""

    def state(self, theta: Array) -> State:
        """Estimates at `theta` (T,)."""

    def hat_random(self, theta: Array) -> Array:
        """Diagonal of Z Lambda Omega^-1 Lambda' Z' (n,), in the weighted rows' order."""

    def effect_covariances(self, theta: Array) -> tuple[Array, ...]:
        """Blocks of Lambda Omega^-1 Lambda' that belong to the levels of each factor (J, q, q)."""

    def effects_of(self, theta: Array, rows: Array) -> tuple[Array, ...]:
        """Lambda Omega^-1 Lambda' Z' rows of each factor (J, q, c), for weighted `rows` (n, c).

        Of what is left of the response these are the conditional modes.
        """

    def effect_variances(
        self, theta: Array, codes: tuple[Indices, ...], Z: tuple[Array, ...]
    ) -> Array:
        """z' Lambda Omega^-1 Lambda' z (m,) for any m rows z.

        Of factor f a row has `Z[f]` (m, q) at the level `codes[f]` (m,), nothing at level -1.
        """

    def hessian(self, theta: Array, reml: bool) -> Array:
        """Hessian of the criterion (T, T), to the precision of inference."""

    def v_inverse(self, theta: Array, rows: Array) -> Array:
        """V^-1 rows (n, c) for weighted `rows` (n, c)."""

    def own_v_inverse_Z(self, theta: Array, factor: int) -> Array:
        """Of each row of V^-1 Z_f the q elements that belong to the row's own level: (n, q)."""


class DearProblem(Protocol):
    """What a search needs that does without exact Hessians."""

    def approximate(self, theta: Array, reml: bool) -> Evaluation:
        """Criterion, exact gradient and a Hessian that costs little at `theta` (T,), as B = 1."""

    def moment_start(self) -> Array:
        """Sizes (terms,) of each term's effects on whitened columns to begin with."""
