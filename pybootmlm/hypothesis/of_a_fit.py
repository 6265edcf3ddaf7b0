"""Lends the tests of fixed effects to `LmerFit.summary` and `LmerFit.anova`."""

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from pybootmlm.hypothesis.contest import fixed_tests
from pybootmlm.hypothesis.degrees_of_freedom import TITLES
from pybootmlm.hypothesis.term_tests import term_tests
from pybootmlm.methods.effect_tests import METHODS, EffectTests

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


def coefficient_frame(fit: "LmerFit", ddf: str) -> pd.DataFrame:
    """The numbers of `fixed_tests`."""
    return fixed_tests(fit, ddf).frame


for _name, _title in TITLES.items():
    METHODS[_name] = EffectTests(
        title=_title,
        coefficients=partial(coefficient_frame, ddf=_name),
        terms=partial(term_tests, ddf=_name),
    )
