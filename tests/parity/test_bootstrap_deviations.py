"""Deviations: explained by their proofs, and by nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from parity.deviations import load_deviations
from parity.errors import RError
from parity.verdict import Verdict

PROVED = {
    "bootmlm-residual-offset": "sleepstudy-offset/REML/responses/residual_cgr",
    "bootmlm-reb-row-order": "sleepstudy-by-day/ML/responses/reb-scaled",
    "bootmlm-residual-missing-rows": "sleepstudy-missing/ML/bootstrap_mer/residual",
    "bootmlm-seed-null": "dyestuff/ML/seed_null",
    "bootmlm-confint-bca-matrix": "sleepstudy-slope/ML/confint_bca",
    "bootmlm-scores-weights": "sleepstudy-weighted/REML/scores_mer/level2",
    "bootmlm-scores-offset": "sleepstudy-offset/ML/scores_mer/level1",
    "bootmlm-prof-ci-icc-weights": "sleepstudy-weighted-intercept/ML/prof_ci_icc/95",
    "bootmlm-prof-ci-icc-offset": "sleepstudy-offset/ML/prof_ci_icc/95",
    "bootmlm-case-hidden-column": "sleepstudy-log/ML/bootstrap_case/case",
    "bootmlm-case-interaction": "cake-interaction/ML/bootstrap_case/case",
    "lme4-simulate-weights": "sleepstudy-weighted/ML/simulate",
    "lme4-bootMer-weights": "sleepstudy-weighted/ML/boot_mer",
    "bootmlm-residual-offset-refits": "sleepstudy-offset/ML/bootstrap_mer/reb",
    "bootmlm-reb-row-order-refits": "sleepstudy-by-day/ML/bootstrap_mer/reb",
    "bootmlm-reb-deficient-cluster": "pop-between-slope/ML/responses/reb",
    "bootmlm-reb-deficient-cluster-refits": "pop-between-slope/ML/bootstrap_mer/reb-scaled",
}
LOST = ("bootmlm-residual-missing-rows", "bootmlm-case-hidden-column")  # R has no number there
REFUSED = {
    "bootmlm-cgr-uncorrelated": "sleepstudy-uncorrelated/REML/responses/residual_cgr",
    "bootmlm-reb-scale-uncorrelated": "sleepstudy-uncorrelated/ML/responses/reb-scaled",
    "bootmlm-confint-parm": "sleepstudy-slope/ML/confint_parm",
    "bootmlm-empinf-hidden-column": "sleepstudy-log/ML/empinf_merm/fixef-sigma-theta",
    "bootmlm-vcov-theta-hidden-column": "sleepstudy-log/ML/vcov_theta",
    "bootmlm-cgr-uncorrelated-refits": "sleepstudy-uncorrelated/ML/bootstrap_mer/residual_cgr",
    "bootmlm-reb-scale-uncorrelated-refits": "sleepstudy-uncorrelated/ML/bootstrap_mer/reb-scaled",
}


def entry(name):
    return next(one for one in load_deviations() if one.id == name)


@pytest.mark.parametrize("name", [*PROVED, *REFUSED])
def test_each_is_explained_and_a_mismatch_without_its_entry(name, case_of, make_runner):
    case = case_of({**PROVED, **REFUSED}[name])
    finding = make_runner().decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.deviation == name
    assert finding.evidence
    assert make_runner(deviations=()).decide(case).finding.verdict.fails


@pytest.mark.parametrize("name", [name for name in PROVED if name not in LOST])
def test_another_error_beside_it_is_a_mismatch(name, case_of, make_runner, perturbed):
    case = case_of(PROVED[name])

    def change(quantity, value):
        if quantity == case.quantity:
            numbers = value.numbers.copy()
            numbers.flat[0] += 1e-3 * max(1.0, np.abs(numbers).max())
            value = replace(value, numbers=numbers)
        return value

    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert f"the deviation '{name}' does not account for it" in finding.reason


@pytest.mark.parametrize("name", REFUSED)
def test_an_error_of_r_excuses_neither_ours_nor_another(name, case_of, make_runner, perturbed):
    case = case_of(REFUSED[name])

    def not_finite(_quantity, value):
        return replace(value, numbers=np.full_like(value.numbers, np.nan))

    def fails(_quantity, _value):
        raise ZeroDivisionError

    assert make_runner(perturbed(not_finite)).decide(case).finding.verdict is Verdict.MISMATCH
    assert make_runner(perturbed(fails)).decide(case).finding.verdict is Verdict.PYTHON_ERROR

    class Otherwise:
        name = "recorded"

        def answer(self, _case):
            raise RError("cannot allocate vector", {"bootmlm": "0.1.1"})

    assert make_runner(oracle=Otherwise()).decide(case).finding.verdict is Verdict.R_ERROR


def test_where_r_answers_after_all_the_entry_is_stale(case_of, make_runner):
    stale = replace(entry("bootmlm-cgr-uncorrelated"), tags=frozenset({"regular"}))
    case = case_of("sleepstudy-slope/REML/responses/residual_cgr")
    finding = make_runner(deviations=(stale,)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "stale deviation" in finding.reason


def test_an_entry_concerns_the_inputs_that_it_names(case_of):
    scaled = entry("bootmlm-reb-scale-uncorrelated")
    assert scaled.concerns(case_of("sleepstudy-uncorrelated/REML/responses/reb-scaled"))
    assert not scaled.concerns(case_of("sleepstudy-uncorrelated/REML/responses/reb"))
    assert not scaled.concerns(case_of("sleepstudy-slope/REML/responses/reb-scaled"))


def test_the_defect_of_refit_is_claimed_for_refits_and_not_for_new_fits(case_of):
    old, new = {"lme4": "1.1.31"}, {"lme4": "1.1.37"}
    refits = entry("lme4-refit-reml-df-bootstrap")
    case = case_of("sleepstudy-slope/REML/bootstrap_mer/reb")
    assert refits.claims(case, old)
    assert not refits.claims(case, new)
    assert not refits.claims(case_of("sleepstudy-slope/ML/bootstrap_mer/reb"), old)
    assert not refits.claims(case_of("dyestuff/REML/bootstrap_mer/reb"), old)
    for one in load_deviations():
        assert not one.claims(case_of("sleepstudy-slope/REML/bootstrap_case/case"), old)


@pytest.mark.parametrize("name", LOST)
def test_replicates_that_are_not_those_of_the_complete_rows_are_a_mismatch(
    name, case_of, make_runner, perturbed
):
    calls = []

    def change(quantity, value):
        if quantity in ("bootstrap_mer", "bootstrap_case"):
            calls.append(quantity)
            value.numbers[:, 0] += 1e-3 * len(calls)
        return value

    case = case_of(PROVED[name])
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH


def test_where_a_difference_depends_on_the_data_agreement_is_a_match(case_of, make_runner):
    case = case_of("pop-slope/REML/responses/residual_cgr")
    singular = entry("bootmlm-cgr-singular")
    claimed = replace(singular, tags=frozenset({"singular"}))
    assert claimed.concerns(case)
    assert make_runner(deviations=(claimed,)).decide(case).finding.verdict is Verdict.MATCH
    must = replace(claimed, may_agree=False)
    assert make_runner(deviations=(must,)).decide(case).finding.verdict is Verdict.MISMATCH


def test_of_several_entries_the_one_that_accounts_for_it_explains(case_of, make_runner):
    case = case_of(PROVED["bootmlm-residual-offset"])
    right = entry("bootmlm-residual-offset")
    other = replace(entry("bootmlm-reb-row-order"), id="other", tags=right.tags, inputs={})
    finding = make_runner(deviations=(other, right)).decide(case).finding
    assert (finding.verdict, finding.deviation) == (Verdict.EXPLAINED, right.id)
    alone = make_runner(deviations=(other,)).decide(case).finding
    assert alone.verdict is Verdict.MISMATCH


def test_a_refit_that_failed_in_r_leaves_the_others_to_be_compared(case_of, make_runner, recorded):
    case = case_of("dyestuff/ML/bootstrap_mer/residual")
    answer = recorded.answer(case)
    numbers, reported = answer.value.numbers.copy(), answer.evidence["reported"].numbers.copy()
    numbers[[2, 5]], reported[[2, 5]] = np.nan, np.nan

    class Lost:
        name = "recorded"

        def __init__(self, values):
            self.values = values

        def answer(self, _case):
            evidence = {
                **answer.evidence,
                "reported": replace(answer.evidence["reported"], numbers=reported),
            }
            value = replace(answer.value, numbers=self.values)
            return replace(answer, value=value, evidence=evidence)

        def judge(self, *_):
            return None

    finding = make_runner(oracle=Lost(numbers)).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert "R's refit failed in 2 of 30 replicates" in finding.reason
    wrong = numbers.copy()
    wrong[7, 1] += 1e-3
    assert make_runner(oracle=Lost(wrong)).decide(case).finding.verdict is Verdict.MISMATCH
