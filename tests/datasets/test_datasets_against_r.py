"""The packaged data sets against R's own, bit for bit."""

import gzip
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from pybootmlm.datasets import list_datasets, load_dataset
from pybootmlm.datasets.provenance import data_folder, dataset_provenance

pytestmark = pytest.mark.live_r

ROOT = Path(__file__).resolve().parents[2]


class RColumn(NamedTuple):
    name: str
    kind: str
    levels: list[str]
    values: list[str]


@pytest.fixture(scope="module")
def r_frames() -> dict[str, list[RColumn]]:
    """Every data set as R prints it: doubles in hexadecimal, factors as codes and levels."""
    command = [
        "Rscript",
        str(Path(__file__).with_name("dump.R")),
        str(data_folder() / "pop_syn.csv"),
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    frames: dict[str, list[RColumn]] = {}
    for line in printed.splitlines():
        name, column, kind, levels, values = line.split("\t")
        entry = RColumn(column, kind, levels.split("|") if levels else [], values.split(" "))
        frames.setdefault(name, []).append(entry)
    return frames


def differences(ours: pd.Series, theirs: RColumn) -> list[str]:
    """What of one column is not as R has it; empty if nothing."""
    if isinstance(ours.dtype, pd.CategoricalDtype):
        found = {
            "kind": ("ordered" if ours.cat.ordered else "factor") == theirs.kind,
            "levels": list(ours.cat.categories) == theirs.levels,
            "codes": [code + 1 for code in ours.cat.codes] == [int(v) for v in theirs.values],
        }
    elif ours.dtype == np.float64:
        numbers = np.array([float.fromhex(value) for value in theirs.values])
        found = {
            "kind": theirs.kind == "double",
            "bits": bool(np.array_equal(ours.to_numpy().view(np.int64), numbers.view(np.int64))),
        }
    else:
        found = {
            "kind": theirs.kind == "integer" and ours.dtype == np.int64,
            "numbers": ours.tolist() == [int(value) for value in theirs.values],
        }
    return [what for what, same in found.items() if not same]


@pytest.mark.parametrize("name", list_datasets())
def test_every_column_against_r(name, r_frames):
    frame, theirs = load_dataset(name), r_frames[name]
    assert list(frame.columns) == [column.name for column in theirs]
    assert {c.name: d for c in theirs if (d := differences(frame[c.name], c))} == {}


def test_control_one_ulp_one_level_one_order_are_seen(r_frames):
    """The comparison above can fail: the smallest change of each kind is reported."""
    frame = load_dataset("cake")
    theirs = {column.name: column for column in r_frames["cake"]}
    temp = frame["temp"].copy()
    temp.iloc[0] = np.nextafter(temp.iloc[0], np.inf)
    assert differences(temp, theirs["temp"]) == ["bits"]
    assert differences(frame["recipe"].cat.as_ordered(), theirs["recipe"]) == ["kind"]
    swapped = frame["recipe"].cat.rename_categories(["B", "A", "C"])
    assert differences(swapped, theirs["recipe"]) == ["levels"]
    angle = frame["angle"].copy()
    angle.iloc[3] += 1
    assert differences(angle, theirs["angle"]) == ["numbers"]


def test_the_exporter_writes_the_packaged_files_again(tmp_path):
    """`r_reference/datasets.R` is how the files were made, byte for byte."""
    script = ROOT / "r_reference" / "datasets.R"
    subprocess.run(["Rscript", str(script), str(tmp_path)], capture_output=True, check=True)
    exported = {path.name for path in tmp_path.iterdir()}
    packaged = {dataset_provenance(name).file for name in list_datasets()} - {"pop_syn.csv"}
    assert exported == packaged
    for name in exported:
        new, old = (tmp_path / name).read_bytes(), (data_folder() / name).read_bytes()
        if name.endswith(".gz"):
            new, old = gzip.decompress(new), gzip.decompress(old)
        assert new == old, name
