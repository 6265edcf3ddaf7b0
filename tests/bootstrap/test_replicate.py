"""Many replicates: the order of things, failures, and an orderly end."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import StatisticError
from pybootmlm.lmm.refits import one_factor as refits


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven replicates a batch, for 30 rows."""
    monkeypatch.setattr(refits, "BATCH_ELEMENTS", 210)


def theta_and_sigma(m: Any) -> list[float]:
    return [m.theta[0], m.sigma]


RNG: dict[str, Callable[[], Any]] = {
    "int": lambda: 5,
    "Generator": lambda: np.random.default_rng(5),
    "RStream": lambda: bm.RStream(5),
}
TYPES = [("parametric", {}), ("residual_trans", {}), ("reb", {}), ("case", {"lv1_resample": True})]


@pytest.mark.usefixtures("small_batches")
class TestTheAnswerDoesNotDependOn:
    @pytest.mark.parametrize("rng", list(RNG))
    @pytest.mark.parametrize(("type_", "options"), TYPES, ids=lambda v: str(v))
    def test_the_number_of_threads(
        self, fit: bm.LmerFit, rng: str, type_: str, options: dict[str, bool]
    ) -> None:
        """Bit for bit: the same batches are computed, only elsewhere."""
        with joblib.parallel_config(backend="threading"):
            one, two, many = (
                bm.bootstrap_mer(
                    fit, theta_and_sigma, 40, type_, rng=RNG[rng](), n_jobs=n_jobs, **options
                )
                for n_jobs in (1, 2, 5)
            )
        np.testing.assert_array_equal(one.t, two.t)
        np.testing.assert_array_equal(one.t, many.t)

    def test_the_order_in_which_threads_finish(self, fit: bm.LmerFit) -> None:
        turns = iter(range(10_000))

        def slow_at_first(m: Any) -> float:
            if next(turns) < 7:
                time.sleep(0.02)
            return float(m.sigma)

        plain = bm.bootstrap_mer(fit, "sigma", 40, rng=5)
        with joblib.parallel_config(backend="threading"):
            threaded = bm.bootstrap_mer(fit, slow_at_first, 40, rng=5, n_jobs=3)
        np.testing.assert_array_equal(plain.t, threaded.t)

    def test_how_many_replicates_follow(self, fit: bm.LmerFit) -> None:
        """With a seed, replicate r is the same in a run of any length."""
        few = bm.bootstrap_mer(fit, theta_and_sigma, 9, rng=5)
        many = bm.bootstrap_mer(fit, theta_and_sigma, 40, rng=5)
        np.testing.assert_allclose(many.t[:9], few.t, rtol=1e-10)


def test_the_size_of_batches_matters_to_rounding_only(
    fit: bm.LmerFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums over a batch may be grouped otherwise by BLAS, so theta is equal to its own accuracy."""
    whole = bm.bootstrap_mer(fit, theta_and_sigma, 60, rng=5)
    monkeypatch.setattr(refits, "BATCH_ELEMENTS", 30)
    single = bm.bootstrap_mer(fit, theta_and_sigma, 60, rng=5)
    np.testing.assert_allclose(single.t, whole.t, rtol=1e-7)


def test_the_statistic_cannot_disturb_the_stream(fit: bm.LmerFit) -> None:
    stream = bm.RStream(3)

    def greedy(m: Any) -> float:
        stream.runif(5)
        return float(m.sigma)

    # The first call, on the fit itself, comes before any draw; in R it is the same.
    other = bm.RStream(3)
    other.runif(5)
    expected = bm.bootstrap_mer(fit, "sigma", 30, type="residual", rng=other)
    np.testing.assert_array_equal(
        bm.bootstrap_mer(fit, greedy, 30, type="residual", rng=stream).t, expected.t
    )


def failing(when: Callable[[int], bool], make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A statistic that calls `make` on the replicates counted from 0 for which `when` holds."""
    calls = iter(range(-1, 10**6))

    def statistic(m: Any) -> Any:
        k = next(calls)
        return make(m) if k >= 0 and when(k) else m.sigma

    return statistic


def raising(message: str) -> Callable[[Any], Any]:
    def make(_: Any) -> None:
        raise ZeroDivisionError(message)

    return make


@pytest.mark.usefixtures("small_batches")
class TestFailures:
    def test_of_some_are_counted_and_quoted(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(
            fit, failing(lambda k: k in (0, 13, 29), raising("no luck")), 30, rng=1
        )
        assert list(boot.failures) == [0, 13, 29]
        assert set(boot.failures.values()) == {"`statistic` raised ZeroDivisionError: no luck."}
        assert np.flatnonzero(np.isnan(boot.t[:, 0])).tolist() == [0, 13, 29]
        good = bm.bootstrap_mer(fit, "sigma", 30, rng=1)
        others = np.delete(np.arange(30), [0, 13, 29])
        np.testing.assert_array_equal(boot.t[others], good.t[others])
        assert boot.percent_failed == 10.0
        assert boot.complete

    def test_another_length_is_one(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, failing(lambda k: k == 4, lambda _: [1.0, 2.0]), 10, rng=1)
        assert boot.failures == {
            4: "`statistic` must always return as many numbers as on the fit itself (1); got 2."
        }

    def test_no_number_is_one(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, failing(lambda k: k == 4, lambda _: "high"), 10, rng=1)
        assert boot.failures == {
            4: "`statistic` must return numbers (a number, an array, a Series or a dict of "
            "numbers); got str."
        }

    def test_nan_is_a_number(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, failing(lambda k: k == 4, lambda _: np.nan), 10, rng=1)
        assert boot.failures == {}
        assert np.isnan(boot.t[4, 0])

    def test_of_all_is_one_error_with_the_first_message(self, fit: bm.LmerFit) -> None:
        counted = iter(range(10**6))

        def make(_: Any) -> None:
            raise ZeroDivisionError(f"replicate {next(counted)}")

        with pytest.raises(StatisticError) as caught:
            bm.bootstrap_mer(fit, failing(lambda _: True, make), 30, rng=1)
        assert str(caught.value) == (
            "No replicate succeeded. The first says: `statistic` raised ZeroDivisionError: "
            "replicate 0."
        )

    def test_on_the_fit_itself_comes_before_any_replicate(self, fit: bm.LmerFit) -> None:
        with pytest.raises(StatisticError, match=r"`statistic` raised AttributeError: .*'nothing'"):
            bm.bootstrap_mer(fit, lambda m: m.nothing, 30, rng=1)

    def test_of_refits_are_rows_of_nan_beside_the_others(self) -> None:
        """Three schools, a predictor of schools: now and then only one of them is drawn."""
        data = bm.load_dataset("pop_syn")
        three = bm.lmer("popular ~ texp + (1 | school)", data[data["school"] <= 3])
        boot = bm.bootstrap_mer(three, "fixef", 200, type="case", rng=2, keep_fits=True)
        assert 5 < len(boot.failures) < 50  # 1 in 9 expected
        assert set(boot.failures.values()) == {
            "the fixed effects of this data set are not identifiable"
        }
        assert np.flatnonzero(np.isnan(boot.t).any(axis=1)).tolist() == list(boot.failures)
        assert [k for k, one in enumerate(boot.kept) if one is None] == list(boot.failures)
        assert np.nanmax(np.abs(boot.t[:, 1])) < 1.0

    def test_singular_fits_are_counted(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, "theta", 300, rng=1)
        assert boot.singular == (boot.t[:, 0] == 0).sum() > 10
        assert boot.not_converged == 0
        assert boot.failures == {}


@pytest.mark.usefixtures("small_batches")
class TestInterruption:
    @pytest.mark.parametrize("n_jobs", [1, 2])
    @pytest.mark.parametrize("at", [0, 1, 6, 7, 16, 29])
    def test_keeps_what_is_finished(self, fit: bm.LmerFit, at: int, n_jobs: int) -> None:
        whole = bm.bootstrap_mer(fit, "sigma", 30, rng=1)
        lock = threading.Lock()
        sigmas = whole.t[:, 0].tolist()

        def statistic(m: Any) -> float:
            with lock:
                if m is not fit and m.sigma == sigmas[at]:
                    raise KeyboardInterrupt
            return float(m.sigma)

        boot = bm.bootstrap_mer(fit, statistic, 30, rng=1, n_jobs=n_jobs, keep_fits=True)
        assert not boot.complete
        assert boot.nsim == len(boot.t) == len(boot.kept) == at
        np.testing.assert_array_equal(boot.t, whole.t[:at])

    def test_counts_only_what_is_finished(self, fit: bm.LmerFit) -> None:
        whole = bm.bootstrap_mer(fit, "theta", 200, rng=1)

        def stop(_: Any) -> None:
            raise KeyboardInterrupt

        boot = bm.bootstrap_mer(fit, failing(lambda k: k == 100, stop), 200, rng=1)
        assert boot.nsim == 100
        assert boot.singular == (whole.t[:100, 0] == 0).sum()

    def test_threads_end(self, fit: bm.LmerFit) -> None:
        before = set(threading.enumerate())

        def left() -> list[str]:
            """Threads that are new, but for the one by which tqdm watches bars, of any run."""
            new = set(threading.enumerate()) - before
            return [thread.name for thread in new if thread.name != "tqdm_monitor"]

        def stop(_: Any) -> None:
            raise KeyboardInterrupt

        with joblib.parallel_config(backend="threading"):
            bm.bootstrap_mer(fit, failing(lambda k: k == 3, stop), 2000, rng=1, n_jobs=3)
        given_up = time.monotonic() + 30
        while left() and time.monotonic() < given_up:
            time.sleep(0.01)  # on a busy machine a thread that was told to end takes its time
        assert left() == []

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
    @pytest.mark.parametrize("how", ["n_jobs=1", "n_jobs=2, threads", "n_jobs=2, processes"])
    def test_by_the_user(self, how: str) -> None:
        """A real Ctrl-C half-way; as from a terminal, the workers' processes get it too."""
        n_jobs, _, kind = how.partition(", ")
        backend = {"": "'loky'", "threads": "'threading'", "processes": "'loky'"}[kind]
        code = f"""
            import signal, sys, time
            import joblib, pybootmlm as bm
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
            fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
            here = {kind != "processes"}
            def statistic(m):
                if not here or m is not fit:
                    print("at work", flush=True)
                    time.sleep(0.01)
                return m.sigma
            with joblib.parallel_config(backend={backend}):
                boot = bm.bootstrap_mer(fit, statistic, 5000, rng=1, {n_jobs})
            whole = bm.bootstrap_mer(fit, "sigma", 5000, rng=1)
            print(boot.complete, boot.nsim, (boot.t == whole.t[: boot.nsim]).all())
        """
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        # One process may be far ahead of the other, whose replicates come first.
        for _ in range(300 if kind == "processes" else 70):
            process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=60)
        assert error == ""
        complete, nsim, same = out.split("\n")[-2].split()
        assert (complete, same) == ("False", "True")
        assert 15 <= int(nsim) < 1000


class TestProgress:
    def test_is_shown_on_standard_error_only(
        self, fit: bm.LmerFit, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bm.bootstrap_mer(fit, "sigma", 30, rng=1, progress=True)
        out, error = capsys.readouterr()
        assert out == ""
        assert "30/30" in error

    def test_silence_is_the_default(
        self, fit: bm.LmerFit, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bm.bootstrap_mer(fit, "sigma", 30, rng=1)
        assert capsys.readouterr() == ("", "")
