"""matplotlib, imported where a picture is asked for."""

from typing import TYPE_CHECKING

from pybootmlm.exceptions import MissingPackageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(columns: int, width: float, height: float) -> "list[Axes]":
    """Axes side by side in a new figure.

    Raises
    ------
    MissingPackageError
        matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise MissingPackageError(
            "A plot needs matplotlib, which is not installed: pip install 'pybootmlm[plot]'."
        ) from error
    _, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained", squeeze=False)
    return list(axes[0])
