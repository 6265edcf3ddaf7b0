"""The numbers of a fit, in the units of the data, and the labels that name them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pybootmlm.design.model import ModelDesign
from pybootmlm.linalg.read_only import read_only
from pybootmlm.lmm.covariance import Covariance
from pybootmlm.lmm.standardise import Coordinates
from pybootmlm.lmm.tail import Tail
from pybootmlm.lmm.templates.template import Label

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Labels:
    """What a model's numbers are called; shared by a fit and all its refits.

    Attributes
    ----------
    fixed : tuple of str
        Names of the fixed effects.
    groups : tuple of str
        Name of the grouping factor of each term.
    terms : tuple of tuples of str
        Coefficient names of each term.
    covariance : Covariance
        Templates of Lambda.
    """

    fixed: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    covariance: Covariance

    @property
    def unique_groups(self) -> tuple[str, ...]:
        """`groups`, the second term of a factor with ``.1`` appended, and so on."""
        seen: dict[str, int] = {}
        out = []
        for group in self.groups:
            times = seen[group] = seen.get(group, -1) + 1
            out.append(f"{group}.{times}" if times else group)
        return tuple(out)

    @cached_property
    def of_theta(self) -> tuple[tuple[Label, ...], ...]:
        """What the elements of theta stand for, term by term."""
        pairs = zip(self.covariance.templates, self.terms, strict=True)
        return tuple(template.labels(names) for template, names in pairs)


@dataclass(frozen=True)
class Solution:
    """The model at one theta.

    Attributes
    ----------
    theta : (t,) array
    beta : (p,) array
    RX_inverse : (p, p) array
        Upper triangular root of (X'V^-1X)^-1: Var(beta) = sigma^2 RX_inverse RX_inverse'.
    pwrss : float
        Penalised weighted residual sum of squares.
    log_det_V, log_det_XX, log_weights : float
        log|V|, log|X'V^-1X| and the sum of the log prior weights.
    n : int
        Number of rows.
    reml : bool
        Whether sigma and the criterion are those of REML.
    """

    theta: Array
    beta: Array
    RX_inverse: Array
    pwrss: float
    log_det_V: float
    log_det_XX: float
    log_weights: float
    n: int
    reml: bool

    @property
    def df(self) -> int:
        """Denominator of sigma^2: n, or n - p under REML."""
        return self.n - self.beta.size if self.reml else self.n

    @property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return float(np.sqrt(self.pwrss / self.df))

    def minus_two_loglik(self, reml: bool) -> float:
        """Deviance, or REML criterion, with sigma profiled out."""
        df = self.n - self.beta.size if reml else self.n
        value = self.log_det_V - self.log_weights + df * (1 + np.log(2 * np.pi * self.pwrss / df))
        return float(value + self.log_det_XX if reml else value)


def labels_of(design: ModelDesign, covariance: Covariance) -> Labels:
    """Labels of a design."""
    return Labels(
        fixed=design.fixed_names,
        groups=tuple(design.factors[term.factor].name for term in design.terms),
        terms=tuple(term.names for term in design.terms),
        covariance=covariance,
    )


def solution_of(
    theta: Array,
    tail: Tail,
    log_det_V: float,
    coordinates: Coordinates,
    n: int,
    reml: bool,
    log_weights: float | None = None,
) -> Solution:
    """Bring a tail (B = 1) from standardised coordinates to the units of the data.

    `log_weights` is given where the rows are not all of those of `coordinates`.
    """
    C, R = tail.C[..., 0], coordinates.R
    if len(R):
        # X'V^-1X = R'CC'R, so its inverse has the root R^-1 C^-T.
        RX_inverse = solve_triangular(R, solve_triangular(C, np.eye(len(C)), lower=True).T)
    else:
        RX_inverse = np.zeros((0, 0))
    return Solution(
        theta=read_only(theta),
        beta=read_only(coordinates.beta(tail.gamma[:, 0])),
        RX_inverse=read_only(RX_inverse),
        pwrss=float(tail.r2[0]) * coordinates.scale**2,
        log_det_V=log_det_V,
        log_det_XX=float(tail.log_det_XX[0]) + 2 * coordinates.log_det_R,
        log_weights=coordinates.log_weights if log_weights is None else log_weights,
        n=n,
        reml=reml,
    )
