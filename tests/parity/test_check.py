"""A model of one's own against R's kept answers: no R is needed, and nothing else is accepted."""

import json
import re
import shutil
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest

import parity
import pybootmlm as bm
from parity.cases.own import Extras, own_model
from parity.checking.question import Question
from parity.checking.run import Source, run_check
from parity.cli import main
from parity.data_files import read_data, with_levels
from parity.errors import CaseError, DataFileError, ParityError, RecordedError
from parity.verdict import Verdict

OWN = Path(__file__).parent / "own"
REFERENCE = OWN / "reference"
FORMULA = "y ~ `größe µ` + dose + (1 | Klasse)"
LEVELS = "dose=lo w<mid\"q'<hi`ß"
R_TWIN = 'function(x) c(total = sigma(x)^2 * (1 + sum(getME(x, "theta")^2)))'
ASKED = {
    "bootstraps": ("residual", "case", "parametric"),
    "nsim": 6,
    "statistics": ("icc",),
    "own_statistic": {"python_statistic": "twins:total_variance", "r_statistic": R_TWIN},
}


@pytest.fixture(autouse=True)
def without_r(monkeypatch, tmp_path_factory):
    """Nothing here may need R; the user's module lies beside the data."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
    monkeypatch.delenv("R_HOME", raising=False)
    monkeypatch.syspath_prepend(str(OWN))


@pytest.fixture(scope="module")
def pupils():
    return with_levels(read_data(OWN / "pupils.csv"), [LEVELS])


@pytest.fixture(scope="module")
def own(pupils):
    return own_model(FORMULA, pupils, name="pupils", reml=False)


@pytest.fixture
def question(own):
    return Question(own, extras=Extras(**ASKED))


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(REFERENCE, tmp_path / "reference")


def command(tmp_path, *more, formula=FORMULA, data=OWN / "pupils.csv", reference=REFERENCE):
    arguments = ["check", formula, "--data", str(data), "--levels", LEVELS, "--ml"]
    arguments += ["--reference", str(reference), "--out", str(tmp_path / "report"), *more]
    return main(arguments)


def said(capsys):
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_the_command_prints_the_verdicts_and_writes_the_report(tmp_path, capsys):
    status = command(
        tmp_path, "--bootstrap", "residual,case", "--bootstrap", "parametric", "--nsim", "6",
        "--statistic", "icc,twins:total_variance", "--r-statistic", R_TWIN,
    )  # fmt: skip
    out = said(capsys)
    assert status == 0, out
    assert "y ~ `größe µ` + dose + (1 | Klasse), ML, 61 rows" in out
    assert re.search(r"statistic/own match 1\d\.\d", out)
    assert re.search(r"bootstrap_case/case match", out)
    assert "residual bootstrap of a model whose data have missing rows is all NA" in out
    assert re.search(r"Pass: \d+ cases: \d+ match, 1 explained", out)
    results = json.loads((tmp_path / "report" / "results.json").read_text("utf-8"))
    assert results["passed"] is True
    assert results["oracle"] == "recorded"
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "pupils: y ~ `größe µ` + dose + (1 | Klasse), ML" in page


def test_the_same_from_a_fit_prints_as_the_table(pupils, tmp_path):
    fit = bm.lmer(FORMULA, pupils, reml=False)
    result = parity.check(fit, name="pupils", reference=REFERENCE)
    assert result.passed
    assert str(result).splitlines()[2].split() == ["quantity", "verdict", "digits"]
    assert repr(result) == str(result)
    frame = result.to_frame()
    assert list(frame) == ["quantity", "verdict", "digits", "max_abs", "reason"]
    assert set(frame["verdict"]) == {"match"}
    assert frame.set_index("quantity")["digits"]["fixef"] > 10
    assert "<table>" in result._repr_html_()
    assert result.write(tmp_path).is_file()
    with pytest.raises(FrozenInstanceError):
        result.rows = 1


def test_that_very_fit_is_compared_and_not_another(pupils):
    fit = bm.lmer(FORMULA, pupils, reml=False)
    other = replace(fit, solution=replace(fit.solution, theta=fit.theta * 1.01))
    result = parity.check(other, name="pupils", reference=REFERENCE)
    verdicts = result.to_frame().set_index("quantity")["verdict"]
    assert verdicts["optimum"] == "mismatch"


def test_a_formula_with_its_data_is_the_same_question(pupils):
    result = parity.check(FORMULA, pupils, reml=False, name="pupils", reference=REFERENCE)
    assert result.passed


QUANTITIES = (
    "fixef", "vcov", "ranef", "hatvalues", "devfun_mer", "vcov_theta", "vcov_vc", "scores_mer",
    "empinf_merm", "prof_ci_icc", "statistic", "simulate", "boot_mer", "bootstrap_case",
)  # fmt: skip


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_an_error_of_python_is_found(quantity, question, perturbed):
    def change(name, value):
        if name != quantity:
            return value
        numbers = value.numbers.copy()
        numbers.flat[0] += 1e-2 * max(1.0, np.abs(numbers).max())
        return replace(value, numbers=numbers)

    wrong = replace(question, implementation=perturbed(change))
    result = run_check(wrong, Source(reference=REFERENCE))
    assert not result.passed
    verdicts = {
        found.case.quantity for found in result.report.results if found.finding.verdict.fails
    }
    assert quantity in verdicts
    assert verdicts <= {quantity, "empinf_merm"}  # which is made of fixed effects too


def test_an_error_of_the_user_s_function_is_found(own, monkeypatch):
    import twins

    monkeypatch.setattr(twins, "total_variance", lambda fit: {"total": fit.sigma**2})
    result = run_check(Question(own, extras=Extras(**ASKED)), Source(reference=REFERENCE))
    failed = result.to_frame().query("verdict == 'mismatch'")["quantity"].tolist()
    assert "statistic/own" in failed
    assert "bootstrap_case/case" in failed


# A reference for another question, or one that was altered


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--bootstrap", "residual", "--nsim", "7"], "made with other options"),
        (["--bootstrap", "residual", "--nsim", "6", "--seed", "1"], "made with other options"),
        (["--bootstrap", "reb"], "does not hold 'pupils/ML/responses/reb' and 1 more"),
        (["--statistic", "r2"], "does not hold 'pupils/ML/statistic/r2'"),
        (["--name", "pupils2"], "is of the models pupils/ML, not of 'pupils2/ML'"),
        (["--reml"], "not of 'pupils/REML'"),
        (["--weights", "größe µ"], "`weights` must be positive"),
    ],
)
def test_other_options_are_refused(change, expected, tmp_path, capsys):
    if "--reml" in change:
        arguments = ["check", FORMULA, "--data", str(OWN / "pupils.csv"), "--levels", LEVELS]
        status = main([*arguments, "--reference", str(REFERENCE), "--out", str(tmp_path / "r")])
    else:
        status = command(tmp_path, *change)
    assert status == 2
    assert expected in said(capsys)
    assert not (tmp_path / "report").exists()


def test_other_data_and_another_formula_are_refused(tmp_path, capsys):
    text = (OWN / "pupils.csv").read_text("utf-8")
    (tmp_path / "pupils.csv").write_text(text.replace("4.525", "4.526"), "utf-8")
    assert command(tmp_path, data=tmp_path / "pupils.csv") == 2
    assert "was made for other data: 61 rows with fingerprint" in said(capsys)
    assert command(tmp_path, formula="y ~ dose + (1 | Klasse)") == 2
    assert "was made for formula 'y ~ `größe µ` + dose + (1 | Klasse)'" in said(capsys)


def test_levels_in_another_order_are_other_data(tmp_path, capsys):
    arguments = ["check", FORMULA, "--data", str(OWN / "pupils.csv"), "--ml"]
    assert main([*arguments, "--reference", str(REFERENCE), "--out", str(tmp_path)]) == 2
    assert "was made for other data" in said(capsys)


@pytest.mark.parametrize("name", ["pupils.ML.json", "pupils.ML.boot.json", "question.json"])
def test_an_altered_file_is_refused(name, copied, tmp_path, capsys):
    path = copied / name
    path.write_text(path.read_text("utf-8").replace("1", "2", 1), "utf-8")
    assert command(tmp_path, reference=copied) == 2
    assert f"{name}' was altered after it was saved" in said(capsys)


def test_a_missing_or_foreign_folder_is_refused(copied, tmp_path, capsys):
    (copied / "pupils.ML.json").unlink()
    assert command(tmp_path, reference=copied) == 2
    assert "lacks its file 'pupils.ML.json'" in said(capsys)
    assert command(tmp_path, reference=tmp_path / "nowhere") == 2
    assert "there is no reference in" in said(capsys)
    (copied / "manifest.json").write_text("[]", "utf-8")
    assert command(tmp_path, reference=copied) == 2
    assert "is not a manifest that parity wrote" in said(capsys)


def test_what_the_catalogue_did_not_ask_then_is_not_run(copied, tmp_path, capsys):
    import hashlib

    question = json.loads((copied / "question.json").read_text("utf-8"))
    del question["cases"]["pupils/ML/sigma"]
    text = json.dumps(question)
    (copied / "question.json").write_text(text, "utf-8")
    manifest = json.loads((copied / "manifest.json").read_text("utf-8"))
    manifest["files"]["question.json"] = hashlib.sha256(text.encode()).hexdigest()
    (copied / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert command(tmp_path, reference=copied) == 0
    out = said(capsys)
    assert "did not ask for this sigma" in out
    assert "1 not-run" in out


def test_answers_are_kept_in_a_folder_of_their_own_only(own, tmp_path):
    (tmp_path / "theirs.json").write_text("{}", "utf-8")
    with pytest.raises(RecordedError, match="the folder holds other files"):
        run_check(Question(own), Source(save_reference=tmp_path))
    assert (tmp_path / "theirs.json").is_file()
    with pytest.raises(RecordedError, match="it is a file, not a folder"):
        run_check(Question(own), Source(save_reference=tmp_path / "theirs.json"))
    with pytest.raises(CaseError, match="a saved reference is compared without R"):
        Source(reference="a", save_reference="b")


def test_without_r_and_without_a_reference_the_message_says_so(own):
    with pytest.raises(ParityError, match="there is no R on the PATH"):
        run_check(Question(own), Source())


# What cannot be asked


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--statistic", "twins:total_variance"], "has no twin in R"),
        (["--r-statistic", "function(x) 1"], "has no twin in Python"),
        (["--statistic", "nope"], "there is no statistic 'nope' on both sides"),
        (["--statistic", "twins:nope", "--r-statistic", "f"], "cannot be had: module 'twins'"),
        (["--statistic", "no_module:f", "--r-statistic", "f"], "No module named 'no_module'"),
        (["--statistic", "twins:R_TWIN", "--r-statistic", "f"], "must be a function of a fit"),
        (
            ["--statistic", "twins:total_variance,math:sqrt", "--r-statistic", "f"],
            "one statistic of your own can be compared at a time",
        ),
        (["--bootstrap", "wild"], "there is no bootstrap 'wild'"),
        (["--nsim", "1"], "`nsim` must be 2 or more"),
        (["--seed", str(2**31)], "below 2^31 in size"),
        (["--offset", "nothing"], "`offset` names the column `nothing`"),
        (["--levels", "dose=a"], "must read like 'dose=low,mid,high'"),
        (["--levels", "dosis=a,b"], "there is no column 'dosis'"),
        (["--levels", "dose=a,b"], "column 'dose' also has"),
        (["--name", "../pupils"], "must be text without slashes"),
    ],
)
def test_a_wrong_option_is_named(more, expected, tmp_path, capsys):
    assert command(tmp_path, *more) == 2
    assert expected in said(capsys)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("y ~ system('id') + (1 | Klasse)", "quoted text has no place in a formula"),
        ("y ~ system(dose) + (1 | Klasse)", "`system`"),
        ("y ~ dose + (1 | Klasse); 1", "is not a formula operator"),
        ("y ~ missing + (1 | Klasse)", "has no column `missing`"),
        ("y ~ dose", "has no random term"),
        ("y ~ dose + (1 | Klasse", "never closed"),
    ],
)
def test_a_formula_that_is_not_one_is_not_put_to_r(formula, expected, tmp_path, capsys):
    assert command(tmp_path, formula=formula) == 2
    assert expected in said(capsys)


def test_data_that_cannot_be_asked_about(pupils):
    with pytest.raises(CaseError, match="`data` has no rows"):
        parity.check(FORMULA, pupils.iloc[:0])
    with pytest.raises(CaseError, match="`data` is missing"):
        parity.check(FORMULA)
    with pytest.raises(CaseError, match="must be a fit of `lmer` or a formula; got int"):
        parity.check(3, pupils)
    alike = pupils.assign(dose=pupils["dose"].cat.rename_categories([1, 1.0 + 1, "2"]))
    alike["dose"] = alike["dose"].cat.rename_categories({2.0: 2})
    with pytest.raises(CaseError, match="different levels that read alike in R: '2'"):
        parity.check(FORMULA, alike, reml=False, name="pupils", reference=REFERENCE)


def test_a_fit_knows_its_method_and_its_data(pupils):
    fit = bm.lmer(FORMULA, pupils, reml=False)
    with pytest.raises(CaseError, match="`reml` is known from the fit"):
        parity.check(fit, reml=False)
    with pytest.raises(CaseError, match="the data given are not those of the fit"):
        parity.check(fit, pupils.assign(y=pupils["y"] + 1))
    with pytest.raises(CaseError, match="given a response of its own"):
        parity.check(fit.refit(fit.design.y + 1))
    with pytest.raises(CaseError, match="given contrasts of its own"):
        parity.check(bm.lmer(FORMULA, pupils, contrasts={"dose": "contr.sum"}))
    with pytest.raises(CaseError, match="does not know its data, or is not at its optimum"):
        parity.check(fit.at_theta(fit.theta))


def test_a_statistic_that_fails_on_the_fit_is_named_before_r_is_asked(pupils):
    with pytest.raises(CaseError, match="statistic 'icc' cannot be had of this model"):
        parity.check("y ~ 1 + (`größe µ` | Klasse)", pupils, statistic="icc")


def test_a_data_file_is_checked_before_all(tmp_path, capsys):
    assert main(["check", FORMULA, "--data", str(tmp_path / "no.csv")]) == 2
    assert "is not there" in said(capsys)
    assert issubclass(DataFileError, ParityError)


def test_the_verdict_says_what_it_compared(question):
    result = run_check(question, Source(reference=REFERENCE))
    lost = [r for r in result.report.results if r.finding.verdict is Verdict.EXPLAINED]
    assert [r.finding.deviation for r in lost] == ["bootmlm-residual-missing-rows"]
    assert result.model == f"{FORMULA}, ML"
    assert result.rows == 61
