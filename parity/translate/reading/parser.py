"""A precedence parser for R: the same tree as R's own parser, where there is no R."""

from parity.errors import RSyntaxError
from parity.translate.reading.precedence import ASSIGNMENT, PREFIX, Binding, binding
from parity.translate.reading.tokens import Token, Tokens
from parity.translate.reading.tree import (
    Argument,
    Call,
    Comment,
    Constant,
    Function,
    Node,
    Script,
    Symbol,
)

_BOTTOM = 0
_NO_ASSIGNMENT = ASSIGNMENT + 1


def parse(text: str) -> Script:
    """Read a script.

    Raises
    ------
    RSyntaxError
        It is not R; the message names line and column.

    Examples
    --------
    >>> from parity.translate.reading.tree import shape
    >>> [shape(s) for s in parse("x <- -2^2 # four").statements]
    ['(<- x (- (^ double:2 double:2)))']
    """
    parser = _Parser(text)
    try:
        return parser.script()
    except RecursionError:
        at = parser.last.at
        message = "expressions are nested too deeply for our parser; `--reader R` may read them"
        raise RSyntaxError(message, at.line, at.column) from None


class _Parser:
    """Tokens, the place among them, and what encloses it.

    A line end means nothing inside ( and [, and ends an expression inside { and outside of all.
    """

    def __init__(self, text: str) -> None:
        tokens = list(Tokens(text))
        self.comments = _comments(tokens)
        self.tokens = [token for token in tokens if token.kind != "comment"]
        self.next = 0
        self.inside: list[str] = [""]
        self.last = self.tokens[0]

    def script(self) -> Script:
        statements = self._statements("")
        return Script(tuple(statements), self.comments)

    def _statements(self, closing: str) -> list[Node]:
        found: list[Node] = []
        while True:
            while self._is("newline") or self._is("operator", ";"):
                self._advance()
            if self._is("end") if not closing else self._is("operator", closing):
                return found
            found.append(self._expression(_BOTTOM))
            ended = self._is("newline") or self._is("end") or self._is("operator", ";")
            if not ended and not (closing and self._is("operator", closing)):
                raise self._unexpected("an operator or the end of the line")

    # --- expressions

    def _expression(self, least: int) -> Node:
        left = self._prefix()
        while True:
            token = self._peek()
            if token.kind != "operator":
                return left
            if token.text in ("(", "[", "[["):  # they bind tighter than any operator
                left = self._postfix(left)
                continue
            how = binding(token.text)
            if how is None or how.power < least:
                return left
            self._advance()
            self._skip_lines()
            right = self._operand(token.text, how)
            if how.side == "none":
                again = self._peek()
                also = binding(again.text) if again.kind == "operator" else None
                if also is not None and also.side == "none":
                    raise self._unexpected("one comparison at a time")
            left = self._joined(token, left, right)

    def _operand(self, operator: str, how: Binding) -> Node:
        if operator in ("$", "@", "::", ":::"):
            return self._prefix()  # a name, so that a$b(c) calls a$b
        return self._expression(how.power if how.side == "right" else how.power + 1)

    def _joined(self, token: Token, left: Node, right: Node) -> Node:
        at = left.at.to(right.at)
        operator = token.text
        if operator in ("->", "->>"):
            operator = "<-" if operator == "->" else "<<-"
            left, right = right, left
        if operator == "|>":
            if not isinstance(right, Call) or right.name in ("(", "{", "function"):
                message = "what stands after |> must be a call, such as head()"
                raise RSyntaxError(message, right.at.line, right.at.column)
            return Call(right.function, (Argument(None, left), *right.arguments), at)
        if operator in ("$", "@", "::", ":::"):
            self._after_dollar(operator, right)
        symbol = Symbol(operator, token.at)
        return Call(symbol, (Argument(None, left), Argument(None, right)), at)

    def _after_dollar(self, operator: str, right: Node) -> None:
        named = isinstance(right, Symbol) or (
            isinstance(right, Constant) and right.kind == "string"
        )
        bracketed = isinstance(right, Call) and right.name == "("
        if not named and not (bracketed and operator in ("$", "@")):
            message = f"a name must stand after {operator}"
            raise RSyntaxError(message, right.at.line, right.at.column)

    def _prefix(self) -> Node:
        token = self._peek()
        if token.kind == "constant":
            self._advance()
            return Constant(token.text, token.value, token.at)
        if token.kind == "name":
            self._advance()
            return Symbol(token.text, token.at)
        if token.kind == "keyword":
            return self._keyword(token)
        if token.kind == "operator":
            if token.text in PREFIX:
                self._advance()
                self._skip_lines()
                operand = self._expression(PREFIX[token.text])
                symbol = Symbol(token.text, token.at)
                return Call(symbol, (Argument(None, operand),), token.at.to(operand.at))
            if token.text == "(":
                return self._parentheses()
            if token.text == "{":
                return self._braces()
            if token.text == "\\":
                return self._function()
        raise self._unexpected("an expression")

    def _parentheses(self) -> Node:
        start = self._enter("(")
        inner = self._expression(_BOTTOM)
        end = self._leave(")")
        return Call(Symbol("(", start.at), (Argument(None, inner),), start.at.to(end.at))

    def _braces(self) -> Node:
        start = self._enter("{")
        statements = self._statements("}")
        end = self._leave("}")
        symbol = Symbol("{", start.at)
        return Call(symbol, tuple(Argument(None, s) for s in statements), start.at.to(end.at))

    def _postfix(self, function: Node) -> Node:
        opening = self._enter(self._peek().text)
        closing = {"(": ")", "[": "]", "[[": "]"}[opening.text]
        arguments = self._arguments(closing)
        end = self._leave(closing)
        if opening.text == "[[":
            end = self._expect("]")
        at = function.at.to(end.at)
        if opening.text == "(":
            if isinstance(function, Constant) and function.kind == "string":
                function = Symbol(str(function.value), function.at)
            return Call(function, arguments, at)
        symbol = Symbol(opening.text, opening.at)
        return Call(symbol, (Argument(None, function), *arguments), at)

    def _arguments(self, closing: str) -> tuple[Argument, ...]:
        found: list[Argument] = []
        while True:
            found.append(self._argument(closing))
            if self._is("operator", ","):
                self._advance()
                continue
            if not self._is("operator", closing):
                raise self._unexpected(f"a comma or {closing}")
            lone = len(found) == 1 and found[0] == Argument(None, None)
            return () if lone and closing == ")" else tuple(found)

    def _argument(self, closing: str) -> Argument:
        token = self._peek()
        named = token.kind == "name" or (
            token.kind == "constant" and token.text in ("string", "null")
        )
        if named and self._following().text == "=" and self._following().kind == "operator":
            self._advance()
            self._advance()
            name = "NULL" if token.text == "null" and token.kind == "constant" else (
                token.text if token.kind == "name" else str(token.value)
            )  # fmt: skip
            if self._is("operator", ",") or self._is("operator", closing):
                return Argument(name, None)
            return Argument(name, self._expression(_NO_ASSIGNMENT))
        if self._is("operator", ",") or self._is("operator", closing):
            return Argument(None, None)
        return Argument(None, self._expression(_NO_ASSIGNMENT))

    # --- what begins with a word

    def _keyword(self, token: Token) -> Node:
        if token.text == "function":
            return self._function()
        if token.text in ("next", "break"):
            self._advance()
            return Call(Symbol(token.text, token.at), (), token.at)
        if token.text == "repeat":
            self._advance()
            return self._compound(token, [self._body()])
        if token.text == "while":
            self._advance()
            return self._compound(token, [self._condition(), self._body()])
        if token.text == "for":
            return self._for(token)
        if token.text == "if":
            return self._if(token)
        raise self._unexpected("an expression")

    def _compound(self, token: Token, parts: list[Node]) -> Node:
        symbol = Symbol(token.text, token.at)
        arguments = tuple(Argument(None, part) for part in parts)
        return Call(symbol, arguments, token.at.to(parts[-1].at))

    def _condition(self) -> Node:
        self._enter("(")
        found = self._expression(_BOTTOM)
        self._leave(")")
        return found

    def _body(self) -> Node:
        self._skip_lines()
        return self._expression(_BOTTOM)

    def _for(self, token: Token) -> Node:
        self._advance()
        self._enter("(")
        variable = self._peek()
        if variable.kind != "name":
            raise self._unexpected("the name of the loop's variable")
        self._advance()
        if not self._is("keyword", "in"):
            raise self._unexpected("in")
        self._advance()
        values = self._expression(_BOTTOM)
        self._leave(")")
        return self._compound(token, [Symbol(variable.text, variable.at), values, self._body()])

    def _if(self, token: Token) -> Node:
        self._advance()
        parts = [self._condition(), self._body()]
        if self._else_follows():
            self._skip_lines()
            self._advance()
            parts.append(self._body())
        return self._compound(token, parts)

    def _else_follows(self) -> bool:
        at = self.next
        if self.inside[-1]:  # at top level a line end has ended the statement
            while self.tokens[at].kind == "newline":
                at += 1
        return self.tokens[at].kind == "keyword" and self.tokens[at].text == "else"

    def _function(self) -> Node:
        start = self._advance()
        self._enter("(")
        parameters: list[Argument] = []
        while not self._is("operator", ")"):
            name = self._peek()
            if name.kind != "name":
                raise self._unexpected("the name of a parameter")
            self._advance()
            default = None
            if self._is("operator", "="):
                self._advance()
                default = self._expression(_NO_ASSIGNMENT)
            parameters.append(Argument(name.text, default))
            if self._is("operator", ","):
                self._advance()
                if self._is("operator", ")"):
                    raise self._unexpected("the name of a parameter")
        self._leave(")")
        body = self._body()
        return Function(tuple(parameters), body, start.at.to(body.at))

    # --- tokens

    def _peek(self) -> Token:
        if self.inside[-1] in ("(", "[", "[["):
            self._skip_lines()
        return self.tokens[self.next]

    def _following(self) -> Token:
        at = self.next + 1
        while self.inside[-1] in ("(", "[", "[[") and self.tokens[at].kind == "newline":
            at += 1
        return self.tokens[min(at, len(self.tokens) - 1)]

    def _is(self, kind: str, text: str | None = None) -> bool:
        token = self._peek()
        return token.kind == kind and (text is None or token.text == text)

    def _advance(self) -> Token:
        self.last = self._peek()
        if self.last.kind != "end":
            self.next += 1
        return self.last

    def _skip_lines(self) -> None:
        while self.tokens[self.next].kind == "newline":
            self.next += 1

    def _enter(self, opening: str) -> Token:
        token = self._expect(opening)
        self.inside.append(opening)
        return token

    def _leave(self, closing: str) -> Token:
        if not self._is("operator", closing):
            raise self._unexpected(closing)
        token = self._peek()
        self.next += 1
        self.inside.pop()
        self.last = token
        return token

    def _expect(self, text: str) -> Token:
        if not self._is("operator", text):
            raise self._unexpected(text)
        return self._advance()

    def _unexpected(self, expected: str) -> RSyntaxError:
        token = self._peek()
        what = {"end": "the end of the file", "newline": "the end of the line"}.get(
            token.kind, f"'{token.value if token.kind == 'constant' else token.text}'"
        )
        return RSyntaxError(f"expected {expected}, got {what}", token.at.line, token.at.column)


def _comments(tokens: list[Token]) -> tuple[Comment, ...]:
    found = []
    code_on_line = 0
    for token in tokens:
        if token.kind == "comment":
            alone = token.at.line != code_on_line
            found.append(Comment(token.text, token.at.line, alone))
        elif token.kind not in ("newline", "end"):
            code_on_line = token.at.end_line
    return tuple(found)
