"""The report: complete, the same in every form, honest about what is missing, whole or absent."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

import parity
from parity.cli import main
from parity.errors import ReportError
from parity.oracles.independent import IndependentOracle
from parity.oracles.published import PublishedOracle
from parity.requirements import Risk, load_requirements
from parity.run import CaseResult
from parity.validation.changes import changes_since, open_superseded
from parity.validation.conclusion import conclude
from parity.validation.content import Column, Document, Section, Table, Text, table, tone_of
from parity.validation.digest import results_digest
from parity.validation.files import csv_text, evidence_files
from parity.validation.folder import write_folder
from parity.validation.identity import Identity
from parity.validation.manifest import chained
from parity.validation.one_thread import THREADS, is_held
from parity.validation.plan import SKIP, Plan, gather
from parity.validation.pq import Qualification
from parity.validation.render.html import html_text
from parity.validation.render.json import json_text
from parity.validation.render.pdf import pdf_bytes
from parity.validation.render.toolkit import load_toolkit
from parity.validation.reruns import Rerun
from parity.validation.run_log import RunLog
from parity.validation.seal import check_seal
from parity.validation.sections import document_of
from parity.verdict import Finding, Verdict

IDS = (
    "dyestuff/REML/fixef",
    "dyestuff/ML/fixef",
    "sleepstudy-slope/REML/fixef",
    "sleepstudy-slope/REML/refit_same",
    "dyestuff/REML/refit_same",
    "dyestuff/REML/textbook/estimates",
    "dyestuff/ML/textbook/estimates",
    "dyestuff/ML/textbook/rows",
    "nist-smls09/REML/anova_exact",
    "nist-smls01/ML/anova_exact",
    "nist-smls01/REML/anova_exact",
)
KEPT = ("lmer.fixef", "independent.textbook", "independent.exact")
# The rows of the table in the guidance, by what their sections are called here.
SECTIONS = (
    "Document control", "Approvals", "Purpose, intended use, exclusions", "Roles", "Risk",
    "Requirements", "Traceability matrix", "Environments", "Installation qualification",
    "Operational qualification", "Performance qualification kit", "Independent oracles",
    "Reproducibility", "Deviations", "Conclusion", "Change log", "Evidence index",
)  # fmt: skip
WHO = Identity("report-1", "pybootmlm 0", "2026-01-01T00:00:00Z", ("Ann Author",), "here", "parity")


def clock():
    return "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module", autouse=True)
def few_files():
    """Hash two distributions, not all that pybootmlm needs: half of them are NumPy's tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("parity.validation.iq.dependencies", lambda _declared: ("jinja2", "rich"))
        for name in THREADS:
            patch.setenv(name, "1")  # else the command would start itself again
        yield


@pytest.fixture(scope="module")
def plan(case_of, recorded):
    """Requirements that stand on their cases alone, so that tests need not be run."""
    requirements = load_requirements()
    low = Risk("low", "low", "high")
    kept = {n: replace(requirements[n], tests=(), risk=low) for n in (*KEPT, "lmer.refit")}
    cases = [case_of(name) for name in IDS]
    return Plan(
        identity=WHO,
        cases=cases,
        catalogue=cases,
        requirements=kept,
        oracle=IndependentOracle(PublishedOracle(recorded)),
        tests=SKIP,
        again=False,
    )


def gathered(plan, **options):
    """All names count as named here, and no deviation is looked for in cases that were left out."""
    evidence = gather(plan, RunLog(clock=clock), **options)
    matrix = replace(evidence.matrix, untraced=())
    return replace(evidence, matrix=matrix, oq=replace(evidence.oq, idle=()))


@pytest.fixture(scope="module")
def evidence(plan):
    return gathered(plan)


@pytest.fixture(scope="module")
def folder(evidence, tmp_path_factory):
    place = tmp_path_factory.mktemp("validation") / "report"
    write_folder(evidence, place, RunLog(clock=clock))
    return place


def texts_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pdf"
    }


def pdf_text(content):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def test_good_evidence_supports_the_requirements(evidence):
    drawn = conclude(evidence)
    assert drawn.failures == ()
    assert drawn.headline.startswith(
        "The evidence supports the requirements: 4 of 4 are kept by 11"
    )
    assert "performance qualification: none was given; it is the user's own" in drawn.open


def test_every_section_that_auditors_expect_is_in_every_form(folder):
    page = (folder / "report" / "report.html").read_text("utf-8")
    titles = re.findall(r"<h2 id=\"[a-z-]+\">\d+\. ([^<]+)</h2>", page)
    assert tuple(titles) == SECTIONS
    document = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    assert tuple(s["title"] for s in document["sections"]) == SECTIONS
    reader = PdfReader(folder / "report" / "report.pdf")
    outline = [item.title for item in reader.outline if not isinstance(item, list)]
    assert outline == [f"{i} {title}" for i, title in enumerate(SECTIONS, 1)]


def test_the_forms_say_the_same(folder):
    """Every text, fact and cell of the content is in the page and in the PDF."""
    document = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    page = squeezed(
        (folder / "report" / "report.html").read_text("utf-8")
        .replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        .replace("&#34;", '"')
    )  # fmt: skip
    paper = squeezed(pdf_text((folder / "report" / "report.pdf").read_bytes()))

    def blocks(section):
        yield from section["blocks"]
        for part in section["parts"]:
            yield from blocks(part)

    words = 0
    for section in document["sections"]:
        for block in blocks(section):
            said = [block["text"]] if "text" in block else []
            said += [cell for pair in block.get("pairs", []) for cell in pair]
            said += [cell for row in block.get("rows", []) for cell in row]
            for text in said:
                words += 1
                assert squeezed(text) in page, text
                # A page break may stand in the middle of a long text: its words are there.
                missing = [w for w in text.split() if squeezed(w)[:12] not in paper]
                assert not missing, (text, missing)
    assert words > 800


def test_it_never_says_more_than_evidence_for_validation(folder, evidence):
    """Nobody is told that the software is fit for use: that is for a person to conclude."""
    forbidden = re.compile("validated", re.IGNORECASE)
    for name, text in texts_of(folder).items():
        assert not forbidden.search(text), name
    assert not forbidden.search(pdf_text((folder / "report" / "report.pdf").read_bytes()))
    assert "Evidence for validation" in (folder / "report" / "report.html").read_text("utf-8")


def test_the_page_needs_nothing_else(folder):
    page = (folder / "report" / "report.html").read_text("utf-8")
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)", page)
    assert not re.search(r"https?://|@import|url\(", page)


def test_greek_letters_are_in_the_pdf():
    section = Section("a", "Symbols", (Text("θ, σ², Λ, β and × are printed; λ̂ too"),))
    document = Document("T", "s", "h", True, "r", "now", (section,))
    assert "θ, σ², Λ, β and × are printed" in pdf_text(pdf_bytes(document))


def test_the_same_content_gives_the_same_bytes(evidence, tmp_path):
    entries = ()
    document = document_of(evidence, entries)
    again = document_of(evidence, entries)
    assert html_text(document) == html_text(again)
    assert pdf_bytes(document) == pdf_bytes(again)
    digests = {"results": evidence.results, "evidence": ""}
    assert json_text(document, digests) == json_text(again, digests)
    one = write_folder(evidence, tmp_path / "one", RunLog(clock=clock))
    two = write_folder(evidence, tmp_path / "two", RunLog(clock=clock))
    assert one == two


def test_two_runs_have_the_same_digest_of_results(evidence, plan, tmp_path, monkeypatch):
    """From another folder, at another time: the digest is of results only."""
    monkeypatch.chdir(tmp_path)
    later = replace(plan, identity=replace(WHO, started="2027-02-02T02:02:02Z", report="other"))
    again = gathered(later)
    assert again.results == evidence.results
    assert again.oq.seconds != evidence.oq.seconds


def test_another_process_in_another_folder_has_the_same_digest(evidence, tmp_path):
    code = (
        "from parity.cases import load_cases\n"
        "from parity.commands.options import chosen_oracle\n"
        "from parity.implementations import Native\n"
        "from parity.session import compare_cases\n"
        "from parity.validation.digest import results_digest\n"
        "import argparse\n"
        f"ids = {IDS!r}\n"
        "cases = {c.id: c for c in load_cases()}\n"
        "oracle = chosen_oracle(argparse.Namespace(oracle='recorded'))\n"
        "report = compare_cases([cases[i] for i in ids], Native(), oracle)\n"
        "print(results_digest(report.results))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(parity.__file__).parents[1]),
            "PYTHONHASHSEED": "7",
            "OPENBLAS_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == evidence.results


def test_blas_is_held_to_one_thread(tmp_path):
    """More threads add in another order; the command starts itself again with one."""
    assert is_held()
    environment = {k: v for k, v in os.environ.items() if k not in THREADS}
    environment["PYTHONPATH"] = str(Path(parity.__file__).parents[1])
    out = tmp_path / "held"
    done = subprocess.run(
        [sys.executable, "-m", "parity", "validate", "--out", str(out), "--tests", "skip",
         "--no-rerun", "--no-pdf", "--case", "nist-smls03/REML/anova_certified"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    installation = json.loads((out / "evidence" / "installation.json").read_text("utf-8"))
    assert {installation["machine"][name] for name in THREADS} == {"1"}
    command = json.loads((out / "evidence" / "identity.json").read_text("utf-8"))["command"]
    assert command.startswith(f"parity validate --out {out} --tests skip")


def test_one_bit_of_one_result_is_another_digest(evidence):
    results = list(evidence.oq.results)
    value = results[0].observed
    moved = replace(value, numbers=value.numbers * (1 + 2.3e-16))
    assert (moved.numbers != value.numbers).any()
    results[0] = replace(results[0], observed=moved)
    assert results_digest(results) != evidence.results
    slower = [replace(result, seconds_python=99.0) for result in evidence.oq.results]
    assert results_digest(slower) == evidence.results


def test_a_mismatch_is_the_conclusion(plan, perturbed):
    def change(name, value):
        return replace(value, numbers=value.numbers * 1.001) if name == "fixef" else value

    evidence = gathered(replace(plan, implementation=perturbed(change)))
    drawn = conclude(evidence)
    assert not drawn.passed
    assert drawn.headline.startswith("The evidence does NOT support the requirements: 1 findings")
    assert drawn.failures == ("requirement lmer.fixef: NOT KEPT: 3 cases and 0 tests fail",)
    assert "does NOT support" in html_text(document_of(evidence, ()))


def test_a_requirement_without_evidence_is_the_conclusion(plan):
    requirements = {
        **plan.requirements,
        "empty": replace(plan.requirements["lmer.refit"], id="empty"),
    }
    drawn = conclude(gathered(replace(plan, requirements=requirements)))
    assert drawn.failures == ("requirement empty: NO EVIDENCE",)


def test_an_altered_reference_is_the_conclusion(evidence):
    wrong = replace(evidence.installation.references.files[0], state="altered")
    references = replace(evidence.installation.references, files=(wrong,))
    installation = replace(evidence.installation, references=references)
    drawn = conclude(replace(evidence, installation=installation))
    assert drawn.failures == (f"reference file {wrong.path} is altered",)
    assert f"{wrong.path} (altered)" in html_text(
        document_of(replace(evidence, installation=installation), ())
    )


def test_an_altered_installed_file_is_the_conclusion(evidence):
    state = evidence.installation.dependencies[0]
    wrong = replace(state.files[0], state="altered")
    installation = replace(
        evidence.installation, dependencies=(replace(state, files=(wrong, *state.files[1:])),)
    )
    drawn = conclude(replace(evidence, installation=installation))
    assert drawn.failures == (f"{state.name}: {wrong.path} is altered",)


def test_orphans_dead_deviations_and_other_bits_are_the_conclusion(evidence):
    oq = replace(evidence.oq, idle=("dead",))
    matrix = replace(evidence.matrix, orphans=("stray/case",), untraced=("new_name",))
    reruns = (Rerun("n_jobs = 2", "a fit", 3, 1e-9), Rerun("BLAS with 2 threads", "b", 3, 1e-16))
    drawn = conclude(replace(evidence, oq=oq, matrix=matrix, reruns=reruns))
    assert len(drawn.failures) == 4
    assert "b differs by 1.0e-16 under BLAS with 2 threads" in drawn.open


def test_a_part_of_the_cases_makes_a_draft(evidence):
    assert (
        "of 99 cases were run"
        in conclude(replace(evidence, selected=("dyestuff/*",), known_cases=99)).status
    )


def test_the_traceability_matrix_leads_from_requirement_to_result(folder):
    traces = json.loads((folder / "evidence" / "traceability.json").read_text("utf-8"))
    fixef = next(trace for trace in traces if trace["requirement"] == "lmer.fixef")
    assert fixef["priority"] == "low"
    assert "LmerFit.fixef" in fixef["code"]
    assert fixef["cases"]["dyestuff/REML/fixef"] == "match"
    assert fixef["result"] == "kept"


def test_the_table_of_numbers_holds_every_one(evidence):
    lines = csv_text(evidence.oq.results).splitlines()
    assert lines[0] == "case,verdict,element,expected,observed,absolute,relative"
    slope = next(r for r in evidence.oq.results if r.case.id == "sleepstudy-slope/REML/fixef")
    rows = [line for line in lines if line.startswith("sleepstudy-slope/REML/fixef,")]
    assert len(rows) == 2
    assert repr(float(slope.answer.value.numbers[1])) in rows[1]


def test_a_case_without_an_answer_is_a_row_too(evidence, case_of):
    nothing = CaseResult(case_of("dyestuff/REML/u"), Finding(Verdict.R_ERROR, "R died"))
    assert csv_text([nothing]).splitlines()[1] == "dyestuff/REML/u,r-error,,,,,"


def test_a_report_is_never_written_over_another(evidence, folder, tmp_path):
    before = texts_of(folder)
    with pytest.raises(
        ReportError, match="must be a new folder: what is there is not written over"
    ):
        write_folder(evidence, folder, RunLog(clock=clock))
    assert texts_of(folder) == before
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(ReportError, match="must be a new folder"):
        write_folder(evidence, file, RunLog(clock=clock))


@pytest.mark.parametrize("at", [1, 5, 11])
def test_a_disk_that_fills_leaves_nothing(evidence, tmp_path, monkeypatch, at):
    calls = []

    def full(_handle):
        calls.append(1)
        if len(calls) >= at:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("parity.validation.folder.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_folder(evidence, tmp_path / "report", RunLog(clock=clock))
    assert list(tmp_path.iterdir()) == []


def test_without_reportlab_the_error_says_what_to_install(monkeypatch, tmp_path, capsys, evidence):
    monkeypatch.setitem(sys.modules, "reportlab.platypus", None)
    with pytest.raises(ReportError, match=r"install `pybootmlm\[pdf\]`, or give `--no-pdf`"):
        load_toolkit()
    assert main(["validate", "--out", str(tmp_path / "x")]) == 2
    assert "pybootmlm[pdf]" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    write_folder(evidence, tmp_path / "no-pdf", RunLog(clock=clock), pdf=False)
    assert not (tmp_path / "no-pdf" / "report" / "report.pdf").exists()
    assert check_seal(tmp_path / "no-pdf").problems == ()


def test_importing_the_command_does_not_import_reportlab():
    code = "import sys, parity.cli; assert not {'reportlab', 'matplotlib'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_superseded_report_is_the_start_of_the_change_log(plan, folder, evidence, tmp_path):
    superseded = open_superseded(folder)
    log = RunLog(list(superseded.log), clock=clock)
    same = gather(plan, log, superseded=superseded)
    assert same.changes.drift.changes == ()
    assert "identical" in html_text(document_of(same, ()))
    write_folder(same, tmp_path / "second", log)
    first = (folder / "evidence" / "run-log.jsonl").read_text("utf-8")
    second = (tmp_path / "second" / "evidence" / "run-log.jsonl").read_text("utf-8")
    assert second.startswith(first)
    assert check_seal(tmp_path / "second").problems == ()


def test_what_moved_since_then_is_listed_by_size(plan, folder, perturbed):
    def change(name, value):
        return replace(value, numbers=value.numbers * 1.001) if name == "fixef" else value

    superseded = open_superseded(folder)
    moved = gather(
        replace(plan, implementation=perturbed(change)), RunLog(clock=clock), superseded=superseded
    )
    changed = moved.changes.drift.changes
    assert {c.id for c in changed} == {name for name in IDS if name.endswith("/fixef")}
    sizes = [c.size for c in changed]
    assert sizes == sorted(sizes, reverse=True)
    page = html_text(document_of(moved, ()))
    assert "3 cases moved, 8 did not" in page
    assert "evidence/changes.json" in evidence_files(moved)


def test_what_is_installed_otherwise_is_listed(folder, evidence):
    installation = replace(
        evidence.installation, everything=(("numpy", "0.0", "f" * 64),), r_packages=()
    )
    changes = changes_since(open_superseded(folder), evidence.oq, installation)
    found = {name: (before, after) for name, before, after in changes.installed}
    assert found["Python: numpy"][1] == f"0.0, {'f' * 12}"
    assert found["Python: pandas"][1] == "none"


def test_a_superseded_report_that_was_changed_is_an_open_item(folder, evidence, plan, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    path = copy / "evidence" / "results.csv"
    path.chmod(0o644)
    path.write_text("case\n")
    superseded = open_superseded(copy)
    assert superseded.problems == ("changed: evidence/results.csv",)
    changes = changes_since(superseded, evidence.oq, evidence.installation)
    drawn = conclude(replace(evidence, changes=changes))
    assert any("superseded report was changed" in item for item in drawn.open)


def test_a_users_own_models_are_part_of_the_report(evidence, plan, perturbed):
    own = Qualification(
        "parity_cases.toml", "[[model]]\n", "0" * 64,
        (("slope", "y ~ x + (x | g)", "mine"),), evidence.oq,
    )  # fmt: skip
    page = html_text(document_of(replace(evidence, pq=(own,)), ()))
    assert "y ~ x + (x | g)" in page
    assert "Performance qualification</h2>" in page
    files = evidence_files(replace(evidence, pq=(own,)))
    assert files["evidence/pq/1/parity_cases.toml"] == "[[model]]\n"
    failing = replace(
        evidence.oq,
        results=[CaseResult(plan.cases[0], Finding(Verdict.MISMATCH, "another number"))],
    )
    drawn = conclude(replace(evidence, pq=(replace(own, report=failing),)))
    assert drawn.failures == ("PQ parity_cases.toml: dyestuff/REML/fixef is a mismatch",)


def test_texts_of_a_user_cannot_break_the_page_or_the_pdf(evidence):
    who = replace(WHO, prepared_by=("<script>alert(1)</script> & </para>", "Ünïcode Näme"))
    document = document_of(replace(evidence, identity=who), ())
    assert "<script>alert" not in html_text(document)
    text = squeezed(pdf_text(pdf_bytes(document)))
    assert squeezed("<script>alert(1)</script> & </para>") in text


def test_a_table_must_be_square():
    with pytest.raises(ValueError, match="a row has 1 cells, the table 2 columns"):
        Table((Column("a"), Column("b")), (("1",),))
    assert table(("a", Column("b", 2)), [["1", "2"]]).columns[1].share == 2


def test_an_unknown_word_is_set_as_bad_news():
    assert [tone_of(w) for w in ("kept", "open: x", "surprise", "")] == [
        "good", "info", "bad", "plain"
    ]  # fmt: skip


def test_thousands_of_cases_fit(evidence):
    """A long table, a cell longer than a page, a word longer than a line."""
    rows = [(f"case/{i}", "match") for i in range(3000)]
    rows.append(("x" * 4000, "MISMATCH"))
    section = Section(
        "a", "Long", (table((Column("c", 3, "code"), "v"), rows, verdict=1, dense=True),)
    )
    reader = PdfReader(BytesIO(pdf_bytes(Document("T", "s", "h", False, "r", "now", (section,)))))
    assert len(reader.pages) > 30
    last = reader.pages[-1].extract_text()
    assert f"page {len(reader.pages)} of {len(reader.pages)}" in last


def test_chains_bind_each_file_to_all_before(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    one = chained(tmp_path, ["a", "b"])
    (tmp_path / "a").write_text("A")
    two = chained(tmp_path, ["a", "b"])
    assert one[1].sha256 == two[1].sha256
    assert one[1].chain != two[1].chain


def test_the_command_says_all_and_ends_with_1_where_evidence_is_missing(tmp_path, capsys):
    out = tmp_path / "partial"
    status = main(
        ["validate", "--out", str(out), "--tests", "skip", "--no-rerun", "--no-pdf",
         "--case", "dyestuff/ML/fixef", "--prepared-by", "Ann", "Bob"]
    )  # fmt: skip
    said = " ".join(capsys.readouterr().out.split())
    assert status == 1
    assert "The evidence does NOT support the requirements" in said
    assert "finding: requirement" in said
    assert "status: Draft: only 1 of" in said
    digest = re.search(r"digest, to be noted elsewhere: ([0-9a-f]{64})", said)[1]
    assert "validated" not in said.lower()
    assert main(["verify", str(out), "--digest", digest]) == 0
    identity = json.loads((out / "evidence" / "identity.json").read_text("utf-8"))
    assert identity["prepared_by"] == ["Ann", "Bob"]


def test_the_exit_status_is_the_conclusion(
    plan, evidence, perturbed, tmp_path, monkeypatch, capsys
):
    def change(name, value):
        return replace(value, numbers=value.numbers * 1.001) if name == "fixef" else value

    wrong = gathered(replace(plan, implementation=perturbed(change)))
    for found, status in ((evidence, 0), (wrong, 1)):
        monkeypatch.setattr("parity.commands.validate.gather", lambda *_, found=found, **__: found)
        out = tmp_path / str(status)
        arguments = ["validate", "--out", str(out), "--no-pdf", "--case", IDS[0]]
        assert main(arguments) == status
        assert ("does NOT support" in capsys.readouterr().out) == bool(status)
        assert main(["verify", str(out)]) == 0
        capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tests", "nowhere.xml"], "`--tests` must be 'run', 'skip' or a JUnit XML file"),
        (["--supersedes", "nowhere"], "nowhere has no MANIFEST.json"),
        (["--pq", "nowhere.toml"], "nowhere.toml"),
        (["--case", "nothing*"], "fits none of the"),
    ],
)
def test_what_cannot_be_done_is_said_before_any_work(
    arguments, said, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "--out", "out", *arguments]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.live_r
def test_live_r_and_a_users_own_models(tmp_path, capsys):
    """R's packages are looked at, and a case file goes through the same machinery."""
    (tmp_path / "parity_cases.toml").write_text(
        '[[model]]\nid = "dye"\ndata = "Dyestuff"\nformula = "Yield ~ 1 + (1 | Batch)"\n'
        'methods = ["ML"]\n'
    )
    out = tmp_path / "live"
    main(
        ["validate", "--out", str(out), "--oracle", "live", "--tests", "skip", "--no-rerun",
         "--no-pdf", "--case", "dyestuff/ML/fixef", "--pq", str(tmp_path / "parity_cases.toml")]
    )  # fmt: skip
    capsys.readouterr()
    installation = json.loads((out / "evidence" / "installation.json").read_text("utf-8"))
    lme4 = installation["r_packages"]["lme4"]
    assert "DESCRIPTION" in lme4["files"]
    assert all(len(md5) == 32 for md5 in lme4["files"].values())
    pq = json.loads((out / "evidence" / "pq" / "1" / "results.json").read_text("utf-8"))
    assert pq["passed"]
    assert "dye/ML/fixef" in {result["id"] for result in pq["results"]}
