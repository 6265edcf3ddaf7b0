"""R dies, hangs, chatters, lacks a package or takes other arguments: what the user sees.

A package of the name bootmlm, made here in a library of its own, stands for one that goes wrong.
Everything else is real: R, both ways to it, the command line.
"""

import json
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from parity.bridge import RProcess
from parity.cli import main
from parity.errors import RError, RUnavailableError
from parity.oracles.live import LiveOracle

pytestmark = pytest.mark.live_r

WAYS = {"rpy2": [], "rscript": ["--rscript", "Rscript"]}
COMMANDS = {"rpy2": None, "rscript": "Rscript"}

R_CODE = """
.onLoad <- function(libname, pkgname) noise("loading")
.onAttach <- function(libname, pkgname) noise("attaching")

# All the ways to print: R's, with and without an end of line, to both sides, a child's, and C's own
# buffer, which is written whenever it is full.
noise <- function(when) {
  cat("{\\"id\\": 1, \\"status\\": \\"ok\\", \\"value\\": 0}\\n")
  cat("no end of line")
  print(when)
  message("a message while ", when)
  packageStartupMessage("welcome")
  warning("a warning while ", when)
  writeLines("to stderr", stderr())
  cat("\\xff\\xfe no text\\n")
  system("printf '{\\"id\\": 2}\\\\nfrom a child'")
  if (nzchar(Sys.getenv("LIBC"))) {
    libc <- dyn.load(Sys.getenv("LIBC"))
    .C(getNativeSymbolInfo("puts", libc), c(charToRaw(paste("from C,", when)), as.raw(0)))
  }
  invisible(readline("what now? "))
}

# FAULT names what goes wrong, call by call; the last is for all further calls.
next_fault <- function() {
  faults <- strsplit(Sys.getenv("FAULT"), " ")[[1]]
  calls <- length(list.files(Sys.getenv("FAULT_CALLS")))
  file.create(file.path(Sys.getenv("FAULT_CALLS"), calls))
  if (length(faults)) faults[min(calls + 1, length(faults))] else ""
}

devfun_mer <- function(x) {
  switch(next_fault(),
    quit = quit("no", status = 3, runLast = FALSE),
    kill = tools::pskill(Sys.getpid(), 9),
    segfault = tools::pskill(Sys.getpid(), 11),
    hang = repeat Sys.sleep(1),
    spin = repeat NULL,
    stop = stop("no \\u00e4nswer\\nat all \\"", "\\U1F600"),
    bytes = stop("bytes \\xe4 of another encoding"),
    read = { stopifnot(length(readLines(file("stdin"), n = 1)) == 0); system("cat") },
    noise = { library(bootmlm); library(boot); noise("answering"); sink(tempfile()) },
    orphan = { system("sleep 300 &"); repeat NULL })
  function(point) 42
}

vcov_vc <- function(object) diag(2)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Return a library with the package."""
    folder = tmp_path_factory.mktemp("faults")
    package = folder / "source" / "bootmlm"
    (package / "R").mkdir(parents=True)
    (package / "DESCRIPTION").write_text(
        "Package: bootmlm\nVersion: 9.9\nTitle: Goes Wrong\nDescription: It does.\n"
        "License: MIT\nAuthor: nobody\nMaintainer: nobody <nobody@nowhere.invalid>\n"
    )
    (package / "NAMESPACE").write_text("export(devfun_mer)\nexport(vcov_vc)\n")
    (package / "R" / "code.R").write_text(R_CODE, encoding="utf-8")
    target = folder / "library"
    target.mkdir()
    options = ["--no-docs", "--no-test-load", "--no-byte-compile", f"--library={target}"]
    done = subprocess.run(
        ["R", "CMD", "INSTALL", *options, str(package)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return target


def libc() -> str:
    """Where C's library lies; empty where that cannot be seen (only Linux shows it)."""
    maps = Path("/proc/self/maps")
    found = re.search(r"/\S+/libc[.-]\S*", maps.read_text()) if maps.exists() else None
    return found[0] if found else ""


@pytest.fixture
def fault(library, monkeypatch, tmp_path):
    """Let the package go wrong in named ways, call by call."""

    def choose(name):
        monkeypatch.setenv("R_LIBS", str(library))
        monkeypatch.setenv("FAULT", name)
        monkeypatch.setenv("FAULT_CALLS", str(tmp_path / "calls"))
        (tmp_path / "calls").mkdir()
        monkeypatch.setenv("LIBC", libc())

    return choose


def run(tmp_path, capsys, *arguments):
    """Run the command; give its status, what it printed on one line, and the verdicts."""
    out = tmp_path / "report"
    status = main(["run", "--oracle", "live", "--out", str(out), *arguments])
    printed = capsys.readouterr()
    results = json.loads((out / "results.json").read_text("utf-8"))["results"]
    said = " ".join((printed.out + printed.err).split())
    return status, said, {result["id"]: result for result in results}


FAULTY, NEXT = "dyestuff/REML/devfun_mer", "dyestuff/REML/sigma"


ENDS = {"quit": "3", "kill": r"-9 \(SIGKILL\)", "segfault": r"(-11 \(SIGSEGV\)|139)"}
MODELS = ("dyestuff/REML", "dyestuff/ML", "pastes-nested/REML", "pastes-nested/ML")


@pytest.mark.parametrize("way", WAYS)
def test_r_dies_three_times_and_hangs_once_in_one_run(way, fault, tmp_path, capsys):
    """Each costs its case and no other: every case after it gets a new R, and R's right answer."""
    fault(" ".join((*ENDS, "spin" if way == "rpy2" else "hang")))
    faulty = [f"{model}/devfun_mer" for model in MODELS]
    after = [f"{model}/sigma" for model in MODELS]
    wanted = [part for name in (*faulty, *after) for part in ("--case", name)]
    status, said, results = run(tmp_path, capsys, *wanted, *WAYS[way], "--timeout", "8")
    assert status == 1
    assert "FAIL: 8 cases: 4 match, 4 r-error" in said
    assert {results[name]["verdict"] for name in after} == {"match"}
    by_reason = sorted(results[name]["reason"] for name in faulty)
    assert by_reason[0] == (
        "R did not answer within 8 s and was stopped; the next case gets a new R (`--timeout` "
        "allows more)"
    )
    for end in ENDS.values():
        pattern = re.compile(
            rf"the process that holds R ended with status {end} in the middle of a case; the next "
            "case gets a new one.*"
        )
        assert sum(pattern.fullmatch(reason) is not None for reason in by_reason) == 1
        assert pattern.search(said)


@pytest.mark.parametrize("way", WAYS)
def test_r_chatters_and_none_of_it_is_an_answer(way, fault, case_of):
    fault("noise")
    oracle = LiveOracle(timeout=60, command=COMMANDS[way])
    try:
        for _ in range(2):
            answer = oracle.answer(case_of(FAULTY))
            assert set(answer.value.numbers.ravel()) == {42.0}
        assert "a message while answering" in answer.messages
        assert "a warning while answering" in answer.warnings
        assert oracle.answer(case_of(NEXT)).value.numbers.round(2) == [49.51]
        assert oracle._process.restarts == 1
    finally:
        oracle.close()


def test_what_r_reads_is_never_a_request(fault, case_of):
    """Through rpy2; an R behind a command has no other way to be asked than what it reads."""
    fault("read")
    oracle = LiveOracle(timeout=60)
    try:
        for _ in range(2):
            assert set(oracle.answer(case_of(FAULTY)).value.numbers.ravel()) == {42.0}
    finally:
        oracle.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kind", "message"),
    [("stop", 'no änswer\nat all "😀'), ("bytes", "bytes <e4> of another encoding")],
)
def test_an_error_of_r_keeps_its_text(way, kind, message, fault, case_of):
    fault(kind)
    oracle = LiveOracle(timeout=60, command=COMMANDS[way])
    try:
        with pytest.raises(RError) as caught:
            oracle.answer(case_of(FAULTY))
        assert str(caught.value) == message
        assert oracle._process.restarts == 1
    finally:
        oracle.close()


def test_two_versions_disagree_about_arguments(fault, tmp_path, capsys):
    """The package's vcov_vc has no sd_cor: R's words, where, under which versions, what to do."""
    fault("")
    case = "dyestuff/REML/vcov_vc/sd"
    status, said, results = run(tmp_path, capsys, "--case", case)
    assert status == 1
    for part in (
        "R stopped: unused argument (sd_cor = inputs$sd_cor)",
        "bootmlm 9.9",
        "takes other arguments",
    ):
        assert part in results[case]["reason"]
        assert part in said
    evidence = results[case]["evidence"]
    assert "vcov_vc" in evidence["the call"]
    assert re.search(r"R \d\.\d.*, bootmlm 9\.9, lme4 1", evidence["under"])


def test_bootmlm_is_missing(case_of, monkeypatch):
    oracle = LiveOracle()
    monkeypatch.setattr(oracle, "_environment", {"R": "4.2.2", "lme4": "1.1.31"})
    with pytest.raises(RUnavailableError) as caught:
        oracle.answer(case_of(FAULTY))
    assert re.fullmatch(
        r"R 4\.2\.2 is here, but its package 'bootmlm' is not; `Rscript .*install\.R` installs it "
        r"\(or says what it needs\); without it, the recorded answers are used\. A package in "
        r"another library is found through R_LIBS",
        str(caught.value),
    )


@pytest.mark.parametrize(("way", "package"), [("rpy2", "lme4"), ("rscript", "numDeriv")])
def test_a_package_is_missing(way, package, tmp_path, capsys, monkeypatch):
    """R's own search for packages, in a library that lacks one."""
    site = tmp_path / "site"
    site.mkdir()
    where = subprocess.run(
        ["Rscript", "--vanilla", "-e", "writeLines(.libPaths())"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for folder in where:
        for found in Path(folder).iterdir():
            if found.name != package and not (site / found.name).exists():
                (site / found.name).symlink_to(found)
    monkeypatch.setenv("R_LIBS_SITE", str(site))
    monkeypatch.setenv("R_LIBS_USER", str(tmp_path / "none"))
    monkeypatch.delenv("R_LIBS", raising=False)
    out = tmp_path / "report"
    status = main(["run", "--oracle", "live", "--case", NEXT, "--out", str(out), *WAYS[way]])
    said = " ".join(capsys.readouterr().err.split())
    if status == 0:
        pytest.skip(f"{package} is in R's own library, which cannot be hidden")
    assert status == 2
    assert re.search(
        rf"R \d.* is here, but its package '{package}' is not; `Rscript .*install\.R` installs it, "
        rf"or on Debian `apt-get install r-cran-{package.lower()}`\. A package in another library",
        said,
    )
    assert not out.exists()


@pytest.mark.parametrize("way", WAYS)
def test_the_user_s_profile_and_workspace_change_nothing(
    way, case_of, tmp_path, monkeypatch, recorded
):
    """Hostile ones in the folder where the command is given: no answer may depend on them."""
    profile = """
        cat("hello from a profile\\n"); T <- FALSE; c <- function(...) stop("not c")
        options(contrasts = c("contr.sum", "contr.sum"), warn = 2, error = quote(q("no", 9)))
    """
    (tmp_path / ".Rprofile").write_text(textwrap.dedent(profile))
    saved = "c <- function(...) stop('not c'); lmer <- answer <- 1; save.image('.RData')"
    subprocess.run(["Rscript", "--vanilla", "-e", saved], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("R_PROFILE_USER", str(tmp_path / ".Rprofile"))
    oracle = LiveOracle(timeout=60, command=COMMANDS[way])
    try:
        for name in ("cake-interaction/REML/fixef", NEXT):
            now, then = oracle.answer(case_of(name)), recorded.answer(case_of(name))
            assert now.value.names == then.value.names
            assert now.value.numbers == pytest.approx(then.value.numbers, rel=1e-6)
    finally:
        oracle.close()


def processes_of(session: int) -> list[int]:
    """Ids of the living processes in a session (Linux: /proc)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[3]) == session and after_name[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")


@needs_proc
@pytest.mark.parametrize("way", ["rscript"])  # rpy2's R is the process that is killed itself
def test_nothing_is_left_of_an_r_that_hangs(way, fault, case_of):
    fault("orphan")
    oracle = LiveOracle(timeout=60, command=COMMANDS[way])
    oracle.environment()
    process = oracle._process._process
    assert process is not None
    assert processes_of(process.pid)
    answer = LiveOracle.answer
    oracle._process.timeout = 5
    with pytest.raises(Exception, match="did not answer within 5 s"):
        answer(oracle, case_of(FAULTY))
    wait_until(lambda: processes_of(process.pid) == [])


@needs_proc
@pytest.mark.parametrize("way", WAYS)
def test_r_does_not_outlive_a_parity_that_is_killed(way, fault):
    """Not even one that spins, when parity has no chance to end it."""
    fault("spin")
    code = f"""
        from parity.oracles.live import LiveOracle
        from parity.cases import load_cases
        oracle = LiveOracle(timeout=60, command={COMMANDS[way]!r})
        oracle.environment()
        print(oracle._process._process.pid, flush=True)
        oracle.answer({{case.id: case for case in load_cases()}}["{FAULTY}"])
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert parent.stdout is not None
    session = int(parent.stdout.readline())
    time.sleep(3)
    assert processes_of(session)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: processes_of(session) == [])


def test_an_r_that_cannot_be_started_again_is_not_tried_for_every_case(tmp_path):
    script = tmp_path / "Rscript"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    process = RProcess(command=str(script), start_timeout=0.5)
    expected = re.escape(
        f"the command '{script}' did not start an R that answers (it did not answer within 0.5 s); "
        "it is not tried again"
    )
    for _ in range(3):
        with pytest.raises(RUnavailableError, match=expected):
            process.ask({"verb": "environment"})
    assert process.restarts == 1
