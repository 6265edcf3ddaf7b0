"""Against R itself, with millions of draws; each script runs on through one stream.

Equality is exact. That the state agrees after the last call shows that no function of the script
drew a number too many or too few.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from pybootmlm.rng import RStream

pytestmark = pytest.mark.live_r

MERSENNE, LECUYER = "Mersenne-Twister", "L'Ecuyer-CMRG"
Arrays = list[NDArray[np.float64]]
RunR = Callable[[str], Arrays]
Step = tuple[str, Callable[[RStream], ArrayLike]]


def replay(run_r: RunR, steps: list[Step], seed: int, kind: str, sample_kind: str) -> RStream:
    """Run the same steps in R and here, and compare every value and the state at the end."""
    lines = [f'suppressWarnings(RNGkind("{kind}", "Inversion", "{sample_kind}"))']
    lines += [f"set.seed({seed})", *(f"emit({code})" for code, _ in steps), "emit(.Random.seed)"]
    *expected, state = run_r("\n".join(lines))
    stream = RStream(seed, kind, sample_kind=sample_kind)
    for (code, draw), values in zip(steps, expected, strict=True):
        np.testing.assert_array_equal(draw(stream), values, err_msg=code[:200])
    np.testing.assert_array_equal(stream.random_seed, state)
    return stream


def r_vector(values: ArrayLike) -> str:
    return f"c({', '.join(repr(float(v)) for v in np.asarray(values))})"


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
def test_uniforms_and_normals(run_r: RunR, kind: str) -> None:
    """Millions, in lengths around which the vectorised paths change, with odd parameters."""
    steps: list[Step] = [
        ("runif(1e6)", lambda s: s.runif(10**6)),
        ("runif(1)", lambda s: s.runif(1)),
        ("rnorm(1e6 + 1)", lambda s: s.rnorm(10**6 + 1)),
        *((f"runif({n})", lambda s, n=n: s.runif(n)) for n in (255, 256, 257, 1023, 1024, 1025)),
        *((f"rnorm({n})", lambda s, n=n: s.rnorm(n)) for n in (16383, 16384, 16385)),
        ("rnorm(999, 1:7, c(0, 2, 3))", lambda s: s.rnorm(999, np.arange(1, 8), [0, 2, 3])),
        ("runif(999, 1, c(1, 2, 3))", lambda s: s.runif(999, 1, [1, 2, 3])),
        ("rnorm(3, 5, 0)", lambda s: s.rnorm(3, 5, 0)),
    ]
    replay(run_r, steps, 85957, kind, "Rejection")


def test_odd_seeds(run_r: RunR) -> None:
    limit = 2**31 - 1
    seeds = [0, 1, -1, 2, limit, -limit, limit - 1, 85957, -123456789, *range(-50, 50, 7)]
    for kind in (MERSENNE, LECUYER):
        code = "".join(f"set.seed({seed}); emit(.Random.seed)\n" for seed in seeds)
        expected = run_r(f'RNGkind("{kind}")\n{code}')
        for seed, state in zip(seeds, expected, strict=True):
            np.testing.assert_array_equal(RStream(seed, kind).random_seed, state)


EQUAL = [
    *(1, 2, 3, 5, 160, 255, 256, 257, 32767, 32768, 32769, 65535, 65536, 65537),
    *(2**31 - 2, 2**31 - 1, 2**31, 2**32, 2**32 + 1, 10**10, 2**48, 2**48 + 1, 4 * 10**15),
]
WITHOUT = [
    *((1, 1), (2, 2), (3, 3), (10, 10), (10, 1), (257, 257), (1000, 10), (7185, 7185)),
    *((65536, 65536), (65537, 40000), (10**7, 5), (10**7 + 1, 50), (10**8, 20000), (10**10, 999)),
]


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
@pytest.mark.parametrize("sample_kind", ["Rejection", "Rounding"])
def test_equal_weights(run_r: RunR, kind: str, sample_kind: str) -> None:
    steps: list[Step] = []
    for n in EQUAL:
        steps.append(
            (f"sample.int({n}, 20000, TRUE)", lambda s, n=n: s.sample_int(n, 20000, replace=True))
        )
    for n, size in WITHOUT:
        steps.append((f"sample.int({n}, {size})", lambda s, n=n, k=size: s.sample_int(n, k)))
    replay(run_r, steps, -11, kind, sample_kind)


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
@pytest.mark.parametrize("sample_kind", ["Rejection", "Rounding"])
def test_unequal_weights(run_r: RunR, kind: str, sample_kind: str) -> None:
    """Distinct weights, ties, zeros; on both sides of the alias method's limit of 200."""
    rng = np.random.default_rng(3)
    steps: list[Step] = []
    for n in (1, 2, 3, 5, 10, 50, 200, 201, 256, 1000):
        for weights in (
            rng.random(n),
            np.ones(n),
            rng.integers(1, 5, n).astype(float),
            np.append(rng.integers(0, 3, n - 1), 1.0),
        ):
            w, positive = r_vector(weights), int(np.count_nonzero(weights))
            steps.append(
                (
                    f"sample.int({n}, 3000, TRUE, {w})",
                    lambda s, n=n, p=weights: s.sample_int(n, 3000, replace=True, prob=p),
                )
            )
            for k in {positive, (positive + 1) // 2}:
                steps.append(
                    (
                        f"sample.int({n}, {k}, FALSE, {w})",
                        lambda s, n=n, k=k, p=weights: s.sample_int(n, k, prob=p),
                    )
                )
    replay(run_r, steps, 85957, kind, sample_kind)


def test_distributions(run_r: RunR) -> None:
    """All branches of the algorithms: shapes around GD's limits, means around BTPE's."""
    size = 20000
    steps: list[Step] = [("rexp(1e5)", lambda s: s.rexp(10**5))]
    for a in (1e-3, 0.05, 0.5, 0.99, 1.0, 1.5, 3.686, 3.7, 13.022, 14.0, 100.0, 1e4):
        steps.append((f"rgamma({size}, {a}, scale = 3)", lambda s, a=a: s.rgamma(size, a, scale=3)))
    trials = [
        *((1, 0.5), (10, 0.3), (60, 0.5), (100, 0.29), (100, 0.31), (400, 0.1), (1000, 0.97)),
        *((5000, 0.5), (10**6, 0.5), (10**5, 0.01), (2**31 - 2, 0.5), (2**31 - 2, 1e-8)),
    ]
    for n, p in trials:
        steps.append((f"rbinom({size}, {n}, {p})", lambda s, n=n, p=p: s.rbinom(size, n, p)))
    steps += [
        ("rexp(999, c(1, 2, Inf))", lambda s: s.rexp(999, [1, 2, np.inf])),
        ("rgamma(999, c(0, .3, 1, 2), 7)", lambda s: s.rgamma(999, [0, 0.3, 1, 2], 7)),
        (
            "rgamma(999, c(.3, 2), scale = c(2, 3, 0))",
            lambda s: s.rgamma(999, [0.3, 2], scale=[2, 3, 0]),
        ),
        ("rchisq(999, c(0, .3, 1, 2, 50))", lambda s: s.rchisq(999, [0, 0.3, 1, 2, 50])),
        (
            "rbinom(999, c(0, 3, 100, 400), c(0, .1, .6, 1, .4))",
            lambda s: s.rbinom(999, [0, 3, 100, 400], [0, 0.1, 0.6, 1, 0.4]),
        ),
    ]
    replay(run_r, steps, 2**31 - 1, MERSENNE, "Rejection")


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
@pytest.mark.parametrize("sample_kind", ["Rejection", "Rounding"])
def test_switching_between_functions(run_r: RunR, kind: str, sample_kind: str) -> None:
    """Short calls of everything in turn: the state is carried across each change."""
    weights = np.arange(1, 302) % 7 + 1.0
    once: list[Step] = [
        ("runif(3)", lambda s: s.runif(3)),
        ("rnorm(2)", lambda s: s.rnorm(2)),
        ("sample.int(77)", lambda s: s.sample_int(77)),
        ("rgamma(2, 1.3)", lambda s: s.rgamma(2, 1.3)),
        ("sample.int(70000, 3, TRUE)", lambda s: s.sample_int(70000, 3, replace=True)),
        ("rbinom(2, 99, 0.4)", lambda s: s.rbinom(2, 99, 0.4)),
        ("rexp(3)", lambda s: s.rexp(3)),
        (
            f"sample.int(301, 2, TRUE, {r_vector(weights)})",
            lambda s: s.sample_int(301, 2, replace=True, prob=weights),
        ),
        ("sample(c(3, 1, 4), 2)", lambda s: s.sample([3.0, 1.0, 4.0], 2)),
        ("rchisq(1, 0.7)", lambda s: s.rchisq(1, 0.7)),
    ]
    replay(run_r, once * 40, 840, kind, sample_kind)


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
@pytest.mark.parametrize("sample_kind", ["Rejection", "Rounding"])
def test_many_replicates(run_r: RunR, kind: str, sample_kind: str) -> None:
    """A residual bootstrap's draws, a pattern with both narrow and wide draws, and one of one n."""
    small = [(30, 30), (1, 2), (7, 7), (256, 3), (257, 300), (2, 0), (65536, 5), (9, 9), (70000, 4)]
    plans = [([(160, 160), (7185, 7185)], 100), (small, 50), ([(45, 45)], 300)]
    if sample_kind == "Rounding":
        plans.append(([(5, 5), (3 * 10**9, 7)], 20))
    lines = [f'suppressWarnings(RNGkind("{kind}", "Inversion", "{sample_kind}"))', "set.seed(1)"]
    for draws, replicates in plans:
        calls = ", ".join(f"sample.int({n}, {size}, TRUE)" for n, size in draws)
        lines.append(f"emit(unlist(lapply(1:{replicates}, function(i) c({calls}))))")
    *expected, state = run_r("\n".join([*lines, "emit(.Random.seed)"]))
    stream = RStream(1, kind, sample_kind=sample_kind)
    for (draws, replicates), values in zip(plans, expected, strict=True):
        arrays = stream.sample_index_many(draws, replicates)
        assert [a.shape for a in arrays] == [(replicates, size) for _, size in draws]
        np.testing.assert_array_equal(np.concatenate(arrays, axis=1).ravel() + 1, values)
    np.testing.assert_array_equal(stream.random_seed, state)


@pytest.mark.parametrize("kind", [MERSENNE, LECUYER])
def test_random_seed_both_ways(run_r: RunR, kind: str) -> None:
    """R's state continued here, and ours continued in R."""
    state, ahead = run_r(f'RNGkind("{kind}"); set.seed(-3); x <- rnorm(700); emit(.Random.seed)\n'
                         "emit(c(rexp(5), sample.int(500)))")  # fmt: skip
    stream = RStream.from_random_seed(state)
    np.testing.assert_array_equal(np.append(stream.rexp(5), stream.sample_int(500)), ahead)

    stream = RStream(77, kind)
    stream.rgamma(401, 0.3)
    ours = ", ".join(f"{v}L" for v in stream.random_seed)
    values, after = run_r(
        f".Random.seed <- c({ours})\nemit(c(rnorm(300), sample.int(9)))\nemit(.Random.seed)"
    )
    np.testing.assert_array_equal(np.append(stream.rnorm(300), stream.sample_int(9)), values)
    np.testing.assert_array_equal(stream.random_seed, after)


def test_rngkind_and_parallel_streams(run_r: RunR) -> None:
    """Changes of kind in the middle of a stream; streams and substreams of parallel."""
    *states, tail = run_r(
        """
        set.seed(3); x <- runif(5)
        RNGkind("L'Ecuyer-CMRG"); emit(.Random.seed)
        RNGkind("L'Ecuyer-CMRG"); emit(.Random.seed)
        s <- .Random.seed
        for (i in 1:3) { s <- parallel::nextRNGStream(s); emit(s) }
        for (i in 1:3) { s <- parallel::nextRNGSubStream(s); emit(s) }
        suppressWarnings(RNGkind(sample.kind = "Rounding")); emit(.Random.seed)
        RNGkind("Mersenne-Twister"); emit(.Random.seed)
        emit(runif(3))
        """
    )
    stream = RStream(3)
    stream.runif(5)
    seen = []
    for _ in range(2):
        stream.set_kind(LECUYER)
        seen.append(stream.random_seed)
    branch = stream
    for step in [RStream.next_stream] * 3 + [RStream.next_substream] * 3:
        branch = step(branch)
        seen.append(branch.random_seed)
    stream.set_kind(sample_kind="Rounding")
    seen.append(stream.random_seed)
    stream.set_kind(MERSENNE)
    seen.append(stream.random_seed)
    for ours, theirs in zip(seen, states, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(stream.runif(3), tail)


def test_negative_control_wrong_scale_is_told_apart(run_r: RunR) -> None:
    """Scaling by 1 / (2^32 - 1), as several ports do, is within 1e-9 and must still fail."""
    (expected,) = run_r("set.seed(85957); emit(runif(1000))")
    right = RStream(85957).runif(1000)
    wrong = right * 2.0**32 / (2.0**32 - 1.0)
    np.testing.assert_allclose(wrong, expected, rtol=0, atol=1e-9)
    assert (wrong != expected).all()
    np.testing.assert_array_equal(right, expected)
