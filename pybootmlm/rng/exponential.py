"""Exponential deviates: Ahrens and Dieter's algorithm SA."""

import math
from collections.abc import Callable

import numpy as np

from pybootmlm.rng.source import Floats, Source
from pybootmlm.rng.tap import Tap

LOG2 = math.log(2.0)


def _partial_sums() -> tuple[float, ...]:
    """Return Q_k = sum of (log 2)^i / i!, i = 1, ..., k, up to the first that rounds to 1."""
    terms: list[float] = []
    sums: list[float] = []
    while not sums or sums[-1] < 1.0:
        terms.append(LOG2 ** (len(terms) + 1) / math.factorial(len(terms) + 1))
        sums.append(math.fsum(terms))
    return tuple(sums)


Q = _partial_sums()


def standard_exponential(uniform: Callable[[], float]) -> float:
    """Return one standard exponential deviate.

    The whole multiples of log 2 are counted by the leading binary digits of the first uniform;
    the rest, an exponential deviate below log 2, is log 2 times the least of so many further
    uniforms as the remaining digits decide.

    Parameters
    ----------
    uniform
        Gives the next uniform.

    References
    ----------
    .. [1] Ahrens, J. H. and Dieter, U. (1972). Computer methods for sampling from the
       exponential and normal distributions. Communications of the ACM 15, 873-882.
    """
    base = 0.0
    u = 2.0 * uniform()
    while u <= 1.0:
        base += LOG2
        u *= 2.0
    u -= 1.0
    if u <= Q[0]:
        return base + u
    least = uniform()
    for bound in Q[1:]:
        least = min(least, uniform())
        if u <= bound:
            break
    return base + least * Q[0]


def exponentials(source: Source, count: int) -> Floats:
    """Return `count` standard exponential deviates, shape ``(count,)``."""
    tap = Tap(source, count)
    out = np.empty(count)
    for i in range(count):
        tap.begin()
        out[i] = standard_exponential(tap.uniform)
    return out
