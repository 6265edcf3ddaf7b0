"""Who is right, as each report says it."""

import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from parity.environment import python_environment
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
