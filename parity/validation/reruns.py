"""The same computation again: another process, another folder, other numbers of threads."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.errors import ReportError
from parity.paths import parity_folder
from parity.validation.one_thread import THREADS


@dataclass(frozen=True)
class Rerun:
    """One quantity of one way to compute it again, against the first.

    Attributes
    ----------
    way
        How the computation differed from the first.
    difference
        Largest difference relative to the larger magnitude; 0 if every bit is equal.
    """

    way: str
    quantity: str
    count: int
    difference: float

    @property
    def state(self) -> str:
        """Whether every bit is equal; of BLAS's threads nobody promises that."""
        if self.difference == 0:
            return "identical"
        return f"{'open: ' if self.about_blas else ''}differs by {self.difference:.1e}"

    @property
    def about_blas(self) -> bool:
        """Whether only the number of BLAS's threads was another."""
        return self.way.startswith("BLAS")


def rerun_all() -> tuple[Rerun, ...]:
    """Compute the same results in three processes and with one and two threads of ours."""
    cores = max(2, os.cpu_count() or 2)
    first = _run(threads=1, seed="0", ours=("1", "2"))
    again = _run(threads=1, seed="1", ours=("1",))
    threaded = _run(threads=cores, seed="2", ours=("1",))
    ways = (
        ("again: another process, folder and hash seed", first["1"], again["1"]),
        ("n_jobs = 2", first["1"], first["2"]),
        (f"BLAS with {cores} threads", first["1"], threaded["1"]),
    )
    return tuple(
        Rerun(way, quantity, len(one[quantity]), _difference(one[quantity], other[quantity]))
        for way, one, other in ways
        for quantity in one
    )


def _run(threads: int, seed: str, ours: tuple[str, ...]) -> Mapping[str, Mapping[str, list[float]]]:
    environment = {**os.environ, **dict.fromkeys(THREADS, str(threads)), "PYTHONHASHSEED": seed}
    paths = [str(parity_folder().parent), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "parity.validation.rerun", *ours],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        tail = done.stderr.strip().splitlines()[-1:] or ["no output"]
        message = f"computing results again ended with status {done.returncode}: {tail[0]}"
        raise ReportError(message)
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {
        jobs: {key: [float.fromhex(x) for x in numbers] for key, numbers in found.items()}
        for jobs, found in document.items()
    }


def _difference(one: list[float], other: list[float]) -> float:
    a, b = np.array(one), np.array(other)
    if a.shape != b.shape:
        return float("inf")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(same, 0.0, np.abs(a - b) / size)
    return float(np.nan_to_num(relative, nan=np.inf).max(initial=0.0))
