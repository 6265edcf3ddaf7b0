"""A fit of R's, read without fitting it again, has R's numbers; what cannot be had is refused."""

import json
import os
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from parity.bridge import RProcess
from parity.errors import RefitMovesWarning, RObjectError
from parity.r_objects import read_mermod

SCRIPT = Path(__file__).parent / "fits_of_r.R"
READABLE = (
    "plain", "weights", "log", "poly", "factors", "sum", "own_contrasts", "square", "crossed",
    "nested", "interaction", "bars", "exclude", "beside", "refit", "held", "powers", "dot",
)  # fmt: skip
pytestmark = pytest.mark.live_r


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files written by R, and what R's own functions say of each fit."""
    place = tmp_path_factory.mktemp("fits")
    subprocess.run(["Rscript", "--vanilla", str(SCRIPT), str(place)], check=True, timeout=120)
    return place


@pytest.fixture(scope="module")
def said(folder):
    text = (folder / "said.json").read_text("utf-8")
    strings = json.loads(text)
    return {
        name: {
            key: values if key == "names" else np.array([_number(v) for v in values])
            for key, values in fields.items()
        }
        for name, fields in strings.items()
    }


def _number(text):
    return np.nan if text == "NA" else float(text)


@pytest.fixture(scope="module")
def r():
    process = RProcess()
    yield process
    process.close()


@pytest.mark.parametrize("name", READABLE)
def test_a_fit_that_was_read_has_the_numbers_of_r(name, folder, said, r):
    # R and we compute at the same theta: what differs is rounding, which a decorrelation of
    # poly() or of crossed factors multiplies; 1e-9 of the unit of each.
    found, wanted = read_mermod(folder / f"{name}.rds", r=r), said[name]
    fit = found.fit
    assert fit.optimum is None, "nothing was optimised"
    assert np.array_equal(fit.theta, wanted["theta"])
    assert list(fit.fixef.index) == wanted["names"]
    sigma = wanted["sigma"][0]
    assert fit.sigma == pytest.approx(sigma, rel=1e-11)
    assert np.allclose(fit.beta, wanted["beta"], rtol=0, atol=1e-9 * wanted["errors"].max())
    assert np.allclose(np.sqrt(np.diag(fit.vcov)), wanted["errors"], rtol=1e-9)
    assert np.allclose(fit.u, wanted["u"], rtol=0, atol=1e-9 * sigma)
    for key, values in (("fitted", fit.fitted), ("residuals", fit.resid)):
        assert np.allclose(values, wanted[key], rtol=0, atol=1e-9 * sigma, equal_nan=True), key
    assert fit.loglik == pytest.approx(wanted["logLik"][0], abs=1e-8)
    assert np.allclose(fit.hat, wanted["hat"][~np.isnan(wanted["hat"])], rtol=1e-8)
    assert max(found.agreement.values()) < 1e-9
    assert not found.moves


def test_the_data_come_back_under_their_own_names(folder, r):
    found = read_mermod(folder / "poly.rds", r=r)
    assert found.solved == ("Reaction", "Days", "w")
    frame = found.fit.design.frame
    d = pd.read_csv(folder / "d.csv").query("Days < 9").dropna()
    assert np.allclose(frame["Reaction"], d["Reaction"], rtol=1e-12)
    assert np.allclose(frame["Days"], d["Days"], rtol=0, atol=1e-12)
    assert list(frame.index) == list(d.index + 1), "rows are named as in R"
    assert read_mermod(folder / "held.rds", r=r).solved == (), "the data are still with the fit"


def test_what_poly_learned_from_rows_that_are_not_used_predicts(folder, r):
    # predict() of new data must use the polynomials that R's fit learned from all rows.
    found = read_mermod(folder / "poly.rds", r=r).fit
    d = pd.read_csv(folder / "d.csv").query("Days < 9").dropna()
    again = found.predict(d)
    assert np.allclose(again, found.fitted, rtol=0, atol=1e-9)


def test_a_fit_that_was_read_can_be_used(folder, r):
    fit = read_mermod(folder / "sum.rds", r=r).fit
    boot = bm.bootstrap_mer(fit, lambda m: m.beta, 5, type="case", rng=1)
    assert np.isfinite(boot.t).all()
    assert fit.refit().criterion <= fit.criterion + 1e-9
    assert fit.update("~ . - o").fixef.index.tolist() == ["(Intercept)", "f1", "f2"]


def test_excluded_rows_are_shown_as_missing(folder, r):
    fitted = read_mermod(folder / "exclude.rds", r=r).fit.fitted
    assert list(fitted.index[fitted.isna()]) == [5, 70]
    assert len(fitted) == 180


def test_a_fit_that_a_refit_would_move_says_so(folder, r):
    with pytest.warns(RefitMovesWarning, match=r"R stopped 0\.1\d+ above the optimum.*`refitted`"):
        found = read_mermod(folder / "early.rds", r=r)
    assert found.moves
    own = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    assert found.refitted.theta == pytest.approx(own.theta, abs=1e-6)
    assert found.rise == pytest.approx(found.fit.criterion - own.criterion, abs=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not read_mermod(folder / "plain.rds", r=r).moves


def test_data_are_given_where_a_column_cannot_be_solved_for(folder, said, r):
    with pytest.raises(
        RObjectError, match=r"column `Days`.*only the value of `I\(Days\^2\)`.*data="
    ):
        read_mermod(folder / "squared.rds", r=r)
    d = pd.read_csv(folder / "d.csv")
    found = read_mermod(folder / "squared.rds", data=d, r=r)
    assert np.allclose(found.fit.beta, said["squared"]["beta"], rtol=1e-10)
    used = d.dropna()
    again = read_mermod(folder / "squared.rds", data=used, r=r)
    assert np.array_equal(again.fit.beta, found.fit.beta), "only the rows used"
    with pytest.raises(RObjectError, match="the data given do not give R's values"):
        read_mermod(folder / "squared.rds", data=d.assign(Days=d["Days"] + 1), r=r)
    with pytest.raises(RObjectError, match="has 3 rows and R used 178"):
        read_mermod(folder / "squared.rds", data=d.iloc[:3], r=r)
    with pytest.raises(RObjectError, match="`data` must be a pandas DataFrame; got dict"):
        read_mermod(folder / "squared.rds", data={}, r=r)


@pytest.mark.parametrize(
    ("name", "said_of_it"),
    [
        ("variable", r"column `power`.*compute that variable as a column"),
        ("function", r"the function `mine` is not available in a formula"),
        ("glmm", "glmerMod, a generalised linear mixed model; only linear ones"),
        ("nlmm", "nlmerMod, a nonlinear mixed model; only linear ones"),
        ("lm", r"holds R's lm, not a fit by lme4::lmer"),
        ("text", "cannot be read: R says"),
        ("tampered", r"our numbers at R's theta are not R's \(beta by"),
        ("changed", r"our numbers at R's theta are not R's"),
        (
            "random_contrasts",
            "contrasts that R took for random effects from its options or the factor",
        ),
        ("nowhere", "not there"),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_reason(name, said_of_it, folder, r):
    with pytest.raises(RObjectError, match=said_of_it):
        read_mermod(folder / f"{name}.rds", r=r)


def test_a_fit_of_a_session_of_the_callers_own(tmp_path):
    # R in this process would stay for all other tests: a process of its own.
    code = """
        import rpy2.robjects as ro
        from parity.errors import RObjectError
        from parity.r_objects import read_boot, read_mermod
        ro.r("suppressMessages(library(lme4))")
        ro.r("fit <- lmer(log(Reaction) ~ poly(Days, 2) + (Days | Subject), sleepstudy)")
        found = read_mermod(ro.r["fit"])
        assert max(found.agreement.values()) < 1e-9, found.agreement
        assert found.fit.fixef.to_numpy().tolist() == list(ro.r("fit@beta")) or max(
            abs(found.fit.fixef - list(ro.r("fit@beta")))) < 1e-9
        ro.r("set.seed(1); b <- suppressWarnings(bootMer(fit, fixef, 3))")
        assert read_boot(ro.r["b"]).t.ravel(order="F").tolist() == list(ro.r("b$t"))
        assert set(ro.r("ls()")) == {"b", "fit"}, "nothing of ours is left in the session"
        for wrong in (ro.r("1:3"), 3):
            try:
                read_mermod(wrong)
            except RObjectError as error:
                print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "RPY2_CFFI_MODE": "ABI"},  # rpy2 without having been compiled
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the R object holds R's integer" in done.stdout
    assert "a path or an object of rpy2 was expected; got builtins.int" in done.stdout.replace(
        "an RDS file's path or an object", "a path or an object"
    )
