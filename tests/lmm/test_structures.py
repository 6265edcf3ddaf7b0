"""Covariance structures: definitions, derivatives, and all that stands on Lambda.

Tolerances. Definitions: products of a few doubles, 1e-13. Derivatives of S against 50 digits:
rounding of our side, 1e-12. The criterion against dense algebra: 1e-10, a thousand times the
rounding of its terms. Differences of it: fourth order, 1e-7 of derivatives of order 1 to 1000.
"""

import warnings
from itertools import product
from types import ModuleType
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, ModelError, SingularFitWarning
from pybootmlm.formula import Structure
from pybootmlm.lmm.templates.in_basis import InBasis
from pybootmlm.lmm.templates.structures import template_of

Array = np.ndarray
EXACT = {"rtol": 1e-13, "atol": 1e-13}
DIGITS = {"rtol": 1e-12, "atol": 1e-12}
DIFFERENCES = {"rtol": 1e-7, "atol": 1e-7}

KINDS = [("us", False), *product(("diag", "cs", "ar1"), (False, True))]
SIZES = (2, 3, 5)


def element(name: str, homogeneous: bool, theta: Any, i: int, j: int, q: int) -> Any:
    """S_ij as lme4 2 documents it, in the arithmetic of theta's elements."""
    if name == "us":
        L = [[0] * q for _ in range(q)]
        values = iter(theta)
        for column in range(q):
            for row in range(column, q):
                L[row][column] = next(values)
        return sum(L[i][k] * L[j][k] for k in range(q))
    s = [theta[0]] * q if homogeneous else list(theta[:q])
    if name == "diag":
        return s[i] * s[j] * (i == j)
    power = (i != j) if name == "cs" else abs(i - j)
    return s[i] * s[j] * theta[-1] ** power


def defined(name: str, homogeneous: bool, theta: Any, q: int) -> Array:
    return np.array(
        [[element(name, homogeneous, theta, i, j, q) for j in range(q)] for i in range(q)]
    )


def some_theta(name: str, homogeneous: bool, q: int, seed: int = 3) -> Array:
    rng = np.random.default_rng(seed)
    if name == "us":
        return rng.uniform(0.3, 1.5, q * (q + 1) // 2)
    theta = rng.uniform(0.3, 1.5, 1 if homogeneous else q)
    return theta if name == "diag" else np.append(theta, rng.choice([-0.2, 0.55]))


@pytest.fixture(params=[(*kind, q) for kind in KINDS for q in SIZES], ids=str)
def kind(request: pytest.FixtureRequest) -> tuple[str, bool, int]:
    return request.param


# ------------------------------------------------------------------ the templates


def test_Lambda_is_the_triangular_root_of_the_documented_matrix(kind):
    name, homogeneous, q = kind
    template = template_of(Structure(name, homogeneous), q)
    theta = some_theta(*kind)
    L = template.Lambda(theta)
    np.testing.assert_allclose(L @ L.T, defined(name, homogeneous, theta, q), **EXACT)
    assert (np.triu(L, 1) == 0).all()
    assert (np.diag(L) > 0).all()
    many = np.stack([theta, theta * 0.5], axis=1)
    np.testing.assert_allclose(template.Lambda(many)[..., 0], L, **EXACT)
    np.testing.assert_allclose(template.of_covariance(L @ L.T), theta, rtol=1e-12)
    assert not np.allclose(L @ L.T, defined(name, homogeneous, theta * (1 + 1e-6), q), **EXACT)


@pytest.mark.parametrize(("name", "homogeneous"), [*product(("cs", "ar1"), (False, True))])
@pytest.mark.parametrize("q", SIZES)
def test_Lambda_at_both_bounds_of_the_correlation(name: str, homogeneous: bool, q: int):
    template = template_of(Structure(name, homogeneous), q)
    for bound in (template.lower[-1], 1.0):
        theta = np.append(some_theta(name, homogeneous, q)[:-1], bound)
        L = template.Lambda(theta)
        # Where a pivot is zero up to rounding its root is 1e-8.
        np.testing.assert_allclose(
            L @ L.T, defined(name, homogeneous, theta, q), rtol=1e-14, atol=1e-14
        )
        assert np.isfinite(L).all()
        assert template.near_boundary(theta, 1e-8)
    assert template.lower[-1] == (-1 / (q - 1) if name == "cs" else -1)
    beyond = np.append(some_theta(name, homogeneous, q)[:-1], template.lower[-1] - 0.01)
    if name == "cs":
        values = np.linalg.eigvalsh(defined(name, True, beyond[[0, -1]], q))
        assert values[0] < 0, "control: beyond the bound there is no covariance matrix"


def test_derivatives_of_S_against_50_digits(kind):
    name, homogeneous, q = kind
    template = template_of(Structure(name, homogeneous), q)
    theta, rng = some_theta(*kind), np.random.default_rng(1)
    K = rng.normal(size=(q, q))
    K = K + K.T
    t = len(theta)

    with mp.workdps(50):

        def trace(*x):
            return sum(
                mp.mpf(K[i, j]) * element(name, homogeneous, x, i, j, q)
                for i in range(q)
                for j in range(q)
            )

        point = [mp.mpf(float(x)) for x in theta]
        orders = np.eye(t, dtype=int)
        first = np.array([float(mp.diff(trace, point, tuple(n.tolist()))) for n in orders])
        second = np.array(
            [[float(mp.diff(trace, point, tuple((m + n).tolist()))) for n in orders]
             for m in orders]
        )  # fmt: skip
    np.testing.assert_allclose(template.gradient(K, theta), first, **DIGITS)
    np.testing.assert_allclose(template.curvature(K, theta), second, **DIGITS)
    directions = template.directions(theta)
    np.testing.assert_allclose(np.einsum("ab,kab->k", K, directions), first, **DIGITS)
    np.testing.assert_allclose(directions, directions.swapaxes(1, 2), **EXACT)
    assert not np.allclose(template.gradient(K, theta * (1 + 1e-9)), first, **DIGITS)
    # A batch is what its members are.
    both, Ks = np.stack([theta, 0.7 * theta], axis=1), np.stack([K, 2 * K], axis=-1)
    np.testing.assert_allclose(template.gradient(Ks, both)[:, 0], first, **DIGITS)
    np.testing.assert_allclose(template.curvature(Ks, both)[..., 0], second, **DIGITS)
    np.testing.assert_allclose(template.directions(both)[..., 0], directions, **EXACT)


def test_another_basis_carries_everything_along(kind):
    name, homogeneous, q = kind
    inner, theta = template_of(Structure(name, homogeneous), q), some_theta(*kind)
    rng = np.random.default_rng(2)
    M, K = rng.normal(size=(q, q)), rng.normal(size=(q, q))
    K = K + K.T
    seen = InBasis(inner, M)
    S = M @ defined(name, homogeneous, theta, q) @ M.T
    np.testing.assert_allclose(seen.Lambda(theta) @ seen.Lambda(theta).T, S, rtol=1e-12, atol=1e-12)
    directions = np.array([M @ dS @ M.T for dS in inner.directions(theta)])
    np.testing.assert_allclose(seen.directions(theta), directions, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        seen.gradient(K, theta), np.einsum("ab,kab->k", K, directions), rtol=1e-11, atol=1e-11
    )
    np.testing.assert_allclose(
        seen.curvature(K, theta), inner.curvature(M.T @ K @ M, theta), rtol=1e-11, atol=1e-11
    )


# ------------------------------------------------------------------ the criterion


def data(seed: int = 5, levels: int = 9, unbalanced: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [(g, t) for g in range(levels) for t in range(4) for _ in range(rng.integers(1, 4))]
    frame = pd.DataFrame(rows, columns=["g", "t"])
    if unbalanced:
        frame = frame.sample(frac=0.9, random_state=seed)
    n = len(frame)
    frame["h"] = rng.integers(0, 5, n)
    frame["x"], frame["w"] = rng.normal(size=n) + 2, rng.uniform(0.5, 2, n)
    b = rng.normal(size=(levels, 4)) * [1, 2, 1.5, 0.7] + 2 * rng.normal(size=(levels, 1))
    frame["y"] = 3 + frame.x + b[frame.g, frame.t] + rng.normal(size=n)
    frame["f"] = pd.Categorical([f"t{t}" for t in frame.t])
    return frame.astype({"g": str, "h": str})


FORMULAS = {
    "cs": "y ~ x + cs(0 + f | g)",
    "cs-homogeneous": "y ~ x + cs(0 + f | g, hom = TRUE)",
    "ar1": "y ~ x + ar1(0 + f | g)",
    "ar1-heterogeneous": "y ~ x + ar1(0 + f | g, hom = FALSE)",
    "diag": "y ~ x + diag(1 + x | g)",
    "diag-homogeneous": "y ~ x + diag(0 + f | g, het = FALSE)",
    "two-terms": "y ~ x + cs(0 + f | g) + (0 + x | g)",
    "crossed": "y ~ x + ar1(0 + f | g) + (1 + x | h)",
    "crossed-structured": "y ~ 1 + diag(1 + x | h) + cs(0 + f | g, hom = TRUE)",
}


def quiet(formula: str, frame: pd.DataFrame, **options: Any) -> bm.LmerFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        return bm.lmer(formula, frame, **options)


def dense(textbook: ModuleType, fit: bm.LmerFit, theta: Array, reml: bool) -> Any:
    """The textbook's model, S from the definitions above."""
    design, at = fit.design, 0
    Zs, roots = [], []
    for term in design.terms:
        q, kind = len(term.names), term.structure
        name = "us" if q == 1 else kind.name
        t = {"us": q * (q + 1) // 2, "diag": 1 if kind.homogeneous else q}.get(
            name, 2 if kind.homogeneous else q + 1
        )
        S = defined(name, kind.homogeneous, theta[at : at + t], q)
        factor = design.factors[term.factor]
        Zs.append(textbook.indicator_columns(term.Z, factor.codes, len(factor.levels)))
        roots += [np.linalg.cholesky(S)] * len(factor.levels)
        at += t
    assert at == theta.size
    return textbook.Textbook(
        design.y, design.X, np.hstack(Zs), block_diag(*roots), reml, design.weights, design.offset
    )


@pytest.fixture(scope="module", params=FORMULAS)
def fit(request: pytest.FixtureRequest) -> bm.LmerFit:
    return quiet(FORMULAS[request.param], data(), weights="w")


def inside(fit: bm.LmerFit, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    covariance = fit.labels.covariance
    theta = rng.uniform(0.3, 1.6, covariance.n_theta)
    rho = np.isfinite(covariance.upper)
    theta[rho] = rng.uniform(covariance.lower[rho] * 0.9, 0.95)
    return theta


@pytest.mark.parametrize("reml", [True, False])
def test_criterion_and_estimates_against_dense_algebra(fit, textbook: ModuleType, reml: bool):
    if not reml:
        fit = fit.refit_ml()
    for seed in range(4):
        theta = inside(fit, seed)
        at, model = fit.at_theta(theta), dense(textbook, fit, theta, reml)
        np.testing.assert_allclose(at.criterion, model.criterion, rtol=1e-10)
        np.testing.assert_allclose(at.beta, model.beta, rtol=1e-9)
        np.testing.assert_allclose(at.sigma, model.sigma, rtol=1e-10)
        np.testing.assert_allclose(at.b, model.b, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(at.mu, model.mu, rtol=1e-9)
        np.testing.assert_allclose(at.hat, model.hat_diagonal, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(at.vcov, model.vcov, rtol=1e-8)
        wrong = dense(textbook, fit, theta * (1 - 1e-6), reml)
        assert not np.isclose(at.criterion, wrong.criterion, rtol=1e-10), "control"


@pytest.mark.parametrize("reml", [True, False])
def test_gradient_and_hessian_against_differences(fit, textbook: ModuleType, reml: bool):
    theta, problem = inside(fit, 7), fit.model.problem
    by_dense = textbook.central_gradient(
        lambda x: dense(textbook, fit, x, reml).criterion, theta, 3e-4
    )
    found = problem.evaluate(theta[None], reml, 1).gradient[0]
    np.testing.assert_allclose(found, by_dense, rtol=1e-6, atol=1e-6)
    by_gradient = textbook.central_gradient(
        lambda x: problem.evaluate(x[None], reml, 1).gradient[0], theta, 3e-4
    )
    H = problem.hessian(theta, reml)
    np.testing.assert_allclose(H, by_gradient, rtol=1e-6, atol=1e-6 * np.abs(H).max())
    assert not np.allclose(found * (1 + 1e-4), by_dense, rtol=1e-6, atol=1e-6), "control"


def test_search_coordinates_pull_back_what_the_criterion_gives(fit, textbook: ModuleType):
    """Gradient and Hessian by the search's own coordinates, at the bounds too."""
    search, reml = fit.model.search, True
    problem = fit.model.problem.with_covariance(search.covariance)

    def value(z: Array, order: int) -> Any:
        return search.pull(z[None], problem.evaluate(search.phi(z[None]), reml, order))

    rng = np.random.default_rng(0)
    free = search.starts((1.0,))[0] * rng.uniform(0.6, 1.4) + 0.1
    ends = np.where(search.bending.sine, np.pi / 2, free)
    for z in (free, ends):
        found = value(z, 2)
        by_value = textbook.central_gradient(lambda x: value(x, 0).value[0], z, 3e-4)
        np.testing.assert_allclose(found.gradient[0], by_value, rtol=1e-6, atol=1e-5)
        by_gradient = textbook.central_gradient(lambda x: value(x, 1).gradient[0], z, 3e-4)
        size = np.abs(by_gradient).max()
        np.testing.assert_allclose(found.hessian[0], by_gradient, rtol=1e-5, atol=1e-5 * size)
    theta = inside(fit, 3)
    np.testing.assert_allclose(search.theta(search.to_search(theta)), theta, rtol=1e-12)


def test_the_optimum_is_one(fit):
    assert fit.optimum.converged
    covariance = fit.labels.covariance
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-5, 0, 300)
    cloud = fit.theta + sizes[:, None] * rng.normal(size=(300, fit.theta.size))
    cloud = np.clip(cloud, covariance.lower, covariance.upper)
    values = fit.model.problem.evaluate(np.vstack([fit.theta, cloud]), True, 0).value
    assert values.min() >= values[0] - 1e-10 * abs(values[0])
    assert (fit.theta >= covariance.lower).all()
    assert (fit.theta <= covariance.upper).all()


# ------------------------------------------------------------------ what follows from the structure


def test_of_two_effects_compound_symmetry_is_any_covariance():
    sleep = bm.load_dataset("sleepstudy")
    cs = bm.lmer("Reaction ~ Days + cs(Days | Subject)", sleep)
    us = bm.lmer("Reaction ~ Days + us(Days | Subject)", sleep)
    plain = bm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
    np.testing.assert_allclose(cs.criterion, us.criterion, rtol=1e-12)
    assert us.theta.tolist() == plain.theta.tolist()
    np.testing.assert_allclose(cs.varcorr["Subject"], us.varcorr["Subject"], rtol=1e-6)
    np.testing.assert_allclose(cs.std_errors, us.std_errors, rtol=1e-7)
    # lme4 2's `par` and `theta`: free parameters, and the elements of Lambda.
    np.testing.assert_allclose(cs.getME("theta"), us.theta, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(cs.getME("par"), cs.theta)
    np.testing.assert_allclose(
        bm.vcov_vc(cs, names=False)[:2, :2],
        bm.vcov_vc(us, names=False)[::2, ::2][:2, :2],
        rtol=1e-4,
    )


def test_diag_is_what_double_bars_give():
    sleep = bm.load_dataset("sleepstudy")
    diag = bm.lmer("Reaction ~ Days + diag(1 + Days | Subject)", sleep)
    bars = bm.lmer("Reaction ~ Days + (1 + Days || Subject)", sleep)
    np.testing.assert_allclose(diag.theta, bars.theta, rtol=1e-7)
    np.testing.assert_allclose(diag.criterion, bars.criterion, rtol=1e-13)
    np.testing.assert_allclose(bm.vcov_theta(diag), bm.vcov_theta(bars), rtol=1e-6)
    np.testing.assert_allclose(
        bm.scores_mer(diag).to_numpy(), bm.scores_mer(bars).to_numpy(), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        diag.confint(method="profile"), bars.confint(method="profile"), rtol=1e-6
    )
    L = np.array([[0.0, 1.0]])
    one, other = (bm.contest(fit, L, ddf="kenward-roger").to_frame() for fit in (diag, bars))
    np.testing.assert_allclose(one.to_numpy(float), other.to_numpy(float), rtol=1e-6)


@pytest.mark.parametrize("reml", [True, False])
def test_homogeneous_compound_symmetry_is_nesting(reml: bool):
    """A shared effect of the group and one of each level in it: rho is the shared part."""
    cake = bm.load_dataset("cake")
    cs = bm.lmer("angle ~ temp * recipe + cs(0 + recipe | replicate, hom = TRUE)", cake, reml=reml)
    nested = bm.lmer("angle ~ temp * recipe + (1 | replicate / recipe)", cake, reml=reml)
    np.testing.assert_allclose(cs.criterion, nested.criterion, rtol=1e-12)
    own, shared = nested.theta**2
    np.testing.assert_allclose(
        cs.theta, [np.sqrt(own + shared), shared / (own + shared)], rtol=1e-6
    )
    np.testing.assert_allclose(cs.mu, nested.mu, rtol=1e-8)
    np.testing.assert_allclose(cs.vcov, nested.vcov, rtol=1e-6, atol=1e-9)
    # Both at once cannot be told apart.
    both = "angle ~ temp + cs(0 + recipe | replicate, hom = TRUE) + (1 | recipe:replicate)"
    fit = bm.lmer(both, cake)
    with pytest.raises(ModelError, match=r"hardly determined|not positive definite"):
        bm.delta_method(fit, "sigma")


def test_one_variance_is_not_one_effect():
    fit = bm.lmer(
        "Reaction ~ Days + diag(Days | Subject, hom = TRUE)", bm.load_dataset("sleepstudy")
    )
    with pytest.raises(ModelError, match="this one has 2 and 1 covariance parameters"):
        bm.exact_rlrt(fit)
    with pytest.raises(ArgumentError, match="1 elements, for 2 random effects"):
        bm.prof_ci_icc(fit)


def test_fewer_parameters_never_fit_better():
    frame = data(levels=20, unbalanced=False)
    value = {key: quiet(f"y ~ x + {term}", frame).criterion for key, term in {
        "us": "(0 + f | g)", "cs": "cs(0 + f | g)", "hom": "cs(0 + f | g, hom = TRUE)",
        "diag": "diag(0 + f | g)", "identity": "diag(0 + f | g, hom = TRUE)",
        "ar1": "ar1(0 + f | g)", "het": "ar1(0 + f | g, hom = FALSE)"}.items()}  # fmt: skip
    for larger, smaller in (("us", "cs"), ("us", "het"), ("cs", "hom"), ("het", "ar1"),
                            ("cs", "diag"), ("hom", "identity"), ("diag", "identity")):  # fmt: skip
        assert value[larger] < value[smaller] + 1e-9


def test_what_must_not_matter():
    """Permuted levels of an exchangeable structure, time reversed, rows and groups in any order."""
    frame = data(levels=12)
    renamed = frame.assign(f=frame.f.cat.reorder_categories(["t2", "t0", "t3", "t1"]))
    one, other = (quiet("y ~ x + cs(0 + f | g, hom = TRUE)", d) for d in (frame, renamed))
    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-6)
    backwards = frame.assign(f=frame.f.cat.reorder_categories(["t3", "t2", "t1", "t0"]))
    for formula in ("y ~ x + ar1(0 + f | g)", "y ~ x + ar1(0 + f | g, hom = FALSE)"):
        one, other = (quiet(formula, d) for d in (frame, backwards))
        np.testing.assert_allclose(one.criterion, other.criterion, rtol=1e-12)
        shuffled = quiet(formula, frame.sample(frac=1, random_state=1))
        np.testing.assert_allclose(one.theta, shuffled.theta, rtol=1e-6)
        larger = quiet(formula, frame.assign(y=1e6 * frame.y))
        np.testing.assert_allclose(one.theta, larger.theta, rtol=1e-6)
    control = quiet("y ~ x + ar1(0 + f | g)", renamed)
    assert abs(control.criterion - quiet("y ~ x + ar1(0 + f | g)", frame).criterion) > 0.1


# ------------------------------------------------------------------ bounds


def repelling(q: int = 3) -> pd.DataFrame:
    """Effects that sum to nothing in every group: their correlation is the least possible."""
    rng = np.random.default_rng(8)
    levels, each = 12, 4
    b = 3 * rng.normal(size=(levels, q))
    b -= b.mean(axis=1, keepdims=True)
    e = rng.normal(size=(levels, q, each))
    e -= e.mean(axis=(1, 2), keepdims=True)
    y = 5 + b[:, :, None] + e
    g, f, _ = np.meshgrid(np.arange(levels), np.arange(q), np.arange(each), indexing="ij")
    return pd.DataFrame({"y": y.ravel(), "g": g.ravel().astype(str), "f": f.ravel().astype(str)})


def test_a_correlation_at_its_lower_bound():
    fit = quiet("y ~ 1 + cs(0 + f | g, hom = TRUE)", repelling())
    np.testing.assert_allclose(fit.theta[1], -0.5, rtol=1e-15)
    assert fit.optimum.converged
    assert fit.is_singular()
    S = fit.varcorr["g"].to_numpy()
    np.testing.assert_allclose(S.sum(), 0, atol=1e-12 * S.max())
    with pytest.raises(ModelError, match="singular"):
        bm.vcov_vc(fit)
    with pytest.warns(SingularFitWarning):
        bm.lmer("y ~ 1 + cs(0 + f | g, hom = TRUE)", repelling())


def test_a_correlation_of_one_and_no_variance():
    rng = np.random.default_rng(2)
    frame = repelling()
    same = 2 * rng.normal(size=12)[frame.g.astype(int)]
    e = frame.y - frame.groupby(["g", "f"]).y.transform("mean")
    fit = quiet("y ~ 1 + cs(0 + f | g)", frame.assign(y=same + e))
    assert fit.theta[-1] == 1.0
    assert fit.is_singular()
    nothing = quiet("y ~ 1 + ar1(0 + f | g)", frame.assign(y=e))
    assert nothing.theta.tolist() == [0.0, 0.0]
    assert nothing.optimum.converged
    assert nothing.is_singular()


def test_bounds_and_their_messages():
    fit = quiet(FORMULAS["cs"], data())
    np.testing.assert_allclose(fit.getME("lower"), [0, 0, 0, 0, -1 / 3])
    np.testing.assert_array_equal(fit.getME("upper"), [np.inf] * 4 + [1])
    with pytest.raises(
        ArgumentError, match=r"element 4 of `theta` is a correlation between -0.333"
    ):
        fit.at_theta([1, 1, 1, 1, -0.4])
    with pytest.raises(ArgumentError, match="must hold 5 numbers"):
        fit.at_theta([1, 1])
    with pytest.raises(ModelError, match="Kenward and Roger"):
        bm.contest(fit, np.eye(2), ddf="kenward-roger")
    satterthwaite = bm.contest(fit, np.array([[0.0, 1.0]]), ddf="satterthwaite")
    assert np.isfinite(satterthwaite.to_frame().to_numpy(float)).all()


# ------------------------------------------------------------------ what stands on Lambda


def test_scores_sum_to_nothing_at_the_optimum(fit):
    if fit.is_singular() or len(fit.design.factors) > 1:
        scores = bm.scores_mer(fit, level=1)
        if fit.is_singular():
            return
    else:
        scores = bm.scores_mer(fit)
    size = np.abs(scores.to_numpy()).sum(axis=0)
    np.testing.assert_allclose(scores.sum() / size, 0, atol=1e-6)


def test_vcov_vc_against_differences_of_the_deviance(textbook: ModuleType):
    """Twice the inverse Hessian by (sds, correlation, sigma), from the dense joint deviance."""
    fit = quiet(FORMULAS["cs"], data(levels=30), reml=False)

    def joint(x: Array) -> float:
        theta = np.append(x[:4] / x[5], x[4])
        return float(dense(textbook, fit, theta, False).joint(x[5]))

    estimates = np.array([*fit.theta[:4] * fit.sigma, fit.theta[4], fit.sigma])
    expected = 2 * np.linalg.inv(textbook.central_hessian(joint, estimates))
    np.testing.assert_allclose(bm.vcov_vc(fit, names=False), expected, rtol=1e-4, atol=1e-6)
    names = bm.vcov_vc(fit).columns.tolist()
    assert names[3:] == ["sd_ft3|g", "cor_rho|g", "sigma"]


@pytest.mark.parametrize("key", ["cs", "ar1", "diag-homogeneous"])
def test_profile_limits_are_where_a_constrained_optimum_has_risen(key: str):
    """Against a general optimiser over the criterion, the parameter held."""
    from scipy.optimize import minimize
    from scipy.stats import chi2

    fit = quiet(FORMULAS[key], data(levels=14), reml=False)
    intervals = fit.confint(method="profile", parm="theta_", level=0.9)
    devfun = bm.devfun_mer(fit)
    covariance = fit.labels.covariance
    estimates = np.append(fit.theta, fit.sigma)
    is_sd = np.append(covariance.on_diagonal, False)
    target = fit.deviance + chi2.ppf(0.9, 1)
    k = len(fit.theta) - 1
    checked = 0
    for value in intervals.iloc[k]:
        if value in (covariance.lower[k], covariance.upper[k]):
            continue

        def held(x: Array, value: float = value) -> float:
            theta, sigma = x[:-1].copy(), abs(x[-1])
            theta[k] = value / sigma if is_sd[k] else value
            theta = np.clip(theta, covariance.lower, covariance.upper)
            return devfun(np.append(theta, sigma))

        best = minimize(held, estimates, method="L-BFGS-B",
                        options={"maxiter": 500, "ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
        np.testing.assert_allclose(best.fun, target, atol=1e-4)
        checked += 1
    assert checked
    assert (intervals.iloc[:, 0] <= intervals.iloc[:, 1]).all()


def test_refit_update_simulate_predict_and_influence(fit):
    frame = data()
    again = fit.refit(fit.design.y)
    np.testing.assert_allclose(again.criterion, fit.criterion, rtol=1e-11)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFitWarning)
        assert fit.update(". ~ .").criterion == fit.criterion
    simulated = fit.simulate(2, rng=1)
    assert np.isfinite(np.asarray(simulated)).all()
    np.testing.assert_allclose(fit.predict(frame.loc[fit.design.index]), fit.mu, rtol=1e-9)
    assert fit.ranef(cond_var=True) is not None
    assert np.isfinite(fit.re_pca()[fit.design.factors[0].name].sdev).all()


@pytest.mark.parametrize(
    "type_", ["parametric", "residual", "residual_cgr", "residual_trans", "reb", "case"]
)
@pytest.mark.parametrize("key", ["cs", "ar1", "diag"])
def test_bootstraps_refit_together_what_they_refit_alone(key: str, type_: str):
    fit = quiet(FORMULAS[key], data(levels=15, unbalanced=key != "ar1"))
    boot = bm.bootstrap_mer(fit, lambda m: [m.criterion, *m.theta], nsim=4, type=type_, rng=3)
    assert np.isfinite(boot.t).all()
    assert len({tuple(row) for row in boot.t.tolist()}) == 4
    covariance = fit.labels.covariance
    assert (boot.t[:, 1:] >= covariance.lower).all()
    assert (boot.t[:, 1:] <= covariance.upper).all()
    if type_ == "parametric":
        y = bm.bootstrap_mer(fit, lambda m: m.design.y, nsim=4, type=type_, rng=3).t
        for row, own in zip(y, boot.t, strict=True):
            np.testing.assert_allclose(fit.refit(row).criterion, own[0], rtol=1e-9)


def test_influence_of_clusters_is_that_of_refits():
    frame = data(levels=10)
    fit = quiet(FORMULAS["cs-homogeneous"], frame)
    found = bm.empinf_merm(fit, lambda m: m.theta)
    without = quiet(FORMULAS["cs-homogeneous"], frame[frame.g != fit.design.factors[0].levels[0]])
    assert found.shape == (10, 2)
    # The definition, from the refit without the first cluster and all others.
    h = len(frame) / (frame.g == fit.design.factors[0].levels[0]).sum()
    pseudo = h * fit.theta - (h - 1) * without.theta
    jackknife = pseudo - found.iloc[0] / (h - 1)
    others = [quiet(FORMULAS["cs-homogeneous"], frame[frame.g != g]).theta
              for g in fit.design.factors[0].levels]  # fmt: skip
    sizes = len(frame) / frame.g.value_counts()[list(fit.design.factors[0].levels)].to_numpy()
    expected = 10 * fit.theta - ((1 - 1 / sizes)[:, None] * others).sum(axis=0)
    np.testing.assert_allclose(jackknife, expected, rtol=1e-5)


def test_all_optimisers_end_at_one_optimum():
    fit = quiet(FORMULAS["cs"], data(levels=20))
    runs = fit.all_fit(["L-BFGS-B", "SLSQP"]).runs
    assert (runs["above"] < 1e-6).all()


def test_printing_names_the_structure():
    frame = data()
    shown = str(quiet(FORMULAS["cs"], frame).varcorr).split("\n")
    assert shown[1].endswith("(cs)")
    assert len(shown) == 6
    assert len(str(quiet(FORMULAS["ar1"], frame).varcorr).split("\n")) == 3
    fit = quiet("y ~ x + ar1(0 + f | g, hom = FALSE) + (1 | h)", frame)
    assert "ar1(0 + f | g, hom = FALSE)" in fit.random_formula
    assert fit.formula in str(fit.summary())


def test_lind_and_theta_rebuild_Lambda(fit):
    """lme4's contract: the stored elements of Lambda', column by column, are theta[Lind]."""
    Lambdat = fit.getME("Lambdat").copy()
    Lambdat.eliminate_zeros()
    Lambdat.sort_indices()
    values = fit.getME("theta")[fit.getME("Lind")]
    if (values != 0).all():
        np.testing.assert_allclose(Lambdat.data, values, rtol=1e-12)
    assert len(fit.getME("theta")) == fit.getME("m")
