"""Tidy frames: broom.mixed's names, and the numbers of the methods they gather."""

from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, PybootmlmError


def sleep(**options: Any) -> bm.LmerFit:
    data = bm.load_dataset("sleepstudy")
    data["w"] = 1.0 + np.arange(len(data)) % 3
    return bm.lmer("Reaction ~ Days + (Days | Subject)", data, **options)


def test_fixed_effects_have_their_tests_and_intervals():
    fit = sleep()
    found = bm.tidy(fit, "fixed", ddf="kenward-roger", conf_int=True, conf_level=0.9)
    tests = bm.fixed_tests(fit, "kenward-roger").frame
    single = bm.contest(fit, np.eye(2), joint=False, ddf="kenward-roger", level=0.9).frame
    assert found["estimate"].tolist() == fit.beta.tolist()
    assert found["p.value"].tolist() == tests["Pr(>|t|)"].tolist()
    np.testing.assert_allclose(found["conf.low"], single["lower"], rtol=1e-12)
    np.testing.assert_allclose(found["conf.high"], single["upper"], rtol=1e-12)


def test_components_are_those_of_varcorr_in_both_scales():
    fit = sleep()
    frame = fit.varcorr.to_frame("lower.tri")
    for scales, column in (("sdcor", "sdcor"), ("vcov", "vcov")):
        found = bm.tidy(fit, "ran_pars", scales=scales)
        np.testing.assert_allclose(found["estimate"], frame[column], rtol=1e-12)
    assert found["term"].tolist() == [
        "var__(Intercept)",
        "cov__(Intercept).Days",
        "var__Days",
        "var__Observation",
    ]


def test_modes_are_those_of_ranef():
    fit = sleep()
    found = bm.tidy(fit, "ran_vals")
    expected = fit.ranef(cond_var=True).to_frame()
    assert found["estimate"].tolist() == expected["condval"].tolist()
    assert found["std.error"].tolist() == expected["condsd"].tolist()
    assert found["level"].tolist() == expected["grp"].tolist()


def test_a_glance_says_which_criterion_it_is():
    assert "REMLcrit" in bm.glance(sleep())
    ml = bm.glance(sleep(reml=False))
    assert "deviance" in ml
    np.testing.assert_allclose(ml["AIC"], ml["deviance"] + 12)


def test_rows_are_augmented_as_the_methods_say():
    fit = sleep(weights="w")
    found = bm.augment(fit)
    np.testing.assert_allclose(found[".fitted"] + found[".resid"], found["Reaction"])
    np.testing.assert_allclose(found[".hat"], fit.hatvalues)
    np.testing.assert_allclose(found[".cooksd"], fit.cooks_distance, rtol=1e-10)
    np.testing.assert_allclose(found[".wtres"], found[".resid"] * np.sqrt(found[".weights"]))
    assert found[".fixed"].to_numpy() == pytest.approx(fit.predict(re_form="~0").to_numpy())


def test_wrong_arguments_are_named():
    fit = sleep()
    calls: list[tuple[Any, str]] = [
        (lambda: bm.tidy(fit, "random"), "`effects`"),
        (lambda: bm.tidy(fit, []), "`effects`"),
        (lambda: bm.tidy(fit, scales="sd"), "`scales`"),
        (lambda: bm.tidy(fit, ddf="kr"), "`ddf`"),
        (lambda: bm.tidy(fit, conf_int="yes"), "`conf_int`"),
        (lambda: bm.tidy(fit, conf_level=1), "`conf_level`"),
        (lambda: bm.tidy(None), "`fit`"),
        (lambda: bm.glance(3), "`fit`"),
        (lambda: bm.augment("a"), "`fit`"),
    ]
    for call, named in calls:
        with pytest.raises(PybootmlmError, match=named) as raised:
            call()
        assert isinstance(raised.value, ArgumentError)
    with pytest.raises(ModelError, match="REML"):
        bm.tidy(sleep(reml=False), ddf="kenward-roger")
