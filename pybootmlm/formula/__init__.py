"""Formula text to terms. Nothing in this layer knows any data."""

from pybootmlm.formula.bars import Bar, Grouping
from pybootmlm.formula.expression import Expression, column_names, label
from pybootmlm.formula.parse import ModelFormula, parse_formula
from pybootmlm.formula.structure import Structure
from pybootmlm.formula.terms import TermSet

__all__ = [
    "Bar",
    "Expression",
    "Grouping",
    "ModelFormula",
    "Structure",
    "TermSet",
    "column_names",
    "label",
    "parse_formula",
]
