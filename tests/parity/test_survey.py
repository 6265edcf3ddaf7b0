"""The page about other libraries: it follows from its data, and its data from what can be rerun."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from parity.cli import main
from parity.errors import ImplementationError, ResultsError
from parity.implementations import KNOWN, Native
from parity.oracles.recorded import RecordedOracle
from parity.survey import page_text, read_survey, survey_library, survey_text
from parity.survey.cells import optimum_cell, tally
from parity.survey.collect import Remembering
from parity.survey.document import Entry
from parity.survey.scope import QUANTITIES, libraries, strict_cases, surveyed_cases

# A path from the root, of any system: what stands before it is no part of a name.
ABSOLUTE = r"(?<![\w./-])(/\w|[A-Za-z]:\\|file:)"
DOCS = Path(__file__).resolve().parents[2] / "docs"
FINE = ("match", "explained")


@pytest.fixture(scope="module")
def survey():
    return read_survey((DOCS / "implementations.json").read_text("utf-8"))


def test_the_page_follows_from_its_data(survey, catalogue):
    assert (DOCS / "implementations.md").read_text("utf-8") == page_text(survey, catalogue)


def test_a_change_of_the_data_changes_the_page(survey, catalogue):
    """Control: one digit of one case, one verdict."""
    page = page_text(survey, catalogue)
    mine = survey["mixedlm"]
    for case, entry in (
        ("dyestuff/ML/optimum", Entry("mismatch", "its optimum is 3 above lme4's", 0.1, 3.0)),
        ("dyestuff/ML/fixef", Entry("mismatch", "1 of 1 numbers differ", 2.0)),
        ("dyestuff/ML/optimum", Entry("python-error", "LibraryError: boom")),
    ):
        altered = replace(mine, cases={**mine.cases, case: entry})
        assert page_text({**survey, "mixedlm": altered}, catalogue) != page


def test_data_are_written_and_read_without_loss(survey):
    assert read_survey(survey_text(survey)) == survey
    assert survey_text(survey) == (DOCS / "implementations.json").read_text("utf-8")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 2}', '{"format": 1, "libraries": {"a": {}}}']
)
def test_what_is_no_survey_is_refused(text):
    with pytest.raises(ResultsError):
        read_survey(text)


def test_every_library_was_asked_the_same(survey, catalogue):
    asked = {case.id for case in surveyed_cases(catalogue)}
    for name in libraries():
        assert set(survey[name].cases) <= asked
        assert set(survey[name].cases) == set(survey["pybootmlm"].cases), name
        strict = libraries()[name].strict
        if strict:
            optima = {case for case in survey[name].cases if case.endswith("/optimum")}
            assert set(survey[strict].cases) == optima


def test_every_library_names_its_version_and_r(survey):
    for library in survey.values():
        assert all(library.versions.values())
        assert {"R", "lme4"} <= set(library.r)
        assert {"Python", "numpy"} <= set(library.python)


def test_every_library_of_the_survey_can_be_named_on_the_command_line():
    for library in libraries().values():
        assert library.name in KNOWN
        assert not library.strict or library.strict in KNOWN


def test_every_note_explains_a_difference_that_is_there(survey):
    for library in libraries().values():
        for note in library.notes:
            entry = survey[library.name].cases[note.case]
            assert entry.verdict not in FINE, (library.name, note.case)


def test_nothing_of_the_machine_is_in_the_data(survey):
    text = survey_text(survey)
    assert re.search(ABSOLUTE, text) is None
    assert "site-packages" not in text


def test_control_a_path_of_a_machine_is_seen():
    for path in ("/a/folder", "C:\\folder", "file:///folder"):
        assert re.search(ABSOLUTE, f'{{"said": "no file {path}"}}')
    assert re.search(ABSOLUTE, '{"case": "sleepstudy-slope/REML/optimum"}') is None


def test_pybootmlms_own_column_is_what_it_is_today(survey, catalogue):
    """Against the record, whose lme4 is the survey's: the same verdicts, and digits but for one.

    Beyond eleven digits it is rounding that is counted, and another BLAS rounds otherwise.
    """
    recorded = RecordedOracle()
    r = recorded.environment()
    assert survey["pybootmlm"].r["lme4"] == r["lme4"], "the survey was made under another lme4"
    cases = [c for c in surveyed_cases(catalogue) if c.id in survey["pybootmlm"].cases]
    today = survey_library(cases, Native(), recorded)
    assert len(cases) > 400
    for case, then in survey["pybootmlm"].cases.items():
        now = today.cases[case]
        assert (case, now.verdict) == (case, then.verdict)
        if then.digits is not None:
            assert now.digits >= min(then.digits, 11.0) - 1.0, case


def test_another_library_that_is_installed_still_has_its_verdicts(survey, catalogue):
    """Two optima instead of one theta, without R: who agreed at one theta agrees here too."""
    pytest.importorskip("statsmodels")
    library = KNOWN["statsmodels"]()
    wanted = [f"sleepstudy-slope/REML/{name}" for name in ("optimum", "fixef", "sigma", "varcorr")]
    wanted += ["pop-slope/ML/optimum", "hsb-slope/ML/std_errors", "sleepstudy-offset/ML/fixef"]
    cases = [case for case in catalogue if case.id in wanted]
    today = survey_library(cases, library, RecordedOracle())
    assert set(today.cases) == set(wanted)
    if library.versions() == survey["statsmodels"].versions:  # another version may do better
        then = survey["statsmodels"].cases
        assert {c: today.cases[c].verdict for c in wanted} == {c: then[c].verdict for c in wanted}


def test_a_column_that_is_not_true_is_seen(survey, catalogue, perturbed):
    """Control of the two tests above: an error in one quantity changes its verdicts."""

    def change(name, value):
        return replace(value, numbers=value.numbers * 1.001) if name == "sigma" else value

    cases = [c for c in catalogue if c.id.startswith("dyestuff/ML/") and c.quantity in QUANTITIES]
    today = survey_library(cases, perturbed(change), RecordedOracle())
    then = survey["pybootmlm"].cases
    assert [c for c, e in today.cases.items() if e.verdict != then[c].verdict] == [
        "dyestuff/ML/sigma"
    ]


def test_cases_of_those_that_look_harder_are_the_optima(catalogue):
    assert {case.quantity for case in strict_cases(catalogue)} == {"optimum"}
    assert all(case.model.control is None for case in surveyed_cases(catalogue))


def test_an_oracle_is_asked_once(case_of, recorded, monkeypatch):
    asked = []
    answer = recorded.answer
    monkeypatch.setattr(recorded, "answer", lambda case: asked.append(case.id) or answer(case))
    oracle = Remembering(recorded)
    case = case_of("dyestuff/ML/sigma")
    assert oracle.answer(case) is oracle.answer(case)
    assert asked == ["dyestuff/ML/sigma"]
    assert oracle.environment() == recorded.environment()


@pytest.mark.parametrize(
    ("entry", "cell"),
    [
        (None, "–"),
        (Entry("not-run", "no REML"), "–"),
        (Entry("match", "", 6.25, 1e-9), "6.2"),
        (Entry("mismatch", "its optimum is 2.04e-06 above lme4's", 4.1, 2.04e-6), "+2e−6"),
        (Entry("mismatch", "its optimum is 0.0794 above lme4's", 1.6, 7.94e-2), "**+0.08**"),
        (Entry("mismatch", "its optimum is 247 above lme4's", 0.6, 247.1), "**+247**"),
        (Entry("mismatch", "the criterion that it reports is +1.5 off", 9.0, 1e-9), "offset"),
        (Entry("mismatch", "two thetas of the same height", 0.3, -1e-9), "theta"),
        (Entry("mismatch", "shape: R has 2, Python 1"), "differs"),
        (Entry("explained", "lme4 stopped early", 0.0, -42.8), "−43"),
        (Entry("explained", "lme4 stopped early", 0.0, -1.5e-5), "−2e−5"),
        (Entry("mismatch", "neither is an optimum", 0.0, -0.4), "−0.4"),
        (Entry("explained", "flat", 0.0, -4e-7), "flat"),
        (Entry("python-error", "boom"), "error"),
    ],
)
def test_cells_of_optima(entry, cell):
    assert optimum_cell(entry) == cell


def test_cells_of_quantities():
    match, near = Entry("match", "", 12.0), Entry("mismatch", "", 10.9)
    assert tally([]).text == "–"
    assert tally([Entry("not-run"), Entry("python-error", "boom")]).text == "–"
    assert tally([match, match]).text == "12.0 (2)"
    assert tally([match, near]).text == "**10.9** (1 of 2)"
    assert tally([Entry("mismatch", "names")]).text == "**differs** (0 of 1)"
    assert tally([Entry("explained", "R is wrong", 2.0), match]).text == "12.0 (2)"


# --- the command ------------------------------------------------------------------------------


def test_the_page_can_be_written_again_without_asking_anybody(tmp_path, capsys):
    shutil.copy(DOCS / "implementations.json", tmp_path)
    assert main(["survey", "--page-only", "--out", str(tmp_path)]) == 0
    again = (tmp_path / "implementations.md").read_text("utf-8")
    assert again == (DOCS / "implementations.md").read_text("utf-8")
    assert "asked nobody" in capsys.readouterr().out


def test_without_data_and_without_asking_there_is_no_page(tmp_path, capsys):
    assert main(["survey", "--page-only", "--out", str(tmp_path)]) == 2
    assert "there is nothing to write about" in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


def test_a_library_that_is_not_in_the_survey_is_refused(tmp_path, capsys):
    assert main(["survey", "--library", "lme4", "--out", str(tmp_path)]) == 2
    assert "`--library lme4` is none of the survey's" in " ".join(capsys.readouterr().err.split())


def test_a_library_that_is_not_installed_stays_as_it_was(tmp_path, capsys, monkeypatch):
    def absent(spec, _timeout):
        raise ImplementationError(f"{spec} is not here")

    monkeypatch.setattr("parity.commands.survey.Isolated", absent)
    shutil.copy(DOCS / "implementations.json", tmp_path)
    arguments = ["survey", "--library", "gpboost", "--oracle", "recorded", "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert "gpboost is left as it was: gpboost is not here" in " ".join(
        capsys.readouterr().out.split()
    )
    before = (DOCS / "implementations.json").read_bytes()
    assert (tmp_path / "implementations.json").read_bytes() == before


def test_one_library_can_be_asked_again(tmp_path, monkeypatch, capsys, catalogue):
    few = [c for c in catalogue if c.id in ("dyestuff/ML/sigma", "dyestuff/ML/optimum")]
    monkeypatch.setattr("parity.commands.survey.surveyed_cases", lambda _catalogue: tuple(few))
    arguments = ["survey", "--library", "pybootmlm", "--oracle", "recorded"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    found = read_survey((tmp_path / "implementations.json").read_text("utf-8"))
    assert list(found) == ["pybootmlm"]
    assert {case: entry.verdict for case, entry in found["pybootmlm"].cases.items()} == {
        "dyestuff/ML/optimum": "match",
        "dyestuff/ML/sigma": "match",
    }
    page = (tmp_path / "implementations.md").read_text("utf-8")
    assert "| dyestuff | – / " in page
