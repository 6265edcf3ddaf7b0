"""The state of a stream as R keeps it, the integer vector ``.Random.seed``.

Its first entry codes the three kinds: generator + 100 * normal kind + 10000 * sample kind. The
others are the generator's state, unsigned words written as signed integers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.lecuyer import LEcuyerCMRG
from pybootmlm.rng.mersenne import MersenneTwister
from pybootmlm.rng.source import Source, by_code

SOURCES: tuple[type[Source], ...] = (MersenneTwister, LEcuyerCMRG)
SAMPLE_KINDS = ("Rounding", "Rejection")  # in R's numbering
NORMAL_KINDS = ("Inversion",)
INVERSION = 4  # R's number of it


def packed(source: Source, sample_kind: str) -> NDArray[np.int32]:
    """Return ``.Random.seed``."""
    code = source.code + 100 * INVERSION + 10000 * SAMPLE_KINDS.index(sample_kind)
    return np.concatenate([[code], source.words().view(np.int32)]).astype(np.int32)


def unpacked(vector: ArrayLike) -> tuple[Source, str]:
    """Return the generator and the sample kind that ``.Random.seed`` describes."""
    values = np.asarray(vector)
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "if":
        raise ArgumentError(
            "`random_seed` must be a vector of whole numbers; "
            f"got shape {values.shape} of {values.dtype}. Take R's `.Random.seed`."
        )
    if (values != np.floor(values)).any() or (np.abs(values.astype(float)) > 2.0**31).any():
        raise ArgumentError(
            "`random_seed` must hold R integers, from -2147483648 to 2147483647; got others. "
            "Take R's `.Random.seed` without rounding."
        )
    code = int(values[0])
    kind = by_code(code % 100, SOURCES)
    if kind is None or code // 100 % 100 != INVERSION or code // 10000 not in (0, 1):
        raise ArgumentError(
            "`random_seed` must begin with the code of a supported kind (10403, 10407, or, with "
            f"the sample kind 'Rounding', 403, 407); got {code}. "
            "Call RNGkind('Mersenne-Twister', 'Inversion', 'Rejection') in R first."
        )
    try:
        source = kind.restored(values[1:].astype(np.int64).astype(np.uint32))
    except ValueError as error:
        raise ArgumentError(
            f"`random_seed` of {kind.name} must have {error}. Take R's `.Random.seed` unchanged."
        ) from error
    return source, SAMPLE_KINDS[code // 10000]
