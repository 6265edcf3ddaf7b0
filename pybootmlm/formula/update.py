"""A formula changed by another in which ``.`` stands for what was there (R's ``update``)."""

import re

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula.bars import split_bars
from pybootmlm.formula.expression import label
from pybootmlm.formula.expression_parser import parse_expression
from pybootmlm.formula.marks import formula_error
from pybootmlm.formula.parse import parse_formula
from pybootmlm.formula.structure import UNSTRUCTURED, Structure, cut_structures
from pybootmlm.formula.terms import Summand, summands, term_set
from pybootmlm.formula.tokens import Piece, pieces_of

# What stands for the dot while a formula is read: one letter, so that spans stay where they are.
_OLD = "\N{GREEK CAPITAL REVERSED DOTTED LUNATE SIGMA SYMBOL}"
# Name of what stands for a random term or an offset.
_KEPT = "KEPT_TERM__"
_DOT = re.compile(r"(?<![\w.`])\.(?![\w.`])")
_SPACED = {"+", "-", "*", "|", "||", "%in%"}


def update_formula(old: str, new: str) -> str:
    """
    Change the formula `old` as `new` says.

    A dot on the left of `new` is the old response; a dot on the right, all old terms. Terms are
    expanded and ordered as R does it: by degree, then as written, offsets after them. Random terms
    can be added and removed like others; one is removed if it is written as it was.

    Parameters
    ----------
    old, new : str
        Formulas; `new` may lack its left side.

    Returns
    -------
    str

    Raises
    ------
    FormulaError
        `new` cannot be read, or nothing random is left.

    Examples
    --------
    >>> update_formula("y ~ a * b + (1 | g)", ". ~ . - a:b")
    'y ~ a + b + (1 | g)'
    >>> update_formula("y ~ a + (1 | g)", "log(.) ~ . + x - (1 | g) + (x | g)")
    'log(y) ~ a + x + (x | g)'
    """
    was = parse_formula(old)
    if not isinstance(new, str) or not new.strip():
        raise FormulaError(f"the new formula must be text such as '. ~ . - x'; got {new!r}")
    left, tilde, right = new.rpartition("~")
    if not tilde:
        left, right = ".", new
    left = _DOT.sub(label(was.response), left.strip() or ".")
    response = left if "~" in left else label(parse_expression(left))
    try:
        right = _right_side(_parenthesised(was.text), _DOT.sub(_OLD, right.strip()))
    except FormulaError as error:
        raise FormulaError(str(error).replace(_OLD, ".")) from None
    return parse_formula(f"{response} ~ {right}").text


def _parenthesised(old: str) -> str:
    """Right side of a formula; ``1 | g`` gets the parentheses that lme4's examples leave out."""
    right = old.split("~", 1)[1].strip()
    return f"({right})" if _outside(pieces_of(cut_structures(right)[0])) else right


def _right_side(old: str, new: str) -> str:
    kept: dict[str, str] = {}
    before = " ".join(_summands(old, kept)).removeprefix("+ ")
    was = term_set(before, pieces_of(before))
    every = " + ".join(":".join(label(was.variables[i]) for i in term) for term in was.terms)
    # A dot that is a summand stands for the old terms; in a product or power, for their sum.
    alone = f"+ {_OLD}"
    spliced = f"+ {every}" if was.intercept else f"+ 0 + {every}"
    parts = [
        spliced if part == alone else part.replace(_OLD, f"({every})")
        for part in _summands(new, kept)
    ]
    text = " ".join(parts).removeprefix("+ ")
    terms = term_set(text, pieces_of(text))
    written: list[str] = []
    offsets: list[str] = []
    for term in terms.terms:
        names = [label(terms.variables[i]) for i in term]
        special = [kept[name] for name in names if name in kept]
        if special and len(names) > 1:
            raise FormulaError(
                f"a random term or an offset can only be added, and this multiplies {special[0]}: "
                f"{new!r}"
            )
        is_offset = bool(special) and special[0].startswith("offset(")
        (offsets if is_offset else written).append(special[0] if special else ":".join(names))
    every_part = written + offsets or (["1"] if terms.intercept else [])
    return " + ".join(every_part) + ("" if terms.intercept else " - 1")


def _summands(text: str, kept: dict[str, str]) -> list[str]:
    """Signed summands, a name in place of each random term and offset; `kept` tells which."""
    plain, structures = cut_structures(text)
    out = []
    for summand in summands(text, pieces_of(plain)):
        sign = "-" if summand.negative else "+"
        structure = structures.get(summand.pieces[0].start, UNSTRUCTURED)
        out.append(f"{sign} {_placeholder(text, summand, kept, structure)}")
    return out


def _placeholder(text: str, summand: Summand, kept: dict[str, str], structure: Structure) -> str:
    pieces = list(summand.pieces)
    start, end = summand.span
    if any(piece.text in ("|", "||") for piece in pieces):
        if pieces[0].kind != "open" or pieces[-1].kind != "close":
            raise formula_error(
                text, start, end, "a random term can only be added: write `+ (x | g)`"
            )
        if not _outside(pieces[1:-1]):  # parentheses around several terms
            inner = " ".join(_summands(text[pieces[0].end : pieces[-1].start], kept))
            return f"({inner.removeprefix('+ ')})"
        split_bars(text, pieces)  # reads it, or says what is wrong with it
        return _name(structure.around(_written(pieces[1:-1])), kept)
    first = pieces[0].expression
    if len(pieces) == 1 and first is not None and label(first).startswith("offset("):
        return _name(label(first), kept)
    return text[start:end]


def _outside(pieces: list[Piece]) -> bool:
    """Whether a bar stands outside all parentheses."""
    depth = 0
    for piece in pieces:
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0 and piece.text in ("|", "||"):
            return True
    return False


def _name(written: str, kept: dict[str, str]) -> str:
    for name, other in kept.items():
        if other == written:
            return name
    name = f"{_KEPT}{len(kept) + 1}"
    kept[name] = written
    return name


def _written(pieces: list[Piece]) -> str:
    """Pieces as R would print them."""
    text = "".join(f" {p.text} " if p.text in _SPACED else p.text for p in pieces)
    return re.sub(r"\s+", " ", re.sub(r"(^|\(|[-+|] ) ([-+]) ", r"\1\2", text)).strip()
