"""A design brought into the form in which it is fitted."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from pybootmlm.design.model import ModelDesign
from pybootmlm.lmm.covariance import Covariance, build_covariance
from pybootmlm.lmm.one_factor.problem import one_factor
from pybootmlm.lmm.problem import Problem
from pybootmlm.lmm.search.coordinates import (
    STARTS,
    SearchCoordinates,
    of_data,
    search_coordinates,
    whitened,
)
from pybootmlm.lmm.several_factors.problem import several_factors
from pybootmlm.lmm.solution import Labels, labels_of
from pybootmlm.lmm.standardise import Coordinates, standardise
from pybootmlm.lmm.templates.structures import template_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """Everything about a model that does not depend on theta.

    Attributes
    ----------
    design : ModelDesign
    labels : Labels
    coordinates : Coordinates
        Standardised coordinates of the rows.
    problem : Problem
        The criterion.
    search : SearchCoordinates
        Coordinates of the optimiser.
    """

    design: ModelDesign
    labels: Labels
    coordinates: Coordinates
    problem: Problem
    search: SearchCoordinates

    @property
    def covariance(self) -> Covariance:
        """Templates of Lambda."""
        return self.labels.covariance

    @property
    def starts(self) -> tuple[float, ...]:
        """Sizes of Lambda to start from; one where an evaluation is dear and optima are few."""
        return STARTS if len(self.design.factors) == 1 or self.search.correlated else (1.0,)

    def with_response(self, y: Array) -> "Model":
        """The same model of another response (n,)."""
        return build_model(replace(self.design, y=y))

    def relative_to(self, beta: Array) -> "Model":
        """The same model for responses from which X `beta` has been taken already."""
        return replace(self, coordinates=replace(self.coordinates, beta_ols=beta))

    @cached_property
    def predictor_moments(self) -> tuple[Array, tuple[Array, ...]]:
        """Sample covariance of the rows of X (p, p), and the mean of zz' (q, q) of each term."""
        X, n = self.design.X, len(self.design.y)
        centred = X - X.mean(axis=0)
        means = tuple(term.Z.T @ term.Z / n for term in self.design.terms)
        return centred.T @ centred / (n - 1), means

    def by_term(self, by_factor: tuple[Array, ...]) -> tuple[Array, ...]:
        """Effects (J, q) of each term from the effects of each factor."""
        used = [0] * len(by_factor)
        out = []
        for term in self.design.terms:
            q, at = len(term.names), used[term.factor]
            out.append(by_factor[term.factor][:, at : at + q])
            used[term.factor] += q
        return tuple(out)


def build_model(design: ModelDesign) -> Model:
    """Read the rows of a design once, and take what the criterion needs of them."""
    coordinates, y = standardise(design.y, design.X, design.weights, design.offset)
    terms = design.terms
    covariance = build_covariance(
        tuple(term.factor for term in terms),
        [template_of(term.structure, len(term.names)) for term in terms],
    )
    root = coordinates.root_weights
    search = search_coordinates(covariance, [term.Z for term in terms], root)
    factors = range(len(design.factors))
    Zs, Ts = [], []
    for f in factors:
        own = [(term.Z, T) for term, T in zip(terms, search.T, strict=True) if term.factor == f]
        Zs.append(np.hstack([whitened(Z, T, root) for Z, T in own]))
        Ts.append(block_diag(*(T for _, T in own)))
    codes = [factor.codes for factor in design.factors]
    levels = tuple(len(factor.levels) for factor in design.factors)
    seen = of_data(covariance, search)
    problem: Problem
    if len(Zs) == 1:
        problem = one_factor(seen.factors[0], Zs[0], codes[0], levels[0], coordinates.Q, y, Ts[0])
    else:
        problem = several_factors(seen, Zs, codes, levels, coordinates.Q, y, Ts)
    return Model(design, labels_of(design, covariance), coordinates, problem, search)
