"""Binomial deviates: inversion for small means, else BTPE.

Both work with the smaller of p and 1 - p. Inversion walks up the probabilities; BTPE
(Binomial, Triangle, Parallelogram, Exponential) rejects from a hat of those four pieces: the
triangle is accepted at once, the others after a squeeze or a comparison of probabilities.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.rng.source import Floats, Source
from pybootmlm.rng.tap import Tap

INVERSION_BELOW = 30.0
LAST_STEP = 110


class _Law(Protocol):
    def draw(self, tap: Tap) -> int: ...


def _power(x: float, n: int) -> float:
    """Return x^n by repeated squaring, which R rounds differently from ``pow``."""
    result = 1.0
    while True:
        if n & 1:
            result *= x
        n >>= 1
        if not n:
            return result
        x *= x


@dataclass(frozen=True, slots=True)
class Inversion:
    """The distribution function walked up from 0, for ``n p < 30``.

    Attributes
    ----------
    at_zero
        Probability of 0, (1 - p)^n.
    g, r
        The ratio of the probabilities of i and i - 1 is ``g / i - r``.
    """

    at_zero: float
    g: float
    r: float

    @classmethod
    def of(cls, n: int, p: float) -> "Inversion":
        """Return the law of `n` trials with probability `p`, at most 1/2."""
        q = 1.0 - p
        r = p / q
        return cls(_power(q, n), r * (n + 1), r)

    def draw(self, tap: Tap) -> int:
        """Return one deviate."""
        while True:
            u = tap.uniform()
            f = self.at_zero
            if u < f:
                return 0
            for i in range(1, LAST_STEP + 2):
                u -= f
                f *= self.g / i - self.r
                if u < f:
                    return i


def _stirling(x: float) -> float:
    """Return the correction terms of Stirling's formula for the logarithm of x!, at x - 1."""
    square = x * x
    series = (99.0 - 140.0 / square) / square
    series = (132.0 - series) / square
    return (13860.0 - (462.0 - series) / square) / x / 166320.0


def _wrapped(value: int) -> int:
    """Return `value` as a signed 32-bit integer holds it.

    R squares the distance from the mode in such an integer. Beyond 46340 it overflows, and R's
    deviates are too widely spread: with n = 2^31 - 2 and p = 1/2 their standard deviation is
    25141, where 23170 is right. Kept, since the stream is to be R's.
    """
    return (value + 2**31) % 2**32 - 2**31


@dataclass(frozen=True, slots=True)
class BTPE:
    """Kachitvichyanukul and Schmeiser's rejection, for ``n p >= 30``; names are the paper's.

    Attributes
    ----------
    n, p, q, r, g, npq
        The law: r = p / q, g = r (n + 1).
    m
        The mode, the whole part of n p + p.
    p1, x_m, x_l, x_r, c, lambda_l, lambda_r
        Half-width of the triangle, its middle and ends, height and tail rates of the hat.
    p2, p3, p4
        Cumulated areas of the pieces.
    """

    n: int
    p: float
    q: float
    r: float
    g: float
    npq: float
    m: int
    p1: float
    x_m: float
    x_l: float
    x_r: float
    c: float
    lambda_l: float
    lambda_r: float
    p2: float
    p3: float
    p4: float

    @classmethod
    def of(cls, n: int, p: float) -> "BTPE":
        """Return the law of `n` trials with probability `p`, at most 1/2."""
        q = 1.0 - p
        np_ = n * p
        r = p / q
        f_m = np_ + p
        m = int(f_m)
        npq = np_ * q
        p1 = int(2.195 * math.sqrt(npq) - 4.6 * q) + 0.5
        x_m = m + 0.5
        x_l, x_r = x_m - p1, x_m + p1
        c = 0.134 + 20.5 / (15.3 + m)
        slope = (f_m - x_l) / (f_m - x_l * p)
        lambda_l = slope * (1.0 + 0.5 * slope)
        slope = (x_r - f_m) / (x_r * q)
        lambda_r = slope * (1.0 + 0.5 * slope)
        p2 = p1 * (1.0 + c + c)
        p3 = p2 + c / lambda_l
        p4 = p3 + c / lambda_r
        return cls(
            n, p, q, r, r * (n + 1), npq, m, p1, x_m, x_l, x_r, c, lambda_l, lambda_r,
            p2, p3, p4,
        )  # fmt: skip

    def draw(self, tap: Tap) -> int:
        """Return one deviate."""
        while True:
            u = tap.uniform() * self.p4
            v = tap.uniform()
            if u <= self.p1:  # the triangle
                return int(self.x_m - self.p1 * v + u)
            if u <= self.p2:  # the parallelogram
                x = self.x_l + (u - self.p1) / self.c
                v = v * self.c + 1.0 - abs(self.x_m - x) / self.p1
                if v > 1.0 or v <= 0.0:
                    continue
                i = int(x)
            elif u > self.p3:  # the right tail
                i = int(self.x_r - math.log(v) / self.lambda_r)
                if i > self.n:
                    continue
                v = v * (u - self.p3) * self.lambda_r
            else:  # the left tail
                i = int(self.x_l + math.log(v) / self.lambda_l)
                if i < 0:
                    continue
                v = v * (u - self.p2) * self.lambda_l
            if self._accepts(i, v):
                return i

    def _accepts(self, i: int, v: float) -> bool:
        k = abs(i - self.m)
        if k <= 20 or k >= self.npq / 2.0 - 1.0:
            return v <= self._ratio_to_mode(i)
        # The squeeze: a parabola t and a margin rho on either side.
        rho = (k / self.npq) * ((k * (k / 3.0 + 0.625) + 0.1666666666666) / self.npq + 0.5)
        t = _wrapped(-k * k) / (2.0 * self.npq)
        log_v = math.log(v)
        if log_v < t - rho:
            return True
        return log_v <= t + rho and log_v <= self._log_ratio_to_mode(i)

    def _ratio_to_mode(self, i: int) -> float:
        """Return the probability of `i` over that of the mode, by recursion."""
        f = 1.0
        for j in range(self.m + 1, i + 1):
            f *= self.g / j - self.r
        for j in range(i + 1, self.m + 1):
            f /= self.g / j - self.r
        return f

    def _log_ratio_to_mode(self, i: int) -> float:
        """Return the logarithm of that ratio, by Stirling's formula."""
        n, m = self.n, self.m
        f1, z = m + 1.0, n + 1.0 - m
        x1, w = i + 1.0, n - i + 1.0
        return (
            self.x_m * math.log(f1 / x1)
            + (n - m + 0.5) * math.log(z / w)
            + (i - m) * math.log(w * self.p / (x1 * self.q))
            + _stirling(f1)
            + _stirling(z)
            + _stirling(x1)
            + _stirling(w)
        )


def binomials(source: Source, n: NDArray[np.int64], p: Floats) -> NDArray[np.int64]:
    """Return one binomial deviate for each pair of `n` and `p`, arrays of one shape ``(k,)``.

    Where `n` is 0, or `p` is 0 or 1, nothing is drawn.

    References
    ----------
    .. [1] Kachitvichyanukul, V. and Schmeiser, B. W. (1988). Binomial random variate generation.
       Communications of the ACM 31, 216-222.
    """
    certain = (n == 0) | (p == 0.0) | (p == 1.0)
    tap = Tap(source, int(np.count_nonzero(~certain)))
    out = np.where(p == 1.0, n, 0)
    laws: dict[tuple[int, float], _Law] = {}
    for k in np.flatnonzero(~certain).tolist():
        trials, chance = int(n[k]), float(p[k])
        less = min(chance, 1.0 - chance)
        law = laws.get((trials, less))
        if law is None:
            kind: type[Inversion] | type[BTPE] = (
                Inversion if trials * less < INVERSION_BELOW else BTPE
            )
            law = laws[trials, less] = kind.of(trials, less)
        tap.begin()
        value = law.draw(tap)
        out[k] = trials - value if chance > 0.5 else value
    return out
