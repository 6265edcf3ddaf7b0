"""The seal: whatever is changed in a report's folder is seen, and what cannot be is said."""

import hashlib
import json
import shutil

import pytest

from parity.cli import main
from parity.errors import ReportError
from parity.validation.manifest import NAME, Entry, chained, manifest_text
from parity.validation.run_log import RunLog, first_broken, read_log
from parity.validation.seal import LOG, REPORT, check_seal

EVIDENCE = {"evidence/results.json": '{"a": 1}\n', "evidence/notes.csv": "a,b\n1,2\n"}


def clock():
    return "2026-01-01T00:00:00Z"


def seal(folder, names_of_evidence):
    """Write report and manifest for what lies in a folder; return the digest."""
    entries = chained(folder, names_of_evidence)
    digests = {"results": "r" * 64, "evidence": entries[-1].chain}
    (folder / "report").mkdir(exist_ok=True)
    (folder / REPORT).write_text(json.dumps({"digests": digests}))
    entries += chained(folder, [REPORT], entries[-1].chain)
    about = {"report": "report-1", "status": "Final", **digests}
    (folder / NAME).write_text(manifest_text(entries, about))
    return entries[-1].chain


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "report-folder"
    (folder / "evidence").mkdir(parents=True)
    for name, text in EVIDENCE.items():
        (folder / name).write_text(text)
    log = RunLog(clock=clock)
    log.add("started")
    log.add("concluded")
    (folder / LOG).write_text(log.text())
    return folder, seal(folder, [*EVIDENCE, LOG])


def test_an_untouched_folder_is_unchanged(report, capsys):
    folder, digest = report
    assert check_seal(folder).problems == ()
    assert check_seal(folder).digest == digest
    assert main(["verify", str(folder)]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert main(["verify", str(folder), "--digest", digest]) == 0
    assert "the digest is the one that was noted" in " ".join(capsys.readouterr().out.split())


def test_it_may_be_copied_and_renamed(report, tmp_path):
    folder, digest = report
    shutil.copytree(folder, tmp_path / "archive")
    assert check_seal(tmp_path / "archive", digest).problems == ()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda f: (f / "evidence/notes.csv").write_text("a,b\n1,3\n"), "changed: evidence/notes"),
        (lambda f: (f / "evidence/notes.csv").unlink(), "removed: evidence/notes.csv"),
        (lambda f: (f / "evidence/more.csv").write_text("x"), "added: evidence/more.csv"),
        (lambda f: (f / "evidence/deep").mkdir() or (f / "evidence/deep/x").write_text("x"),
         "added: evidence/deep/x"),
        (lambda f: (f / REPORT).write_text("{}"), f"changed: {REPORT}"),
    ],
)  # fmt: skip
def test_every_change_of_a_file_is_seen(report, fault, said, capsys):
    folder, _ = report
    fault(folder)
    assert any(problem.startswith(said) for problem in check_seal(folder).problems)
    assert main(["verify", str(folder)]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert "CHANGED" in out


def edit_manifest(folder, change):
    manifest = json.loads((folder / NAME).read_text())
    change(manifest)
    (folder / NAME).write_text(json.dumps(manifest))


def hide(folder):
    """Change a file and give its entry the new hash, as somebody would who knows of hashes."""
    path = folder / "evidence/notes.csv"
    path.write_text("a,b\n1,3\n")
    content = path.read_bytes()

    def change(manifest):
        entry = next(e for e in manifest["files"] if e["path"] == "evidence/notes.csv")
        entry["sha256"] = hashlib.sha256(content).hexdigest()

    edit_manifest(folder, change)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (hide, "the manifest was edited: its chain breaks at evidence/notes.csv"),
        (lambda f: edit_manifest(f, lambda m: m.update(digest="0" * 64)), "its digest is not that"),
        (lambda f: edit_manifest(f, lambda m: m["files"].pop()), "its digest is not that"),
        (lambda f: edit_manifest(f, lambda m: m["files"].pop(0)), "its chain breaks at"),
        (lambda f: edit_manifest(f, lambda m: m["files"].reverse()), "its chain breaks at"),
        (lambda f: edit_manifest(f, lambda m: m.update(results="0" * 64)),
         "prints another digest of the results"),
    ],
)  # fmt: skip
def test_an_edited_manifest_is_seen(report, fault, said):
    folder, _ = report
    fault(folder)
    assert any(said in problem for problem in check_seal(folder).problems)


def test_a_manifest_made_anew_is_seen_by_what_the_report_prints(report):
    """Evidence changed, and the whole chain computed again, but the report left as it was."""
    folder, noted = report
    printed = (folder / REPORT).read_text()
    (folder / "evidence/notes.csv").write_text("a,b\n1,3\n")
    entries = chained(folder, [*EVIDENCE, LOG, REPORT])
    about = {"report": "report-1", "status": "Final", **json.loads(printed)["digests"]}
    (folder / NAME).write_text(manifest_text(entries, about))
    assert check_seal(folder).problems == (
        "the evidence is not that whose digest the report prints",
    )
    assert any("not the one that was noted" in p for p in check_seal(folder, noted).problems)


def test_a_folder_made_anew_is_seen_only_by_the_noted_digest(report):
    """What no digest inside a folder can show, and what the one outside does."""
    folder, noted = report
    (folder / "evidence/notes.csv").write_text("a,b\n1,3\n")
    seal(folder, [*EVIDENCE, LOG])
    assert check_seal(folder).problems == ()
    (problem,) = check_seal(folder, noted).problems
    assert problem.endswith(f"not the one that was noted ({noted})")
    assert main(["verify", str(folder), "--digest", noted]) == 1


def test_an_edited_run_log_is_seen(report):
    folder, _ = report
    text = (folder / LOG).read_text()
    (folder / LOG).write_text(text.replace("concluded", "CONCLUDED"))
    problems = check_seal(folder).problems
    assert f"changed: {LOG}" in problems
    assert "the run log was edited at entry 2" in problems


def test_a_log_grows_and_never_changes():
    log = RunLog(clock=clock)
    log.add("one")
    log.add("two")
    entries = read_log(log.text())
    assert [entry["event"] for entry in entries] == ["one", "two"]
    longer = RunLog(list(entries), clock=clock)
    longer.add("three")
    assert longer.text().startswith(log.text())
    assert first_broken(longer.entries) is None
    for place in (0, 1):
        with pytest.raises(ReportError, match=f"entry {place + 1} does not follow"):
            read_log("".join(json.dumps({**e, "event": "x"} if i == place else e) + "\n"
                             for i, e in enumerate(entries)))  # fmt: skip
    assert first_broken(entries[1:]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "has no MANIFEST.json: it is not the folder of a report"),
        ("{", "cannot be read, so nothing can be checked"),
        ("[]", "is not a manifest of this format"),
        ('{"files": [{"path": "a"}], "digest": "x"}', "is not a manifest of this format"),
        ('{"format": 1}', "is not a manifest of this format"),
    ],
)
def test_what_is_no_report_ends_with_2(tmp_path, capsys, text, said):
    if text is not None:
        (tmp_path / NAME).write_text(text)
    assert main(["verify", str(tmp_path)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_entries_name_files_inside_the_folder_only(report):
    """A manifest that names a file elsewhere does not make that file part of the report."""
    folder, _ = report
    entries = [Entry("../outside", 1, "0" * 64, "0" * 64)]
    about = {"report": "r", "status": "s", "results": "", "evidence": ""}
    (folder / NAME).write_text(manifest_text(entries, about))
    assert "removed: ../outside" in check_seal(folder).problems
