"""Who answers for R about a project's own cases: its recorded references, or R itself."""

from pathlib import Path

from parity.cases.project import ProjectCases, references_of
from parity.errors import RecordedError
from parity.oracles import Oracle
from parity.oracles.asked import SparingOracle
from parity.oracles.live import LiveOracle
from parity.reference import open_reference


def project_oracle(
    path: Path, project: ProjectCases, *, live: bool, timeout: float, rscript: str | None
) -> Oracle:
    """Return the oracle of a case file.

    Parameters
    ----------
    path
        The case file; its references lie beside it.
    timeout, rscript
        For live R: seconds that a case may take, and what starts R.

    Raises
    ------
    RecordedError
        There are no references, they were altered, or they answer another question.
    """
    if live:
        return SparingOracle(LiveOracle(timeout, rscript, project.frames), project.not_asked)
    folder = references_of(path)
    if not (folder / "manifest.json").is_file():
        message = (
            f"there are no recorded references in {folder.name}/ beside {path.name}; on a machine "
            f"with R run `{record_again(path)}` and commit what it writes, or compare with live R"
        )
        raise RecordedError(message)
    try:
        return open_reference(folder, project.models, project.asked, project.frames)
    except RecordedError as error:
        message = f"{error}; for this case file that is `{record_again(path)}`"
        raise RecordedError(message) from error


def record_again(path: Path) -> str:
    """Return the command that records a case file."""
    return f"parity record --cases {path.name}"
