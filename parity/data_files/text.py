"""CSV and TSV, read as R's ``read.csv(stringsAsFactors = TRUE)`` reads them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from parity.errors import DataFileError

_MISSING = ("NA", "NaN", "")
# pandas reads every digit by itself from 3.1 on, and warns of being told to.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
_EXACT: Any = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}


def read_csv(path: Path, na: Sequence[str]) -> pd.DataFrame:
    """Read values between commas."""
    frame = _read(path, na, ",")
    if len(frame.columns) == 1:
        only = str(frame.columns[0])
        for mark, name in ((";", "semicolons"), ("\t", "tabs")):
            if mark in only:
                message = (
                    f"data file '{path}' has one column, '{only}': its values seem to stand "
                    f"between {name}; write it with commas and decimal points (or name it .tsv if "
                    "they are tabs)"
                )
                raise DataFileError(message)
    return frame


def read_tsv(path: Path, na: Sequence[str]) -> pd.DataFrame:
    """Read values between tabs."""
    return _read(path, na, "\t")


def _read(path: Path, na: Sequence[str], separator: str) -> pd.DataFrame:
    """Read text. pandas would take "None", "null" and "n/a" for missing: here they are levels."""
    frame: pd.DataFrame = pd.read_csv(
        path,
        sep=separator,
        encoding="utf-8-sig",
        keep_default_na=False,
        na_values=[*_MISSING, *na],
        low_memory=False,
        index_col=False,
        **_EXACT,
    )
    header = pd.read_csv(
        path, sep=separator, encoding="utf-8-sig", header=None, nrows=1, dtype=str,
        keep_default_na=False,
    )  # fmt: skip
    # pandas renames a second "x" to "x.1": the names stand as they are written.
    if len(header) and len(header.columns) == len(frame.columns):
        frame.columns = pd.Index([str(name) for name in header.iloc[0]])
    return frame
