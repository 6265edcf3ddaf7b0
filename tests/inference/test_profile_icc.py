"""Limits of the intraclass correlation: where the deviance says they are."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

Fitted = Callable[..., bm.LmerFit]
MODELS = [
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", None),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", "w"),
    ("pop_syn", "popular ~ (1 | school)", None),
    ("hsb", "mathach ~ ses + (1 | id)", None),
    ("sleepstudy", "Reaction ~ Days + (0 + Days | Subject)", None),
]


def theta_of(icc: float) -> float:
    return float(np.sqrt(icc / (1 - icc)))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "weights"), MODELS)
def test_the_deviance_at_the_limits(
    fitted: Fitted, data: str, formula: str, weights: str | None, reml: bool, level: float
):
    """Minimum plus the chi-square quantile, to 1e-8: rounding of a deviance of 1e4 is 1e-11."""
    fit = fitted(data, formula, reml, weights)
    limits = bm.prof_ci_icc(fit, level=level)
    deviance = bm.devfun_mer2(fit)
    ceiling = fit.criterion + chi2.ppf(level, 1)
    low, high = (theta_of(limit) for limit in limits)
    assert low < fit.theta[0] < high
    assert abs(deviance([high]) - ceiling) < 1e-8
    if low == 0:
        assert deviance([0.0]) <= ceiling
    else:
        assert abs(deviance([low]) - ceiling) < 1e-8
    assert abs(deviance([high * 1.001]) - ceiling) > 1e-6, "control"


def test_names_are_percentages(fitted: Fitted):
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)", False)
    names = {
        0.95: ["2.5 %", "97.5 %"],
        0.9: ["5 %", "95 %"],
        0.99: ["0.5 %", "99.5 %"],
        0.5: ["25 %", "75 %"],
    }
    for level, expected in names.items():
        assert bm.prof_ci_icc(fit, level=level).index.tolist() == expected
    assert bm.prof_ci_icc(fit).index.tolist() == names[0.95]


def test_lower_limit_zero(fitted: Fitted):
    """Where theta = 0 is not ruled out: at any level for Dyestuff2, at 99 percent for Dyestuff."""
    for level in (0.5, 0.95):
        limits = bm.prof_ci_icc(fitted("Dyestuff2", "Yield ~ 1 + (1 | Batch)"), level=level)
        assert limits.iloc[0] == 0
        assert 0 < limits.iloc[1] < 1
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)", False)
    assert chi2.ppf(0.99, 1) > 332.6456 - 327.3271
    assert bm.prof_ci_icc(fit, level=0.99).iloc[0] == 0
    assert bm.prof_ci_icc(fit, level=0.95).iloc[0] > 0


def test_wider_levels_contain_narrower_ones(fitted: Fitted):
    fit = fitted("pop_syn", "popular ~ (1 | school)")
    limits = np.array([bm.prof_ci_icc(fit, level=level) for level in (0.5, 0.9, 0.95, 0.999)])
    assert (np.diff(limits[:, 0]) < 0).all()
    assert (np.diff(limits[:, 1]) > 0).all()


def test_from_another_theta_the_limits_belong_to_that_theta(fitted: Fitted):
    """The fit is taken as it is: bootmlm starts from the fit's theta as well."""
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    twisted = fit.at_theta([-fit.theta[0]])
    pd.testing.assert_series_equal(bm.prof_ci_icc(twisted), bm.prof_ci_icc(fit), rtol=1e-9)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, np.nan])
def test_level_out_of_range(fitted: Fitted, level: float):
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    with pytest.raises(ArgumentError, match=r"`level` must lie between 0 and 1, such as 0.95"):
        bm.prof_ci_icc(fit, level=level)


@pytest.mark.parametrize(
    ("data", "formula", "size"),
    [
        ("sleepstudy", "Reaction ~ Days + (Days | Subject)", 3),
        ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", 2),
    ],
)
def test_one_theta_only(fitted: Fitted, data: str, formula: str, size: int):
    with pytest.raises(ArgumentError, match=f"one random intercept .* theta has {size} elements"):
        bm.prof_ci_icc(fitted(data, formula))


def test_eps_max(fitted: Fitted):
    fit = fitted("Dyestuff", "Yield ~ 1 + (1 | Batch)")
    for eps_max in (0.0, -1.0, np.nan):
        with pytest.raises(ArgumentError, match="`eps_max` must be positive"):
            bm.prof_ci_icc(fit, eps_max=eps_max)
    with pytest.raises(ArgumentError, match=r"limit within `eps_max` = 0.1 of theta"):
        bm.prof_ci_icc(fit, eps_max=0.1)
    pd.testing.assert_series_equal(
        bm.prof_ci_icc(fit, eps_max=2.0), bm.prof_ci_icc(fit), rtol=1e-10
    )
