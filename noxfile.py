#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.2.9"]
# ///
"""The manual of the project: what is done to it, one session each (`nox --list`)."""

import os
import shutil
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
# virtualenv comes with nox. uv would be faster, but it does not read pip's configuration, and so
# fails where packages come from a mirror.
nox.options.default_venv_backend = "virtualenv"

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
# rpy2 can reach R without being compiled against it: no compiler and no headers needed.
UNCOMPILED = {"RPY2_CFFI_MODE": "ABI"}
# BLAS threads win nothing on matrices this small, and their number would change the last bits.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# What the tests import besides the project.
TESTS_NEED = (
    "pytest",
    "pytest-xdist",
    "statsmodels",
    "mpmath",
    "hypothesis",
    "pypdf",
    "pyyaml",
    "distributed",
)
# A file of tests stays with one process, whose R it shares; one process more than there are cores,
# because they often wait for R.
IN_PARALLEL = ("--numprocesses", str((os.cpu_count() or 1) + 1), "--dist", "loadfile")


@nox.session
def parity(session: nox.Session) -> None:
    """Compare with R as recorded in r_reference/recorded; R is not needed (the main job)."""
    session.install(".[referee]")
    session.run("parity", "run", "--oracle", "recorded", *session.posargs, env=ONE_THREAD)


@nox.session(default=False)
def parity_live(session: nox.Session) -> None:
    """Compare with the R on this machine, through rpy2."""
    session.install(".[r,referee]", env=UNCOMPILED)
    session.run("parity", "run", "--oracle", "live", *session.posargs, env=ONE_THREAD)


@nox.session(default=False)
def validate(session: nox.Session) -> None:
    """Make the report with evidence for validation; `-- --out DIR` says where."""
    session.install(".[pdf,plot,data,referee]", *dev(*TESTS_NEED))
    install_rpy2_where_r_is(session)  # for evidence of what reads R's own objects
    where = session.posargs or ("--out", "evidence")
    session.run("parity", "validate", *where, env=ONE_THREAD)


@nox.session(default=False)
def survey(session: nox.Session) -> None:
    """Compare other Python libraries with the R on this machine: docs/implementations.md."""
    session.install(".[r,implementations]", env=UNCOMPILED)
    session.run("parity", "survey", "--out", "docs", *session.posargs, env=ONE_THREAD)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests; those marked live_r too if R is on PATH."""
    session.install(".[plot,pdf,data,implementations]", *dev(*TESTS_NEED))
    install_rpy2_where_r_is(session)
    session.run("pytest", *IN_PARALLEL, *session.posargs, env=ONE_THREAD)


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """Run the tests that need no R on every supported Python."""
    session.install(".[plot,pdf,data]", *dev(*TESTS_NEED))
    session.run("pytest", *IN_PARALLEL, "-m", "not live_r", *session.posargs, env=ONE_THREAD)


@nox.session(python=PYTHONS[0], default=False)
def minimums(session: nox.Session) -> None:
    """Run the tests with the lowest declared versions on the lowest Python."""
    declared = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["plot"],
        *PROJECT["project"]["optional-dependencies"]["pdf"],
        *PROJECT["project"]["optional-dependencies"]["data"],
        *dev(*TESTS_NEED),
    ]
    session.install(".", *(requirement.replace(">=", "==") for requirement in declared))
    # The examples show numbers as today's NumPy prints them.
    arguments = ("-m", "not live_r", "--ignore=tests/test_docstrings.py", *session.posargs)
    session.run("pytest", *IN_PARALLEL, *arguments, env=ONE_THREAD)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install(*dev("ruff"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly: pybootmlm, parity and this file."""
    session.install(
        ".[plot]", *dev("mypy", "nox", "pytest", "pandas-stubs", "scipy-stubs", "types-tqdm")
    )
    session.run("mypy", *session.posargs)
    session.run("mypy", "noxfile.py")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    needs = dev("sphinx", "myst-parser", "numpydoc", "furo", "sphinx-mathjax-offline")
    session.install(".[plot]", *needs)
    options = ("--fail-on-warning", "--keep-going", "--fresh-env")
    session.run("sphinx-build", *options, *session.posargs, "docs", "docs/_build/html")


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Build sdist and wheel; install the wheel in an empty environment and use it there."""
    session.install(*dev("build"), "virtualenv")
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(folder / "dist"))
    (wheel,) = (folder / "dist").glob("*.whl")
    if problems := wheel_problems(wheel):
        session.error("; ".join(problems))
    session.run("virtualenv", "--quiet", str(folder / "empty"))
    python = folder / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"
    session.run(str(python), "-m", "pip", "install", "--quiet", str(wheel), external=True)
    session.chdir(folder)  # not the repository, whose modules would be found first
    session.run(str(python), "-c", USE_INSTALLED, external=True)
    session.run(str(python), "-m", "parity", "list", external=True, silent=True)


USE_INSTALLED = """
import sysconfig
from pathlib import Path
import parity, pybootmlm
from pybootmlm.datasets import list_datasets, load_dataset
site_packages = Path(sysconfig.get_path("purelib")).resolve()
for package in (parity, pybootmlm):
    assert Path(package.__file__).resolve().is_relative_to(site_packages), package.__file__
rows = {name: len(load_dataset(name)) for name in list_datasets()}
print("usable as installed:", pybootmlm.__file__, rows)
"""


def dev(*names: str) -> list[str]:
    """Requirements of these names as the extra `dev` states them."""
    stated = PROJECT["project"]["optional-dependencies"]["dev"]
    by_name = {requirement.partition(">=")[0]: requirement for requirement in stated}
    return [by_name[name] for name in names]


def install_rpy2_where_r_is(session: nox.Session) -> None:
    """Install the extra `r` if there is an R; where R is required, it has to succeed."""
    if shutil.which("R") is None:
        session.log("R is not on PATH: the tests marked live_r will be skipped")
        return
    required = os.environ.get("PYBOOTMLM_REQUIRE_R") == "1"
    session.install(".[r]", env=UNCOMPILED, success_codes=[0] if required else [0, 1])


def wheel_problems(wheel: Path) -> list[str]:
    """Say what is missing from a wheel, and what should not be in it."""
    names = zipfile.ZipFile(wheel).namelist()
    needed = [
        "pybootmlm/py.typed",
        "pybootmlm/datasets/provenance.toml",
        "pybootmlm/datasets/data/InstEval.csv.gz",
        "parity/py.typed",
        "parity/r_reference/datasets.R",
    ]
    problems = [f"the wheel lacks {path}" for path in needed if path not in names]
    if not any(name.startswith("parity/r_reference/recorded/") for name in names):
        problems.append("the wheel lacks the recorded references, parity/r_reference/recorded/")
    allowed = ("pybootmlm/", "parity/", "pybootmlm-")
    strangers = [name for name in names if not name.startswith(allowed)]
    return problems + [f"the wheel should not hold {name}" for name in strangers]


if __name__ == "__main__":
    nox.main()
