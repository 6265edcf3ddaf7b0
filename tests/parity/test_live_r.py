"""The harness with live R: exact exchange, and R's death or silence costs one case."""

import json
import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from parity.bridge import RProcess
from parity.compare import compare
from parity.errors import OracleError, RError, WorkerError
from parity.oracles.answer import Answer
from parity.oracles.fallback import FallbackOracle
from parity.oracles.independent import IndependentOracle
from parity.oracles.live import LiveOracle
from parity.oracles.recorded import RecordedOracle
from parity.values import Value
from parity.verdict import Verdict

pytestmark = pytest.mark.live_r


@pytest.fixture(scope="module")
def live():
    oracle = LiveOracle()
    yield oracle
    oracle.close()


@pytest.fixture(scope="module")
def either(live):
    """Live R, with the record for what this R lacks, and sources that are neither."""
    return IndependentOracle(FallbackOracle(live, RecordedOracle()))


def test_live_and_recorded_answer_alike(case_of, live, recorded, make_runner):
    """Another R or lme4 may differ in the last bits: compared as a case would be."""
    tolerances = make_runner().tolerances
    for name in (
        "dyestuff/REML/sigma",
        "penicillin-crossed/ML/vcov",
        "cake-interaction/REML/fixef",
    ):
        now, then = live.answer(case_of(name)), recorded.answer(case_of(name))
        if np.array_equal(now.theta, then.theta):
            assert compare(then.value, now.value, tolerances["deterministic"]).passed
        assert now.value.names == then.value.names


# What R takes seconds for is in the live run of all cases; a refit has a test of its own.
ELSEWHERE = {"refit_same", "profile_zeta", "confint_profile", "all_fit", "influence"}


@pytest.mark.parametrize(
    "pattern",
    ["dyestuff/REML", "sleepstudy-slope/ML", "penicillin-crossed/REML", "dyestuff2/ML"],
)
def test_a_model_agrees_with_live_r(pattern, catalogue, make_runner, either):
    runner = make_runner(oracle=either)
    cases = [c for c in catalogue if c.id.startswith(pattern) and c.quantity not in ELSEWHERE]
    failures = [
        (result.case.id, result.finding.reason)
        for result in runner.run(cases)
        if result.finding.verdict.fails
    ]
    assert failures == []


def test_r_itself_judges_the_optimum_when_it_is_live(case_of, make_runner, either, perturbed):
    case = case_of("sleepstudy-slope/REML/optimum")
    right = make_runner(oracle=either).decide(case).finding
    assert right.verdict is Verdict.MATCH
    assert right.evidence["judge"] == "R's own deviance function"

    def change(name, value):
        if name != "optimum":
            return value
        return replace(value, numbers=value.numbers + np.array([0.01, 0, 0, 0]))

    wrong = make_runner(perturbed(change), either).decide(case).finding
    assert wrong.verdict is Verdict.MISMATCH


def test_data_and_numbers_reach_r_and_come_back_bit_for_bit():
    """Columns of every kind are sent; R answers a model matrix made of them."""
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2.0**-1074 * 3]
    process = RProcess()
    columns = {
        "x": {"kind": "numeric", "values": numbers, "missing": [2]},
        "f": {
            "kind": "factor",
            "values": [3, 1, 2, 1, 1, 2],
            "levels": ["zwei", 'ä"\\', "a b"],
            "ordered": True,
            "missing": [4],
        },
    }
    try:
        process.ask({"verb": "data", "name": "hard", "columns": columns})
        answer = process.ask(
            {"verb": "answer", "request": {"quantity": "echo", "inputs": {"data": "hard"}}}
        )
    finally:
        process.close()
    assert answer["status"] == "ok", answer
    value = Value.from_json(answer["value"])
    assert value.missing[:, 0].tolist() == [False, True, False, False, False, False]
    kept = np.delete(value.numbers[:, 0], 1)
    assert kept.tobytes() == np.delete(np.array(numbers), 1).tobytes()
    assert value.columns == ("x", 'f: zwei < ä"\\ < a b')
    assert value.missing[:, 1].tolist() == [False, False, False, True, False, False]
    assert np.delete(value.numbers[:, 1], 3).tolist() == [3, 1, 2, 1, 2]


def test_an_error_in_r_is_an_error_of_the_case(case_of, live):
    case = case_of("dyestuff/REML/sigma")
    said = live._ask(case, {**case.request(), "quantity": "nope"})
    with pytest.raises(RError, match="no quantity 'nope'"):
        Answer.from_json(said, "live", {})
    assert live.answer(case).value.numbers.round(2) == [49.51]


def test_r_s_death_in_the_middle_costs_one_case(case_of):
    oracle = LiveOracle()
    try:
        oracle.answer(case_of("dyestuff/REML/sigma"))
        process = oracle._process._process
        assert process is not None
        sleeping = {
            **case_of("dyestuff/REML/sigma").request(),
            "quantity": "sleep",
            "inputs": {"seconds": 30},
        }

        def kill():
            time.sleep(0.5)
            os.kill(process.pid, 9)

        threading.Thread(target=kill).start()
        with pytest.raises(
            WorkerError, match=r"ended with status -9 \(SIGKILL\) in the middle of a case"
        ):
            oracle._ask(case_of("dyestuff/REML/sigma"), sleeping)
        assert oracle.answer(case_of("sleepstudy-slope/REML/sigma")).value.numbers.round(2) == [
            25.59
        ]
    finally:
        oracle.close()


def test_r_s_silence_costs_one_case(case_of, make_runner):
    oracle = LiveOracle(timeout=60)
    runner = make_runner(oracle=oracle)
    case = case_of("dyestuff/REML/sigma")
    try:
        assert runner.decide(case).finding.verdict is Verdict.MATCH
        process = oracle._process._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        oracle._process.timeout = 0.5
        silent = runner.decide(case).finding
        assert silent.verdict is Verdict.R_ERROR
        assert "did not answer within 0.5 s" in silent.reason
        oracle._process.timeout = 60
        assert runner.decide(case).finding.verdict is Verdict.MATCH
        assert oracle._process.restarts == 2
    finally:
        oracle.close()


def test_a_formula_that_runs_code_does_not_reach_r(case_of, live):
    case = case_of("dyestuff/REML/sigma")
    evil = replace(case, model=replace(case.model, formula="Yield ~ system('id') + (1 | Batch)"))
    with pytest.raises(OracleError, match="the formula is not sent to R"):
        live.answer(evil)


def test_the_environment_names_the_versions(live):
    environment = live.environment()
    assert {"R", "lme4", "Matrix", "rng_kind", "blas"} <= set(environment)
    assert environment["locale"] in ("C.UTF-8", "C")
    assert json.dumps(dict(environment))
