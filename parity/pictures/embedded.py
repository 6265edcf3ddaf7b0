"""Pictures for a page that needs nothing else: small, and the same bytes every time."""

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from parity.pictures.agreement import agreement
from parity.run import CaseResult
from parity.tolerances import Tolerance

#: Quantities whose rows are replicates.
REPLICATES = ("boot_mer", "bootstrap_mer", "bootstrap_case")
#: Pictures on a page, of the cases that stand first (those that failed): each is some twelve
#: kilobytes and a quarter of a second.
MOST = 24
_COLOURS = 32
_DPI = 95


@dataclass(frozen=True)
class Picture:
    """An image as a data URI, its width and height, and what it shows in words."""

    uri: str
    width: int
    height: int
    said: str


def pictures_of(
    results: Iterable[CaseResult], tolerances: Mapping[str, Tolerance]
) -> dict[str, Picture]:
    """Pictures of the first replicate cases that have numbers on both sides, by case id.

    None without matplotlib: a report must not need it.
    """
    if find_spec("matplotlib") is None or find_spec("PIL") is None:
        return {}
    found: dict[str, Picture] = {}
    for result in results:
        if len(found) == MOST:
            break
        if (picture := _picture(result, tolerances)) is not None:
            found[result.case.id] = picture
    return found


def _picture(result: CaseResult, tolerances: Mapping[str, Tolerance]) -> Picture | None:
    answer, observed = result.answer, result.observed
    if result.case.quantity not in REPLICATES or answer is None or observed is None:
        return None
    shape = answer.value.numbers.shape
    # A recorded value that was too long holds some rows only; one replicate is no picture.
    if answer.thinned or len(shape) != 2 or shape != observed.numbers.shape or shape[0] < 2:
        return None
    # Imported here, so that a page without pictures does not wait for them.
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(8.4, 3.4), dpi=_DPI)
    # Margins by hand: to find them, matplotlib draws everything several times.
    figure.subplots_adjust(left=0.075, right=0.99, bottom=0.14, top=0.91, wspace=0.27)
    left, right = figure.subplots(1, 2)
    agreement(answer.value, observed, tolerances[result.case.tolerance], axes=(left, right))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    image = Image.open(drawn).convert("RGB").quantize(_COLOURS)
    small = io.BytesIO()
    image.save(small, format="PNG", optimize=True)
    data = base64.b64encode(small.getvalue()).decode("ascii")
    said = (
        f"{shape[0]} replicates of {shape[1]} statistics, Python against R; "
        f"differences against the tolerance: {right.get_title()}."
    )
    return Picture(f"data:image/png;base64,{data}", image.width, image.height, said)
