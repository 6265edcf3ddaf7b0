"""The report: complete, well-formed, self-contained, whole or absent."""

import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from parity.environment import python_environment, r_environment
from parity.errors import WorkerError, WriteError
from parity.report import Report
from parity.report.html import html_text
from parity.report.json import json_text
from parity.report.junit import junit_text
from parity.report.matrix import build_matrix
from parity.report.terminal import print_report
from parity.report.write import write_report
from parity.requirements import load_requirements
from parity.run import CaseResult
from parity.values import Value
from parity.verdict import Finding, Verdict

IDS = [
    "dyestuff/REML/sigma",
    "hsb-slope/REML/fitted",
    "sleepstudy-slope/REML/varcorr",
    "sleepstudy-slope/REML/scores_mer/level2",
    "dyestuff2/REML/vcov_vc/sd",
    "dyestuff2/ML/vcov_vc/variance",
    "sleepstudy-slope/ML/optimum",
    "solve_eigen_sqrt/zero-eigenvalue",
]


@pytest.fixture(scope="module")
def report(case_of, make_runner, recorded, perturbed):
    runner = make_runner()
    results = runner.run([case_of(name) for name in IDS])

    def change(_name, value):
        return replace(value, numbers=value.numbers * 1.01)

    wrong = make_runner(perturbed(change)).decide(case_of("dyestuff/REML/vcov"))
    crash = WorkerError("R <died> & said \x07 nothing")
    results += [
        wrong,
        CaseResult(case_of("dyestuff/REML/u"), Finding(Verdict.R_ERROR, str(crash))),
        CaseResult(case_of("dyestuff/REML/resid"), Finding(Verdict.PYTHON_ERROR, "KeyError: 'x'")),
        CaseResult(case_of("dyestuff/REML/ranef"), Finding(Verdict.NOT_RUN, "not provided")),
    ]
    return Report(
        results=results,
        oracle="recorded",
        implementation="pybootmlm",
        python=python_environment(),
        r=r_environment(recorded.environment()),
        requirements=load_requirements(),
        tolerances=runner.tolerances,
        deviations=runner.deviations,
        started="2026-01-01T00:00:00Z",
        seconds=1.0,
    )


def test_all_verdicts_occur_and_the_report_fails(report):
    assert all(report.counts.values())
    assert not report.passed
    assert report.headline.startswith("FAIL: 12 cases: 5 match, 3 explained, 1 mismatch")


def test_a_report_passes_only_without_failures_and_dead_deviations(report):
    good = [r for r in report.results if not r.finding.verdict.fails]
    assert replace(report, results=good).passed
    assert not replace(report, results=good, idle=("dead",)).passed
    for verdict in (Verdict.MISMATCH, Verdict.R_ERROR, Verdict.PYTHON_ERROR):
        bad = [r for r in report.results if r.finding.verdict is verdict]
        assert not replace(report, results=good + bad).passed


def test_junit_is_xml_and_counts(report):
    suite = ET.fromstring(junit_text(replace(report, idle=("dead",))))
    assert suite.get("tests") == "13"
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("2", "2", "1")
    assert [node.get("name") for node in suite.iter("testcase")][:-1] == [
        result.case.id for result in report.results
    ]
    assert len(list(suite.iter("failure"))) == 2
    assert {node.get("name") for node in suite.iter("property")} >= {"r.lme4", "python.numpy"}


def test_json_holds_every_case_and_every_digit(report):
    document = json.loads(json_text(report), parse_constant=pytest.fail)
    assert [r["id"] for r in document["results"]] == [r.case.id for r in report.results]
    first = document["results"][0]
    assert first["expected"]["data"] == report.results[0].answer.value.numbers.tolist()
    assert document["passed"] is False
    assert {r["tolerance"] for r in document["results"]} == set(document["tolerances"])
    assert document["tolerances"]["deterministic"]["relative"] == 1e-10
    for name in ("R", "lme4", "Matrix", "bootmlm", "RNG kind"):
        assert name in document["environment"]["r"]
    for name in ("Python", "numpy", "scipy", "pandas", "BLAS", "OS"):
        assert name in document["environment"]["python"]


def test_the_page_holds_every_case_and_needs_nothing_else(report):
    page = html_text(report)
    for result in report.results:
        assert f'data-id="{result.case.id}"' in page
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)", page)
    assert not re.search(r"https?://|@import|url\(", page)
    assert "R &lt;died&gt; &amp; said" in page
    assert "bootmlm::scores_mer puts the names" in page
    for verdict in Verdict:
        assert f'data-verdict="{verdict}"' in page


def test_the_table_counts_every_case_once(report):
    for widest in (None, 3, 2):
        matrix = build_matrix(report.results, widest)
        assert widest is None or len(matrix.columns) <= widest
        cells = [tally for row in matrix.rows for tally in row.cells if tally is not None]
        assert sum(tally.total for tally in cells) == len(report.results)
        assert sum(row.total.total for row in matrix.rows) == len(report.results)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_says_what_failed(report, width):
    console = Console(width=width, record=True, file=io.StringIO())
    print_report(replace(report, idle=("dead",)), console)
    text = " ".join(console.export_text().split())
    for said in ("mismatch dyestuff/REML/vcov", "r-error dyestuff/REML/u", "KeyError: 'x'"):
        assert said in text
    for said in ("FAIL: 12 cases", "dead deviation dead", "lme4 1.1"):
        assert said in text


def test_a_report_is_written_whole(report, tmp_path):
    page = write_report(report, tmp_path / "new" / "folder")
    assert sorted(path.name for path in page.parent.iterdir()) == [
        "index.html",
        "junit.xml",
        "results.json",
    ]


def test_a_disk_that_fills_leaves_the_earlier_report_whole(report, tmp_path, monkeypatch):
    """tests/parity/test_faults_report.py has every other way in which writing can fail."""
    write_report(report, tmp_path)
    old = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("parity.writing.os.fsync", full)
    with pytest.raises(WriteError, match="No space left"):
        write_report(replace(report, started="2027-01-01T00:00:00Z"), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_a_value_of_another_shape_can_still_be_reported(report, case_of, make_runner, perturbed):
    def flat(_name, value):
        return Value.of(value.numbers.ravel())

    wrong = make_runner(perturbed(flat)).decide(case_of("dyestuff/REML/varcorr"))
    assert wrong.finding.reason.startswith("shape: R has 2 x 2, Python 4")
    broken = replace(report, results=[wrong])
    for text in (html_text(broken), json_text(broken), junit_text(broken)):
        assert "dyestuff/REML/varcorr" in text


HOSTILE = (
    "[red]a[/] </script> ]]> & \x1b[2J\x00\x07 \ud800 \uffff \u2028 {{x}} [/nothing] 'q' \"Q\""
)


def test_names_that_are_markup_or_control_a_terminal_are_shown_as_text(report, tmp_path):
    """A user's case, level or message of R's may hold anything; no form of the report obeys it."""
    bad = next(r for r in report.results if r.finding.verdict is Verdict.R_ERROR)
    case = replace(bad.case, id=HOSTILE, model=replace(bad.case.model, id=f"{HOSTILE}/REML"))
    result = replace(bad, case=case, finding=replace(bad.finding, reason=HOSTILE))
    hostile = replace(report, results=[result])
    console = Console(width=200, record=True, file=io.StringIO())
    print_report(hostile, console)
    text = console.export_text()
    assert "[red]a[/] </script>" in text
    assert "\\x1b[2J\\x00\\x07" in text
    assert "\x1b[2J" not in text
    page = write_report(hostile, tmp_path)
    assert "</script> ]]>" not in page.read_text("utf-8")
    suite = ET.parse(tmp_path / "junit.xml").getroot()
    assert "[red]a[/] </script> ]]> &" in str(next(suite.iter("testcase")).get("name"))
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert document["results"][0]["id"] == HOSTILE
