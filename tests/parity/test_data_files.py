"""Data files become data frames whose factors and missing values are those of the file."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.data import columns_for_r
from parity.data_files import read_data, with_levels
from parity.errors import CaseError, DataFileError

OWN = Path(__file__).parent / "own"  # frame.rds was written by R: frame.R


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "größe µ": [0.1, 1 / 3, np.nan, 5e-324],
            "dose": pd.Categorical(
                ["hi`ß", None, "lo w", 'mid"q'], ["lo w", 'mid"q', "hi`ß", "never"], ordered=True
            ),
            "g": pd.Categorical(["b", "a", "b", "a"], ["b", "a"]),
            "n": [1, 2, 3, 2**40],
            "ok": [True, False, True, True],
        }
    )


def same_for_r(found, expected):
    assert columns_for_r(found) == columns_for_r(expected)


@pytest.mark.parametrize("kind", ["parquet", "feather", "arrow"])
def test_columnar_files_keep_factors_and_every_bit(kind, frame, tmp_path):
    pytest.importorskip("pyarrow", reason="needs pybootmlm[data]")
    path = tmp_path / f"d.{kind}"
    (frame.to_parquet if kind == "parquet" else frame.to_feather)(path)
    same_for_r(read_data(path), frame)


def test_rds_files_keep_factors_and_every_bit(frame):
    pytest.importorskip("rdata", reason="needs pybootmlm[data]")
    frame["n"] = pd.array([1, None, 3, -4], dtype="Int32")
    frame["ok"] = pd.array([True, None, True, False], dtype="boolean")
    same_for_r(read_data(OWN / "frame.rds"), frame)


def test_an_rds_file_of_another_object_is_refused():
    pytest.importorskip("rdata", reason="needs pybootmlm[data]")
    with pytest.raises(DataFileError, match="not a data frame; write the data frame itself"):
        read_data(OWN / "list.rds")


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_labelled_codes_are_factors_in_the_order_of_the_codes(kind, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat", reason="needs pybootmlm[data]")
    codes = pd.DataFrame({"dose": [3.0, 1.0, np.nan, 2.0], "age": [20.0, 99.0, 21.0, 22.0]})
    labels = {"dose": {1: "z low", 2: "a mid", 3: "high"}, "age": {99: "refused"}}
    write = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
    if kind == "dta":  # Stata labels whole numbers only
        codes = codes.fillna(2.0).astype("int32")
    write(codes, str(tmp_path / f"d.{kind}"), variable_value_labels=labels)
    found = read_data(tmp_path / f"d.{kind}")
    assert found["dose"].cat.categories.tolist() == ["z low", "a mid", "high"]
    assert not found["dose"].cat.ordered
    assert found["dose"].isna().tolist() == [False, False, kind == "sav", False]
    assert pd.api.types.is_numeric_dtype(found["age"])
    assert found["age"].tolist() == [20, 99, 21, 22]


@pytest.mark.parametrize(("kind", "mark"), [("csv", ","), ("tsv", "\t"), ("csv.gz", ",")])
def test_text_files_have_r_s_missing_values_and_exact_numbers(kind, mark, tmp_path):
    path = tmp_path / f"d.{kind}"
    rows = ["\ufeffx|name|name 2|empty", "0.1|None||NA", f"{1 / 3!r}|null|n/a|", "NA|NA|x|NaN"]
    text = "\n".join(row.replace("|", mark) for row in rows) + "\n"
    if kind.endswith("gz"):
        import gzip

        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    found = read_data(path)
    assert list(found) == ["x", "name", "name 2", "empty"]
    assert found["x"].tolist()[:2] == [0.1, 1 / 3]
    assert found["name"].tolist()[:2] == ["None", "null"]  # names that pandas takes for missing
    assert found["name 2"].tolist()[1] == "n/a"
    assert found.isna().sum().tolist() == [1, 1, 1, 3]


def test_another_text_for_missing_values_can_be_given(tmp_path):
    (tmp_path / "d.csv").write_text("x,g\n-99,a\n2,.\n", "utf-8")
    found = read_data(tmp_path / "d.csv", na=["-99", "."])
    assert found.isna().sum().tolist() == [1, 1]


def test_two_columns_of_one_name_are_refused(tmp_path):
    (tmp_path / "d.csv").write_text("x,x\n1,2\n", "utf-8")
    with pytest.raises(DataFileError, match="several columns named 'x'"):
        read_data(tmp_path / "d.csv")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("d.xlsx", b"PK", r"its name must end in one of \.csv, \.tsv"),
        ("d", b"x", "its name must end in one of"),
        ("d.parquet.gz", b"x", "CSV and TSV may be packed"),
        ("d.pkl", b"x", "its name must end in one of"),  # a pickle runs code when it is read
        ("d.csv", b"x;y\n1;2\n", "seem to stand between semicolons"),
        ("d.csv", b"x,y\n", "has 0 rows and 2 columns"),
        ("d.csv", b"", "cannot be read as csv: EmptyDataError"),
        ("d.csv", b"x\n\xff\xfe\n", "cannot be read as csv: UnicodeDecodeError"),
        ("d.rds", b"no RDS", "cannot be read as rds"),
        ("d.parquet", b"no parquet", "cannot be read as parquet"),
        ("d.sav", b"no sav", "cannot be read as sav"),
        ("d.dta", b"no dta", "cannot be read as dta"),
    ],
)
def test_what_cannot_be_read_is_named(name, content, expected, tmp_path):
    for library, kinds in (("rdata", "rds"), ("pyarrow", "parquet"), ("pyreadstat", "sav dta")):
        if name.rpartition(".")[2] in kinds.split():
            pytest.importorskip(library, reason="needs pybootmlm[data]")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataFileError, match=expected) as error:
        read_data(tmp_path / name)
    assert name in str(error.value)


def test_a_folder_and_a_file_that_is_not_there_are_told_apart(tmp_path):
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(DataFileError, match="is a folder, not a file"):
        read_data(tmp_path / "d.csv")
    with pytest.raises(DataFileError, match="is not there; the present folder is"):
        read_data(tmp_path / "e.csv")


@pytest.mark.parametrize("library", ["pyarrow", "rdata", "pyreadstat"])
def test_a_missing_library_names_the_extra(library, tmp_path, monkeypatch):
    kind = {"pyarrow": "parquet", "rdata": "rds", "pyreadstat": "sav"}[library]
    (tmp_path / f"d.{kind}").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(DataFileError, match=r"install `pybootmlm\[data\]`"):
        read_data(tmp_path / f"d.{kind}")


def test_levels_make_factors_of_texts_and_of_numbers():
    frame = pd.DataFrame({"dose": ["b", None, "a"], "grade": [3.0, 1.0, np.nan]})
    found = with_levels(frame, ["dose=a<b<c", "grade=1,2,3"])
    assert found["dose"].cat.categories.tolist() == ["a", "b", "c"]
    assert found["dose"].cat.ordered
    assert found["grade"].tolist()[:2] == ["3", "1"]
    assert not found["grade"].cat.ordered
    assert found.isna().sum().tolist() == [1, 1]
    assert frame["dose"].tolist()[0] == "b"


def test_columns_that_r_has_no_kind_for_are_named():
    times = pd.DataFrame({"when": pd.date_range("2020-01-01", periods=2)})
    with pytest.raises(CaseError, match="column 'when' has type datetime64"):
        columns_for_r(times)
