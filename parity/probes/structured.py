"""A model whose random effects are given a structure."""

import warnings
from typing import Any

import pybootmlm as bm
from pybootmlm.exceptions import SingularFitWarning


def with_term(fit: Any, term: str) -> Any:
    """Return the model of `fit` with `term` in place of its random terms, at our optimum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(f"{fit.fixed_formula} + {term}", fit.model_frame(), reml=fit.reml)
