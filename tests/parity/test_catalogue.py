"""Cases, tolerances, requirements and deviations, as tables that must fit together."""

import inspect

import pytest

import pybootmlm
from parity.cases import load_cases, select_cases
from parity.deviations import load_deviations
from parity.errors import CaseError
from parity.paths import r_reference_folder
from parity.probes import PROBES, probe_of
from parity.proofs import proof_of
from parity.requirements import load_requirements
from parity.tolerances import Tolerance, load_tolerances
from parity.versions import in_range


def test_every_case_names_what_exists(catalogue):
    tolerances, requirements = load_tolerances(), load_requirements()
    for case in catalogue:
        assert case.tolerance in tolerances, case.id
        assert case.requirement in requirements, case.id
        assert case.quantity in PROBES, case.id


def test_every_probe_and_tolerance_has_a_case(catalogue):
    # A requirement may rest on named tests instead: tests/parity/test_requirements.py.
    assert {case.requirement for case in catalogue} <= set(load_requirements())
    assert {case.quantity for case in catalogue} == set(PROBES)
    assert {case.tolerance for case in catalogue} == set(load_tolerances())


def test_every_public_function_of_bootmlm_has_a_requirement():
    shared = {"lmer", "load_dataset", "list_datasets"}  # lmer.* and the tests of datasets
    functions = {
        name
        for name in pybootmlm.__all__
        if inspect.isfunction(getattr(pybootmlm, name)) and name not in shared
    }
    from_bootmlm = {"devfun_mer", "devfun_mer2", "vcov_theta", "vcov_vc", "scores_mer"}
    from_bootmlm |= {"empinf_mer", "empinf_merm", "prof_ci_icc", "solve_eigen_sqrt"}
    assert from_bootmlm <= functions
    assert from_bootmlm <= set(load_requirements())


def test_the_issue_s_models_are_all_there(catalogue):
    seen = {(case.model.data, case.model.reml) for case in catalogue if case.model is not None}
    for data in ("Dyestuff", "pop_syn", "hsb", "sleepstudy", "Penicillin", "Pastes"):
        assert {(data, True), (data, False)} <= seen


def test_every_probe_has_its_r_function():
    source = "".join(path.read_text("utf-8") for path in r_reference_folder().glob("*.R"))
    for name, probe in PROBES.items():
        if probe.asks_r:
            assert f"quantity_{name} <- " in source


def test_every_deviation_concerns_a_case_and_has_its_proof(catalogue):
    for entry in load_deviations():
        for scope in entry.scopes:
            assert any(scope.concerns(case) for case in catalogue), (entry.id, scope)
            assert callable(proof_of(scope.proof))


def test_the_digest_depends_on_the_question(case_of):
    ids = ["90", "95", "99"]
    digests = {case_of(f"dyestuff/REML/prof_ci_icc/{level}").digest for level in ids}
    assert len(digests) == len(ids)


def test_a_glob_that_fits_nothing_says_so(catalogue):
    with pytest.raises(CaseError, match=r"`--case nothing\*` fits none of the \d+ cases"):
        select_cases(catalogue, ["nothing*"])
    assert {c.quantity for c in select_cases(catalogue, ["hsb-slope/*/vcov"])} == {"vcov"}


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ('requirement="r"\nquantity="q"\ntolerance="t"\ntypo=1', r"unknown keys \['typo'\]"),
        ('requirement="r"\nquantity="q"', r"lacks \['tolerance'\]"),
        ('requirement="r"\nquantity="q"\ntolerance="t"\ntags=["none"]', "fits no model"),
    ],
)
def test_a_wrong_case_file_is_refused(tmp_path, grid, said):
    (tmp_path / "models.toml").write_text('[[model]]\nid="m"\ndata="d"\nformula="y ~ (1 | g)"\n')
    (tmp_path / "some.toml").write_text(f"[[grid]]\n{grid}\n")
    with pytest.raises(CaseError, match=said):
        load_cases(tmp_path)


def test_the_same_id_twice_is_refused(tmp_path):
    (tmp_path / "models.toml").write_text('[[model]]\nid="m"\ndata="d"\nformula="y ~ (1 | g)"\n')
    grid = '[[grid]]\nrequirement="r"\nquantity="q"\ntolerance="t"\n'
    (tmp_path / "some.toml").write_text(grid + grid)
    with pytest.raises(CaseError, match="m/REML/q"):
        load_cases(tmp_path)


def test_unknown_quantities_proofs_and_scales_are_named():
    with pytest.raises(CaseError, match="there is no quantity 'nope'; probes are all_fit"):
        probe_of("nope")
    with pytest.raises(CaseError, match="names the proof 'nope'"):
        proof_of("nope")
    with pytest.raises(CaseError, match="`scale` must be one of"):
        Tolerance("t", "test", 0.0, 0.0, "rows", "because")
    with pytest.raises(CaseError, match="has no reason"):
        Tolerance("t", "test", 0.0, 0.0, "element", "  ")


@pytest.mark.parametrize(
    ("version", "bounds", "inside"),
    [
        ("1.1.31", "<1.1.33", True),
        ("1.1-33", "<1.1.33", False),
        ("1.1.4", "<1.1.33", True),
        ("2.0", ">=1.1, <2", False),
        ("1.9.9", ">=1.1, <2", True),
        ("1.1", "==1.1.0", True),
        ("1.2", ">1.2", False),
        ("1.2", "<=1.2", True),
    ],
)
def test_version_ranges(version, bounds, inside):
    assert in_range(version, bounds) is inside


def test_a_malformed_range_is_refused():
    with pytest.raises(CaseError, match="must read like"):
        in_range("1.0", "~1.0")
