"""Distributions of a study: mean 0, variance 1, and the shape that their names say."""

from typing import Any

import numpy as np
import pytest
import scipy.stats

from pybootmlm.exceptions import ArgumentError
from pybootmlm.study.distributions import (
    DISTRIBUTIONS,
    ChiSquare,
    GAndH,
    Normal,
    StudentT,
    resolve_distribution,
)


class Quantiles:
    """In place of a generator: the quantiles at the middles of equal shares, from SciPy."""

    @staticmethod
    def _shares(size: int) -> np.ndarray:
        return (np.arange(size) + 0.5) / size

    def standard_normal(self, size: int) -> np.ndarray:
        return scipy.stats.norm.ppf(self._shares(size))

    def chisquare(self, df: float, size: int) -> np.ndarray:
        return scipy.stats.chi2.ppf(self._shares(size), df)

    def standard_t(self, df: float, size: int) -> np.ndarray:
        return scipy.stats.t.ppf(self._shares(size), df)


@pytest.mark.parametrize(
    ("distribution", "skewness"),
    [
        (Normal(), 0.0),
        (ChiSquare(1), np.sqrt(8)),
        (ChiSquare(4.5), np.sqrt(8 / 4.5)),
        (StudentT(9), 0.0),
        (GAndH(0, 0), 0.0),
        (GAndH(0, 0.1), 0.0),
        # exp(g z) less its mean is a lognormal: its skewness is known.
        (GAndH(0.5, 0), (np.exp(0.25) + 2) * np.sqrt(np.exp(0.25) - 1)),
    ],
    ids=lambda value: str(value),
)
def test_against_theory(distribution: Any, skewness: float) -> None:
    """Sums over 200,000 quantiles; the tails beyond them leave less than a few percent."""
    x = distribution.draw(Quantiles(), 200_000)
    assert x.mean() == pytest.approx(0, abs=1e-3)
    assert x.var() == pytest.approx(1, abs=4e-3)
    assert (x**3).mean() == pytest.approx(skewness, abs=0.03 * max(skewness, 0.03))


@pytest.mark.parametrize(("g", "h"), [(0.5, 0.1), (-0.5, 0.1), (0.2, 0.2), (1.0, 0.05)])
def test_moments_of_g_and_h_against_quadrature(g: float, h: float) -> None:
    """The integrals over the normal density, by Gauss-Legendre on [-12, 12]."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z, w = 12 * nodes, 12 * weights * scipy.stats.norm.pdf(12 * nodes)

    class Nodes:
        def standard_normal(self, size: int) -> np.ndarray:
            assert size == len(z)
            return z

    x = GAndH(g, h).draw(Nodes(), len(z))  # type: ignore[arg-type]
    assert (w * x).sum() == pytest.approx(0, abs=1e-9)
    # The integrand falls as exp(-(1 - 2h) z^2 / 2): what lies beyond 12 is below 1e-9.
    assert (w * x**2).sum() == pytest.approx(1, abs=1e-8)
    assert np.sign((w * x**3).sum()) == np.sign(g)


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_draws_follow_the_generator(name: str) -> None:
    distribution = resolve_distribution(name)
    first, again = (distribution.draw(np.random.default_rng(1), 50) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.isfinite(first).all()
    assert distribution.name.startswith(name)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ChiSquare(0), lambda: ChiSquare(-1), lambda: StudentT(2), lambda: GAndH(0.5, 0.5),
        lambda: GAndH(0.5, -0.1), lambda: GAndH("a", 0.1), lambda: ChiSquare(float("nan")),
    ],
)  # fmt: skip
def test_parameters_without_a_variance_are_refused(make: Any) -> None:
    with pytest.raises(ArgumentError, match=r"`(df|g|h)` must"):
        make()


@pytest.mark.parametrize("given", ["cauchy", 3, None, Normal])
def test_what_is_no_distribution(given: Any) -> None:
    with pytest.raises(ArgumentError, match="A distribution must be one of 'normal', 'chi2'"):
        resolve_distribution(given)
