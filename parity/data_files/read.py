"""From the name of a file to the reader for it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from parity.data_files import columnar, r_file, statistical, text
from parity.errors import DataFileError

_READERS: dict[str, Callable[[Path, Sequence[str]], pd.DataFrame]] = {
    ".csv": text.read_csv,
    ".tsv": text.read_tsv,
    ".parquet": columnar.read_parquet,
    ".feather": columnar.read_feather,
    ".arrow": columnar.read_feather,
    ".rds": r_file.read_rds,
    ".sav": statistical.read_spss,
    ".zsav": statistical.read_spss,
    ".dta": statistical.read_stata,
}
_PACKED = (".gz", ".bz2", ".xz", ".zip")


def read_data(path: Path | str, na: Sequence[str] = ()) -> pd.DataFrame:
    """Read a data file; what kind it is, its name says.

    Parameters
    ----------
    path
        CSV or TSV (also .gz, .bz2, .xz, .zip), Parquet, Feather or Arrow, R's RDS, SPSS, Stata.
    na
        Texts that mean a missing value in CSV and TSV, besides ``NA``, ``NaN`` and nothing.

    Returns
    -------
    DataFrame
        Rows numbered from 0. Factors are categorical, with their levels in order, and ordered if
        they were.

    Raises
    ------
    DataFileError
        There is no such file, its kind is not known, a library is missing, or it holds no data
        frame with rows.
    """
    path = Path(path)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _PACKED
    kind = "".join(suffixes[-2:-1] if packed else suffixes[-1:])
    if kind not in _READERS or (packed and kind not in (".csv", ".tsv")):
        known = ", ".join(_READERS)
        message = f"data file '{path}': its name must end in one of {known} (CSV and TSV may be "
        message += f"packed: {', '.join(_PACKED)}); convert it, or rename it if it is one of these"
        raise DataFileError(message)
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is not there"
        message = f"data file '{path}' {what}; the present folder is '{Path.cwd()}'"
        raise DataFileError(message)
    try:
        frame = _READERS[kind](path, na)
    except (DataFileError, MemoryError):
        raise
    except Exception as error:
        # Readers of six formats fail in their own ways on a damaged file, all of which mean this.
        said = " ".join(str(error).split())
        message = f"data file '{path}' cannot be read as {kind[1:]}: {type(error).__name__}: {said}"
        raise DataFileError(message) from error
    return _checked(path, frame)


def _checked(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"data file '{path}' has several columns named {', '.join(map(repr, twice))}; "
        raise DataFileError(message + "give each a name of its own")
    if frame.empty:
        message = f"data file '{path}' has {len(frame)} rows and {len(names)} columns; both are "
        raise DataFileError(message + "needed")
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index(names)
    return frame
