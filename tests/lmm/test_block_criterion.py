"""The criterion of one grouping factor against dense algebra, differences and 50 digits.

Tolerances. Value: both sides are sums of some dozens of terms of order 1 to 100 in double
precision, so 1e-11 relative leaves a factor of a thousand over rounding. Differences: fourth
order with step 1e-3, so truncation is 1e-12 and rounding 1e-16 * |value| / 1e-3 = 1e-11; the
bound is 1e-8 on derivatives of order 1 to 1000. 50 digits: rounding of our side alone.
"""

from dataclasses import replace
from itertools import product
from types import ModuleType
from typing import NamedTuple

import mpmath as mp
import numpy as np
import pytest

from pybootmlm.linalg import stacked
from pybootmlm.lmm.covariance import FactorCovariance, build_covariance, lower_triangle
from pybootmlm.lmm.one_factor.block_criterion import evaluate
from pybootmlm.lmm.one_factor.moments import Moments, group_rows

Array = np.ndarray
VALUE = {"rtol": 1e-11}
DIFFERENCES = {"rtol": 1e-8, "atol": 1e-8}

# Groups of one row are smaller than q for q > 1; so are those of two for q = 3.
SIZES = (1, 7, 2, 4, 1, 9, 3)
SHAPES = [
    *((q, p, (q,)) for q, p in product((1, 2, 3), (0, 1, 2, 3))),
    (2, 2, (1, 1)),  # x || g
    (3, 2, (2, 1)),
    (3, 1, (1, 1, 1)),
]


class Case(NamedTuple):
    y: Array
    X: Array
    Z: Array
    codes: Array
    covariance: FactorCovariance
    moments: Moments

    @property
    def levels(self) -> int:
        return int(self.codes.max()) + 1


def make(y: Array, X: Array, Z: Array, codes: Array, terms: tuple[int, ...]) -> Case:
    covariance = build_covariance((0,) * len(terms), terms).factors[0]
    moments = group_rows(Z, codes, int(codes.max()) + 1, X).moments(y)
    return Case(y, X, Z, codes, covariance, moments)


def some_theta(t: int, seed: int = 5) -> Array:
    """Of either sign, away from zero: the criterion is defined everywhere."""
    rng = np.random.default_rng(seed)
    return rng.choice([-1.0, 1.0], t) * rng.uniform(0.3, 1.5, t)


def dense(textbook: ModuleType, case: Case, theta: Array, reml: bool) -> float:
    Lambda = np.kron(np.eye(case.levels), case.covariance.Lambda(theta))
    Z = textbook.indicator_columns(case.Z, case.codes, case.levels)
    return float(textbook.Textbook(case.y, case.X, Z, Lambda, reml).criterion)


@pytest.fixture(params=SHAPES, ids=str)
def case(request: pytest.FixtureRequest, textbook: ModuleType) -> Case:
    q, p, terms = request.param
    return make(*textbook.random_rows(10 * q + p, SIZES, q, p), terms)


def ours(case: Case, theta: Array, reml: bool, order: int = 2):
    return evaluate(case.moments, case.covariance, theta[None], reml, order)


@pytest.mark.parametrize("reml", [True, False])
def test_value_against_dense_algebra(case: Case, textbook: ModuleType, reml: bool):
    theta = some_theta(len(case.covariance.theta_index))
    np.testing.assert_allclose(
        ours(case, theta, reml).value[0], dense(textbook, case, theta, reml), **VALUE
    )
    moved = theta.copy()
    moved[-1] *= 1 + 1e-6
    assert not np.isclose(
        ours(case, moved, reml).value[0], dense(textbook, case, theta, reml), **VALUE
    ), "control: a theta wrong by a millionth is seen"


@pytest.mark.parametrize("reml", [True, False])
def test_gradient_and_hessian_against_differences(case: Case, textbook: ModuleType, reml: bool):
    theta = some_theta(len(case.covariance.theta_index))
    found = ours(case, theta, reml)
    by_dense = textbook.central_gradient(lambda x: dense(textbook, case, x, reml), theta)
    np.testing.assert_allclose(found.gradient[0], by_dense, **DIFFERENCES)
    hessian = textbook.central_gradient(lambda x: ours(case, x, reml, 1).gradient[0], theta)
    np.testing.assert_allclose(found.hessian[0], hessian, **DIFFERENCES)
    np.testing.assert_allclose(found.hessian[0], found.hessian[0].T, rtol=0, atol=1e-10)
    for right, wrong in (
        (by_dense, found.gradient[0] * (1 + 1e-6)),
        (hessian, found.hessian[0] + 1e-6 * np.abs(found.hessian[0]).max()),
    ):
        assert not np.allclose(wrong, right, **DIFFERENCES), "control: a millionth is seen"


def test_lower_orders_give_the_same_and_no_more(case: Case):
    theta = some_theta(len(case.covariance.theta_index))
    full = ours(case, theta, True, 2)
    for order in (0, 1):
        less = ours(case, theta, True, order)
        np.testing.assert_array_equal(less.value, full.value)
        assert less.hessian is None
        assert (less.gradient is None) == (order == 0)


@pytest.mark.parametrize("reml", [True, False])
def test_constant_covariate_within_groups(textbook: ModuleType, reml: bool):
    """Then the columns of Z_j are dependent in every group, and F_j is singular."""
    y, X, Z, codes = textbook.random_rows(3, SIZES, 2, 2)
    Z[:, 1] = np.linspace(-1, 2, 7)[codes]
    case = make(y, X, Z, codes, (2,))
    assert (case.moments.F[1, 1] == 0).all()
    theta = some_theta(3)
    found = ours(case, theta, reml)
    np.testing.assert_allclose(found.value[0], dense(textbook, case, theta, reml), **VALUE)
    gradient = textbook.central_gradient(lambda x: dense(textbook, case, x, reml), theta)
    np.testing.assert_allclose(found.gradient[0], gradient, **DIFFERENCES)
    hessian = textbook.central_gradient(lambda x: ours(case, x, reml, 1).gradient[0], theta)
    np.testing.assert_allclose(found.hessian[0], hessian, **DIFFERENCES)


@pytest.mark.parametrize("reml", [True, False])
def test_multiplicities_are_duplicated_or_missing_groups(textbook: ModuleType, reml: bool):
    """Group 1 twice and group 4 not at all: dense algebra on the rows written out."""
    y, X, Z, codes = textbook.random_rows(8, SIZES, 2, 2)
    case = make(y, X, Z, codes, (2,))
    counts = np.array([1, 2, 1, 1, 0, 1, 3])
    rows = [(i, copy) for copy in range(3) for i in np.flatnonzero(counts[codes] > copy)]
    at = np.array([i for i, _ in rows])
    # A copy is a group of its own.
    new = np.unique(codes[at] * 3 + np.array([c for _, c in rows]), return_inverse=True)[1]
    written_out = make(y[at], X[at], Z[at], new, (2,))

    within = np.zeros((3, 3, 7))
    both = np.column_stack([X, y])
    for j in range(7):
        mine = both[codes == j]
        left = mine - Z[codes == j] @ np.linalg.pinv(Z[codes == j]) @ mine
        within[..., j] = left.T @ left
    whole = np.einsum("acj,j->ac", within, counts)[..., None]
    moments = replace(
        case.moments,
        WXX=whole[:-1, :-1],
        WXy=whole[:-1, -1],
        Wyy=whole[-1, -1],
        n=np.array([float(len(at))]),
        multiplicity=counts[None].astype(float),
    )
    theta = some_theta(3)
    found = evaluate(moments, case.covariance, theta[None], reml, 2)
    np.testing.assert_allclose(found.value[0], dense(textbook, written_out, theta, reml), **VALUE)
    expected = ours(written_out, theta, reml)
    np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-10)
    np.testing.assert_allclose(found.hessian, expected.hessian, rtol=1e-9, atol=1e-9)
    assert not np.isclose(found.value[0], dense(textbook, case, theta, reml), rtol=1e-3), "control"


@pytest.mark.parametrize("reml", [True, False])
def test_a_batch_is_its_members_one_by_one(textbook: ModuleType, reml: bool):
    """Several responses, several thetas: only the order of summation may differ."""
    y, X, Z, codes = textbook.random_rows(4, SIZES, 2, 2)
    covariance = build_covariance((0,), (2,)).factors[0]
    rows = group_rows(Z, codes, len(SIZES), X)
    rng = np.random.default_rng(1)
    ys = y[:, None] + rng.normal(size=(len(y), 5))
    thetas = rng.uniform(0.1, 2, size=(5, 3))
    counts = rng.integers(1, 3, size=(5, len(SIZES))).astype(float)
    for multiplicity in (None, counts):
        batch = replace(rows.moments(ys), multiplicity=multiplicity)
        together = evaluate(batch, covariance, thetas, reml, 2)
        for b in range(5):
            alone = replace(
                rows.moments(ys[:, b]),
                multiplicity=None if multiplicity is None else multiplicity[[b]],
            )
            one = evaluate(alone, covariance, thetas[[b]], reml, 2)
            taken = evaluate(batch.take(np.array([b])), covariance, thetas[[b]], reml, 2)
            for field in ("value", "gradient", "hessian"):
                whole = getattr(together, field)[b]
                np.testing.assert_allclose(whole, getattr(one, field)[0], rtol=1e-11, atol=1e-11)
                np.testing.assert_allclose(whole, getattr(taken, field)[0], rtol=1e-11, atol=1e-11)


# ------------------------------------------------------------------ 50 digits


def high_precision(case: Case, theta: list[mp.mpf], reml: bool) -> mp.mpf:
    """The dense criterion in mpmath's current precision."""
    n, p = case.X.shape
    q = case.Z.shape[1]
    L = mp.zeros(q)
    for value, row, column in zip(theta, *lower_triangle(q), strict=True):
        L[int(row), int(column)] = value
    S = L * L.T
    V = mp.eye(n)
    for i, j in product(range(n), range(n)):
        if case.codes[i] == case.codes[j]:
            for a, b in product(range(q), range(q)):
                V[i, j] += mp.mpf(case.Z[i, a]) * S[a, b] * mp.mpf(case.Z[j, b])
    y = mp.matrix(case.y.tolist())
    df = n - p if reml else n
    VinvY = mp.lu_solve(V, y)
    r2, determinants = (y.T * VinvY)[0], mp.log(mp.det(V))
    if p:
        X = mp.matrix(case.X.tolist())
        VinvX = mp.matrix(n, p)
        for k in range(p):
            VinvX[:, k] = mp.lu_solve(V, X[:, k])
        XX, Xy = X.T * VinvX, X.T * VinvY
        r2 -= (Xy.T * mp.lu_solve(XX, Xy))[0]
        if reml:
            determinants += mp.log(mp.det(XX))
    return determinants + df * (1 + mp.log(2 * mp.pi * r2 / df))


@pytest.fixture(scope="module")
def small(textbook: ModuleType) -> Case:
    return make(*textbook.random_rows(2, (3, 1, 4), 2, 2), (2,))


@pytest.mark.parametrize("reml", [True, False])
def test_all_orders_against_50_digits(small: Case, reml: bool):
    """Derivatives by differences in 50 digits: step 1e-12 leaves 20 digits of them."""
    theta = some_theta(3)
    found = ours(small, theta, reml)
    h = mp.mpf(10) ** -12
    with mp.workdps(50):
        point = [mp.mpf(float(x)) for x in theta]

        def at(*moves: tuple[int, int]) -> mp.mpf:
            moved = list(point)
            for k, sign in moves:
                moved[k] += sign * h
            return high_precision(small, moved, reml)

        middle = at()
        value = float(middle)
        gradient = [float((at((k, 1)) - at((k, -1))) / (2 * h)) for k in range(3)]
        hessian = np.empty((3, 3))
        for k, m in product(range(3), range(3)):
            corners = at((k, 1), (m, 1)) - at((k, 1), (m, -1))
            corners += at((k, -1), (m, -1)) - at((k, -1), (m, 1))
            hessian[k, m] = float(corners / (4 * h * h))
    np.testing.assert_allclose(found.value[0], value, rtol=1e-14)
    # Some dozens of products of numbers of order 1 each: rounding of 1e-13.
    np.testing.assert_allclose(found.gradient[0], gradient, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.hessian[0], hessian, rtol=1e-12, atol=1e-12)
    assert not np.allclose(found.gradient[0] * (1 + 1e-10), gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(
    "theta",
    [(1e-8, 0.0, 1e-8), (1e6, 0.0, 1e6), (1e6, 0.0, 1e-8), (3e5, 2e5, 1e6), (0.0, 0.0, 0.0)],
)
def test_extreme_variances_against_50_digits(small: Case, reml: bool, theta: tuple[float, ...]):
    """Nothing cancels: 14 digits stay, whatever the size of the random effects."""
    found = ours(small, np.array(theta), reml, 0).value[0]
    with mp.workdps(50):
        exact = float(high_precision(small, [mp.mpf(x) for x in theta], reml))
    np.testing.assert_allclose(found, exact, rtol=3e-14)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("theta", [(1e3, -3e2, 1e-8), (1e-8, 1e3, 1e3), (1e-8, 0.0, 1e3)])
def test_large_and_nearly_singular_against_50_digits(
    small: Case, reml: bool, theta: tuple[float, ...]
):
    """B_j = I + a matrix of rank one and size theta^2: eps theta^2 of a pivot of 1 is rounding."""
    found = ours(small, np.array(theta), reml, 0).value[0]
    with mp.workdps(50):
        exact = float(high_precision(small, [mp.mpf(x) for x in theta], reml))
    bound = 30 * np.finfo(float).eps * max(map(abs, theta)) ** 2
    np.testing.assert_allclose(found, exact, rtol=0, atol=bound)


def test_control_dense_algebra_does_not_stand_the_extremes(small: Case, textbook: ModuleType):
    """Why the reference above has 50 digits: the same formula in double precision fails it."""
    theta = (1e6, 0.0, 1e-8)
    with mp.workdps(50):
        exact = float(high_precision(small, [mp.mpf(x) for x in theta], True))
    assert not np.isclose(dense(textbook, small, np.array(theta), True), exact, rtol=3e-14)


@pytest.mark.parametrize("size", [1.0, 1e3, 1e5, 1e7])
def test_a_large_theta_in_one_direction_keeps_its_digits(small: Case, size: float):
    """The other direction's share of log|V| is not drowned by the squares of the large one."""
    theta = np.array([size, 0.7 * size, 0.5])
    # The value, above the dozens of log(size): rounding of sums of terms of order 100.
    with mp.workdps(60):
        exact = float(high_precision(small, [mp.mpf(float(x)) for x in theta], False))
    np.testing.assert_allclose(ours(small, theta, False, 0).value[0], exact, rtol=1e-11)
    R = stacked.multiply(small.moments.F, small.covariance.Lambda(theta[:, None])[..., None])
    direct = stacked.outer_gram(R)
    for i in range(len(direct)):
        direct[i, i] += 1.0
    if size >= 1e5:
        drowned = stacked.log_diagonal(stacked.cholesky(direct)).sum()
        kept = stacked.log_diagonal(stacked.root_above_identity(R)).sum()
        assert not abs(drowned - kept) < 1e-7, "control: a Cholesky factor of I + RR'"
