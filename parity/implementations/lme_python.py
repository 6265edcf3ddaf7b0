"""lme-python, the bindings of lme-rs (Rust), as the harness sees it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.errors import NotProvidedError
from parity.implementations.library import library, versions_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.own_optimum import OwnOptimum
from parity.implementations.parts import Block, by_row, theta_of, u_of, varcorr_of
from parity.implementations.spelling import RandomTerm, joined, ordered_factors, random_terms
from parity.values import Value


class LmePython(ModelsOnly):
    """The library lme-python: lme4's formulas, results as lists.

    Parameters
    ----------
    strict
        Whether its optimiser is told to stop later than by default.
    """

    def __init__(self, strict: bool = False) -> None:
        self.name = "lme_python-strict" if strict else "lme_python"
        self._library = library("lme_python", "'lme-python[pandas]'")
        self._strict = strict

    def versions(self) -> Mapping[str, str]:
        """Return the version of lme-python."""
        return versions_of("lme-python")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``lme_python.prepare_lmer``, which takes weights too."""
        if ordered_factors(model, data):
            message = "lme-python has no polynomial contrasts, which lme4 gives ordered factors"
            raise NotProvidedError(message)
        formula = model.formula
        if model.offset is not None:
            formula += f" + offset({model.offset})"
        control = None
        if self._strict:
            control = self._library.FitControl(tolerance=1e-12, max_iterations=100_000)
        weights = None if model.weights is None else data[model.weights].tolist()
        r = self._library.prepare_lmer(formula, data, weights=weights).fit(
            reml=model.reml, control=control
        )
        terms = random_terms(model, data)
        blocks = _blocks(r, terms, data)
        sigma, names = float(np.sqrt(r.sigma2)), list(r.fixed_names)
        return OwnOptimum(
            "lme-python",
            theta=theta_of(blocks, sigma),
            reported=r.reml_criterion if model.reml else r.deviance,
            quantities={
                "fixef": lambda: Value.of(r.coefficients, names),
                "std_errors": lambda: Value.of(r.beta_se, names),
                "vcov": lambda: pd.DataFrame(r.v_beta_unscaled, names, names) * r.sigma2,
                "sigma": lambda: sigma,
                "loglik": lambda: r.log_likelihood,
                "varcorr": lambda: varcorr_of(blocks, sigma),
                "ranef": lambda: dict(
                    zip(_labels(r, terms, data), (row[3] for row in r.ranef), strict=True)
                ),
                "u": lambda: u_of(
                    dict(zip(_labels(r, terms, data), r.u, strict=True)), terms, data
                ),
                "fitted": lambda: by_row(r.fitted),
                "resid": lambda: by_row(r.residuals),
            },
        )


def _blocks(r: Any, terms: tuple[RandomTerm, ...], data: pd.DataFrame) -> list[Block]:
    """Return the terms of the formula with the covariances that var_corr lists."""
    found = {
        (_term(group, terms).group, frozenset((a, b))): cov
        for group, a, b, cov, _ in r.var_corr
        if a
    }
    blocks = []
    for term in terms:
        cov = [
            [found.get((term.group, frozenset((a, b))), 0.0) for b in term.names]
            for a in term.names
        ]
        blocks.append(Block(term.group, term.names, np.array(cov), len(term.levels(data))))
    return blocks


def _labels(r: Any, terms: tuple[RandomTerm, ...], data: pd.DataFrame) -> list[str]:
    """Name effects as lme4 does; lme-python joins the levels of factors with an underscore."""
    level_of: dict[tuple[str, str], str] = {}
    for group in {group for group, *_ in r.ranef}:
        own = joined([data[name] for name in group.split(":")], "_")
        labels = _term(group, terms).labels(data)
        level_of |= {(group, level): label for level, label in zip(own, labels, strict=True)}
    return [
        f"{_term(group, terms).group}|{level_of[group, level]}|{name}"
        for group, level, name, _ in r.ranef
    ]


def _term(group: str, terms: tuple[RandomTerm, ...]) -> RandomTerm:
    """Find the term of a factor: ``cask:batch`` where lme-python says ``batch:cask``."""
    return next(term for term in terms if set(term.variables) == set(group.split(":")))
