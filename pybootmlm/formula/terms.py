"""
Sums of terms: ``1 + a * b - a:b`` expanded to what R's ``terms()`` makes of it.

The operators' algebra is formulaic's. R's conventions are laid over it: the intercept as a
flag, variables in order of first appearance, terms by degree, ``%in%`` as an interaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pybootmlm.formula.expression import Expression
from pybootmlm.formula.marks import formula_error
from pybootmlm.formula.tokens import Piece


@dataclass(frozen=True, slots=True)
class TermSet:
    """
    The terms of one side of a formula or bar.

    Attributes
    ----------
    intercept : bool
        Whether a column of ones belongs to it.
    variables : tuple of Expression
        In order of first appearance, as R numbers them.
    terms : tuple of tuple of int
        Each term as ascending indices into `variables`; by degree, then as written.
    """

    intercept: bool
    variables: tuple[Expression, ...]
    terms: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Summand:
    """One summand at the outermost level: the signs before it, and its pieces."""

    signs: tuple[Piece, ...]
    pieces: tuple[Piece, ...]

    @property
    def negative(self) -> bool:
        """Whether the signs amount to a minus."""
        return sum(sign.text == "-" for sign in self.signs) % 2 == 1

    @property
    def span(self) -> tuple[int, int]:
        """Where the pieces stand in the formula."""
        return self.pieces[0].start, self.pieces[-1].end


def summands(text: str, pieces: list[Piece]) -> Iterator[Summand]:
    """Cut pieces at the ``+`` and ``-`` that stand outside all parentheses."""
    signs: list[Piece] = []
    body: list[Piece] = []
    depth = 0
    for piece in pieces:
        if piece.text in ("+", "-") and piece.kind == "operator" and depth == 0:
            # After another operator (`a * -b`) the sign is misplaced; `check_order` says so.
            if body and body[-1].kind != "operator":
                yield Summand(tuple(signs), tuple(body))
                signs, body = [], []
            (body if body else signs).append(piece)
            continue
        depth += (piece.kind == "open") - (piece.kind == "close")
        body.append(piece)
    if body:
        yield Summand(tuple(signs), tuple(body))
    elif signs:
        sign = signs[-1]
        raise formula_error(
            text, sign.start, sign.end, f"a term is missing after this `{sign.text}`"
        )


def term_set(text: str, pieces: list[Piece]) -> TermSet:
    """
    Expand the pieces of one side of a formula.

    Examples
    --------
    >>> from pybootmlm.formula.tokens import pieces_of
    >>> text = "0 + b * a"
    >>> found = term_set(text, pieces_of(text))
    >>> found.intercept, [v.name for v in found.variables], found.terms
    (False, ['b', 'a'], ((0,), (1,), (0, 1)))
    """
    intercept = True
    kept: list[Summand] = []
    for summand in summands(text, pieces):
        check_order(text, list(summand.pieces))
        number = summand.pieces[0].text if len(summand.pieces) == 1 else ""
        if number in ("0", "1"):
            intercept = (number == "1") != summand.negative
        else:
            kept.append(summand)
    variables: dict[str, Expression] = {}
    for summand in kept:
        _check_numbers(text, summand)
        for piece in summand.pieces:
            if piece.expression is not None:
                variables.setdefault(piece.text, piece.expression)
    position = {name: i for i, name in enumerate(variables)}
    found = [tuple(sorted(position[name] for name in term)) for term in _sum(text, kept)]
    terms = sorted((term for term in found if term), key=len)
    return TermSet(intercept, tuple(variables.values()), tuple(terms))


def check_order(text: str, pieces: list[Piece]) -> None:
    """Operands and operators must alternate."""
    before: Piece | None = None
    for piece in pieces:
        wants_operand = before is None or before.kind in ("operator", "open")
        if wants_operand and piece.kind in ("operator", "close"):
            if piece.text in ("+", "-") and (before is None or before.kind == "open"):
                continue
            message = f"a term is missing before this `{piece.text}`"
            raise formula_error(text, piece.start, piece.end, message)
        if not wants_operand and piece.kind not in ("operator", "close"):
            assert before is not None
            raise formula_error(
                text,
                before.start,
                piece.end,
                f"an operator is missing between `{before.text}` and `{piece.text}`: write `+` "
                "for another term, `:` or `*` for an interaction",
            )
        before = piece
    if before is not None and before.kind == "operator":
        raise formula_error(
            text, before.start, before.end, f"a term is missing after this `{before.text}`"
        )


def _check_numbers(text: str, summand: Summand) -> None:
    """Numbers other than the intercept's 0 and 1 can only be exponents."""
    before = ""
    for piece in summand.pieces:
        power = before == "^"
        if power and not (piece.kind == "number" and piece.text.isdecimal() and piece.text != "0"):
            raise formula_error(
                text, piece.start, piece.end, "the exponent of terms must be a whole number from 1"
            )
        if not power and piece.kind == "number":
            inside = piece.text == "1" and len(summand.pieces) > 1 and before in ("(", "+")
            if not inside:
                raise formula_error(
                    text,
                    piece.start,
                    piece.end,
                    f"the number `{piece.text}` is not a term: only `1` (intercept), `0` or `-1` "
                    "(none) stand alone, outside parentheses; for arithmetic write I(...)",
                )
        before = piece.text


@cache
def _resolver() -> Any:
    """Formulaic's operators, R's ``%in%`` and a ``^`` of our own; imported on first use."""
    from formulaic.parser.parser import DefaultOperatorResolver
    from formulaic.parser.types import Operator, OrderedSet, Term

    def power(base: Any, exponent: Any) -> Any:
        # Formulaic's own lists all products of so many terms before it drops repetitions: hours
        # for `(a + b)^30`. A power that adds nothing to the one before it is the last.
        terms, times = base, int(next(iter(exponent)).factors[0].expr)
        for _ in range(1, times):
            product = OrderedSet(term * other for term in terms for other in base)
            if len(product) == len(terms):
                break
            terms = product
        return terms

    def inside(nested: Any, parents: Any) -> Any:
        common = [factor for term in parents for factor in term.factors]
        return OrderedSet(Term([*term.factors, *common]) for term in nested)

    class Resolver(DefaultOperatorResolver):  # type: ignore[misc]
        @property
        def operators(self) -> list[Any]:
            ours = [
                Operator("in", arity=2, precedence=250, associativity="left", to_terms=inside),
                Operator("^", arity=2, precedence=500, associativity="right", to_terms=power),
            ]
            return [op for op in super().operators if op.symbol in set("+-*/:")] + ours

    return Resolver()


def _sum(text: str, kept: list[Summand]) -> list[frozenset[str]]:
    """
    Add and remove the summands' terms, each term the set of its variables' labels.

    As in R, only the sign next to the sum so far removes terms; one beside the summand makes
    nothing of it (``a + -b`` is ``a``).
    """
    total: dict[frozenset[str], None] = {}
    for k, summand in enumerate(kept):
        found = _expanded(text, summand)
        signs = [sign.text for sign in summand.signs]
        joined = signs.pop(0) if signs and k > 0 else "+"
        if "-" in signs:
            continue
        for term in found:
            if joined == "+":
                total[term] = None
            else:
                total.pop(term, None)
    return list(total)


def _expanded(text: str, summand: Summand) -> list[frozenset[str]]:
    """Expand one summand by formulaic's algebra; literals (a nested 1) are left out."""
    from formulaic.errors import FormulaSyntaxError
    from formulaic.parser.algos.tokens_to_ast import tokens_to_ast
    from formulaic.parser.types import Token

    kinds = {"variable": "name", "number": "value", "operator": "operator"}
    tokens = [
        Token(
            "in" if piece.text == "%in%" else piece.text,
            kind=kinds.get(piece.kind, "context"),
            source=text,
            source_start=piece.start,
            source_end=piece.end - 1,
        )
        for piece in summand.pieces
    ]
    try:
        terms = tokens_to_ast(tokens, _resolver()).to_terms()
    except FormulaSyntaxError as error:
        reason = str(error).splitlines()[0]
        raise formula_error(text, *summand.span, f"this cannot be read: {reason}") from error
    return [
        frozenset(factor.expr for factor in term.factors if factor.eval_method.value == "lookup")
        for term in terms
    ]
