"""What every scheme promises, whatever its option and the model."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.resampling.scheme import Resamples, Responses
from pybootmlm.resampling.table import SCHEMES as TYPES
from pybootmlm.resampling.table import resolve

GENERATORS: dict[str, Callable[[], Any]] = {
    "int": lambda: 85957,
    "Generator": lambda: np.random.default_rng(85957),
    "RStream": lambda: bm.RStream(85957),
}
Draw = Callable[..., tuple[Any, list[Any]]]
# Fits of equivalent models stop within 1e-7 of their optimum, so they are compared at one theta;
# what is left is the rounding of a few hundred operations.
SAME = {"rtol": 1e-9, "atol": 1e-9}
ONE_FACTOR_ONLY = ("reb", "reb_scale", "case", "lv1_resample")


def leaves(value: Any) -> list[np.ndarray]:
    """Every array in (nested) draws, data or plans."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in leaves(item)]
    if dataclasses.is_dataclass(value) and not isinstance(value, bm.LmerFit):
        fields = dataclasses.fields(value)
        return [array for item in fields for array in leaves(getattr(value, item.name))]
    return []


def same(one: Any, other: Any) -> bool:
    pairs = zip(leaves(one), leaves(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def joined(batches: list[Any]) -> list[Any]:
    """Draws of single replicates from draws in batches."""
    out = []
    for batch in batches:
        for b in range(len(leaves(batch)[0])):
            out.append([array[b] if array.ndim > 1 else array for array in leaves(batch)])
    return out


def data_of(fit: bm.LmerFit, data: Responses | Resamples) -> np.ndarray | list[np.ndarray]:
    """Responses (n, B), or the rows of each data set."""
    if isinstance(data, Responses):
        return data.y(fit)
    if data.rows is None:
        return list(data.clusters)
    return [np.concatenate(rows) for rows in data.rows]


class TestIsAValue:
    def test_frozen(self, scheme: str, scheme_of: Callable[[str], Any]) -> None:
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            scheme_of(scheme).name = "other"

    def test_equal_and_hashable(self, scheme: str, scheme_of: Callable[[str], Any]) -> None:
        assert scheme_of(scheme) == scheme_of(scheme)
        assert len({scheme_of(scheme), scheme_of(scheme)}) == 1

    def test_repr_is_what_makes_it(self, scheme: str, scheme_of: Callable[[str], Any]) -> None:
        names = {cls.__name__: cls for cls in TYPES.values()}
        assert eval(repr(scheme_of(scheme)), names) == scheme_of(scheme)

    def test_options_tell_apart(self, scheme_of: Callable[[str], Any]) -> None:
        assert scheme_of("reb") != scheme_of("reb_scale")
        assert scheme_of("case") != scheme_of("lv1_resample")
        assert scheme_of("residual_trans") != scheme_of("corrected_trans")


class TestApplyIsPure:
    def test_same_draws_same_data(
        self, scheme: str, one_factor_model: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        fit = zoo(one_factor_model)
        plan, (draws,) = draw(scheme, fit, 1, 3)
        before_draws, before_plan = copy.deepcopy(leaves(draws)), copy.deepcopy(leaves(plan))
        before_fit = fit.design.y.copy(), fit.design.X.copy(), fit.theta.copy()
        first, second = plan.apply(draws), plan.apply(draws)
        assert same(first, second)
        assert same(before_draws, draws)
        assert same(before_plan, plan)
        assert same(list(before_fit), [fit.design.y, fit.design.X, fit.theta])

    def test_data_share_no_memory_with_the_pools(
        self, scheme: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        plan, (draws,) = draw(scheme, zoo("slope"), 1, 1)
        found = plan.apply(draws)
        if isinstance(found, Responses):
            own = [found.errors, *found.effects]
            assert not any(np.shares_memory(a, b) for a in own for b in leaves(plan))

    def test_another_draw_is_other_data(
        self, scheme: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        """Negative control: the comparisons above can fail."""
        plan, draws = draw(scheme, zoo("slope"), 1, 1, 1)
        assert not same(plan.apply(draws[0]), plan.apply(draws[1]))


class TestDraws:
    @pytest.mark.parametrize("kind", list(GENERATORS))
    @pytest.mark.parametrize("name", ["unequal", "slope"])
    def test_do_not_depend_on_the_batches(
        self, scheme: str, kind: str, name: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        fit = zoo(name)
        _, whole = draw(scheme, fit, GENERATORS[kind](), 5)
        for counts in ([2, 3], [1, 1, 1, 1, 1]):
            _, parts = draw(scheme, fit, GENERATORS[kind](), *counts)
            if scheme == "lv1_resample":
                assert [c.tolist() for one in parts for c in one.clusters] == (
                    whole[0].clusters.tolist()
                )
                rows = [r for one in parts for r in one.rows]
                assert same(rows, list(whole[0].rows))
            else:
                assert same(joined(parts), joined(whole))

    def test_of_a_seed_do_not_depend_on_how_many_follow(
        self, scheme: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        fit = zoo("unequal")
        plan, (few,) = draw(scheme, fit, 7, 2)
        _, (many,) = draw(scheme, fit, 7, 6)
        first, all_ = data_of(fit, plan.apply(few)), data_of(fit, plan.apply(many))
        if isinstance(first, list):
            assert same(first, all_[:2])
        else:
            assert isinstance(all_, np.ndarray)
            np.testing.assert_array_equal(first, all_[:, :2])

    @pytest.mark.parametrize("kind", list(GENERATORS))
    def test_are_repeated_by_the_same_start(
        self, scheme: str, kind: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        fit = zoo("unequal")
        _, one = draw(scheme, fit, GENERATORS[kind](), 3)
        _, other = draw(scheme, fit, GENERATORS[kind](), 3)
        assert same(one, other)

    def test_replicates_differ(self, scheme: str, zoo: Callable[..., Any], draw: Draw) -> None:
        _, (draws,) = draw(scheme, zoo("slope"), 3, 2)
        if scheme == "lv1_resample":
            assert not np.array_equal(*draws.clusters)
        else:
            assert not same(*joined([draws]))


class TestShapes:
    def test_of_responses(
        self, scheme: str, any_model: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        fit = zoo(any_model)
        if len(fit.design.factors) > 1 and scheme in ONE_FACTOR_ONLY:
            with pytest.raises(ArgumentError, match="supports one grouping factor"):
                draw(scheme, fit, 1, 3)
            return
        plan, (draws,) = draw(scheme, fit, 1, 3)
        found = plan.apply(draws)
        assert len(found) == 3
        if isinstance(found, Resamples):
            J = len(fit.design.factors[0].levels)
            assert found.clusters.shape == found.multiplicity.shape == (3, J)
            assert found.multiplicity.sum(axis=1).tolist() == [J] * 3
            return
        assert found.fixed.shape == (fit.nobs,)
        assert found.errors.shape == found.y(fit).shape == (fit.nobs, 3)
        assert np.isfinite(found.y(fit)).all()
        shapes = [effects.shape for effects in found.effects]
        whole = [
            (len(factor.levels), size.size, 3)
            for factor, size in zip(fit.design.factors, fit.labels.covariance.factors, strict=True)
        ]
        assert shapes == ([] if "trans" in scheme else whole)

    def test_clusters_keep_their_rows(self, zoo: Callable[..., Any], draw: Draw) -> None:
        """Rows drawn within a cluster are that cluster's, and as many as it has."""
        fit = zoo("shuffled")
        codes = fit.design.factors[0].codes
        plan, (draws,) = draw("lv1_resample", fit, 1, 4)
        found = plan.apply(draws)
        for clusters, parts in zip(found.clusters, found.rows, strict=True):
            for cluster, rows in zip(clusters, parts, strict=True):
                assert set(codes[rows]) == {cluster}
                assert len(rows) == (codes == cluster).sum()

    def test_clusters_are_drawn_by_first_appearance(
        self, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        """bootmlm draws from unique(group), so index 0 is the first row's cluster."""
        fit = zoo("shuffled")
        codes = fit.design.factors[0].codes
        order = list(dict.fromkeys(codes.tolist()))
        assert order != sorted(order)
        plan, (draws,) = draw("case", fit, 1, 4)
        assert plan.apply(draws).clusters.tolist() == [
            [order[k] for k in drawn] for drawn in draws.clusters
        ]


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "named", "scheme_name", "shown"),
        [
            ("crossed", "`plate`, `sample`", "reb", "REB"),
            ("crossed", "`plate`, `sample`", "reb_scale", "REB"),
            ("nested", "`cask:batch`, `batch`", "case", "case"),
            ("nested", "`cask:batch`, `batch`", "lv1_resample", "case"),
        ],
    )
    def test_several_factors(
        self,
        name: str,
        named: str,
        scheme_name: str,
        shown: str,
        zoo: Callable[..., Any],
        scheme_of: Callable[[str], Any],
    ) -> None:
        with pytest.raises(ArgumentError) as caught:
            scheme_of(scheme_name).plan(zoo(name))
        assert str(caught.value) == (
            f"The {shown} bootstrap supports one grouping factor; this fit has 2 ({named}). "
            "Use 'parametric', 'residual', 'residual_cgr' or 'residual_trans'."
        )

    def test_unknown_type_lists_the_types(self) -> None:
        with pytest.raises(ArgumentError) as caught:
            resolve("boot")
        assert str(caught.value) == (
            "`type` must be one of 'parametric', 'residual', 'residual_cgr', 'residual_trans', "
            "'reb', 'case'; got 'boot'."
        )

    @pytest.mark.parametrize(
        ("type_", "option", "owner"),
        [
            ("residual", "corrected_trans", "residual_trans"),
            ("residual_trans", "lv1_resample", "case"),
            ("case", "reb_scale", "reb"),
            ("reb", "corrected_trans", "residual_trans"),
        ],
    )
    @pytest.mark.parametrize("value", [True, False])
    def test_option_of_another_type(self, type_: str, option: str, owner: str, value: bool) -> None:
        with pytest.raises(ArgumentError) as caught:
            resolve(type_, **{option: value})
        assert str(caught.value) == (
            f"`{option}` is an option of type '{owner}', not of '{type_}': leave it out."
        )

    def test_option_beside_a_scheme(self, scheme_of: Callable[[str], Any]) -> None:
        with pytest.raises(ArgumentError) as caught:
            resolve(scheme_of("reb"), reb_scale=True)
        assert str(caught.value) == (
            "`reb_scale` belongs to a type given by name; set it on REB(reb_scale=False) itself."
        )

    def test_none_stands_for_not_given(self, scheme_of: Callable[[str], Any]) -> None:
        assert resolve("reb", reb_scale=None, corrected_trans=None) == scheme_of("reb")


def refitted(base: bm.LmerFit, frame: pd.DataFrame, theta: np.ndarray, **options: Any) -> Any:
    """The model of `base` on other data, at a theta of our choice."""
    fit = bm.lmer(base.formula, frame, reml=base.reml, **options)
    return fit.at_theta(theta)


class TestEquivalentModels:
    """The same draws on models that say the same give the same replicates."""

    FORMULA = "y ~ x + (x | g)"

    def replicates(self, scheme: str, draw: Draw, fit: bm.LmerFit) -> Any:
        plan, (draws,) = draw(scheme, fit, 5, 3)
        return data_of(fit, plan.apply(draws))

    def test_offset_is_in_the_responses(
        self, scheme: str, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        frame = data("messy")
        plain = bm.lmer(self.FORMULA, frame)
        shifted = frame.assign(y=frame["y"] + frame["o"])
        fit = refitted(plain, shifted, plain.theta, offset="o")
        one, other = self.replicates(scheme, draw, plain), self.replicates(scheme, draw, fit)
        if isinstance(one, list):
            assert same(one, other)
        else:
            np.testing.assert_allclose(other, one + frame["o"].to_numpy()[:, None], **SAME)

    def test_weights_count_up_to_a_factor(
        self, scheme: str, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        """Four times the weights: sigma doubles and theta halves, the model is the same."""
        frame = data("messy")
        plain = bm.lmer(self.FORMULA, frame, weights="w")
        fourfold = frame.assign(w=4 * frame["w"])
        fit = refitted(plain, fourfold, plain.theta / 2, weights="w")
        one, other = self.replicates(scheme, draw, plain), self.replicates(scheme, draw, fit)
        if isinstance(one, list):
            assert same(one, other)
        else:
            np.testing.assert_allclose(other, one, **SAME)

    def test_weights_of_one_are_none(
        self, scheme: str, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        frame = data("messy")
        plain = bm.lmer(self.FORMULA, frame)
        fit = refitted(plain, frame.assign(w=1.0), plain.theta, weights="w")
        one, other = self.replicates(scheme, draw, plain), self.replicates(scheme, draw, fit)
        if isinstance(one, list):
            assert same(one, other)
        else:
            np.testing.assert_allclose(other, one, **SAME)

    def test_negative_control_weights_matter(
        self, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        frame = data("messy")
        plain = bm.lmer(self.FORMULA, frame)
        fit = refitted(plain, frame, plain.theta, weights="w")
        one = self.replicates("parametric", draw, plain)
        assert not np.allclose(one, self.replicates("parametric", draw, fit), rtol=1e-3)

    @pytest.mark.parametrize("na_action", ["omit", "exclude"])
    def test_rows_with_missing_values_are_as_if_they_were_not_there(
        self, scheme: str, na_action: str, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        frame = data("messy")
        holes = frame.copy()
        holes.loc[[0, 17, 41], "y"] = np.nan
        holes.loc[[5, 17], "x"] = np.nan
        dropped = frame.drop(index=[0, 5, 17, 41]).reset_index(drop=True)
        plain = bm.lmer(self.FORMULA, dropped)
        fit = refitted(plain, holes, plain.theta, na_action=na_action)
        one, other = self.replicates(scheme, draw, plain), self.replicates(scheme, draw, fit)
        if isinstance(one, list):
            assert same(one, other)
        else:
            np.testing.assert_allclose(other, one, **SAME)

    @pytest.mark.parametrize(
        "scheme_name", ["reb", "reb_scale", "case", "lv1_resample", "parametric"]
    )
    def test_order_of_the_rows_of_different_clusters_does_not_matter(
        self, scheme_name: str, draw: Draw, data: Callable[[str], pd.DataFrame]
    ) -> None:
        """Rows sorted by cluster or mixed up, in their order within clusters: each row's y*.

        Residuals of reb stay in their cluster; bootmlm returns them in level order, so they do not.
        """
        mixed = data("messy")
        first = mixed["g"].drop_duplicates().tolist()
        rank = mixed["g"].map({g: k for k, g in enumerate(first)})
        order = np.argsort(rank.to_numpy(), kind="stable")
        ordered = mixed.iloc[order].reset_index(drop=True)
        fit = bm.lmer(self.FORMULA, mixed)
        tidy = refitted(fit, ordered, fit.theta)
        one, other = (self.replicates(scheme_name, draw, f) for f in (fit, tidy))
        if scheme_name == "case":
            assert same(one, other)
        elif scheme_name == "lv1_resample":
            assert all((a == order[b]).all() for a, b in zip(one, other, strict=True))
        elif scheme_name == "parametric":
            np.testing.assert_allclose(
                self.effects_part(fit, one)[order], self.effects_part(tidy, other), **SAME
            )
        else:
            np.testing.assert_allclose(one[order], other, **SAME)

    @staticmethod
    def effects_part(fit: bm.LmerFit, y: np.ndarray) -> np.ndarray:
        """What is left of parametric responses without their errors: those are drawn by row."""
        rng = [
            np.random.Generator(np.random.PCG64(np.random.SeedSequence(5, spawn_key=(b,))))
            for b in range(y.shape[1])
        ]
        draws = [(one.standard_normal(fit.b.size), one.standard_normal(fit.nobs)) for one in rng]
        return y - fit.sigma * np.array([e for _, e in draws]).T


class TestExpectation:
    """Means over many replicates, against the pools' own means."""

    B = 3000

    @pytest.mark.parametrize(
        ("scheme_name", "name"),
        [
            (scheme_name, name)
            for scheme_name in ("parametric", "residual", "residual_cgr", "residual_trans")
            for name in ("weighted", "slope", "crossed")
        ]
        + [
            ("corrected_trans", "weighted"),
            ("corrected_trans", "crossed"),
            ("reb", "weighted"),
            ("reb_scale", "weighted"),
        ],
    )
    def test_of_the_responses(
        self, scheme_name: str, name: str, zoo: Callable[..., Any], draw: Draw
    ) -> None:
        """5 standard errors of a mean; the seed is fixed, so what passes once always does."""
        fit = zoo(name)
        plan, (draws,) = draw(scheme_name, fit, 11, self.B)
        y = plan.apply(draws).y(fit)
        offset = 0.0 if fit.design.offset is None else fit.design.offset
        mean = fit.design.X @ fit.beta + offset + self.pool_means(scheme_name, fit, plan)
        error = y.std(axis=1, ddof=1) / np.sqrt(self.B)
        assert (np.abs(y.mean(axis=1) - mean) < 5 * error).all()
        # Negative control: as many standard errors of a mean that is off by a quarter of sigma.
        assert (np.abs(y.mean(axis=1) - mean - fit.sigma / 4) > 5 * error).any()

    @staticmethod
    def pool_means(scheme_name: str, fit: bm.LmerFit, plan: Any) -> Any:
        if scheme_name == "parametric" or "trans" in scheme_name:
            return 0.0
        root = np.ones(fit.nobs) if fit.design.weights is None else np.sqrt(fit.design.weights)
        errors = np.full(fit.nobs, plan.errors.mean())
        if scheme_name.startswith("reb"):
            codes = fit.design.factors[0].codes
            errors = np.array([plan.errors[codes == c].mean() for c in codes])
        means = errors / root
        for term, pool in zip(fit.design.terms, plan.effects, strict=True):
            means = means + term.Z @ pool.mean(axis=1)
        return means
