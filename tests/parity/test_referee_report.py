"""Who is right, as each report says it."""

import io
import json
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console

from parity.environment import python_environment
from parity.judges.influence import rule
from parity.report import Report
from parity.report.html import html_text
from parity.report.json import json_text
from parity.report.junit import junit_text
from parity.report.terminal import print_report
from parity.requirements import load_requirements
from parity.verdict import Side

IDS = [
    "sleepstudy-years/REML/optimum",
    "hsb-between-slope/REML/optimum",
    "dyestuff2/ML/vcov_theta",
    "sleepstudy-slope/REML/scores_mer/level2",
    "pop-slope/REML/boot_mer",
    "pop-slope/ML/empinf_merm/fixef-sigma-theta",
    "dyestuff/REML/fifty_digits",
]


@pytest.fixture(scope="module")
def report(case_of, make_runner):
    runner = make_runner()
    return Report(
        results=runner.run([case_of(name) for name in IDS]),
        oracle="recorded",
        implementation="pybootmlm",
        python=python_environment(),
        r={"R": "0"},
        requirements=load_requirements(),
        tolerances=runner.tolerances,
        deviations=runner.deviations,
        started="2026-01-01T00:00:00Z",
        seconds=1.0,
    )


def test_every_explanation_says_who_is_right(report):
    nearer = [result.finding.ruling.nearer for result in report.results]
    assert nearer == [Side.PYTHON, Side.BOTH, *[Side.PYTHON] * 4, Side.BOTH]


def test_influence_values_are_better_by_what_was_measured(report):
    """A Newton step from R's point promises what Python's optimum is lower by."""
    ruling = next(r.finding.ruling for r in report.results if "empinf" in r.case.id)
    lower, theirs, ours = (
        float(re.search(pattern, ruling.sentence)[1])
        for pattern in (
            r"lower than R's by up to ([\de.-]+)",
            r"from R's promises ([\de.-]+),",
            r"from Python's ([\de.-]+)$",
        )
    )
    assert abs(theirs - lower) < 0.1 * lower
    assert ours < 1e-10 < lower


def test_influence_values_that_end_no_lower_are_not_called_better():
    assert rule(np.array([-2e-7, 1e-9]), ours=1e-12, theirs=2e-7).nearer is Side.PYTHON
    assert rule(np.array([-2e-7, 3e-7]), ours=1e-12, theirs=2e-7).nearer is Side.OPEN
    assert rule(np.array([-2e-7, 1e-9]), ours=3e-7, theirs=2e-7).nearer is Side.OPEN


def test_the_terminal_says_it_in_a_line(report):
    console = Console(width=100, file=io.StringIO(), record=True)
    print_report(report, console)
    said = " ".join(console.export_text().split())
    assert "who is right: Python's point is the better one, by 42.8: R stopped early" in said
    assert said.count("who is right:") == 5  # a registered deviation has said it in its title


def test_the_page_has_the_table(report):
    page = html_text(report)
    blocks = re.findall(r'<div class="ruling">.*?</div>\n', page, re.DOTALL)
    assert len(blocks) == len(IDS)
    first = next(b for b in blocks if "by 42.8" in b)
    assert "Who is right: Python. Cause: early stop." in first
    for text in ("lowest that R reaches", "criterion, in 50 digits", "1743.6282719585"):
        assert text in first
    # what stands in the table is not told twice
    assert "<dt>criterion, in 50 digits</dt>" not in page


def test_machines_get_the_same(report):
    results = json.loads(json_text(report))["results"]
    said = results[0]["who_is_right"]
    assert (said["nearer"], said["cause"]) == ("Python", "early stop")
    assert [len(row) for row in said["rows"]] == [4] * len(said["rows"])
    assert {row[0] for row in said["rows"]} <= set(results[0]["evidence"])
    node = next(ET.fromstring(junit_text(report)).iter("testcase"))
    assert "who is right: Python's point" in node.find("system-out").text
