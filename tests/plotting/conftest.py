"""matplotlib without a window, and its figures closed after each test."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def plt() -> Iterator[Any]:
    matplotlib = pytest.importorskip("matplotlib", reason="needs pybootmlm[plot]")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")
