"""Several optimisers on one criterion."""

import numpy as np
import pytest

from pybootmlm.exceptions import ArgumentError
from pybootmlm.methods.all_fit import OPTIMIZERS


@pytest.mark.parametrize(
    ("data", "formula"),
    [
        ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
        ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ],
)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_reaches_the_optimum_of_an_easy_model(data, formula, name, make):
    fit = make.fit_of({"data": data, "formula": formula, "reml": True})
    found = fit.all_fit(name)
    assert list(found.runs.index) == ["Newton", name]
    run = found.runs.loc[name]
    # Their own stopping rules: Powell's line searches end at 1e-4 in theta.
    assert 0 <= run["above"] < 1e-3
    assert run["converged"]
    assert run["evaluations"] > 3
    np.testing.assert_allclose(found.theta.loc[name], fit.theta, atol=2e-2)
    np.testing.assert_allclose(found.fixef.loc[name], fit.beta, rtol=1e-3)
    assert found.fits[name].criterion == run["criterion"]


def test_ours_is_the_lowest_where_others_stop_early(make):
    fit = make.fit_of(
        {
            "data": "cake",
            "formula": "angle ~ temp + (temp | replicate) + (recipe | replicate)",
            "reml": True,
        }
    )
    found = fit.all_fit(["L-BFGS-B", "SLSQP"])
    assert found.runs.loc["Newton", "above"] == 0
    assert found.runs.loc["L-BFGS-B", "above"] > 0.1
    assert found.runs.loc["SLSQP", "above"] < 1e-4


def test_the_diagonal_stays_within_its_bounds(make):
    fit = make.fit_of({"data": "Dyestuff2", "formula": "Yield ~ 1 + (1 | Batch)", "reml": True})
    assert (fit.all_fit().theta >= 0).all(axis=None)


def test_tables_hold_everything(make):
    fit = make.fit_of({"data": "Dyestuff", "formula": "Yield ~ 1 + (1 | Batch)", "reml": True})
    found = fit.all_fit(["SLSQP", "SLSQP"])
    frame = found.to_frame()
    assert frame.shape == (2, 9)
    assert {"criterion", "seconds", "Batch.(Intercept)", "(Intercept)", "sigma"} <= set(frame)
    assert "message" not in repr(found)
    assert found._repr_html_().count("<tr") == 3


def test_bad_input_is_named(make):
    fit = make.fit_of({"data": "Dyestuff", "formula": "Yield ~ 1 + (1 | Batch)", "reml": True})
    with pytest.raises(ArgumentError, match=r"`optimizers` must be one of .*got 'bobyqa'"):
        fit.all_fit(["bobyqa"])
    with pytest.raises(ArgumentError, match="`optimizers` is empty"):
        fit.all_fit([])
    with pytest.raises(ArgumentError, match="`max_evaluations` must be a positive integer"):
        fit.all_fit(max_evaluations=0)
