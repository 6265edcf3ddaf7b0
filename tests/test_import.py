"""What `import pybootmlm` leaves alone: packages that take long, and are needed by few calls."""

import subprocess
import sys

import pytest

import pybootmlm

# Each costs a good part of what pybootmlm costs as a whole; benchmarks/import_time.py measures.
LATE = (
    "scipy.stats", "scipy.optimize", "scipy.sparse.linalg", "scipy.integrate", "scipy.interpolate",
    "formulaic", "tqdm", "matplotlib", "rich", "jinja2", "mpmath", "statsmodels", "rpy2", "parity",
)  # fmt: skip


def loaded(code: str) -> set[str]:
    """Which of the late packages a program has loaded at its end."""
    program = f"{code}\nimport sys; print(*[n for n in {LATE!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_import_leaves_slow_packages_alone():
    assert loaded("import pybootmlm") <= loaded("import numpy, pandas, scipy.linalg, scipy.sparse")


def test_control_a_slow_package_would_be_seen():
    assert "scipy.stats" in loaded("import pybootmlm, scipy.stats")


def test_the_version_is_there_when_asked_for():
    assert pybootmlm.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="module 'pybootmlm' has no attribute 'nothing'"):
        _ = pybootmlm.nothing
