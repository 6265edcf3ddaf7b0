"""What grids of cases and deviations ask about a model, read off its fit."""

import numpy as np

from pybootmlm import LmerFit
from pybootmlm.design.model import ModelDesign
from pybootmlm.formula import ModelFormula, parse_formula
from pybootmlm.formula.expression import Name


def tags_of(fit: LmerFit, weights: str | None = None, offset: str | None = None) -> frozenset[str]:
    """Read off a fit what grids of cases and deviations ask about a model.

    Parameters
    ----------
    weights, offset
        Columns that hold them.
    """
    design = fit.design
    read = parse_formula(design.formula)
    one = len(design.factors) == 1
    plain = all(isinstance(expression, Name) for expression in read.expressions)
    columns = {*read.columns, *(name for name in (weights, offset) if name is not None)}
    single = all(len(bar.grouping.variables) == 1 for bar in read.bars)
    singular = fit.is_singular()
    facts = {
        "one-factor": one,
        "several-factors": not one,
        "intercept": [term.names for term in design.terms] == [("(Intercept)",)],
        "slope": any(len(term.names) > 1 for term in design.terms),
        "uncorrelated": len(design.terms) > len(design.factors),
        "several-fixed-effects": design.X.shape[1] > 1,
        "weighted": weights is not None,
        "offset": design.offset is not None,
        "missing-rows": len(design.y) < design.n_total,
        "unsorted": _is_unsorted(design),
        "singular": singular,
        "deficient-cluster": one and _has_deficient_cluster(design),
        "regular": not singular,
        "transformed": not plain,
        "hidden-column": not columns <= _variables(read),
        "interaction-grouping": not single,
        "grouping-covariate": _groups_a_covariate(read),
        "scores": one,
        "scores-level-1": not one,
        "influence": one,
    }
    return frozenset(tag for tag, holds in facts.items() if holds)


def _groups_a_covariate(read: ModelFormula) -> bool:
    """Say whether a variable that groups is a covariate too."""
    covariates = {*read.fixed.variables}
    for bar in read.bars:
        covariates |= {*bar.terms.variables}
    return any(covariates & {*bar.grouping.variables} for bar in read.bars)


def _variables(read: ModelFormula) -> set[str]:
    """Return the columns that are variables of the model themselves: R's model frame has them."""
    expressions = {read.response, *read.fixed.variables}
    for bar in read.bars:
        expressions |= {*bar.terms.variables, *bar.grouping.variables}
    return {expression.name for expression in expressions if isinstance(expression, Name)}


def cluster_of(fit: LmerFit) -> str | None:
    """Return the column whose values are the clusters of a two-level model."""
    bars = parse_formula(fit.design.formula).bars
    variables = {variable for bar in bars for variable in bar.grouping.variables}
    only = next(iter(variables))
    return only.name if len(variables) == 1 and isinstance(only, Name) else None


def _has_deficient_cluster(design: ModelDesign) -> bool:
    """Say whether some cluster cannot tell the columns of Z apart, as with one row and a slope."""
    Z, codes = np.hstack([term.Z for term in design.terms]), design.factors[0].codes
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))[:-1]
    return any(np.linalg.matrix_rank(rows) < rows.shape[1] for rows in np.split(Z[order], ends))


def _is_unsorted(design: ModelDesign) -> bool:
    return any(bool((np.diff(factor.codes) < 0).any()) for factor in design.factors)
