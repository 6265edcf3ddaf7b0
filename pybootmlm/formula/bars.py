"""Random-effects terms: ``(x | g)``, ``(x || g)``, ``a/b`` and ``a:b``, as lme4 expands them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pybootmlm.formula.expression import Call, Expression, Name, label
from pybootmlm.formula.marks import formula_error
from pybootmlm.formula.structure import UNSTRUCTURED, Structure
from pybootmlm.formula.terms import Summand, TermSet, summands, term_set
from pybootmlm.formula.tokens import Piece


@dataclass(frozen=True, slots=True)
class Grouping:
    """
    What stands right of a bar: one variable, or several that are crossed.

    Attributes
    ----------
    name : str
        As lme4 prints it: ``"batch"``, ``"my batch"`` (without the backticks of the formula),
        ``"cask:batch"``, ``"c:(b:a)"``.
    variables : tuple of Expression
        The first varies slowest over the levels.
    """

    name: str
    variables: tuple[Expression, ...]

    def within(self, outer: "Grouping") -> "Grouping":
        """Form the interaction ``self:outer``."""
        right = outer.code if len(outer.variables) == 1 else f"({outer.name})"
        return Grouping(f"{self.code}:{right}", self.variables + outer.variables)

    @property
    def code(self) -> str:
        """The name as it stands in a formula: a single odd one in backticks, as R writes calls."""
        return label(self.variables[0]) if len(self.variables) == 1 else self.name


@dataclass(frozen=True, slots=True)
class Bar:
    """One random-effects term: the terms left of the bar and the grouping right of it."""

    terms: TermSet
    grouping: Grouping
    structure: Structure = UNSTRUCTURED


def split_bars(
    text: str, pieces: list[Piece], structures: Mapping[int, Structure] | None = None
) -> tuple[list[Piece], list[Bar]]:
    """
    Separate the random terms of a right-hand side from its fixed terms.

    `structures` are those of the terms whose parentheses open at these positions.

    Examples
    --------
    >>> from pybootmlm.formula.tokens import pieces_of
    >>> text = "x + (1 | a/b)"
    >>> fixed, bars = split_bars(text, pieces_of(text))
    >>> [piece.text for piece in fixed], [bar.grouping.name for bar in bars]
    (['x'], ['b:a', 'a'])
    """
    if _only_an_intercept(pieces):
        whole = Summand((), tuple(pieces))
        return [], _expanded(text, whole, pieces, UNSTRUCTURED)
    _check_parenthesised(text, pieces)
    fixed: list[Piece] = []
    bars: list[Bar] = []
    for summand in summands(text, pieces):
        if not any(piece.text in ("|", "||") for piece in summand.pieces):
            fixed.extend((*summand.signs, *summand.pieces))
            continue
        inner = _inside_parentheses(text, summand)
        if _bars_outside(inner):
            opened = summand.pieces[0].start
            structure = (structures or {}).get(opened, UNSTRUCTURED)
            bars.extend(_expanded(text, summand, inner, structure))
        else:  # ((1 | g)) or (x + (1 | g)): lme4 looks through the parentheses
            nested_fixed, nested_bars = split_bars(text, inner, structures)
            bars.extend(nested_bars)
            if nested_fixed:
                fixed.extend((*summand.signs, summand.pieces[0], *nested_fixed, summand.pieces[-1]))
    if fixed and fixed[0].text == "+":
        del fixed[0]
    return fixed, bars


def _only_an_intercept(pieces: list[Piece]) -> bool:
    """Whether this is ``1 | g``, whose parentheses lme4's own examples leave out.

    ``x | g`` is refused: in R the effect of x would be random and not fixed, which few want.
    """
    signs = any(piece.text in ("+", "-") for piece in pieces)
    return _bars_outside(pieces) == [1] and [p.text for p in pieces[:2]] == ["1", "|"] and not signs


def _bars_outside(pieces: list[Piece]) -> list[int]:
    """Positions of the bars that stand outside all parentheses."""
    depth, found = 0, []
    for i, piece in enumerate(pieces):
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0 and piece.text in ("|", "||"):
            found.append(i)
    return found


def _check_parenthesised(text: str, pieces: list[Piece]) -> None:
    for i in _bars_outside(pieces):
        start = end = i
        while start > 0 and pieces[start - 1].text not in ("+", "-", "~"):
            start -= 1
        while end + 1 < len(pieces) and pieces[end + 1].text not in ("+", "-"):
            end += 1
        first, last = pieces[start].start, pieces[end].end
        raise formula_error(
            text,
            first,
            last,
            f"a random term needs parentheses: write `({text[first:last].strip()})`. Without them "
            "R takes all that stands left of the bar as random",
        )


def _inside_parentheses(text: str, summand: Summand) -> list[Piece]:
    """Return what one pair of parentheses around the whole summand holds."""
    pieces, (start, end) = summand.pieces, summand.span
    depth = 0
    for i, piece in enumerate(pieces):
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0 and i < len(pieces) - 1:
            raise formula_error(
                text,
                start,
                end,
                "a random term can only be added: write `+ (x | g)`, with no other operator on it",
            )
    if summand.negative or len(summand.signs) > 1:
        raise formula_error(
            text, summand.signs[0].start, end, "a random term can only be added: write `+ (x | g)`"
        )
    return list(pieces[1:-1])


def _expanded(text: str, summand: Summand, inner: list[Piece], structure: Structure) -> list[Bar]:
    """One bar for each uncorrelated piece of the left side and each level of nesting."""
    start, end = summand.span
    at = _bars_outside(inner)
    if len(at) > 1:
        raise formula_error(text, start, end, "one bar is expected in a random term, not several")
    left, bar, right = inner[: at[0]], inner[at[0]], inner[at[0] + 1 :]
    if not left:
        raise formula_error(
            text,
            start,
            end,
            "the left side of the bar is empty: `1` gives random intercepts, "
            "`(1 | g)`; a column gives random slopes, `(x | g)`",
        )
    if not right:
        raise formula_error(
            text,
            start,
            end,
            "the right side of the bar is empty: name the grouping factor, `(1 | g)`",
        )
    for piece in (*left, *right):
        if isinstance(piece.expression, Call) and piece.expression.function == "offset":
            raise formula_error(
                text,
                piece.start,
                piece.end,
                "`offset()` is a known part of the mean and has no random effects: add it outside "
                "of the bar",
            )
    terms = term_set(text, left)
    if not terms.intercept and not terms.terms:
        raise formula_error(
            text, start, end, "the left side of the bar leaves no random effect: write `(1 | g)`"
        )
    uncorrelated = _uncorrelated(terms) if bar.text == "||" else [terms]
    levels = _groupings(text, right)
    return [Bar(part, grouping, structure) for part in uncorrelated for grouping in levels]


def _uncorrelated(terms: TermSet) -> list[TermSet]:
    """As lme4's expandDoubleVerts: the intercept, then each term without one."""
    parts = [TermSet(True, (), ())] if terms.intercept else []
    for term in terms.terms:
        variables = tuple(terms.variables[i] for i in term)
        parts.append(TermSet(False, variables, (tuple(range(len(variables))),)))
    return parts


def _groupings(text: str, pieces: list[Piece]) -> list[Grouping]:
    """Read ``a``, ``a:b`` or ``a/b/c``; nesting gives the finest level first."""
    levels: list[Grouping] = []
    for part in _split(text, pieces, "/"):
        levels = [*_nested(text, part, levels), *levels]
    return levels


def _nested(text: str, part: list[Piece], levels: list[Grouping]) -> list[Grouping]:
    inner = _crossed(text, part)
    return [inner.within(levels[0])] if levels else [inner]


def _crossed(text: str, pieces: list[Piece]) -> Grouping:
    crossed: Grouping | None = None
    for part in _split(text, pieces, ":"):
        if part[0].kind == "open" and part[-1].kind == "close":
            one = _crossed(text, part[1:-1])
        elif len(part) == 1 and (expression := part[0].expression) is not None:
            name = expression.name if isinstance(expression, Name) else part[0].text
            one = Grouping(name, (expression,))
        else:
            raise formula_error(
                text,
                part[0].start,
                part[-1].end,
                "a grouping factor is a column, `a:b` or `a/b`; several factors are several "
                "terms: `(1 | a) + (1 | b)`",
            )
        crossed = one if crossed is None else crossed.within(one)
    assert crossed is not None
    return crossed


def _split(text: str, pieces: list[Piece], symbol: str) -> list[list[Piece]]:
    """Cut at `symbol` outside parentheses, looking through parentheses around everything."""
    while (
        len(pieces) > 2
        and pieces[0].kind == "open"
        and symbol == "/"
        and _closes_at(pieces) == len(pieces) - 1
    ):
        pieces = pieces[1:-1]
    parts: list[list[Piece]] = [[]]
    depth = 0
    for piece in pieces:
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0 and piece.text == symbol:
            parts.append([])
        else:
            parts[-1].append(piece)
    if any(not part for part in parts):
        start, end = pieces[0].start, pieces[-1].end
        raise formula_error(text, start, end, f"a grouping factor is missing beside `{symbol}`")
    return parts


def _closes_at(pieces: list[Piece]) -> int:
    """Position of the parenthesis that closes the first one."""
    depth = 0
    for i, piece in enumerate(pieces):
        depth += (piece.kind == "open") - (piece.kind == "close")
        if depth == 0:
            return i
    raise AssertionError("brackets are balanced")
