"""What ran where: the versions on the Python side, and R's beside them."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

_PACKAGES = ("numpy", "scipy", "pandas", "formulaic", "mpmath", "rpy2-rinterface")


def python_environment() -> dict[str, str]:
    """Return versions of Python, its packages, BLAS and the operating system."""
    found = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["BLAS"] = _blas()
    found["OS"] = platform.platform()
    found["CPU"] = platform.machine()
    return found


def r_environment(oracle_environment: Mapping[str, str]) -> dict[str, str]:
    """Name R's side for a reader, packages as R writes them."""
    names = {
        "rng_kind": "RNG kind",
        "rng_normal_kind": "RNG normal kind",
        "rng_sample_kind": "RNG sample kind",
        "blas": "BLAS",
        "lapack": "LAPACK",
        "os": "OS",
    }
    return {names.get(key, key): text for key, text in oracle_environment.items()}


def _blas() -> str:
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
