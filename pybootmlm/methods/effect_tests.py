"""Tests of fixed effects with degrees of freedom, which a layer below lends to a fit's methods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pybootmlm.checks import one_of
from pybootmlm.methods.anova_table import AnovaTable

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


@dataclass(frozen=True)
class EffectTests:
    """One way to degrees of freedom.

    Attributes
    ----------
    title : str
        Whose method it is, as lmerTest's headings say it.
    coefficients : callable
        A fit's t-tests, a row a fixed effect: Estimate, Std. Error, df, t value, Pr(>|t|).
    terms : callable
        A fit's F tests of one of the types 1, 2 and 3, a row a term.
    """

    title: str
    coefficients: Callable[["LmerFit"], pd.DataFrame]
    terms: Callable[["LmerFit", int | str], AnovaTable]


#: By what `ddf` calls them. `pybootmlm.hypothesis`, whose layer lies below, puts them here.
METHODS: dict[str, EffectTests] = {}


def effect_tests(ddf: str) -> EffectTests:
    """The tests called `ddf`.

    Raises
    ------
    ArgumentError
        There are none.
    """
    return METHODS[one_of(ddf, "ddf", tuple(METHODS))]
