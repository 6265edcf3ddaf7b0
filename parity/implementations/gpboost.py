"""GPBoost's grouped random effects, as the harness sees them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula

from parity.cases import Model
from parity.errors import NotProvidedError
from parity.implementations.library import library, versions_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.own_optimum import OwnOptimum
from parity.implementations.parts import Block, by_row, ranef_of, theta_of, varcorr_of
from parity.implementations.spelling import RandomTerm, fixed_formula, r_name, random_terms
from parity.values import Value


class Gpboost(ModelsOnly):
    """The library GPBoost: maximum likelihood, independent effects, matrices instead of formulas.

    Parameters
    ----------
    strict
        Whether determinants are exact (Cholesky) for several random effects too, where the
        default is an iterative approximation, and its optimiser stops later.
    """

    def __init__(self, strict: bool = False) -> None:
        self.name = "gpboost-strict" if strict else "gpboost"
        self._library = library("gpboost", "gpboost")
        self._options = {"matrix_inversion_method": "cholesky"} if strict else {}
        self._params = {"delta_rel_conv": 1e-14, "maxit": 10_000} if strict else None

    def versions(self) -> Mapping[str, str]:
        """Return the version of GPBoost."""
        return versions_of("gpboost")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``GPModel``, X from formulaic."""
        terms = random_terms(model, data)
        if model.reml:
            message = "GPBoost maximises the likelihood; it has no REML"
            raise NotProvidedError(message)
        if any(len(term.names) > 1 for term in terms):
            message = "GPBoost's random slopes are independent of the intercepts"
            raise NotProvidedError(message)
        groups = {term.group: term.labels(data) for term in terms}
        slopes = [term for term in terms if term.slopes]
        if {t.group for t in slopes} - {t.group for t in terms if t.intercept}:
            message = "GPBoost is asked for slopes beside intercepts only"
            raise NotProvidedError(message)
        read = Formula(fixed_formula(model, data, "contr.poly")).get_model_matrix(data)
        X = read.rhs
        places = list(groups)
        gp = self._library.GPModel(
            group_data=np.column_stack([labels.to_numpy(dtype=str) for labels in groups.values()]),
            group_rand_coef_data=np.column_stack([data[t.slopes[0]] for t in slopes])
            if slopes
            else None,
            ind_effect_group_rand_coef=[places.index(t.group) + 1 for t in slopes] or None,
            weights=None if model.weights is None else data[model.weights].to_numpy(),
            likelihood="gaussian",
            num_parallel_threads=1,
            **self._options,
        )
        offset = None if model.offset is None else data[model.offset].to_numpy(dtype=float)
        y = np.asarray(read.lhs, dtype=float).ravel()
        gp.fit(y=y, X=np.asarray(X), offset=offset, params=self._params)
        names = [r_name(name) for name in X.columns]
        error, *variances = gp.get_cov_pars(format_pandas=False)
        ordered = [t for t in terms if not t.slopes] + slopes  # as GPBoost lists them
        found = dict(zip(ordered, variances, strict=True))
        blocks = [
            Block(t.group, t.names, np.array([[found[t]]]), groups[t.group].nunique())
            for t in terms
        ]
        sigma = float(np.sqrt(error))

        def coefficients(row: int) -> Value:
            table = np.atleast_2d(gp.get_coef(std_err=True, format_pandas=False))
            return Value.of(table[row], names)

        def fitted() -> Any:
            effects = gp.predict_training_data_random_effects().to_numpy()
            design = [np.ones(len(y)) if t.intercept else data[t.slopes[0]] for t in ordered]
            mean = np.asarray(X) @ coefficients(0).numbers + (0.0 if offset is None else offset)
            return mean + (effects * np.column_stack(design)).sum(axis=1)

        return OwnOptimum(
            "GPBoost",
            theta=theta_of(blocks, sigma),
            reported=2.0 * gp.get_current_neg_log_likelihood(),
            quantities={
                "fixef": lambda: coefficients(0),
                "std_errors": lambda: coefficients(1),
                "sigma": lambda: sigma,
                "loglik": lambda: -gp.get_current_neg_log_likelihood(),
                "varcorr": lambda: varcorr_of(blocks, sigma),
                "ranef": lambda: ranef_of(_effects(gp, ordered, groups)),
                "fitted": lambda: by_row(fitted()),
            },
        )


def _effects(
    gp: Any, ordered: list[RandomTerm], groups: Mapping[str, "pd.Series[str]"]
) -> dict[str, pd.DataFrame]:
    """Take one row a level from GPBoost's effects, which are a row a row of the data."""
    table = gp.predict_training_data_random_effects()
    effects: dict[str, pd.DataFrame] = {}
    for term, (_, column) in zip(ordered, table.items(), strict=True):
        labels = groups[term.group].to_numpy()
        frame = effects.setdefault(term.group, pd.DataFrame(index=pd.unique(labels)))
        frame[term.names[0]] = pd.Series(column.to_numpy(), index=labels).groupby(level=0).first()
    return effects
