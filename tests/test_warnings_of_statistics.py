"""A bootstrap counts the warnings of its statistic, by replicate; the user's filters hold."""

import warnings
from collections.abc import Callable
from typing import Any

import joblib
import pytest

import pybootmlm as bm


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))


def twice_below(limit: float) -> Callable[[Any], float]:
    """The residual standard deviation; below the limit with a warning, which is given twice."""

    def statistic(one: Any) -> float:
        if one.sigma < limit:
            for _ in range(2):
                warnings.warn("it is small", RuntimeWarning, stacklevel=1)
        return float(one.sigma)

    return statistic


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_a_warning_counts_once_a_replicate(
    fit: bm.LmerFit, monkeypatch: pytest.MonkeyPatch, n_jobs: int
) -> None:
    monkeypatch.setattr("pybootmlm.lmm.refits.one_factor.BATCH_ELEMENTS", 300)  # several batches
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()  # and so Python's own rule: show each place once
        before = warnings.showwarning
        with joblib.parallel_config(backend="threading"):
            boot = bm.bootstrap_mer(fit, twice_below(45.0), 60, rng=1, n_jobs=n_jobs)
        assert (warnings.showwarning, warnings.filters) == (before, [])
    below = int((boot.t[:, 0] < 45.0).sum())
    assert 0 < below < 60
    assert boot.warnings == {"RuntimeWarning: it is small": below}
    assert f"Warning in {below}: RuntimeWarning: it is small" in str(boot)
    assert shown == []


def test_what_the_user_ignores_is_not_counted(fit: bm.LmerFit) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        boot = bm.bootstrap_mer(fit, twice_below(45.0), 60, rng=1)
    assert boot.warnings == {}


def test_what_the_user_makes_an_error_fails_the_replicate(fit: bm.LmerFit) -> None:
    """Warnings are errors in these tests, as they may be in a user's."""
    boot = bm.bootstrap_mer(fit, twice_below(45.0), 60, rng=1)
    assert boot.warnings == {}
    assert 0 < len(boot.failures) < 60
    assert all("RuntimeWarning: it is small" in text for text in boot.failures.values())


def test_warnings_of_a_bootstrap_within_a_bootstrap(fit: bm.LmerFit) -> None:
    """Replicates of the inner one are its own; its fit is the outer one's replicate."""
    inner: list[dict[str, int]] = []

    def statistic(one: Any) -> float:
        inner.append(dict(bm.bootstrap_mer(one, twice_below(1e9), 2, rng=1).warnings))
        warnings.warn("outer", UserWarning, stacklevel=1)
        return 1.0

    with warnings.catch_warnings(record=True):
        warnings.resetwarnings()
        boot = bm.bootstrap_mer(fit, statistic, 3, rng=2)
    assert inner == 4 * [{"RuntimeWarning: it is small": 2}]
    assert boot.warnings == {"RuntimeWarning: it is small": 3, "UserWarning: outer": 3}
