"""Reflated effects and errors against dense textbook formulas and against their own purpose.

Dense n-by-n algebra and the library's differ by rounding times the condition of V, at most 1e4
here: 1e-9 relative leaves a factor of a thousand.
"""

import warnings
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.lmm.fit import evaluate_at
from pybootmlm.resampling.reflation import (
    cholesky_whitened,
    reflated_effects,
    reflated_errors,
    root_whitened,
)

SAME = {"rtol": 1e-9, "atol": 1e-9}
Zoo = Callable[[str], bm.LmerFit]
REGULAR = ["intercept", "intercept ML", "slope", "bars", "unequal", "shuffled", "weighted ML",
           "crossed", "nested"]  # fmt: skip


def away_from_zero(fit: bm.LmerFit) -> bm.LmerFit:
    """The model at a theta whose diagonal is not small, so that every root exists."""
    theta = fit.theta.copy()
    diagonal = fit.labels.covariance.on_diagonal
    theta[diagonal] = np.maximum(theta[diagonal], 0.3)
    return fit.at_theta(theta)


def level_blocks(fit: bm.LmerFit) -> list[list[slice]]:
    """Where each level of each term stands in the textbook's b."""
    out, at = [], 0
    for term in fit.design.terms:
        q, J = len(term.names), len(fit.design.factors[term.factor].levels)
        out.append([slice(at + j * q, at + (j + 1) * q) for j in range(J)])
        at += J * q
    return out


@pytest.mark.parametrize("name", REGULAR)
def test_effects_are_standardised_by_the_textbook_variance_block_by_block(
    name: str, zoo: Zoo, textbook: ModuleType
) -> None:
    """Var(b)/sigma^2 = S Z'P Z S with S = LambdaLambda', here from n-by-n matrices."""
    fit = away_from_zero(zoo(name))
    dense = textbook.of_design(fit.design, fit.theta, fit.reml)
    S = dense.Lambda @ dense.Lambda.T
    variance = S @ dense.Z.T @ dense.P @ dense.Z @ S
    for pool, blocks in zip(reflated_effects(fit), level_blocks(fit), strict=True):
        assert pool.shape == (blocks[0].stop - blocks[0].start, len(blocks))
        for j, block in enumerate(blocks):
            root = np.linalg.cholesky(variance[block, block])
            standardised = np.linalg.solve(root, dense.b[block])
            expected = dense.Lambda[block, block] @ standardised
            np.testing.assert_allclose(pool[:, j], expected, **SAME)


def test_negative_control_v_in_place_of_p_is_told_apart(zoo: Zoo, textbook: ModuleType) -> None:
    """Without the fixed effects' part the blocks are others, if not by much."""
    fit = away_from_zero(zoo("intercept"))
    dense = textbook.of_design(fit.design, fit.theta, fit.reml)
    S = dense.Lambda @ dense.Lambda.T
    variance = S @ dense.Z.T @ dense.V_inverse @ dense.Z @ S
    expected = dense.Lambda @ (dense.b / np.sqrt(np.diag(variance)))
    assert not np.allclose(reflated_effects(fit)[0][0], expected, rtol=1e-2)


@pytest.mark.parametrize("name", REGULAR)
def test_errors_are_divided_by_the_root_of_what_leverage_leaves(
    name: str, zoo: Zoo, textbook: ModuleType
) -> None:
    fit = away_from_zero(zoo(name))
    dense = textbook.of_design(fit.design, fit.theta, fit.reml)
    root = np.ones(fit.nobs) if fit.design.weights is None else np.sqrt(fit.design.weights)
    expected = root * (fit.design.y - dense.mu) / np.sqrt(1 - dense.hat_diagonal)
    np.testing.assert_allclose(reflated_errors(fit), expected, **SAME)


def of_unit_responses(fit: bm.LmerFit) -> tuple[list[np.ndarray], np.ndarray]:
    """What reflation makes of e_1, ..., e_n: it is linear in the response at a given theta."""
    effects, errors = [], []
    offset = 0.0 if fit.design.offset is None else fit.design.offset
    for unit in np.eye(fit.nobs):
        one = evaluate_at(fit.model.with_response(unit + offset), fit.theta, fit.reml)
        effects.append(np.concatenate([pool.T.ravel() for pool in reflated_effects(one)]))
        errors.append(reflated_errors(one))
    return effects, np.array(errors).T


@pytest.mark.parametrize("name", ["intercept", "unequal", "shuffled", "weighted", "weighted ML"])
class TestTheirVarianceIsTheModels:
    """The purpose, exactly: for y with variance V, pools T y have T V T' = LambdaLambda' or 1."""

    def test_of_effects_and_errors(self, name: str, zoo: Zoo, textbook: ModuleType) -> None:
        fit = away_from_zero(zoo(name))
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        by_response, errors = of_unit_responses(fit)
        np.testing.assert_allclose(np.diag(errors @ dense.V @ errors.T), 1.0, rtol=1e-7)
        T = np.array(by_response).T
        variance, S = T @ dense.V @ T.T, dense.Lambda @ dense.Lambda.T
        for blocks in level_blocks(fit):
            for block in blocks:
                np.testing.assert_allclose(
                    variance[block, block], S[block, block], rtol=1e-7, atol=1e-8
                )

    def test_negative_control_the_predictions_vary_less(
        self, name: str, zoo: Zoo, textbook: ModuleType
    ) -> None:
        fit = away_from_zero(zoo(name))
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        S = dense.Lambda @ dense.Lambda.T
        T = S @ dense.Z.T @ dense.P
        assert (np.diag(T @ dense.V @ T.T) < 0.99 * np.diag(S)).any()


class TestWithoutACholeskyFactor:
    def test_a_singular_fit_has_no_effects_to_draw(self, zoo: Zoo) -> None:
        (pool,) = reflated_effects(zoo("singular"))
        assert pool.tolist() == [[0.0] * 6]

    def test_a_block_of_rank_one_is_standardised_by_its_symmetric_root(
        self, zoo: Zoo, textbook: ModuleType
    ) -> None:
        fit = zoo("slope").at_theta([0.9, 0.2, 0.0])
        dense = textbook.of_design(fit.design, fit.theta, fit.reml)
        S = dense.Lambda @ dense.Lambda.T
        variance = S @ dense.Z.T @ dense.P @ dense.Z @ S
        (pool,) = reflated_effects(fit)
        for j, block in enumerate(level_blocks(fit)[0]):
            values, vectors = np.linalg.eigh(variance[block, block])
            assert values[0] < 1e-12 * values[1]
            largest = vectors[:, 1]
            standardised = largest * (largest @ dense.b[block]) / np.sqrt(values[1])
            expected = dense.Lambda[block, block] @ standardised
            np.testing.assert_allclose(pool[:, j], expected, rtol=1e-7, atol=1e-7)

    def test_one_term_without_makes_all_terms_do_without(
        self, zoo: Zoo, textbook: ModuleType
    ) -> None:
        """bootmlm takes one root of the whole matrix; in one dimension both roots are the same."""
        fit = zoo("bars")
        zero = fit.at_theta([fit.theta[0], 0.0])
        first, second = reflated_effects(zero)
        assert (second == 0).all()
        dense = textbook.of_design(zero.design, zero.theta, zero.reml)
        S = dense.Lambda @ dense.Lambda.T
        variance = np.diag(S @ dense.Z.T @ dense.P @ dense.Z @ S)[:18]
        expected = zero.theta[0] * dense.b[:18] / np.sqrt(variance)
        np.testing.assert_allclose(first[0], expected, **SAME)

    def test_a_row_with_leverage_one_keeps_its_residual_of_zero(self) -> None:
        frame = bm.load_dataset("Dyestuff").assign(own=0.0)
        frame.loc[4, "own"] = 1.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bm.exceptions.SingularFitWarning)
            fit = bm.lmer("Yield ~ own + (1 | Batch)", frame)
        errors = reflated_errors(fit)
        assert np.isfinite(errors).all()
        assert errors[4] == pytest.approx(0.0, abs=1e-9 * np.abs(errors).max())


class TestKernels:
    def stack(self) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(8)
        root = rng.normal(size=(5, 3, 3))
        return np.moveaxis(root @ root.transpose(0, 2, 1), 0, -1), rng.normal(size=(3, 5))

    def test_cholesky(self) -> None:
        V, b = self.stack()
        found = cholesky_whitened(V, b)
        assert found is not None
        for j in range(5):
            L = np.linalg.cholesky(V[:, :, j])
            np.testing.assert_allclose(L @ found[:, j], b[:, j], **SAME)

    @pytest.mark.parametrize("pivot", [0.0, 1e-14, -1.0])
    def test_no_cholesky_where_one_block_has_none_but_rounding(self, pivot: float) -> None:
        V, b = self.stack()
        V[:, :, 2] = np.eye(3)
        V[0, 2, 2] = V[2, 0, 2] = 1.0
        V[2, 2, 2] = 1.0 + pivot
        assert cholesky_whitened(V, b) is None

    def test_a_small_variance_that_is_not_rounding_is_kept(self) -> None:
        V, b = self.stack()
        V[:, :, 2] = np.diag([1.0, 1.0, 1e-20])
        assert cholesky_whitened(V, b) is not None

    def test_symmetric_root(self) -> None:
        V, b = self.stack()
        found = root_whitened(V, b)
        for j in range(5):
            values, vectors = np.linalg.eigh(V[:, :, j])
            root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
            np.testing.assert_allclose(root @ found[:, j], b[:, j], **SAME)

    def test_symmetric_root_of_nothing_is_nothing(self) -> None:
        assert root_whitened(np.zeros((2, 2, 3)), np.ones((2, 3))).tolist() == [[0.0] * 3] * 2
