"""Weighted sampling with replacement from many: Walker's alias method.

Each of n cells of equal width is split between its own index and at most one other, its alias;
"Rounding" finds cell and side by one uniform, "Rejection" by an index and a uniform.
"""

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.index import Indices, bits_for, chunks_per_try
from pybootmlm.rng.source import Floats, Source
from pybootmlm.rng.tap import Tap


def alias_table(p: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return the splits, counted from the left end of cell 0, and the aliases.

    Parameters
    ----------
    p
        Probabilities, shape ``(n,)``.

    Returns
    -------
    Two arrays of shape ``(n,)``: cell i belongs to i left of ``splits[i]`` and to ``aliases[i]``
    right of it.
    """
    n = p.size
    filled: list[float] = (p * n).tolist()
    # Under-full cells from the front, over-full cells from the back; each over-full cell fills
    # the under-full ones in turn, until it is itself under-full: it is then next in the line.
    under = [i for i in range(n) if filled[i] < 1.0]
    over = [i for i in range(n) if not filled[i] < 1.0]
    line = under + over[::-1]
    aliases = list(range(n))
    donor = len(under)
    if under and over:
        for receiver in line[: n - 1]:
            giver = line[donor]
            aliases[receiver] = giver
            filled[giver] += filled[receiver] - 1.0
            if filled[giver] < 1.0:
                donor += 1
            if donor >= n:
                break
    splits: Floats = np.array(filled, dtype=np.float64) + np.arange(n, dtype=np.float64)
    return splits, np.array(aliases, dtype=np.intp)


def _places_by_rejection(source: Source, n: int, size: int) -> Floats:
    """Return `size` places in (0, `n`): a cell, tried for until it is one, and a uniform."""
    bits = bits_for(n)
    mask, more = (1 << bits) - 1, range(chunks_per_try(bits) - 1)
    tap = Tap(source, size)
    out = np.empty(size)
    for i in range(size):
        tap.begin()
        cell = n
        while cell >= n:
            cell = int(tap.uniform() * 65536.0)
            for _ in more:
                cell = cell << 16 | int(tap.uniform() * 65536.0)
            cell &= mask
        out[i] = cell + tap.uniform()
    return out


def alias_sample(source: Source, p: Floats, size: int, *, rounding: bool) -> Indices:
    """Return `size` indices with probabilities `p`, shape ``(size,)``.

    References
    ----------
    .. [1] Walker, A. J. (1977). An efficient method for generating discrete random variables
       with general distributions. ACM Transactions on Mathematical Software 3, 253-256.
    .. [2] Ripley, B. D. (1987). Stochastic Simulation. Wiley.
    """
    splits, aliases = alias_table(p)
    if rounding:
        place = source.uniforms(size) * p.size
    else:
        place = _places_by_rejection(source, p.size, size)
    cell = place.astype(np.int64)
    return np.where(place < splits[cell], cell, aliases[cell]).astype(np.int64)
