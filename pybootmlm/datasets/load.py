"""A packaged CSV and its provenance become the data frame that R has."""

import csv
import gzip
import hashlib
import zlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from pybootmlm.datasets.provenance import Column, Provenance, data_folder, dataset_provenance
from pybootmlm.exceptions import DataError


def load_dataset(name: str) -> pd.DataFrame:
    """Load a packaged data set as R has it.

    Factors are `pandas.Categorical` with R's levels in R's order, ordered where R's are; numbers
    are R's doubles and integers, bit for bit; rows stand in R's order. ``hsb`` is
    ``nlme::MathAchieve`` with its schools' sector under the course notes' names; its ``id`` is a
    plain factor in the order of the school numbers.

    Parameters
    ----------
    name
        One of `list_datasets`, spelt as in R.

    Returns
    -------
    pandas.DataFrame
        A frame of your own: changing it changes nothing for the next caller.

    Raises
    ------
    ArgumentError
        If there is no data set of that name.
    DataError
        If the packaged file is missing or is not the one that was released (checksum).

    See Also
    --------
    list_datasets, dataset_provenance

    Examples
    --------
    >>> from pybootmlm.datasets import load_dataset
    >>> dyestuff = load_dataset("Dyestuff")
    >>> dyestuff.shape
    (30, 2)
    >>> list(dyestuff["Batch"].cat.categories)
    ['A', 'B', 'C', 'D', 'E', 'F']
    >>> float(dyestuff["Yield"].mean())
    1527.5
    """
    about = dataset_provenance(name)
    header, *rows = csv.reader(_checked_text(about).decode("utf-8").splitlines())
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    return pd.DataFrame(
        {column.name: _as_in_r(cells[column.name], column) for column in about.columns}
    )


def _as_in_r(cells: tuple[str, ...], column: Column) -> ExtensionArray | NDArray[np.generic]:
    """Turn the text of one column into what R has there."""
    match column.kind:
        case "numeric":  # float() and not read_csv, whose parser may be an ulp off
            return np.array([float(cell) for cell in cells])
        case "integer":
            return np.array([int(cell) for cell in cells], dtype=np.int64)
        case "factor" | "ordered":
            levels = column.levels or sorted(set(cells), key=int)
            ordered = column.kind == "ordered"
            return pd.Categorical(cells, categories=list(levels), ordered=ordered)


def _checked_text(about: Provenance) -> bytes:
    """Bytes of the CSV, after comparison with the checksum on record."""
    try:
        text = (data_folder() / about.file).read_bytes()
        if about.file.endswith(".gz"):
            text = gzip.decompress(text)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(_damaged(about, f"it cannot be read ({error})")) from error
    digest = hashlib.sha256(text).hexdigest()
    if digest != about.sha256:
        raise DataError(_damaged(about, f"its sha256 is {digest}, expected {about.sha256}"))
    return text


def _damaged(about: Provenance, what: str) -> str:
    return (
        f"the packaged file {about.file!r} of data set {about.name!r} is not the released one: "
        f"{what}. Reinstall pybootmlm."
    )
