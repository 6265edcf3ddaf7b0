"""Updates, comparisons and deletions: what they keep, what theory says of them, what is refused."""

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError, FormulaError, ModelError

FORMULA = "Reaction ~ Days + (1 | Subject)"


def sleep() -> pd.DataFrame:
    data = bm.load_dataset("sleepstudy")
    return data.assign(w=1.0 + np.arange(len(data)) % 3, off=np.arange(len(data)) % 7 / 2)


class TestUpdate:
    data = sleep()

    def test_changes_what_it_is_told_to_and_nothing_else(self):
        fit = bm.lmer(FORMULA, self.data, weights="w", offset="off", na_action="exclude")
        same = fit.update()
        np.testing.assert_allclose(same.theta, fit.theta, rtol=1e-8)
        assert same.design.na_action == "exclude"
        ml = fit.update(reml=False)
        assert not ml.reml
        np.testing.assert_allclose(ml.theta, fit.refit_ml().theta, rtol=1e-7)
        bare = fit.update(weights=None, offset=None)
        np.testing.assert_allclose(bare.theta, bm.lmer(FORMULA, self.data).theta, rtol=1e-8)
        slopes = fit.update(". ~ . - (1 | Subject) + (Days | Subject)")
        other = bm.lmer("Reaction ~ Days + (Days | Subject)", self.data, weights="w", offset="off")
        np.testing.assert_allclose(slopes.criterion, other.criterion, rtol=1e-12)

    def test_takes_other_data(self):
        fit = bm.lmer(FORMULA, self.data)
        fewer = fit.update(data=self.data.iloc[:120])
        assert (fewer.nobs, fewer.ngrps["Subject"]) == (120, 12)
        with pytest.raises(DataError, match="`weights` must have one number for each of the 120"):
            bm.lmer(FORMULA, self.data, weights=self.data["w"].to_numpy()).update(
                data=self.data.iloc[:120]
            )

    def test_does_not_see_columns_changed_later(self):
        data = self.data.copy()
        fit = bm.lmer(FORMULA, data)
        data["Days"] = 0.0
        data["new"] = 1.0
        np.testing.assert_allclose(fit.update().theta, fit.theta, rtol=1e-8)
        with pytest.raises(DataError, match="no column `new`"):
            fit.update(". ~ . + new")

    def test_keeps_the_response_that_was_put_in(self):
        fit = bm.lmer(FORMULA, self.data)
        y = fit.simulate(rng=1)["sim_1"]
        again = fit.refit(y).update(". ~ . + I(Days^2)")
        direct = bm.lmer("y ~ Days + I(Days^2) + (1 | Subject)", self.data.assign(y=y.to_numpy()))
        np.testing.assert_allclose(again.criterion, direct.criterion, rtol=1e-10)
        with pytest.raises(ArgumentError, match="has another response than the `Reaction`"):
            fit.refit(y).update("log(.) ~ .")
        # Other data bring their own response.
        other = fit.refit(y).update(data=self.data)
        np.testing.assert_allclose(other.criterion, fit.criterion, rtol=1e-10)

    def test_a_fit_at_another_theta_is_updated_to_an_optimum(self):
        fit = bm.lmer(FORMULA, self.data)
        np.testing.assert_allclose(fit.at_theta([3.0]).update().theta, fit.theta, rtol=1e-6)

    def test_a_fit_of_resampled_rows_cannot_be_updated(self):
        fit = bm.lmer(FORMULA, self.data)
        boot = bm.bootstrap_mer(fit, "sigma", 1, type="case", rng=1, keep_fits=True)
        with pytest.raises(ArgumentError, match="resampled rows and cannot be updated"):
            boot.kept[0].update(reml=False)

    def test_without_fixed_effects_reml_is_remembered(self):
        fit = bm.lmer("Reaction ~ 0 + (1 | Subject)", self.data)
        assert not fit.reml
        assert fit.update(". ~ . + 1").reml

    @pytest.mark.parametrize(
        ("options", "error", "text"),
        [
            ({"formula": ". ~ . -"}, FormulaError, "a term is missing"),
            ({"reml": 1}, ArgumentError, "`reml` must be True or False"),
            ({"control": "fast"}, ArgumentError, "`control` must be an LmerControl"),
            ({"na_action": "keep"}, ArgumentError, "`na_action` must be one of"),
            ({"data": [1]}, DataError, "`data` must be a pandas DataFrame"),
        ],
    )
    def test_bad_input_is_named(self, options, error, text):
        with pytest.raises(error, match=text):
            bm.lmer(FORMULA, self.data).update(**options)


class TestAnova:
    data = sleep()
    small = bm.lmer(FORMULA, data)
    large = bm.lmer("Reaction ~ Days + (Days | Subject)", data)

    def test_says_that_it_refitted(self):
        found = bm.anova(self.small, self.large)
        assert found.messages == ("refitting model(s) with ML (instead of REML)",)
        assert str(found).startswith(
            "refitting model(s) with ML (instead of REML)\nModels:\nMODEL1"
        )
        assert bm.anova(self.small, self.large, refit=False).messages == ()
        both = [fit.refit_ml() for fit in (self.small, self.large)]
        assert bm.anova(*both).messages == ()
        pd.testing.assert_frame_equal(bm.anova(*both).frame, found.frame)

    def test_order_does_not_matter(self):
        one = self.small.anova(self.large).frame
        other = self.large.anova(self.small).frame
        np.testing.assert_allclose(one.to_numpy(), other.to_numpy())

    def test_the_statistic_is_twice_the_difference_of_log_likelihoods(self):
        small, large = self.small.refit_ml(), self.large.refit_ml()
        frame = small.anova(large).frame
        assert frame["Chisq"].iloc[1] == pytest.approx(2 * (large.loglik - small.loglik))

    def test_sequential_squares_of_one_term_are_its_wald_statistic(self):
        table = self.large.anova().frame
        t = self.large.fixef["Days"] / self.large.std_errors["Days"]
        assert table["F value"].iloc[0] == pytest.approx(t**2)

    def test_html_and_text_hold_the_same_cells(self):
        html = self.small.anova(self.large)._repr_html_()
        assert "42.139" in html
        assert "7.072e-10" in html
        assert "&lt;" not in html

    def test_models_of_other_rows_or_responses_are_refused(self):
        fewer = bm.lmer(FORMULA, self.data.iloc[:120])
        with pytest.raises(ModelError, match=r"same rows: 180 of .*, 120 of"):
            bm.anova(self.small, fewer)
        logged = bm.lmer("log(Reaction) ~ Days + (1 | Subject)", self.data)
        with pytest.raises(ModelError, match=r"`Reaction` of .* differs from `log\(Reaction\)`"):
            bm.anova(self.small, logged)
        holes = self.data.assign(off=self.data["off"].where(self.data.index != 3))
        other = bm.lmer("Reaction ~ Days + off + (1 | Subject)", holes)
        with pytest.raises(ModelError, match="Missing values in a variable"):
            bm.anova(self.small, other)

    def test_bad_input_is_named(self):
        with pytest.raises(ArgumentError, match="`others` must be a fit made by `lmer`; got str"):
            bm.anova(self.small, "large")
        with pytest.raises(ArgumentError, match="`model_names` must hold 2 different names"):
            bm.anova(self.small, self.large, model_names=["a", "a"])
        with pytest.raises(ArgumentError, match="`model_names` is for several models"):
            bm.anova(self.small, model_names=["a"])
        with pytest.raises(ArgumentError, match="`refit` must be True or False"):
            bm.anova(self.small, self.large, refit=None)


class TestDrop1:
    cake = bm.load_dataset("cake")
    fit = bm.lmer("angle ~ recipe * temp + (1 | recipe:replicate)", cake)

    def test_main_effects_stay_while_an_interaction_needs_them(self):
        assert self.fit.drop1().frame.index.tolist() == ["<none>", "recipe:temp"]

    def test_a_scope_can_be_labels_or_a_formula(self):
        additive = self.fit.update(". ~ . - recipe:temp")
        by_label = additive.drop1(["recipe", "temp"], test="Chisq").frame
        by_formula = additive.drop1("~ recipe + temp", test="Chisq").frame
        pd.testing.assert_frame_equal(by_label, by_formula)
        assert additive.drop1("temp").frame.index.tolist() == ["<none>", "temp"]

    def test_agrees_with_anova(self):
        additive = self.fit.update(". ~ . - recipe:temp")
        row = self.fit.drop1(test="Chisq").frame.loc["recipe:temp"]
        compared = bm.anova(self.fit, additive).frame
        assert row["LRT"] == pytest.approx(compared["Chisq"].iloc[1], abs=1e-7)
        assert row["AIC"] == pytest.approx(compared["AIC"].iloc[0], abs=1e-7)

    def test_bad_input_is_named(self):
        with pytest.raises(ArgumentError, match="`scope` has `batch`, which is no term"):
            self.fit.drop1("batch")
        with pytest.raises(ArgumentError, match="`test` must be one of 'none', 'Chisq'"):
            self.fit.drop1(test="F")
        with pytest.raises(ArgumentError, match="`k` must be a number"):
            self.fit.drop1(k="2")

    def test_missing_values_of_a_term_are_named(self):
        data = sleep()
        holes = data.assign(off=data["off"].where(data.index != 3))
        fit = bm.lmer("Reaction ~ Days + off + (1 | Subject)", holes)
        with pytest.raises(
            ModelError, match="Without `off` the model uses 180 rows instead of 179"
        ):
            fit.drop1()


def test_variance_components_by_group():
    fit = bm.lmer("Reaction ~ Days + (Days || Subject)", sleep())
    assert fit.varcorr["Subject.1"].loc["Days", "Days"] == pytest.approx(35.86, abs=0.01)
    with pytest.raises(ArgumentError, match=r"`group` must be one of 'Subject', 'Subject\.1'"):
        fit.varcorr["Batch"]
    with pytest.raises(ArgumentError, match="one of `variance` and `sd`"):
        fit.varcorr.table(sd=False)


def test_contrasts_of_a_variable_that_is_dropped_count_for_nothing() -> None:
    # R: update(m, . ~ . - recipe) and drop1(m), lme4 1.1-31, with contrasts = list(recipe =
    # "contr.sum"); R warns that the contrast is ignored.
    fit = bm.lmer(
        "angle ~ recipe + temp + (1 | recipe:replicate)",
        bm.load_dataset("cake"),
        contrasts={"recipe": "contr.sum"},
    )
    smaller = fit.update("~ . - recipe")
    assert smaller.criterion == pytest.approx(1701.29826057, abs=1e-6)
    assert fit.drop1().frame["AIC"].to_numpy() == pytest.approx(
        [1708.157753, 1704.687738, 1785.688371], abs=1e-5
    )
    assert list(fit.update("~ . - temp").fixef.index) == ["(Intercept)", "recipe1", "recipe2"]
