"""Performance qualification: the user's own models and data, through the same machinery."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parity.cases import Case
from parity.cases.project import load_project
from parity.implementations import Native
from parity.oracles import Oracle
from parity.oracles.asked import SparingOracle
from parity.oracles.live import LiveOracle
from parity.reference import open_reference
from parity.report import Report
from parity.session import compare_cases


@dataclass(frozen=True)
class Qualification:
    """One case file of the user's, compared.

    Attributes
    ----------
    name
        Name of the file.
    text
        The file as it was.
    sha256
        Of the file.
    formulas
        For each model its formula and data.
    """

    name: str
    text: str
    sha256: str
    formulas: tuple[tuple[str, str, str], ...]
    report: Report


def qualify(
    file: Path,
    *,
    reference: Path | None = None,
    rscript: str | None = None,
    timeout: float = 300.0,
    watch: Callable[[Case], None] = lambda _case: None,
) -> Qualification:
    """Compare the models of a case file with live R, or with R's answers kept in `reference`."""
    project = load_project(file)
    oracle: Oracle
    if reference is not None:
        oracle = open_reference(reference, project.models, project.asked, project.frames)
    else:
        oracle = SparingOracle(LiveOracle(timeout, rscript, project.frames), project.not_asked)
    try:
        report = compare_cases(project.cases, Native(), oracle, frames=project.frames, watch=watch)
    finally:
        oracle.close()
    content = file.read_bytes()
    return Qualification(
        name=file.name,
        text=content.decode("utf-8"),
        sha256=hashlib.sha256(content).hexdigest(),
        formulas=tuple((own.model.id, own.model.formula, own.model.data) for own in project.models),
        report=report,
    )
