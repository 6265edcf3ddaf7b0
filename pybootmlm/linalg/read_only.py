"""Arrays that several results share, safe from those who read them."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


def read_only(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """A view of `values` that refuses to be written to: a statistic may not change its fit.

    Examples
    --------
    >>> own = np.zeros(2)
    >>> read_only(own).flags.writeable, own.flags.writeable
    (False, True)
    """
    view = values.view()
    view.flags.writeable = False
    return view
