"""Recording some files anew: the others stay, and each says under which R it was recorded."""

import pytest

from parity.cases import load_cases
from parity.cli import main
from parity.errors import WorkerError
from parity.oracles.manifest import Manifest, recorded_name
from parity.oracles.recorded import RecordedOracle
from parity.paths import recorded_folder
from parity.recorder import record, refits_wrongly
from parity.versions import in_range

OLD, NEW = {"R": "4.2.2", "lme4": "1.1.31"}, {"R": "4.5.0", "lme4": "1.1.37"}


def test_files_recorded_elsewhere_keep_their_own_versions():
    first = Manifest("d1", OLD, {"a.json": "1", "b.json": "2"})
    second = first.with_files("d2", NEW, {"b.json": "3"})
    third = second.with_files("d3", NEW, {"c.json": "4"})
    assert third.files == {"a.json": "1", "b.json": "3", "c.json": "4"}
    versions = {name: third.environment_of(name)["lme4"] for name in third.files}
    assert versions == {"a.json": "1.1.31", "b.json": "1.1.37", "c.json": "1.1.37"}
    assert len(third.elsewhere) == 1
    back = third.with_files("d4", OLD, {"b.json": "5", "c.json": "6"})
    assert back.elsewhere == ()
    assert back.environment_of("c.json") == OLD


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    manifest = Manifest("d1", OLD, {"a.json": "1"}).with_files("d2", NEW, {"b.json": "2"})
    (tmp_path / "manifest.json").write_text(manifest.to_text(), "utf-8")
    again = Manifest.read(tmp_path)
    assert again.to_text() == manifest.to_text()
    assert again.environment_of("b.json") == NEW


def test_every_recorded_reml_bootstrap_comes_from_an_lme4_that_refits_rightly(catalogue):
    manifest = Manifest.read(recorded_folder())
    refits = [c for c in catalogue if c.quantity in ("boot_mer", "bootstrap_mer")]
    assert refits
    for case in refits:
        versions = manifest.environment_of(recorded_name(case))
        assert not refits_wrongly(case, versions), case.id
        assert RecordedOracle().environment()


def test_answers_carry_the_versions_of_their_file(recorded, case_of):
    old = recorded.answer(case_of("sleepstudy-slope/REML/sigma")).versions["lme4"]
    new = recorded.answer(case_of("sleepstudy-slope/REML/boot_mer")).versions["lme4"]
    assert old != new
    assert not in_range(new, "<1.1.33")


def test_an_old_lme4_is_refused_for_reml_refits_only():
    cases = {case.id: case for case in load_cases()}
    wrong = {name for name, case in cases.items() if refits_wrongly(case, OLD)}
    assert "dyestuff/REML/boot_mer" in wrong
    assert not any("/ML/" in name or "bootstrap_case" in name for name in wrong)
    assert not any(refits_wrongly(case, NEW) for case in cases.values())


def test_the_command_refuses_to_record_them(monkeypatch, capsys):
    monkeypatch.setattr("parity.commands.record.LiveOracle.environment", lambda _self: OLD)
    assert main(["record", "--file", "dyestuff.REML.boot.json"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "lme4 1.1.31 refits REML models with several fixed effects wrongly" in said
    assert "--rscript COMMAND" in said


def test_a_file_glob_that_fits_nothing_says_so(capsys):
    assert main(["record", "--file", "nothing*"]) == 2
    assert "`--file nothing*` fits no recorded file" in " ".join(capsys.readouterr().err.split())


class Asked:
    """An oracle that answers from the record, until it is told to fail."""

    name = "live"

    def __init__(self, recorded, fails_at=None, error=None):
        self.recorded, self.fails_at, self.error, self.asked = recorded, fails_at, error, 0

    def environment(self):
        return NEW

    def answer(self, case):
        self.asked += 1
        if self.asked == self.fails_at:
            raise self.error
        return self.recorded.answer(case)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (WorkerError("R died"), "nothing was recorded, because R gave no answer to '.*': R died"),
        (KeyboardInterrupt(), "^$"),
    ],
)
def test_a_recording_that_does_not_end_leaves_the_earlier_one(
    error, said, recorded, catalogue, tmp_path
):
    """R's death is not R's answer, and half of a new record beside half of an old one is none."""
    cases = [case for case in catalogue if case.id.startswith(("dyestuff/", "pastes-nested/ML/v"))]
    (tmp_path / "package.json").write_text("mine")
    record(cases, Asked(recorded), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "dyestuff.REML.json" in before
    with pytest.raises(type(error), match=said):
        record(cases, Asked(recorded, len(cases) // 2, error), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_that_were_not_recorded_are_left_alone(recorded, catalogue, tmp_path):
    """A record of other models takes the place of the earlier one, and of nothing else."""
    (tmp_path / "package.json").write_text("mine")
    first = [case for case in catalogue if case.id.startswith("dyestuff/REML/v")]
    other = [case for case in catalogue if case.id.startswith("dyestuff/ML/v")]
    record(first, Asked(recorded), tmp_path)
    assert (tmp_path / "dyestuff.REML.json").is_file()
    record(other, Asked(recorded), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dyestuff.ML.json",
        "manifest.json",
        "package.json",
    ]
    assert (tmp_path / "package.json").read_text() == "mine"
