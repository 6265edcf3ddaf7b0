"""Every scope of every deviation: explained by its proof, and by nothing else.

For each scope the first case that it concerns (of the recorded ones) is decided: with the table it
is explained, without it fails, and with an error of ours beside R's it fails too.
"""

from dataclasses import replace

import numpy as np
import pytest

from parity.cases import load_cases
from parity.deviations import Claim, claims_on, load_deviations
from parity.errors import CaseError, RError
from parity.proofs import PROOFS
from parity.verdict import Verdict

# Bootstraps are recorded under an lme4 that refits rightly; test_live_boot_mer.py has the other.
ENTRIES = {entry.id: entry for entry in load_deviations()}
SCOPES = [
    pytest.param(entry, scope, id=f"{entry.id}-{i}")
    for entry in ENTRIES.values()
    for i, scope in enumerate(entry.scopes)
]
# Models that are for the grids that name them show something, and are small: they come first.
CASES = sorted(load_cases(), key=lambda case: "by-name" not in getattr(case.model, "tags", ()))


def shown_in(entry, scope, recorded):
    """Return the first recorded case that this scope explains; it may agree in some."""
    for case in CASES:
        if not scope.concerns(case):
            continue
        try:
            answer = recorded.answer(case)
            versions, stopped = answer.versions, ""
        except RError as error:
            versions, stopped = error.versions, str(error)
        if not entry.holds(versions):
            continue
        if bool(stopped) == bool(scope.error) and scope.error in stopped:
            yield case


@pytest.fixture(scope="module")
def decided(recorded, make_runner):
    """Decide the first case of each scope in which the difference shows."""
    found = {}

    def decide(entry, scope):
        if id(scope) not in found:
            runner = make_runner(deviations=(replace(entry, scopes=(scope,)),))
            for case in shown_in(entry, scope, recorded):
                finding = runner.decide(case).finding
                if finding.deviation == entry.id:
                    found[id(scope)] = case, finding
                    break
            else:
                found[id(scope)] = None, None
        return found[id(scope)]

    return decide


def live_only(entry, scope):
    return entry.id == "lme4-refit-reml-df" and "boot_mer" in scope.quantities


@pytest.mark.parametrize(("entry", "scope"), SCOPES)
def test_each_is_explained_and_fails_without_its_entry(entry, scope, decided, make_runner):
    if live_only(entry, scope):
        return
    case, finding = decided(entry, scope)
    assert case is not None, "no recorded case shows it"
    assert finding.verdict is Verdict.EXPLAINED
    assert finding.evidence
    bare = make_runner(deviations=()).decide(case).finding
    # What lme4's optimiser leaves, the judges themselves recognise.
    assert bare.verdict.fails or (scope.sometimes and bare.verdict is Verdict.EXPLAINED)


NO_NUMBERS = {  # proofs that rest on R's numbers alone, or on the absence of them
    "boundary_is_not_stationary",
    "every_refit_on_the_model_frame_is_lost",
    "every_replicate_is_lost",
    "effects_without_variance",
    "r_has_no_answer",
    "residuals_are_not_least",
    "shorter_statistics_are_recycled",
}
PROVED = [
    param
    for param in SCOPES
    if param.values[1].proof not in NO_NUMBERS and not live_only(*param.values)
]


@pytest.mark.parametrize(("entry", "scope"), PROVED)
def test_another_error_beside_it_is_a_mismatch(entry, scope, decided, make_runner, perturbed):
    case, _ = decided(entry, scope)

    def change(quantity, value):
        if quantity == case.quantity:
            numbers = value.numbers.copy()
            numbers.flat[0] += 1e-3 * max(1.0, abs(numbers.flat[0]))
            value = replace(value, numbers=numbers)
        return value

    only = (replace(entry, scopes=(scope,)),)
    finding = make_runner(perturbed(change), deviations=only).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH, finding


REFUSED = [param for param in SCOPES if param.values[1].error]


@pytest.mark.parametrize(("entry", "scope"), REFUSED)
def test_an_error_of_r_excuses_neither_ours_nor_another(
    entry, scope, decided, make_runner, perturbed
):
    case, _ = decided(entry, scope)

    def not_finite(_quantity, value):
        return replace(value, numbers=np.full_like(value.numbers, np.nan))

    def fails(_quantity, _value):
        raise ZeroDivisionError

    assert make_runner(perturbed(not_finite)).decide(case).finding.verdict is Verdict.MISMATCH
    assert make_runner(perturbed(fails)).decide(case).finding.verdict is Verdict.PYTHON_ERROR

    class Otherwise:
        name = "recorded"

        def answer(self, _case):
            raise RError("cannot allocate vector", {"bootmlm": "0.1.1", "lme4": "1.1.37"})

    assert make_runner(oracle=Otherwise()).decide(case).finding.verdict is Verdict.R_ERROR


def test_where_r_answers_after_all_the_entry_is_stale(case_of, make_runner):
    entry = ENTRIES["bootmlm-rescaled-uncorrelated"]
    scope = replace(entry.scopes[0], tags=frozenset({"regular"}))
    case = case_of("sleepstudy-slope/REML/responses/residual_cgr")
    finding = make_runner(deviations=(replace(entry, scopes=(scope,)),)).decide(case).finding
    assert finding.verdict is Verdict.MISMATCH
    assert "stale deviation" in finding.reason


def test_what_shows_sometimes_may_agree(case_of, make_runner):
    entry = ENTRIES["bootmlm-rescaled-uncorrelated"]
    scope = replace(entry.scopes[0], tags=frozenset({"regular"}), sometimes=True)
    case = case_of("sleepstudy-slope/REML/responses/residual_cgr")
    finding = make_runner(deviations=(replace(entry, scopes=(scope,)),)).decide(case).finding
    assert finding.verdict is Verdict.MATCH


def test_an_entry_concerns_the_inputs_and_models_that_it_names(case_of):
    scaled = ENTRIES["bootmlm-rescaled-uncorrelated"].scopes[1]
    assert scaled.concerns(case_of("sleepstudy-uncorrelated/REML/responses/reb-scaled"))
    assert not scaled.concerns(case_of("sleepstudy-uncorrelated/REML/responses/reb"))
    assert not scaled.concerns(case_of("sleepstudy-slope/REML/responses/reb-scaled"))
    named = replace(scaled, models=frozenset({"sleepstudy-*"}), inputs={}, tags=frozenset())
    assert named.concerns(case_of("sleepstudy-slope/REML/responses/reb-scaled"))
    assert not named.concerns(case_of("dyestuff/REML/responses/reb-scaled"))


def test_the_defect_of_refit_is_claimed_for_refits_and_not_for_new_fits(case_of):
    old, new = {"lme4": "1.1.31"}, {"lme4": "1.1.37"}
    refits = ENTRIES["lme4-refit-reml-df"]
    case = case_of("sleepstudy-slope/REML/bootstrap_mer/reb")
    assert refits.claims(case, old)
    assert not refits.claims(case, new)
    assert not refits.claims(case_of("sleepstudy-slope/ML/bootstrap_mer/reb"), old)
    assert not refits.claims(case_of("dyestuff/REML/bootstrap_mer/reb"), old)
    assert not refits.claims(case_of("sleepstudy-slope/REML/bootstrap_case/case"), old)


def test_slips_that_meet_in_one_case_are_emulated_together(case_of, make_runner):
    """Without its other slip each proof fails; the runner makes all that claim the case."""
    case = case_of("sleepstudy-offset/ML/responses/reb")
    both = [
        replace(ENTRIES[name], scopes=(replace(ENTRIES[name].scopes[0], as_r=slips, tags=none),))
        for name, slips, none in (
            ("bootmlm-residual-offset", (), frozenset()),
            ("bootmlm-residual-weights", ("offset",), frozenset()),
        )
    ]
    assert make_runner(deviations=both[:1]).decide(case).finding.verdict is Verdict.MISMATCH
    assert make_runner(deviations=both).decide(case).finding.verdict is Verdict.EXPLAINED


LOST = {
    "every_replicate_is_lost": "sleepstudy-missing/ML/bootstrap_mer/residual",
    "every_refit_on_the_model_frame_is_lost": "sleepstudy-log/ML/bootstrap_case/case",
}


@pytest.mark.parametrize("proof", LOST)
def test_replicates_that_are_not_those_of_their_models_are_a_mismatch(
    proof, case_of, make_runner, perturbed
):
    calls = []

    def change(quantity, value):
        if quantity in ("bootstrap_mer", "bootstrap_case"):
            calls.append(quantity)
            value.numbers[:, 0] += 1e-3 * len(calls)
        return value

    case = case_of(LOST[proof])
    assert make_runner().decide(case).finding.verdict is Verdict.EXPLAINED
    assert make_runner(perturbed(change)).decide(case).finding.verdict is Verdict.MISMATCH


def test_of_several_entries_the_one_that_accounts_for_it_explains(case_of, make_runner):
    case = case_of("sleepstudy-offset/REML/responses/residual_cgr")
    right, other = ENTRIES["bootmlm-residual-offset"], ENTRIES["bootmlm-seed-null"]
    claimed = replace(right.scopes[0], proof="scores_names_in_theta_order", as_r=())
    other = replace(other, scopes=(claimed,))
    finding = make_runner(deviations=(other, right)).decide(case).finding
    assert (finding.verdict, finding.deviation) == (Verdict.EXPLAINED, right.id)
    alone = make_runner(deviations=(other,)).decide(case).finding
    assert alone.verdict is Verdict.MISMATCH
    assert f"the deviation '{other.id}' does not account for it" in alone.reason


def test_a_refit_that_failed_in_r_leaves_the_others_to_be_compared(case_of, make_runner, recorded):
    case = case_of("dyestuff/ML/bootstrap_mer/residual")
    answer = recorded.answer(case)
    numbers, reported = answer.value.numbers.copy(), answer.evidence["reported"].numbers.copy()
    numbers[[2, 5]], reported[[2, 5]] = np.nan, np.nan

    class Lost:
        name = "recorded"

        def __init__(self, values):
            self.values = values

        def answer(self, _case):
            evidence = {
                **answer.evidence,
                "reported": replace(answer.evidence["reported"], numbers=reported),
            }
            value = replace(answer.value, numbers=self.values)
            return replace(answer, value=value, evidence=evidence)

        def judge(self, *_):
            return None

    finding = make_runner(oracle=Lost(numbers)).decide(case).finding
    assert finding.verdict is Verdict.EXPLAINED
    assert "R's refit failed in 2 of 30 replicates" in finding.reason
    wrong = numbers.copy()
    wrong[7, 1] += 1e-3
    assert make_runner(oracle=Lost(wrong)).decide(case).finding.verdict is Verdict.MISMATCH


def test_claims_come_in_the_order_of_the_table(case_of):
    case = case_of("sleepstudy-weighted/REML/scores_mer/level2")
    versions = {"bootmlm": "0.0.1", "lme4": "1.1.31"}
    claims = claims_on(tuple(ENTRIES.values()), case, versions)
    assert [one.deviation.id for one in claims] == ["bootmlm-scores-weights-offset"]
    assert all(isinstance(one, Claim) for one in claims)


def test_every_proof_is_used():
    used = {scope.proof for entry in ENTRIES.values() for scope in entry.scopes}
    assert used == set(PROOFS)


ENTRY = """
[[deviation]]
id = "one"
group = "lme4"
title = "t"
packages.lme4 = ">=0"
cause = "c"
instead = "i"
source = "s"
[deviation.example]
r = "1"
wrong = [1.0]
right = [2.0]
python = "2"
right_in_r = "2"
"""


@pytest.mark.parametrize(
    ("given", "instead", "said"),
    [
        ('group = "lme4"', 'group = "ours"', "`group` of 'one' must be one of"),
        ("right = [2.0]", "right = [1.00001]", "`wrong` and `right` of an example must differ"),
        ('right_in_r = "2"', "", "the reason why there is none"),
        (
            'right_in_r = "2"',
            'right_in_r = "2"\nwhy_not_in_r = "x"',
            "the reason why there is none",
        ),
        ('title = "t"', "", "entry 'one'.*title"),
        ('python = "2"', 'python = "2"\ntypo = 1', "typo"),
    ],
)
def test_an_entry_that_lacks_something_is_refused(tmp_path, given, instead, said):
    path = tmp_path / "deviations.toml"
    path.write_text(ENTRY)
    assert load_deviations(path)[0].id == "one"
    path.write_text(ENTRY.replace(given, instead))
    with pytest.raises(CaseError, match=said):
        load_deviations(path)


def test_the_same_id_twice_is_refused(tmp_path):
    path = tmp_path / "deviations.toml"
    path.write_text(ENTRY + ENTRY)
    with pytest.raises(CaseError, match="must be unique"):
        load_deviations(path)
