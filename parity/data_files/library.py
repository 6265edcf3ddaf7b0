"""Libraries that only some files need, imported when such a file is read."""

from importlib import import_module
from pathlib import Path
from typing import Any

from parity.errors import DataFileError


def library(name: str, path: Path) -> Any:
    """Import a library, or say what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        message = (
            f"data file '{path}' needs the library '{name}', which cannot be imported ({error}); "
            "install `pybootmlm[data]`, or write the data as CSV"
        )
        raise DataFileError(message) from error
