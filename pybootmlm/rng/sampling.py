"""`sample.int`: the choice between R's ways of drawing indices."""

import numpy as np
from numpy.typing import ArrayLike

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.arguments import population, weights
from pybootmlm.rng.index import INTEGER_MAX, Indices, with_replacement
from pybootmlm.rng.shuffle import without_replacement
from pybootmlm.rng.source import Source
from pybootmlm.rng.weighted import weighted_with_replacement, weighted_without_replacement


def sample_indices(
    source: Source,
    n: object,
    size: object | None,
    *,
    replace: bool,
    prob: ArrayLike | None,
    rounding: bool,
) -> Indices:
    """Return `size` indices of 0, ..., `n` - 1 as R would draw them, shape ``(size,)``."""
    n, size = population(n, size, replace=replace)
    if size == 0:
        return np.empty(0, dtype=np.int64)
    if prob is not None:
        p = weights(prob, n, size, replace=replace)
        if replace:
            return weighted_with_replacement(source, p, size, rounding=rounding)
        return weighted_without_replacement(source, p, size)
    if replace:
        return with_replacement(source, n, size, rounding=rounding)
    if n > INTEGER_MAX and size > n / 2:
        raise ArgumentError(
            f"`size` must be at most half of `n` = {n} when `n` is above {INTEGER_MAX}; "
            f"got {size}. Draw fewer, or with `replace=True`."
        )
    return without_replacement(source, n, size, rounding=rounding)
