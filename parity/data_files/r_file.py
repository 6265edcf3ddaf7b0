"""R's own files of one object, read without R."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from parity.data_files.library import library
from parity.data_files.r_values import CLASSES
from parity.errors import DataFileError


def read_rds(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read what ``saveRDS`` wrote, which must be a data frame (or a kind of one, as nlme's)."""
    rdata = library("rdata", path)
    known = rdata.conversion.DEFAULT_CLASS_MAP
    with warnings.catch_warnings():
        # It warns of each class that it does not know, and gives what is below it.
        warnings.simplefilter("ignore", UserWarning)
        found = rdata.read_rds(
            path,
            constructor_dict={
                **known, **CLASSES,
                "data.frame": lambda columns, rest: known["data.frame"](_plain(columns), rest),
            },
        )  # fmt: skip
    if not isinstance(found, pd.DataFrame):
        message = (
            f"data file '{path}' holds R's object of another kind (here {type(found).__name__}), "
            "not a data frame; write the data frame itself: saveRDS(data, file)"
        )
        raise DataFileError(message)
    return found


def _plain(columns: object) -> object:
    """Columns without the names that R keeps for their elements; a matrix is none.

    Raises
    ------
    DataFileError
        A column is a matrix, as ``scale()`` and ``poly()`` make.
    """
    if not isinstance(columns, dict):
        return columns
    plain = {}
    for name, column in columns.items():
        values = column.to_numpy() if hasattr(column, "dims") else column
        if np.ndim(values) == 2 and np.shape(values)[1] == 1:
            values = np.asarray(values)[:, 0]
        if np.ndim(values) == 2:
            message = f"the column '{name}' is a matrix; make it columns of their own in R"
            raise DataFileError(message)
        plain[name] = values
    return plain
