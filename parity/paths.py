"""Where the R side lies: in a checkout at the top, in an installed wheel inside parity."""

from importlib.resources import files
from pathlib import Path

from parity.errors import RecordedError


def parity_folder() -> Path:
    """Return the folder of the installed package, which also holds its tables."""
    return Path(str(files("parity")))


def r_reference_folder() -> Path:
    """Return the folder with the R functions and the recorded references."""
    inside = parity_folder() / "r_reference"
    beside = parity_folder().parent / "r_reference"
    for folder in (inside, beside):
        if (folder / "answer.R").is_file():
            return folder
    message = (
        f"the R side of parity should lie in {inside} (installed) or {beside} (checkout), but "
        "neither holds answer.R; install pybootmlm again"
    )
    raise RecordedError(message)


def recorded_folder() -> Path:
    """Return the folder that holds the recorded references and their manifest."""
    return r_reference_folder() / "recorded"
