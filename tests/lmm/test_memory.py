"""Too large a model is refused by an error of ours: under a limit, and where matrices are dense."""

import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import TooLargeError
from pybootmlm.lmm import memory

MILLION = """
    import resource, sys
    import numpy as np, pandas as pd
    import pybootmlm as bm
    from pybootmlm.exceptions import TooLargeError

    # What is imported late is imported first.
    bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    bm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", bm.load_dataset("Penicillin"))
    rows, rng = 1_000_000, np.random.default_rng(1)
    inner = rng.integers(0, 100_000, rows)
    data = pd.DataFrame({"y": rng.normal(size=rows), "x": rng.normal(size=rows), "inner": inner})
    data["outer"] = inner % 1000
    data["y"] += rng.normal(size=100_000)[inner] + rng.normal(size=1000)[data["outer"]]
    data = data.astype({"inner": "category", "outer": "category"})
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    for megabytes in (30, 1500):
        limit = used + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        try:
            fit = bm.lmer("y ~ x + (1 | outer / inner)", data)
        except TooLargeError as error:
            print("refused:", error)
        else:
            print("fitted:", *fit.theta.round(1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_million_rows_under_a_limit():
    """Too little fails cleanly; what 100,000 clusters need is far from what is dense (80 GB)."""
    code = textwrap.dedent(MILLION)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    refused, fitted = done.stdout.splitlines()
    assert refused.startswith("refused: There is not enough memory for the model 'y ~ x + ")
    assert fitted == "fitted: 1.0 1.0"


def crossed(size: int) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    groups = {name: rng.integers(0, size, 4 * size) for name in "ab"}
    y = rng.normal(size=4 * size) + sum(rng.normal(size=size)[g] for g in groups.values())
    return pd.DataFrame({**groups, "y": y}).astype({"a": str, "b": str})


def test_large_crossed_factors_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "_physical_memory", lambda: 1e6)
    with pytest.raises(TooLargeError, match=r"random effects are left .* this machine has 0 GB"):
        bm.lmer("y ~ 1 + (1 | a) + (1 | b)", crossed(300))
    # Nested ones of the same number leave nothing that is dense.
    data = crossed(300)
    data["b"] = data["a"].str[:1]
    bm.lmer("y ~ 1 + (1 | a) + (1 | b)", data)


def test_nothing_is_refused_where_the_memory_is_not_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(memory.os, "sysconf")
    memory.check_dense(10**9)
