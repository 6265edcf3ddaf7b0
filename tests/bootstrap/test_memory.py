"""A bootstrap holds a batch of replicates at a time, and of each keeps next to nothing."""

import tracemalloc

import numpy as np
import pytest

import pybootmlm as bm

BATCH, FEW, MANY = 32, 128, 512
MODELS = {
    "one factor": ("mathach ~ 1 + (1 | id)", "hsb"),
    "several factors": ("diameter ~ 1 + (1 | plate) + (1 | sample)", "Penicillin"),
}


@pytest.fixture(params=list(MODELS))
def fit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bm.LmerFit:
    monkeypatch.setattr("pybootmlm.bootstrap.chunks.TOGETHER", BATCH)
    formula, data = MODELS[request.param]
    return bm.lmer(formula, bm.load_dataset(data))


def peak(fit: bm.LmerFit, nsim: int, **options: object) -> int:
    """Bytes that a bootstrap holds at its peak."""
    tracemalloc.start()
    bm.bootstrap_mer(fit, "theta", nsim, **options)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("rng", [1, "R"])
def test_the_peak_does_not_grow_with_the_replicates(fit: bm.LmerFit, rng: object):
    """More than the statistic is kept, but less than a response takes, 8 bytes a row."""

    def run(nsim: int, **options: object) -> int:
        return peak(fit, nsim, rng=bm.RStream(1) if rng == "R" else rng, **options)

    run(FEW)  # what the first call sets up stays
    half = (MANY - FEW) * fit.nobs * 8 / 2
    assert run(MANY) - run(FEW) < half
    kept = run(MANY, keep_fits=True) - run(FEW, keep_fits=True)
    assert kept > half, "control: fits that are kept are seen"


def test_one_response_of_a_large_model_shares_all_else():
    """What does not depend on the response is the same object for every replicate."""
    rng = np.random.default_rng(1)
    groups = {"a": rng.integers(0, 150, 600), "b": rng.integers(0, 180, 600)}
    data = bm.load_dataset("Dyestuff").iloc[np.zeros(600, int)].reset_index(drop=True)
    data = data.assign(**{k: v.astype(str) for k, v in groups.items()})
    data["y"] = rng.normal(size=600) + sum(rng.normal(size=200)[g] for g in groups.values())
    problem = bm.lmer("y ~ 1 + (1 | a) + (1 | b)", data).model.problem
    assert problem.dear is problem
    other = problem.with_response(rng.normal(size=600))
    assert other.start.leading is not None
    assert other.start.leading is problem.start.leading
    assert other.start.ZZ is problem.start.ZZ
