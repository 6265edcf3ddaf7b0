"""What an expression of R is: its Python form, and what kind of thing that gives."""

import ast
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of things that analyses consist of, named after what Python has for them."""

    NUMBER = "a number"
    FLAG = "TRUE or FALSE"
    TEXT = "a text"
    TEXTS = "texts"
    ITEMS = "c() of constants"
    VECTOR = "a vector"
    COLUMN = "a column"
    MATRIX = "a matrix"
    TABLE = "a table"
    FRAME = "a data frame"
    GROUPED = "a grouped data frame"
    LIST = "a list"
    FORMULA = "a formula"
    FUNCTION = "a function"
    FIT = "a fit"
    SUMMARY = "a summary"
    BOOT = "a bootstrap"
    INTERVALS = "bootstrap intervals"
    EFFECTS = "random effects"
    VARCORR = "variance components"
    PROFILE = "a profile"
    TESTS = "a table of tests"
    DEVIANCE = "a deviance function"
    INFLUENCE = "an influence object"
    ORDER = "an order of rows"
    ROWS = "numbers of rows"
    NOTHING = "nothing"
    UNKNOWN = "something"


NUMERIC = (Kind.NUMBER, Kind.FLAG, Kind.ITEMS, Kind.VECTOR, Kind.COLUMN, Kind.MATRIX, Kind.TABLE,
           Kind.UNKNOWN)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """An expression in Python.

    Attributes
    ----------
    code
        The expression.
    source
        Of a column: the frame it is of, so that columns of two frames are not aligned by labels.
    columns
        Of a frame: its columns, if they are known.
    keys
        Of a grouped frame: what it is grouped by.
    gives
        Of a function: what it returns.
    length
        How many numbers it is, if that is known; of a function, how many it returns.
    parts
        Of an order of rows: the columns, and whether each falls. Of a list: its elements' kinds.
    factor
        Of a column: whether it is known to be a factor.
    """

    code: ast.expr
    kind: Kind
    source: str = ""
    columns: frozenset[str] | None = None
    keys: tuple[str, ...] = ()
    gives: Kind = Kind.UNKNOWN
    length: int | None = None
    parts: "tuple[tuple[ast.expr, bool], ...]" = ()
    factor: bool = False

    def with_code(self, code: ast.expr) -> "Meaning":
        """The same thing under another name."""
        return replace(self, code=code)


class Untranslatable(Exception):  # noqa: N818 - the reason is its name
    """An expression has no translation that is sure to mean the same; says why."""
