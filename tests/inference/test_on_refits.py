"""What a statistic may ask of the refit it receives: everything that can be asked of a fit.

The expected values are those of a model fitted anew, by `lmer`, to the replicate's data. Both
optima are exact to a Newton decrement of 1e-7; the square of that, and 1e-6 relative in what is
differentiated twice, leave a wide margin below the differences between replicates.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm

SCHEMES: list[dict[str, Any]] = [
    {"type": "parametric"},
    {"type": "residual_trans"},
    {"type": "case"},
    {"type": "case", "lv1_resample": True},
]


def everything(fit: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One number or more from every function that takes a fit."""
    return np.concatenate(
        [
            [bm.devfun_mer(fit)([0.7, 40.0]), bm.devfun_mer2(fit)([0.7])],
            bm.vcov_theta(fit).ravel(),
            np.asarray(bm.vcov_vc(fit)).ravel(),
            bm.scores_mer(fit).abs().to_numpy().sum(axis=0),
            bm.prof_ci_icc(fit).to_numpy(),
            bm.empinf_mer(fit, "sigma"),
        ]
    )


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: "-".join(map(str, scheme.values())))
def test_functions_of_a_fit_take_refits(scheme: dict[str, Any]) -> None:
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    compared = 0

    def statistic(one: Any) -> float:
        nonlocal compared
        if one.is_singular():
            return 0.0
        batch = one.design.factors[0].codes.astype(str)
        data = pd.DataFrame({"Yield": one.design.y, "Batch": batch})
        anew = bm.lmer("Yield ~ 1 + (1 | Batch)", data, reml=False)
        np.testing.assert_allclose(everything(one), everything(anew), rtol=1e-6, atol=1e-5)
        compared += 1
        return 1.0

    boot = bm.bootstrap_mer(fit, statistic, 8, rng=11, **scheme)
    assert boot.failures == {}
    assert compared > 4


def test_bootstrap_of_a_refit() -> None:
    """A bootstrap within a bootstrap, which is how double bootstraps estimate variances."""
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)

    def variance(one: Any) -> float:
        return float(bm.bootstrap_mer(one, "sigma", 5, rng=1).t.var())

    boot = bm.bootstrap_mer(fit, variance, 3, rng=2)
    assert boot.failures == {}
    assert (boot.t > 0).all()


@pytest.mark.parametrize("name", ["y", "X", "Z", "weights", "offset", "codes"])
def test_a_statistic_cannot_change_its_fit(name: str) -> None:
    """Centring ``getME("y")`` in place gave residuals of another response, and no error."""
    data = bm.load_dataset("Dyestuff").assign(w=2.0, o=1.0)
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", data, weights="w", offset="o")
    before = fit.resid.copy()

    def statistic(one: Any) -> float:
        design = one.design
        values = {"Z": design.terms[0].Z, "codes": design.factors[0].codes}
        array = values[name] if name in values else getattr(design, name)
        array -= array.mean().astype(array.dtype)
        return 1.0

    with pytest.raises(bm.exceptions.StatisticError, match="read-only"):
        bm.bootstrap_mer(fit, statistic, 3, rng=1)
    pd.testing.assert_series_equal(fit.resid, before)


def test_the_users_data_stay_writable() -> None:
    data = bm.load_dataset("sleepstudy")
    y, w = data["Reaction"].to_numpy(copy=True), np.ones(len(data))
    data["Reaction"] = y
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", data, weights=w)
    fit.refit(y)
    y += 1
    w += 1
    data.loc[0, "Reaction"] = 1.0
    assert fit.design.y[0] != 1.0
    np.testing.assert_array_equal(fit.design.weights, 1.0)
