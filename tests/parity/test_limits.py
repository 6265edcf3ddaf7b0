"""What R is not asked of large data: stated, never silent, and asked all the same with --all."""

import numpy as np
import pandas as pd
import pytest

from parity.cases.limits import REFITS, SQUARE, Size, too_large
from parity.cases.own import Extras, cases_for, own_model


@pytest.fixture(scope="module")
def large():
    """Rows just above the limit of square matrices, in few clusters."""
    rng = np.random.default_rng(1)
    g = np.arange(SQUARE + 1) % 20
    y = rng.normal(size=20)[g] + rng.normal(size=len(g))
    return own_model("y ~ 1 + (1 | g)", pd.DataFrame({"y": y, "g": g}), name="large")


def test_what_is_too_large_is_named_with_its_reason(large):
    extras = Extras(bootstraps=["residual", "residual_cgr"], nsim=5)
    asked = cases_for(large, extras)
    names = {name.removeprefix("large/REML/") for name in asked.not_asked}
    assert names == {
        "scores_mer/level1", "scores_mer/level2", "responses/residual", "bootstrap_mer/residual",
    }  # fmt: skip
    assert {case.id for case in asked.cases} > set(asked.not_asked)
    reason = asked.not_asked["large/REML/scores_mer/level2"]
    assert f"R fills {SQUARE + 1} by {SQUARE + 1} matrices; the limit is {SQUARE} rows" in reason
    assert "--all" in reason


def test_all_is_asked_if_that_is_wanted(large):
    extras = Extras(bootstraps=["residual"], nsim=5, everything=True)
    assert cases_for(large, extras).not_asked == {}


def test_each_limit_has_its_own_measure(large):
    cases = {c.quantity: c for c in cases_for(large, Extras(bootstraps=["case"], nsim=9)).cases}
    many = Size(rows=1000, clusters=REFITS // 1000 + 1, effects=10, several_factors=False)
    assert "for each of 2501 clusters" in str(too_large(cases["empinf_merm"], many))
    assert too_large(cases["bootstrap_case"], many) is None
    wide = Size(rows=3_000_000, clusters=2, effects=1000, several_factors=True)
    assert "R refits 3000000 rows 9 times" in str(too_large(cases["bootstrap_case"], wide))
    assert "1000 by 3000000 matrix" in str(too_large(cases["hatvalues"], wide))
    assert too_large(cases["fixef"], wide) is None
