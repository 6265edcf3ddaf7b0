"""Distributions of effects and errors, all with mean 0 and variance 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import number
from pybootmlm.exceptions import ArgumentError

Array = NDArray[np.float64]


def _above(value: float, argument: str, bound: float) -> None:
    if not number(value, argument) > bound:
        raise ArgumentError(f"`{argument}` must be above {bound:g}; got {value!r}.")


class Distribution(Protocol):
    """A distribution with mean 0 and variance 1."""

    @property
    def name(self) -> str:
        """Its name, with its parameters."""

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Independent numbers (size,)."""


@dataclass(frozen=True)
class Normal:
    """The normal distribution.

    Examples
    --------
    >>> Normal().name
    'normal'
    """

    @property
    def name(self) -> str:
        """Its name."""
        return "normal"

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Independent numbers (size,)."""
        return rng.standard_normal(size)


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square distribution, shifted and scaled: skewness sqrt(8 / df), kurtosis 3 + 12 / df.

    Examples
    --------
    >>> ChiSquare(2).name
    'chi2(2)'
    """

    df: float = 1.0

    def __post_init__(self) -> None:
        _above(self.df, "df", 0.0)

    @property
    def name(self) -> str:
        """Its name and degrees of freedom."""
        return f"chi2({self.df:g})"

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Independent numbers (size,)."""
        return np.asarray((rng.chisquare(self.df, size) - self.df) / np.sqrt(2 * self.df))


@dataclass(frozen=True)
class StudentT:
    """Student's t, scaled; symmetric with heavy tails, kurtosis 3 + 6 / (df - 4) for df above 4.

    Examples
    --------
    >>> StudentT(5).name
    't(5)'
    """

    df: float = 5.0

    def __post_init__(self) -> None:
        _above(self.df, "df", 2.0)

    @property
    def name(self) -> str:
        """Its name and degrees of freedom."""
        return f"t({self.df:g})"

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Independent numbers (size,)."""
        return np.asarray(rng.standard_t(self.df, size) * np.sqrt((self.df - 2) / self.df))


@dataclass(frozen=True)
class GAndH:
    """Tukey's g-and-h distribution, shifted and scaled: g skews it, h makes its tails heavy.

    References
    ----------
    Hoaglin, D. C. (1985). Summarizing shape numerically: the g-and-h distributions. In Exploring
    Data Tables, Trends, and Shapes, Wiley, pp. 461-513.

    Examples
    --------
    >>> GAndH(0.5, 0.1).name
    'g-and-h(0.5, 0.1)'
    """

    g: float = 0.5
    h: float = 0.1

    def __post_init__(self) -> None:
        number(self.g, "g")
        if not 0 <= number(self.h, "h") < 0.5:
            raise ArgumentError(
                f"`h` must lie from 0 to below 0.5, where the variance ends; got {self.h!r}."
            )

    @property
    def name(self) -> str:
        """Its name and parameters."""
        return f"g-and-h({self.g:g}, {self.h:g})"

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Independent numbers (size,)."""
        mean, variance = self._moments()
        z = rng.standard_normal(size)
        skewed = np.expm1(self.g * z) / self.g if self.g else z
        return np.asarray((skewed * np.exp(self.h * z**2 / 2) - mean) / np.sqrt(variance))

    def _moments(self) -> tuple[float, float]:
        """Mean and variance before shifting and scaling."""
        g, h = self.g, self.h
        if g == 0:
            return 0.0, float((1 - 2 * h) ** -1.5)
        mean = np.expm1(g**2 / (2 * (1 - h))) / (g * np.sqrt(1 - h))
        square = np.exp(2 * g**2 / (1 - 2 * h)) - 2 * np.exp(g**2 / (2 * (1 - 2 * h))) + 1
        return float(mean), float(square / (g**2 * np.sqrt(1 - 2 * h)) - mean**2)


DISTRIBUTIONS: Mapping[str, Any] = {
    "normal": Normal(),
    "chi2": ChiSquare(),
    "t": StudentT(),
    "g-and-h": GAndH(),
}


def resolve_distribution(given: str | Distribution) -> Distribution:
    """The distribution of that name, or the distribution itself.

    Raises
    ------
    ArgumentError
        There is none of that name, or it is no distribution.

    Examples
    --------
    >>> resolve_distribution("chi2")
    ChiSquare(df=1.0)
    """
    if isinstance(given, str) and given in DISTRIBUTIONS:
        found: Distribution = DISTRIBUTIONS[given]
        return found
    if not isinstance(given, str | type) and callable(getattr(given, "draw", None)):
        return given
    known = ", ".join(map(repr, DISTRIBUTIONS))
    raise ArgumentError(
        f"A distribution must be one of {known}, or have `name` and `draw`, such as "
        f"ChiSquare(df=3) of pybootmlm.study.distributions; got {given!r}."
    )
