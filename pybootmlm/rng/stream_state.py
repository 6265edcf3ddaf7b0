"""The state of a stream: where it is, by which kinds it goes on, how it is kept and moved."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.arguments import whole
from pybootmlm.rng.index import INTEGER_MAX
from pybootmlm.rng.lecuyer import STREAM_LOG2, SUBSTREAM_LOG2, LEcuyerCMRG
from pybootmlm.rng.random_seed import NORMAL_KINDS, SAMPLE_KINDS, SOURCES, packed, unpacked
from pybootmlm.rng.source import Source, by_name

SEED_HINT = "Give a seed that R's set.seed takes."
UINT_MAX = 4294967295.0


class StreamState:
    """A generator of R's and the kinds by which numbers are made of it."""

    __slots__ = ("_sample_kind", "_source")
    __hash__ = None  # type: ignore[assignment]
    _sample_kind: str
    _source: Source

    def __init__(
        self,
        seed: int,
        kind: str = "Mersenne-Twister",
        normal_kind: str = "Inversion",
        sample_kind: str = "Rejection",
    ) -> None:
        seed = whole("seed", seed, -INTEGER_MAX, INTEGER_MAX, SEED_HINT)
        one_of(normal_kind, "normal_kind", NORMAL_KINDS)
        self._sample_kind = one_of(sample_kind, "sample_kind", SAMPLE_KINDS)
        self._source = _source_class(kind).seeded(seed)

    @classmethod
    def from_random_seed(cls, random_seed: ArrayLike) -> Self:
        """Return the stream whose state is R's integer vector ``.Random.seed``.

        Parameters
        ----------
        random_seed
            Shape ``(626,)`` for Mersenne-Twister, ``(7,)`` for L'Ecuyer-CMRG.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> stream = bm.RStream(85957)
        >>> bm.RStream.from_random_seed(stream.random_seed) == stream
        True
        """
        stream = cls.__new__(cls)
        stream._source, stream._sample_kind = unpacked(random_seed)
        return stream

    @property
    def random_seed(self) -> NDArray[np.int32]:
        """R's ``.Random.seed``, shape ``(626,)`` or ``(7,)``.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).random_seed[:4].tolist()
        [10403, 624, -2099602383, 2133758014]
        """
        return packed(self._source, self._sample_kind)

    @property
    def kind(self) -> str:
        """The generator, by R's name."""
        return self._source.name

    @property
    def normal_kind(self) -> str:
        """How normal deviates are made, by R's name."""
        return NORMAL_KINDS[0]

    @property
    def sample_kind(self) -> str:
        """How indices are made, by R's name."""
        return self._sample_kind

    def copy(self) -> Self:
        """Return a stream in the same state, which goes its own way from there."""
        return type(self).from_random_seed(self.random_seed)

    def set_kind(self, kind: str | None = None, *, sample_kind: str | None = None) -> None:
        """Change the kinds as R's ``RNGkind`` does, in the middle of the stream.

        Parameters
        ----------
        kind
            If given, the generator is seeded anew by one uniform of the old one, even if it is
            the same kind.
        sample_kind
            If given, takes force without a draw.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> stream = bm.RStream(85957)
        >>> stream.set_kind("L'Ecuyer-CMRG")
        >>> stream
        RStream of L'Ecuyer-CMRG, Inversion, Rejection
        """
        source = None if kind is None else _source_class(kind)
        if sample_kind is not None:
            self._sample_kind = one_of(sample_kind, "sample_kind", SAMPLE_KINDS)
        if source is not None:
            self._source = source.seeded(int(self._source.uniforms(1)[0] * UINT_MAX))

    def next_stream(self) -> Self:
        """Return the L'Ecuyer stream 2^127 steps on, as parallel's ``nextRNGStream``.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957, kind="L'Ecuyer-CMRG").next_stream().random_seed[:3].tolist()
        [10407, 773514801, -1438906165]
        """
        return self._jumped(STREAM_LOG2)

    def next_substream(self) -> Self:
        """Return the L'Ecuyer stream 2^76 steps on, as parallel's ``nextRNGSubStream``.

        Examples
        --------
        >>> import pybootmlm as bm
        >>> bm.RStream(85957, kind="L'Ecuyer-CMRG").next_substream().random_seed[:3].tolist()
        [10407, 1700257864, 601039733]
        """
        return self._jumped(SUBSTREAM_LOG2)

    def _jumped(self, log2: int) -> Self:
        if not isinstance(self._source, LEcuyerCMRG):
            raise ArgumentError(
                f'`kind` must be "L\'Ecuyer-CMRG" for a stream that has streams; got '
                f'{self.kind!r}. Make it with RStream(seed, kind="L\'Ecuyer-CMRG").'
            )
        stream = self.copy()
        stream._source = self._source.jumped(log2)
        return stream

    @property
    def _rounding(self) -> bool:
        return self._sample_kind == "Rounding"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StreamState):
            return NotImplemented
        return np.array_equal(self.random_seed, other.random_seed)

    def __reduce__(self) -> tuple[Callable[[ArrayLike], Self], tuple[NDArray[np.int32]]]:
        return type(self).from_random_seed, (self.random_seed,)


def _source_class(kind: str) -> type[Source]:
    name = one_of(kind, "kind", [source.name for source in SOURCES])
    source = by_name(name, SOURCES)
    assert source is not None  # `one_of` has seen to it
    return source
