"""Gamma deviates: Ahrens and Dieter's rejection for shapes below 1 (GS), and from 1 on (GD).

GD takes a squared normal deviate: where the normal is not negative the square is accepted at
once, else after a cheap test or, rarely, an exact one; what is rejected is replaced by rejection
from a double exponential.
"""

import math
from dataclasses import dataclass

import numpy as np

from pybootmlm.rng.exponential import standard_exponential
from pybootmlm.rng.source import Floats, Source
from pybootmlm.rng.tap import Tap

EXP_MINUS_1 = 0.36787944117144233
SQRT32 = 5.656854
SMALLEST_T = -0.71874483771719

# The 1982 paper's coefficients of q0 in 1/a, and of q in v, highest power first.
Q0 = (2.424e-4, 2.4511e-4, -7.388e-5, 0.00144121, 0.00801191, 0.02083148, 0.04166669)
QV = (0.1233795, -0.1367177, 0.1423657, -0.1662921, 0.2000062, -0.250003, 0.3333333)


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    """Return the polynomial without constant term."""
    value = coefficients[0]
    for c in coefficients[1:]:
        value = value * x + c
    return value * x


@dataclass(frozen=True, slots=True)
class GammaDieter:
    """What GD needs to know of a shape of 1 or more: the names are the paper's.

    Attributes
    ----------
    s2, s, d
        Shape less 1/2, its root, and the factor of the quick test.
    q0, b, si, c
        Normalisation of the exact test; location, scale and height of the double exponential.
    """

    s2: float
    s: float
    d: float
    q0: float
    b: float
    si: float
    c: float

    @classmethod
    def of(cls, a: float) -> "GammaDieter":
        """Return the constants for shape `a`."""
        s2 = a - 0.5
        s = math.sqrt(s2)
        if a <= 3.686:
            b, si, c = 0.463 + s + 0.178 * s2, 1.235, 0.195 / s - 0.079 + 0.16 * s
        elif a <= 13.022:
            b, si, c = 1.654 + 0.0076 * s2, 1.68 / s + 0.275, 0.062 / s + 0.024
        else:
            b, si, c = 1.77, 0.75, 0.1515 / s
        return cls(s2, s, SQRT32 - s * 12.0, _polynomial(Q0, 1.0 / a), b, si, c)

    def log_ratio(self, t: float) -> float:
        """Return q(t), the log of the ratio of the two densities at `t`."""
        v = t / (self.s + self.s)
        if abs(v) <= 0.25:
            return self.q0 + 0.5 * t * t * _polynomial(QV, v)
        return self.q0 - self.s * t + 0.25 * t * t + (self.s2 + self.s2) * math.log(1.0 + v)

    def draw(self, tap: Tap, scale: float) -> float:
        """Return one deviate; the order of the products is R's, for the last bit."""
        t = tap.normal()
        x = self.s + 0.5 * t
        if t >= 0.0:
            return scale * (x * x)
        u = tap.uniform()
        if self.d * u <= t * t * t:
            return scale * (x * x)
        if x > 0.0 and math.log(1.0 - u) <= self.log_ratio(t):
            return scale * (x * x)
        x = self.s + 0.5 * self._double_exponential(tap)
        return scale * x * x

    def _double_exponential(self, tap: Tap) -> float:
        while True:
            e = standard_exponential(tap.uniform)
            u = tap.uniform()
            u = u + u - 1.0
            t = self.b - self.si * e if u < 0.0 else self.b + self.si * e
            if t < SMALLEST_T:
                continue
            q = self.log_ratio(t)
            if q > 0.0 and self.c * abs(u) <= math.expm1(q) * math.exp(e - 0.5 * t * t):
                return t


@dataclass(frozen=True, slots=True)
class GammaSmall:
    """GS, for a shape `a` below 1: a power below 1, an exponential tail above."""

    a: float

    def draw(self, tap: Tap, scale: float) -> float:
        """Return one deviate."""
        a = self.a
        b = 1.0 + EXP_MINUS_1 * a
        while True:
            p = b * tap.uniform()
            if p >= 1.0:
                x = -math.log((b - p) / a)
                if standard_exponential(tap.uniform) >= (1.0 - a) * math.log(x):
                    return scale * x
            else:
                x = math.exp(math.log(p) / a)
                if standard_exponential(tap.uniform) >= x:
                    return scale * x


def gammas(source: Source, shapes: Floats, scales: Floats) -> Floats:
    """Return one gamma deviate for each pair of positive `shapes` and `scales`, ``(k,)``.

    References
    ----------
    .. [1] Ahrens, J. H. and Dieter, U. (1974). Computer methods for sampling from gamma, beta,
       Poisson and binomial distributions. Computing 12, 223-246.
    .. [2] Ahrens, J. H. and Dieter, U. (1982). Generating gamma variates by a modified rejection
       technique. Communications of the ACM 25, 47-54.
    """
    tap = Tap(source, shapes.size)
    laws = {a: GammaSmall(a) if a < 1.0 else GammaDieter.of(a) for a in set(shapes.tolist())}
    out = np.empty(shapes.size)
    for i, (a, scale) in enumerate(zip(shapes.tolist(), scales.tolist(), strict=True)):
        tap.begin()
        out[i] = laws[a].draw(tap, scale)
    return out
