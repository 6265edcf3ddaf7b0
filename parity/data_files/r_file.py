"""R's own files of one object, read without R."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from parity.data_files.library import library
from parity.errors import DataFileError


def read_rds(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read what ``saveRDS`` wrote, which must be a data frame (or a kind of one, as nlme's)."""
    rdata = library("rdata", path)
    with warnings.catch_warnings():
        # It warns of each class that it does not know, such as Date, and gives the numbers.
        warnings.simplefilter("ignore", UserWarning)
        found = rdata.read_rds(path)
    if not isinstance(found, pd.DataFrame):
        message = (
            f"data file '{path}' holds R's object of another kind (here {type(found).__name__}), "
            "not a data frame; write the data frame itself: saveRDS(data, file)"
        )
        raise DataFileError(message)
    return found
