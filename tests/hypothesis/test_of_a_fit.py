"""The tests of fixed effects as `summary` and `anova` of a fit give them.

That the prints are lmerTest's is shown in test_help_pages.py.
"""

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError

WAYS = ("satterthwaite", "kenward-roger", "asymptotic")


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    data = bm.load_dataset("cake")
    return bm.lmer("angle ~ recipe * temp + (1 | recipe:replicate)", data)


@pytest.mark.parametrize("ddf", WAYS)
def test_a_summary_holds_the_t_tests(fit: bm.LmerFit, ddf: str):
    found = fit.summary(ddf=ddf)
    assert found.coefficients.equals(bm.fixed_tests(fit, ddf).frame)
    assert "Pr(>|t|)" in str(found)
    assert "Signif. codes" in str(found)
    assert "Pr(&gt;|t|)" in found._repr_html_()


def test_a_summary_without_tests_stays_lme4s(fit: bm.LmerFit):
    text = str(fit.summary())
    assert text.startswith("Linear mixed model fit by REML ['lmerMod']\n")
    assert "Pr(" not in text
    assert fit.summary().tests is None


@pytest.mark.parametrize("ddf", WAYS)
@pytest.mark.parametrize("kind", [1, 2, "III"])
def test_anova_of_one_model_holds_the_f_tests(fit: bm.LmerFit, ddf: str, kind: int | str):
    assert str(fit.anova(ddf=ddf, type=kind)) == str(bm.term_tests(fit, kind, ddf=ddf))


def test_the_type_is_three_unless_another_is_asked_for(fit: bm.LmerFit):
    assert fit.anova(ddf="satterthwaite").heading[0].startswith("Type III ")


def test_normal_tests_have_infinite_degrees_of_freedom(fit: bm.LmerFit):
    assert np.isinf(fit.summary(ddf="asymptotic").coefficients["df"]).all()


def test_without_fixed_effects_there_is_nothing_to_test():
    fit = bm.lmer("Yield ~ 0 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    assert fit.summary(ddf="satterthwaite").coefficients.empty
    assert "Fixed effects" not in str(fit.summary(ddf="satterthwaite"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.summary(ddf="Satterthwaite"),
        lambda fit: fit.summary(ddf=1),
        lambda fit: fit.anova(ddf="kr"),
    ],
)
def test_an_unknown_method_is_refused_with_those_there_are(fit: bm.LmerFit, ask):
    with pytest.raises(ArgumentError, match=r"`ddf` must be .*'kenward-roger'"):
        ask(fit)


def test_options_of_one_model_are_refused_elsewhere(fit: bm.LmerFit):
    with pytest.raises(ArgumentError, match="give `ddf`"):
        fit.anova(type=2)
    with pytest.raises(ArgumentError, match="for the terms of one model"):
        fit.anova(fit.refit_ml(), ddf="satterthwaite")
    with pytest.raises(ArgumentError, match="`type` must be 1, 2, 3"):
        fit.anova(ddf="satterthwaite", type=4)
    with pytest.raises(ArgumentError, match="`model_names` is for several models"):
        fit.anova(ddf="satterthwaite", model_names=["one"])


def test_kenward_and_roger_refuse_maximum_likelihood(fit: bm.LmerFit):
    with pytest.raises(ModelError, match="needs a fit by REML"):
        fit.refit_ml().summary(ddf="kenward-roger")
    with pytest.raises(ModelError, match="needs a fit by REML"):
        fit.refit_ml().anova(ddf="kenward-roger")


def test_infinite_degrees_of_freedom_are_printed(fit: bm.LmerFit):
    """R's print of the same numbers (print.anova, R 4.2.2) has no decimals beside Inf."""
    line = str(fit.anova(ddf="asymptotic")).split("\n")[3]
    assert line == "temp        1966.71 1966.71     1   Inf 94.1632 <2e-16 ***"
