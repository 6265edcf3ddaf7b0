"""Recorded references are used only if they are the ones that were recorded."""

import json
import shutil
from dataclasses import replace

import pytest

from parity.deviations import claims_on, load_deviations
from parity.errors import RecordedError, RError
from parity.oracles.manifest import Manifest
from parity.oracles.recorded import RecordedOracle
from parity.paths import recorded_folder
from parity.probes import probe_of
from parity.verdict import Verdict


@pytest.fixture
def copied(tmp_path):
    for name in ("manifest.json", "dyestuff.REML.json", "numbers.json"):
        shutil.copy(recorded_folder() / name, tmp_path)
    return tmp_path


def test_a_changed_digit_is_seen(copied, case_of, make_runner):
    path = copied / "dyestuff.REML.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace("49.51", "49.52", 1), "utf-8")
    case = case_of("dyestuff/REML/sigma")
    with pytest.raises(RecordedError, match="is not the file that was recorded: its sha256 is"):
        RecordedOracle(copied).answer(case)
    finding = make_runner(oracle=RecordedOracle(copied)).decide(case).finding
    assert finding.verdict is Verdict.R_ERROR
    assert "restore it from version control" in finding.reason


def test_a_missing_manifest_and_a_missing_file_are_named(copied, case_of):
    with pytest.raises(RecordedError, match=r"no recorded reference 'hsb-slope\.ML\.json'"):
        RecordedOracle(copied).answer(case_of("hsb-slope/ML/sigma"))
    (copied / "manifest.json").unlink()
    with pytest.raises(RecordedError, match=r"manifest\.json is missing"):
        RecordedOracle(copied)


def test_an_answer_to_another_question_is_not_used(case_of, recorded):
    case = case_of("dyestuff/REML/prof_ci_icc/95")
    with pytest.raises(RecordedError, match="recorded with other inputs or formula"):
        recorded.answer(replace(case, inputs={"level": 0.8}))
    with pytest.raises(RecordedError, match="has not been recorded"):
        recorded.answer(replace(case, id="dyestuff/REML/prof_ci_icc/80"))


def test_answers_for_other_data_are_not_used(case_of, monkeypatch):
    monkeypatch.setattr("parity.oracles.recorded.data_digest", lambda _frame: "other")
    with pytest.raises(RecordedError, match="are not those of its record"):
        RecordedOracle().answer(case_of("dyestuff/REML/sigma"))


def test_the_manifest_says_under_what_it_was_recorded():
    manifest = Manifest.read(recorded_folder())
    assert {"R", "lme4", "Matrix", "bootmlm", "numDeriv", "platform"} <= set(manifest.environment)
    assert {"rng_kind", "rng_normal_kind", "rng_sample_kind"} <= set(manifest.environment)
    assert set(manifest.files) == {
        path.name for path in recorded_folder().glob("*.json") if path.name != "manifest.json"
    }


def test_every_case_is_recorded_and_r_refused_only_where_it_must(catalogue, recorded):
    """Where R refused, a registered deviation says that it does, in R's own words."""
    deviations, unexplained, refused = load_deviations(), [], set()
    for case in catalogue:
        if not probe_of(case.quantity).asks_r:
            continue
        try:
            recorded.answer(case)
        except RError as error:
            scopes = [one.scope for one in claims_on(deviations, case, error.versions)]
            if not any(one.refusal or (one.error and one.error in str(error)) for one in scopes):
                unexplained.append(case.id)
            refused.add(case.id)
    assert unexplained == []
    assert {
        "dyestuff2/ML/vcov_vc/variance",
        "sleepstudy-slope/ML/confint_parm",
        "sleepstudy-time/ML/optimum",
        "sleepstudy-weighted/ML/vcov_theta",
    } <= refused
    # Of everything else R has an answer.
    named = {"vcov_vc", "vcov_theta", "empinf_merm", "confint_parm", "optimum"}
    named |= {"responses", "bootstrap_mer", "dfbetas"}
    assert {case.quantity for case in catalogue if case.id in refused} == named


def test_recorded_numbers_are_published_ones(recorded, case_of):
    """Bates et al. (2015), Dyestuff by REML: 1527.5, 42.00, 49.51, criterion 319.6543."""
    numbers = recorded.answer(case_of("dyestuff/REML/varcorr")).value.numbers
    assert numbers[:, 1].round(2).tolist() == [42.00, 49.51]
    assert recorded.answer(case_of("dyestuff/REML/fixef")).value.numbers.round(1) == [1527.5]
    assert recorded.answer(case_of("dyestuff/REML/criterion")).value.numbers.round(4) == [319.6543]


def test_recorded_files_are_json_that_every_reader_reads():
    for path in recorded_folder().glob("*.json"):
        json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)
