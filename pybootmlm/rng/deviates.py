"""Random deviates drawn from a stream: R's ``runif``, ``rnorm`` and their like."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.arguments import count, numbers
from pybootmlm.rng.binomial import binomials
from pybootmlm.rng.exponential import exponentials
from pybootmlm.rng.gamma import gammas
from pybootmlm.rng.index import INTEGER_MAX, Indices
from pybootmlm.rng.inversion import normals
from pybootmlm.rng.source import Floats
from pybootmlm.rng.stream_state import StreamState


class Deviates(StreamState):
    """What draws deviates of distributions, their parameters recycled."""

    __slots__ = ()

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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).runif(2).tolist()
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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).rnorm(2, mean=10, sd=2).round(4).tolist()
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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).rexp(3).round(7).tolist()
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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).rgamma(3, 2.5).round(6).tolist()
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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).rchisq(3, 4).round(6).tolist()
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
        >>> import pybootmlm as bm
        >>> bm.RStream(85957).rbinom(6, 1000, 0.3).tolist()
        [305, 286, 283, 278, 298, 267]
        """
        n = count(n)
        trials = numbers("size", size, n, what=f"whole, from 0 to {INTEGER_MAX - 1}",
                         valid="trials").astype(np.int64)  # fmt: skip
        p = numbers("prob", prob, n, what="a probability, from 0 to 1", valid="probability")
        return binomials(self._source, trials, p)


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
