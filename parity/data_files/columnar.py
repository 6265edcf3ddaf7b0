"""Parquet, Feather and Arrow files; a dictionary in them is a factor."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from parity.data_files.library import library


def read_parquet(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read a Parquet file."""
    library("pyarrow", path)
    return pd.read_parquet(path, engine="pyarrow")


def read_feather(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read a Feather or Arrow file."""
    library("pyarrow", path)
    return pd.read_feather(path)
