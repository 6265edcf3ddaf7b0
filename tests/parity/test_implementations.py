"""Implementations by name or by module:factory: loaded, isolated, and refused with reasons."""

import gc
import json
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from parity.cli import main
from parity.errors import ImplementationError, LibraryError, NotProvidedError, OwnOptimumError
from parity.implementations import KNOWN, Isolated, Native, OwnOptimum, implementation_of
from parity.verdict import Verdict

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module into an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("spec", "source", "said"),
    [
        ("nobody", "", "is no library that parity knows (pybootmlm, statsmodels"),
        ("absent_module:It", "", "the module 'absent_module' could not be imported"),
        ("m1:It", "import not_there_at_all", "ModuleNotFoundError: No module named 'not_there_"),
        ("m2:It", "def other(): pass", "'It' of the module 'm2' is not there; what can be called"),
        ("m2b:It", "def other(): pass", "called there is other"),
        ("m3:It", "It = 3", "'It' of the module 'm3' is not callable"),
        ("m4:It", "def It(x): pass", "could not be called without arguments: TypeError"),
        ("m5:It", "class It: pass", "without `name`, `versions`, `fit`, `compute`"),
        (
            "m6:It",
            """
            class It:
                name = "it"
                def versions(self): return {}
                def compute(self, name, inputs): pass
            """,
            "an object of type It without `fit`; an implementation has a text `name`",
        ),
        (
            "m7:It",
            """
            class It:
                name = "it"
                def versions(self): return "1.0"
                def fit(self, model, data): pass
                def compute(self, name, inputs): pass
            """,
            "`versions` of `m7:It` must give a mapping of names to versions; it gave str",
        ),
    ],
)
def test_what_cannot_be_loaded_is_refused_before_any_case(module, spec, source, said, capsys):
    if source:
        module(spec.partition(":")[0], source)
    with pytest.raises(ImplementationError) as error:
        implementation_of(spec)
    assert said in str(error.value)


def test_the_command_says_it_and_ends_with_2(module, capsys):
    module("no_fit", "class It:\n    name = 'it'\n")
    assert main(["run", "--implementation", "no_fit:It", "--out", "report"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "without `versions`, `fit`, `compute`" in said
    assert not Path("report").exists()


@pytest.mark.parametrize(
    ("name", "install"),
    [
        ("statsmodels", "pip install statsmodels"),
        ("mixedlm", "pip install mixedlm"),
        ("mixedlm_rs", "pip install mixedlm-rs"),
        ("lme_python", "pip install 'lme-python[pandas]'"),
        ("interlace", "pip install interlace-lme"),
        ("gpboost", "pip install gpboost"),
    ],
)
def test_a_library_that_is_missing_is_named_with_what_installs_it(monkeypatch, name, install):
    def import_module(module):
        raise ImportError(f"No module named '{module}'")

    monkeypatch.setattr("parity.implementations.library.import_module", import_module)
    with pytest.raises(ImplementationError, match="could not be imported") as error:
        implementation_of(name)
    assert install in str(error.value)


def test_every_known_name_makes_an_implementation_of_that_name(monkeypatch):
    """Whatever is installed here: the libraries themselves are not called."""
    for file in ("statsmodels", "mixedlm", "mixedlm_rs", "lme_python", "interlace", "gpboost"):
        monkeypatch.setattr(f"parity.implementations.{file}.library", lambda *_: None)
    assert {name: make().name for name, make in KNOWN.items()} == {name: name for name in KNOWN}


def test_the_example_of_the_documentation_agrees_with_lme4(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(DOCS)
    arguments = ["run", "--implementation", "one_way:OneWay", "--out", str(tmp_path)]
    for quantity in ("optimum", "fixef", "sigma", "criterion", "ranef"):
        arguments += ["--case", f"dyestuff*/*/{quantity}"]
    assert main([*arguments, "--case", "sleepstudy-slope/REML/sigma"]) == 0
    assert "Pass: 23 cases: 18 match, 5 not-run" in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    verdicts = {r["id"]: r["verdict"] for r in results["results"]}
    assert results["implementation"] == "one_way"
    assert results["environment"]["python"]["one_way"] == "1.0"
    assert {v for case, v in verdicts.items() if "/ranef" not in case and "sleep" not in case} == {
        "match"
    }
    reasons = {r["id"]: r["reason"] for r in results["results"] if r["verdict"] == "not-run"}
    assert reasons["dyestuff/ML/ranef"] == "one_way does not provide 'ranef'"
    assert "y ~ 1 + (1 | g)" in reasons["sleepstudy-slope/REML/sigma"]


def test_the_python_of_the_documentation_runs(tmp_path):
    """`Isolated` from Python, as docs/adapter.md shows it."""
    pytest.importorskip("statsmodels")
    from parity.cases import load_cases, select_cases
    from parity.oracles.recorded import RecordedOracle
    from parity.session import compare_cases

    cases = select_cases(load_cases(), ["dyestuff/*/fixef"])
    isolated = Isolated("statsmodels")
    report = compare_cases(cases, isolated, RecordedOracle())
    isolated.close()
    assert report.headline == "Pass: 2 cases: 2 match"


def test_a_fit_at_its_own_optimum_says_what_it_cannot():
    fit = OwnOptimum("mine", np.array([0.5]), 3.0, {"sigma": lambda: 2.0})
    with pytest.raises(NotProvidedError, match="mine does not provide 'vcov'"):
        fit.quantity("vcov")
    with pytest.raises(OwnOptimumError, match="cannot be asked for 'sigma' at a given theta"):
        fit.quantity("sigma", np.array([1.0]))
    with pytest.raises(OwnOptimumError, match="criterion at a given theta"):
        fit.criterion(np.array([1.0]))
    assert fit.quantity("optimum").rows == ("theta1", "criterion")
    assert fit.quantity("sigma").numbers == [2.0]


# --- a process of its own ---------------------------------------------------------------------

UNRULY = """
    import os, sys, time, warnings
    from parity.implementations import ModelsOnly, Native, OwnOptimum

    class Unruly(ModelsOnly):
        name = "unruly"

        def versions(self):
            return {"unruly": "0"}

        def fit(self, model, data):
            print("chatter")
            warnings.warn("it is late")
            fit = Native().fit(model, data)

            def hang():
                time.sleep(600)

            def crash():
                os._exit(7)

            def fail():
                raise ZeroDivisionError("of nothing")

            answers = {"sigma": lambda: fit.quantity("sigma"), "fixef": hang, "vcov": crash,
                       "ranef": fail, "fitted": lambda: None, "resid": lambda: "words",
                       "u": lambda: [[[1.0]]]}
            return OwnOptimum("unruly", fit.theta, fit.quantity("criterion").numbers[0], answers)
"""


@pytest.fixture
def unruly(module):
    module("unruly", UNRULY)
    isolated = Isolated("unruly:Unruly", timeout=20.0)
    yield isolated
    isolated.close()


def test_what_a_library_breaks_is_its_own_case_and_no_other(unruly, case_of, make_runner, capfd):
    runner = make_runner(unruly)
    decided = {
        name: runner.decide(case_of(f"dyestuff/ML/{name}")).finding
        for name in ("sigma", "vcov", "ranef", "fitted", "resid", "u", "optimum", "hatvalues")
    }
    assert {name: str(finding.verdict) for name, finding in decided.items()} == {
        "sigma": "match",
        "vcov": "python-error",
        "ranef": "python-error",
        "fitted": "python-error",
        "resid": "python-error",
        "u": "python-error",
        "optimum": "match",
        "hatvalues": "not-run",
    }
    assert "the process of 'unruly:Unruly' ended with status 7" in decided["vcov"].reason
    assert "ZeroDivisionError: of nothing (unruly.py, line " in decided["ranef"].reason
    assert "the implementation gave NoneType (None)" in decided["fitted"].reason
    assert "a number, sequence, array, Series, DataFrame or Value" in decided["resid"].reason
    assert "gave shape (1, 1, 1)" in decided["u"].reason
    assert "UserWarning: it is late" in decided["sigma"].evidence["Python warned"]
    assert "chatter" not in capfd.readouterr().out


@pytest.mark.filterwarnings("ignore::parity.implementations.isolated.LibraryWarning")
def test_a_library_that_hangs_is_stopped_and_fits_again_for_the_next(unruly, case_of, make_runner):
    model = case_of("dyestuff/ML/sigma").model
    fit = unruly.fit(model, make_runner().frames.of(model))
    unruly._timeout = 0.5
    with pytest.raises(LibraryError, match=r"not answer within 0.5 s .*`--fit-timeout` allows"):
        fit.quantity("fixef")
    unruly._timeout = 60.0
    assert fit.quantity("sigma").numbers[0] == pytest.approx(49.51, abs=5e-3)  # lme4 prints it


def test_a_fit_that_fails_is_tried_once(case_of, make_runner):
    tried = []

    class Failing(Native):
        name = "failing"

        def fit(self, model, _data):
            tried.append(model.id)
            raise ValueError("no convergence")

    runner = make_runner(Failing())
    for name in ("sigma", "fixef"):
        finding = runner.decide(case_of(f"dyestuff/ML/{name}")).finding
        assert finding.verdict is Verdict.PYTHON_ERROR
        assert finding.reason == "ValueError: no convergence"
    assert tried == ["dyestuff/ML"]


@pytest.mark.parametrize(
    ("fitted", "said"),
    [
        (None, "gave NoneType (None), which has no `theta`, `criterion`, `quantity`"),
        (SimpleNamespace(theta=[1.0], quantity=print), "which has no `criterion`"),
        (
            SimpleNamespace(theta="high", quantity=print, criterion=print),
            "`theta` of a fit of the implementation 'strange' must be a vector of numbers",
        ),
        (
            SimpleNamespace(theta=[[1.0]], quantity=print, criterion=print),
            "must be a vector of numbers; got list ([[1.0]])",
        ),
    ],
)
def test_what_is_no_fit_is_said_at_the_first_case(fitted, said, case_of, make_runner):
    class Strange(Native):
        name = "strange"

        def fit(self, _model, _data):
            return fitted

    finding = make_runner(Strange()).decide(case_of("dyestuff/ML/sigma")).finding
    assert finding.verdict is Verdict.PYTHON_ERROR
    assert said in finding.reason


def test_the_process_ends_with_its_owner(module):
    module("unruly", UNRULY)
    isolated = Isolated("unruly:Unruly")
    process = isolated._held.process
    assert process.is_alive()
    del isolated
    gc.collect()
    process.join(10.0)
    assert not process.is_alive()
