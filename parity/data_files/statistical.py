"""SPSS and Stata files. Codes that all have labels are a factor, its levels in code order."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from parity.data_files.library import library


def read_spss(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read a .sav or .zsav file; values that are declared missing are missing."""
    frame, meta = library("pyreadstat", path).read_sav(path)
    return _labelled(frame, meta.variable_value_labels)


def read_stata(path: Path, _na: Sequence[str]) -> pd.DataFrame:
    """Read a .dta file."""
    frame, meta = library("pyreadstat", path).read_dta(path)
    return _labelled(frame, meta.variable_value_labels)


def _labelled(frame: pd.DataFrame, labels: Mapping[str, Mapping[Any, str]]) -> pd.DataFrame:
    """Make factors of columns whose every value has a label; a few labels mark special codes."""
    for name, texts in labels.items():
        codes = sorted(texts)
        distinct = len(set(texts.values())) == len(codes)
        if distinct and frame[name].dropna().isin(codes).all():
            levels = [texts[code] for code in codes]
            frame[name] = pd.Categorical(frame[name].map(texts), categories=levels)
    return frame
