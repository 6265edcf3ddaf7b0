"""Bootstraps and data frames go to R and come back, value by value; R's boot.ci works on ours."""

import dataclasses
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from parity.bridge import RProcess
from parity.data_files import read_data
from parity.errors import DataFileError, RObjectError, WriteError
from parity.r_objects import boot_read, read_boot, write_boot, write_frame
from parity.r_objects.r_values import With, texts, write_object

pytest.importorskip("rdata", reason="needs pybootmlm[data]")
OWN = Path(__file__).parent / "own"  # the boots were written by R: boots.R
SAID = json.loads((OWN / "boots.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def boot():
    """A bootstrap of three statistics, the second the variance of the first; one failed."""
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    found = bm.bootstrap_mer(
        fit,
        lambda m: {"slope": m.beta[1], "its variance": m.vcov.iloc[1, 1], "σ": m.sigma},
        nsim=399,
        type="residual",
        rng=bm.RStream(85957),
    )
    t = found.t.copy()
    t[3] = np.nan
    return dataclasses.replace(found, t=t, failures={3: "no µ here"}, warnings={"slow": 7})


@pytest.fixture
def frame():
    days = pd.to_datetime(pd.Series(["2020-02-29", None, "1960-01-01", "2026-11-21"]))
    times = pd.to_datetime(
        pd.Series(["2020-03-29 00:59:59.25", None, "1969-12-31 23:59:59.5", "2026-11-21 20:50:00"]),
        format="ISO8601",
    )
    return pd.DataFrame(
        {
            "größe µ": [0.1, 1 / 3, np.nan, 5e-324],
            "n": pd.array([1, None, 3, -(2**31) + 1], dtype="Int64"),
            "ok": pd.array([True, None, False, True], dtype="boolean"),
            "mixed": pd.Series([True, None, False, True], dtype=object),
            "text": ["a", None, "NA", 'q"ü`\n'],
            "dose": pd.Categorical(["hi", None, "lo", "mid"], ["lo", "mid", "hi"], ordered=True),
            "g": pd.Categorical(["b", "a", None, "b"], ["b", "never", "a"]),
            "day": days,
            "time": times.dt.tz_localize("Europe/Oslo"),
            "long": pd.to_timedelta([1.5, None, 90, -3600], unit="s"),
        }
    )


@pytest.mark.parametrize("name", SAID)
def test_bootstraps_of_r_are_read_without_r(name, monkeypatch):
    monkeypatch.setattr(boot_read, "description_of", None)
    found, said = read_boot(OWN / f"boot_{name}.rds"), SAID[name]
    numbers = np.array([np.nan if v == "NA" else float(v) for v in said["t"]])
    assert np.array_equal(found.t.ravel(order="F"), numbers, equal_nan=True)
    assert found.t0.tolist() == [float(v) for v in said["t0"]]
    names = said["names"] or [""] * len(said["t0"])
    assert found.names == tuple(text or f"t{k + 1}" for k, text in enumerate(names))
    kinds = {"bootmlm": "residual", "bootmlm_case": "case", "lme4": "parametric"}
    assert found.type == kinds.get(name, "ordinary")
    failed = {"lme4": {1: "no such replicate"}}.get(name, {})
    assert {row: text.partition(": ")[2] or text for row, text in found.failures.items()} == failed


@pytest.mark.live_r
def test_bootstraps_that_rdata_cannot_read_are_read_by_r(monkeypatch):
    monkeypatch.setattr(boot_read, "boot_elements", lambda _path: None)
    process = RProcess()
    for name in SAID:
        by_r = read_boot(OWN / f"boot_{name}.rds", r=process)
        assert by_r.t0.tolist() == [float(v) for v in SAID[name]["t0"]]
        wanted = [np.nan if v == "NA" else float(v) for v in SAID[name]["t"]]
        assert np.array_equal(by_r.t.ravel(order="F"), wanted, equal_nan=True)
        kinds = {"bootmlm": "residual", "bootmlm_case": "case", "lme4": "parametric"}
        assert by_r.type == kinds.get(name, "ordinary")
    with pytest.raises(RObjectError, match="holds R's list, not a bootstrap"):
        read_boot(OWN / "list.rds", r=process)
    process.close()


def test_a_bootstrap_comes_back_whole(boot, tmp_path):
    path = tmp_path / "b.rds"
    write_boot(path, boot)
    found = read_boot(path)
    for field in dataclasses.fields(boot):
        if field.name in ("t0", "t"):
            same = np.array_equal(getattr(found, field.name), getattr(boot, field.name), True)
            assert same, field.name
        elif field.name not in ("fit", "statistic", "kept"):
            assert getattr(found, field.name) == getattr(boot, field.name), field.name
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


@pytest.mark.live_r
def test_boot_ci_of_r_works_on_a_bootstrap_of_ours(boot, tmp_path):
    write_boot(tmp_path / "b.rds", boot)
    L = bm.empinf_merm(boot.fit, boot.statistic)
    write_frame(tmp_path / "L.rds", pd.DataFrame({"L": np.asarray(L)[:, 0]}))
    code = """
    library(boot)
    b <- readRDS("b.rds"); L <- readRDS("L.rds")$L
    stopifnot(inherits(b, "boot"), identical(names(b$t0), colnames(b$t)),
              identical(which(is.na(b$t[, 1])), 4L), !any(is.nan(b$t)),
              identical(b$R, 399L), is.call(b$call))
    invisible(capture.output(print(b)))
    pdf(NULL); plot(b, index = 1); plot(b, index = 3)
    ci <- boot.ci(b, index = 1:2, type = c("norm", "basic", "stud", "perc", "bca"), L = L,
                  conf = c(0.9, 0.95))
    for (kind in c("normal", "basic", "student", "percent", "bca")) {
      limits <- ci[[kind]]
      cat(kind, sprintf("%.17g", t(limits[, (ncol(limits) - 1):ncol(limits)])), "\\n")
    }
    """
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    names = {"normal": "norm", "student": "stud", "percent": "perc"}
    wanted = {names.get(kind, kind): np.array(t, dtype=float) for kind, *t in lines}
    assert list(wanted) == ["norm", "basic", "stud", "perc", "bca"]

    def limits(of):
        found = bm.boot_ci(of, index=[0, 1], type=list(wanted), L=influence, conf=[0.9, 0.95])
        return {k: np.array([[i.lower, i.upper] for i in found.of(k)]).ravel() for k in wanted}

    influence = np.asarray(L)[:, 0]
    ours = limits(boot)
    for kind, values in wanted.items():  # the same formulas in another order of operations
        assert np.allclose(ours[kind], values, rtol=1e-12), kind
    moved = boot.t.copy()
    moved[:, 0] += 1e-6
    other = limits(dataclasses.replace(boot, t=moved))
    assert not any(np.allclose(other[k], wanted[k], rtol=1e-12) for k in wanted), "control"


def test_what_is_no_bootstrap_is_refused(tmp_path):
    with pytest.raises(RObjectError, match=r"holds R's data\.frame, not a bootstrap of class boot"):
        read_boot(OWN / "frame.rds")
    with pytest.raises(RObjectError, match=r"`boot` must be a BootResult.*got dict"):
        write_boot(tmp_path / "b.rds", {})
    with pytest.raises(RObjectError, match="is not there"):
        read_boot(tmp_path / "none.rds")
    with pytest.raises(WriteError, match=r"none/b\.rds' cannot be written"):
        write_frame(tmp_path / "none" / "b.rds", pd.DataFrame({"x": [1]}))


@pytest.mark.live_r
def test_damaged_files_are_refused(tmp_path):
    whole = (OWN / "boot_lme4.rds").read_bytes()
    process = RProcess()
    for content in (whole[:300], b"garbage", b""):
        (tmp_path / "b.rds").write_bytes(content)
        with pytest.raises(RObjectError, match=r"b\.rds' cannot be read: R says"):
            read_boot(tmp_path / "b.rds", r=process)
    process.close()


def test_a_bootstrap_without_replicates_is_refused(tmp_path):
    path = tmp_path / "b.rds"
    write_object(path, With([np.array([1.0])], {"names": texts(["t0"]), "class": "boot"}))
    with pytest.raises(RObjectError, match="holds a bootstrap without t: nothing to read"):
        read_boot(path)


def test_a_frame_comes_back_as_it_was(frame, tmp_path):
    path = tmp_path / "f.rds"
    write_frame(path, frame)
    found = read_data(path)
    assert list(found.columns) == list(frame.columns)
    for name in frame.columns:
        a, b = found[name], frame[name]
        assert list(a.isna()) == list(b.isna()), name
        assert [str(x) for x in a.dropna()] == [str(x) for x in b.dropna()], name
    for name in ("dose", "g"):
        assert found[name].dtype.categories.tolist() == frame[name].dtype.categories.tolist()
        assert found[name].dtype.ordered == frame[name].dtype.ordered
    assert str(found["day"].dtype).startswith("datetime64")
    assert "Europe/Oslo" in str(found["time"].dtype)
    assert str(found["ok"].dtype) == "boolean"


@pytest.mark.live_r
def test_r_sees_the_frame_that_we_write(frame, tmp_path):
    write_frame(tmp_path / "f.rds", frame)
    many = pd.DataFrame({"m": pd.Categorical([f"g{i:03d}" for i in range(300)])})
    write_frame(tmp_path / "many.rds", many.set_index(many["m"].astype(str) + "r"))
    code = """
    f <- readRDS("f.rds"); m <- readRDS("many.rds")
    stopifnot(
      identical(f[[1]], c(0.1, 1 / 3, NA, 5e-324)), !any(is.nan(f[[1]])),
      identical(names(f)[1], "gr\\u00f6\\u00dfe \\u00b5"),
      identical(f$n, c(1L, NA, 3L, -2147483647L)),
      identical(f$ok, c(TRUE, NA, FALSE, TRUE)), identical(f$mixed, f$ok),
      identical(f$text, c("a", NA, "NA", "q\\"\\u00fc`\\n")),
      identical(f$dose, factor(c("hi", NA, "lo", "mid"), c("lo", "mid", "hi"), ordered = TRUE)),
      identical(f$g, factor(c("b", "a", NA, "b"), c("b", "never", "a"))),
      identical(f$day, as.Date(c("2020-02-29", NA, "1960-01-01", "2026-11-21"))),
      identical(attr(f$time, "tzone"), "Europe/Oslo"),
      identical(format(f$time, "%Y-%m-%d %H:%M:%OS2")[1], "2020-03-29 00:59:59.25"),
      identical(as.numeric(f$long, units = "secs"), c(1.5, NA, 90, -3600)),
      identical(m$m, factor(sprintf("g%03d", 0:299))), identical(rownames(m)[2], "g001r"))
    """
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_columns_without_a_counterpart_are_refused_by_name(tmp_path):
    for column, said in (
        ([1 + 2j], "column 'x' holds complex values"),
        ([{"a": 1}], "column 'x' holds mixed values"),
        ([2**60], r"column 'x' has whole numbers beyond 2\^53"),
    ):
        with pytest.raises(DataFileError, match=said):
            write_frame(tmp_path / "f.rds", pd.DataFrame({"x": column}))
    with pytest.raises(DataFileError, match="names of their own"):
        write_frame(tmp_path / "f.rds", pd.DataFrame([[1, 2]], columns=["x", "x"]))
    assert not list(tmp_path.iterdir()), "a file is whole or not there"
