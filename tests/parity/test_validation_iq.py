"""Installation qualification: what was altered is seen, wherever it lies."""

import base64
import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from parity.oracles.manifest import Manifest
from parity.paths import recorded_folder
from parity.validation.checkout import check_checkout
from parity.validation.distributions import (
    ROOT,
    all_distributions,
    check_distribution,
    dependencies,
    lists_file,
)
from parity.validation.iq import check_installation, probe_defects
from parity.validation.machine import machine
from parity.validation.reference_files import check_references

MODULE = b"answer = 42\n"


def recorded(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A distribution as pip would have left it."""
    package, info = tmp_path / "fakepkg", tmp_path / "fakepkg-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_bytes(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fakepkg\nVersion: 1.0\n")
    lines = [
        f"fakepkg/__init__.py,sha256={recorded(MODULE)},{len(MODULE)}",
        "fakepkg/__pycache__/__init__.cpython-311.pyc,,",
        "fakepkg-1.0.dist-info/RECORD,,",
    ]
    (info / "RECORD").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def test_files_as_they_were_installed(installed):
    state = check_distribution("fakepkg")
    assert state.state == "as recorded"
    assert not state.wrong
    own = next(f for f in state.files if f.path == "fakepkg/__init__.py")
    assert (own.sha256, own.size) == (hashlib.sha256(MODULE).hexdigest(), len(MODULE))
    assert lists_file("fakepkg", installed / "__init__.py")
    assert not lists_file("fakepkg", installed / "other.py")


def test_a_wheel_has_one_digest_wherever_it_is_installed(installed):
    before = check_distribution("fakepkg").record
    record = installed.parent / "fakepkg-1.0.dist-info" / "RECORD"
    text = record.read_text()
    scripts = f"../../bin/fake,sha256={recorded(b'here')},4\n"
    record.write_text(
        f"{text}fakepkg-1.0.dist-info/INSTALLER,sha256={recorded(b'uv')},2\n{scripts}"
    )
    assert check_distribution("fakepkg").record == before
    record.write_text(text.replace(recorded(MODULE), recorded(b"another")))
    assert check_distribution("fakepkg").record != before


def test_an_altered_file_is_seen(installed):
    (installed / "__init__.py").write_bytes(b"answer = 43\n")
    state = check_distribution("fakepkg")
    assert state.state == "ALTERED: 1 files"
    assert [(f.path, f.state) for f in state.wrong] == [("fakepkg/__init__.py", "altered")]


def test_a_missing_file_is_seen(installed):
    (installed / "__init__.py").unlink()
    assert [f.state for f in check_distribution("fakepkg").wrong] == ["missing"]


def test_a_module_that_nobody_installed_is_seen(installed, monkeypatch):
    monkeypatch.setattr("parity.validation.distributions.ROOT", "fakepkg")
    (installed / "patch.py").write_text("import fakepkg\n")
    assert [(f.path, f.state) for f in check_distribution("fakepkg").wrong] == [
        ("fakepkg/patch.py", "added")
    ]


def test_without_a_list_of_files_nothing_is_claimed(installed):
    (installed.parent / "fakepkg-1.0.dist-info" / "RECORD").unlink()
    assert check_distribution("fakepkg").state == "cannot be said: no list of files"


def test_dependencies_are_those_of_the_metadata_with_extras_but_dev():
    found = dependencies(
        ["numpy>=1", "pandas>=2", 'pytest>=8; extra == "dev"', "no-such-thing>=1",
         'matplotlib>=3; extra == "plot"']
    )  # fmt: skip
    assert {"numpy", "pandas", "matplotlib", "python-dateutil"} <= set(found)
    assert not {"pytest", "no-such-thing", ROOT} & set(found)


def test_everything_installed_is_listed_with_a_hash():
    names = {name.lower() for name, _, _ in all_distributions()}
    assert {ROOT, "numpy", "pytest"} <= names
    assert all(len(digest) == 64 for _, _, digest in all_distributions())


@pytest.fixture
def repository(tmp_path):
    for folder in ("pybootmlm", "parity"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_bytes(MODULE)

    def git(*arguments):
        names = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *names, *arguments], check=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return tmp_path


def test_a_clean_checkout(repository):
    state = check_checkout(repository)
    assert state.clean
    assert len(state.commit) in (40, 64)
    assert {f.state for f in state.files} == {"as committed"}
    assert len(state.files) == 2


def test_a_changed_checkout(repository):
    (repository / "parity" / "__init__.py").write_bytes(b"answer = 43\n")
    (repository / "pybootmlm" / "new.py").write_bytes(MODULE)
    (repository / "pybootmlm" / "__init__.py").unlink()
    state = check_checkout(repository)
    assert not state.clean
    assert state.state == "open: 3 uncommitted changes"
    assert {f.path: f.state for f in state.files} == {
        "parity/__init__.py": "altered",
        "pybootmlm/new.py": "added",
        "pybootmlm/__init__.py": "missing",
    }


def test_where_there_is_no_version_control_nothing_is_claimed(tmp_path):
    (tmp_path / "parity").mkdir()
    (tmp_path / "parity" / "__init__.py").write_bytes(MODULE)
    state = check_checkout(tmp_path)
    assert not state.known
    assert not state.clean
    assert state.state.startswith("cannot be said: ")
    assert [f.state for f in state.files] == ["cannot be said"]


@pytest.fixture
def references(tmp_path):
    """A few recorded references with a manifest that lists no more."""
    names = ("dyestuff.REML.json", "numbers.json")
    manifest = Manifest.read(recorded_folder())
    for name in names:
        shutil.copy(recorded_folder() / name, tmp_path)
    kept = replace(manifest, files={name: manifest.files[name] for name in names}, elsewhere=())
    (tmp_path / "manifest.json").write_text(kept.to_text(), "utf-8")
    return tmp_path


def test_references_as_they_were_recorded(references):
    assert check_references(references).state == "as recorded"


@pytest.mark.parametrize("fault", ["altered", "missing", "added"])
def test_a_changed_reference_is_seen(references, fault):
    path = references / "dyestuff.REML.json"
    if fault == "altered":
        path.write_text(path.read_text("utf-8").replace("49.51", "49.52", 1), "utf-8")
    elif fault == "missing":
        path.unlink()
    else:
        path = references / "stray.json"
        path.write_text("{}")
    found = check_references(references)
    assert [(f.path, f.state) for f in found.wrong] == [(path.name, fault)]
    assert found.state == "ALTERED: 1 files"


def test_what_is_wrong_is_a_problem_of_the_installation(references, monkeypatch):
    monkeypatch.setattr("parity.validation.iq.dependencies", lambda _declared: ("jinja2",))
    (references / "dyestuff.REML.json").unlink()
    installation = check_installation(references=references)
    assert "reference file dyestuff.REML.json is missing" in installation.problems
    changed = replace(installation.under_test.files[0], state="altered")
    state = replace(installation.under_test, files=(changed,))
    problems = replace(installation, under_test=state).problems
    assert f"pybootmlm: {changed.path} is altered" in problems


def test_the_package_in_use_is_looked_at(monkeypatch):
    monkeypatch.setattr("parity.validation.iq.dependencies", lambda _declared: ("jinja2",))
    installation = check_installation()
    assert installation.under_test.name == ROOT
    files = installation.under_test.files
    if installation.checkout is not None:
        files = installation.checkout.files
    assert "pybootmlm/__init__.py" in {file.path for file in files}
    assert installation.machine["Python"].endswith(sys.version.split()[0])
    assert {"host", "CPU", "OPENBLAS_NUM_THREADS", "locale"} <= set(machine())


def test_lme4_s_refit_is_probed(case_of, make_runner):
    runner = make_runner()
    cases = ["dyestuff/REML/refit_same", "sleepstudy-slope/REML/refit_same"]
    defects = probe_defects([runner.decide(case_of(name)) for name in cases])
    assert defects[0].state == "absent"
    assert defects[1].state == "present: explained by deviation lme4-refit-reml-df"
    assert "lme4 1.1.31" in defects[1].versions
    assert any("1751.9" in text for text in defects[1].evidence.values())
