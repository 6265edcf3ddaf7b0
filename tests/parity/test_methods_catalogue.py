"""Every method of a fit that somebody from lme4 expects is there, and has its cases against R."""

import pytest

import pybootmlm as bm
from parity.cases import load_cases
from parity.probes import probe_of
from parity.requirements import load_requirements

# R's name: the quantities that compare it, and what pybootmlm calls it.
METHODS = {
    "anova": ({"compare_models", "anova_terms"}, {"anova"}),
    "drop1": ({"drop1"}, {"drop1"}),
    "logLik, AIC, BIC": ({"log_lik", "information"}, {"log_lik", "aic", "bic"}),
    "extractAIC": ({"extract_aic"}, {"extract_aic"}),
    "coef": ({"coef"}, {"coef"}),
    "ranef(condVar)": ({"cond_var", "ranef"}, {"ranef"}),
    "VarCorr": ({"varcorr"}, {"varcorr"}),
    "rePCA": ({"re_pca"}, {"re_pca"}),
    "predict": ({"predict", "predict_se"}, {"predict"}),
    "simulate": ({"simulated", "simulate"}, {"simulate"}),
    "update": ({"update"}, {"update"}),
    "refit": ({"refit", "refit_same"}, {"refit"}),
    "refitML": ({"refit_ml"}, {"refit_ml"}),
    "influence": ({"influence", "dfbetas", "influence_sets"}, {"influence"}),
    "hatvalues": ({"hatvalues"}, {"hatvalues"}),
    "rstudent, weights": ({"rstudent"}, {"rstudent", "cooks_distance", "weights"}),
    "residuals": ({"residual_types", "resid"}, {"residuals"}),
    "model.frame": ({"model_frame"}, {"model_frame"}),
    "model.matrix": ({"model_matrix"}, {"model_matrix"}),
    "getME": ({"get_me"}, {"getME"}),
    "nobs, ngrps, isSingular": ({"shape"}, {"nobs", "ngrps", "is_singular"}),
    "df.residual": ({"log_lik", "information"}, {"df_residual"}),
    "formula, terms, family": ({"words"}, {"formula", "fixed_formula", "terms", "family"}),
    "allFit": ({"all_fit"}, {"all_fit"}),
    "standard errors": ({"std_errors", "cond_var"}, {"std_errors"}),
    "profile": ({"profile_zeta"}, {"profile"}),
    "confint": ({"confint_profile", "confint_wald", "confint_boot"}, {"confint"}),
}
CASES = load_cases()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_there_and_has_its_cases(method):
    quantities, names = METHODS[method]
    for name in names:
        assert hasattr(bm.LmerFit, name), name
    for quantity in quantities:
        assert probe_of(quantity).asks_r
        assert any(case.quantity == quantity for case in CASES), quantity


def test_every_requirement_of_methods_has_cases():
    asked = {case.requirement for case in CASES}
    wanted = {name for name in load_requirements() if name.startswith("methods.")}
    assert wanted <= asked | {"methods.refusals"}, wanted - asked


@pytest.mark.parametrize(
    "kind",
    [
        {"one-factor", "slope"},
        {"several-factors"},
        {"weighted"},
        {"offset"},
        {"singular"},
        {"uncorrelated"},
        {"large"},
    ],
    ids=lambda kind: "-".join(sorted(kind)),
)
def test_they_are_asked_of_every_kind_of_model(kind):
    theirs = {quantity for quantities, _ in METHODS.values() for quantity in quantities}
    own = theirs - {"ranef", "varcorr", "hatvalues", "resid", "shape", "information", "std_errors"}
    found = {c.quantity for c in CASES if c.quantity in own and kind <= c.model.tags}
    assert {"log_lik", "predict"} <= found
    assert len(found) >= 4, found


def test_control_a_method_without_cases_is_seen():
    METHODS["nothing"] = ({"sigma"}, {"no_such_method"})
    try:
        with pytest.raises(AssertionError, match="no_such_method"):
            test_each_method_is_there_and_has_its_cases("nothing")
    finally:
        del METHODS["nothing"]
