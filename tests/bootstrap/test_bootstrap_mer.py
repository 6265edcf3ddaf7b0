"""bootstrap_mer from outside: what it takes, what it gives, what it refuses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.bootstrap.refit_data import refitter
from pybootmlm.exceptions import ArgumentError, StatisticError
from pybootmlm.resampling.case import Case
from pybootmlm.resampling.reb import REB
from pybootmlm.resampling.residual import Residual
from pybootmlm.resampling.residual_trans import ResidualTrans
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import as_source


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    return bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))


@pytest.fixture(scope="module")
def slope() -> bm.LmerFit:
    return bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))


class TestResult:
    def test_holds_the_statistic_of_the_fit_and_of_each_refit(self, slope: bm.LmerFit) -> None:
        """t is the statistic of fits made one by one: beta to 1e-8, as in test_moments."""
        boot = bm.bootstrap_mer(slope, "fixef", 5, type="residual", rng=bm.RStream(85957))
        assert boot.t0.tolist() == slope.beta.tolist()
        plan = resolve("residual").plan(slope)
        data = plan.apply(next(plan.draw(as_source(bm.RStream(85957)), [5])))
        expected = [slope.refit(y).beta for y in data.y(slope).T]
        np.testing.assert_allclose(boot.t, expected, rtol=1e-6)

    def test_describes_itself(self, slope: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(slope, "fixef", 5, type="reb", reb_scale=True, rng=4)
        assert (boot.type, boot.nsim, len(boot), boot.t.shape) == ("reb", 5, 5, (5, 2))
        assert boot.names == ("(Intercept)", "Days")
        assert (boot.formula, boot.reml, boot.complete) == (slope.formula, True, True)
        assert boot.seed == "seed 4, one NumPy stream a replicate"
        assert boot.fit is slope
        assert boot.kept is None

    def test_keeps_refits_on_demand(self, slope: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(slope, "sigma", 6, type="residual", rng=4, keep_fits=True)
        assert boot.kept is not None
        assert [one.sigma for one in boot.kept] == boot.t[:, 0].tolist()
        assert boot.kept[3].ranef()["Subject"].shape == (18, 2)

    def test_one_replicate_is_the_default_and_parametric(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, "sigma", rng=1)
        assert (boot.type, boot.t.shape) == ("parametric", (1, 1))

    def test_origin_tells_runs_apart(self, fit: bm.LmerFit, slope: bm.LmerFit) -> None:
        def origin(m: bm.LmerFit, statistic: Any, type_: str, seed: int, **options: bool) -> str:
            return bm.bootstrap_mer(m, statistic, 2, type_, rng=seed, **options).origin

        base = origin(fit, "sigma", "case", 1)
        assert origin(fit, "sigma", "case", 2) == base
        others = {
            origin(fit, "theta", "case", 1),
            origin(fit, "sigma", "case", 1, lv1_resample=True),
            origin(fit, "sigma", "residual", 1),
            origin(fit.refit_ml(), "sigma", "case", 1),
            origin(slope, "sigma", "case", 1),
        }
        assert len(others) == 5
        assert base not in others

    def test_runs_of_one_origin_can_be_put_together(self, fit: bm.LmerFit) -> None:
        one, other = (bm.bootstrap_mer(fit, "sigma", 3, rng=seed) for seed in (1, 2))
        assert (one + other).t[:, 0].tolist() == [*one.t[:, 0], *other.t[:, 0]]


class TestStatistics:
    @pytest.mark.parametrize(
        ("statistic", "names"),
        [
            (lambda m: m.sigma, ("t1",)),
            (lambda m: [m.sigma, *m.beta], ("t1", "t2", "t3")),
            (lambda m: np.r_[m.beta, m.sigma], ("t1", "t2", "t3")),
            (lambda m: {"s": m.sigma, "b": m.beta[0]}, ("s", "b")),
            (lambda m: m.fixef, ("(Intercept)", "Days")),
            (lambda _: pd.Series({"x": 1.0}), ("x",)),
            (lambda m: np.float64(m.sigma), ("t1",)),
            (bm.statistics.theta, ("theta1", "theta2", "theta3")),
        ],
    )
    def test_of_any_kind_keep_their_names(
        self, slope: bm.LmerFit, statistic: Callable[[Any], Any], names: tuple[str, ...]
    ) -> None:
        boot = bm.bootstrap_mer(slope, statistic, 2, rng=1)
        assert boot.names == names
        assert boot.t.shape == (2, len(names))

    @pytest.mark.parametrize(
        "name", ["fixef", "sigma", "theta", "var_corr_sd", "var_corr_var", "r2"]
    )
    @pytest.mark.parametrize("type_", ["residual", "case"])
    def test_ready_made_ones_by_name(self, slope: bm.LmerFit, name: str, type_: str) -> None:
        """On a refit they are what they are on the whole fit at its theta."""
        boot = bm.bootstrap_mer(slope, name, 2, type_, rng=1, keep_fits=True)
        function = getattr(bm.statistics, name)
        assert boot.names == tuple(function(slope))
        assert boot.kept is not None
        for row, one in zip(boot.t, boot.kept, strict=True):
            expected = list(function(one._whole).values())
            np.testing.assert_allclose(row, expected, rtol=1e-8)

    def test_icc_by_name(self, fit: bm.LmerFit) -> None:
        boot = bm.bootstrap_mer(fit, "icc", 20, rng=1, keep_fits=True)
        expected = [one.theta[0] ** 2 / (1 + one.theta[0] ** 2) for one in boot.kept or ()]
        np.testing.assert_allclose(boot.t[:, 0], expected, rtol=1e-12)

    def test_icc_is_refused_with_slopes(self, slope: bm.LmerFit) -> None:
        with pytest.raises(StatisticError) as caught:
            bm.bootstrap_mer(slope, "icc", 5, rng=1)
        assert str(caught.value) == (
            "`statistic` raised ArgumentError: `icc` needs random intercepts only: with random "
            "slopes the share of the clusters in the variance changes with the covariate. Use "
            "`r2`, or a statistic of your own."
        )

    def test_unknown_name_lists_the_names(self, fit: bm.LmerFit) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "ICC", 5)
        assert str(caught.value) == (
            "`statistic` must be a function or one of 'fixef', 'sigma', 'theta', 'var_corr_sd', "
            "'var_corr_var', 'icc', 'r2'; got 'ICC'."
        )

    @pytest.mark.parametrize("statistic", [5, None, ["sigma"]])
    def test_no_function(self, fit: bm.LmerFit, statistic: Any) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, statistic, 5)
        assert str(caught.value) == (
            f"`statistic` must be a function of a fit; got {type(statistic).__name__}."
        )

    @pytest.mark.parametrize("result", ["high", None, [], {"a": "b"}, object()])
    def test_nothing_numeric(self, fit: bm.LmerFit, result: Any) -> None:
        with pytest.raises(StatisticError, match="must return numbers"):
            bm.bootstrap_mer(fit, lambda _: result, 5)


class TestBadInput:
    @pytest.mark.parametrize("nsim", [0, -1, 2.5, True, "9", None, np.nan])
    def test_nsim(self, fit: bm.LmerFit, nsim: Any) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", nsim)
        assert str(caught.value) == f"`nsim` must be a positive integer; got {nsim!r}."

    def test_nsim_may_be_an_integer_of_numpy(self, fit: bm.LmerFit) -> None:
        assert bm.bootstrap_mer(fit, "sigma", np.int64(3), rng=1).nsim == 3

    @pytest.mark.parametrize("n_jobs", [0, 1.5, True, "2"])
    def test_n_jobs(self, fit: bm.LmerFit, n_jobs: Any) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", 5, n_jobs=n_jobs)
        assert str(caught.value) == (
            "`n_jobs` must be a number of workers, -1 for one a core, or None for those of the "
            f"active joblib.parallel_config; got {n_jobs!r}."
        )

    @pytest.mark.parametrize("chunk_size", [0, -1, 1.5])
    def test_chunk_size(self, fit: bm.LmerFit, chunk_size: Any) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", 5, chunk_size=chunk_size)
        assert str(caught.value) == f"`chunk_size` must be a positive integer; got {chunk_size!r}."

    def test_unknown_type_lists_the_types(self, fit: bm.LmerFit) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", 5, type="wild")
        assert str(caught.value) == (
            "`type` must be one of 'parametric', 'residual', 'residual_cgr', 'residual_trans', "
            "'reb', 'case'; got 'wild'."
        )

    @pytest.mark.parametrize("type_", [None, 3, Residual, [Residual()]])
    def test_what_is_no_scheme(self, fit: bm.LmerFit, type_: Any) -> None:
        with pytest.raises(ArgumentError, match=r"`type` must be one of .*'case'.*; got "):
            bm.bootstrap_mer(fit, "sigma", 5, type=type_)

    @pytest.mark.parametrize(
        ("type_", "options", "message"),
        [
            ("case", {"corrected_trans": True}, "`corrected_trans` is an option of type "
             "'residual_trans', not of 'case': leave it out."),
            ("reb", {"lv1_resample": False}, "`lv1_resample` is an option of type 'case', not of "
             "'reb': leave it out."),
            ("parametric", {"reb_scale": True}, "`reb_scale` is an option of type 'reb', not of "
             "'parametric': leave it out."),
        ],
    )  # fmt: skip
    def test_options_of_another_type(
        self, fit: bm.LmerFit, type_: str, options: dict[str, bool], message: str
    ) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", 5, type_, **options)
        assert str(caught.value) == message

    @pytest.mark.parametrize("value", [1, "yes", 0.0])
    @pytest.mark.parametrize(
        ("type_", "option"),
        [("case", "lv1_resample"), ("reb", "reb_scale"), ("residual_trans", "corrected_trans")],
    )
    def test_options_are_true_or_false(
        self, fit: bm.LmerFit, type_: str, option: str, value: Any
    ) -> None:
        with pytest.raises(ArgumentError) as caught:
            bm.bootstrap_mer(fit, "sigma", 5, type_, **{option: value})
        assert str(caught.value) == f"`{option}` must be True or False; got {value!r}."

    @pytest.mark.parametrize("rng", ["85957", 1.5, -3, True])
    def test_rng(self, fit: bm.LmerFit, rng: Any) -> None:
        with pytest.raises(ArgumentError, match="`rng` must be a seed"):
            bm.bootstrap_mer(fit, "sigma", 5, rng=rng)

    def test_no_fit(self) -> None:
        with pytest.raises(ArgumentError, match="`fit` must be"):
            bm.bootstrap_mer("Yield ~ 1", "sigma", 5)  # type: ignore[arg-type]

    @pytest.mark.parametrize("type_", ["reb", "case"])
    def test_several_grouping_factors(self, type_: str) -> None:
        crossed = bm.lmer(
            "diameter ~ 1 + (1 | plate) + (1 | sample)", bm.load_dataset("Penicillin")
        )
        with pytest.raises(ArgumentError, match=r"supports one grouping factor; this fit has 2"):
            bm.bootstrap_mer(crossed, "sigma", 5, type=type_)

    def test_nothing_is_drawn_before_the_arguments_are_checked(self, fit: bm.LmerFit) -> None:
        stream = bm.RStream(1)
        for bad in ({"type": "wild"}, {"nsim": 0}, {"type": "case", "reb_scale": True}):
            with pytest.raises(ArgumentError):
                bm.bootstrap_mer(fit, "sigma", **{"nsim": 2, **bad}, rng=stream)
        assert stream.runif(3).tolist() == bm.RStream(1).runif(3).tolist()


class TestSchemes:
    @pytest.mark.parametrize(
        ("scheme", "type_", "options"),
        [
            (Residual(), "residual", {}),
            (ResidualTrans(corrected_trans=True), "residual_trans", {"corrected_trans": True}),
            (REB(reb_scale=True), "reb", {"reb_scale": True}),
            (Case(lv1_resample=True), "case", {"lv1_resample": True}),
        ],
    )
    def test_may_be_given_as_values(
        self, slope: bm.LmerFit, scheme: Any, type_: str, options: dict[str, bool]
    ) -> None:
        one = bm.bootstrap_mer(slope, "sigma", 3, scheme, rng=1)
        other = bm.bootstrap_mer(slope, "sigma", 3, type_, rng=1, **options)
        assert one.t.tolist() == other.t.tolist()
        assert (one.type, one.origin) == (other.type, other.origin)

    def test_r_stream_goes_on_from_run_to_run(self, fit: bm.LmerFit) -> None:
        """As in R, where one set.seed serves a whole script."""
        stream = bm.RStream(85957)
        first = bm.bootstrap_mer(fit, "sigma", 4, type="residual", rng=stream)
        second = bm.bootstrap_mer(fit, "sigma", 4, type="residual", rng=stream)
        both = bm.bootstrap_mer(fit, "sigma", 8, type="residual", rng=bm.RStream(85957))
        np.testing.assert_allclose(np.vstack([first.t, second.t]), both.t, rtol=1e-10)

    def test_is_consistent_for_a_large_sample(self) -> None:
        """Standard errors of fixed effects: every scheme near theory's, within 15 percent.

        With 300 replicates a standard error has one of 4 percent; 60 clusters add 9.
        """
        rng = np.random.default_rng(0)
        g = np.repeat(np.arange(60), 8)
        x = rng.normal(size=480)
        y = 1 + x + rng.normal(size=60)[g] + rng.normal(size=480)
        frame = pd.DataFrame({"y": y, "x": x, "g": g.astype(str)})
        big = bm.lmer("y ~ x + (1 | g)", frame)
        theory = big.std_errors.to_numpy()
        for type_, options in (
            ("parametric", {}),
            ("residual", {}),
            ("residual_cgr", {}),
            ("residual_trans", {}),
            ("residual_trans", {"corrected_trans": True}),
            ("reb", {"reb_scale": True}),
            ("case", {}),
        ):
            boot = bm.bootstrap_mer(big, "fixef", 300, type_, rng=6, **options)
            np.testing.assert_allclose(boot.std_error, theory, rtol=0.15, err_msg=type_)
            assert (np.abs(boot.bias) < 4 * theory / np.sqrt(300)).all()


def test_refitting_needs_no_more_than_the_batch(slope: bm.LmerFit) -> None:
    """A refitter is a pure function of its data: threads may share it."""
    plan = resolve("residual").plan(slope)
    data = plan.apply(next(plan.draw(as_source(1), [5])))
    refit = refitter(slope)
    np.testing.assert_array_equal(refit(data).theta, refit(data).theta)
