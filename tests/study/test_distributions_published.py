"""The shapes of data, against printed moments of the distributions that they are.

NIST/SEMATECH e-Handbook of Statistical Methods, sections 1.3.6.6.9 (lognormal: a g-and-h with h = 0
is one, shifted and scaled) and 1.3.6.6.6 (chi-square).
"""

from typing import Any

import numpy as np
import pytest

from pybootmlm.study.distributions import ChiSquare, GAndH

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(100)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


class Nodes:
    """In place of random normals, the nodes at which Gauss and Hermite's quadrature is exact."""

    def standard_normal(self, size: int) -> Any:
        assert size == len(NODES)
        return NODES


@pytest.mark.parametrize("g", [0.25, 0.5, 1.0])
def test_a_lognormal_has_its_printed_skewness(g: float) -> None:
    x = GAndH(g, 0).draw(Nodes(), len(NODES))
    # Of degree 100, on exp(3 g z): exact to rounding.
    assert WEIGHTS @ x == pytest.approx(0, abs=1e-10)
    assert WEIGHTS @ x**2 == pytest.approx(1, abs=1e-9)
    printed = (np.exp(g**2) + 2) * np.sqrt(np.exp(g**2) - 1)
    assert WEIGHTS @ x**3 == pytest.approx(printed, rel=1e-8)


def test_control_another_g_has_another_skewness() -> None:
    x = GAndH(0.51, 0).draw(Nodes(), len(NODES))
    printed = (np.exp(0.25) + 2) * np.sqrt(np.exp(0.25) - 1)
    assert WEIGHTS @ x**3 != pytest.approx(printed, rel=1e-2)


@pytest.mark.parametrize("df", [1, 4])
def test_a_chi_square_has_its_printed_skewness(df: int) -> None:
    x = ChiSquare(df).draw(np.random.default_rng(1), 2_000_000)
    # Five standard errors of a third moment: its variance is E(x^6) = 755 at most, that of df = 1.
    assert (x**3).mean() == pytest.approx(2**1.5 / np.sqrt(df), abs=5 * np.sqrt(755 / 2e6))
