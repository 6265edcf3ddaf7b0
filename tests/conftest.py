"""What all tests share: the rule for tests that need R, and the textbook model."""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest_plugins = ["pytester"]  # for tests/parity/test_plugin.py; only a top conftest may say so

R_IS_REQUIRED = os.environ.get("PYBOOTMLM_REQUIRE_R") == "1"


@functools.cache
def why_no_r(*beside: str) -> str:
    """Reason why tests marked `live_r` cannot run here; empty if they can.

    They need lme4, and the packages `beside` it that the mark names: `live_r("pbkrtest")`.
    """
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "R is not installed"
    packages = ("lme4", *beside)
    for package in packages:
        probe = [rscript, "-e", f"stopifnot(nzchar(system.file(package = '{package}')))"]
        if subprocess.run(probe, capture_output=True, check=False).returncode:
            return f"R is not installed with the package {package}"
    if importlib.util.find_spec("rpy2") is None:
        return "rpy2 is not installed (pip install 'pybootmlm[r]')"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs R where there is none; fail instead where R was promised."""
    mark = item.get_closest_marker("live_r")
    if mark is None or not (reason := why_no_r(*mark.args)):
        return
    if R_IS_REQUIRED:
        pytest.fail(f"{reason}, and PYBOOTMLM_REQUIRE_R=1 says it must be", pytrace=False)
    pytest.skip(reason)


def _unless_everything_is_here(report: Any) -> Any:
    """Where R was promised, so was every package: what is left out there hides a missing part."""
    if R_IS_REQUIRED and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = (
            f"{report.nodeid}: {reason}; PYBOOTMLM_REQUIRE_R=1 lets nothing be skipped"
        )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Fail what is skipped where nothing may be."""
    return _unless_everything_is_here((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """Fail a module that is skipped where nothing may be."""
    return _unless_everything_is_here((yield))


@pytest.fixture(scope="session")
def textbook() -> ModuleType:
    """The dense textbook model, tests/lmm/textbook.py, which tests of every layer compare with."""
    path = Path(__file__).parent / "lmm" / "textbook.py"
    spec = importlib.util.spec_from_file_location("textbook", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("textbook", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
