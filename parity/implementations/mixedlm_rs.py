"""mixedlm-rs (Rust, with statsmodels' interface), as the harness sees it."""

from collections.abc import Mapping

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
    lower_root,
    permuted,
    ranef_of,
    roots_of,
    theta_of,
    varcorr_of,
)
from parity.implementations.spelling import fixed_formula, r_name, random_terms
from parity.values import Value


class MixedlmRs(ModelsOnly):
    """The library mixedlm-rs: one grouping factor, correlated effects."""

    name = "mixedlm_rs"

    def __init__(self) -> None:
        self._library = library("mixedlm_rs", "mixedlm-rs")

    def versions(self) -> Mapping[str, str]:
        """Return the version of mixedlm-rs."""
        return versions_of("mixedlm-rs")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``mixedlm_rs.mixedlm``."""
        terms = random_terms(model, data)
        if len(terms) > 1:
            message = "mixedlm-rs has one grouping factor with correlated effects"
            raise NotProvidedError(message)
        if model.weights is not None or model.offset is not None:
            message = "mixedlm-rs has neither weights nor offset"
            raise NotProvidedError(message)
        (term,) = terms
        frame = data.assign(grouping_factor=term.labels(data))
        mixed = self._library.mixedlm(
            fixed_formula(model, data, "Poly"),
            frame,
            groups="grouping_factor",
            re_formula=term.one_sided,
        )
        r = mixed.fit(reml=model.reml)
        names = [r_name(str(name)) for name in r.fe_params_labelled.index]
        own = [_intercept(name) for name in mixed.exog_re_names]
        cov = permuted(r.cov_re, own, term.names)
        block = Block(term.group, term.names, cov, frame["grouping_factor"].nunique())
        p, sigma = len(names), float(np.sqrt(r.scale))

        def information() -> Mapping[str, float]:
            if model.reml:
                message = "mixedlm-rs gives AIC and BIC for ML only"
                raise NotProvidedError(message)
            return {"AIC": r.aic, "BIC": r.bic, "df.residual": r.df_resid}

        def deviance(theta: Array) -> float:
            (root,) = roots_of(theta, [block])
            root = lower_root(permuted(root @ root.T, term.names, own))
            return -2.0 * float(mixed.loglike(root[np.tril_indices(len(root))]))

        def effects() -> pd.DataFrame:
            rows = {str(level): list(row) for level, row in r.random_effects.items()}
            return pd.DataFrame.from_dict(rows, orient="index", columns=own)

        return OwnOptimum(
            "mixedlm-rs",
            theta=theta_of([block], sigma),
            reported=-2.0 * r.llf,
            deviance=deviance,
            quantities={
                "fixef": lambda: Value.of(r.fe_params, names),
                "std_errors": lambda: Value.of(r.bse_fe, names),
                "vcov": lambda: pd.DataFrame(np.asarray(r.cov_params())[:p, :p], names, names),
                "sigma": lambda: sigma,
                "loglik": lambda: r.llf,
                "information": information,
                "varcorr": lambda: varcorr_of([block], sigma),
                "ranef": lambda: ranef_of({term.group: effects()}),
                "fitted": lambda: by_row(r.fittedvalues),
                "resid": lambda: by_row(r.resid),
            },
        )


def _intercept(name: str) -> str:
    """lme4's name of a random coefficient: the intercept bears the factor's name here."""
    return "(Intercept)" if name == "Group" else r_name(name)
