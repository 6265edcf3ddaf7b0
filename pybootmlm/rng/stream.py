"""`RStream`: R's random numbers as an object."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.checks import one_of
from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.arguments import count, numbers, population, whole
from pybootmlm.rng.binomial import binomials
from pybootmlm.rng.exponential import exponentials
from pybootmlm.rng.gamma import gammas
from pybootmlm.rng.index import INTEGER_MAX, Indices
from pybootmlm.rng.inversion import normals
from pybootmlm.rng.lecuyer import STREAM_LOG2, SUBSTREAM_LOG2, LEcuyerCMRG
from pybootmlm.rng.plan import draw_plan
from pybootmlm.rng.random_seed import NORMAL_KINDS, SAMPLE_KINDS, SOURCES, packed, unpacked
from pybootmlm.rng.sampling import sample_indices
from pybootmlm.rng.source import Floats, Source, by_name

SEED_HINT = "Give a seed that R's set.seed takes."
UINT_MAX = 4294967295.0


class RStream:
    """A stream of random numbers that is R's, number for number and bit for bit.

    ``RStream(s)`` is R after ``set.seed(s)``; each method draws what R's function of that name
    draws and leaves the stream where R's would be, so calls can be mixed as in R.

    Parameters
    ----------
    seed
        As for ``set.seed``: a whole number from -2147483647 to 2147483647.
    kind
        The generator: ``"Mersenne-Twister"`` or ``"L'Ecuyer-CMRG"``.
    normal_kind
        How normal deviates are made: ``"Inversion"``.
    sample_kind
        How indices are made: ``"Rejection"``, or ``"Rounding"`` as R before 3.6.0.

    Notes
    -----
    Parameters of distributions may be vectors and are recycled as in R. Where R warns and returns
    NaN, an `ArgumentError` is raised instead. R's logarithms, exponentials and powers are the C
    library's; normal, gamma and binomial deviates therefore agree to the last bit with an R that
    uses the same C library, and everything else with any R.

    References
    ----------
    .. [1] R Core Team. R: A Language and Environment for Statistical Computing, help pages
       "Random", "sample" and, in the package parallel, "RngStream".

    Examples
    --------
    >>> stream = RStream(85957)
    >>> stream.sample_int(10).tolist()
    [4, 3, 10, 2, 6, 9, 5, 8, 1, 7]
    >>> RStream(85957).rnorm(3).round(7).tolist()
    [0.2184893, -1.7194418, -1.0536624]
    """

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

    # --- the state -------------------------------------------------------------------------

    @classmethod
    def from_random_seed(cls, random_seed: ArrayLike) -> "RStream":
        """Return the stream whose state is R's integer vector ``.Random.seed``.

        Parameters
        ----------
        random_seed
            Shape ``(626,)`` for Mersenne-Twister, ``(7,)`` for L'Ecuyer-CMRG.

        Examples
        --------
        >>> stream = RStream(85957)
        >>> RStream.from_random_seed(stream.random_seed) == stream
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
        >>> RStream(85957).random_seed[:4].tolist()
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

    def copy(self) -> "RStream":
        """Return a stream in the same state, which goes its own way from there."""
        return RStream.from_random_seed(self.random_seed)

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
        >>> stream = RStream(85957)
        >>> stream.set_kind("L'Ecuyer-CMRG")
        >>> stream
        RStream of L'Ecuyer-CMRG, Inversion, Rejection
        """
        source = None if kind is None else _source_class(kind)
        if sample_kind is not None:
            self._sample_kind = one_of(sample_kind, "sample_kind", SAMPLE_KINDS)
        if source is not None:
            self._source = source.seeded(int(self._source.uniforms(1)[0] * UINT_MAX))

    def next_stream(self) -> "RStream":
        """Return the L'Ecuyer stream 2^127 steps on, as parallel's ``nextRNGStream``.

        Examples
        --------
        >>> RStream(85957, kind="L'Ecuyer-CMRG").next_stream().random_seed[:3].tolist()
        [10407, 773514801, -1438906165]
        """
        return self._jumped(STREAM_LOG2)

    def next_substream(self) -> "RStream":
        """Return the L'Ecuyer stream 2^76 steps on, as parallel's ``nextRNGSubStream``.

        Examples
        --------
        >>> RStream(85957, kind="L'Ecuyer-CMRG").next_substream().random_seed[:3].tolist()
        [10407, 1700257864, 601039733]
        """
        return self._jumped(SUBSTREAM_LOG2)

    def _jumped(self, log2: int) -> "RStream":
        if not isinstance(self._source, LEcuyerCMRG):
            raise ArgumentError(
                f'`kind` must be "L\'Ecuyer-CMRG" for a stream that has streams; got '
                f'{self.kind!r}. Make it with RStream(seed, kind="L\'Ecuyer-CMRG").'
            )
        stream = self.copy()
        stream._source = self._source.jumped(log2)
        return stream

    # --- indices ---------------------------------------------------------------------------

    def sample_int(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> Indices:
        """Return what R's ``sample.int`` returns, numbers from 1 to `n`.

        Parameters
        ----------
        n
            How many entries to draw from, up to 4.5e15.
        size
            How many to draw; all `n` (a permutation) if not given.
        replace
            Whether an entry can come more than once.
        prob
            Weights of the entries, shape ``(n,)``; they need not sum to one.

        Returns
        -------
        Shape ``(size,)``.

        Examples
        --------
        >>> RStream(85957).sample_int(160, 6, replace=True).tolist()
        [36, 98, 126, 139, 131, 143]
        >>> RStream(85957).sample_int(4, 6, replace=True, prob=[1, 2, 3, 4]).tolist()
        [3, 2, 4, 3, 4, 2]
        """
        return self.sample_index(n, size, replace, prob) + 1

    def sample_index(
        self,
        n: int,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> Indices:
        """Return `sample_int`'s draws counted from 0, ready to index an array.

        Examples
        --------
        >>> RStream(85957).sample_index(10).tolist()
        [3, 2, 9, 1, 5, 8, 4, 7, 0, 6]
        """
        return sample_indices(
            self._source, n, size, replace=replace, prob=prob, rounding=self._rounding
        )

    def sample(
        self,
        x: ArrayLike,
        size: int | None = None,
        replace: bool = False,
        prob: ArrayLike | None = None,
    ) -> NDArray[Any]:
        """Return elements of the vector `x` as R's ``sample``; all of them, shuffled, by default.

        A single number is refused: R takes it for ``1:x``, which is what `sample_int` is for.

        Examples
        --------
        >>> RStream(85957).sample(list("abcdefghijklmnopqrstuvwxyz"), 3).tolist()
        ['d', 'j', 's']
        """
        values = np.asarray(x)
        if values.ndim != 1:
            raise ArgumentError(
                f"`x` must be a vector; got shape {values.shape}. "
                "Use `sample_int(n)` to draw from 1, ..., n."
            )
        elements: NDArray[Any] = values[self.sample_index(values.size, size, replace, prob)]
        return elements

    def sample_index_many(
        self,
        draws: Sequence[tuple[int, int]],
        replicates: int,
        *,
        dtype: type[np.integer] = np.intp,
    ) -> list[NDArray[np.integer]]:
        """Return the draws with replacement of many replicates, one pattern repeated.

        The same numbers as a loop over `replicates` of one
        ``sample_index(n, size, replace=True)`` for each of `draws`, many times faster.

        Parameters
        ----------
        draws
            ``(n, size)`` of each draw of one replicate, in their order.
        replicates
            How often the pattern repeats.
        dtype
            Integer type of the result; a narrow one saves memory.

        Returns
        -------
        One array ``(replicates, size)`` for each draw. They are columns of one array.

        Examples
        --------
        >>> groups, rows = RStream(85957).sample_index_many([(3, 3), (5, 4)], 2)
        >>> groups.tolist(), rows.tolist()
        ([[1, 2, 1], [1, 1, 2]], [[2, 2, 2, 1], [4, 4, 4, 1]])
        """
        replicates = count(replicates, "replicates")
        pairs = [population(n, size, replace=True) for n, size in draws]
        largest = max((n for n, _ in pairs), default=0)
        if largest - 1 > np.iinfo(dtype).max:
            raise ArgumentError(
                f"`dtype` must hold indices up to {largest - 1}; got {np.dtype(dtype)}. "
                "Use a wider type, such as numpy.intp."
            )
        return draw_plan(self._source, pairs, replicates, rounding=self._rounding, dtype=dtype)

    @property
    def _rounding(self) -> bool:
        return self._sample_kind == "Rounding"

    # --- distributions ---------------------------------------------------------------------

    def runif(
        self,
        n: int,
        min: ArrayLike = 0.0,  # noqa: A002 - R's name
        max: ArrayLike = 1.0,  # noqa: A002 - R's name
    ) -> Floats:
        """Return `n` uniform deviates between `min` and `max`.

        Where the two are equal that value is returned and nothing drawn.

        Examples
        --------
        >>> RStream(85957).runif(2).tolist()
        [0.5864760538097471, 0.7213413147255778]
        """
        n = count(n)
        if _is(min, 0.0) and _is(max, 1.0):
            return self._source.uniforms(n)
        low = numbers("min", min, n, what="finite", valid="finite")
        high = numbers("max", max, n, what="finite", valid="finite")
        if (high < low).any():
            at = int(np.argmax(high < low))
            raise ArgumentError(
                f"`max` must be at least `min`; got {high[at]} below {low[at]}. Swap them."
            )
        return _where(high != low, low, lambda k: self._source.uniforms(k), low, high - low)

    def rnorm(self, n: int, mean: ArrayLike = 0.0, sd: ArrayLike = 1.0) -> Floats:
        """Return `n` normal deviates, made by inversion.

        Where `sd` is 0 the mean is returned and nothing drawn.

        Examples
        --------
        >>> RStream(85957).rnorm(2, mean=10, sd=2).round(4).tolist()
        [10.437, 6.5611]
        """
        n = count(n)
        if _is(mean, 0.0) and _is(sd, 1.0):
            return normals(self._source, n)
        mu = numbers("mean", mean, n, what="finite", valid="finite")
        sigma = numbers("sd", sd, n, what="finite and not negative", valid="not negative")
        return _where(sigma != 0.0, mu, lambda k: normals(self._source, k), mu, sigma)

    def rexp(self, n: int, rate: ArrayLike = 1.0) -> Floats:
        """Return `n` exponential deviates.

        Examples
        --------
        >>> RStream(85957).rexp(3).round(7).tolist()
        [0.1729521, 0.4426826, 3.1411319]
        """
        n = count(n)
        scale = 1.0 / numbers("rate", rate, n, what="positive", valid="positive")
        zero = np.zeros(n)
        return _where(scale != 0.0, zero, lambda k: exponentials(self._source, k), zero, scale)

    def rgamma(
        self,
        n: int,
        shape: ArrayLike,
        rate: ArrayLike = 1.0,
        *,
        scale: ArrayLike | None = None,
    ) -> Floats:
        """Return `n` gamma deviates.

        Parameters
        ----------
        n
            How many.
        shape
            Not negative; at 0 the deviate is 0 and nothing drawn.
        rate
            Positive; used if `scale` is not given.
        scale
            Not negative; the inverse of the rate.

        Examples
        --------
        >>> RStream(85957).rgamma(3, 2.5).round(6).tolist()
        [2.320925, 6.454553, 4.121701]
        """
        n = count(n)
        a = numbers("shape", shape, n, what="finite and not negative", valid="not negative")
        if scale is None:
            factor = 1.0 / numbers("rate", rate, n, what="positive", valid="positive")
        elif _is(rate, 1.0):
            factor = numbers("scale", scale, n, what="finite and not negative",
                             valid="not negative")  # fmt: skip
        else:
            raise ArgumentError(
                f"`rate` must be left out where `scale` is given; got {rate!r}. Give one of them."
            )
        drawn = (a != 0.0) & (factor != 0.0)
        out = np.zeros(n)
        out[drawn] = gammas(self._source, a[drawn], factor[drawn])
        return out

    def rchisq(self, n: int, df: ArrayLike) -> Floats:
        """Return `n` chi-squared deviates with `df` degrees of freedom.

        Examples
        --------
        >>> RStream(85957).rchisq(3, 4).round(6).tolist()
        [3.559056, 9.784809, 6.776563]
        """
        n = count(n)
        degrees = numbers("df", df, n, what="finite and not negative", valid="not negative")
        return self.rgamma(n, degrees / 2.0, scale=2.0)

    def rbinom(self, n: int, size: ArrayLike, prob: ArrayLike) -> Indices:
        """Return `n` binomial deviates of `size` trials with probability `prob`.

        Parameters
        ----------
        n
            How many.
        size
            Whole numbers from 0 to 2147483646.
        prob
            Probabilities; at 0 and 1 nothing is drawn.

        Notes
        -----
        R's deviates are too widely spread where one can lie more than 46340 from the mode
        (``size * prob * (1 - prob)`` above some 1e8): it squares that distance in a 32-bit
        integer. So are these.

        Examples
        --------
        >>> RStream(85957).rbinom(6, 1000, 0.3).tolist()
        [305, 286, 283, 278, 298, 267]
        """
        n = count(n)
        trials = numbers("size", size, n, what=f"whole, from 0 to {INTEGER_MAX - 1}",
                         valid="trials").astype(np.int64)  # fmt: skip
        p = numbers("prob", prob, n, what="a probability, from 0 to 1", valid="probability")
        return binomials(self._source, trials, p)

    # --- as a value ------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RStream):
            return NotImplemented
        return np.array_equal(self.random_seed, other.random_seed)

    def __repr__(self) -> str:
        return f"RStream of {self.kind}, {self.normal_kind}, {self.sample_kind}"

    def __reduce__(self) -> tuple[Callable[[ArrayLike], "RStream"], tuple[NDArray[np.int32]]]:
        return RStream.from_random_seed, (self.random_seed,)


def _source_class(kind: str) -> type[Source]:
    name = one_of(kind, "kind", [source.name for source in SOURCES])
    source = by_name(name, SOURCES)
    assert source is not None  # `one_of` has seen to it
    return source


def _is(value: object, default: float) -> bool:
    """Whether `value` is the number `default`, so that nothing need be recycled and scaled."""
    return isinstance(value, float | int) and value == default


def _where(
    drawn: NDArray[np.bool_],
    otherwise: Floats,
    draw: Callable[[int], Floats],
    location: Floats,
    scale: Floats,
) -> Floats:
    """Return ``location + scale * draw`` where `drawn`, and `otherwise` where nothing is."""
    if drawn.all():
        return location + scale * draw(drawn.size)
    out = otherwise.copy()
    out[drawn] = location[drawn] + scale[drawn] * draw(int(np.count_nonzero(drawn)))
    return out
