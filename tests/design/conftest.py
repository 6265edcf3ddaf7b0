"""The data that the R scripts beside this file describe, as data frames."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parent


def numbers(text: str) -> np.ndarray:
    return np.array([np.nan if number == "NA" else float(number) for number in text.split()])


def described(columns: dict[str, Any]) -> pd.DataFrame:
    """A recorded data frame, with the dtypes that pandas would give its columns."""
    frame: dict[str, Any] = {}
    for name, column in columns.items():
        if column["kind"] == "text":
            frame[name] = column["values"]
            continue
        values = numbers(column["codes" if "codes" in column else "values"])
        whole = not np.isnan(values).any()
        if "codes" in column:
            frame[name] = pd.Categorical.from_codes(
                np.where(np.isnan(values), -1, values).astype(int),
                column["levels"],
                ordered=column["kind"] == "ordered",
            )
        elif column["kind"] == "logical":
            frame[name] = values.astype(bool) if whole else pd.Series(values).astype("boolean")
        elif column["kind"] == "integer":
            frame[name] = values.astype(int) if whole else pd.Series(values).astype("Int64")
        else:
            frame[name] = values
    return pd.DataFrame(frame)


@pytest.fixture(scope="session")
def matrices_record() -> dict[str, Any]:
    text = (HERE / "model_matrices.json").read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    return record


@pytest.fixture(scope="session")
def recorded_data(matrices_record) -> dict[str, pd.DataFrame]:
    return {name: described(matrices_record[name]) for name in ("data", "holes", "long")}
