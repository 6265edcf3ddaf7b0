"""Against theory and against independent formulas: what no recorded number can show."""

import math

import numpy as np
import pytest
from scipy import stats

from pybootmlm.rng import RStream
from pybootmlm.rng.heapsort import descending_order
from pybootmlm.rng.inversion import libm_log, normal_quantile, normal_quantile_of
from pybootmlm.rng.lecuyer import LEcuyerCMRG
from pybootmlm.rng.mersenne import MersenneTwister

KINDS = ["Mersenne-Twister", "L'Ecuyer-CMRG"]


def test_log_is_the_c_library_s() -> None:
    """The vectorised logarithm is that of `math.log`, bit for bit, also where NumPy's is not."""
    x = np.random.default_rng(1).random(300_000) * 0.075
    expected = np.fromiter(map(math.log, x.tolist()), dtype=float, count=x.size)
    np.testing.assert_array_equal(libm_log(x), expected)


def test_scalar_and_vector_quantiles_are_equal() -> None:
    rng = np.random.default_rng(2)
    p = np.concatenate([rng.random(50_000), 10.0 ** -rng.uniform(1, 18, 5_000), [0.5, 0.075, 1.0]])
    expected = [normal_quantile_of(value) for value in p.tolist()]
    np.testing.assert_array_equal(normal_quantile(p), expected)


def test_quantile_is_accurate() -> None:
    """AS 241 promises about 16 digits; scipy's is another method. 1e-14 allows for both."""
    p = np.concatenate([np.linspace(1e-3, 1 - 1e-3, 999), 10.0 ** -np.arange(2.0, 19.0)])
    np.testing.assert_allclose(normal_quantile(p), stats.norm.ppf(p), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("source", [MersenneTwister, LEcuyerCMRG])
def test_no_reading_ahead(source: type[MersenneTwister] | type[LEcuyerCMRG]) -> None:
    """Any way of cutting the stream into calls gives the same numbers and the same state."""
    whole, cut = source.seeded(5), source.seeded(5)
    lengths = [1, 255, 0, 256, 257, 700, 3, 2000]
    pieces = np.concatenate([cut.uniforms(n) for n in lengths])
    np.testing.assert_array_equal(whole.uniforms(sum(lengths)), pieces)
    np.testing.assert_array_equal(whole.words(), cut.words())


def test_jump_is_that_many_steps() -> None:
    ahead, walked = LEcuyerCMRG.seeded(9).jumped(10), LEcuyerCMRG.seeded(9)
    for _ in range(1 << 10):
        walked.uniforms(1)
    np.testing.assert_array_equal(ahead.words(), walked.words())


def test_heapsort_sorts_and_is_not_stable() -> None:
    """Negative control: with ties a stable sort gives another order, so it must not be used."""
    weights = np.random.default_rng(4).integers(1, 6, 40).astype(float)
    order = descending_order(weights)
    assert sorted(order.tolist()) == list(range(40))
    assert (np.diff(weights[order]) <= 0).all()
    assert order.tolist() != np.argsort(-weights, kind="stable").tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_many_equals_a_loop(kind: str) -> None:
    draws = [(6, 6), (300, 20), (2, 9), (1, 1), (2**33, 3)]
    at_once, one_by_one = RStream(2, kind), RStream(2, kind)
    arrays = at_once.sample_index_many(draws, 25)
    for replicate in range(25):
        for (n, size), array in zip(draws, arrays, strict=True):
            expected = one_by_one.sample_index(n, size, replace=True)
            np.testing.assert_array_equal(array[replicate], expected)
    assert at_once == one_by_one


def test_many_in_chunks_of_replicates_and_in_narrow_types() -> None:
    whole, chunked = RStream(8), RStream(8)
    draws = [(30, 30), (500, 500)]
    first, second = whole.sample_index_many(draws, 10)
    parts = [chunked.sample_index_many(draws, n, dtype=np.uint16) for n in (3, 0, 7)]
    np.testing.assert_array_equal(first, np.concatenate([p[0] for p in parts]))
    np.testing.assert_array_equal(second, np.concatenate([p[1] for p in parts]))
    assert parts[0][1].dtype == np.uint16
    assert whole == chunked


@pytest.mark.parametrize("kind", KINDS)
def test_distributions_pass_kolmogorov_smirnov(kind: str) -> None:
    """Each deviate through its distribution function is uniform. Fixed seed: p is reproducible."""
    s, n = RStream(11, kind), 20_000
    for u in (
        s.runif(n),
        stats.norm.cdf(s.rnorm(n)),
        stats.expon.cdf(s.rexp(n)),
        stats.gamma(0.4).cdf(s.rgamma(n, 0.4)),
        stats.gamma(7.0).cdf(s.rgamma(n, 7.0)),
        stats.chi2(3.0).cdf(s.rchisq(n, 3.0)),
    ):
        assert stats.kstest(u, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(("size", "prob"), [(10, 0.3), (300, 0.4), (3000, 0.8)])
def test_binomials_pass_chi_squared(size: int, prob: float) -> None:
    x = RStream(12).rbinom(20_000, size, prob)
    edges = np.unique(stats.binom.ppf(np.linspace(0.05, 0.95, 10), size, prob))
    cells = np.diff(np.concatenate([[0.0], stats.binom.cdf(edges, size, prob), [1.0]]))
    observed = np.bincount(np.searchsorted(edges, x), minlength=cells.size)
    assert stats.chisquare(observed, 20_000 * cells).pvalue > 1e-3


@pytest.mark.parametrize("replace", [True, False])
def test_weights_are_respected(replace: bool) -> None:
    """First draws have the given probabilities with and without replacement."""
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    stream = RStream(13)
    first = [stream.sample_index(4, 2, replace, weights)[0] for _ in range(4000)]
    observed = np.bincount(first, minlength=4)
    assert stats.chisquare(observed, 400 * weights).pvalue > 1e-3
