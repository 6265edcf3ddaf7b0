"""Live R without a package: the record answers in its place, and the report says so."""

import pytest

from parity.oracles.fallback import FallbackOracle
from parity.oracles.independent import IndependentOracle
from parity.oracles.recorded import RecordedOracle
from parity.probes import probe_of
from parity.verdict import Verdict

INSTALLED = {"R": "4.2.2", "lme4": "1.1.31", "Matrix": "1.5.3", "lmerTest": "3.1.3"}


class Bare:
    """An R that has lme4 and lmerTest only, and notes what it is asked."""

    def __init__(self):
        self.asked = []
        self.recorded = RecordedOracle()

    def environment(self):
        return INSTALLED

    def has(self, package):
        return package in INSTALLED

    def answer(self, case):
        self.asked.append(probe_of(case.quantity).package)
        return self.recorded.answer(case)

    def close(self):
        pass


@pytest.mark.parametrize(
    "case_id",
    [
        "cake-temp/REML/emmeans/means-satterthwaite",
        "dyestuff/REML/sim/3000",
        "dyestuff/REML/re_sim/3000",
        "sleepstudy-slope/REML/glance",
        "sleepstudy-slope/REML/vcov_adj",
        "dyestuff/REML/exact_rlrt/one",
        "dyestuff/REML/vcov_theta",
    ],
)
def test_the_record_answers_for_a_package_that_r_lacks(case_id, case_of, make_runner):
    live = Bare()
    oracle = IndependentOracle(FallbackOracle(live, RecordedOracle()))
    result = make_runner(oracle=oracle).decide(case_of(case_id))
    assert result.finding.verdict is Verdict.MATCH
    assert result.answer.oracle == "recorded"
    assert live.asked == []


def test_r_is_asked_what_it_can_answer(case_of, make_runner):
    live = Bare()
    oracle = FallbackOracle(live, RecordedOracle())
    case = case_of("sleepstudy-slope/REML/coefficient_tests/satterthwaite")
    assert make_runner(oracle=oracle).decide(case).finding.verdict is Verdict.MATCH
    assert live.asked == ["lmerTest"]


def test_the_environment_says_what_is_not_installed():
    environment = FallbackOracle(Bare(), RecordedOracle()).environment()
    for package in ("bootmlm", "emmeans", "arm", "merTools", "broom.mixed", "pbkrtest", "RLRsim"):
        assert environment[package].startswith("not installed; ")
        assert "as recorded under R " in environment[package]
    assert environment["lmerTest"] == "3.1.3"
    assert "published" not in environment
