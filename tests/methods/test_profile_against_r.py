"""Profiles and intervals against lme4's: its points, and the limits it reads off a spline.

`profile.json` was made by profile.R beside it, and names its versions. At each point lme4
minimises with its own optimiser, so its zeta can only be too far from zero. Its limits come from a
spline; how far they are off shows in the deviance there, which ours reach to 1e-8. (That
the constrained minima themselves are right, test_profile.py shows without either of the two.)
"""

import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.methods.profiling.parameters import numbers_of
from pybootmlm.methods.profiling.search import constrained

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "profile.json").read_text(encoding="utf-8"))
Case = dict[str, Any]

# lme4 (1.1-31, 1.1-37) profiles fixed effects of weighted models without the weights' share of the
# deviance: its intervals are forty times too narrow.
WRONG_IN_LME4 = {("w", "(Intercept)"), ("w", "Days")}
# One point of sleepstudy, at a correlation of one, where lme4's optimiser stopped too high.
STOPPED_EARLY = 0.07


def title(case: Case) -> str:
    return f"{case['data']}: {case['formula']}"


def limits(case: Case, name: str, make: ModuleType) -> dict[str, np.ndarray]:
    values = make.floats(case[name]["values"]).reshape(-1, 2, order="F")
    return dict(zip(case[name]["rows"], values, strict=True))


def wrong(case: Case, name: str) -> bool:
    return (case.get("weights"), name) in WRONG_IN_LME4


def check_points(case: Case, make: ModuleType) -> None:
    profile = make.fit_of(case).profile(grid=False)
    zeta, value = make.floats(case["zeta"]), make.floats(case["value"])
    for k, name in enumerate(case["par"]):
        if wrong(case, name) or k % 3:
            continue
        ours = profile.zeta(name, float(value[k]))
        # Both are roots of differences of deviances of about 1e3, of which each knows 1e-9.
        assert abs(ours) < abs(zeta[k]) + 1e-4, (name, value[k])
        assert abs(ours) > abs(zeta[k]) - STOPPED_EARLY, (name, value[k])
        if abs(ours) < abs(zeta[k]) - 1e-3:
            assert (name, abs(zeta[k]) > 4) == (".sig01", True)


def check_limits(case: Case, make: ModuleType) -> None:
    fit = make.fit_of(case)
    profile = fit.profile(grid=False)
    for level, name in ((0.95, "profile95"), (0.8, "profile80")):
        ours, theirs = profile.limits(level=level), limits(case, name, make)
        assert ours.index.tolist() == list(theirs)
        assert list(profile.confint(level=level).columns) == case[name]["columns"]
        target = ours["target"].iloc[0]
        for side in ("lower", "upper"):
            reached = ~ours[f"at_{side}_bound"]
            gap = (ours[f"deviance_{side}"] - target)[reached].abs()
            assert gap.max() < 1e-7
        for row, pair in theirs.items():
            mine = ours.loc[row, ["lower", "upper"]].to_numpy(float)
            if wrong(case, row):
                assert (pair[1] - pair[0]) < 0.1 * (mine[1] - mine[0])
                continue
            # The spline's error: no more than 0.005 in the deviance, anywhere here.
            width = mine[1] - mine[0]
            np.testing.assert_allclose(mine, pair, atol=1e-3 * width)
            for limit in pair:
                if profile.paths[row].lower < limit:
                    assert abs(profile.deviance(row, limit) - target) < 5e-3


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_points(case: Case, make: ModuleType):
    check_points(case, make)


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_limits(case: Case, make: ModuleType):
    check_limits(case, make)


@pytest.mark.parametrize("case", RECORD["cases"], ids=title)
def test_names_and_wald(case: Case, make: ModuleType):
    fit = make.at_r(case)
    assert fit.confint(method="Wald", old_names=False).index.tolist() == case["readable"]
    assert fit.confint("theta_", method="Wald").index.tolist() == case["theta_rows"]
    for options, name in (({}, "wald"), ({"parm": "beta_", "level": 0.9}, "wald_beta")):
        found, expected = fit.confint(method="Wald", **options), limits(case, name, make)
        assert found.index.tolist() == list(expected)
        assert list(found.columns) == case[name]["columns"]
        np.testing.assert_allclose(found, np.array(list(expected.values())), rtol=1e-7)


def test_points_of_the_frame_hold_all_parameters(make: ModuleType):
    """Everything else at its best, not only the deviance: against lme4's rows."""
    case = RECORD["cases"][4]
    profile = make.fit_of(case).profile(grid=False)
    names = case["everything"]["names"]
    table = make.floats(case["everything"]["values"]).reshape(-1, len(names), order="F")
    for k in range(0, len(table), 7):
        path = profile.paths[case["par"][k]]
        value = float(make.floats(case["value"])[k])
        place = path.place(value, constrained(path, value, path.start).point)
        # Where the optimiser stopped: 3e-3 of a flat parameter moves the deviance by 1e-5.
        np.testing.assert_allclose(numbers_of(place, "sdcor"), table[k], rtol=5e-3)


def test_limits_do_not_hang_on_the_scale_of_the_variances(make: ModuleType):
    """Squares of limits are the limits of squares; off a spline they are not."""
    fit = make.fit_of(RECORD["cases"][0])
    of_sd = fit.profile("theta_", grid=False).confint(old_names=False)
    of_variance = fit.profile("theta_", grid=False, scale="varcov").confint(old_names=False)
    for sd, variance in (
        ("sd_(Intercept)|Subject", "var_(Intercept)|Subject"),
        ("sd_Days|Subject", "var_Days|Subject"),
        ("sigma", "sigma"),
    ):
        np.testing.assert_allclose(of_variance.loc[variance], of_sd.loc[sd] ** 2, rtol=1e-7)
    lme4 = {
        scale: dict(
            zip(one["rows"], make.floats(one["values"]).reshape(-1, 2, order="F"), strict=True)
        )
        for scale, one in RECORD["scales"].items()
    }
    off = lme4["varcov"]["var_(Intercept)|Subject"] / lme4["sdcor"]["sd_(Intercept)|Subject"] ** 2
    assert abs(off[0] - 1) > 0.01
    assert set(lme4["varcov"]) == set(
        fit.profile(grid=False, scale="varcov").confint(old_names=False).index
    )


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "profile.R"
    assert len(RECORD["cases"]) == 7


def test_control_a_changed_limit_is_seen(make: ModuleType):
    case = json.loads(json.dumps(RECORD["cases"][2]))
    case["profile95"]["values"][0] = str(float(case["profile95"]["values"][0]) * 1.01)
    with pytest.raises(AssertionError):
        check_limits(case, make)
    case["zeta"] = [str(0.99 * float(z)) for z in case["zeta"]]
    with pytest.raises(AssertionError):
        check_points(case, make)


@pytest.mark.live_r
def test_one_profile_against_live_lme4(make: ModuleType, tmp_path: Path):
    script = """
    suppressMessages(library(lme4))
    fit <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff, REML = FALSE)
    cat(sprintf("%.17g", confint(fit, quiet = TRUE)))
    """
    made = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
    theirs = make.floats(made.stdout.split()).reshape(-1, 2, order="F")
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    np.testing.assert_allclose(fit.confint(), theirs, rtol=3e-4)
