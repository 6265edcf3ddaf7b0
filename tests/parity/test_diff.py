"""What changed between two runs: every change is seen, sized, ordered, and nothing else is."""

import copy
import json
import math

import numpy as np
import pytest

from parity.cli import main
from parity.drift import Kind, changes_between, read_run
from parity.drift.movement import movement
from parity.drift.sketch import SUMMARIES, sketch_of
from parity.tolerances import Tolerance, load_tolerances
from parity.values import Value

GLOBS = ("dyestuff/REML/[fosu]*", "dyestuff/REML/re*", "sleepstudy-slope/REML/refit_same")
SIGMA, FIXEF, FITTED = (f"dyestuff/REML/{name}" for name in ("sigma", "fixef", "fitted"))


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """Return results.json of a real run, as it was written."""
    folder = tmp_path_factory.mktemp("report")
    globs = [text for glob in GLOBS for text in ("--case", glob)]
    assert main(["run", *globs, "--out", str(folder)]) == 0
    return json.loads((folder / "results.json").read_text("utf-8"))


@pytest.fixture
def diff(document, tmp_path, capsys):
    """Change a copy of the run and compare: the exit status, the JSON, the text."""

    def compare(change=lambda _results, _document: None, before=lambda _results, _document: None):
        paths = []
        for name, edit in (("a", before), ("b", change)):
            edited = copy.deepcopy(document)
            edit({result["id"]: result for result in edited["results"]}, edited)
            paths.append(tmp_path / f"{name}.json")
            paths[-1].write_text(json.dumps(edited), "utf-8")
        capsys.readouterr()
        arguments = ["diff", *map(str, paths)]
        status = main([*arguments, "--json"])
        found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert main(arguments) == status
        return status, found, " ".join(capsys.readouterr().out.split())

    return compare


def gone(name):
    def change(_results, document):
        document["results"] = [r for r in document["results"] if r["id"] != name]

    return change


def verdict(name, text):
    def change(results, _document):
        results[name]["verdict"] = text

    return change


def scaled(side, name, factor):
    def change(results, _document):
        data = results[name][side]["data"]
        results[name][side]["data"] = [x * factor for x in data]

    return change


def test_a_run_does_not_differ_from_itself(diff):
    status, found, said = diff()
    assert status == 0
    assert found["changes"] == found["versions"] == []
    assert found["counts"]["unchanged"] > 10
    assert "No regression" in said


@pytest.mark.parametrize(
    ("before", "after", "kind", "status"),
    [
        ("match", "mismatch", "regression", 1),
        ("match", "r-error", "regression", 1),
        ("match", "python-error", "regression", 1),
        ("match", "not-run", "regression", 1),
        ("match", "explained", "change", 0),
        ("explained", "mismatch", "regression", 1),
        ("explained", "not-run", "regression", 1),
        ("explained", "match", "improvement", 0),
        ("mismatch", "python-error", "regression", 1),
        ("mismatch", "match", "improvement", 0),
        ("mismatch", "not-run", "change", 0),
        ("r-error", "python-error", "change", 0),
        ("python-error", "mismatch", "improvement", 0),
        ("not-run", "mismatch", "regression", 1),
        ("not-run", "match", "improvement", 0),
    ],
)
def test_what_a_change_of_verdict_means(diff, before, after, kind, status):
    ended, found, said = diff(verdict(SIGMA, after), verdict(SIGMA, before))
    (change,) = found["changes"]
    assert (change["id"], change["kind"], ended) == (SIGMA, kind, status)
    assert change["what"] == f"{before} to {after}"
    assert f"{before} to" in said


def test_a_case_that_is_gone_is_a_regression_and_a_new_one_is_not(diff):
    status, found, said = diff(gone(SIGMA))
    assert (status, found["changes"][0]["what"]) == (1, "gone: was match")
    assert "REGRESSION: 1 worse" in said
    status, found, _ = diff(before=gone(SIGMA))
    assert (status, found["changes"][0]["what"]) == (0, "new: match")


def test_a_new_case_that_fails_is_a_regression(diff):
    status, found, _ = diff(verdict(SIGMA, "mismatch"), before=gone(SIGMA))
    assert (status, found["changes"][0]["kind"]) == (1, "regression")


def test_a_case_that_failed_and_is_gone_is_told_but_no_regression(diff):
    status, found, _ = diff(gone(SIGMA), verdict(SIGMA, "mismatch"))
    assert (status, found["changes"][0]["kind"]) == (0, "change")


def mismatch(digits):
    def change(results, _document):
        results[SIGMA]["verdict"] = "mismatch"
        results[SIGMA]["comparison"]["digits"] = digits

    return change


@pytest.mark.parametrize(("digits", "status"), [(4.1, 0), (3.9, 1), (6.0, 0)])
def test_a_mismatch_that_loses_a_digit_is_worse(diff, digits, status):
    assert diff(mismatch(digits), mismatch(5.0))[0] == status


def test_a_mismatch_whose_shape_changed_has_no_digits(diff):
    def change(results, _document):
        mismatch(15.95)(results, _document)
        results[SIGMA]["comparison"]["worst"] = None  # as where shapes differ

    status, found, _ = diff(change, mismatch(5.0))
    assert (status, found["changes"][0]["after"]["digits"]) == (1, None)


@pytest.mark.parametrize(("side", "key"), [("expected", "r"), ("observed", "python")])
def test_numbers_that_moved_are_sized_by_their_tolerance(diff, side, key):
    status, found, said = diff(scaled(side, SIGMA, 1 + 3e-10))
    (change,) = found["changes"]
    assert status == 0  # the verdict is what CI goes by
    assert change["kind"] == "moved"
    assert change["beyond_tolerance"]
    # sigma is 49.5 and may move by 1e-12 + 1e-10 * 49.5
    assert change[key]["use"] == pytest.approx(3.0, rel=1e-3)
    assert change["python" if key == "r" else "r"] is None
    assert "1 moved beyond tolerance" in said


def test_movement_within_tolerance_is_counted_and_not_listed(diff):
    status, found, said = diff(scaled("expected", SIGMA, 1 + 3e-11))
    assert status == 0
    assert not found["changes"][0]["beyond_tolerance"]
    assert f"1 case moved within tolerance, at most by 0.3 of it: {SIGMA}" in said
    assert "beyond" not in said


def test_the_worst_comes_first(diff):
    def change(results, document):
        verdict(FITTED, "explained")(results, document)
        verdict(FIXEF, "r-error")(results, document)
        verdict("dyestuff/REML/u", "mismatch")(results, document)
        scaled("expected", SIGMA, 1.1)(results, document)
        scaled("expected", "dyestuff/REML/resid", 1.01)(results, document)

    _, found, _ = diff(change)
    assert [change["id"] for change in found["changes"]] == [
        FIXEF,
        "dyestuff/REML/u",
        FITTED,
        SIGMA,
        "dyestuff/REML/resid",
    ]


def test_another_question_is_not_compared_number_by_number(diff):
    def other_data(_results, document):
        document["data"]["Dyestuff"] = "f" * 16

    def other_inputs(results, _document):
        results[SIGMA]["request"]["inputs"]["level"] = 2

    _, found, _ = diff(other_data)
    assert {change["what"] for change in found["changes"]} == {"another question"}
    assert not any(change["id"].startswith("sleepstudy") for change in found["changes"])
    _, found, _ = diff(other_inputs)
    assert [change["id"] for change in found["changes"]] == [SIGMA]


def test_an_input_that_is_left_out_is_the_same_as_none(diff):
    def later_version(_results, document):
        for result in document["results"]:
            result["request"]["model"]["something new"] = None

    assert diff(later_version)[1]["changes"] == []


def test_versions_are_shown_and_fail_nothing(diff):
    def change(_results, document):
        document["environment"]["r"]["lme4"] = "9.9.9"
        document["environment"]["python"].pop("scipy")
        document["oracle"] = "live"

    status, found, said = diff(change)
    assert status == 0
    assert [(v["side"], v["name"], v["after"]) for v in found["versions"]] == [
        ("run", "oracle", "live"),
        ("Python", "scipy", None),
        ("R", "lme4", "9.9.9"),
    ]
    assert "→ 9.9.9" in said


def test_deviations_that_come_and_go_are_counted(diff):
    def explained(by):
        def change(results, _document):
            for name in (SIGMA, FITTED):
                results[name].update(verdict="explained", deviation=by)

        return change

    assert (
        "deviation old-defect no longer shows in 2 cases" in diff(before=explained("old-defect"))[2]
    )
    said = diff(explained("new-defect"), before=explained("old-defect"))[2]
    assert "deviation new-defect now explains 2 cases that it did not" in said


def test_a_deviation_that_died_is_a_regression(diff):
    def change(_results, document):
        document["deviations_without_cases"] = ["some-deviation"]

    status, found, said = diff(change)
    assert (status, found["deviations_newly_without_cases"]) == (1, ["some-deviation"])
    assert "dead deviation some-deviation" in said


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (1.0, "NaN", "missing values"),
        (1.0, "NA", "missing values"),
        ("NaN", 1.0, "missing values"),
        (1.0, "Inf", "infinite"),
        ("Inf", "-Inf", "infinite"),
        ("NaN", "NaN", ""),
        ("-Inf", "-Inf", ""),
    ],
)
def test_missing_and_infinite_numbers(diff, was, now, said):
    def put(x):
        def change(results, _document):
            results[SIGMA]["expected"]["data"] = [x]

        return change

    status, found, _ = diff(put(now), put(was))
    assert status == 0
    if said:
        assert said in found["changes"][0]["r"]["problem"]
        assert found["changes"][0]["times_tolerance"] == "Inf"
    else:
        assert found["changes"] == []


def test_a_side_that_fell_silent(diff):
    def change(results, _document):
        results[SIGMA]["expected"] = None
        results[SIGMA]["verdict"] = "explained"  # R has an error that is registered

    _, found, said = diff(change)
    assert found["changes"][0]["r"]["problem"] == "no numbers in the second"
    assert "R: no numbers in the second" in said


def test_names_and_shapes(diff):
    def rename(results, _document):
        results[FIXEF]["expected"]["names"] = [["other"]]

    def lengthen(results, _document):
        results[SIGMA]["observed"].update(dim=[2], data=[1.0, 2.0], names=[None])

    assert "only the second has ['other']" in diff(rename)[1]["changes"][0]["r"]["problem"]
    _, found, _ = diff(lengthen)
    assert found["changes"][0]["python"]["problem"] == "shape: the first run has 1, the second 2"


def test_a_folder_stands_for_its_results(document, tmp_path, capsys):
    (tmp_path / "results.json").write_text(json.dumps(document), "utf-8")
    assert main(["diff", str(tmp_path), str(tmp_path / "results.json")]) == 0


def test_cases_can_be_chosen(document, tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document), "utf-8")
    assert main(["diff", str(path), str(path), "--case", "sleep*/refit_same"]) == 0
    assert "1 the same" in capsys.readouterr().out
    assert main(["diff", str(path), str(path), "--case", "nothing*"]) == 2
    assert "`--case nothing*` fits no case" in capsys.readouterr().err


# Files that are no results


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ('{"format": 1, "passed": tr', "ends in the middle"),
        ("<html></html>", "is not JSON"),
        ("[1, 2]", "holds no table"),
        ('"text"', "holds no table"),
        ('{"name": "a package", "version": 1}', "neither a report's results.json nor a baseline"),
        ('{"format": 2, "results": []}', "a report of format 2; this parity reads format 1"),
        ('{"format": null, "results": []}', "a report of format None"),
        ('{"baseline": 7}', "a baseline of format 7; this parity reads format 1"),
        ('{"format": 1, "results": [{"id": "x"}]}', "lacks 'tolerance'"),
        ('{"format": 1, "results": 5}', "begins like a file of parity, but does not fit"),
        ('{"baseline": 1, "cases": {}}', "lacks 'tolerances'"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_not_a_result_is_named_and_ends_with_2(document, tmp_path, capsys, text, said):
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(text, "utf-8")
    good.write_text(json.dumps(document), "utf-8")
    for pair in ([bad, good], [good, bad]):
        assert main(["diff", *map(str, pair)]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        told = " ".join(shown.err.split())
        assert f"'{bad}'" in told
        assert said in told
        assert "Traceback" not in told


def test_no_file_and_no_text(tmp_path, capsys):
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    assert main(["diff", str(tmp_path / "absent.json"), str(tmp_path / "picture")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    assert main(["diff", str(tmp_path / "picture"), str(tmp_path / "picture")]) == 2
    assert "is not text" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(verdict="splendid"), "'splendid' is not a valid Verdict"),
        (lambda r: r.update(tolerance="unheard of"), "lacks 'unheard of'"),
        (lambda r: r["expected"].update(dim=[99]), "does not fit"),
    ],
)
def test_a_file_that_was_altered(document, tmp_path, capsys, change, said):
    altered = copy.deepcopy(document)
    change(altered["results"][0])
    path = tmp_path / "altered.json"
    path.write_text(json.dumps(altered), "utf-8")
    assert main(["diff", str(path), str(path)]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_results_of_before_tolerances_were_stated_are_read(document, tmp_path):
    older = {k: v for k, v in document.items() if k not in ("tolerances", "data")}
    path = tmp_path / "older.json"
    path.write_text(json.dumps(older), "utf-8")
    assert read_run(path).tolerances["deterministic"].relative == 1e-10


# Movement, against its definition

OPTIMUM = load_tolerances()["optimum"]
TIGHT = Tolerance("tight", "t", 0.0, 1e-10, "column", "a test")


def named(theta, criterion):
    return Value.of({"theta1": theta, "criterion": criterion})


def test_a_criterion_does_not_forgive_the_theta_beside_it():
    # A thousandth of the whole value, 1743.6, would allow theta any move at all.
    moved = movement(named(0.9, 1743.6), named(0.95, 1743.6), OPTIMUM)
    assert moved.where == "[theta1]"
    assert moved.use == pytest.approx(0.05 / (1e-3 + 1e-3 * 0.9))


def test_a_criterion_is_held_to_its_own_tolerance():
    moved = movement(named(0.9, 1743.6), named(0.9, 1743.60001), OPTIMUM)
    assert moved.where == "[criterion]"
    assert moved.use == pytest.approx(1e-5 / 1e-6, rel=1e-3)


def test_a_move_of_zero_to_something_is_measured_by_the_column():
    moved = movement(Value.of([0.0, 10.0]), Value.of([2e-9, 10.0]), TIGHT)
    assert moved.use == pytest.approx(2.0)
    assert moved.where == "[1]"


@pytest.mark.parametrize("scale", ["element", "column", "value"])
def test_a_summary_never_moves_further_than_the_farthest_element(scale):
    rng = np.random.default_rng(7)
    tolerance = Tolerance("t", "t", 1e-9, 1e-6, scale, "a test")
    for _ in range(50):
        before = Value.of(rng.normal(size=(30, 3)) * [1, 100, 1e-3])
        after = Value.of(before.numbers + rng.normal(size=(30, 3)) * 1e-6)
        step = np.abs(after.numbers - before.numbers).max(axis=0)
        one, other = sketch_of(before).summaries.numbers, sketch_of(after).summaries.numbers
        assert (np.abs(one - other) <= step + 1e-15).all()
        whole = movement(before, after, tolerance)
        brief = movement(sketch_of(before), after, tolerance)
        assert brief is None or brief.use <= whole.use * (1 + 1e-9)


def test_a_sketch_sees_one_element_an_order_and_a_name():
    value = Value.of(np.arange(1.0, 23.0))
    moved = value.numbers.copy()
    moved[7] += 1e-6
    seen = movement(sketch_of(value), Value.of(moved), TIGHT)
    assert seen.beyond
    assert seen.where.strip("[]").split(",")[0] in SUMMARIES
    swapped = Value.of(value.numbers[[1, 0, *range(2, 22)]])
    assert movement(sketch_of(value), swapped, TIGHT).beyond
    relabelled = Value.of(value.numbers, [f"n{i}" for i in range(22)])
    problem = movement(sketch_of(value), relabelled, TIGHT)
    assert problem.use == math.inf
    assert "names" in problem.problem
    holed = value.numbers.copy()
    holed[3] = np.nan
    assert "1 missing" in movement(sketch_of(value), Value.of(holed), TIGHT).problem


def test_two_snapshots_in_python(document, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document), "utf-8")
    drift = changes_between(read_run(path), read_run(path))
    assert not drift.regressed
    assert drift.of_kind(Kind.REGRESSION) == []
