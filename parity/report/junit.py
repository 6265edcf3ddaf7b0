"""JUnit XML, which every CI system shows."""

import re
from xml.etree import ElementTree as ET

from parity.report.content import Report
from parity.verdict import Verdict

_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def junit_text(report: Report) -> str:
    """Write one test case a parity case; failures and errors carry their evidence."""
    counts = report.counts
    errors = counts[Verdict.R_ERROR] + counts[Verdict.PYTHON_ERROR]
    suite = ET.Element(
        "testsuite",
        name="parity",
        tests=str(len(report.results) + len(report.idle)),
        failures=str(counts[Verdict.MISMATCH] + len(report.idle)),
        errors=str(errors),
        skipped=str(counts[Verdict.NOT_RUN]),
        time=f"{report.seconds:.3f}",
        timestamp=report.started,
    )
    properties = ET.SubElement(suite, "properties")
    for side, versions in (("python", report.python), ("r", report.r)):
        for name, text in versions.items():
            ET.SubElement(properties, "property", name=f"{side}.{name}", value=text)
    for result in report.results:
        finding = result.finding
        group = "numbers" if result.case.model is None else result.case.model.id
        node = ET.SubElement(
            suite,
            "testcase",
            classname=f"parity.{group}",
            name=result.case.id,
            time=f"{result.seconds_python:.4f}",
        )
        said = {} if finding.ruling is None else {"who is right": finding.ruling.sentence}
        detail = "\n".join(f"{name}: {text}" for name, text in {**said, **finding.evidence}.items())
        if finding.verdict is Verdict.MISMATCH:
            ET.SubElement(node, "failure", message=finding.reason).text = detail
        elif finding.verdict.fails:
            ET.SubElement(
                node, "error", message=finding.reason, type=str(finding.verdict)
            ).text = detail
        elif finding.verdict is Verdict.NOT_RUN:
            ET.SubElement(node, "skipped", message=finding.reason)
        else:
            ET.SubElement(
                node, "system-out"
            ).text = f"{finding.verdict}: {finding.reason}\n{detail}".strip()
    for name in report.idle:
        node = ET.SubElement(suite, "testcase", classname="parity.deviations", name=name)
        ET.SubElement(node, "failure", message="this deviation concerns no case")
    ET.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _printable(
        ET.tostring(suite, encoding="unicode")
    )


def _printable(text: str) -> str:
    """Drop what XML cannot hold: control characters, halves of pairs, and two code points."""
    return _NOT_IN_XML.sub("", text) + "\n"
