"""The code that shows each deviation: what R, recorded or live, and pybootmlm make of it.

These are the tests that fail when R changes its behaviour, and when ours is not right. The
expected values come from R: under versions without the defect, or by the code of `right_in_r`,
by which R finds the right value in another way. bootmlm is in no Linux distribution; where it is
not installed its entries are held to the record of several R versions, and say so.
"""

import json
from dataclasses import replace

import pytest

from parity.deviations import load_deviations
from parity.errors import OracleError, RecordedError, RUnavailableError
from parity.shown.example import Example
from parity.shown.in_python import run_python
from parity.shown.in_r import RunInR, run_in_r
from parity.shown.outcome import Outcome, judge_python, judge_r
from parity.shown.record import read_runs, recorded_path, write_run
from parity.shown.said import Said, Shown
from parity.shown.survey import from_record, survey
from parity.versions import version_key

ENTRIES = {entry.id: entry for entry in load_deviations()}


@pytest.mark.parametrize("name", ENTRIES)
def test_pybootmlm_gives_the_right_value(name):
    entry = ENTRIES[name]
    judged = judge_python(entry, run_python(entry.example.python))
    assert judged.outcome is not Outcome.STALE, judged.reason
    assert (judged.outcome is Outcome.RIGHT) == (entry.group != "followed")


def has(environment, needs):
    """Say whether an R has packages, of the versions asked for."""
    return all(
        name in environment and version_key(environment[name]) >= version_key(version)
        for name, version in needs.items()
    )


@pytest.mark.parametrize("name", ENTRIES)
def test_every_recorded_r_says_what_the_entry_says(name):
    entry, runs = ENTRIES[name], read_runs()
    able = [run for run in runs if has(run.environment, entry.example.needs)]
    found = from_record(entry, runs)
    assert [run.described for run, _ in found] == [run.described for run in able], (
        "recorded with other code: record again"
    )
    for run, judged in found:
        assert judged.outcome is not Outcome.STALE, f"{run.described}: {judged.reason}"
    assert any(judged.outcome is Outcome.SHOWN for _, judged in found)


def test_the_record_holds_versions_with_and_without_each_bounded_defect():
    runs = read_runs()
    for entry in ENTRIES.values():
        if any(bounds != ">=0" for bounds in entry.packages.values()):
            outcomes = {judged.outcome for _, judged in from_record(entry, runs)}
            # Before its package could do it at all there was nothing to get right.
            both = {Outcome.SHOWN} if entry.example.since else {Outcome.SHOWN, Outcome.RIGHT}
            assert outcomes == both, entry.id


@pytest.fixture(scope="module")
def surveyed():
    """Every example in the R at hand; the record speaks for packages that it lacks."""
    found, run = survey(tuple(ENTRIES.values()))
    return {one.entry.id: one for one in found}, run


@pytest.mark.live_r
@pytest.mark.parametrize("name", ENTRIES)
def test_this_r_says_what_the_entry_says(name, surveyed):
    found, run = surveyed
    one = found[name]
    assert one.r.outcome is not Outcome.STALE, f"{one.origin}: {one.r.reason}"
    if one.origin != "live":
        assert one.origin.startswith("recorded")
        assert one.origin.endswith(f"this R has no {run.lacks[name]}")


@pytest.mark.live_r
def test_lme4_and_r_are_asked_live_wherever_there_is_an_r(surveyed):
    found, _ = surveyed
    there = {"lme4", "nlme", "numDeriv", "boot"}  # what every R of ours has
    for name, one in found.items():
        example = ENTRIES[name].example
        if set(example.needs) <= there and not example.since:
            assert one.origin == "live"


@pytest.mark.live_r
def test_no_example_sees_what_another_left_behind():
    code = "if (exists('left')) 1 else { left <- TRUE; library(lme4); 0 }"
    seen = "as.numeric('package:lme4' %in% search())"
    run = run_in_r({"one": example(code, seen), "two": example(code, seen)})
    assert [run.shown[name].r.value for name in ("one", "two")] == [(0.0,), (0.0,)]
    assert run.shown["one"].right == run.shown["two"].right


@pytest.mark.live_r
def test_the_end_of_r_in_the_middle_names_the_example():
    with pytest.raises(OracleError, match="in the middle of the example 'two'"):
        run_in_r({"one": example("1"), "two": example("quit(save = 'no')"), "three": example("3")})


@pytest.mark.live_r
def test_a_package_that_is_not_there_is_named_and_an_error_is_told():
    codes = {"a": example("library(notthere); 1"), "b": example("stop('no ', 'luck')")}
    codes["c"] = example("library(lme4); 1", since={"lme4": "99.1"})
    run = run_in_r(codes)
    assert run.lacks == {"a": "notthere", "c": "lme4 99.1 or newer"}
    assert run.shown["b"].r.error == "no luck"


@pytest.mark.live_r
def test_numbers_texts_and_truth_values_come_back_as_they_are():
    codes = {"n": "c(0.1, NA, -Inf)", "t": "c('a\\\"b', 'ä')", "l": "c(TRUE, FALSE)"}
    run = run_in_r({name: example(code) for name, code in codes.items()})
    assert str(run.shown["n"].r.value) == "(0.1, nan, -inf)"
    assert run.shown["t"].r.value == ('a"b', "ä")
    assert run.shown["l"].r.value == (True, False)
    for shown in run.shown.values():
        assert str(Shown.from_json(json.loads(json.dumps(shown.to_json())))) == str(shown)


def test_a_command_that_starts_no_r_is_named():
    with pytest.raises(RUnavailableError, match="no command 'no-such-r'"):
        run_in_r({"a": example("1")}, "no-such-r")


# What must fail. `right` of these is 2, `wrong` is 1.


def example(code="1", right="2", **fields):
    given = {"wrong": (1.0,), "right": (2.0,), "python": "2", "right_in_r": right, **fields}
    return Example(r=code, **given)


def entry(**fields):
    base = replace(ENTRIES["lme4-refit-reml-df"], packages={"lme4": "<1.1.33"}, example=example())
    return replace(base, **fields)


def said(value, right=2.0):
    return Shown(Said((value,), ("",)), Said((right,), ("",)))


OLD, NEW = {"lme4": "1.1.31"}, {"lme4": "1.1.37"}


@pytest.mark.parametrize(
    ("shown", "versions", "outcome"),
    [
        (said(1.0), OLD, Outcome.SHOWN),
        (said(2.0), NEW, Outcome.RIGHT),
        (said(2.0), OLD, Outcome.STALE),  # R was corrected, and the entry does not know
        (said(1.0), NEW, Outcome.STALE),  # R has it again, or still
        (said(1.5), OLD, Outcome.STALE),
        (said(1.0, right=2.1), OLD, Outcome.STALE),
        (Shown(Said(error="object not found"), Said((2.0,))), OLD, Outcome.STALE),
        (Shown(Said((1.0,)), Said(error="stopped")), OLD, Outcome.STALE),
        (said(1.0), {}, Outcome.STALE),
    ],
)
def test_r_must_be_wrong_under_its_versions_and_right_under_others(shown, versions, outcome):
    assert judge_r(entry(), shown, versions).outcome is outcome


def test_what_varies_may_be_either_and_nothing_else():
    varies = entry(example=example(varies="the locale decides"))
    assert judge_r(varies, said(1.0), OLD).outcome is Outcome.SHOWN
    assert judge_r(varies, said(2.0), OLD).outcome is Outcome.RIGHT
    assert judge_r(varies, said(1.5), OLD).outcome is Outcome.STALE


def test_pybootmlm_must_be_right_and_where_it_follows_r_wrong():
    assert judge_python(entry(), (1.0,)).outcome is Outcome.STALE
    assert judge_python(entry(), (2.0,)).outcome is Outcome.RIGHT
    assert judge_python(entry(group="followed"), (2.0,)).outcome is Outcome.STALE
    assert judge_python(entry(group="followed"), (1.0,)).outcome is Outcome.SHOWN


def test_an_altered_record_is_not_used(tmp_path):
    path = tmp_path / "deviations.json"
    text = recorded_path().read_text("utf-8")
    path.write_text(text.replace("1751.947", "1751.948", 1), "utf-8")
    with pytest.raises(RecordedError, match="is not the file that was recorded"):
        read_runs(path)
    with pytest.raises(RecordedError, match="is missing"):
        read_runs(tmp_path / "none.json")


def test_a_record_of_other_code_is_not_used():
    one = ENTRIES["bootmlm-seed-null"]
    changed = replace(one, example=replace(one.example, r=one.example.r + "\n"))
    assert from_record(changed, read_runs()) == []


def test_a_run_replaces_that_of_the_same_versions_and_leaves_others(tmp_path):
    path, examples = tmp_path / "deviations.json", {"one": example()}
    for version, number in (("1.1.31", 1.0), ("1.1.37", 2.0), ("1.1.31", 3.0)):
        environment = {"R": "4.2.2", "lme4": version}
        write_run(RunInR(environment, {"one": said(number)}), examples, path)
    kept = {run.environment["lme4"]: run.shown["one"].r.value for run in read_runs(path)}
    assert kept == {"1.1.31": (3.0,), "1.1.37": (2.0,)}
