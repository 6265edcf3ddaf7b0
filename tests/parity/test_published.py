"""The printed table: read with its digits, and missed by no more than lme4 leaves open."""

from dataclasses import replace

import numpy as np
import pytest

from parity.errors import RecordedError
from parity.oracles.published import PublishedOracle, half_unit
from parity.verdict import Verdict

TYPES = (
    "parametric", "residual", "residual_cgr", "residual_trans", "residual_trans_corrected",
    "reb", "reb_scale", "case", "case_lv1_resample",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "half"), [("0.3723", 5e-5), ("-0.01019232", 5e-9), ("152", 0.5), ("441.8", 0.05)]
)
def test_a_printed_number_is_known_to_half_its_last_digit(text, half):
    assert half_unit(text) == half


@pytest.mark.parametrize("run", TYPES)
def test_every_printed_limit_is_ours_to_the_last_digit(run, case_of, make_runner):
    finding = make_runner().decide(case_of(f"published/compare/{run}/intervals")).finding
    assert finding.verdict is Verdict.MATCH
    assert finding.reason == "every printed digit"


@pytest.mark.parametrize("run", TYPES)
def test_bias_and_standard_error_miss_by_what_lme4_leaves_open(run, case_of, make_runner):
    result = make_runner().decide(case_of(f"published/compare/{run}/moments"))
    assert result.finding.verdict in (Verdict.MATCH, Verdict.EXPLAINED)
    difference = np.abs(result.observed.numbers - result.answer.value.numbers)
    assert difference.max() < 4e-7


def test_what_lme4_leaves_open_is_of_that_size(recorded, case_of, make_runner):
    """R's stopping points of 30 recorded replicates against ours: their icc, on average."""
    errors = []
    for kind in ("residual", "residual_cgr", "residual_trans", "reb"):
        case = case_of(f"pop-intercept/REML/bootstrap_mer/{kind}")
        theirs = recorded.answer(case).value.numbers[:, 0]
        ours = make_runner().decide(case).observed.numbers[:, 0]
        errors.append(theirs**2 / (1 + theirs**2) - ours**2 / (1 + ours**2))
    assert 1e-9 < np.abs(errors).max() < 8e-6


@pytest.mark.parametrize("amount", [6e-5, -6e-5])
def test_a_limit_that_rounds_otherwise_is_a_mismatch(amount, case_of, make_runner, perturbed):
    def change(_name, value):
        numbers = value.numbers.copy()
        numbers[0] = np.round(numbers[0], 4) + amount
        return replace(value, numbers=numbers)

    case = case_of("published/compare/reb/intervals")
    finding = make_runner(perturbed(change)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH


def test_moments_beyond_what_lme4_leaves_open_are_a_mismatch(case_of, make_runner, perturbed):
    def change(_name, value):
        return replace(value, numbers=value.numbers + 2e-6)

    case = case_of("published/compare/case/moments")
    assert make_runner(perturbed(change)).decide(case).finding.verdict is Verdict.MISMATCH


def test_a_number_that_is_not_in_print_is_named(recorded, case_of):
    case = case_of("published/compare/reb/moments")
    other = replace(case, id="published/x", inputs={**case.inputs, "run": "x"})
    with pytest.raises(RecordedError, match=r"published\.toml has no numbers for .*published/x"):
        PublishedOracle(recorded).answer(other)
