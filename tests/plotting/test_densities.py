"""Ridges: densities of area one, ticks at the estimates, what is not finite counted."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid

import pybootmlm as bm
from pybootmlm import plotting
from pybootmlm.exceptions import ArgumentError, StatisticError


@pytest.fixture
def boot():
    rng = np.random.default_rng(1)
    t = np.column_stack([rng.normal(size=400) * 10**k for k in range(3)] + [np.full(400, 3.0)])
    t[7:60, 1] = np.nan
    return bm.BootResult(np.array([0.5, 0.0, 0.0, 3.0]), t, ("a", "b", "$c$", "same"), "x", 400)


def ridge(ax, which):
    line = ax.lines[which].get_xydata()
    return line[:, 0], line[:, 1] - line[0, 1].round()


def test_ridges_are_scott_kernel_densities_on_one_scale(boot):
    ax = plotting.densities(boot)
    drawn = [ridge(ax, k) for k in range(3)]
    areas = [trapezoid(y, x) for x, y in drawn]
    assert areas == pytest.approx([areas[0]] * 3, rel=0.01), "areas are one scale"
    x, y = drawn[0]
    values = (boot.t[:, 0] - 0.5) / boot.t[:, 0].std(ddof=1)
    # Written out: the mean of normal densities, bandwidth n^(-1/5) standard deviations.
    width = 400 ** (-0.2) * values.std(ddof=1)
    density = stats.norm.pdf((x[:, None] - values) / width).mean(axis=1) / width
    assert y / y.max() == pytest.approx(density / density.max(), abs=1e-9)


def test_labels_count_what_is_left_out_and_ticks_mark_estimates(boot):
    ax = plotting.densities(boot, which=["b", 0, "same"])
    texts = [label.get_text() for label in ax.get_yticklabels()]
    assert [text.partition("\n")[0] for text in texts] == ["b", "a", "same"]
    assert texts[0].endswith(", 53 not finite")
    assert texts[1].startswith("a\n0.5 ± 0.9")
    assert texts[2] == "same\n3 ± 0"
    raw = plotting.densities(boot, which="a", standardised=False)
    ticks = [c.get_segments()[0] for c in raw.collections if hasattr(c, "get_segments")]
    assert ticks[0][:, 0].tolist() == [0.5, 0.5]
    assert raw.get_xlabel() == "Replicate"


def test_a_statistic_without_a_finite_replicate_is_refused(boot):
    boot.t[:, 2] = np.nan
    with pytest.raises(StatisticError, match=r"None of the 400 replicates of '\$c\$' is finite"):
        plotting.densities(boot)
    with pytest.raises(ArgumentError, match="`which` must be one of 'a', 'b'"):
        plotting.densities(boot, which="d")
    with pytest.raises(ArgumentError, match="`which` is empty"):
        plotting.densities(boot, which=[])
    with pytest.raises(ArgumentError, match="`boot` must be a bootstrap; got ndarray"):
        plotting.densities(boot.t)
