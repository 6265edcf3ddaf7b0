"""Bootstraps in other processes: joblib's own, and a Dask cluster. Two workers serve all tests."""

import _thread
import logging
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, WorkerError

distributed = pytest.importorskip("distributed")

CROSSED = "diameter ~ 1 + (1 | plate) + (1 | sample)"


@pytest.fixture(scope="module", autouse=True)
def found_by_workers() -> Iterator[None]:
    """Let workers import the statistics of this module; the last place leaves others theirs."""
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    yield
    sys.path.pop()


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))


@pytest.fixture(scope="module")
def crossed() -> bm.LmerFit:
    return bm.lmer(CROSSED, bm.load_dataset("Penicillin"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Dask cluster on this machine: two processes, no dashboard, nothing on the network."""
    import dask

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            dask.config.set({"distributed.worker.daemon": True}),
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                worker_dashboard_address=None,
            ) as workers,
            distributed.Client(workers) as client,
        ):
            yield client


@pytest.fixture(params=["loky", "dask"])
def two_workers(request: pytest.FixtureRequest) -> Iterator[str]:
    """Either kind, as joblib's active backend."""
    if request.param == "dask":
        request.getfixturevalue("cluster")
        options: dict[str, Any] = {}
    else:
        options = {"n_jobs": 2}
    with joblib.parallel_config(backend=request.param, **options):
        yield request.param


def everything(m: Any) -> np.ndarray:
    return np.r_[m.theta, m.beta, m.sigma]


RNG = {
    "int": lambda: 5,
    "Generator": lambda: np.random.default_rng(5),
    "RStream": lambda: bm.RStream(5),
}


@pytest.mark.parametrize("rng", list(RNG))
def test_the_answer_is_the_callers_to_the_last_bit(
    fit: bm.LmerFit, two_workers: str, rng: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several batches, chunks that cut batches, a stream that is read in order."""
    monkeypatch.setattr("pybootmlm.bootstrap.chunks.TOGETHER", 256)
    alone = bm.bootstrap_mer(fit, everything, 700, "residual", rng=RNG[rng](), n_jobs=1)
    together = bm.bootstrap_mer(fit, everything, 700, "residual", rng=RNG[rng](), chunk_size=90)
    np.testing.assert_array_equal(together.t, alone.t)
    assert together.singular == alone.singular > 0
    assert together.complete


def test_the_same_work_with_another_seed_begins_anew(fit: bm.LmerFit, two_workers: str) -> None:
    """What a worker remembers of a batch belongs to one run."""
    for seed in (1, 2):
        alone = bm.bootstrap_mer(fit, everything, 64, rng=seed, n_jobs=1)
        np.testing.assert_array_equal(bm.bootstrap_mer(fit, everything, 64, rng=seed).t, alone.t)


def test_models_with_several_factors(crossed: bm.LmerFit, two_workers: str) -> None:
    alone = bm.bootstrap_mer(crossed, everything, 20, rng=1, n_jobs=1)
    np.testing.assert_array_equal(bm.bootstrap_mer(crossed, everything, 20, rng=1).t, alone.t)


def test_who_did_the_work_was_another_process(fit: bm.LmerFit, two_workers: str) -> None:
    """Control: the tests above would pass as well if the caller did it all."""
    here = os.getpid()

    def elsewhere(_: Any) -> float:
        return float(os.getpid() != here)

    assert bm.bootstrap_mer(fit, elsewhere, 96, rng=1).t.min() == 1.0
    assert bm.bootstrap_mer(fit, elsewhere, 96, rng=1, n_jobs=1).t.max() == 0.0


def test_blas_has_one_thread_there(fit: bm.LmerFit, two_workers: str) -> None:
    def threads(_: Any) -> float:
        from threadpoolctl import threadpool_info

        return max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")

    assert bm.bootstrap_mer(fit, threads, 40, rng=1).t.max() == 1.0


def test_failures_and_warnings_come_back(fit: bm.LmerFit, two_workers: str) -> None:
    def odd(m: Any) -> float:
        if m.sigma < 40:
            raise ValueError("small")
        if m.sigma > 55:
            warnings.warn("large", RuntimeWarning, stacklevel=1)
        return float(m.sigma)

    with warnings.catch_warnings():
        warnings.resetwarnings()
        alone = bm.bootstrap_mer(fit, odd, 120, rng=1, n_jobs=1)
        together = bm.bootstrap_mer(fit, odd, 120, rng=1)
    assert together.failures == alone.failures
    assert len(alone.failures) > 3
    assert (
        together.warnings
        == alone.warnings
        == {"RuntimeWarning: large": alone.warnings["RuntimeWarning: large"]}
    )
    assert alone.warnings["RuntimeWarning: large"] > 3


def test_what_the_user_makes_an_error_is_one_there_too(fit: bm.LmerFit, two_workers: str) -> None:
    def warned(m: Any) -> float:
        if m.sigma > 55:
            warnings.warn("large", RuntimeWarning, stacklevel=1)
        return float(m.sigma)

    together = bm.bootstrap_mer(fit, warned, 120, rng=1)
    assert together.warnings == {}
    assert "RuntimeWarning: large" in next(iter(together.failures.values()))


def test_a_statistic_that_cannot_be_sent_is_refused(fit: bm.LmerFit, two_workers: str) -> None:
    lock = threading.Lock()

    def locked(m: Any) -> float:
        with lock:
            return float(m.sigma)

    with pytest.raises(ArgumentError, match="`statistic` holds something that cannot be sent"):
        bm.bootstrap_mer(fit, locked, 40, rng=1)


def test_kept_refits_stay_here(fit: bm.LmerFit, two_workers: str) -> None:
    boot = bm.bootstrap_mer(fit, "sigma", 30, rng=1, n_jobs=2, keep_fits=True)
    assert boot.kept is not None
    assert [one.sigma for one in boot.kept] == boot.t[:, 0].tolist()


def test_ctrl_c_keeps_what_is_finished(fit: bm.LmerFit, two_workers: str, tmp_path: Path) -> None:
    """Python's own interruption of the main thread, while it waits for workers."""
    calls = tmp_path / "calls"

    def slow(m: Any) -> float:
        with open(calls, "ab") as file:
            file.write(b".")
        time.sleep(0.005)
        return float(m.sigma)

    def interrupt() -> None:
        while calls.stat().st_size < 100:
            time.sleep(0.01)
        _thread.interrupt_main()

    assert bm.bootstrap_mer(fit, slow, 8, rng=1, chunk_size=4).complete
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    boot = bm.bootstrap_mer(fit, slow, 5000, rng=1, chunk_size=4)
    interrupter.join()
    assert not boot.complete
    assert 0 < boot.nsim < 2500
    whole = bm.bootstrap_mer(fit, "sigma", 5000, rng=1, n_jobs=1)
    np.testing.assert_array_equal(boot.t, whole.t[: boot.nsim])
    assert bm.bootstrap_mer(fit, slow, 8, rng=1).complete  # the workers are well


def test_a_study_is_the_same_study(two_workers: str) -> None:
    designs = [bm.Design(8, 4, 0.3), bm.Design(8, (2, 6), 0.3, "chi2")]
    options: dict[str, Any] = {"datasets": 12, "nsim": 39, "seed": 5}
    alone = bm.coverage_study(designs, **options, n_jobs=1)
    together = bm.coverage_study(designs, **options)
    np.testing.assert_array_equal(together.limits, alone.limits)
    assert together.problems == alone.problems


def test_the_page_on_clusters_runs(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Python block of the page, with the address of this cluster."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "cluster.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    results = []
    for block in blocks:
        address = cluster.scheduler.address
        exec(block.replace("tcp://scheduler:8786", address), names)
        results.append(names["boot"].t)
    names["client"].close()
    assert (tmp_path / "hsb.checkpoint").exists()
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


def test_a_worker_that_dies_is_an_error_and_loses_nothing(fit: bm.LmerFit, tmp_path: Path) -> None:
    """As where memory runs out. What was finished is in the checkpoint."""
    path, here = tmp_path / "boot", os.getpid()
    deadly = tmp_path / "deadly"
    deadly.touch()

    def statistic(m: Any) -> float:
        if os.getpid() != here and deadly.exists() and m.sigma > 60:
            os.kill(os.getpid(), signal.SIGKILL)
        return float(m.sigma)

    options: dict[str, Any] = {"rng": 1, "chunk_size": 4, "checkpoint": path, "n_jobs": 2}
    with pytest.raises(WorkerError, match=r"A worker ended.*`checkpoint` what is finished is kept"):
        bm.bootstrap_mer(fit, statistic, 400, **options)
    deadly.unlink()
    again = bm.bootstrap_mer(fit, statistic, 400, **options)
    np.testing.assert_array_equal(again.t, bm.bootstrap_mer(fit, statistic, 400, rng=1).t)
