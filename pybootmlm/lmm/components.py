"""lme4's names for the components of a fit (``getME``)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pybootmlm.exceptions import ArgumentError

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def component(fit: "LmerFit", name: str) -> Any:
    """The component `name` of a fit; see `COMPONENTS`."""
    if name not in COMPONENTS:
        raise ArgumentError(f"`name` must be one of {', '.join(sorted(COMPONENTS))}; got {name!r}.")
    return COMPONENTS[name](fit)


def random_matrix(fit: "LmerFit") -> sp.csc_array:
    """Z (n, q) sparse, columns ordered term, level, coefficient."""
    blocks = []
    for term in fit.design.terms:
        factor = fit.design.factors[term.factor]
        n, q = term.Z.shape
        columns = factor.codes[:, None] * q + np.arange(q)
        starts = np.arange(0, n * q + 1, q)
        shape = (n, q * len(factor.levels))
        blocks.append(sp.csr_array((term.Z.ravel(), columns.ravel(), starts), shape=shape))
    return sp.csc_array(sp.hstack(blocks))


def relative_factor(fit: "LmerFit") -> sp.csc_array:
    """Lambda (q, q) sparse: the template of each term repeated for every level."""
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    levels = [len(fit.design.factors[term.factor].levels) for term in fit.design.terms]
    return sp.csc_array(
        sp.block_diag([sp.kron(sp.eye_array(J), L) for J, L in zip(levels, matrices, strict=True)])
    )


def _flist(fit: "LmerFit") -> pd.DataFrame:
    return pd.DataFrame(
        {
            f.name: pd.Categorical.from_codes(f.codes, pd.Index(list(f.levels)))
            for f in fit.design.factors
        },
        index=fit.design.index,
    )


def _offset(fit: "LmerFit") -> Any:
    return np.zeros(fit.nobs) if fit.design.offset is None else fit.design.offset


COMPONENTS: Mapping[str, Callable[["LmerFit"], Any]] = {
    "X": lambda fit: pd.DataFrame(
        fit.design.X, index=fit.design.index, columns=list(fit.labels.fixed)
    ),
    "Z": random_matrix,
    "Zt": lambda fit: sp.csc_array(random_matrix(fit).T),
    "Lambda": relative_factor,
    "Lambdat": lambda fit: sp.csc_array(relative_factor(fit).T),
    "y": lambda fit: fit.design.y,
    "mu": lambda fit: fit.mu,
    "u": lambda fit: fit.u,
    "b": lambda fit: fit.b,
    "theta": lambda fit: fit.theta,
    "beta": lambda fit: fit.beta,
    "fixef": lambda fit: fit.fixef,
    "sigma": lambda fit: fit.sigma,
    "RX": lambda fit: np.linalg.inv(fit.solution.RX_inverse),
    "lower": lambda fit: np.where(fit.labels.covariance.on_diagonal, 0.0, -np.inf),
    "cnms": lambda fit: list(zip(fit.labels.groups, fit.labels.terms, strict=True)),
    "flist": _flist,
    "n": lambda fit: fit.nobs,
    "p": lambda fit: fit.beta.size,
    "q": lambda fit: fit.b.size,
    "is_REML": lambda fit: fit.reml,
    "offset": _offset,
    "weights": lambda fit: np.ones(fit.nobs) if fit.design.weights is None else fit.design.weights,
}
