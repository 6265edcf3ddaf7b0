"""Tokens of R: numbers, texts, names, operators, line ends and comments, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parity.errors import RSyntaxError
from parity.translate.reading.tree import Place, Scalar

_KEYWORDS = frozenset(
    ("if", "else", "for", "while", "repeat", "function", "in", "next", "break")
)  # fmt: skip
_CONSTANTS: dict[str, tuple[str, Scalar]] = {
    "TRUE": ("logical", True), "FALSE": ("logical", False), "NULL": ("null", None),
    "NA": ("na", "NA"), "NA_integer_": ("na", "NA"), "NA_real_": ("na", "NA"),
    "NA_character_": ("na", "NA"), "NA_complex_": ("na", "NA"), "Inf": ("double", float("inf")),
    "NaN": ("double", float("nan")),
}  # fmt: skip
# The longest first.
_OPERATORS = (
    "<<-", "->>", ":::", "<-", "->", "<=", ">=", "==", "!=", "&&", "||", "|>", "=>", "::", ":=",
    "[[", "**", "+", "-", "*", "/", "^", "<", ">", "!", "&", "|", "~", "?", ":", "$", "@",
    "=", "(", ")", "{", "}", "[", "]", ",", ";", "\\",
)  # fmt: skip
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?(?:[pP][+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
)
_NAME = re.compile(r"(?:[^\W\d_]|\.(?!\d))[\w.]*|\.")
_RAW = re.compile(r"[rR]([\"'])(-*)([(\[{])")
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "`": "`", " ": " ", "\n": "\n",
}  # fmt: skip
_CODE = re.compile(r"x([0-9a-fA-F]{1,2})|[uU]\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{1,4})|"
                   r"U([0-9a-fA-F]{1,8})|([0-7]{1,3})")  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Token:
    """A token.

    Attributes
    ----------
    kind
        ``constant``, ``name``, ``operator``, ``keyword``, ``newline``, ``comment`` or ``end``.
    text
        An operator, a keyword, a name without its backticks, a comment; of a constant its kind.
    value
        The value of a constant.
    """

    kind: str
    text: str
    at: Place
    value: Scalar = None


class Tokens:
    """A text, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.position = 0
        self.line = 1
        self.column = 1

    def __iter__(self) -> Iterator[Token]:
        while self.position < len(self.text):
            letter = self.text[self.position]
            if letter == "\n":
                yield self._take("newline", letter, 1)
            elif letter in " \t\f\u00a0":
                self._take("", "", 1)
            elif letter == "#":
                end = self.text.find("\n", self.position)
                end = len(self.text) if end < 0 else end
                comment = self.text[self.position : end]
                yield self._take("comment", comment, len(comment))
            else:
                yield self._token(letter)
        yield Token("end", "", Place(self.line, self.column, self.line, self.column))

    def _token(self, letter: str) -> Token:
        if raw := _RAW.match(self.text, self.position):
            return self._raw_text(raw)
        if letter in "\"'":
            value, length = self._quoted(letter)
            return self._take("constant", "string", length, value)
        if letter == "`":
            value, length = self._quoted(letter)
            return self._take("name", value, length)
        if number := _NUMBER.match(self.text, self.position):
            return self._number(number[0])
        if name := _NAME.match(self.text, self.position):
            word = name[0]
            if word in _CONSTANTS:
                kind, constant = _CONSTANTS[word]
                return self._take("constant", kind, len(word), constant)
            return self._take("keyword" if word in _KEYWORDS else "name", word, len(word))
        if letter == "%":
            end = self.text.find("%", self.position + 1)
            line_end = self.text.find("\n", self.position)
            if end < 0 or 0 <= line_end < end:
                raise self._error("an operator that begins with % ends with % on the same line")
            word = self.text[self.position : end + 1]
            return self._take("operator", word, len(word))
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.position):
                meant = "^" if operator == "**" else operator
                return self._take("operator", meant, len(operator))
        if letter == "_":
            raise self._error("the placeholder _ of |> is not read: name what goes there")
        raise self._error(f"no token of R begins with {letter!r}")

    def _take(self, kind: str, text: str, length: int, value: Scalar = None) -> Token:
        line, column = self.line, self.column
        end_line, end_column = line, column
        for letter in self.text[self.position : self.position + length]:
            end_line, end_column = self.line, self.column
            if letter == "\n":
                self.line, self.column = self.line + 1, 1
            elif letter == "\t":
                # R counts columns to the next multiple of eight.
                self.column = (self.column + 7) // 8 * 8 + 1
            else:
                self.column += 1
        self.position += length
        return Token(kind, text, Place(line, column, end_line, end_column), value)

    def _number(self, text: str) -> Token:
        after = self.text[self.position + len(text) : self.position + len(text) + 1]
        hexadecimal = text[:2] in ("0x", "0X")
        if not hexadecimal:
            value = float(text)
        elif "p" in text.lower() or "." in text:
            value = float.fromhex(text)
        else:
            value = float(int(text, 16))
        if after == "L":
            if value == int(value):
                return self._take("constant", "integer", len(text) + 1, int(value))
            return self._take("constant", "double", len(text) + 1, value)
        if after == "i":
            return self._take("constant", "complex", len(text) + 1, complex(0, value))
        return self._take("constant", "double", len(text), value)

    def _raw_text(self, raw: re.Match[str]) -> Token:
        quote, dashes, opening = raw.groups()
        closing = _CLOSING[opening] + dashes + quote
        end = self.text.find(closing, raw.end())
        if end < 0:
            raise self._error(f"the raw text is never closed by {closing}")
        value = self.text[raw.end() : end]
        return self._take("constant", "string", end + len(closing) - self.position, value)

    def _quoted(self, quote: str) -> tuple[str, int]:
        parts: list[str] = []
        kinds: set[bool] = set()
        at = self.position + 1
        while at < len(self.text):
            letter = self.text[at]
            if letter == quote:
                return "".join(parts), at + 1 - self.position
            if letter != "\\":
                parts.append(letter)
                at += 1
                continue
            following = self.text[at + 1 : at + 2]
            if code := _CODE.match(self.text, at + 1):
                digits = next(group for group in code.groups() if group)
                parts.append(chr(int(digits, 8 if code[5] else 16)))
                kinds.add(code[0][0] in "uU")
                at = code.end()
                if len(kinds) > 1:
                    raise self._error("a text has escapes of bytes and of Unicode, which R refuses")
            elif following in _ESCAPES and following:
                parts.append(_ESCAPES[following])
                at += 2
            else:
                raise self._error(f"'\\{following}' is no escape that R knows")
        raise self._error(f"the {'name' if quote == '`' else 'text'} is never closed by {quote}")

    def _error(self, message: str) -> RSyntaxError:
        return RSyntaxError(message, self.line, self.column)
