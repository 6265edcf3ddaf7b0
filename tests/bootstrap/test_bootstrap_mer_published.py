"""The nine bootstraps of bootmlm's vignette "compare", from Python alone, to its printed digits.

One stream from set.seed(85957): 30 schools, a quarter of each one's pupils, then 999 replicates of
each type, in this order. bootmlm refits with lme4, which stops at a change of 1e-6 in the
criterion, where we stop at 1e-14: bias and standard error of its icc differ from ours by up to
2e-6 for that reason, and by nothing else. A single replicate from another draw moves them by 1e-4.
The criterion, the estimates and the limits agree to every digit that the vignette prints.
"""

from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import IntervalWarning

STOPPING = 2e-6


class Printed(NamedTuple):
    bias: float
    std_error: float
    perc: tuple[str, str]
    bca: tuple[str, str] | None


# type, options, what the vignette prints; boot.ci's limits have four decimals.
TABLE: list[tuple[str, dict[str, bool], Printed]] = [
    ("parametric", {}, Printed(-0.01019232, 0.08598194, ("0.3723", "0.7167"), None)),
    (
        "residual",
        {},
        Printed(-0.008674732, 0.07221562, ("0.4080", "0.6953"), ("0.4465", "0.7146")),
    ),
    (
        "residual_cgr",
        {},
        Printed(-0.007783322, 0.07040576, ("0.4255", "0.6998"), ("0.4472", "0.7244")),
    ),
    (
        "residual_trans",
        {},
        Printed(-0.009255973, 0.07836078, ("0.3872", "0.6966"), ("0.4241", "0.7081")),
    ),
    (
        "residual_trans",
        {"corrected_trans": True},
        Printed(-0.01245717, 0.08085008, ("0.3913", "0.7038"), ("0.4229", "0.7331")),
    ),
    ("reb", {}, Printed(0.06957508, 0.06176538, ("0.5129", "0.7510"), ("0.3551", "0.6389"))),
    (
        "reb",
        {"reb_scale": True},
        Printed(-0.01103587, 0.07066787, ("0.4117", "0.6895"), ("0.4521", "0.7157")),
    ),
    ("case", {}, Printed(-0.01577482, 0.05671946, ("0.4314", "0.6583"), ("0.4807", "0.6838"))),
    (
        "case",
        {"lv1_resample": True},
        Printed(0.06758788, 0.06112113, ("0.5101", "0.7529"), ("0.4189", "0.6407")),
    ),
]


def a_quarter(stream: bm.RStream) -> pd.DataFrame:
    """30 of the schools; then round(n / 4) pupils of each, school by school."""
    data = bm.load_dataset("pop_syn")
    chosen = stream.sample(data["school"].unique(), 30)
    schools = data[data["school"].isin(chosen)]
    parts = []
    for _, pupils in schools.groupby("school"):
        parts.append(pupils.iloc[stream.sample_index(len(pupils), round(len(pupils) / 4))])
    return pd.concat(parts)


def icc(fit: Any) -> float:
    return float(1 / (1 + fit.theta[0] ** -2)) if fit.theta[0] else 0.0


@pytest.fixture(scope="module")
def vignette() -> tuple[bm.LmerFit, list[bm.BootResult]]:
    stream = bm.RStream(85957)
    fit = bm.lmer("popular ~ (1 | school)", a_quarter(stream))
    boots = [
        bm.bootstrap_mer(fit, icc, 999, type=type_, rng=stream, **options)
        for type_, options, _ in TABLE
    ]
    return fit, boots


def test_the_fit(vignette: tuple[bm.LmerFit, list[bm.BootResult]]) -> None:
    fit, _ = vignette
    variances = fit.varcorr.to_frame()["vcov"]
    assert fit.nobs == 152
    assert f"{fit.reml_criterion:.1f}" == "441.8"
    assert [f"{v:.4f}" for v in variances] == ["0.9692", "0.7110"]
    assert f"{fit.fixef.iloc[0]:.4f}" == "5.2634"
    assert f"{fit.std_errors.iloc[0]:.4f}" == "0.1925"
    assert icc(fit) == pytest.approx(0.5768188, abs=STOPPING)


@pytest.mark.parametrize("row", range(9), ids=lambda row: f"{TABLE[row][0]}-{TABLE[row][1]}")
class TestRow:
    def test_bias_and_standard_error(
        self, vignette: tuple[bm.LmerFit, list[bm.BootResult]], row: int
    ) -> None:
        boot, printed = vignette[1][row], TABLE[row][2]
        assert boot.bias.iloc[0] == pytest.approx(printed.bias, abs=STOPPING)
        assert boot.std_error.iloc[0] == pytest.approx(printed.std_error, abs=STOPPING)
        assert not boot.failures

    def test_percentile_limits(
        self, vignette: tuple[bm.LmerFit, list[bm.BootResult]], row: int
    ) -> None:
        found = bm.boot_ci(vignette[1][row], type="perc").to_frame()
        limits = (found["lower"].iloc[0], found["upper"].iloc[0])
        assert tuple(f"{x:.4f}" for x in limits) == TABLE[row][2].perc

    def test_bca_limits(self, vignette: tuple[bm.LmerFit, list[bm.BootResult]], row: int) -> None:
        fit, boots = vignette
        printed = TABLE[row][2].bca
        if printed is None:
            return
        # Where rows are drawn within clusters the icc is biased by a whole standard error, so the
        # corrected limits lie beyond the replicates; R's boot.ci warns of the same.
        extreme = (TABLE[row][0] == "reb" and not TABLE[row][1]) or "lv1_resample" in TABLE[row][1]
        with pytest.warns(IntervalWarning, match="extreme order") if extreme else nullcontext():
            found = bm.boot_ci(boots[row], type="bca", L=bm.empinf_mer(fit, icc)).to_frame()
        limits = (found["lower"].iloc[0], found["upper"].iloc[0])
        assert tuple(f"{x:.4f}" for x in limits) == printed


def test_negative_control_one_draw_more_is_another_table() -> None:
    stream = bm.RStream(85957)
    fit = bm.lmer("popular ~ (1 | school)", a_quarter(stream))
    stream.runif(1)
    boot = bm.bootstrap_mer(fit, icc, 999, type="residual", rng=stream)
    printed = TABLE[0][2]
    assert abs(boot.bias.iloc[0] - printed.bias) > 50 * STOPPING


def test_negative_control_one_replicate_is_felt(
    vignette: tuple[bm.LmerFit, list[bm.BootResult]],
) -> None:
    boot, printed = vignette[1][1], TABLE[1][2]
    t = boot.t[:, 0].copy()
    t[0] = np.sort(t)[500] if abs(t[0] - np.sort(t)[500]) > 0.01 else np.sort(t)[900]
    assert abs(t.mean() - boot.t0[0] - printed.bias) > STOPPING
