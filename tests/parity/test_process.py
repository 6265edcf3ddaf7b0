"""The worker process, with a stand-in for R: crashes, hangs and noise cost one request."""

import sys

import pytest

from parity.bridge import RProcess
from parity.errors import RUnavailableError, WorkerError
from parity.oracles.live import LiveOracle

FAKE = """
import json, os, sys, time
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
print(json.dumps({{"id": 0, **{greeting}}}), file=answers, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    verb = request["verb"]
    if verb == "crash":
        print("segfault in the middle", file=sys.stderr, flush=True)
        os._exit(139)
    if verb == "hang":
        time.sleep(60)
    print("noise on standard output", flush=True)
    os.write(1, b"more noise\\n")
    number = -1 if verb == "stale" else request["id"]
    print(json.dumps({{"id": number, "status": "ok", "verb": verb}}), file=answers, flush=True)
"""


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Return a maker of processes whose worker is the stand-in."""
    monkeypatch.setenv("R_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = []

    def make(greeting='{"status": "ready"}', timeout=20.0):
        (tmp_path / "fake_worker.py").write_text(FAKE.format(greeting=greeting))
        made.append(RProcess(timeout, module="fake_worker"))
        return made[-1]

    yield make
    for item in made:
        item.close()


def test_noise_is_never_taken_for_an_answer(process):
    worker = process()
    assert [worker.ask({"verb": str(i)})["verb"] for i in range(3)] == ["0", "1", "2"]
    assert worker.restarts == 1


def test_a_crash_costs_one_request(process):
    worker = process()
    worker.ask({"verb": "one"})
    with pytest.raises(WorkerError, match=r"ended with status 139.*segfault in the middle"):
        worker.ask({"verb": "crash"})
    assert worker.ask({"verb": "two"})["verb"] == "two"
    assert worker.restarts == 2


def test_a_hang_costs_one_request(process):
    worker = process()
    with pytest.raises(WorkerError, match=r"did not answer within 0\.3 s and was stopped"):
        worker.ask({"verb": "hang"}, timeout=0.3)
    assert worker.ask({"verb": "after"})["verb"] == "after"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ModuleNotFoundError: No module named 'rpy2'", r"rpy2 is not installed .*pybootmlm\[r\]"),
        ("ImportError: undefined symbol: R_getVar", r"could not load R .*R_getVar.*3\.6\.1 to 3"),
    ],
)
def test_rpy2_absent_or_unable_to_load(process, error, said):
    worker = process(greeting=f'{{"status": "unavailable", "error": "{error}"}}')
    with pytest.raises(RUnavailableError, match=said):
        worker.ask({"verb": "any"})
    assert not worker.running


def test_a_missing_r_package_is_named_with_how_to_install_it(monkeypatch):
    oracle = LiveOracle()
    answer = {"status": "ok", "environment": {"R": "4.2.2", "lme4": "1.1.31"}}
    monkeypatch.setattr(oracle._process, "ask", lambda _request: answer)
    with pytest.raises(RUnavailableError, match=r"package 'numDeriv' is not; .*r-cran-numderiv"):
        oracle.environment()


def test_the_worker_runs_this_python(process):
    worker = process()
    worker.ask({"verb": "x"})
    assert worker._process is not None
    assert worker._process.args[0] == sys.executable


def test_an_answer_to_another_request_is_not_taken(process):
    worker = process()
    with pytest.raises(WorkerError, match="R answered request -1 when it was asked 1"):
        worker.ask({"verb": "stale"})
    assert worker.ask({"verb": "after"})["verb"] == "after"
    assert worker.restarts == 2


def test_a_request_that_is_given_up_does_not_leave_its_answer_to_the_next(process, monkeypatch):
    """As when somebody interrupts a notebook's cell and runs the next one."""
    worker = process()
    worker.ask({"verb": "one"})
    receive = worker._receive

    def interrupted(*arguments, **options):
        monkeypatch.setattr(worker, "_receive", receive)
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "_receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.ask({"verb": "given up"})
    assert not worker.running
    assert worker.ask({"verb": "next"})["verb"] == "next"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_the_group_of_a_worker_that_was_waited_for_is_left_alone(process, monkeypatch):
    """Its number may be another's by now."""
    worker = process()
    worker.ask({"verb": "one"})
    assert worker._process is not None
    worker._process.kill()
    worker._process.wait()
    killed = []
    monkeypatch.setattr("parity.bridge.process.os.killpg", lambda *group: killed.append(group))
    worker.close()
    assert killed == []
