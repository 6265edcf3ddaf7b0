"""statsmodels' MixedLM, as the harness sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.errors import NotProvidedError
from parity.implementations.library import library, versions_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.own_optimum import OwnOptimum
from parity.implementations.parts import (
    Array,
    Block,
    by_row,
    permuted,
    ranef_of,
    roots_of,
    theta_of,
    varcorr_of,
)
from parity.implementations.spelling import RandomTerm, fixed_formula, r_name, random_terms
from parity.values import Value

_WHOLE = "all_rows"


class Statsmodels(ModelsOnly):
    """The library statsmodels: one grouping factor, others as variance components.

    Parameters
    ----------
    strict
        Whether its optimiser is told to stop later than by default.
    """

    def __init__(self, strict: bool = False) -> None:
        self.name = "statsmodels-strict" if strict else "statsmodels"
        self._mixed = library("statsmodels.regression.mixed_linear_model", "statsmodels")
        self._options = {"gtol": 1e-10, "maxiter": 10_000} if strict else {}

    def versions(self) -> Mapping[str, str]:
        """Return the version of statsmodels."""
        return versions_of("statsmodels")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``MixedLM.from_formula``."""
        if model.weights is not None or model.offset is not None:
            message = "statsmodels' MixedLM has neither weights nor offset"
            raise NotProvidedError(message)
        plan = _planned(random_terms(model, data), data)
        mixed = self._mixed.MixedLM.from_formula(
            fixed_formula(model, data, "Poly"),
            plan.frame,
            groups=_WHOLE if plan.main is None else _column(plan.main),
            re_formula="0" if plan.main is None else plan.main.one_sided,
            vc_formula={_key(term): plan.component(term) for term in plan.rest} or None,
        )
        r = mixed.fit(reml=model.reml, **self._options)
        names = [r_name(name) for name in mixed.exog_names]
        blocks = _blocks(r, plan)
        p, sigma = len(names), float(np.sqrt(r.scale))

        def information() -> Mapping[str, float]:
            if model.reml:
                message = "statsmodels gives AIC and BIC for ML only"
                raise NotProvidedError(message)
            return {"AIC": r.aic, "BIC": r.bic, "df.residual": r.df_resid}

        def deviance(theta: Array) -> float:
            relative = [root @ root.T for root in roots_of(theta, blocks)]
            others = relative if plan.main is None else relative[1:]
            components = {_key(t): cov for t, cov in zip(plan.rest, others, strict=True)}
            parameters = self._mixed.MixedLMParams.from_components(
                fe_params=r.fe_params,
                cov_re=np.zeros((0, 0))
                if plan.main is None
                else permuted(relative[0], plan.main.names, _own_names(mixed, plan)),
                vcomp=np.array([components[key].item() for key in mixed.exog_vc.names]),
            )
            return -2.0 * float(mixed.loglike(parameters))

        return OwnOptimum(
            "statsmodels",
            theta=theta_of(blocks, sigma),
            reported=-2.0 * r.llf,
            deviance=deviance,
            quantities={
                "fixef": lambda: Value.of(r.fe_params, names),
                "std_errors": lambda: Value.of(r.bse_fe, names),
                "vcov": lambda: pd.DataFrame(np.asarray(r.cov_params())[:p, :p], names, names),
                "sigma": lambda: sigma,
                "loglik": lambda: r.llf,
                "information": information,
                "varcorr": lambda: varcorr_of(blocks, sigma),
                "ranef": lambda: ranef_of(_effects(r, plan)),
                "fitted": lambda: by_row(r.fittedvalues),
                "resid": lambda: by_row(r.resid),
            },
        )


@dataclass(frozen=True)
class _Plan:
    """How statsmodels is told of the random terms.

    Attributes
    ----------
    main
        The term whose factor is `groups`: that in which all others are nested. None where
        factors cross: then all rows are one group.
    rest
        The other terms, each a variance component.
    frame
        The data, with a column of levels for each factor.
    """

    main: RandomTerm | None
    rest: tuple[RandomTerm, ...]
    frame: pd.DataFrame

    def component(self, term: RandomTerm) -> str:
        """Write a variance component: a dummy a level, or a slope within the main factor."""
        within = self.main is not None and term.group == self.main.group
        level = f"C({_column(term)})"
        if not term.slopes:
            return f"0 + {level}"
        return f"0 + {term.slopes[0]}" if within else f"0 + {level}:{term.slopes[0]}"

    def levels(self, term: RandomTerm) -> int:
        """Return the number of levels of a term's factor."""
        return int(self.frame[_column(term)].nunique())


def _planned(terms: tuple[RandomTerm, ...], data: pd.DataFrame) -> _Plan:
    columns = {_column(term): term.labels(data) for term in terms}
    frame = data.assign(**{_WHOLE: 1}, **columns)

    def holds_all(term: RandomTerm) -> bool:
        own = _column(term)
        return all(frame.groupby(other)[own].nunique().max() == 1 for other in columns)

    outermost = sorted(terms, key=lambda term: int(frame[_column(term)].nunique()))
    main = next((term for term in outermost if holds_all(term)), None)
    rest = tuple(term for term in terms if term is not main)
    if any(len(term.names) > 1 for term in rest):
        message = "statsmodels has correlated effects for one grouping factor only"
        raise NotProvidedError(message)
    return _Plan(main, rest, frame)


def _column(term: RandomTerm) -> str:
    """Return the column of a term's levels."""
    return "factor_" + "_".join(term.variables)


def _key(term: RandomTerm) -> str:
    """Return the name of a variance component."""
    return f"{_column(term)}_{term.names[0]}"


def _own_names(mixed: Any, plan: _Plan) -> list[str]:
    """Return lme4's names of the main term's effects; the intercept bears the factor's here."""
    factor = "" if plan.main is None else _column(plan.main)
    names = mixed.data.exog_re_names or ()
    return ["(Intercept)" if name == factor else r_name(name) for name in names]


def _blocks(r: Any, plan: _Plan) -> list[Block]:
    """Return the main term's covariance, then the variance components."""
    blocks = []
    if plan.main is not None:
        cov = permuted(r.cov_re, _own_names(r.model, plan), plan.main.names)
        blocks.append(Block(plan.main.group, plan.main.names, cov, plan.levels(plan.main)))
    variances = dict(zip(r.model.exog_vc.names, np.atleast_1d(r.vcomp), strict=True))
    for term in plan.rest:
        cov = np.array([[variances[_key(term)]]])
        blocks.append(Block(term.group, term.names, cov, plan.levels(term)))
    return blocks


def _effects(r: Any, plan: _Plan) -> dict[str, pd.DataFrame]:
    """Sort statsmodels' effects, which it lists group by group, by factor and coefficient."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    own = [] if plan.main is None else _own_names(r.model, plan)
    for group, effects in r.random_effects.items():
        for place, (label, value) in enumerate(effects.items()):
            if plan.main is not None and place < len(own):
                factor, name, level = plan.main.group, own[place], str(group)
            else:
                term = next(t for t in plan.rest if label.startswith(_key(t)))
                factor, name = term.group, term.names[0]
                inner = label.partition(f"C({_column(term)})[")[2].partition("]")[0]
                level = inner or str(group)
            found.setdefault(factor, {}).setdefault(name, {})[level] = value
    return {factor: pd.DataFrame(columns) for factor, columns in found.items()}
