"""A wrong number of every kind is reported as a mismatch, through the real runner.

Without these the harness could pass everything. Each perturbation is small: near the
least that its tolerance promises to see.
"""

from dataclasses import replace

import numpy as np
import pytest

from parity.probes import PROBES
from parity.run import Runner
from parity.values import Value
from parity.verdict import Verdict

CASES = {
    "optimum": "sleepstudy-slope/REML/optimum",
    "refit_same": "sleepstudy-slope/ML/refit_same",
    "scores_mer": "dyestuff/REML/scores_mer/level2",
    "vcov_vc": "sleepstudy-slope/ML/vcov_vc/sd",
    "empinf_mer": "dyestuff/REML/empinf_mer/icc",
    "empinf_merm": "dyestuff/ML/empinf_merm/fixef-sigma-theta",
    "prof_ci_icc": "dyestuff/REML/prof_ci_icc/95",
    "statistic": "sleepstudy-slope/REML/statistic/r2",
    "anova_certified": "nist-sirstv/REML/anova_certified",
    "anova_exact": "nist-sirstv/REML/anova_exact",
    "textbook": "sleepstudy-slope/REML/textbook/estimates",
    "solve_eigen_sqrt": "solve_eigen_sqrt/positive-definite",
    "stream": "stream/rnorm",
    "random_seed": "random_seed/85957",
    "effect_pool": "sleepstudy-slope/REML/effect_pool/residual",
    "error_pool": "sleepstudy-slope/REML/error_pool/reb",
    "responses": "sleepstudy-slope/REML/responses/residual_trans",
    "case_rows": "sleepstudy-slope/REML/case_rows/case-rows",
    "replayed": "sleepstudy-slope/REML/replayed/residual_cgr",
    "bootstrap_mer": "sleepstudy-slope/REML/bootstrap_mer/reb",
    "bootstrap_case": "dyestuff/REML/bootstrap_case/case",
    "boot_ci": "dyestuff/REML/boot_ci/sigma-log",
    "confint": "sleepstudy-slope/ML/confint/perc",
    "published": "published/compare/residual/intervals",
    "coefficient_tests": "sleepstudy-slope/REML/coefficient_tests/satterthwaite",
    "term_tests": "cake-temp/REML/term_tests/kenward-roger-2",
    "contest": "orthodont-sex/REML/contest/each-satterthwaite",
    "kr_modcomp": "orthodont-sex/REML/kr_modcomp/three",
    "ls_means": "cake-temp/REML/ls_means/pairs-satterthwaite",
    "emmeans": "cake-temp/REML/emmeans/means-kenward-roger",
    "ranova": "pastes-nested/REML/ranova/reduced",
    "exact_rlrt": "dyestuff/REML/exact_rlrt/one",
    "exact_lrt": "orthodont-sex/ML/exact_lrt/sex",
    "pb_modcomp": "orthodont-sex/REML/pb_modcomp/25",
    "delta_method": "sleepstudy-slope/ML/delta_method/r2",
    "sim": "dyestuff/REML/sim/3000",
    "re_sim": "sleepstudy-intercept/REML/re_sim/3000",
    "predict_interval": "dyestuff/REML/predict_interval/fixed",
    "tidy": "sleepstudy-slope/REML/tidy/ran_vals",
    "predict": "sleepstudy-slope/REML/predict/fitted",
    "simulated": "sleepstudy-slope/REML/simulated/drawn",
    "model_frame": "sleepstudy-slope/ML/model_frame/all",
    "model_matrix": "sleepstudy-slope/REML/model_matrix/fixed",
    "words": "sleepstudy-slope/ML/words",
    "update": "sleepstudy-slope/REML/update/by-ML",
    "refit": "sleepstudy-slope/ML/refit",
    "compare_models": "sleepstudy-slope/REML/compare_models/three",
    "extract_aic": "sleepstudy-slope/REML/extract_aic/akaike",
    "profile_zeta": "dyestuff/ML/profile_zeta",
    "confint_profile": "dyestuff/ML/confint_profile",
    "confint_boot": "dyestuff/ML/confint_boot/perc",
    "structure": "sleepstudy-slope/REML/structure/cs-hom-estimates",
}
# Quantities whose cases all show a registered deviation; test_bootstrap_deviations.py has them.
DEVIANT = {"confint_bca", "confint_parm", "seed_null", "dfbetas", "influence_sets"}
REGULAR = [quantity for quantity in PROBES if quantity not in DEVIANT]


def case_id(quantity: str) -> str:
    return CASES.get(quantity, f"sleepstudy-slope/REML/{quantity}")


def shifted(name: str, amount: float, place: int = 0):
    """Change one number by `amount` of the largest in its column."""

    def change(quantity: str, value: Value) -> Value:
        if quantity != name:
            return value
        numbers = value.numbers.copy()
        flat = numbers.reshape(len(numbers), -1)
        flat[place, 0] += amount * max(np.abs(flat[:, 0]).max(), 1e-3)
        return replace(value, numbers=numbers)

    return change


# By how much the first number is moved, relative to the largest in its column.
AMOUNT = {
    "deterministic": 1e-9,
    "criterion": 1e-11,
    "exact": 1e-3,
    "numeric_hessian": 1e-4,
    "influence": 1e-4,  # a twentieth of what the direct comparison allows: the chain sees it
    "root": 1e-5,  # a tenth of what the direct comparison allows: the profile sees it
    "refit_criterion": 1e-8,
    "optimum": 1e-2,
    "optimum_tight": 1e-4,  # the criterion is not the one at that theta
    "fifty_digits": 1e-9,
    "closed_form": 1e-5,
    "textbook": 1e-9,
    "resampled": 1e-9,
    "replicates": 1e-6,  # a thousandth of what the direct comparison allows: the links see it
    "published": 2e-4,
    "components": 1e-6,
    "comparison": 1e-4,
    "profile": 1e-2,
    "spline": 1e-6,  # a tenth of what the direct comparison allows: the deviance there sees it
    "bootstrap_limits": 1e-4,
    "satterthwaite": 1e-5,
    "kenward_roger": 1e-6,
    "numeric_derivative": 1e-4,
    "likelihood_ratios": 1e-3,
    "structures": 1e-3,
    "draws": 0.3,  # of moments of 3000 draws
}


@pytest.mark.parametrize("quantity", REGULAR)
def test_a_perturbed_number_is_a_mismatch(quantity, case_of, make_runner, perturbed):
    case = case_of(case_id(quantity))
    assert make_runner().decide(case).finding.verdict is Verdict.MATCH
    change = shifted(quantity, AMOUNT[case.tolerance])
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason


@pytest.mark.parametrize(
    "quantity", [q for q in REGULAR if q not in ("sigma", "criterion", "loglik")]
)
def test_a_missing_number_is_a_mismatch(quantity, case_of, make_runner, perturbed):
    def change(name: str, value: Value) -> Value:
        if name != quantity:
            return value
        numbers = value.numbers.copy()
        numbers.flat[0] = np.nan
        return replace(value, numbers=numbers)

    finding = make_runner(perturbed(change)).decide(case_of(case_id(quantity))).finding
    assert finding.verdict is Verdict.MISMATCH


@pytest.mark.parametrize(
    "quantity",
    ["fixef", "vcov", "varcorr", "ranef", "vcov_vc", "scores_mer", "shape", "prof_ci_icc"],
)
def test_another_name_is_a_mismatch(quantity, case_of, make_runner, perturbed):
    def change(name: str, value: Value) -> Value:
        if name != quantity:
            return value
        return replace(value, names=(("other", *value.rows[1:]), *value.names[1:]))

    finding = make_runner(perturbed(change)).decide(case_of(case_id(quantity))).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "only Python has ['other']" in finding.reason


@pytest.mark.parametrize("quantity", ["fixef", "vcov", "fitted", "optimum", "vcov_theta"])
def test_a_missing_row_is_a_mismatch(quantity, case_of, make_runner, perturbed):
    def change(name: str, value: Value) -> Value:
        if name != quantity:
            return value
        names = tuple(
            labels if i or labels is None else labels[1:] for i, labels in enumerate(value.names)
        )
        return Value(value.numbers[1:], names, value.missing[1:])

    runner: Runner = make_runner(perturbed(change))
    assert runner.decide(case_of(case_id(quantity))).finding.verdict is Verdict.MISMATCH


def test_a_wrong_row_that_the_record_does_not_keep_is_a_mismatch(case_of, make_runner, perturbed):
    case = case_of("hsb-slope/REML/fitted")
    finding = make_runner(perturbed(shifted("fitted", 1e-4, place=3))).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "mean" in finding.reason


def test_a_worse_optimum_is_a_mismatch_even_when_theta_is_within_tolerance(
    case_of, make_runner, perturbed
):
    """A theta 9e-4 off passes the distance; the criterion is one-sided and sees it."""

    def change(name: str, value: Value) -> Value:
        if name != "optimum":
            return value
        numbers = value.numbers.copy()
        numbers[2] += 9e-4
        return replace(value, numbers=numbers)

    case = case_of("sleepstudy-slope/REML/optimum")
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.comparison is not None
    assert finding.comparison.passed
    assert finding.verdict is Verdict.MISMATCH


def test_a_criterion_that_is_not_the_one_at_our_theta_is_a_mismatch(
    case_of, make_runner, perturbed
):
    def change(name: str, value: Value) -> Value:
        if name != "optimum":
            return value
        numbers = value.numbers.copy()
        numbers[-1] -= 1e-3  # "lower than R's", but not true
        return replace(value, numbers=numbers)

    case = case_of("dyestuff/REML/optimum")
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "not the one at our theta" in finding.reason


def test_scores_of_a_slope_model_are_not_excused_by_the_names_of_bootmlm(
    case_of, make_runner, perturbed
):
    case = case_of("sleepstudy-slope/REML/scores_mer/level2")
    right = make_runner().decide(case).finding
    assert right.verdict is Verdict.EXPLAINED
    assert right.deviation == "bootmlm-scores-column-names"
    wrong = make_runner(perturbed(shifted("scores_mer", 1e-8))).decide(case).finding
    assert wrong.verdict is Verdict.MISMATCH
    assert "does not account for it" in wrong.reason
