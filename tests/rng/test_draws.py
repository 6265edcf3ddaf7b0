"""Where random numbers come from: the streams themselves, and the order in which they are read."""

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.rng.draws import as_source, describe


def test_a_seed_gives_each_replicate_the_stream_that_numpy_spawns_for_it() -> None:
    (drawn,) = as_source(2026).indices([(50, 9)], 4)
    for row, seed in zip(drawn, np.random.SeedSequence(2026).spawn(4), strict=True):
        assert row.tolist() == np.random.default_rng(seed).integers(0, 50, 9).tolist()


def test_replicates_are_counted_from_batch_to_batch() -> None:
    source = as_source(2026)
    source.indices([(50, 9)], 3)
    (later,) = source.indices([(50, 9)], 1)
    seed = np.random.SeedSequence(2026).spawn(4)[3]
    assert later[0].tolist() == np.random.default_rng(seed).integers(0, 50, 9).tolist()


def test_a_generator_is_read_replicate_by_replicate() -> None:
    one, other = as_source(np.random.default_rng(5)).indices([(8, 3), (30, 2)], 2)
    rng = np.random.default_rng(5)
    expected = [(rng.integers(0, 8, 3).tolist(), rng.integers(0, 30, 2).tolist()) for _ in "ab"]
    assert [(a.tolist(), b.tolist()) for a, b in zip(one, other, strict=True)] == expected


def test_a_generator_goes_on_where_it_is() -> None:
    rng = np.random.default_rng(5)
    first = as_source(rng).indices([(8, 3)], 1)[0]
    assert rng.bit_generator.state != np.random.default_rng(5).bit_generator.state
    assert first.tolist() != as_source(rng).indices([(8, 3)], 1)[0].tolist()


def test_r_draws_indices_in_turn_within_each_replicate() -> None:
    one, other = as_source(bm.RStream(85957)).indices([(8, 3), (30, 2)], 2)
    r = bm.RStream(85957)
    for row in range(2):
        assert one[row].tolist() == (r.sample_int(8, 3, replace=True) - 1).tolist()
        assert other[row].tolist() == (r.sample_int(30, 2, replace=True) - 1).tolist()


@pytest.mark.parametrize("counts", [[3], [2, 1], [1, 1, 1]])
def test_r_draws_the_effects_of_all_replicates_before_any_error(counts: list[int]) -> None:
    batches = list(as_source(bm.RStream(85957)).normals((4, 6), counts))
    r = bm.RStream(85957)
    effects, errors = r.rnorm(12).reshape(3, 4), r.rnorm(18).reshape(3, 6)
    np.testing.assert_array_equal(np.vstack([u for u, _ in batches]), effects)
    np.testing.assert_array_equal(np.vstack([e for _, e in batches]), errors)


def test_r_draws_rows_after_the_clusters_of_their_replicate() -> None:
    sizes = np.array([2, 7, 4])
    found = as_source(bm.RStream(85957)).nested(sizes, 2)
    r = bm.RStream(85957)
    for clusters, rows in found:
        drawn = r.sample_int(3, 3, replace=True) - 1
        assert clusters.tolist() == drawn.tolist()
        for cluster, index in zip(drawn, rows, strict=True):
            size = int(sizes[cluster])
            assert index.tolist() == (r.sample_int(size, size, replace=True) - 1).tolist()


def test_none_is_unpredictable() -> None:
    draws = [as_source(None).indices([(1000, 20)], 1)[0].tolist() for _ in range(2)]
    assert draws[0] != draws[1]


@pytest.mark.parametrize("rng", [-1, 2.5, True, "85957", np.random.RandomState(1), [1]])
def test_what_is_no_source_is_refused(rng: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        as_source(rng)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "`rng` must be a seed (an integer from 0), a NumPy Generator, or an RStream for R's random "
        f"numbers; got {rng!r}."
    )


def test_sources_are_described_to_the_reader_of_a_result() -> None:
    assert describe(7) == describe(np.int64(7)) == "seed 7, one NumPy stream a replicate"
    assert describe(None) == "an unknown seed"
    assert describe(np.random.default_rng(1)) == "a NumPy Generator"
    assert describe(bm.RStream(1)) == "R's stream (Mersenne-Twister, Inversion, Rejection)"
