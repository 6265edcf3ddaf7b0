"""Influence values against explicit fits of the data without each cluster.

The deletions are refitted together by Newton's method from one start, the explicit fits one by
one from others: theta agrees to 1e-6, what is smooth in it too, as the criterion is flat there.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, SingularFitWarning, StatisticError

Array = np.ndarray
Fitted = Callable[..., bm.LmerFit]
DYESTUFF = ("Dyestuff", "Yield ~ 1 + (1 | Batch)")
SLEEP = ("sleepstudy", "Reaction ~ Days + (Days | Subject)")
MODELS = [
    (*DYESTUFF, None),
    (*DYESTUFF, "w"),
    (*SLEEP, None),
    (*SLEEP, "w"),
    ("sleepstudy", "Reaction ~ Days + offset(3 * Days) + (Days || Subject)", None),
    ("Orthodont", "distance ~ age + (1 | Subject)", None),
]


def everything(m: Any) -> dict[str, float]:
    """Of every kind that a statistic may read, row quantities and labels included."""
    out = {f"beta {k}": v for k, v in m.fixef.items()}
    out |= {f"theta {k}": v for k, v in enumerate(m.theta)}
    out |= {f"se {k}": v for k, v in m.std_errors.items()}
    out["sigma"], out["criterion"] = m.sigma, m.criterion
    out["deviance"], out["reml"] = m.deviance, m.reml_criterion
    out["aic"], out["bic"], out["n"] = m.aic, m.bic, m.nobs
    out["sd"] = m.varcorr.terms[0].sd[0]
    out["fitted"], out["resid"] = m.fitted.iloc[2], float(np.abs(m.resid).max())
    out["hat"] = m.hatvalues.sum()
    out["b"], out["u"] = np.abs(m.b).max(), np.abs(m.u).max()
    out["ranef"] = next(iter(m.ranef().values())).iloc[1, 0]
    out["ngrps"] = m.ngrps.iloc[0]
    return out


def deleted(fit: bm.LmerFit, weights: str | None) -> list[bm.LmerFit]:
    """One `lmer` a cluster, on the frame without it."""
    group = fit.getME("flist").iloc[:, 0].astype(str).to_numpy()
    frame = fit.design.frame.copy()
    fits = []
    for level in fit.design.factors[0].levels:
        part = frame[group != level].copy()
        w = None if weights is None else fit.design.weights[group != level]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SingularFitWarning)
            fits.append(bm.lmer(fit.formula, part, reml=fit.reml, weights=w))
    return fits


def by_hand(fit: bm.LmerFit, fits: list[bm.LmerFit], statistic: Callable[[Any], Array]) -> Array:
    """The delete-m_j jackknife's influence values (Van der Leeden et al. 2008), one by one."""
    whole, n = statistic(fit), fit.nobs
    h = [n / (n - one.nobs) for one in fits]
    without = [statistic(one) for one in fits]
    estimate = len(fits) * whole - sum((1 - 1 / a) * t for a, t in zip(h, without, strict=True))
    rows = []
    for a, t in zip(h, without, strict=True):
        pseudo = a * whole - (a - 1) * t
        rows.append((a - 1) * (pseudo - estimate))
    return np.array(rows)


@pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
@pytest.mark.parametrize(("data", "formula", "weights"), MODELS)
def test_against_explicit_refits(
    fitted: Fitted, data: str, formula: str, weights: str | None, reml: bool
):
    fit = fitted(data, formula, reml, weights)

    def statistic(m: Any) -> Array:
        return np.array(list(everything(m).values()))

    found = bm.empinf_merm(fit, everything)
    expected = by_hand(fit, deleted(fit, weights), statistic)
    # h (h - 1) times an error of 1e-6 of the statistic itself, or of its change.
    J = len(expected)
    scale = J**2 * np.abs(statistic(fit)) + np.abs(expected).max(axis=0)
    names = list(everything(fit))
    for k, name in enumerate(names):
        np.testing.assert_allclose(
            found[name] / scale[k], expected[:, k] / scale[k], rtol=0, atol=1e-6, err_msg=name
        )
    assert found.columns.tolist() == names
    assert found.index.tolist() == list(fit.design.factors[0].levels)
    # The criterion is flat where it is least, so its influence is known far more closely.
    k = names.index("criterion")
    np.testing.assert_allclose(found["criterion"], expected[:, k], rtol=1e-7, atol=1e-6)
    assert not np.allclose(found["criterion"], expected[::-1, k], rtol=1e-3), "control"


def test_one_element_of_many(fitted: Fitted):
    fit = fitted(*SLEEP)
    whole = bm.empinf_merm(fit, lambda m: m.beta)
    np.testing.assert_array_equal(bm.empinf_mer(fit, lambda m: m.beta), whole["t1"])
    np.testing.assert_array_equal(bm.empinf_mer(fit, lambda m: m.beta, index=1), whole["t2"])
    np.testing.assert_array_equal(bm.empinf_mer(fit, lambda m: m.beta, index=-1), whole["t2"])
    for index in (2, -3):
        with pytest.raises(
            ArgumentError, match=rf"`index` must be a position among the 2 .* {index}"
        ):
            bm.empinf_mer(fit, lambda m: m.beta, index=index)


def test_influence_of_the_mean_of_a_balanced_design(fitted: Fitted):
    """GLS mean of a balanced one-way design = mean of the cluster means, whatever theta.

    Then theta_(-j) is the mean of the others and the value is J (mean_j - mean), in closed form.
    """
    fit = fitted(*DYESTUFF)
    found = bm.empinf_mer(fit, lambda m: m.fixef)
    means = bm.load_dataset("Dyestuff").groupby("Batch", observed=True)["Yield"].mean()
    J = 6
    pseudo = J * means.mean() - (J - 1) * (means.sum() - means) / (J - 1)
    np.testing.assert_allclose(found, (J - 1) * (pseudo - means.mean()), rtol=1e-9)


def test_batches_of_deletions_change_nothing(fitted: Fitted, monkeypatch: pytest.MonkeyPatch):
    fit = fitted(*SLEEP)
    whole = bm.empinf_merm(fit, lambda m: [*m.theta, *m.mu[:3]])
    monkeypatch.setattr("pybootmlm.lmm.refits.one_factor.BATCH_ELEMENTS", 1)
    one_by_one = bm.empinf_merm(fit, lambda m: [*m.theta, *m.mu[:3]])
    # Sums over groups may be ordered differently, and the search stops a rounding elsewhere.
    pd.testing.assert_frame_equal(whole, one_by_one, rtol=1e-6, atol=1e-6)


def test_unsorted_rows_and_rows_left_out(fitted: Fitted):
    frame = bm.load_dataset("sleepstudy").sample(frac=1, random_state=3)
    frame.iloc[5, 0] = np.nan
    fit = bm.lmer(SLEEP[1], frame)
    ordered = bm.lmer(SLEEP[1], frame.sort_index())
    pd.testing.assert_frame_equal(
        bm.empinf_merm(fit, lambda m: {"s": m.sigma, "b": m.beta[0]}),
        bm.empinf_merm(ordered, lambda m: {"s": m.sigma, "b": m.beta[0]}),
        rtol=1e-6,
    )


# ------------------------------------------------------------------ errors


def test_several_factors_are_refused(fitted: Fitted):
    fit = fitted("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")
    with pytest.raises(
        ArgumentError, match=r"one grouping factor .* this one has `plate`, `sample`"
    ):
        bm.empinf_merm(fit, lambda m: m.sigma)


def test_a_cluster_that_a_fixed_effect_needs():
    """Without the only cluster of treatment b, X loses rank: said with the cluster's name."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"g": np.repeat(list("ABCDE"), 6), "y": rng.normal(size=30)})
    frame["y"] += frame["g"].map(dict(zip("ABCDE", rng.normal(size=5), strict=True)))
    frame["treated"] = np.where(frame["g"] == "C", "yes", "no")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        fit = bm.lmer("y ~ treated + (1 | g)", frame)
    with pytest.raises(StatisticError, match="Without cluster 'C' the model cannot be fitted"):
        bm.empinf_merm(fit, lambda m: m.sigma)


def test_a_statistic_that_changes_its_length_or_fails(fitted: Fitted):
    fit = fitted(*DYESTUFF)

    def changing(m: Any) -> list[float]:
        return [1.0] * (m.nobs // 5 - 4)

    with pytest.raises(
        StatisticError, match=r"as many numbers as on the fit itself \(2\); got 1 \(at 'A'\)"
    ):
        bm.empinf_merm(fit, changing)

    def failing(m: Any) -> float:
        if m.nobs < 30:
            raise RuntimeError("no luck")
        return 1.0

    with pytest.raises(StatisticError, match=r"raised RuntimeError: no luck \(at 'A'\)"):
        bm.empinf_mer(fit, failing)
    with pytest.raises(StatisticError, match=r"must return numbers .* got str"):
        bm.empinf_mer(fit, lambda _: "text")
