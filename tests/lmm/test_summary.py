"""What a summary holds and shows beside lme4's own text (that is in test_summary_against_r)."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.methods.coefficient_cells import coefficient_cells

Fitted = Callable[..., bm.LmerFit]
SLEEP = "Reaction ~ Days + (Days | Subject)"


def html(text: str) -> ElementTree.Element:
    """Parse as XML: fails on what is not well-formed."""
    return ElementTree.fromstring(text.replace("<br>", "<br/>"))


def test_values(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP, False)
    summary = fit.summary()
    assert summary.criteria.to_dict() == {
        "AIC": fit.aic,
        "BIC": fit.bic,
        "logLik": fit.loglik,
        "deviance": fit.deviance,
        "df.resid": fit.df_resid,
    }
    assert fitted("sleepstudy", SLEEP).summary().criteria.index.tolist() == ["REML"]
    table = summary.coefficients
    assert table.columns.tolist() == ["Estimate", "Std. Error", "t value"]
    np.testing.assert_allclose(table["t value"], fit.fixef / fit.std_errors)
    d = np.sqrt(np.diag(fit.vcov))
    np.testing.assert_allclose(summary.correlation, fit.vcov / np.outer(d, d))
    scaled = fit.resid / fit.sigma
    np.testing.assert_allclose(summary.scaled_residuals["Median"], scaled.median(), rtol=1e-12)
    np.testing.assert_allclose(summary.scaled_residuals["Max"], scaled.max(), rtol=1e-12)


def test_pearson_residuals_are_weighted(fitted: Fitted):
    frame = bm.load_dataset("sleepstudy").assign(w=lambda d: 1 + d["Days"])
    fit = bm.lmer(SLEEP, frame, weights="w")
    pearson = fit.resid * np.sqrt(frame["w"]) / fit.sigma
    np.testing.assert_allclose(fit.summary().scaled_residuals["Min"], pearson.min(), rtol=1e-12)


def test_text_and_repr_agree_and_hold_no_address(fitted: Fitted):
    fit = fitted("sleepstudy", SLEEP)
    assert repr(fit.summary()) == str(fit.summary())
    assert " at 0x" not in repr(fit) + repr(fit.summary()) + repr(fit.varcorr)
    assert "REML" in repr(fit)
    assert SLEEP in repr(fit)


@pytest.mark.parametrize("reml", [True, False])
def test_html_is_well_formed(fitted: Fitted, reml: bool):
    fit = fitted("sleepstudy", SLEEP, reml)
    root = html(fit._repr_html_())
    assert fit._repr_html_() == fit.summary()._repr_html_()
    text = "".join(root.itertext())
    for part in (SLEEP, "(Intercept)", "Residual", "Subject, 18", "251.405"):
        assert part in text
    assert "".join(html(fit.varcorr._repr_html_()).itertext()).startswith("Groups")


def test_html_escapes_names_and_formula():
    frame = bm.load_dataset("sleepstudy").rename(columns={"Subject": "a<b>&c", "Days": 'd"<i>'})
    fit = bm.lmer('Reaction ~ I(`d"<i>` < 5) + (1 | `a<b>&c`)', frame)
    text = fit._repr_html_()
    assert "<i>" not in text
    assert "a<b>" not in text
    assert 'd"<i>' in "".join(html(text).itertext())
    assert "a<b>&c" in "".join(html(text).itertext())


def test_html_shows_messages(fitted: Fitted):
    fit = replace(fitted("sleepstudy", SLEEP), messages=("1 < 2 & so on",))
    assert "1 < 2 & so on" in "".join(html(fit._repr_html_()).itertext())


def test_many_fixed_effects_point_to_vcov(fitted: Fitted):
    text = str(fitted("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)").summary())
    assert "Correlation of Fixed Effects" not in text
    assert "Correlations not shown, as p = 18 > 12; see `vcov`." in text


def test_many_groups_stand_on_a_line_of_their_own(fitted: Fitted):
    summary = replace(
        fitted("sleepstudy", SLEEP).summary(),
        ngrps=pd.Series({f"a_rather_long_factor_{i}": 10 for i in range(3)}),
    )
    lines = str(summary).split("\n")
    at = lines.index("Number of obs: 180, groups: ")
    assert lines[at + 1].count("; ") == 2


def test_no_estimate_is_rounded_to_zero():
    frame = pd.DataFrame(
        {"Estimate": [123456.7, 1e-9], "Std. Error": [1e-12, 2.0], "t value": [1.0, 0.0004]},
        index=["a", "b"],
    )
    text = coefficient_cells(frame)[0].to_text()
    assert "1.000e-12" in text
    assert "1.000e-09" in text


# ------------------------------------------------------------------ variance components


def test_varcorr_frame(fitted: Fitted):
    """R's as.data.frame(VarCorr(m)), in both orders, from theta and sigma."""
    fit = fitted("sleepstudy", SLEEP)
    a, b, c = fit.theta
    s2 = fit.sigma**2
    cov = s2 * np.array([a * a, a * b, b * b + c * c])
    cor = a * b / np.sqrt(a * a * (b * b + c * c))
    last = fit.varcorr.to_frame()
    assert last.columns.tolist() == ["grp", "var1", "var2", "vcov", "sdcor"]
    np.testing.assert_allclose(last["vcov"], [cov[0], cov[2], cov[1], s2], rtol=1e-14)
    np.testing.assert_allclose(
        last["sdcor"], [cov[0] ** 0.5, cov[2] ** 0.5, cor, fit.sigma], rtol=1e-14
    )
    assert last["grp"].tolist() == ["Subject"] * 3 + ["Residual"]
    assert last["var1"].tolist()[:3] == ["(Intercept)", "Days", "(Intercept)"]
    assert last["var2"].tolist()[2] == "Days"
    assert last["var2"].isna().tolist() == [True, True, False, True]
    lower = fit.varcorr.to_frame(order="lower.tri")
    np.testing.assert_allclose(lower["vcov"], [*cov, s2], rtol=1e-14)
    with pytest.raises(ArgumentError, match=r"`order` must be 'cov.last' or 'lower.tri'; got 'x'"):
        fit.varcorr.to_frame(order="x")


def test_varcorr_of_terms_of_one_factor_are_numbered(fitted: Fitted):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days || Subject)")
    assert fit.varcorr.to_frame()["grp"].tolist() == ["Subject", "Subject.1", "Residual"]


def test_correlation_beside_a_zero_variance_is_not_a_number():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = bm.lmer(SLEEP, bm.load_dataset("sleepstudy")).at_theta([0.0, 0.0, 0.5])
    assert np.isnan(fit.varcorr.terms[0].cor[1, 0])
    assert fit.varcorr.terms[0].cor[1, 1] == 1
    assert "NaN" in str(fit.varcorr)
    assert "NaN" in str(fit.summary())
