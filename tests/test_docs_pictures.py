"""The gallery: its code runs, every image has its code, and every picture is shown."""

import importlib.util
import re
from pathlib import Path

import pytest

from pybootmlm import plotting

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def drawn():
    """Figures by name, and how many lines, markers and areas each has."""
    pytest.importorskip("matplotlib", reason="needs pybootmlm[plot]")
    spec = importlib.util.spec_from_file_location("drawing", DOCS / "drawing.py")
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    return {
        name: [len(ax.lines) + len(ax.collections) for ax in figure.axes]
        for name, figure in drawing.figures()
    }


def test_every_image_of_the_page_is_drawn_by_its_code(drawn):
    page = (DOCS / "pictures.md").read_text("utf-8")
    shown = re.findall(r"\(_pictures/([\w-]+)\.svg\)", page)
    assert len(shown) == len(set(shown)), "a name of its own for each"
    assert list(drawn) == shown
    assert all(counts and min(counts) > 0 for counts in drawn.values()), "no axes are empty"


def test_every_picture_there_is_stands_in_the_gallery():
    page = (DOCS / "pictures.md").read_text("utf-8")
    missing = [name for name in plotting.__all__ if f"plotting.{name}(" not in page]
    assert missing == []
    assert "boot.plot(" in page
    assert "agreement(" in page
