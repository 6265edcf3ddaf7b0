"""Tasks done by workers: order, stopping, errors, and one BLAS thread."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import joblib
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pybootmlm.exceptions import ArgumentError
from pybootmlm.execution.one_thread import one_blas_thread
from pybootmlm.execution.stopping import Stop, stopped_by
from pybootmlm.execution.work import Packed
from pybootmlm.execution.workers import Workers, in_order, workers


class Doing:
    """Work that is one function."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def prepared(self) -> Callable[[Any, Any], Any]:
        return lambda task, _: self.function(task)


def threads(n_jobs: int) -> Workers:
    return workers(n_jobs, "threads")


class TestInThreads:
    def test_results_come_in_the_order_of_the_tasks(self) -> None:
        def run(k: int) -> int:
            time.sleep(0.001 * (5 - k % 5))
            return k

        assert list(in_order(Doing(run), range(30), threads(3))) == list(range(30))

    def test_tasks_are_not_taken_far_ahead(self) -> None:
        taken: list[int] = []
        wait = threading.Event()

        def tasks() -> Iterator[int]:
            for k in range(1000):
                taken.append(k)
                yield k

        def run(k: int) -> int:
            if k >= 5:
                wait.wait(20)
            return k

        results = in_order(Doing(run), tasks(), threads(2))
        for _ in range(5):
            next(results)
        assert len(taken) <= 12  # five are done, and joblib reads ahead twice the workers
        wait.set()
        results.close()  # type: ignore[attr-defined]

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_errors_are_passed_on(self, n_jobs: int) -> None:
        with pytest.raises(ZeroDivisionError):
            list(in_order(Doing(lambda k: 1 / (k - 3)), range(10), threads(n_jobs)))

    def test_errors_of_the_tasks_are_passed_on(self) -> None:
        def tasks() -> Iterator[int]:
            yield 1
            raise LookupError("no more")

        with pytest.raises(LookupError, match="no more"):
            list(in_order(Doing(lambda k: k), tasks(), threads(2)))

    def test_closing_tells_the_others_to_stop_and_waits_for_them(self) -> None:
        class Heeding:
            def prepared(self) -> Callable[[Any, Any], Any]:
                def run(k: int, stopped: Callable[[], bool]) -> bool:
                    while k and not stopped():
                        time.sleep(0.001)
                    return stopped()

                return run

        before = threading.active_count()
        results = in_order(Heeding(), range(100), threads(2))
        assert next(results) is False
        results.close()  # type: ignore[attr-defined]
        assert threading.active_count() == before

    def test_no_tasks_are_no_results(self) -> None:
        assert list(in_order(Doing(abs), [], threads(2))) == []


class TestWhoDoesTheWork:
    def test_one_is_the_caller(self) -> None:
        assert workers(1, "processes").parallel is None
        assert workers(None, "processes").parallel is None

    def test_without_a_number_the_active_configuration_says_it(self) -> None:
        with joblib.parallel_config(n_jobs=2):
            assert workers(None, "threads").threads
            chosen = workers(None, "processes")
            assert (chosen.threads, chosen.local) == (False, True)
            assert workers(1, "processes").parallel is None
        with joblib.parallel_config(backend="threading", n_jobs=2):
            assert workers(None, "processes").threads

    def test_what_must_share_memory_runs_in_threads_whatever_is_active(self) -> None:
        with joblib.parallel_config(backend="loky", n_jobs=2):
            assert workers(None, "processes", sharing=True).threads

    @pytest.mark.parametrize("value", [2, -1])
    def test_the_sequential_backend_is_the_caller(self, value: int) -> None:
        with joblib.parallel_config(backend="sequential"):
            assert workers(value, "processes").parallel is None


class TestOneBlasThread:
    @staticmethod
    def numbers() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    def test_is_set_and_put_back_by_the_last(self) -> None:
        with threadpool_limits(2, user_api="blas"):
            assert self.numbers() == {2}  # control: there is something to cap
            first, second = one_blas_thread(), one_blas_thread()
            first.__enter__()
            second.__enter__()
            first.__exit__(None, None, None)
            assert self.numbers() == {1}
            second.__exit__(None, None, None)
            assert self.numbers() == {2}

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_holds_inside_the_work(self, n_jobs: int) -> None:
        with threadpool_limits(2, user_api="blas"):
            work = Doing(lambda _: self.numbers())
            assert list(in_order(work, range(3), threads(n_jobs))) == 3 * [{1}]


def test_a_backend_that_gives_all_results_at_once_is_fed_in_waves() -> None:
    """As Ray's. Results come after a wave, not after all tasks."""

    class AtOnce(joblib.parallel.ThreadingBackend):
        supports_return_generator = False

    joblib.register_parallel_backend("at once", AtOnce)
    with joblib.parallel_config(backend="at once", n_jobs=2):
        chosen = workers(None, "processes")
    assert chosen.wave == 4
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for k in range(30):
            taken.append(k)
            yield k

    results = in_order(Doing(lambda k: 10 * k), tasks(), chosen)
    assert next(results) == 0
    assert [next(results) for _ in range(29)] == [10 * k for k in range(1, 30)]
    assert list(results) == []


def test_a_process_knows_by_a_file_that_it_should_stop() -> None:
    stop = Stop(for_processes=True)
    assert stop.path is not None
    stopped = stopped_by(stop.path)
    assert (stop(), stopped()) == (False, False)
    stop.set()
    assert (stop(), stopped(), os.path.exists(stop.path)) == (True, True, False)
    stop.set()
    assert not stopped_by(None)()


def test_what_cannot_be_sent_is_named() -> None:
    lock = threading.Lock()
    with pytest.raises(ArgumentError, match=r"cannot be sent .*lock.*backend='threading'"):
        Packed(Doing(lambda _: lock))
    assert Packed(Doing(lambda k: np.sqrt(k))).content.dtype == np.uint8
