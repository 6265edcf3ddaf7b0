"""Errors that a bootstrap could have are seen, each by the link that is there for it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from parity.implementations import Native
from parity.verdict import Verdict

REFITS = [
    "sleepstudy-slope/REML/boot_mer",
    "sleepstudy-slope/ML/bootstrap_mer/residual",
    "dyestuff/REML/bootstrap_case/case-rows",
]
RESAMPLED = [
    "sleepstudy-slope/ML/simulate",
    "sleepstudy-slope/ML/responses/residual",
    "dyestuff/ML/case_rows/case",
]


@dataclass
class Changed:
    """pybootmlm with every call of one quantity rewritten."""

    rewrite: Any
    name: str = "changed"

    def fit(self, model, data):
        return ChangedFit(Native().fit(model, data), self.rewrite)

    def compute(self, name, inputs):
        return Native().compute(name, inputs)


@dataclass
class ChangedFit:
    whole: Any
    rewrite: Any

    @property
    def theta(self):
        return self.whole.theta

    def criterion(self, theta):
        return self.whole.criterion(theta)

    def quantity(self, name, theta=None, **inputs):
        return self.rewrite(self.whole, name, theta, inputs)


def is_bootstrap(name):
    return name.startswith("boot")


@pytest.mark.parametrize("name", REFITS + RESAMPLED)
def test_another_stream_is_a_mismatch(name, case_of, make_runner):
    def another_seed(fit, quantity, theta, inputs):
        if "seed" in inputs:
            inputs = {**inputs, "seed": inputs["seed"] + 1}
        return fit.quantity(quantity, theta, **inputs)

    assert not make_runner().decide(case_of(name)).finding.verdict.fails
    finding = make_runner(Changed(another_seed)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    if name in REFITS:
        assert finding.reason == "the deviance functions of a replicate differ"


@pytest.mark.parametrize("name", REFITS)
def test_replicates_in_another_order_are_a_mismatch(name, case_of, make_runner):
    def swapped(fit, quantity, theta, inputs):
        value = fit.quantity(quantity, theta, **inputs)
        if is_bootstrap(quantity) and "at" not in inputs:
            value = replace(value, numbers=value.numbers[::-1])
        return value

    finding = make_runner(Changed(swapped)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason.startswith("not what holds at our theta")


@pytest.mark.parametrize("name", REFITS)
def test_refits_that_stop_early_are_a_mismatch(name, case_of, make_runner):
    """Every estimate follows from its theta, but theta is not the optimum."""

    def early(fit, quantity, theta, inputs):
        value = fit.quantity(quantity, theta, **inputs)
        if is_bootstrap(quantity) and "at" not in inputs:
            stops = value.numbers[:, : len(fit.theta)] + 5e-3
            at = replace(value, numbers=stops, names=(None, None))
            value = fit.quantity(quantity, theta, **inputs, at=at)
        return value

    finding = make_runner(Changed(early)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason == "in a replicate our optimum is the worse one"


@pytest.mark.parametrize("name", REFITS)
def test_a_criterion_that_is_claimed_too_low_is_a_mismatch(name, case_of, make_runner):
    def claimed(fit, quantity, theta, inputs):
        value = fit.quantity(quantity, theta, **inputs)
        if is_bootstrap(quantity) and "at" not in inputs:
            value.numbers[3, -1] -= 1e-3
        return value

    finding = make_runner(Changed(claimed)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason.startswith("not what holds at our theta")


@pytest.mark.parametrize("name", REFITS)
def test_estimates_that_do_not_follow_from_theta_are_a_mismatch(name, case_of, make_runner):
    """Both of our answers are wrong alike, so only R's can tell."""

    def scaled(fit, quantity, theta, inputs):
        value = fit.quantity(quantity, theta, **inputs)
        if is_bootstrap(quantity):
            value.numbers[:, -2] *= 1 + 1e-8  # sigma
        return value

    finding = make_runner(Changed(scaled)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert finding.reason.startswith("not R's at R's theta")


@pytest.mark.parametrize("name", REFITS)
def test_a_replicate_that_failed_here_only_is_a_mismatch(name, case_of, make_runner, perturbed):
    def lost(quantity, value):
        if is_bootstrap(quantity):
            value.numbers[2] = np.nan
        return value

    finding = make_runner(perturbed(lost)).decide(case_of(name)).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "missing values" in finding.reason


def test_a_response_that_the_record_does_not_keep_is_seen(case_of, make_runner, perturbed):
    def wrong(_quantity, value):
        value.numbers[5, 1] += 1e-3
        return value

    case = case_of("hsb-slope/REML/responses/residual_cgr")
    assert make_runner().decide(case).finding.verdict is Verdict.MATCH
    assert make_runner(perturbed(wrong)).decide(case).finding.verdict is Verdict.MISMATCH


@pytest.mark.parametrize("name", ["reb", "residual", "case-rows"])
def test_a_replay_needs_every_draw(name, case_of, make_runner):
    """One draw of R moved by one, or one draw more than the scheme takes."""
    case = case_of(f"sleepstudy-slope/REML/replayed/{name}")

    def moved(fit, quantity, theta, inputs):
        draws = inputs["draws"]
        numbers = draws.numbers.copy()
        numbers[7] += 1 if numbers[7] == 1 else -1
        return fit.quantity(quantity, theta, **{**inputs, "draws": replace(draws, numbers=numbers)})

    def longer(fit, quantity, theta, inputs):
        more = {
            key: replace(inputs[key], numbers=np.append(inputs[key].numbers, 1.0))
            for key in ("draws", "lengths")
        }
        return fit.quantity(quantity, theta, **{**inputs, **more})

    assert make_runner().decide(case).finding.verdict is Verdict.MATCH
    assert make_runner(Changed(moved)).decide(case).finding.verdict is Verdict.MISMATCH
    finding = make_runner(Changed(longer)).decide(case).finding
    assert finding.verdict is Verdict.PYTHON_ERROR
    assert "R made 1 more draws than the scheme" in finding.reason


def test_an_early_stop_of_r_is_explained_with_its_numbers(case_of, make_runner):
    """lme4 stopped at the boundary in one of 30 replicates; ours is the lower criterion."""
    results = [
        make_runner().decide(case_of(f"pop-slope/{method}/bootstrap_case/case")).finding
        for method in ("REML", "ML")
    ]
    assert {finding.verdict for finding in results} <= {Verdict.EXPLAINED, Verdict.MATCH}
    explained = [finding for finding in results if finding.verdict is Verdict.EXPLAINED]
    assert explained
    assert "R's point is the worse one" in results[0].reason
    for finding in explained:
        assert "the worse one" in finding.reason or "criterion is flat" in finding.reason
        assert finding.ruling.sentence
        assert finding.evidence["our optimum less R's, over the replicates"].startswith("-")
