"""The stream as a Python object, and its refusals."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng import RStream

KINDS = ["Mersenne-Twister", "L'Ecuyer-CMRG"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sample_kind", ["Rejection", "Rounding"])
@pytest.mark.parametrize(
    "clone",
    [RStream.copy, copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))],
    ids=["method", "copy", "deepcopy", "pickle"],
)
def test_clone_is_equal_and_apart(
    kind: str, sample_kind: str, clone: Callable[[RStream], RStream]
) -> None:
    stream = RStream(1, kind, sample_kind=sample_kind)
    stream.rnorm(333)
    other = clone(stream)
    assert other == stream
    assert (other.kind, other.normal_kind, other.sample_kind) == (kind, "Inversion", sample_kind)
    ahead = stream.runif(3)
    assert other != stream
    np.testing.assert_array_equal(other.runif(3), ahead)


def test_equality_and_repr() -> None:
    assert RStream(1) != RStream(2)
    assert RStream(1) != RStream(1, sample_kind="Rounding")
    assert RStream(1) != 1
    assert repr(RStream(1)) == "RStream of Mersenne-Twister, Inversion, Rejection"


def test_nothing_asked_nothing_drawn() -> None:
    stream, untouched = RStream(1), RStream(1)
    for draws in (
        stream.runif(0),
        stream.rnorm(0, [], []),
        stream.rexp(0),
        stream.rgamma(0, 1),
        stream.rbinom(0, 1, 0.5),
        stream.sample_int(0),
        stream.sample_int(5, 0),
        stream.sample([]),
    ):
        assert draws.shape == (0,)
    assert stream.sample_index_many([], 3) == []
    assert stream == untouched


def test_numpy_and_whole_floats_are_taken() -> None:
    assert RStream(np.int64(5)) == RStream(5)
    np.testing.assert_array_equal(RStream(5).sample_int(1e7, 3), RStream(5).sample_int(10**7, 3))


TRUNCATED = RStream(1).random_seed[:-1]
ZEROS = np.r_[10403, 624, np.zeros(624, dtype=int)]

MAKING: list[tuple[Callable[[], object], str]] = [
    (lambda: RStream(2**31), "`seed` must be a whole number from -2147483647 to 2147483647"),
    (lambda: RStream(-(2**31)), "got -2147483648. Give a seed that R's set.seed takes"),
    (lambda: RStream(1.5), "`seed` must be a whole number"),
    (lambda: RStream(True), "`seed` must be a whole number"),
    (lambda: RStream("1"), "`seed` must be a whole number"),
    (lambda: RStream(float("nan")), "`seed` must be a whole number"),
    (lambda: RStream(1, "MT"), "`kind` must be one of 'Mersenne-Twister', \"L'Ecuyer-CMRG\""),
    (lambda: RStream(1, normal_kind="Box-Muller"), "`normal_kind` must be one of 'Inversion'"),
    (lambda: RStream(1, sample_kind="x"), "`sample_kind` must be one of 'Rounding'"),
    (lambda: RStream.from_random_seed(TRUNCATED), "must have 625 words after the first; got 624"),
    (lambda: RStream.from_random_seed(ZEROS), "a key .* that is not all zero"),
    (lambda: RStream.from_random_seed([10403, 999] + [1] * 624), "a position .* up to 624"),
    (lambda: RStream.from_random_seed([10401, 1]), "code of a supported kind"),
    (lambda: RStream.from_random_seed([10103, 1]), "code of a supported kind"),
    (lambda: RStream.from_random_seed([10407, 1, 1, 1, -1, 1, 1]), "words below 4294944443"),
    (lambda: RStream.from_random_seed([10407, 0, 0, 0, 1, 1, 1]), "not all zero"),
    (lambda: RStream.from_random_seed([10407, 1]), "must have six words"),
    (lambda: RStream.from_random_seed([10403.5]), "must hold R integers"),
    (lambda: RStream.from_random_seed(["a"]), "must be a vector of whole numbers"),
]  # fmt: skip

DRAWING: list[tuple[Callable[[RStream], object], str]] = [
    (lambda s: s.next_stream(), "`kind` must be \"L'Ecuyer-CMRG\""),
    (lambda s: s.set_kind("x"), "`kind` must be one of"),
    (lambda s: s.runif(-1), "`n` must be a whole number from 0"),
    (lambda s: s.runif(2, 3, 1), "`max` must be at least `min`; got 1.0 below 3.0"),
    (lambda s: s.runif(2, 0, np.inf), "`max` must be finite; got inf"),
    (lambda s: s.rnorm(2, sd=-1), "`sd` must be finite and not negative; got -1"),
    (lambda s: s.rnorm(2, mean=[1, np.nan]), "`mean` must be finite; got nan at 1"),
    (lambda s: s.rnorm(2, mean=[]), "`mean` must be a number or a vector"),
    (lambda s: s.rnorm(2, mean="a"), "`mean` must be finite"),
    (lambda s: s.rexp(2, 0), "`rate` must be positive; got 0"),
    (lambda s: s.rgamma(2, -1), "`shape` must be finite and not negative"),
    (lambda s: s.rgamma(2, 1, 2, scale=2), "`rate` must be left out where `scale` is given"),
    (lambda s: s.rchisq(2, -1), "`df` must be finite and not negative"),
    (lambda s: s.rbinom(2, 2.5, 0.5), "`size` must be whole"),
    (lambda s: s.rbinom(2, 2**31 - 1, 0.5), "`size` must be whole, from 0 to 2147483646"),
    (lambda s: s.rbinom(2, 2, 1.5), "`prob` must be a probability, from 0 to 1; got 1.5"),
    (lambda s: s.sample_int(-1), "`n` must be a whole number from 0"),
    (lambda s: s.sample_int(5 * 10**15, 1), "`n` must be a whole number .* to 4500000000000000"),
    (lambda s: s.sample_int(0, 1), "`n` must be at least 1"),
    (lambda s: s.sample_int(10, 11), "`size` must be at most `n` = 10 without replacement; got 11"),
    (lambda s: s.sample_int(3 * 10**9, 2 * 10**9), "`size` must be at most half of `n`"),
    (lambda s: s.sample_int(3, prob=[1, 2]), "`prob` must be a vector of `n` = 3 numbers"),
    (lambda s: s.sample_int(2, prob=["a", "b"]), "`prob` must be a vector"),
    (lambda s: s.sample_int(2, prob=[1, -1]), "`prob` must be finite and not negative; got -1.0"),
    (lambda s: s.sample_int(3, 2, prob=[1, 0, 0]), "positive for at least 2 entries; got 1"),
    (lambda s: s.sample_int(2, 5, True, [0, 0]), "positive for at least 1 entries; got 0"),
    (lambda s: s.sample(5), "`x` must be a vector"),
    (lambda s: s.sample_index_many([(0, 1)], 2), "`n` must be at least 1"),
    (lambda s: s.sample_index_many([(9, 1)], -2), "`replicates` must be a whole number"),
    (lambda s: s.sample_index_many([(300, 1)], 2, dtype=np.uint8), "`dtype` must hold .* to 299"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), MAKING, ids=[m for _, m in MAKING])
def test_refused_streams_say_what_was_expected(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        call()


@pytest.mark.parametrize(("call", "message"), DRAWING, ids=[m for _, m in DRAWING])
def test_refused_draws_leave_the_stream(call: Callable[[RStream], object], message: str) -> None:
    """They say what was expected, and draw nothing."""
    stream = RStream(1)
    with pytest.raises(ArgumentError, match=message):
        call(stream)
    assert stream == RStream(1)
