"""What must not change the answer, or must change it in a known way, on models made at random.

Criteria of order 100 agree to 1e-9: the search stops where 1e-14 is left to gain, and sums in
another order differ by rounding. Estimates follow to about the root of what is left: 1e-5.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import Model, models

SAME = {"rel": 1e-11, "abs": 1e-9}
CLOSE = {"rtol": 1e-5, "atol": 1e-5}
SEEDS = st.integers(0, 10**6)


@given(models(), SEEDS)
def test_order_of_rows(model: Model, seed: int):
    order = np.random.default_rng(seed).permutation(len(model.frame))
    fit, other = model.fit(), model.fit(data=model.frame.iloc[order])
    assert other.criterion == pytest.approx(fit.criterion, **SAME)
    np.testing.assert_allclose(other.mu, fit.mu[order], **CLOSE)
    np.testing.assert_allclose(other.theta, fit.theta, **CLOSE)


@given(models(), SEEDS)
def test_names_and_order_of_levels(model: Model, seed: int):
    rng = np.random.default_rng(seed)
    names = sorted(set(model.frame.g))
    new = dict(zip(names, rng.permutation([f"{k} é" for k in range(len(names))]), strict=True))
    renamed = model.frame.g.map(new)
    data = model.frame.assign(g=pd.Categorical(renamed, rng.permutation(list(new.values()))))
    fit, other = model.fit(), model.fit(data=data)
    assert other.criterion == pytest.approx(fit.criterion, **SAME)
    np.testing.assert_allclose(other.beta, fit.beta, **CLOSE)
    expected = fit.ranef()["g"].rename(index=new)
    found = other.ranef()["g"].loc[expected.index]
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), **CLOSE)


@given(models(), st.floats(-1e3, 1e3), st.integers(-12, 12))
def test_origin_and_unit_of_the_response(model: Model, origin: float, power: int):
    unit = 10.0**power
    fit, other = model.fit(), model.fit(data=model.frame.assign(y=(model.frame.y + origin) * unit))
    df = len(model.frame) - (3 if model.reml else 0)
    # Adding 1000 to numbers of order 1 rounds them to 1e-13.
    gain = 2 * df * np.log(unit)
    assert other.criterion == pytest.approx(fit.criterion + gain, rel=1e-10, abs=1e-7)
    np.testing.assert_allclose(other.theta, fit.theta, **CLOSE)
    assert other.sigma == pytest.approx(fit.sigma * unit, rel=1e-6)
    np.testing.assert_allclose(other.beta / unit - [origin, 0, 0], fit.beta, **CLOSE)


@given(models("intercepts", "crossed"), SEEDS)
def test_another_basis_of_the_fixed_effects(model: Model, seed: int):
    rng = np.random.default_rng(seed)
    T = np.eye(3) + rng.uniform(-0.3, 0.3, (3, 3))
    T[:, 0] = [1, 0, 0]
    new = np.column_stack([np.ones(len(model.frame)), model.frame[["x", "z"]]]) @ T
    fit, other = model.fit(), model.fit(data=model.frame.assign(x=new[:, 1], z=new[:, 2]))
    gain = 2 * np.log(abs(np.linalg.det(T))) if model.reml else 0.0
    assert other.criterion == pytest.approx(fit.criterion + gain, **SAME)
    np.testing.assert_allclose(T @ other.beta, fit.beta, **CLOSE)
    np.testing.assert_allclose(other.mu, fit.mu, **CLOSE)


@given(models("slopes", "slopes and crossed"), st.floats(-50, 50), st.floats(0.01, 100))
def test_another_basis_of_the_random_effects(model: Model, origin: float, unit: float):
    data = model.frame.assign(x=(model.frame.x - origin) * unit)
    fit, other = model.fit(), model.fit(data=data)
    gain = 2 * np.log(unit) if model.reml else 0.0
    assert other.criterion == pytest.approx(fit.criterion + gain, rel=1e-10, abs=1e-7)
    np.testing.assert_allclose(other.mu, fit.mu, rtol=1e-4, atol=1e-4)


@given(models(), st.floats(0.01, 100))
def test_unit_of_the_weights(model: Model, unit: float):
    fit = model.fit(weights="w")
    other = model.fit(weights="w", data=model.frame.assign(w=model.frame.w * unit))
    assert other.criterion == pytest.approx(fit.criterion, **SAME)
    np.testing.assert_allclose(other.theta * np.sqrt(unit), fit.theta, **CLOSE)
    assert other.sigma == pytest.approx(fit.sigma * np.sqrt(unit), rel=1e-6)


@given(models())
def test_weights_of_one(model: Model):
    fit, other = model.fit(weights=None), model.fit(weights=np.ones(len(model.frame)))
    assert other.criterion == pytest.approx(fit.criterion, **SAME)


@given(models("intercepts"), SEEDS)
def test_control_another_response_is_another_criterion(model: Model, seed: int):
    row = seed % len(model.frame)
    y = model.frame.y.copy()
    y.iloc[row] += 1e-3
    changed = model.fit(data=model.frame.assign(y=y))
    assert changed.criterion != pytest.approx(model.fit().criterion, **SAME)
