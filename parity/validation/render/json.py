"""The report for machines: its content, block by block, and the digests it prints."""

import json
from dataclasses import asdict
from typing import Any

from parity.validation.content import Block, Document, Section

FORMAT = 1


def json_text(document: Document, digests: dict[str, str]) -> str:
    """Write the document with the digests of its results and of its evidence."""
    content = {
        "format": FORMAT,
        "title": document.title,
        "subtitle": document.subtitle,
        "created": document.created,
        "passed": document.passed,
        "headline": document.headline,
        "digests": digests,
        "sections": [_section(section) for section in document.sections],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "blocks": [_block(block) for block in section.blocks],
        "parts": [_section(part) for part in section.parts],
    }


def _block(block: Block) -> dict[str, Any]:
    return {"kind": type(block).__name__.lower(), **asdict(block)}
