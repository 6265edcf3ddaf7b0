"""A whole script: each statement translated or kept as a comment, and the text around them."""

import ast
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from parity.translate.made import Made, assigned
from parity.translate.meaning.kinds import Untranslatable
from parity.translate.r_process import has_r
from parity.translate.reading.from_r import parse_by_r
from parity.translate.reading.parser import parse
from parity.translate.reading.tree import Comment, Node, Script
from parity.translate.statements import Statements
from parity.translate.translation import Piece, Status, Translation
from parity.translate.translator import IMPORTS, SEED, Translator
from parity.translate.writing.layout import WIDTH

READERS = ("auto", "own", "R")


def translate(
    text: str, name: str = "script.R", reader: str = "own", rscript: str | None = None
) -> Translation:
    r"""Translate an R script; nothing of it is run.

    Parameters
    ----------
    text
        The script.
    name
        What it is called.
    reader
        ``own`` for our parser, ``R`` for R's own, ``auto`` for R's where there is an R.
    rscript
        What starts Rscript, if not that command itself.

    Raises
    ------
    RSyntaxError
        The text is not R; the message names line and column.
    RUnavailableError
        R's parser was asked for, and there is no R.

    Examples
    --------
    >>> made = translate('fit <- lmer(Yield ~ (1 | Batch), Dyestuff)')
    >>> print(made.python.split("bm\n")[1].strip())
    Dyestuff = bm.load_dataset("Dyestuff")
    fit = bm.lmer("Yield ~ (1 | Batch)", Dyestuff)
    """
    by_r = reader == "R" or (reader == "auto" and has_r(rscript))
    script = parse_by_r(text, rscript) if by_r else parse(text)
    translator = Translator()
    source = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    pieces = [_piece(translator, node, source) for node in script.statements]
    python, placed = _assembled(name, script, pieces)
    added = SEED if translator.shared.seed_added else None
    return Translation(name, text, python, tuple(placed), added, "R" if by_r else "own")


def _piece(translator: Translator, node: Node, source: Sequence[str]) -> Piece:
    line, end = node.at.line, node.at.end_line
    code = _source_of(node, source)
    shared = translator.shared
    try:
        made = Statements(translator).statement(node)
    except Untranslatable as missing:
        for title in assigned(node):
            translator.scope.lose(title, line)
        made = None
        reason = str(missing)
    before = (*_taken(shared.before), *(_taken(translator.before) if made else ()))
    translator.before.clear()
    translator.scope.views.clear()
    remarks = _taken(shared.remarks)
    if made is None:
        kept = tuple(_comment(f"R, line {line}, not translated: {reason}"))
        kept += tuple(f"#     {text}".rstrip() for text in code.split("\n"))
        return Piece(line, end, code, Status.UNTRANSLATED, (*before, *kept), reason=reason)
    if made.omitted:
        return Piece(line, end, code, Status.OMITTED, before, reason=made.omitted)
    said = tuple(text for remark in remarks for text in _comment(remark))
    return _translated(made, line, end, code, (*said, *before), tuple(remarks))


def _translated(
    made: Made, line: int, end: int, code: str, before: Iterable[str], remarks: tuple[str, ...]
) -> Piece:
    return Piece(
        line, end, code, Status.TRANSLATED, (*before, *made.lines), sets=made.sets,
        shows=made.shows, remarks=remarks,
    )  # fmt: skip


def _taken(held: list[str]) -> list[str]:
    found = list(held)
    held.clear()
    return found


def _source_of(node: Node, source: Sequence[str]) -> str:
    at = node.at
    found = list(source[at.line - 1 : at.end_line])
    if at.line == at.end_line and "\t" not in found[0]:
        return found[0][at.column - 1 : at.end_column]
    return "\n".join(found).strip()


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _assembled(name: str, script: Script, pieces: Sequence[Piece]) -> tuple[str, list[Piece]]:
    """The Python text, and the pieces with their lines in it."""
    body, placed = _body(script.comments, pieces)
    joined = "\n".join(body)
    tree = ast.parse(joined)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    drawn = "plt" in used or ".plot(" in joined
    if drawn:
        used.add("plt")
    wanted = [line for title, line in IMPORTS.items() if title in used]
    wanted.sort(key=lambda line: (line.startswith("from"), line.split()[1]))
    head = [f'"""Translated from {name} by `parity translate`."""', ""]
    if wanted:
        head += [*wanted, ""]
    tail = ["", "plt.show()"] if drawn else []
    shift = len(head)
    moved = [replace(p, at=p.at + shift, end_at=p.end_at + shift) if p.at else p for p in placed]
    return "\n".join([*head, *body, *tail]).rstrip() + "\n", moved


def _body(comments: Sequence[Comment], pieces: Sequence[Piece]) -> tuple[list[str], list[Piece]]:
    waiting = list(comments)
    body: list[str] = []
    placed: list[Piece] = []
    last_line = 0
    for piece in pieces:
        own = [c for c in waiting if c.line < piece.line]
        within = [c for c in waiting[len(own) :] if c.line <= piece.end_line]
        waiting = waiting[len(own) + len(within) :]
        for lines, first in _paragraphs(own):
            _separate(body, apart=bool(last_line) and first > last_line + 1)
            body += lines
            last_line = first + len(lines) - 1
        lines = _with_comments(piece, within)
        if lines:
            _separate(body, apart=bool(last_line) and piece.line > last_line + 1)
        if any(line.startswith("def ") for line in lines):
            _before_definition(body)
        start = len(body) + 1
        body += lines
        last_line = piece.end_line
        if piece.status is Status.TRANSLATED:
            piece = replace(piece, at=start, end_at=len(body))
        placed.append(piece)
    for lines, first in _paragraphs(waiting):
        _separate(body, apart=first > last_line + 1)
        body += lines
        last_line = first + len(lines) - 1
    return body, placed


def _paragraphs(comments: Sequence[Comment]) -> list[tuple[list[str], int]]:
    """Comments on lines that follow one another, and their first line."""
    found: list[tuple[list[str], int]] = []
    for comment in comments:
        text = _python_comment(comment.text)
        if found and found[-1][1] + len(found[-1][0]) == comment.line:
            found[-1][0].append(text)
        else:
            found.append(([text], comment.line))
    return found


def _separate(body: list[str], *, apart: bool) -> None:
    """Blank lines before what comes: two after a function, one where R has some."""
    if _after_definition(body):
        _gap(body, 2)
    elif apart:
        _gap(body)


def _before_definition(body: list[str]) -> None:
    """Two blank lines before a function and the comments above it."""
    at = len(body)
    while at and body[at - 1].startswith("#"):
        at -= 1
    above = body[at:]
    del body[at:]
    _gap(body, 2)
    body += above


def _after_definition(body: Sequence[str]) -> bool:
    for line in reversed(body):
        if line.startswith("#") or not line:
            return False
        if not line.startswith((" ", ")")):
            return line.startswith("def ")
    return False


def _gap(body: list[str], size: int = 1) -> None:
    while body and not body[-1]:
        body.pop()
    if body:
        body += [""] * size


def _with_comments(piece: Piece, comments: Sequence[Comment]) -> list[str]:
    """A piece with the comments of its lines: behind a single line, before several."""
    lines = list(piece.python)
    for comment in comments:
        text = _python_comment(comment.text)
        if len(comments) == 1 and len(lines) == 1 and len(lines[0]) + len(text) + 2 <= WIDTH:
            return [f"{lines[0]}  {text}"]
        lines.insert(0, text)
    if len(comments) > 1:
        lines[: len(comments)] = [_python_comment(c.text) for c in comments]
    return lines


def _python_comment(text: str) -> str:
    inner = text.lstrip("#").strip()
    return f"# {inner}" if inner else "#"
