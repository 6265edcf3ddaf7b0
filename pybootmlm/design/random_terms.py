"""The random terms as arrays, in the order in which lme4's mkReTrms puts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.columns import Column
from pybootmlm.design.grouping import GroupingFactor, grouping_factor
from pybootmlm.design.matrices import MatrixSpec, matrix_spec
from pybootmlm.formula import Bar, Expression, Structure
from pybootmlm.formula.structure import UNSTRUCTURED
from pybootmlm.linalg.read_only import read_only


@dataclass(frozen=True, eq=False)
class RandomTerm:
    """
    One random-effects term.

    Attributes
    ----------
    factor : int
        Its grouping factor: index into `ModelDesign.factors`.
    names : tuple of str, length q
        Coefficient names, R's: ``"(Intercept)"``, ``"Days"``, ``"recipeB"``.
    Z : ndarray, shape (n, q)
        Model matrix of what stands left of the bar.
    spec : MatrixSpec
        How `Z` was built, for new data.
    structure : Structure
        How its effects covary.
    """

    factor: int
    names: tuple[str, ...]
    Z: NDArray[np.float64]
    spec: MatrixSpec
    structure: Structure = UNSTRUCTURED

    def __post_init__(self) -> None:
        object.__setattr__(self, "Z", read_only(self.Z))


def random_terms(
    bars: Sequence[Bar], columns: Mapping[Expression, Column], n: int
) -> tuple[tuple[RandomTerm, ...], tuple[GroupingFactor, ...]]:
    """
    Build the terms and their grouping factors, `n` rows each.

    Terms with more levels come first. lme4 sorts only when they do not already stand so, and
    then its reversed sort turns terms with equally many levels around; so do we.
    """
    by_name: dict[str, GroupingFactor] = {}
    for bar in bars:
        if bar.grouping.name not in by_name:
            by_name[bar.grouping.name] = grouping_factor(bar.grouping, columns)
    counts = np.array([len(by_name[bar.grouping.name].levels) for bar in bars])
    ordered = list(bars)
    if (np.diff(counts) > 0).any():
        ordered = [bars[i] for i in np.argsort(counts, kind="stable")[::-1].tolist()]
    names = tuple(dict.fromkeys(bar.grouping.name for bar in ordered))
    terms = []
    for bar in ordered:
        # lme4 applies `contrasts` to the fixed effects only.
        spec = matrix_spec(bar.terms, columns)
        factor = names.index(bar.grouping.name)
        terms.append(RandomTerm(factor, spec.names, spec.matrix(columns, n), spec, bar.structure))
    return tuple(terms), tuple(by_name[name] for name in names)
