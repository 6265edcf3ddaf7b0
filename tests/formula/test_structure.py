"""Covariance structures in formulas: read, written, updated, and refused by name."""

import re

import pytest

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula import Structure, parse_formula
from pybootmlm.formula.structure import UNSTRUCTURED, cut_structures
from pybootmlm.formula.update import update_formula


@pytest.mark.parametrize(
    ("term", "structure"),
    [
        ("(x | g)", UNSTRUCTURED),
        ("us(x | g)", UNSTRUCTURED),
        ("diag(x | g)", Structure("diag", False)),
        ("diag(x | g, hom = TRUE)", Structure("diag", True)),
        ("cs(x | g)", Structure("cs", False)),
        ("cs( x|g ,het=F )", Structure("cs", True)),
        ("cs (x | g, hom=T)", Structure("cs", True)),
        # As in lme4 2: homogeneous unless told otherwise.
        ("ar1(0 + f | g)", Structure("ar1", True)),
        ("ar1(0 + f | g, hom = FALSE)", Structure("ar1", False)),
        ("ar1(0 + factor(t) | g, het = TRUE)", Structure("ar1", False)),
        ("(cs(x | g))", Structure("cs", False)),
    ],
)
def test_a_structure_is_read(term: str, structure: Structure):
    for formula in (f"y ~ x + {term}", f"y ~ {term} + x", f"y ~ (1 | h) + {term} + x"):
        model = parse_formula(formula)
        (bar,) = (bar for bar in model.bars if bar.grouping.name == "g")
        assert bar.structure == structure
        assert model.fixed_text == "y ~ x"
        # What is shown is what was written.
        assert model.text == re.sub(r"\s+", " ", formula)


def test_terms_keep_their_own_structures():
    model = parse_formula("y ~ cs(1 + x | a/b, hom = TRUE) + ar1(0 + f | g) + (1 | h)")
    found = [(bar.grouping.name, bar.structure.name) for bar in model.bars]
    assert found == [("b:a", "cs"), ("a", "cs"), ("g", "ar1"), ("h", "us")]
    assert model.bars[0].structure.homogeneous


def test_what_only_looks_like_one():
    assert cut_structures("y ~ `cs(x | g)` + (1 | g)")[1] == {}
    assert cut_structures("y ~ mycs(x) + a.cs(x) + (1 | g)")[1] == {}


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("y ~ cs(x || g)", "cuts a term into several"),
        ("y ~ us(x | g, hom = TRUE)", r"`us\(\)` has no options"),
        ("y ~ cs(x | g, rho = 1)", r"the option of `cs\(\)` is `hom = TRUE`"),
        ("y ~ cs(x | g, hom = 1)", r"the option of `cs\(\)` is `hom = TRUE`"),
        ("y ~ ar1(x | g, )", r"the option of `ar1\(\)` is"),
        ("y ~ cs(| g)", "the left side of the bar is empty"),
        ("y ~ cs(x |)", "the right side of the bar is empty"),
        ("y ~ z * cs(x | g)", "can only be added"),
        ("y ~ z - cs(x | g)", "can only be added"),
        ("y ~ cs(x | g", "never closed"),
        ("y ~ toep(x | g)", "."),
    ],
)
def test_what_cannot_be_one_is_refused(formula: str, says: str):
    with pytest.raises(FormulaError, match=says) as caught:
        parse_formula(formula)
    # The formula stands in the message as it was written.
    assert formula in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("y ~ x + cs(x | g)", ". ~ . + z", "y ~ x + cs(x | g) + z"),
        ("y ~ x + cs(x | g, hom=T)", ". ~ . - x", "y ~ cs(x | g, hom = TRUE)"),
        ("y ~ x + cs(x | g)", ". ~ . - cs(x|g) + diag(x | g)", "y ~ x + diag(x | g)"),
        ("y ~ x + (x | g)", ". ~ . - (x | g) + ar1(0 + f | g)", "y ~ x + ar1(0 + f | g)"),
    ],
)
def test_a_formula_is_updated(old: str, new: str, expected: str):
    assert update_formula(old, new) == expected


def test_another_structure_is_another_term():
    """Taking away what is not there leaves what is."""
    assert update_formula("y ~ x + cs(x | g)", ". ~ . - (x | g)") == "y ~ x + cs(x | g)"
