"""Deviations of bootstraps: explained by their proofs, and by nothing else."""

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
}
REFUSED = {
    "bootmlm-cgr-uncorrelated": "sleepstudy-uncorrelated/REML/responses/residual_cgr",
    "bootmlm-reb-scale-uncorrelated": "sleepstudy-uncorrelated/ML/responses/reb-scaled",
    "bootmlm-confint-parm": "sleepstudy-slope/ML/confint_parm",
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


@pytest.mark.parametrize(
    "name",
    [name for name in PROVED if name != "bootmlm-residual-missing-rows"],  # R has no number there
)
def test_another_error_beside_it_is_a_mismatch(name, case_of, make_runner, perturbed):
    case = case_of(PROVED[name])

    def change(quantity, value):
        if quantity == case.quantity:
            numbers = value.numbers.copy()
            numbers.flat[0] += 1e-3
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


def test_replicates_that_are_not_those_of_the_complete_rows_are_a_mismatch(
    case_of, make_runner, perturbed
):
    calls = []

    def change(quantity, value):
        if quantity == "bootstrap_mer":
            calls.append(quantity)
            value.numbers[:, 0] += 1e-3 * len(calls)
        return value

    case = case_of(PROVED["bootmlm-residual-missing-rows"])
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
