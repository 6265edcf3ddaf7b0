"""The hypotheses of types I, II and III that belong to the terms of a model.

A term contains another if it has all its variables and more, and the same numeric ones. Type I
tests a term after those before it; type II after all that do not contain it; type III averages over
the cells of the terms that contain it, whatever their numbers of rows, as SAS does.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.columns import Column, FactorColumn, NumericColumn, read_column
from pybootmlm.design.contrasts import Coding
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.design.matrices import matrix_spec
from pybootmlm.formula import Expression, column_names, label
from pybootmlm.formula.terms import TermSet
from pybootmlm.linalg.rank import independent_columns

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit

Array = NDArray[np.float64]
Contrasts = dict[str, Array]

# Of elements of L, relative to the largest: what is smaller is rounding.
ROUNDING = 1e-8


def type_1(fit: "LmerFit") -> Contrasts:
    """Each term after those before it: its rows of the triangular root of X'X."""
    R = _unit_root(fit.design.X)
    return {name: R[columns] for name, columns in _columns_of(fit).items()}


def type_2(fit: "LmerFit") -> Contrasts:
    """Each term after all terms that do not contain it."""
    columns, containing = _columns_of(fit), containment(fit)
    if len(columns) <= 1:
        return type_1(fit)
    X, p = fit.design.X, fit.beta.size
    found = {}
    for name, own in columns.items():
        if not containing[name]:
            found[name] = np.eye(p)[own]
            continue
        above = np.concatenate([columns[other] for other in containing[name]])
        rest = np.setdiff1d(np.arange(p), np.concatenate([own, above]))
        order = np.concatenate([rest, own, above])
        R = _unit_root(X[:, order])
        L = np.zeros((len(own), p))
        L[:, order] = R[len(rest) : len(rest) + len(own)]
        found[name] = L
    return found


def type_3(fit: "LmerFit") -> Contrasts:
    """Each term over the cells of those that contain it.

    Every column that a full set of indicators would have is written in the columns of X; a term's
    part is then made orthogonal to the parts of the terms that contain it, the largest first. What
    is left of a column of X is a hypothesis about beta.
    """
    if len(_columns_of(fit)) <= 1:
        return type_1(fit)
    spec, evaluated = fit.design.fixed_spec, evaluated_columns(fit)
    treatment = {
        label(v): "contr.treatment"
        for v, column in evaluated.items()
        if isinstance(column, FactorColumn)
    }
    n = fit.nobs
    coded = matrix_spec(
        TermSet(spec.intercept, spec.variables, spec.terms), evaluated, contrasts=treatment
    )
    X = coded.matrix(evaluated, n)
    kept = independent_columns(X)
    X, names = X[:, kept], [coded.names[i] for i in kept]
    full, full_names = _full_indicators(fit, evaluated)
    inverse = np.linalg.pinv(X)
    # Row i: the column i of the full set, in the columns of X.
    written = _cleared((inverse @ full).T)
    assign = _assign(coded.parts, spec.intercept)[kept]
    order = sorted(range(len(spec.terms)), key=lambda k: -len(spec.terms[k]))
    labels, containing = fit.terms.labels, containment(fit)
    at = {name: np.flatnonzero(assign == k + 1) for k, name in enumerate(labels)}
    for k in order:
        above = [at[other] for other in containing[labels[k]]]
        if above and at[labels[k]].size:
            beside = written[:, np.concatenate(above)]
            own = written[:, at[labels[k]]]
            step = np.linalg.lstsq(beside, own, rcond=ROUNDING)[0]
            written[:, at[labels[k]]] = _cleared(own - beside @ step)
    position = {name: i for i, name in enumerate(full_names)}
    square = written[[position[name] for name in names]]
    # From coefficients of treatment contrasts to those of the fit.
    back = _cleared(inverse @ fit.design.X)
    found = {}
    for name in labels:
        L = square[:, at[name]].T
        found[name] = L[np.abs(L).sum(axis=1) > ROUNDING] @ back
    return found


TYPES: Mapping[int, Callable[["LmerFit"], Contrasts]] = {1: type_1, 2: type_2, 3: type_3}


def containment(fit: "LmerFit") -> dict[str, list[str]]:
    """The terms that contain each term.

    As in lmerTest, a variable counts for a term only where it is coded by contrasts there: without
    the main effect of b, ``a:b`` does not contain ``a``.
    """
    spec, labels = fit.design.fixed_spec, fit.terms.labels
    numeric = {
        i
        for i, column in enumerate(evaluated_columns(fit).values())
        if isinstance(column, NumericColumn) and column.values.shape[1] == 1
    }
    variables = []
    for t, term in enumerate(spec.terms):
        earlier = [set(other) for other in spec.terms[:t]]
        rests = {i: set(term) - {i} for i in term}
        variables.append(
            {i for i, rest in rests.items() if not rest or any(rest <= e for e in earlier)}
        )
    return {
        name: [
            labels[k]
            for k, other in enumerate(variables)
            if own < other and own & numeric == other & numeric
        ]
        for name, own in zip(labels, variables, strict=True)
    }


def evaluated_columns(fit: "LmerFit") -> dict[Expression, Column]:
    """The variables of the fixed effects on the rows used."""
    design = fit.design
    names = dict.fromkeys(n for v in design.fixed_spec.variables for n in column_names(v))
    raw = {name: read_column(design.frame[name], name) for name in names}
    evaluator = Evaluator(raw, design.states)
    found: dict[Expression, Column] = {}
    for variable in design.fixed_spec.variables:
        column = evaluator.column(variable)
        found[variable] = column.without_unused() if isinstance(column, FactorColumn) else column
    return found


def _unit_root(X: Array) -> Array:
    """The triangular root of X'X with ones on the diagonal, as Doolittle's method gives it.

    The scale of its rows matters: Satterthwaite's degrees of freedom of several contrasts depend on
    the basis in which they are written.
    """
    R = np.linalg.qr(X, mode="r")
    return np.asarray(R / np.diag(R)[:, None])


def _columns_of(fit: "LmerFit") -> dict[str, NDArray[np.intp]]:
    """The columns of X of each term."""
    terms = fit.terms
    return {name: np.flatnonzero(terms.assign == k + 1) for k, name in enumerate(terms.labels)}


def _full_indicators(
    fit: "LmerFit", evaluated: Mapping[Expression, Column]
) -> tuple[Array, list[str]]:
    """A column for every cell of every term, and their names."""
    spec, n = fit.design.fixed_spec, fit.nobs
    blocks = [np.ones((n, 1))] if spec.intercept else []
    names = ["(Intercept)"] if spec.intercept else []
    for term in spec.terms:
        alone = matrix_spec(TermSet(False, spec.variables, (term,)), evaluated)
        blocks.append(alone.matrix(evaluated, n))
        names += alone.names
    return np.hstack(blocks), names


def _assign(
    parts: tuple[tuple[Coding | tuple[str, ...], ...], ...], intercept: bool
) -> NDArray[np.intp]:
    """The term of every column: 0 is the intercept."""
    first = [0] if intercept else []
    widths = [int(np.prod([_width(part) for part in term])) for term in parts]
    return np.array([*first, *np.repeat(np.arange(1, len(parts) + 1), widths)], dtype=np.intp)


def _width(part: Coding | tuple[str, ...]) -> int:
    return part.matrix.shape[1] if isinstance(part, Coding) else len(part)


def _cleared(values: Array) -> Array:
    """Zeros for what is rounding."""
    largest = np.abs(values).max(initial=0)
    return np.where(np.abs(values) > ROUNDING * largest, values, 0.0)
