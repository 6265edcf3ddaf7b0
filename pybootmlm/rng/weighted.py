"""Indices drawn with given probabilities, by the algorithm that R would choose.

- with replacement: the inverse of the distribution function over the weights in descending
  order; or Walker's alias method when more than 200 of the n entries have n p > 0.1;
- without replacement: the same inverse over what is left, one draw at a time.
"""

import numpy as np

from pybootmlm.rng.alias import alias_sample
from pybootmlm.rng.heapsort import descending_order
from pybootmlm.rng.index import Indices
from pybootmlm.rng.source import Floats, Source

ALIAS_ABOVE = 200
ALIAS_SHARE = 0.1


def normalised(weights: Floats) -> Floats:
    """Return `weights` divided by their sum, added up from left to right as R does."""
    p: Floats = weights / np.add.accumulate(weights)[-1]
    return p


def weighted_with_replacement(
    source: Source, weights: Floats, size: int, *, rounding: bool
) -> Indices:
    """Return `size` indices drawn with `weights`, shape ``(size,)``.

    Parameters
    ----------
    source
        The stream.
    weights
        Non-negative, not all zero, shape ``(n,)``.
    size
        How many indices.
    rounding
        The sample kind, which only the alias method heeds.
    """
    p = normalised(weights)
    if np.count_nonzero(p * p.size > ALIAS_SHARE) > ALIAS_ABOVE:
        return alias_sample(source, p, size, rounding=rounding)
    order = descending_order(p)
    # The last entry takes whatever rounding has left above the sum of the others.
    cumulated = np.add.accumulate(p[order])[:-1]
    place = np.searchsorted(cumulated, source.uniforms(size), side="left")
    return order[place].astype(np.int64)


def weighted_without_replacement(source: Source, weights: Floats, size: int) -> Indices:
    """Return `size` different indices drawn one after another with `weights`.

    Parameters
    ----------
    source
        Where the uniforms come from; each index takes one.
    weights
        Non-negative, at least `size` of them positive, shape ``(n,)``.
    size
        How many indices.
    """
    p = normalised(weights)
    order = descending_order(p)
    p = p[order]
    out = np.empty(size, dtype=np.int64)
    total = 1.0
    # cumulated[j] is the sum of p[0..j]: entries before a removed one keep their value.
    cumulated = np.add.accumulate(p)
    for i, u in enumerate(source.uniforms(size).tolist()):
        j = int(np.searchsorted(cumulated[:-1], total * u, side="left"))
        out[i] = order[j]
        total -= float(p[j])
        p, order = np.delete(p, j), np.delete(order, j)
        start = cumulated[j - 1 : j] if j else p[:0]
        rest = np.add.accumulate(np.concatenate([start, p[j:]]))[start.size :]
        cumulated = np.concatenate([cumulated[:j], rest])
    return out
