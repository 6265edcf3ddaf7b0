"""The report for a reader: one HTML file that needs nothing else."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from parity.pictures.embedded import MOST, pictures_of
from parity.probes import PROBES
from parity.report.content import Report
from parity.report.matrix import build_matrix
from parity.report.tables import Row, row_of
from parity.verdict import Verdict

MEANINGS = {
    Verdict.MATCH: "R and Python agree within the stated tolerance.",
    Verdict.EXPLAINED: "They differ, and the evidence shows why, and who is right if R answers.",
    Verdict.MISMATCH: "They differ, and nothing explains it.",
    Verdict.R_ERROR: "R gave no answer.",
    Verdict.PYTHON_ERROR: "Python gave no answer.",
    Verdict.NOT_RUN: "Not compared, for the stated reason.",
}


def html_text(report: Report) -> str:
    """Render the report."""
    environment = Environment(
        loader=PackageLoader("parity.report", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    ordered = sorted(report.results, key=lambda result: not result.finding.verdict.fails)
    rows = [row_of(result) for result in ordered]
    used = {result.case.tolerance for result in report.results}
    return environment.get_template("report.html.j2").render(
        report=report,
        rows=rows,
        verdicts=list(Verdict),
        meanings=MEANINGS,
        probes=PROBES,
        matrix=build_matrix(report.results),
        pictures=pictures_of(ordered, report.tolerances),
        most_pictures=MOST,
        models=list(dict.fromkeys(row.model for row in rows)),
        formulas=_formulas(rows),
        tolerances=[t for name, t in report.tolerances.items() if name in used],
    )


def _formulas(rows: list[Row]) -> list[str]:
    """Name the models that were compared, each with its method."""
    said = (
        f"{row.formula}, {row.result.case.model.method}"
        for row in rows
        if row.result.case.model is not None
    )
    return list(dict.fromkeys(said))
