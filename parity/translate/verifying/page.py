"""The report for a reader: R and Python side by side, with the verdict of every statement."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from parity.translate.translation import Piece, Status
from parity.translate.verifying.outcome import Line, Verification


def html_page(found: Verification) -> str:
    """Render one page that needs nothing else."""
    environment = Environment(
        loader=PackageLoader("parity.translate.verifying", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = [
        {"line": line, "python": "\n".join(line.piece.python), "verdict": _verdict(line),
         "said": _said(line)}
        for line in found.lines
    ]  # fmt: skip
    return environment.get_template("verified.html.j2").render(found=found, rows=rows)


def _verdict(line: Line) -> str:
    if line.piece.status is not Status.TRANSLATED:
        return line.verdict.value if line.verdict is not None else line.piece.status.value
    return "ran" if line.verdict is None else line.verdict.value


def _said(line: Line) -> list[str]:
    found = []
    for item in line.items:
        title = f"{item.name}: " if item.name else ""
        found.append(f"{title}{item.reason}" if item.reason else f"{title}{item.digits:.1f} digits")
    return found or _reason(line.piece)


def _reason(piece: Piece) -> list[str]:
    return [piece.reason] if piece.reason else []
