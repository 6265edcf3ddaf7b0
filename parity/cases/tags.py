"""What grids of cases and deviations ask about a model, read off its fit."""

import numpy as np

from pybootmlm import LmerFit
from pybootmlm.design.model import ModelDesign
from pybootmlm.formula import parse_formula
from pybootmlm.formula.expression import Name


def tags_of(fit: LmerFit, *, weighted: bool) -> frozenset[str]:
    """Read off a fit what grids of cases and deviations ask about a model."""
    design = fit.design
    read = parse_formula(design.formula)
    one = len(design.factors) == 1
    plain = all(isinstance(expression, Name) for expression in read.expressions)
    single = all(len(bar.grouping.variables) == 1 for bar in read.bars)
    singular = fit.is_singular()
    facts = {
        "one-factor": one,
        "several-factors": not one,
        "intercept": [term.names for term in design.terms] == [("(Intercept)",)],
        "slope": any(len(term.names) > 1 for term in design.terms),
        "uncorrelated": len(design.terms) > len(design.factors),
        "several-fixed-effects": design.X.shape[1] > 1,
        "weighted": weighted,
        "offset": design.offset is not None,
        "missing-rows": len(design.y) < design.n_total,
        "unsorted": _is_unsorted(design),
        "singular": singular,
        "regular": not singular,
        "transformed": not plain,
        "interaction-grouping": not single,
        "scores": one,
        "scores-level-1": not one,
        "influence": one and plain and single,
    }
    return frozenset(tag for tag, holds in facts.items() if holds)


def cluster_of(fit: LmerFit) -> str | None:
    """Return the column whose values are the clusters of a two-level model."""
    bars = parse_formula(fit.design.formula).bars
    variables = {variable for bar in bars for variable in bar.grouping.variables}
    only = next(iter(variables))
    return only.name if len(variables) == 1 and isinstance(only, Name) else None


def _is_unsorted(design: ModelDesign) -> bool:
    return any(bool((np.diff(factor.codes) < 0).any()) for factor in design.factors)
