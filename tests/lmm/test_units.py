"""The units of the data: any that floating point can square give the same model; others an error.

The expected values are the theory's: y in other units multiplies beta and sigma, x in other units
divides its coefficient and its rows of Lambda.
"""

import warnings

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ModelError, SingularFitWarning

MODELS = {
    "one factor": ("sleepstudy", "Reaction ~ Days + (Days | Subject)", "Reaction"),
    "two factors": ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "diameter"),
}
# Two optima of the same criterion: theta agrees to the root of what the optimiser leaves (1e-14),
# and sigma to what is left.
THETA, SIGMA = 1e-7, 1e-9
SMALL_AND_LARGE = (1e-100, 1e-50, 1e-10, 1e10, 1e50, 1e100)


def fitted(formula, data, **options):
    """A fit; lme4's test of singularity is absolute in theta, and so depends on the units of x."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(formula, data, **options)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("unit", SMALL_AND_LARGE)
def test_a_response_in_other_units(model, unit):
    name, formula, response = MODELS[model]
    data = bm.load_dataset(name)
    plain = fitted(formula, data)
    scaled = fitted(formula, data.assign(**{response: data[response] * unit}))
    assert scaled.theta == pytest.approx(plain.theta, rel=THETA)
    assert scaled.sigma / unit == pytest.approx(plain.sigma, rel=SIGMA)
    assert scaled.beta / unit == pytest.approx(plain.beta, rel=1e-12)
    vcov = np.asarray(scaled.vcov) / unit / unit
    assert vcov == pytest.approx(np.asarray(plain.vcov), rel=THETA)
    assert scaled.resid.to_numpy() / unit == pytest.approx(plain.resid.to_numpy(), rel=1e-6)


@pytest.mark.parametrize("unit", [1e-40, 1e-20, 1e-5, 1e5, 1e20, 1e39])
def test_a_predictor_in_other_units(unit):
    sleep = bm.load_dataset("sleepstudy")
    formula = "Reaction ~ Days + (Days | Subject)"
    plain = fitted(formula, sleep)
    scaled = fitted(formula, sleep.assign(Days=sleep["Days"] * unit))
    assert scaled.theta * [1, unit, unit] == pytest.approx(plain.theta, rel=THETA)
    assert scaled.sigma == pytest.approx(plain.sigma, rel=SIGMA)
    assert scaled.beta * [1, unit] == pytest.approx(plain.beta, rel=1e-12)


@pytest.mark.parametrize("weight", [1e-150, 1e-50, 1e50, 1e150])
def test_weights_in_other_units(weight):
    sleep = bm.load_dataset("sleepstudy")
    formula = "Reaction ~ Days + (Days | Subject)"
    plain = fitted(formula, sleep)
    scaled = fitted(formula, sleep, weights=np.full(len(sleep), weight))
    assert scaled.theta * np.sqrt(weight) == pytest.approx(plain.theta, rel=THETA)
    assert scaled.sigma / np.sqrt(weight) == pytest.approx(plain.sigma, rel=SIGMA)
    assert np.asarray(scaled.vcov) == pytest.approx(np.asarray(plain.vcov), rel=THETA)


@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e-160, 1e160, 1e200, 1e300])
def test_a_response_whose_squares_are_no_numbers_is_refused(unit):
    """Near 1e-160 squares lose their digits: sigma came out a tenth of a percent off."""
    for name, formula, response in MODELS.values():
        data = bm.load_dataset(name)
        with pytest.raises(ModelError, match=r"the response has values up to .* in other units"):
            fitted(formula, data.assign(**{response: data[response] * unit}))


def test_whatever_else_is_too_large_is_named():
    sleep = bm.load_dataset("sleepstudy").assign(far=1e150, w=1e300, o=1e200)
    sleep["far"] *= sleep["Days"]
    for formula, options, said in (
        ("Reaction ~ far + (1 | Subject)", {}, "the predictor `far` has values up to 9e+150"),
        ("Reaction ~ 1 + (far | Subject)", {}, "the predictor `far` has values"),
        ("Reaction ~ I(Days^60) + (1 | Subject)", {}, r"the predictor `I\(Days\^60\)` has values"),
        ("Reaction ~ 1 + (1 | Subject)", {"weights": "w"}, "the response times the root of its we"),
        ("Reaction ~ 1 + (1 | Subject)", {"offset": "o"}, "the offset has values up to 1e\\+200"),
    ):
        with pytest.raises(ModelError, match=said.replace("9e+", r"9e\+")):
            fitted(formula, sleep, **options)


def test_a_new_response_is_looked_at_too():
    fit = fitted("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    y = bm.load_dataset("Dyestuff")["Yield"].to_numpy(float)
    assert fit.refit(y * 1e100).sigma / 1e100 == pytest.approx(fit.sigma, rel=SIGMA)
    with pytest.raises(ModelError, match="the response has values up to"):
        fit.refit(y * 1e200)


@pytest.mark.parametrize("unit", [1e-60, 1e60])
def test_variances_of_variances(unit):
    dye = bm.load_dataset("Dyestuff")
    formula = "Yield ~ 1 + (1 | Batch)"
    plain = bm.vcov_vc(fitted(formula, dye), names=False)
    scaled = bm.vcov_vc(fitted(formula, dye.assign(Yield=dye["Yield"] * unit)), names=False)
    assert scaled / unit / unit == pytest.approx(plain, rel=1e-6)
    for beyond in (1e-90, 1e90):
        fit = fitted(formula, dye.assign(Yield=dye["Yield"] * beyond))
        with pytest.raises(ModelError, match="whose fourth power leaves the range of floating"):
            bm.vcov_vc(fit)


def test_control_a_wrong_unit_would_be_seen():
    sleep = bm.load_dataset("sleepstudy")
    formula = "Reaction ~ Days + (Days | Subject)"
    plain, scaled = (
        fitted(formula, sleep),
        fitted(formula, sleep.assign(Days=sleep["Days"] * 1.001)),
    )
    assert scaled.theta != pytest.approx(plain.theta, rel=THETA)


@pytest.mark.parametrize("unit", [1e-90, 1e-8, 1e4, 1e8, 1e90])
def test_degrees_of_freedom_in_other_units(unit):
    data = bm.load_dataset("sleepstudy")
    plain, far = (
        bm.lmer("Reaction ~ Days + (1 | Subject)", d)
        for d in (data, data.assign(Reaction=data.Reaction * unit))
    )
    # Degrees of freedom and t have no unit.
    expected, found = (
        fit.summary(ddf="satterthwaite").coefficients.iloc[:, 2:].to_numpy(float)
        for fit in (plain, far)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6)
