"""The whole formula: response, fixed terms, offsets and random terms. Knows no data."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pybootmlm.exceptions import FormulaError
from pybootmlm.formula.bars import Bar, split_bars
from pybootmlm.formula.expression import Call, Expression, bound_arguments, column_names, label
from pybootmlm.formula.expression_parser import parse_expression
from pybootmlm.formula.marks import formula_error
from pybootmlm.formula.structure import cut_structures
from pybootmlm.formula.terms import Summand, TermSet, summands, term_set
from pybootmlm.formula.tokens import Piece, pieces_of


@dataclass(frozen=True, slots=True)
class ModelFormula:
    """
    A mixed-model formula, read.

    Attributes
    ----------
    text : str
        As given, runs of blanks made one.
    response : Expression
        Left of ``~``.
    fixed : TermSet
        The fixed-effects terms, offsets left out.
    offsets : tuple of Expression
        The arguments of the ``offset()`` terms.
    bars : tuple of Bar
        The random terms after expansion, in lme4's order of reading.
    fixed_text : str
        The formula without its random terms, ``"Reaction ~ Days"``.
    """

    text: str
    response: Expression
    fixed: TermSet
    offsets: tuple[Expression, ...]
    bars: tuple[Bar, ...]
    fixed_text: str

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Everything that must be evaluated: response, predictors, offsets, groups."""
        found = [self.response, *self.fixed.variables, *self.offsets]
        for bar in self.bars:
            found += [*bar.terms.variables, *bar.grouping.variables]
        return tuple(dict.fromkeys(found))

    @property
    def columns(self) -> tuple[str, ...]:
        """The data columns that the formula reads, in order of appearance."""
        names = [name for expression in self.expressions for name in column_names(expression)]
        return tuple(dict.fromkeys(names))


def parse_formula(formula: str) -> ModelFormula:
    """
    Read an lme4 formula.

    Parameters
    ----------
    formula : str
        ``"response ~ fixed terms + (random terms | grouping factor)"``.

    Returns
    -------
    ModelFormula

    Raises
    ------
    FormulaError
        The message shows the formula with the faulty span underlined.

    Examples
    --------
    >>> model = parse_formula("log(y) ~ x + (x || g)")
    >>> model.columns, model.fixed_text, [bar.grouping.name for bar in model.bars]
    (('y', 'x', 'g'), 'log(y) ~ x', ['g', 'g'])
    """
    if not isinstance(formula, str):
        raise FormulaError(
            f"`formula` must be text such as 'y ~ x + (1 | g)'; got {type(formula).__name__}"
        )
    try:
        return _parsed(formula)
    except RecursionError as error:
        raise FormulaError("`formula` is nested too deeply: put parts of it in columns") from error


@lru_cache(maxsize=256)
def _parsed(formula: str) -> ModelFormula:
    text = re.sub(r"`[^`]*`|\s+", lambda m: m[0] if m[0][0] == "`" else " ", formula.strip())
    if not text:
        raise FormulaError("`formula` is empty: write 'y ~ x + (1 | g)'")
    plain, structures = cut_structures(text)
    pieces = pieces_of(plain)
    tilde = _tilde(text, pieces)
    response = parse_expression(text, 0, pieces[tilde].start)
    if isinstance(response, Call) and response.function == "offset":
        raise formula_error(
            text, 0, pieces[tilde].start, "`offset()` belongs to the right side: `y ~ offset(x)`"
        )
    fixed_pieces, bars = split_bars(text, pieces[tilde + 1 :], structures)
    if not bars:
        raise formula_error(
            text,
            pieces[tilde + 1].start,
            len(text),
            "the model has no random term: add one such as `(1 | g)`, or use a linear model "
            "(statsmodels' OLS, R's lm) if there are no groups",
        )
    offsets: list[Expression] = []
    terms: list[Piece] = []
    for summand in summands(text, fixed_pieces):
        _check_no_response(text, summand, label(response))
        argument = _offset_argument(text, summand)
        if argument is None:
            terms.extend((*summand.signs, *summand.pieces))
        else:
            offsets.append(argument)
    fixed = term_set(text, terms)
    fixed_text = f"{label(response)} ~ {_written(fixed_pieces) or '1'}"
    return ModelFormula(text, response, fixed, tuple(offsets), tuple(bars), fixed_text)


def _tilde(text: str, pieces: list[Piece]) -> int:
    """Position of the one ``~``, with something on both sides."""
    at = [i for i, piece in enumerate(pieces) if piece.text == "~" and piece.kind == "operator"]
    if not at:
        raise formula_error(
            text, 0, len(text), "a formula needs `~` between response and terms: `y ~ x + (1 | g)`"
        )
    if len(at) > 1:
        second = pieces[at[1]]
        raise formula_error(text, second.start, second.end, "one `~` is expected, not several")
    tilde = pieces[at[0]]
    if at[0] == 0:
        raise formula_error(
            text, tilde.start, tilde.end, "the response is missing before `~`: `y ~ x + (1 | g)`"
        )
    if at[0] == len(pieces) - 1:
        raise formula_error(
            text, tilde.start, tilde.end, "the terms are missing after `~`: `y ~ x + (1 | g)`"
        )
    return at[0]


def _check_no_response(text: str, summand: Summand, response: str) -> None:
    """Refuse the response as a predictor of itself; R drops it, with a warning."""
    for piece in summand.pieces:
        if piece.expression is not None and piece.text == response:
            raise formula_error(
                text, piece.start, piece.end, "the response cannot be a predictor too: remove it"
            )


def _offset_argument(text: str, summand: Summand) -> Expression | None:
    """Return what an ``offset()`` summand holds, or None for any other summand."""
    offsets = [
        piece.expression
        for piece in summand.pieces
        if isinstance(piece.expression, Call) and piece.expression.function == "offset"
    ]
    if not offsets:
        return None
    if len(summand.pieces) > 1 or summand.negative:
        raise formula_error(
            text, *summand.span, "`offset()` must be a term of its own: `+ offset(x)`"
        )
    return bound_arguments(offsets[0])["x"]


def _written(pieces: list[Piece]) -> str:
    """Pieces as R would print them."""
    spaced = {"+", "-", "*", "%in%"}
    text = "".join(f" {p.text} " if p.text in spaced else p.text for p in pieces)
    return re.sub(r"(^|\(|[-+] ) ([-+]) ", r"\1\2", text).strip()
