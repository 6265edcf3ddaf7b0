"""From requirement to result: what is kept, what is not, what nobody showed."""

from dataclasses import replace

import pytest

from parity.errors import ReportError
from parity.requirements import Requirement, Risk, load_requirements
from parity.validation import named_tests
from parity.validation.named_tests import (
    TestOutcome,
    TestRun,
    all_names,
    folder_of_tests,
    read_junit,
    run_named_tests,
)
from parity.validation.reruns import _difference, rerun_all
from parity.validation.traceability import kind_of, trace_all

LOW, HIGH = Risk("low", "low", "high"), Risk("high", "high", "low")


def requirement(name, risk=LOW, tests=(), guards=()):
    return Requirement(name, "text", "source", "accepted", "harm", risk, ("lmer",), tests, guards)


@pytest.fixture(scope="module")
def decide(case_of, make_runner):
    runner = make_runner()
    return lambda *names: [runner.decide(case_of(name)) for name in names]


@pytest.fixture(scope="module")
def fixef(decide):
    return decide("dyestuff/REML/fixef", "dyestuff/ML/fixef", "sleepstudy-slope/ML/fixef")


@pytest.fixture(scope="module")
def textbook(decide):
    return decide("dyestuff/REML/textbook/estimates")


def result_of(requirements, results, tests=None):
    table = {r.id: r for r in requirements}
    return trace_all(table, results, tests or TestRun())


def test_kinds_of_evidence(decide, fixef, textbook):
    assert kind_of(fixef[0]) == "R"
    assert kind_of(textbook[0]) == "independent"
    assert kind_of(decide("nist-smls01/ML/anova_certified")[0]) == "independent"
    assert kind_of(decide("dyestuff/ML/fifty_digits")[0]) == "independent"
    assert kind_of(decide("published/compare/model/fit")[0]) == "print"
    refused = decide("sleepstudy-uncorrelated/REML/responses/residual_cgr")[0]
    assert refused.answer is None
    assert kind_of(refused) == "R"  # R's registered error


def test_a_requirement_is_kept_by_its_cases(fixef):
    matrix = result_of([requirement("lmer.fixef")], fixef)
    assert matrix.of("lmer.fixef").result == "kept"
    assert matrix.gaps == ()


def test_a_requirement_without_evidence_is_a_gap(fixef):
    matrix = result_of([requirement("lmer.fixef"), requirement("nothing")], fixef)
    assert matrix.of("nothing").result == "NO EVIDENCE"
    assert [trace.requirement.id for trace in matrix.gaps] == ["nothing"]
    assert matrix.of("nothing").fails


def test_a_high_risk_asks_for_more(fixef, textbook):
    wanted = requirement("lmer.fixef", HIGH)
    trace = result_of([wanted], fixef).of("lmer.fixef")
    assert trace.result == "LESS THAN ITS RISK ASKS FOR: 3 pieces of 1 kinds"
    guarded = requirement("lmer.fixef", HIGH, guards=("independent.textbook",))
    both = [guarded, requirement("independent.textbook")]
    assert result_of(both, [*fixef, *textbook]).of("lmer.fixef").result == "kept"
    assert result_of(both, fixef).of("lmer.fixef").fails  # a guard that did not run guards nothing


def test_a_mismatch_breaks_a_requirement(fixef, case_of, make_runner, perturbed):
    def change(_name, value):
        return replace(value, numbers=value.numbers * 1.01)

    wrong = make_runner(perturbed(change)).decide(case_of("hsb-slope/ML/fixef"))
    trace = result_of([requirement("lmer.fixef")], [*fixef, wrong]).of("lmer.fixef")
    assert trace.result == "NOT KEPT: 1 cases and 0 tests fail"
    assert trace.fails


def test_named_tests_are_evidence_if_they_pass():
    wanted = requirement("plot", tests=("tests/plotting/test_x.py",))
    node = "tests/plotting/test_x.py::test_a"
    passed = TestRun((TestOutcome(node, "passed"),))
    failed = TestRun((TestOutcome(node, "passed"), TestOutcome(f"{node}b", "failed", "boom")))
    skipped = TestRun((TestOutcome(node, "skipped", "no R"),))
    assert result_of([wanted], [], passed).of("plot").result == "kept"
    assert result_of([wanted], [], failed).of("plot").result.startswith("NOT KEPT")
    assert result_of([wanted], [], skipped).of("plot").result == "NO EVIDENCE"
    unrun = result_of([wanted], [], TestRun(why_not="no tests here")).of("plot")
    assert unrun.result == "open: 1 named tests were not run here"
    assert not unrun.fails


def test_a_case_of_an_unknown_requirement_is_an_orphan(fixef):
    matrix = result_of([requirement("other")], fixef)
    assert matrix.orphans == tuple(result.case.id for result in fixef)


def test_public_names_without_requirement_are_listed():
    assert "boot_ci" in result_of([requirement("a")], []).untraced
    assert "lmer" not in result_of([requirement("a")], []).untraced


def test_names_are_run_once():
    tests = [("tests/a.py", "tests/b.py::test_x"), ("tests/a.py::test_y", "tests/b.py::test_x")]
    assert all_names(tests) == ("tests/a.py", "tests/b.py::test_x")
    requirements = load_requirements().values()
    assert len(all_names(r.tests for r in requirements)) > 30


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_some.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "@pytest.mark.parametrize('x', [1, 2])\n"
        "def test_many(x): pass\n"
        "def test_bad(): assert 1 == 2, 'boom'\n"
        "def test_left_out(): pytest.skip('no R here')\n"
        "class TestGroup:\n"
        "    def test_inside(self): pass\n"
    )
    return tmp_path


def test_named_tests_are_run_in_a_process_of_their_own(checkout):
    names = ["tests/test_some.py", "tests/test_gone.py"]
    run = run_named_tests(names, checkout)
    outcomes = {o.node.partition("::")[2]: o.outcome for o in run.outcomes}
    assert outcomes == {
        "test_good": "passed",
        "test_many[1]": "passed",
        "test_many[2]": "passed",
        "test_bad": "failed",
        "test_left_out": "skipped",
        "TestGroup::test_inside": "passed",
    }
    said = {o.outcome: o.said for o in run.outcomes if o.said}
    assert "boom" in said["failed"]
    assert said["skipped"] == "no R here"
    assert len(run.of("tests/test_some.py")) == 6
    assert len(run.of("tests/test_some.py::test_many")) == 2
    assert len(run.of("tests/test_some.py::TestGroup")) == 1
    assert run.of("tests/test_gone.py") == ()
    assert run.source.startswith("no commit is known")


def test_another_family_of_junit_is_read_too(checkout):
    run = run_named_tests(["tests/test_some.py"], checkout)
    text = run.xml.replace(' file="tests/test_some.py"', "")
    assert "file=" not in text
    path = checkout / "junit.xml"
    path.write_text(text)
    read = read_junit(path)
    assert [o.node for o in read.outcomes] == [o.node for o in run.outcomes]
    assert read.source == "as read from junit.xml"


def test_tests_are_those_beside_the_package_or_of_the_current_folder(checkout, monkeypatch):
    names = ["tests/test_some.py"]
    monkeypatch.chdir(checkout)
    assert folder_of_tests(names) == checkout
    monkeypatch.chdir("/")
    assert folder_of_tests(names) != checkout
    monkeypatch.setattr(named_tests, "parity_folder", lambda: checkout / "parity")
    assert folder_of_tests(names) == checkout


def test_where_there_are_no_tests_the_reason_is_said(tmp_path):
    run = run_named_tests(["tests/test_some.py"], tmp_path)
    assert run.outcomes == ()
    assert "give the JUnit XML of a run there with `--tests FILE`" in run.why_not


def test_what_is_no_junit_is_refused(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text("<testsuite>")
    with pytest.raises(ReportError, match=r"should be JUnit XML, as `pytest --junitxml=FILE`"):
        read_junit(path)


def test_the_same_computation_gives_the_same_bits_again():
    reruns = rerun_all()
    again = [r for r in reruns if not r.way.startswith("BLAS")]
    assert {r.state for r in again} == {"identical"}
    assert {r.way for r in again} == {
        "again: another process, folder and hash seed",
        "n_jobs = 2",
    }
    assert len(reruns) == 51


def test_a_last_bit_is_a_difference():
    one = [1.0, float("nan"), 3.0]
    assert _difference(one, list(one)) == 0
    assert _difference(one, [1.0, float("nan"), 3.0000000000000004]) > 0
    assert _difference(one, [1.0, 2.0, 3.0]) == float("inf")
    assert _difference(one, [1.0]) == float("inf")
