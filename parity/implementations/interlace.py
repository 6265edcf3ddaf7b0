"""interlace (distribution interlace-lme), as the harness sees it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.errors import NotProvidedError
from parity.implementations.library import library, versions_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.own_optimum import OwnOptimum
from parity.implementations.parts import Block, by_row, ranef_of, theta_of, varcorr_of
from parity.implementations.spelling import RandomTerm, fixed_formula, r_name, random_terms
from parity.values import Value


class Interlace(ModelsOnly):
    """The library interlace: random terms as a list, sparse matrices, diagnostics.

    Parameters
    ----------
    strict
        Whether its other optimiser is used (Py-BOBYQA, in place of L-BFGS-B).
    """

    def __init__(self, strict: bool = False) -> None:
        self.name = "interlace-strict" if strict else "interlace"
        self._library = library("interlace", "interlace-lme")
        self._options = {"optimizer": "bobyqa"} if strict else {}
        if strict:
            library("pybobyqa", "'interlace-lme[bobyqa]'")

    def versions(self) -> Mapping[str, str]:
        """Return the version of interlace."""
        return versions_of("interlace-lme")

    def fit(self, model: Model, data: pd.DataFrame) -> OwnOptimum:
        """Fit with ``interlace.fit``."""
        terms = random_terms(model, data)
        frame = data.assign(**{_column(term): term.labels(data) for term in terms})
        for slope in {slope for term in terms for slope in term.slopes}:
            if slope not in data.columns:  # it takes columns: I(Days ** 2) becomes one
                frame[_plain(slope)] = frame.eval(slope.removeprefix("I(").removesuffix(")"))
            elif not pd.api.types.is_numeric_dtype(data[slope]):
                message = "interlace takes numeric slopes only"
                raise NotProvidedError(message)
        r = self._library.fit(
            fixed_formula(model, data, "contr.poly"),
            frame,
            random=_written(terms),
            method=model.method,
            weights=None if model.weights is None else data[model.weights].to_numpy(),
            offset=None if model.offset is None else data[model.offset].to_numpy(),
            **self._options,
        )
        names = [r_name(str(name)) for name in r.fe_params.index]
        blocks = [_block(r, term) for term in terms]
        sigma = float(np.sqrt(r.scale))

        def leverages() -> Value:
            if len({term.group for term in terms}) > 1:
                message = "interlace's leverages are those of OLS for several factors, as it says"
                raise NotProvidedError(message)
            return by_row(self._library.leverage(r)["overall"])

        return OwnOptimum(
            "interlace",
            theta=theta_of(blocks, sigma),
            reported=-2.0 * r.llf,
            quantities={
                "fixef": lambda: Value.of(r.fe_params.to_numpy(), names),
                "std_errors": lambda: Value.of(r.fe_bse.to_numpy(), names),
                "vcov": lambda: pd.DataFrame(r.fe_cov, names, names),
                "sigma": lambda: sigma,
                "loglik": lambda: r.llf,
                "varcorr": lambda: varcorr_of(blocks, sigma),
                "ranef": lambda: ranef_of(_effects(r, terms)),
                "fitted": lambda: by_row(r.fittedvalues),
                "resid": lambda: by_row(r.resid),
                "hatvalues": leverages,
                "shape": lambda: {
                    "nobs": r.nobs,
                    **{term.group: r.ngroups[_column(term)] for term in terms},
                    "singular": r.is_singular,
                },
            },
        )


def _column(term: RandomTerm) -> str:
    """Return the column of a term's levels; those of one factor share it."""
    return "_by_".join(term.variables)


def _plain(slope: str) -> str:
    """Return the column that holds a slope."""
    return "".join(letter if letter.isalnum() else "_" for letter in slope)


def _written(terms: tuple[RandomTerm, ...]) -> list[str]:
    """Write the terms; those that ``||`` split become one again, because factors may not recur."""
    written: dict[str, list[RandomTerm]] = {}
    for term in terms:
        written.setdefault(_column(term), []).append(term)
    return [
        f"({_sum(group)} {'|' if len(group) == 1 else '||'} {column})"
        for column, group in written.items()
    ]


def _sum(terms: list[RandomTerm]) -> str:
    first = ["1" if any(term.intercept for term in terms) else "0"]
    return " + ".join(first + [_plain(slope) for term in terms for slope in term.slopes])


def _block(r: Any, term: RandomTerm) -> Block:
    """Take a term's covariance from what may be that of several."""
    found = r.variance_components[_column(term)]
    if isinstance(found, pd.DataFrame):
        own = ["(Intercept)"] * term.intercept + [_plain(slope) for slope in term.slopes]
        found = found.loc[own, own].to_numpy()
    return Block(term.group, term.names, np.atleast_2d(found), r.ngroups[_column(term)])


def _effects(r: Any, terms: tuple[RandomTerm, ...]) -> dict[str, pd.DataFrame]:
    effects = {}
    for term in terms:
        frame = pd.DataFrame(r.random_effects[_column(term)])
        spelled = {_plain(slope): slope.replace(" ** ", "^") for slope in term.slopes}
        if frame.shape[1] == 1:
            spelled = {frame.columns[0]: term.names[0]}
        effects[term.group] = frame.rename(columns=spelled)
    return effects
