"""The picture of replicates: what is drawn where, and that matplotlib is not needed before."""

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, MissingPackageError
from pybootmlm.plotting import figure
from pybootmlm.plotting.replicates import histogram_breaks, normal_quantiles


@pytest.fixture
def plt() -> Iterator[object]:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.fixture
def boot():
    t = np.random.default_rng(1).normal(5.0, 2.0, size=(500, 2))
    t[3] = np.nan
    return bm.BootResult(np.array([5.5, 4.0]), t, ("a", "b"), "by hand", 500)


def test_histogram_is_a_density_with_the_estimate_among_its_breaks(plt, boot):
    left, _ = boot.plot("b")
    bars = left.patches
    assert sum(bar.get_width() * bar.get_height() for bar in bars) == pytest.approx(1)
    edges = np.array([bar.get_x() for bar in bars])
    assert np.abs(edges - 4.0).min() < 1e-12
    (line,) = left.lines
    assert list(line.get_xdata()) == [4.0, 4.0]
    assert left.get_xlabel() == "b"
    assert left.get_title() == "499 replicates"


def test_quantiles_are_the_ordered_replicates_against_r_s_plotting_positions(plt, boot):
    _, right = boot.plot(1)
    line, points = right.lines
    used = np.sort(boot.t[np.isfinite(boot.t[:, 1]), 1])
    np.testing.assert_array_equal(points.get_ydata(), used)
    x = points.get_xdata()
    np.testing.assert_allclose(x, -x[::-1], atol=1e-14)
    assert x[-1] == pytest.approx(2.8782, abs=5e-5)  # qnorm(499 / 500), from tables
    slope = np.diff(line.get_ydata()) / np.diff(line.get_xdata())
    assert slope[0] == pytest.approx(used.std(ddof=1), rel=1e-12)


def test_axes_of_ones_own_are_used(plt, boot):
    _, axes = plt.subplots(2, 1)
    assert boot.plot(0, axes) == tuple(axes)
    with pytest.raises(ArgumentError, match=r"`axes` must be two.*got 1"):
        boot.plot(0, [axes[0]])
    with pytest.raises(ArgumentError, match=r"`axes` must be two.*got one Axes"):
        boot.plot(0, axes[0])
    with pytest.raises(ArgumentError, match=r"`axes` must be two.*got one int"):
        boot.plot(0, 5)
    with pytest.raises(ArgumentError, match=r"`axes` must be two.*got a str"):
        boot.plot(0, ["left", "right"])


@pytest.mark.parametrize(("count", "classes"), [(20, 10), (500, 20), (9999, 100)])
@pytest.mark.parametrize("t0", [-3.0, 0.2, 7.0])
def test_breaks_hold_everything_and_are_as_many_as_r_s(count, classes, t0):
    t = np.random.default_rng(2).normal(size=count)
    breaks = histogram_breaks(t0, t)
    assert breaks[0] < min(t.min(), t0)
    assert breaks[-1] > max(t.max(), t0)
    assert np.abs(breaks - t0).min() == 0
    assert classes - 2 <= len(breaks) - 1 <= classes
    assert np.diff(breaks) == pytest.approx(breaks[1] - breaks[0])


def test_normal_quantiles_of_three_are_those_of_quarters():
    np.testing.assert_allclose(normal_quantiles(3), [-0.6744897501960817, 0, 0.6744897501960817])


def test_importing_pybootmlm_does_not_import_matplotlib():
    code = "import sys, pybootmlm; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_matplotlib_the_error_says_what_to_install(boot, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'pybootmlm\[plot\]'"):
        figure.new_axes(1, 3.0, 3.0)
    with pytest.raises(ImportError):
        boot.plot()
