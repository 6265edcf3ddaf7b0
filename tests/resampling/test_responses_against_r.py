"""Resampled responses against those of bootmlm's own samplers, recorded by responses.R.

Both sides start from R's stream at seed 85957 and from R's theta, so they differ by rounding only:
some hundreds of operations on numbers of the size of y, 1e-13 relative; the bound of 1e-10 leaves
room for solves with a condition number of a thousand. A wrong draw is off by order 1.
"""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.resampling.scheme import Resamples

RTOL = 1e-10
RECORDED = json.loads(Path(__file__).with_name("responses.json").read_text())["models"]
DRAWN = [
    (position, scheme)
    for position, one in enumerate(RECORDED)
    for scheme, values in one["responses"].items()
    if isinstance(values, list)
]


def described(value: object) -> str | None:
    """Tests are named after their model, not after its position."""
    if not isinstance(value, int):
        return None
    one = RECORDED[value]
    return f"{one['data']}-{one['formula']}-{'REML' if one['reml'] else 'ML'}"


@pytest.fixture(scope="session")
def at_r(data: Callable[[str], pd.DataFrame]) -> Callable[[int], bm.LmerFit]:
    """Return the recorded model of that position at R's theta."""
    found: dict[int, bm.LmerFit] = {}

    def fit(position: int) -> bm.LmerFit:
        one = RECORDED[position]
        if position not in found:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
                fresh = bm.lmer(one["formula"], data(one["data"]), reml=one["reml"])
            theta = [float(value) for value in one["theta"][0].split()]
            found[position] = fresh.at_theta(theta)
        return found[position]

    return fit


def expected(position: int, scheme: str) -> list[np.ndarray]:
    return [np.array(t.split(), float) for t in RECORDED[position]["responses"][scheme]]


def ours(fit: bm.LmerFit, data: Any) -> list[np.ndarray]:
    """Responses of each replicate; of resampled clusters, in the order drawn."""
    if not isinstance(data, Resamples):
        return list(data.y(fit).T)
    codes = fit.design.factors[0].codes
    rows = data.rows or [[np.flatnonzero(codes == c) for c in drawn] for drawn in data.clusters]
    return [fit.design.y[np.concatenate(parts)] for parts in rows]


@pytest.mark.parametrize(("position", "scheme_name"), DRAWN, ids=described)
def test_responses_are_those_of_r(
    at_r: Callable[[int], bm.LmerFit],
    draw: Callable[..., Any],
    position: int,
    scheme_name: str,
) -> None:
    fit = at_r(position)
    plan, (draws,) = draw(scheme_name, fit, bm.RStream(85957), 2)
    found = ours(fit, plan.apply(draws))
    for mine, r in zip(found, expected(position, scheme_name), strict=True):
        np.testing.assert_allclose(mine, r, rtol=RTOL)


@pytest.mark.parametrize("scheme_name", ["parametric", "residual", "residual_trans", "reb", "case"])
def test_negative_control_the_next_seed_is_told_apart(
    at_r: Callable[[int], bm.LmerFit], draw: Callable[..., Any], scheme_name: str
) -> None:
    fit = at_r(0)
    plan, (draws,) = draw(scheme_name, fit, bm.RStream(85958), 2)
    found = ours(fit, plan.apply(draws))
    assert not np.allclose(found[0], expected(0, scheme_name)[0], rtol=1e-3)


def test_negative_control_an_optimum_that_is_a_millionth_off_is_told_apart(
    at_r: Callable[[int], bm.LmerFit], draw: Callable[..., Any]
) -> None:
    fit = at_r(0).at_theta(at_r(0).theta * (1 + 1e-6))
    plan, (draws,) = draw("residual", fit, bm.RStream(85957), 2)
    found = ours(fit, plan.apply(draws))
    assert not np.allclose(found[0], expected(0, "residual")[0], rtol=RTOL, atol=0)


def test_all_that_r_could_not_draw_is_known() -> None:
    """bootmlm takes terms for grouping factors where a factor has several terms."""
    failed = {
        (one["formula"], scheme): values["error"]
        for one in RECORDED
        for scheme, values in one["responses"].items()
        if isinstance(values, dict)
    }
    assert failed == {
        ("Reaction ~ Days + (Days || Subject)", "residual_cgr"): "infinite or missing values in 'x'"
    }


def test_the_record_says_where_it_comes_from(responses: dict[str, Any]) -> None:
    assert responses["provenance"] == {
        "R": "R version 4.2.2 Patched (2022-11-10 r83330)",
        "lme4": "1.1.31",
        "bootmlm": "0.0.1.1000",
        "RNGkind": ["Mersenne-Twister", "Inversion", "Rejection"],
        "seed": 85957,
        "script": "responses.R",
    }
