"""Draw what docs/pictures.md shows, by running the code that it shows.

Nothing that is drawn is committed: a picture cannot differ from the code beside it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("pictures.md")
FOLDER = Path(__file__).with_name("_pictures")
# A block of code, and the image that stands behind it, if one does.
BLOCK = re.compile(r"```python\n(.*?)```\s*(?:!\[[^\]]*\]\(_pictures/([\w-]+)\.svg\))?", re.DOTALL)


def figures() -> Iterator[tuple[str, Any]]:
    """Run the page's code, block by block; give the name and the figure of each picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names: dict[str, Any] = {}
    for code, picture in BLOCK.findall(PAGE.read_text("utf-8")):
        exec(code, names)
        if picture:
            yield picture, plt.gcf()
        plt.close("all")


def draw(folder: Path = FOLDER) -> None:
    """Write every picture of the page as SVG, the same bytes every time."""
    import matplotlib

    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context({"svg.hashsalt": "pybootmlm"}):
        for name, figure in figures():
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
