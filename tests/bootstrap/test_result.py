"""The result of a bootstrap: what is derived from it, put together, and said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, StatisticError

GOOD = np.arange(999) != 17


def test_moments_leave_out_the_failures(gamma):
    expected = pd.DataFrame(gamma.t[GOOD], columns=list(gamma.names))
    # Sums of 998 numbers in another order.
    np.testing.assert_allclose(gamma.bias, expected.mean() - gamma.t0, rtol=1e-11)
    np.testing.assert_allclose(gamma.std_error, expected.std(), rtol=1e-12)
    np.testing.assert_allclose(gamma.bias_corrected, 2 * gamma.t0 - expected.mean(), rtol=1e-12)
    assert list(gamma.bias.index) == list(gamma.bias_corrected.index) == ["scale", "variance"]
    assert gamma.percent_failed == 100 / 999
    assert len(gamma) == 999


def test_an_element_that_is_missing_alone_is_left_out_alone(gamma):
    t = gamma.t.copy()
    t[100:, 1] = np.nan
    boot = replace(gamma, t=t)
    assert boot.std_error["scale"] == gamma.std_error["scale"]
    assert boot.std_error["variance"] == pytest.approx(np.nanstd(t[:, 1], ddof=1), rel=1e-12)


def test_frame_has_a_row_for_every_replicate(gamma):
    frame = gamma.to_frame()
    assert list(frame.columns) == ["scale", "variance"]
    assert frame.index.name == "replicate"
    assert frame.isna().all(axis=1).to_numpy().nonzero()[0].tolist() == [17]
    np.testing.assert_array_equal(frame.to_numpy(), gamma.t)


@pytest.mark.parametrize("nsim", [0, 1])
def test_hardly_any_replicates_still_have_a_print(gamma, nsim):
    boot = replace(gamma, t=gamma.t[:nsim], nsim=nsim, failures={}, complete=False)
    assert np.isnan(boot.std_error).all()
    assert boot.percent_failed == 0
    assert "INTERRUPTED" in str(boot)
    assert "INTERRUPTED" in boot._repr_html_()


def test_shapes_have_to_agree(gamma):
    for change in ({"nsim": 998}, {"names": ("scale",)}, {"t0": np.zeros((2, 1))}):
        with pytest.raises(ArgumentError, match="`t0` and `t` must have the shapes"):
            replace(gamma, **change)


def test_summary_says_what_went_wrong(gamma):
    text = str(gamma.summary())
    for said in (
        "RESIDUAL BOOTSTRAP",
        "Model: y ~ 1 + (1 | g), by REML",
        "999 replicates from RStream(85957)",
        "Failed: 1 (0.1%), rows of NaN; the first is replicate 17: no optimum",
        "Singular fits: 4",
        "Not converged: 1",
        "Warning in 2: the gradient is large",
    ):
        assert said in text
    clean = replace(gamma, failures={}, singular=0, not_converged=0, warnings={})
    assert str(clean.summary()).count("\n") == text.count("\n") - 5
    assert str(gamma) == text


def test_many_warnings_are_not_all_listed(gamma):
    boot = replace(gamma, warnings={f"number {i}": i for i in range(1, 9)})
    text = str(boot.summary())
    assert "Warning in 8: number 8" in text
    assert "number 3" not in text
    assert "... and 3 other warnings" in text


def test_reprs(gamma):
    assert repr(gamma) == ("<BootResult: residual, 999 replicates of 2 statistics, 1 failed>")
    assert repr(replace(gamma, failures={}, complete=False)).endswith("statistics, interrupted>")
    html = replace(gamma, names=("<b>", "variance"), formula="y ~ a<b")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "a&lt;b" in html
    assert "<b>Residual bootstrap</b>" in html


# --- confint


def test_confint_names_rows_and_columns_as_bootmlm(gamma):
    found = gamma.confint(level=(0.95, 0.99), type="perc")
    assert list(found.index) == ["scale", "variance"]
    assert list(found.columns) == ["2.5 %", "97.5 %", "0.5 %", "99.5 %"]
    for name in gamma.names:
        intervals = bm.boot_ci(gamma, name, type="perc", conf=(0.95, 0.99)).intervals
        assert found.loc[name].tolist() == [v for i in intervals for v in (i.lower, i.upper)]


def test_confint_is_normal_by_default_and_carries_transformations(gamma):
    pd.testing.assert_frame_equal(gamma.confint(), gamma.confint(type="norm"))
    found = gamma.confint("scale", h=np.log, hinv=np.exp).iloc[0]
    log = np.log(gamma.t[GOOD, 0])
    middle = 2 * np.log(2.9) - log.mean()
    assert np.log(found).mean() == pytest.approx(middle, rel=1e-12)


@pytest.mark.parametrize("parm", [1, "variance", [1], ["variance"], (-1,), np.array([1])])
def test_confint_takes_positions_and_names(gamma, parm):
    """bootmlm's fails on a part of named statistics."""
    expected = gamma.confint().iloc[[1]]
    pd.testing.assert_frame_equal(gamma.confint(parm), expected)


def test_confint_keeps_the_order_asked_for(gamma):
    assert list(gamma.confint(["variance", "scale"]).index) == ["variance", "scale"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"type": "stud"}, r"Use `boot_ci\(boot, \(statistic, variance\), type='stud'\)`"),
        ({"type": "all"}, "`type` must be one of 'norm', 'basic', 'perc', 'bca'; got 'all'"),
        ({"level": 1.0}, "`level` must lie between 0 and 1"),
        ({"parm": 2}, "`parm` must be the name or the position"),
        ({"parm": "sigma"}, "'sigma' is not one among 'scale', 'variance'"),
        ({"parm": []}, "`parm` must name at least one statistic"),
        ({"parm": 0.0}, "`parm` must be the name or the position"),
        ({"type": "bca"}, "pass `L`"),
    ],
)
def test_confint_refuses(gamma, arguments, message):
    with pytest.raises(ArgumentError, match=message):
        gamma.confint(**arguments)


# --- runs put together


def other_run(gamma, **changes):
    t = np.random.default_rng(70).gamma(9.0, 1 / 3, size=(50, 2))
    details = {
        "t": t,
        "failures": {0: "again"},
        "singular": 1,
        "not_converged": 0,
        "seed": "RStream(2)",
    }
    return replace(gamma, nsim=50, **{**details, **changes})


def test_runs_of_one_origin_add_up(gamma):
    other = other_run(gamma, warnings={"the gradient is large": 3, "new": 1}, complete=False)
    whole = gamma + other
    np.testing.assert_array_equal(whole.t, np.vstack([gamma.t, other.t]))
    assert whole.nsim == 1049
    assert whole.failures == {17: "no optimum", 999: "again"}
    assert (whole.singular, whole.not_converged) == (5, 1)
    assert whole.warnings == {"the gradient is large": 5, "new": 1}
    assert whole.seed == "RStream(85957); RStream(2)"
    assert not whole.complete
    third = other_run(gamma, t=other.t + 1)
    assert gamma.concat(other, third).nsim == (whole + third).nsim == 1099


def test_kept_fits_are_kept_only_if_both_runs_have_them(gamma):
    one, two = replace(gamma, kept=("a",)), other_run(gamma, kept=("b",))
    assert (one + two).kept == ("a", "b")
    assert (one + other_run(gamma)).kept is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"origin": "abd"}, "the `origin` of these differ: 'abc' and 'abd'"),
        ({"type": "case"}, "the `type` of these differ"),
        ({"names": ("scale", "v")}, "the `names` of these differ"),
        ({"formula": "y ~ x + (1 | g)"}, "the `formula` of these differ"),
        ({"reml": False}, "the `reml` of these differ"),
        ({"t0": np.array([2.9, 0.9 + 1e-15])}, "the `t0` of these differ"),
    ],
)
def test_runs_of_other_origins_are_refused(gamma, change, message):
    with pytest.raises(ArgumentError, match=message):
        gamma + other_run(gamma, **change)


def test_the_same_replicates_do_not_count_twice(gamma):
    for same in (gamma, replace(gamma, t=gamma.t[:20], nsim=20)):
        with pytest.raises(ArgumentError, match=r"hold the same replicates.*another `rng`"):
            gamma + same
    assert (gamma + replace(gamma, t=gamma.t[::-1])).nsim == 1998, "control: other replicates"
    other = other_run(gamma)
    longer = replace(other, t=np.vstack([other.t, other.t + 1]), nsim=100)
    for same in (other, longer, longer + gamma):
        with pytest.raises(ArgumentError, match="hold the same replicates"):
            (gamma + other).concat(same)


def test_few_possible_values_are_not_taken_for_the_same_replicates(gamma):
    t = np.random.default_rng(1).integers(3, size=(200, 2)).astype(float)
    one, two = (replace(gamma, t=part, nsim=100, failures={}) for part in (t[:100], t[100:]))
    assert (one + two).nsim == 200
    constant = replace(one, t=np.ones((100, 2)))
    assert (constant + constant).nsim == 200


def test_only_runs_can_be_added(gamma):
    with pytest.raises(TypeError):
        gamma + 1


def test_plot_needs_something_that_varies(gamma):
    with pytest.raises(StatisticError, match="'scale' do not vary"):
        replace(gamma, t=np.ones((999, 2))).plot()
    with pytest.raises(ArgumentError, match="`index` must be the name"):
        gamma.plot("sd")
