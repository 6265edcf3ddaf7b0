"""Requirements: every public name has one, every one has evidence, as deep as its risk asks for."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from parity.errors import CaseError
from parity.probes import probe_of
from parity.requirements import Requirement, Risk, load_requirements
from parity.validation.public_names import public_names, without_requirement
from parity.validation.risk import depth, priority, risk_class
from parity.validation.traceability import kind_of_test

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def requirements():
    return load_requirements()


def kinds_of(requirement, requirements, catalogue):
    """Kinds of evidence that the tables promise: as the report counts them when it has run."""
    kinds = set()
    for case in catalogue:
        probe = probe_of(case.quantity)
        if case.requirement == requirement.id:
            printed = probe.package == "published"
            neither = probe.judge in ("independent", "fifty_digits")
            kinds.add("print" if printed else "independent" if neither else "R")
    kinds |= {kind_of_test(node) for node in requirement.tests}
    if any(requirements[guard].id for guard in requirement.guards):
        kinds.add("guard")
    return kinds


def test_every_public_name_has_a_requirement(requirements):
    missing = without_requirement(requirements.values())
    assert missing == (), f"parity/tables/requirements.toml has no requirement for {missing}"


def test_a_name_without_requirement_is_seen(requirements):
    taken = {"LmerFit.hat", "boot_ci"}
    others = [
        replace(r, code=tuple(name for name in r.code if name not in taken))
        for r in requirements.values()
    ]
    assert set(without_requirement(others)) == taken


def test_fits_and_bootstraps_are_covered_attribute_by_attribute(requirements):
    named = {name for requirement in requirements.values() for name in requirement.code}
    assert not named & {"LmerFit", "BootResult", "RStream"}
    assert {"LmerFit.fixef", "BootResult.t", "RStream.runif", "bootstrap_mer"} <= named


def test_code_units_exist(requirements):
    known = set(public_names()) | {name.partition(".")[0] for name in public_names()}
    for requirement in requirements.values():
        assert requirement.code, requirement.id
        assert set(requirement.code) <= known, (requirement.id, set(requirement.code) - known)


def test_everything_is_filled_in(requirements):
    for requirement in requirements.values():
        for field in ("text", "source", "acceptance", "harm"):
            assert getattr(requirement, field).strip(), (requirement.id, field)
        assert set(requirement.guards) <= set(requirements), requirement.id
        assert requirement.id not in requirement.guards


def test_every_requirement_has_cases_or_named_tests(requirements, catalogue):
    cases = Counter(case.requirement for case in catalogue)
    assert set(cases) <= set(requirements)
    for requirement in requirements.values():
        assert cases[requirement.id] or requirement.tests, requirement.id


def test_the_evidence_is_as_deep_as_the_risk_asks_for(requirements, catalogue):
    cases = Counter(case.requirement for case in catalogue)
    for requirement in requirements.values():
        asked = depth(requirement.risk)
        pieces = cases[requirement.id] + len(requirement.tests)
        kinds = kinds_of(requirement, requirements, catalogue)
        assert pieces >= asked.pieces, (requirement.id, pieces, asked)
        assert len(kinds) >= asked.kinds, (requirement.id, kinds, asked)


def test_named_tests_exist(requirements):
    for requirement in requirements.values():
        for node in requirement.tests:
            path, *inner = node.split("::")
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            for name in inner:
                found = [
                    item
                    for item in ast.walk(tree)
                    if isinstance(item, ast.FunctionDef | ast.ClassDef) and item.name == name
                ]
                assert found, node


def test_an_unknown_level_or_key_is_refused(tmp_path):
    path = tmp_path / "requirements.toml"
    path.write_text('[a]\ntext = "t"\nsource = "s"\nrisk = { impact = "huge" }\n')
    with pytest.raises(CaseError, match=r"'a' cannot be read: risk: `impact` must be one of low"):
        load_requirements(path)
    path.write_text('[a]\ntext = "t"\nsource = "s"\ncolour = "red"\n')
    with pytest.raises(CaseError, match="unexpected keyword argument 'colour'"):
        load_requirements(path)
    path.write_text("[a]\n[a]\n")
    with pytest.raises(CaseError, match=r"requirements\.toml is not TOML"):
        load_requirements(path)


def test_what_nobody_assessed_counts_as_the_worst():
    unassessed = Requirement("a", "t", "s")
    assert priority(unassessed.risk) == "high"
    assert depth(unassessed.risk).kinds == 2


@pytest.mark.parametrize(
    ("levels", "number", "expected"),
    [
        (("high", "high", "low"), 1, "high"),
        (("high", "medium", "high"), 1, "medium"),
        (("high", "low", "low"), 2, "high"),
        (("medium", "medium", "medium"), 2, "medium"),
        (("low", "high", "high"), 2, "low"),
        (("medium", "low", "low"), 3, "medium"),
        (("low", "low", "medium"), 3, "low"),
    ],
)
def test_gamp_s_two_tables(levels, number, expected):
    """GAMP 5, appendix M3: severity by probability gives the class, with detection the priority."""
    assert risk_class(Risk(*levels)) == number
    assert priority(Risk(*levels)) == expected
