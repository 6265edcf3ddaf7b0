"""Data sets of the case bootstrap as bootmlm hands them to lmer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pybootmlm import LmerFit
from pybootmlm.design.model import ModelDesign
from pybootmlm.lmm.refits.rows_taken import take_rows

Indices = NDArray[np.intp]


def regrouped(fit: LmerFit, rows: Sequence[Indices], slips: Sequence[str]) -> ModelDesign:
    """Regroup the rows of drawn clusters, with the slips named.

    Parameters
    ----------
    rows
        Rows of each drawn cluster.
    """
    factor = fit.design.factors[0]
    taken = np.concatenate(rows)
    codes = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    new_group = codes + 1
    if "merged" in slips:
        codes = np.unique(factor.codes[taken], return_inverse=True)[1]
    levels = tuple(str(j + 1) for j in range(int(codes.max()) + 1))
    design = take_rows(fit.design, taken, codes, levels)
    if "covariate" in slips and factor.name in design.fixed_names:
        X = design.X.copy()
        X[:, design.fixed_names.index(factor.name)] = new_group
        design = replace(design, X=X)
    return design
