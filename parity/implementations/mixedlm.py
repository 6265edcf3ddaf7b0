"""mixedlm, a port of lme4 in Rust and Python, as the harness sees it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.implementations.library import library, versions_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.own_optimum import OwnOptimum
from parity.implementations.parts import (
    Array,
    Block,
    by_row,
    ranef_of,
    roots_of,
    theta_of,
    u_of,
    varcorr_of,
)
from parity.implementations.spelling import (
    RandomTerm,
    ordered_factors,
    python_text,
    random_terms,
)
from parity.values import Value

_POLYNOMIAL = (".L", ".Q", ".C")


class Mixedlm(ModelsOnly):
    """The library mixedlm: lme4's formulas, and methods under lme4's names.

    Parameters
    ----------
    strict
        Whether its optimiser is told to stop later than by default.
    """

    def __init__(self, strict: bool = False) -> None:
        self.name = "mixedlm-strict" if strict else "mixedlm"
        self._library = library("mixedlm", "mixedlm")
        self._control = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 10_000} if strict else {}

    def versions(self) -> Mapping[str, str]:
        """Return the version of mixedlm."""
        return versions_of("mixedlm")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``mixedlm.lmer``."""
        options: dict[str, Any] = {}
        if ordered := ordered_factors(model, data):
            options["contrasts"] = dict.fromkeys(ordered, "poly")  # R's, but not its default
        if self._control:
            options["control"] = self._library.lmerControl(**self._control)
        r = self._library.lmer(
            python_text(model.formula),
            data,
            REML=model.reml,
            weights=model.weights,
            offset=model.offset,
            **options,
        )
        terms = random_terms(model, data)
        blocks = _blocks(r, terms, data)
        coefficients = [_r_name(name, data) for name in r.fixef()]

        def deviance(theta: Array) -> float:
            own = [root[np.tril_indices(len(root))] for root in roots_of(theta, blocks)]
            return float(r.as_function("deviance")(np.concatenate(own)))

        return OwnOptimum(
            "mixedlm",
            theta=theta_of(blocks, r.sigma),
            reported=r.deviance,
            deviance=deviance,
            quantities={
                "fixef": lambda: Value.of(list(r.fixef().values()), coefficients),
                "std_errors": lambda: Value.of(np.sqrt(np.diag(r.vcov())), coefficients),
                "vcov": lambda: pd.DataFrame(r.vcov(), coefficients, coefficients),
                "sigma": lambda: r.sigma,
                "loglik": lambda: r.logLik().value,
                "information": lambda: {
                    "AIC": r.AIC(),
                    "BIC": r.BIC(),
                    "df.residual": r.df_residual(),
                },
                "varcorr": lambda: varcorr_of(blocks, r.sigma),
                "ranef": lambda: _effects(r, terms, data, r.getME("b")),
                "u": lambda: u_of(_effects(r, terms, data, r.getME("u")), terms, data),
                "fitted": lambda: by_row(r.fitted()),
                "resid": lambda: by_row(r.residuals()),
                "hatvalues": lambda: by_row(r.hatvalues()),
                "shape": lambda: {
                    "nobs": r.nobs(),
                    **{_term(name, terms).group: n for name, n in r.ngrps().items()},
                    "singular": r.isSingular(),
                },
                "refit_same": lambda: {"criterion": r.refit(r.getME("y")).deviance},
            },
        )


def _blocks(r: Any, terms: tuple[RandomTerm, ...], data: pd.DataFrame) -> list[Block]:
    """Return the terms in mixedlm's order; those of ``||`` one by one."""
    blocks = []
    groups = r.VarCorr().groups.values()
    for structure, group in zip(r.matrices.random_structures, groups, strict=True):
        names = [_r_name(name, data) for name in structure.term_names]
        every = tuple(range(len(names)))
        for part in [every] if structure.correlated else [(i,) for i in every]:
            blocks.append(
                Block(
                    _term(structure.grouping_factor, terms).group,
                    tuple(names[i] for i in part),
                    np.asarray(group.cov)[np.ix_(part, part)],
                    structure.n_levels,
                )
            )
    return blocks


def _effects(
    r: Any, terms: tuple[RandomTerm, ...], data: pd.DataFrame, numbers: Array
) -> dict[str, float]:
    """Name mixedlm's effects, or its spherical ones, which it lists in the same order."""
    named: dict[str, float] = {}
    start = 0
    for structure in r.matrices.random_structures:
        size = structure.n_levels * structure.n_terms
        term = _term(structure.grouping_factor, terms)
        turned = term.variables != tuple(structure.grouping_factor.split(":"))
        split = [str(level).split("/") for level in structure.level_map]
        frame = pd.DataFrame(
            np.reshape(numbers[start : start + size], (structure.n_levels, structure.n_terms)),
            index=[":".join(parts[::-1] if turned else parts) for parts in split],
            columns=[_r_name(name, data) for name in structure.term_names],
        )
        named |= ranef_of({term.group: frame})
        start += size
    return named


def _term(factor: str, terms: tuple[RandomTerm, ...]) -> RandomTerm:
    """Find the term of a factor that mixedlm may write the other way round."""
    return next(term for term in terms if set(term.variables) == set(factor.split(":")))


def _r_name(name: str, data: pd.DataFrame) -> str:
    """lme4's name of a coefficient: mixedlm numbers a factor's contrasts, ``recipe.1``."""
    return ":".join(_r_part(part, data) for part in name.split(":"))


def _r_part(part: str, data: pd.DataFrame) -> str:
    variable, _, number = part.rpartition(".")
    if not (number.isdecimal() and variable in data.columns):
        return part.replace("**", "^").replace(" ", "")
    place = int(number)
    categories = data[variable].cat
    if categories.ordered:
        return variable + (_POLYNOMIAL[place - 1] if place <= 3 else f"^{place}")
    return f"{variable}{categories.categories[place]}"
