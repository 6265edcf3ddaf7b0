"""What is resampled, and what it becomes, against dense algebra and moments that must hold.

Tolerances. Moments of pools hold by construction, up to rounding: 1e-10 relative. Against dense
n-by-n algebra: rounding times the condition of V, at most 1e4 here, so 1e-9.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ModelError
from pybootmlm.resampling import residual_trans
from pybootmlm.resampling.parametric import Normals

Zoo = Callable[[str], bm.LmerFit]
SchemeOf = Callable[[str], Any]
EXACT = {"rtol": 1e-10, "atol": 1e-10}
DENSE = {"rtol": 1e-9, "atol": 1e-9}
REGULAR = ["intercept", "slope", "bars", "unequal", "shuffled", "weighted", "crossed", "nested"]
REGULAR_ONE = REGULAR[:-2]


def regular(fit: bm.LmerFit) -> bm.LmerFit:
    """Away from the boundary, where the pools have a root."""
    theta = fit.theta.copy()
    diagonal = fit.labels.covariance.on_diagonal
    theta[diagonal] = np.maximum(theta[diagonal], 0.3)
    return fit.at_theta(theta)


def covariances(fit: bm.LmerFit) -> list[np.ndarray]:
    return [fit.sigma**2 * L @ L.T for L in fit.labels.covariance.term_matrices(fit.theta)]


def root_weights(fit: bm.LmerFit) -> np.ndarray:
    return np.ones(fit.nobs) if fit.design.weights is None else np.sqrt(fit.design.weights)


def mean_of(fit: bm.LmerFit) -> np.ndarray:
    mean: np.ndarray = fit.design.X @ fit.beta
    return mean if fit.design.offset is None else mean + fit.design.offset


class TestCGR:
    @pytest.mark.parametrize("name", REGULAR)
    def test_second_moments_are_the_models(self, name: str, zoo: Zoo, scheme_of: SchemeOf) -> None:
        """About the mean for the effects, about zero for the errors."""
        fit = regular(zoo(name))
        plan = scheme_of("residual_cgr").plan(fit)
        for pool, covariance in zip(plan.effects, covariances(fit), strict=True):
            moments = np.cov(pool, bias=True).reshape(covariance.shape)
            np.testing.assert_allclose(moments, covariance, **EXACT)
        assert np.mean(plan.errors**2) == pytest.approx(fit.sigma**2, rel=1e-12)

    def test_negative_control_reflated_pools_have_others(
        self, zoo: Zoo, scheme_of: SchemeOf
    ) -> None:
        """Of unequal clusters: where all are alike, REML makes the two the same."""
        fit = zoo("unequal")
        (pool,) = scheme_of("residual").plan(fit).effects
        assert not np.allclose(np.cov(pool, bias=True), covariances(fit)[0], rtol=1e-3)

    def test_effects_and_errors_are_linear_in_the_predictions(
        self, zoo: Zoo, scheme_of: SchemeOf
    ) -> None:
        """One matrix a term, one factor for the errors; nothing is centred."""
        fit = zoo("slope")
        plan = scheme_of("residual_cgr").plan(fit)
        b = fit.b.reshape(18, 2).T
        matrix = plan.effects[0] @ np.linalg.pinv(b)
        np.testing.assert_allclose(matrix @ b, plan.effects[0], **DENSE)
        assert abs(matrix[0, 1]) < 1e-9 * abs(matrix[0, 0])  # a lower triangle times another
        ratio = plan.errors / (fit.design.y - fit.mu)
        np.testing.assert_allclose(ratio, ratio[0], **DENSE)

    def test_a_singular_term_has_nothing_to_draw(self, zoo: Zoo, scheme_of: SchemeOf) -> None:
        plan = scheme_of("residual_cgr").plan(zoo("singular"))
        assert plan.effects[0].tolist() == [[0.0] * 6]

    def test_fewer_levels_than_effects_leave_a_root_of_lower_rank(
        self, scheme_of: SchemeOf
    ) -> None:
        """Two subjects: their effects, centred, lie on a line."""
        frame = bm.load_dataset("sleepstudy")
        two = frame[frame["Subject"].isin(["308", "337"])]
        with pytest.warns(bm.exceptions.SingularFitWarning):
            fit = bm.lmer("Reaction ~ Days + (Days | Subject)", two)
        fit = fit.at_theta([1.0, 0.1, 0.2])
        (pool,) = scheme_of("residual_cgr").plan(fit).effects
        assert np.isfinite(pool).all()
        assert np.linalg.matrix_rank(pool - pool.mean(axis=1, keepdims=True), tol=1e-8) == 1


class TestREB:
    @pytest.mark.parametrize("name", ["intercept", "singular", "slope", "bars", "shuffled"])
    def test_effects_and_errors_are_those_of_each_clusters_own_regression(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf
    ) -> None:
        fit = zoo(name)
        plan = scheme_of("reb").plan(fit)
        Z = np.hstack([term.Z for term in fit.design.terms])
        pool = np.vstack(plan.effects)
        for j in range(pool.shape[1]):
            rows = np.flatnonzero(fit.design.factors[0].codes == j)
            r = (fit.design.y - mean_of(fit))[rows]
            b, *_ = np.linalg.lstsq(Z[rows], r, rcond=None)
            np.testing.assert_allclose(pool[:, j], b, **DENSE)
            np.testing.assert_allclose(plan.errors[rows], r - Z[rows] @ b, **DENSE)

    def test_weights_count(self, zoo: Zoo, scheme_of: SchemeOf) -> None:
        fit = zoo("weighted")
        plan = scheme_of("reb").plan(fit)
        root = root_weights(fit)
        Z = root[:, None] * fit.design.terms[0].Z
        r = root * (fit.design.y - mean_of(fit))
        for j in range(9):
            rows = np.flatnonzero(fit.design.factors[0].codes == j)
            b, *_ = np.linalg.lstsq(Z[rows], r[rows], rcond=None)
            np.testing.assert_allclose(plan.effects[0][:, j], b, **DENSE)

    def test_a_cluster_too_small_for_its_effects_is_fitted_exactly(
        self, scheme_of: SchemeOf, data: Callable[[str], Any]
    ) -> None:
        frame = data("messy")
        one_row = frame.drop(index=frame.index[frame["g"] == "g0"][1:])
        fit = bm.lmer("y ~ x + (x | g)", one_row)
        plan = scheme_of("reb").plan(fit)
        row = np.flatnonzero(one_row["g"] == "g0")
        assert plan.errors[row] == pytest.approx(0.0, abs=1e-12)
        level = fit.design.factors[0].levels.index("g0")
        r = (fit.design.y - mean_of(fit))[row]
        assert (fit.design.terms[0].Z[row] @ plan.effects[0][:, level]) == pytest.approx(r)

    @pytest.mark.parametrize("name", REGULAR_ONE)
    def test_scaled_pools_are_centred_and_have_the_models_moments(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf
    ) -> None:
        fit = regular(zoo(name))
        plan = scheme_of("reb_scale").plan(fit)
        for pool, covariance in zip(plan.effects, covariances(fit), strict=True):
            np.testing.assert_allclose(pool.mean(axis=1), 0.0, atol=1e-10 * fit.sigma)
            moments = (pool @ pool.T / pool.shape[1]).reshape(covariance.shape)
            np.testing.assert_allclose(moments, covariance, **EXACT)
        assert plan.errors.mean() == pytest.approx(0.0, abs=1e-12 * fit.sigma)
        # Scaled to sigma first and centred then, so the variance is at most sigma^2.
        plain = scheme_of("reb").plan(fit).errors
        share = plain.var() / np.mean(plain**2)
        assert plan.errors.var() == pytest.approx(share * fit.sigma**2, rel=1e-10)

    @pytest.mark.parametrize("name", ["shuffled", "weighted"])
    def test_residuals_stay_in_their_cluster(
        self, name: str, zoo: Zoo, draw: Callable[..., Any]
    ) -> None:
        fit = zoo(name)
        plan, (draws,) = draw("reb", fit, 4, 20)
        errors = plan.apply(draws).errors * root_weights(fit)[:, None]
        codes = fit.design.factors[0].codes
        for j in range(9):
            own = np.unique(plan.errors[codes == j].round(9))
            assert np.isin(errors[codes == j].round(9), own).all()
        # Negative control: residuals of all clusters are not all those of cluster 0.
        assert not np.isin(errors.round(9), np.unique(plan.errors[codes == 0].round(9))).all()


class TestParametric:
    @pytest.mark.parametrize("name", [*REGULAR, "singular"])
    def test_mean_and_variance_are_the_models(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf, textbook: ModuleType
    ) -> None:
        """y* is linear in its normals, so unit vectors give its variance without sampling."""
        fit = zoo(name)
        plan = scheme_of("parametric").plan(fit)
        q, n = fit.b.size, fit.nobs
        units = Normals(np.eye(q + n)[:, :q], np.eye(q + n)[:, q:])
        none = Normals(np.zeros((1, q)), np.zeros((1, n)))
        mean = plan.apply(none).y(fit)
        np.testing.assert_allclose(mean[:, 0], mean_of(fit), **EXACT)
        T = plan.apply(units).y(fit) - mean
        V = textbook.of_design(fit.design, fit.theta, fit.reml).V
        scale = fit.sigma**2 * np.abs(V).max()
        np.testing.assert_allclose(T @ T.T, fit.sigma**2 * V, rtol=1e-9, atol=1e-10 * scale)

    def test_draws_are_standard_normal(self, zoo: Zoo, draw: Callable[..., Any]) -> None:
        """200,000 numbers: mean within 4/sqrt(n), variance within 4 sqrt(2/n), fourth moment."""
        _, (draws,) = draw("parametric", zoo("slope"), 6, 930)
        numbers = np.hstack([draws.u, draws.e]).ravel()
        n = numbers.size
        assert n == 200_880
        assert abs(numbers.mean()) < 4 / np.sqrt(n)
        assert abs(numbers.var() - 1) < 4 * np.sqrt(2 / n)
        assert abs((numbers**4).mean() - 3) < 4 * np.sqrt(96 / n)


class TestTransformed:
    @pytest.mark.parametrize("name", [*REGULAR, "singular"])
    def test_pool_is_the_residual_whitened_by_v_in_the_order_of_the_rows(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf, textbook: ModuleType
    ) -> None:
        fit = zoo(name)
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        root = root_weights(fit)
        V = root[:, None] * dense.V * root
        zeta = np.linalg.solve(np.linalg.cholesky(V), root * dense.eps)
        plan = scheme_of("residual_trans").plan(fit)
        np.testing.assert_allclose(plan.zeta, zeta - zeta.mean(), **DENSE)

    @pytest.mark.parametrize("name", [*REGULAR, "singular"])
    def test_what_puts_it_back_is_a_root_of_v(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf, textbook: ModuleType
    ) -> None:
        fit = zoo(name)
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        for scheme_name in ("residual_trans", "corrected_trans"):
            plan = scheme_of(scheme_name).plan(fit)
            root = plan.factor.colour(np.eye(fit.nobs)) / root_weights(fit)[:, None]
            np.testing.assert_allclose(root @ root.T, dense.V, rtol=1e-9, atol=1e-10)

    @pytest.mark.parametrize("name", [*REGULAR, "singular"])
    def test_corrected_pool_is_whitened_by_the_variance_of_the_residuals(
        self, name: str, zoo: Zoo, scheme_of: SchemeOf, textbook: ModuleType
    ) -> None:
        """V - XHX' with zeros where V has them; its Cholesky root where there is one."""
        fit = regular(zoo(name)) if name != "singular" else zoo(name)
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        root = root_weights(fit)
        V = np.outer(root, root) * dense.V
        X = root[:, None] * dense.X
        variance = np.where(dense.V == 0, 0.0, V - X @ dense.H @ X.T)
        zeta = np.linalg.solve(np.linalg.cholesky(variance), root * dense.eps)
        plan = scheme_of("corrected_trans").plan(fit)
        np.testing.assert_allclose(plan.zeta, zeta - zeta.mean(), rtol=1e-8, atol=1e-8)

    def test_corrected_pool_without_a_cholesky_factor_takes_the_symmetric_root(
        self, scheme_of: SchemeOf, textbook: ModuleType
    ) -> None:
        """A batch with a mean of its own: its residuals sum to zero, so they have no root."""
        frame = bm.load_dataset("Dyestuff")
        frame = frame.assign(own=(frame["Batch"] == "C").astype(float))
        fit = bm.lmer("Yield ~ own + (1 | Batch)", frame, reml=False).at_theta([0.5])
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        variance = np.where(dense.V == 0, 0.0, dense.V - dense.X @ dense.H @ dense.X.T)
        values, vectors = np.linalg.eigh(variance)
        assert abs(values[0]) < 1e-12 < 0.1 < values[1]
        inverse = np.append(0.0, 1 / np.sqrt(values[1:]))
        zeta = vectors @ (inverse * (vectors.T @ dense.eps))
        plan = scheme_of("corrected_trans").plan(fit)
        np.testing.assert_allclose(plan.zeta, zeta - zeta.mean(), rtol=1e-7, atol=1e-7)

    def test_no_root_is_found_by_rounding(self, scheme_of: SchemeOf) -> None:
        """Rounding may leave a saturated group a positive pivot, in one order of rows only.

        1e-9: the residuals are about 100 and their whitening by V - XHX' is well conditioned.
        """
        frame = bm.load_dataset("sleepstudy")
        order = frame["Subject"].cat.codes
        frame = frame.assign(group=np.select([order == 0, order < 9], ["a", "b"], "c"))
        for reml in (False, True):
            zeta, backwards = (
                scheme_of("corrected_trans")
                .plan(bm.lmer("Reaction ~ group + (1 | Subject)", rows, reml=reml))
                .zeta
                for rows in (frame, frame.iloc[::-1])
            )
            np.testing.assert_allclose(backwards[::-1], zeta, rtol=1e-9, atol=1e-9)

    def test_negative_control_correcting_makes_a_difference(
        self, zoo: Zoo, scheme_of: SchemeOf
    ) -> None:
        fit = zoo("unequal")
        one, other = (scheme_of(s).plan(fit).zeta for s in ("residual_trans", "corrected_trans"))
        assert not np.allclose(one, other, rtol=1e-2)

    def test_a_matrix_of_rows_by_rows_is_refused_where_it_would_be_large(
        self, zoo: Zoo, scheme_of: SchemeOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(residual_trans, "MOST_ROWS", 100)
        with pytest.raises(ModelError) as caught:
            scheme_of("corrected_trans").plan(zoo("crossed"))
        assert str(caught.value) == (
            "`corrected_trans` needs a matrix of rows by rows for all that are correlated; here "
            "these are 144 rows and the limit is 100. Use corrected_trans=False."
        )
        assert scheme_of("residual_trans").plan(zoo("crossed")).zeta.shape == (144,)
        assert scheme_of("corrected_trans").plan(zoo("nested")).zeta.shape == (60,)

    def test_large_crossed_factors_are_refused(
        self, zoo: Zoo, scheme_of: SchemeOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nested ones are not: their work is that of one level of the outer factor."""
        monkeypatch.setattr(residual_trans, "MOST_WORK", 10_000)
        with pytest.raises(ModelError) as caught:
            scheme_of("residual_trans").plan(zoo("crossed"))
        assert str(caught.value) == (
            "`residual_trans` with crossed grouping factors predicts each of the 144 rows from 30 "
            "random effects at once, which is too much. Use type='residual' or 'residual_cgr'."
        )
        assert scheme_of("residual_trans").plan(zoo("nested")).factor.z.shape == (60, 4)
