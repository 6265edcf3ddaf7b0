"""Normal deviates by inversion: R's default, Wichura's algorithm AS 241.

Each deviate takes two uniforms: the first gives 27 bits, the second fills the rest, and the
normal quantile function is taken of the result. To agree with R to the last bit the order of
every operation, and the logarithm, must be R's: NumPy's own logarithm differs from the C
library's by an ulp or so in some of the tails' values, so that one is not used here.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from pybootmlm.rng.source import Floats, Source

TWO27 = 134217728.0
BLOCK = 16384  # deviates at a time: the work arrays stay in the cache

CENTRAL = 0.425  # |q| up to here: rational function of q^2
SPLIT = 5.0  # sqrt(-log(tail)) up to here: the near tail

# Coefficients of AS 241 (PPND16), highest power first: numerator, denominator.
CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
NEAR = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
     4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip
STANDARD_NORMAL = NormalDist()
Rational = tuple[tuple[float, ...], tuple[float, ...]]


def libm_log(x: Floats) -> Floats:
    """Return the C library's logarithm of each `x`, as `math.log` gives it one at a time.

    ``xlogy(1, x)`` is ``1 * log(x)`` with that very function, at a tenth of the cost of a loop
    over `math.log`; a test holds the two against each other.
    """
    return np.asarray(xlogy(1.0, x), dtype=np.float64)


def _horner(coefficients: tuple[float, ...], x: Floats) -> Floats:
    value = x.copy()
    value *= coefficients[0]
    for c in coefficients[1:-1]:
        value += c
        value *= x
    value += coefficients[-1]
    return value


def _tail(r: Floats, rational: Rational, shift: float) -> Floats:
    r = r - shift
    return _horner(rational[0], r) / _horner(rational[1], r)


def normal_quantile(p: Floats) -> Floats:
    """Return the standard normal quantiles of `p`, shape ``(n,)``, as R's ``qnorm`` does.

    Parameters
    ----------
    p
        Probabilities in (0, 1], shape ``(n,)``; 1 gives infinity.

    References
    ----------
    .. [1] Wichura, M. J. (1988). Algorithm AS 241: The percentage points of the normal
       distribution. Applied Statistics 37, 477-484.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.975, 1e-10])).tolist()
    [0.0, 1.9599639845400536, -6.361340902404056]
    """
    q = p - 0.5
    r = 0.180625 - q * q
    value = _horner(CENTRE[0], r)
    value *= q
    value /= _horner(CENTRE[1], r)

    tail: NDArray[np.intp] = np.flatnonzero(np.abs(q) > CENTRAL)
    lower = q[tail] < 0.0
    mass = p[tail]
    np.subtract(1.0, mass, out=mass, where=~lower)
    r = np.sqrt(-libm_log(mass))
    far = np.flatnonzero(r > SPLIT)
    with np.errstate(invalid="ignore"):  # at p = 1, which is put right below
        result = _tail(r, NEAR, 1.6)
        result[far] = _tail(r[far], FAR, SPLIT)
    result[mass == 0.0] = np.inf
    value[tail] = np.where(lower, -result, result)
    return value


def normal_quantile_of(p: float) -> float:
    """Return the standard normal quantile of one `p` in (0, 1].

    Python's own is AS 241 with the same coefficients and the C library's logarithm; a test holds
    it against `normal_quantile`, which is slow for a single value.
    """
    return STANDARD_NORMAL.inv_cdf(p) if p < 1.0 else float("inf")


def normals(source: Source, count: int) -> Floats:
    """Return the next `count` standard normal deviates of `source`, shape ``(count,)``."""
    out = np.empty(count)
    for start in range(0, count, BLOCK):
        u = source.uniforms(2 * min(BLOCK, count - start))
        p = np.floor(TWO27 * u[0::2])
        p += u[1::2]
        p /= TWO27
        out[start : start + p.size] = normal_quantile(p)
    return out
