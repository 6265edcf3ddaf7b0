r"""What the criterion, the search and the reports need to know of a covariance structure.

A term with q random effects has :math:`\operatorname{Var}(b) = \sigma^2 S`, and
:math:`S = \Lambda\Lambda'` is a function of its part of theta. The criterion depends on S alone, so
a structure gives the derivatives of S, which exist on the boundary too, where those of Lambda may
not.
"""

from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# How the search takes an element of theta: as it is (the criterion is even in it, or free of
# bounds), as a square (never negative), or as a sine (between two bounds).
Bend = Literal["linear", "square", "sine"]


class Label(NamedTuple):
    """What an element of theta is: ``sd``, ``cor`` or ``rho``, and of which effects."""

    kind: Literal["sd", "cor", "rho"]
    effects: str


class Root(Protocol):
    """S as a function of theta, and its derivatives; theta is (t, ...), its last axes a batch."""

    @property
    def size(self) -> int:
        """Number q of random effects of a level."""

    def Lambda(self, theta: Array) -> Array:
        """A root of S: (q, q, ...)."""

    def gradient(self, K: Array, theta: Array) -> Array:
        """tr(K dS) by each element (t, ...), for symmetric `K` (q, q, ...)."""

    def directions(self, theta: Array) -> Array:
        """dS by each element (t, q, q, ...)."""

    def curvature(self, K: Array, theta: Array) -> Array:
        """tr(K d2S) by each two elements (t, t, ...), for symmetric `K` (q, q, ...)."""


class Template(Root, Protocol):
    """A covariance structure of q random effects with t parameters.

    Attributes
    ----------
    name : str
        As in formulas: ``us``, ``diag``, ``cs``, ``ar1``.
    homogeneous : bool
        Whether all effects have one standard deviation.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def homogeneous(self) -> bool: ...  # noqa: D102

    @property
    def n_theta(self) -> int:
        """Number t of parameters."""

    @property
    def lower(self) -> Array:
        """Lower bounds of theta (t,)."""

    @property
    def upper(self) -> Array:
        """Upper bounds of theta (t,)."""

    @property
    def is_deviation(self) -> NDArray[np.bool_]:
        """Which elements are relative standard deviations, or diagonal entries of Lambda (t,)."""

    @property
    def bends(self) -> tuple[Bend, ...]:
        """How the search takes each element."""

    @property
    def stored(self) -> NDArray[np.intp]:
        """Which element of lme4's theta stands where in Lambda (q, q); -1 for none.

        lme4's theta are the elements of Lambda that may differ; what is free it calls ``par``.
        """

    def labels(self, effects: tuple[str, ...]) -> tuple[Label, ...]:
        """What each element stands for."""

    def whitens(self) -> bool:
        """Whether any linear map of the effects leaves the structure what it is."""

    def near_boundary(self, theta: Array, tolerance: Array | float) -> NDArray[np.bool_]:
        """Whether S is singular (...), up to `tolerance`, for theta (t, ...)."""

    def canonical(self, theta: Array, tolerance: Array | float = 0.0) -> Array:
        """The one theta (t,) inside the bounds with this S; what is within `tolerance` is zero."""

    def of_covariance(self, S: Array) -> Array:
        """The theta (t,) of a covariance matrix (q, q) that has the structure."""

    def components(self, S: Array, sd_cor: bool) -> Array:
        """Standard deviations and correlations, or (co)variances, of a matrix (q, q): (t,)."""

    def component_directions(self, theta: Array) -> Array:
        """dS by each variance, covariance or correlation (t, q, q), others held."""
