"""The report for a reader: one HTML file that needs nothing else, to be read or printed."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from parity.validation.content import Block, Document, tone_of


def html_text(document: Document) -> str:
    """Render the document."""
    environment = Environment(
        loader=PackageLoader("parity.validation.render", "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = _kind
    environment.filters["tone"] = tone_of
    return environment.get_template("validation.html.j2").render(document=document)


def _kind(block: Block) -> str:
    return type(block).__name__.lower()
