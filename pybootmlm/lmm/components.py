"""lme4's names for the components of a fit (``getME``)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from pybootmlm.design.model import ModelDesign
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formula import label
from pybootmlm.lmm.factorised import cholesky_factor, forward_solve, weighted_transpose
from pybootmlm.lmm.templates.template import Template

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def component(fit: "LmerFit", name: str | list[str] | tuple[str, ...]) -> Any:
    """The component `name` of a fit, or several by name; see `COMPONENTS`."""
    if isinstance(name, list | tuple):
        return {one: component(fit, one) for one in name}
    if not isinstance(name, str) or name not in COMPONENTS:
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


def bar_labels(design: ModelDesign) -> list[str]:
    """What stands in the parentheses of each term: ``Days | Subject``, ``1 | cask:batch``."""
    out = []
    for term in design.terms:
        spec = term.spec
        parts = [":".join(label(spec.variables[i]) for i in one) for one in spec.terms]
        left = " + ".join(parts if spec.intercept and parts else [str(int(spec.intercept)), *parts])
        out.append(f"{left} | {design.factors[term.factor].name}")
    return out


def raw_matrices(fit: "LmerFit") -> dict[str, pd.DataFrame]:
    """The matrix (n, q) of what stands left of each term's bar."""
    return {
        name: pd.DataFrame(term.Z, index=fit.design.index, columns=list(term.names))
        for name, term in zip(bar_labels(fit.design), fit.design.terms, strict=True)
    }


def theta_names(fit: "LmerFit") -> list[str]:
    """lme4's names of theta: ``Subject.(Intercept)``, ``Subject.Days.(Intercept)``, ..."""
    return [
        f"{group}.{one.effects}"
        for group, own in zip(fit.labels.groups, fit.labels.of_theta, strict=True)
        for one in own
    ]


def _ends(sizes: list[int]) -> Indices:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _levels(fit: "LmerFit") -> list[int]:
    """Number of levels of each term's factor."""
    return [len(fit.design.factors[term.factor].levels) for term in fit.design.terms]


def _effects(fit: "LmerFit") -> list[int]:
    """Number of random effects of a level of each term."""
    return [len(term.names) for term in fit.design.terms]


def _all_effects(fit: "LmerFit") -> list[int]:
    """Number of random effects of each term."""
    return [J * q for J, q in zip(_levels(fit), _effects(fit), strict=True)]


def _by_bar(fit: "LmerFit", values: list[Any]) -> dict[str, Any]:
    return dict(zip(bar_labels(fit.design), values, strict=True))


def _Zt_by_effect(fit: "LmerFit") -> dict[str, sp.csr_array]:
    """For every random effect of every term, the rows of Z' that belong to it (J, n)."""
    out = {}
    names = zip(fit.labels.unique_groups, fit.design.terms, strict=True)
    for group, term in names:
        factor = fit.design.factors[term.factor]
        n, J = len(factor.codes), len(factor.levels)
        for k, effect in enumerate(term.names):
            parts = (term.Z[:, k], (factor.codes, np.arange(n)))
            out[f"{group}.{effect}"] = sp.csr_array(parts, shape=(J, n))
    return out


def _templates(fit: "LmerFit") -> dict[str, Array]:
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    return dict(zip(fit.labels.unique_groups, matrices, strict=True))


def _scaled_templates(fit: "LmerFit") -> dict[str, Array]:
    """S on the diagonal and T below it, where the template of Lambda is TS.

    Below a zero of S nothing determines T: NaN, as in lme4.
    """
    out = {}
    for group, L in _templates(fit).items():
        S = np.diag(L)
        T = L / np.where(S == 0, np.nan, S)
        out[group] = np.where(np.tri(len(S), k=-1, dtype=bool), T, np.diag(S))
    return out


def _theta_positions(fit: "LmerFit") -> Indices:
    """Position in lme4's theta, from 0, of each stored element of Lambda' (column by column)."""
    parts = []
    for J, template, first in zip(_levels(fit), _templates_of(fit), _lme4_ends(fit), strict=False):
        stored = template.stored
        # Column j of Lambda' is row j of Lambda: its elements up to the diagonal.
        rows = [row[: j + 1] for j, row in enumerate(stored)]
        of_level = np.concatenate([row[row >= 0] for row in rows])
        parts.append(np.tile(first + of_level, J))
    return np.concatenate(parts)


def _templates_of(fit: "LmerFit") -> tuple[Template, ...]:
    return fit.labels.covariance.templates


def _lme4_sizes(fit: "LmerFit") -> list[int]:
    """How many elements of lme4's theta belong to each term: those of Lambda that may differ."""
    return [int(template.stored.max()) + 1 for template in _templates_of(fit)]


def _lme4_ends(fit: "LmerFit") -> Indices:
    return _ends(_lme4_sizes(fit))


def _lme4_theta(fit: "LmerFit") -> Array:
    """The elements of Lambda that may differ, column by column, term by term."""
    parts = []
    matrices = fit.labels.covariance.term_matrices(fit.theta)
    for template, L in zip(_templates_of(fit), matrices, strict=True):
        own = np.empty(int(template.stored.max()) + 1)
        there = template.stored >= 0
        own[template.stored[there]] = L[there]
        parts.append(own)
    return np.concatenate(parts)


def _At(fit: "LmerFit") -> sp.csc_array:
    """Lambda'Z' (q, n), without weights, as lme4's A."""
    return sp.csc_array(relative_factor(fit).T @ random_matrix(fit).T)


def _L(fit: "LmerFit") -> sp.csc_array:
    return cholesky_factor(weighted_transpose(fit, random_matrix(fit), relative_factor(fit)))


def _RZX(fit: "LmerFit") -> pd.DataFrame:
    At = weighted_transpose(fit, random_matrix(fit), relative_factor(fit))
    solved = forward_solve(cholesky_factor(At), At @ fit.model.coordinates.weigh(fit.design.X))
    return pd.DataFrame(solved, columns=list(fit.labels.fixed))


def _RX(fit: "LmerFit") -> Array:
    """The upper triangular root of X'V^-1 X (p, p) with a positive diagonal."""
    RX = np.linalg.inv(fit.solution.RX_inverse)
    return np.asarray(RX * np.sign(np.diag(RX))[:, None])


def _devcomp(fit: "LmerFit") -> dict[str, pd.Series]:
    """The parts of the deviance, and the dimensions."""
    s = fit.solution
    ussq = float(fit.u @ fit.u)
    criterion = fit.criterion
    parts = {
        "ldL2": s.log_det_V,
        "ldRX2": s.log_det_XX,
        "wrss": float((fit.residuals("pearson") ** 2).sum()),
        "ussq": ussq,
        "pwrss": s.pwrss,
        "REML": criterion if fit.reml else np.nan,
        "dev": np.nan if fit.reml else criterion,
        "sigmaML": float(np.sqrt(s.pwrss / s.n)),
        "sigmaREML": float(np.sqrt(s.pwrss / (s.n - fit.beta.size))),
    }
    p = fit.beta.size
    sizes = {
        "N": s.n,
        "n": s.n,
        "p": p,
        "nmp": s.n - p,
        "q": fit.b.size,
        "nth": sum(_lme4_sizes(fit)),
    }
    sizes |= {"useSc": 1, "reTrms": len(fit.design.terms), "REML": p if fit.reml else 0}
    return {"cmp": pd.Series(parts), "dims": pd.Series(sizes)}


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
    "Ztlist": _Zt_by_effect,
    "mmList": raw_matrices,
    "y": lambda fit: fit.design.y,
    "mu": lambda fit: fit.mu,
    "u": lambda fit: fit.u,
    "b": lambda fit: fit.b,
    "Gp": lambda fit: _ends(_all_effects(fit)),
    "Tp": _lme4_ends,
    "L": _L,
    "Lambda": relative_factor,
    "Lambdat": lambda fit: sp.csc_array(relative_factor(fit).T),
    "Lind": _theta_positions,
    "Tlist": _templates,
    "A": _At,
    "RX": _RX,
    "RZX": _RZX,
    "sigma": lambda fit: fit.sigma,
    "flist": _flist,
    "fixef": lambda fit: fit.fixef,
    "beta": lambda fit: fit.beta,
    "theta": _lme4_theta,
    "par": lambda fit: fit.theta,
    "ST": _scaled_templates,
    "REML": lambda fit: fit.beta.size if fit.reml else 0,
    "is_REML": lambda fit: fit.reml,
    "n_rtrms": lambda fit: len(fit.design.terms),
    "n_rfacs": lambda fit: len(fit.design.factors),
    "N": lambda fit: fit.nobs,
    "n": lambda fit: fit.nobs,
    "p": lambda fit: fit.beta.size,
    "q": lambda fit: fit.b.size,
    "p_i": lambda fit: _by_bar(fit, _effects(fit)),
    "l_i": lambda fit: {f.name: len(f.levels) for f in fit.design.factors},
    "q_i": lambda fit: _by_bar(fit, _all_effects(fit)),
    "k": lambda fit: len(fit.design.terms),
    "m_i": lambda fit: _by_bar(fit, _lme4_sizes(fit)),
    "m": lambda fit: sum(_lme4_sizes(fit)),
    "cnms": lambda fit: list(zip(fit.labels.groups, fit.labels.terms, strict=True)),
    "devcomp": _devcomp,
    "offset": _offset,
    "lower": lambda fit: fit.labels.covariance.lower,
    "upper": lambda fit: fit.labels.covariance.upper,
    "devfun": lambda fit: lambda theta: fit.at_theta(theta).criterion,
    "weights": lambda fit: np.ones(fit.nobs) if fit.design.weights is None else fit.design.weights,
}
