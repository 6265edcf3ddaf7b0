"""Eliminating crossed and nested factors in turn, against dense algebra.

Values agree to 1e-11 relative: sums of some hundred terms, in double precision on both sides.
Derivatives are compared with fourth-order differences of the dense criterion (truncation 1e-12,
rounding 1e-11; bound 1e-8); row quantities are solves with V, whose condition is below 1e3, so
1e-10 leaves a factor of a thousand over rounding.
"""

from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from scipy.linalg import block_diag

from pybootmlm.lmm.covariance import Covariance, build_covariance
from pybootmlm.lmm.several_factors import sweep as sweep_module
from pybootmlm.lmm.several_factors.problem import SeveralFactorsProblem, several_factors

Array = np.ndarray
ROWS = {"rtol": 1e-10, "atol": 1e-10}
DIFFERENCES = {"rtol": 1e-8, "atol": 1e-8}


class Case(NamedTuple):
    y: Array
    X: Array
    Zs: list[Array]
    codes: list[Array]
    covariance: Covariance
    problem: SeveralFactorsProblem
    stages: int  # factors that can be eliminated level by level
    dense: bool


def structure(name: str) -> tuple[list[Array], list[int], int, bool]:
    """Codes, random effects a factor, and the stages that the structure allows."""
    rng = np.random.default_rng(7)
    n = 60
    inner = rng.permutation(np.arange(n) % 12)
    match name:
        case "nested":
            return [inner, inner // 3], [1, 1], 2, False
        case "three levels":
            return [inner, inner // 3, inner // 6], [1, 1, 1], 3, False
        case "nested, slopes on both":
            return [inner, inner // 3], [2, 2], 2, False
        case "crossed":
            return [np.arange(n) % 12, np.arange(n) // 12], [1, 1], 1, True
        case "crossed, slopes on both":
            return [np.arange(n) % 12, np.arange(n) // 12], [2, 3], 1, True
        case "partially crossed":
            return [inner, rng.integers(0, 5, n), rng.integers(0, 3, n)], [1, 2, 1], 1, True
        case "nested, then crossed":
            return [inner, inner // 3, np.arange(n) % 3], [1, 2, 1], 2, True
    raise AssertionError(name)


NAMES = [
    *("nested", "three levels", "nested, slopes on both", "crossed"),
    *("crossed, slopes on both", "partially crossed", "nested, then crossed"),
]


@pytest.fixture(scope="module", autouse=True, params=["stages", "one stage", "as used"])
def way(request: pytest.FixtureRequest):
    """Few random effects take dense matrices throughout; many are eliminated stage by stage."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "as used":
            patch.setattr("pybootmlm.lmm.several_factors.problem.EXACT_UP_TO", 0)
        if request.param == "stages":
            patch.setattr(sweep_module, "DENSE_UP_TO", 0)
        yield request.param


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest, way: str) -> Case:
    codes, sizes, stages, dense = structure(request.param)
    # Consecutive codes, in case a random factor misses one of its levels.
    codes = [np.unique(c, return_inverse=True)[1] for c in codes]
    rng = np.random.default_rng(3)
    n = len(codes[0])
    X = np.column_stack([np.ones(n), rng.normal(size=n)])
    Zs = [np.column_stack([np.ones(n), rng.normal(size=(n, q - 1))])[:, :q] for q in sizes]
    y = rng.normal(size=n) + sum(rng.normal(size=c.max() + 1)[c] for c in codes)
    covariance = build_covariance(tuple(range(len(codes))), tuple(sizes))
    levels = tuple(int(c.max()) + 1 for c in codes)
    problem = several_factors(covariance, Zs, codes, levels, X, y)
    return Case(y, X, Zs, codes, covariance, problem, stages, dense)


def some_theta(case: Case) -> Array:
    rng = np.random.default_rng(11)
    return rng.uniform(-1, 1.5, case.covariance.n_theta)


def dense(textbook: ModuleType, case: Case, theta: Array, reml: bool):
    Zs, Lambdas = [], []
    for Z, codes, part in zip(case.Zs, case.codes, case.covariance.term_slices, strict=True):
        J, q = codes.max() + 1, Z.shape[1]
        Zs.append(textbook.indicator_columns(Z, codes, J))
        Lambdas += [textbook.lower(theta[part], q)] * J
    return textbook.Textbook(case.y, case.X, np.hstack(Zs), block_diag(*Lambdas), reml)


@pytest.mark.parametrize("reml", [True, False])
def test_value_and_gradient(case: Case, textbook: ModuleType, reml: bool):
    theta = some_theta(case)
    found = case.problem.evaluate(theta[None], reml, 1)
    np.testing.assert_allclose(
        found.value[0], dense(textbook, case, theta, reml).criterion, rtol=1e-11
    )
    gradient = textbook.central_gradient(lambda x: dense(textbook, case, x, reml).criterion, theta)
    np.testing.assert_allclose(found.gradient[0], gradient, **DIFFERENCES)
    wrong = found.gradient[0].copy()
    wrong[-1] += 1e-6
    assert not np.allclose(wrong, gradient, **DIFFERENCES), "control"


@pytest.mark.parametrize("reml", [True, False])
def test_hessians(case: Case, textbook: ModuleType, way: str, reml: bool):
    """Exact among few effects; else for inference differences of fourth order, 1e-8."""
    theta = some_theta(case)
    exact = textbook.central_hessian(lambda x: dense(textbook, case, x, reml).criterion, theta)
    # Second differences of the criterion keep 1e-16 * 200 / (2e-3)^2 = 5e-9 of rounding.
    np.testing.assert_allclose(case.problem.hessian(theta, reml), exact, rtol=1e-6, atol=1e-6)
    if way == "as used":
        return
    # Of first order: 1e-4.
    searched = case.problem.evaluate(theta[None], reml, 2).hessian[0]
    np.testing.assert_allclose(searched, exact, rtol=1e-3, atol=1e-3 * np.abs(exact).max())


def test_evaluations_of_several_points_are_the_single_ones(case: Case):
    thetas = np.array([some_theta(case), np.zeros(case.covariance.n_theta)])
    both = case.problem.evaluate(thetas, True, 1)
    for i in (0, 1):
        one = case.problem.evaluate(thetas[[i]], True, 1)
        np.testing.assert_array_equal(both.value[i], one.value[0])
        np.testing.assert_array_equal(both.gradient[i], one.gradient[0])
    values_only = case.problem.evaluate(thetas, True, 0)
    np.testing.assert_array_equal(values_only.value, both.value)
    assert values_only.gradient is None


def test_estimates(case: Case, textbook: ModuleType):
    theta = some_theta(case)
    state, model = case.problem.state(theta), dense(textbook, case, theta, True)
    np.testing.assert_allclose(state.tail.gamma[:, 0], model.beta, **ROWS)
    np.testing.assert_allclose(state.tail.r2[0], model.r2, **ROWS)
    np.testing.assert_allclose(state.log_det_V, np.linalg.slogdet(model.V)[1], **ROWS)
    np.testing.assert_allclose(np.concatenate([u.ravel() for u in state.u]), model.u, **ROWS)
    np.testing.assert_allclose(np.concatenate([b.ravel() for b in state.b]), model.b, **ROWS)
    assert [b.shape for b in state.b] == [
        (c.max() + 1, Z.shape[1]) for c, Z in zip(case.codes, case.Zs, strict=True)
    ]


def test_row_quantities(case: Case, textbook: ModuleType):
    theta = some_theta(case)
    model = dense(textbook, case, theta, True)
    rows = np.random.default_rng(1).normal(size=(len(case.y), 3))
    np.testing.assert_allclose(case.problem.v_inverse(theta, rows), model.V_inverse @ rows, **ROWS)
    np.testing.assert_allclose(
        case.problem.hat_random(theta), np.diag(np.eye(len(rows)) - model.V_inverse), **ROWS
    )
    first = 0
    for f, (Z, codes) in enumerate(zip(case.Zs, case.codes, strict=True)):
        J, q = codes.max() + 1, Z.shape[1]
        whole = (model.V_inverse @ model.Z[:, first : first + J * q]).reshape(-1, J, q)
        own = whole[np.arange(len(rows)), codes]
        np.testing.assert_allclose(case.problem.own_v_inverse_Z(theta, f), own, **ROWS)
        first += J * q


def test_stages_are_those_the_structure_allows(case: Case, way: str):
    """A factor that the earlier ones are nested in stays block-diagonal; others become dense."""
    sweep = case.problem._sweep(some_theta(case))
    if way != "stages":
        assert not sweep.blocks
        assert sweep.dense is not None
        return
    assert len(sweep.blocks) == case.stages
    assert (sweep.dense is not None) == case.dense


@pytest.mark.parametrize("name", ["nested, slopes on both", "partially crossed"])
def test_levels_beyond_one_portion(name: str, textbook: ModuleType, monkeypatch):
    """Columns of V^-1 Z are taken a portion of levels at a time; portions of 2 change nothing."""
    codes, sizes, *_ = structure(name)
    rng = np.random.default_rng(3)
    n = len(codes[0])
    Zs = [rng.normal(size=(n, q)) for q in sizes]
    covariance = build_covariance(tuple(range(len(codes))), tuple(sizes))
    levels = tuple(int(c.max()) + 1 for c in codes)
    problem = several_factors(covariance, Zs, codes, levels, np.ones((n, 1)), rng.normal(size=n))
    theta = rng.uniform(0.2, 1, covariance.n_theta)
    whole = [problem.own_v_inverse_Z(theta, f) for f in range(len(codes))]
    monkeypatch.setattr("pybootmlm.lmm.several_factors.problem.LEVELS_AT_ONCE", 2)
    for f, expected in enumerate(whole):
        # Blocked solves may round differently.
        np.testing.assert_allclose(
            problem.own_v_inverse_Z(theta, f), expected, rtol=1e-12, atol=1e-12
        )


def test_zero_covariates_do_not_move_elements(textbook: ModuleType):
    """A covariate that is 0 in many rows leaves stored zeros; rows still find their own level."""
    n = 40
    inner, outer = np.arange(n) % 8, np.arange(n) % 8 // 2
    x = np.where(np.arange(n) % 3 == 0, 1.0, 0.0)
    Zs = [np.column_stack([np.ones(n), x]), x[:, None]]
    rng = np.random.default_rng(2)
    X, y = np.ones((n, 1)), rng.normal(size=n)
    covariance = build_covariance((0, 1), (2, 1))
    problem = several_factors(covariance, Zs, [inner, outer], (8, 4), X, y)
    case = Case(y, X, Zs, [inner, outer], covariance, problem, 2, False)
    theta = np.array([0.7, -0.4, 0.9, 1.1])
    model = dense(textbook, case, theta, True)
    found = problem.evaluate(theta[None], True, 1)
    np.testing.assert_allclose(found.value[0], model.criterion, rtol=1e-11)
    gradient = textbook.central_gradient(lambda t: dense(textbook, case, t, True).criterion, theta)
    np.testing.assert_allclose(found.gradient[0], gradient, **DIFFERENCES)
    whole = (model.V_inverse @ model.Z[:, :16]).reshape(n, 8, 2)[np.arange(n), inner]
    np.testing.assert_allclose(problem.own_v_inverse_Z(theta, 0), whole, **ROWS)
    np.testing.assert_allclose(
        problem.own_v_inverse_Z(theta, 1)[:, 0],
        (model.V_inverse @ model.Z[:, 16:])[np.arange(n), outer],
        **ROWS,
    )


def test_one_factor_and_several_factors_agree(textbook: ModuleType):
    """The two engines on one model: a second factor with theta 0 is no factor at all."""
    from pybootmlm.lmm.one_factor.block_criterion import evaluate
    from pybootmlm.lmm.one_factor.moments import group_rows

    y, X, Z, codes = textbook.random_rows(6, (4, 5, 6, 3, 4, 5), 2, 2)
    second = np.arange(len(y)) % 3
    covariance = build_covariance((0, 1), (2, 1))
    problem = several_factors(covariance, [Z, np.ones((len(y), 1))], [codes, second], (6, 3), X, y)
    theta = np.array([0.8, 0.3, 0.5, 0.0])
    moments = group_rows(Z, codes, 6, X).moments(y)
    one = evaluate(moments, covariance.factors[0], theta[None], True, 1)
    both = problem.evaluate(theta[None], True, 1)
    np.testing.assert_allclose(both.value, one.value, rtol=1e-12)
    np.testing.assert_allclose(both.gradient[0, :3], one.gradient[0], rtol=1e-10, atol=1e-10)
    assert both.gradient[0, 3] == 0, "the criterion is even in a single theta"


@pytest.mark.parametrize("reml", [True, False])
def test_average_information_is_the_average(case: Case, textbook: ModuleType, reml: bool):
    """Against its definition in dense matrices: a instead of 2a - tr(dS Q dS Q), the rest exact."""
    theta = some_theta(case)
    found = case.problem.approximate(theta, reml)
    model = dense(textbook, case, theta, reml)
    step = 1e-6
    dV = []
    for k in range(theta.size):
        ahead, behind = (theta + s * np.eye(theta.size)[k] for s in (step, -step))
        dV.append(
            (dense(textbook, case, ahead, reml).V - dense(textbook, case, behind, reml).V)
            / (2 * step)
        )
    Q = model.P if reml else model.V_inverse
    weight, Py = model.df / model.r2, model.P @ model.y
    t = theta.size
    a = np.array([[weight * Py @ dV[k] @ model.P @ dV[m] @ Py for m in range(t)] for k in range(t)])
    trace = np.array([[np.trace(dV[k] @ Q @ dV[m] @ Q) for m in range(t)] for k in range(t)])
    exact = textbook.central_hessian(lambda x: dense(textbook, case, x, reml).criterion, theta)
    # V is quadratic in theta, so its central differences are exact up to rounding, 1e-9; the
    # second differences of the criterion keep 5e-9 of rounding.
    np.testing.assert_allclose(found.hessian[0], exact - a + trace, rtol=2e-6, atol=2e-6)
    assert not np.allclose(found.hessian[0], exact, rtol=1e-3, atol=1e-3), "control"
    single = case.problem.evaluate(theta[None], reml, 1)
    np.testing.assert_allclose(found.value, single.value, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, single.gradient, rtol=1e-10, atol=1e-10)
