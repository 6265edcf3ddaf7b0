"""`tolerance` of a bootstrap: how far the search of a replicate goes."""

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError

MODELS = {
    "one factor": ("Yield ~ 1 + (1 | Batch)", "Dyestuff"),
    "few effects": ("strength ~ 1 + (1 | batch / cask)", "Pastes"),
    "many effects": ("strength ~ 1 + (1 | batch / cask)", "Pastes"),
}


@pytest.fixture(params=list(MODELS))
def fit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bm.LmerFit:
    if request.param == "many effects":
        monkeypatch.setattr("pybootmlm.lmm.several_factors.problem.EXACT_UP_TO", 0)
    formula, data = MODELS[request.param]
    return bm.lmer(formula, bm.load_dataset(data))


def criterion(fit: bm.LmerFit) -> float:
    return fit.criterion


def test_bounds_what_the_criterion_could_still_fall(fit: bm.LmerFit):
    """Half the square of the decrement, for a quadratic; twice that leaves room for the rest."""
    exact = bm.bootstrap_mer(fit, criterion, 20, rng=3).t
    given = bm.bootstrap_mer(fit, criterion, 20, rng=3, tolerance=1e-7).t
    np.testing.assert_array_equal(given, exact)
    loose = bm.bootstrap_mer(fit, criterion, 20, rng=3, tolerance=0.05).t
    assert (loose != exact).any(), "control: it does something"
    # Rounding of a criterion of about 300: 1e-12.
    assert (loose > exact - 1e-10).all()
    assert (loose - exact).max() < 0.05**2


def test_is_part_of_what_a_run_is(fit: bm.LmerFit, tmp_path):
    """Replicates of another tolerance are not taken from a checkpoint, nor combined with these."""
    path = tmp_path / "run"
    one = bm.bootstrap_mer(fit, criterion, 8, rng=3, tolerance=1e-3, checkpoint=path)
    with pytest.raises(ArgumentError, match="tolerance"):
        bm.bootstrap_mer(fit, criterion, 8, rng=3, checkpoint=path)
    other = bm.bootstrap_mer(fit, criterion, 8, rng=3)
    assert one.origin != other.origin


@pytest.mark.parametrize("tolerance", [0, -1e-3, float("nan"), "small"])
def test_what_is_no_tolerance(tolerance):
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    with pytest.raises(ArgumentError, match="`tolerance` must be"):
        bm.bootstrap_mer(fit, criterion, 2, rng=1, tolerance=tolerance)
