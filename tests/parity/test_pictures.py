"""Pictures of replicates: each number where it belongs, and a report that is always the same."""

import base64
import io
import sys
from dataclasses import replace

import numpy as np
import pytest

from parity.errors import ReportError
from parity.pictures import agreement, embedded
from parity.pictures.embedded import pictures_of
from parity.report import Report
from parity.report.html import html_text
from parity.requirements import load_requirements
from parity.tolerances import Tolerance
from parity.values import Value

pytest.importorskip("matplotlib", reason="needs pybootmlm[plot]")

TOLERANCE = Tolerance("t", "statistic", 1e-3, 0.0, "element", "a round number")
CASE = "dyestuff/REML/bootstrap_mer/residual_trans"


@pytest.fixture(autouse=True)
def plt():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.fixture
def sides():
    """Twenty replicates of two statistics; the second side has its columns in another order."""
    rng = np.random.default_rng(1)
    theirs = rng.normal(size=(20, 2)) * [1, 100] + [0, 1000]
    ours = theirs + np.tile([[2e-4, -5e-4]], (20, 1))
    ours[3, 0] = theirs[3, 0]
    ours[4, 1] = theirs[4, 1] + 5e-3
    ours[5] = theirs[5] = np.nan
    r = Value(theirs, (None, ("a", "b")), np.zeros((20, 2), bool))
    python = Value(ours[:, ::-1], (None, ("b", "a")), np.zeros((20, 2), bool))
    return r, python


def test_points_lie_where_both_sides_say_and_differences_are_shares_of_the_tolerance(sides):
    left, right = agreement(*sides, TOLERANCE)
    a, b = left.lines[:2]
    theirs = sides[0].numbers[:, 0]
    used = np.isfinite(theirs)
    z = (theirs[used] - theirs[used].mean()) / theirs[used].std()
    assert a.get_xdata() == pytest.approx(z)
    assert a.get_ydata() == pytest.approx(z, abs=3e-4)
    assert b.get_ydata() == pytest.approx(b.get_xdata(), abs=1e-4)
    shares = right.lines[0].get_ydata()
    assert shares[[0, 3]] == pytest.approx([0.2, 1e-16]), "equal to the last bit: at the bottom"
    assert right.lines[2].get_ydata()[4] == pytest.approx(5.0), "above the limit"
    assert len(shares) == 19, "missing on both sides is left out"
    assert right.get_title() == "1 of 40 above the tolerance"
    assert [t.get_text() for t in left.get_legend().get_texts()] == ["a", "b"]


def test_what_is_missing_on_one_side_is_a_cross_at_the_top(sides):
    r, python = sides
    numbers = python.numbers.copy()
    numbers[7, 1] = np.nan
    _, right = agreement(r, replace(python, numbers=numbers), TOLERANCE)
    assert right.get_title() == "1 missing on one side"
    crosses = [line for line in right.lines if line.get_marker() == "x" and len(line.get_xdata())]
    assert [line.get_xdata().tolist() for line in crosses] == [[8]]


def test_a_statistic_that_does_not_vary_and_twenty_statistics_are_drawn():
    flat = Value.of(np.column_stack([np.full(9, 3.0), np.arange(9.0)]))
    left, right = agreement(flat, flat, TOLERANCE)
    assert left.lines[0].get_xdata().tolist() == [0.0] * 9
    assert right.get_title() == "All within tolerance"
    many = Value.of(np.random.default_rng(1).normal(size=(9, 20)))
    left, _ = agreement(many, many, TOLERANCE)
    styles = {(line.get_color(), line.get_marker()) for line in left.lines[:20]}
    assert len(styles) == 20, "no two look alike"
    assert left.get_legend() is None


def test_what_are_no_replicates_is_refused():
    with pytest.raises(ReportError, match=r"one shape are drawn; got \(2, 2\) and \(2, 3\)"):
        agreement(Value.of(np.ones((2, 2))), Value.of(np.ones((2, 3))), TOLERANCE)


@pytest.fixture(scope="module")
def results(case_of, make_runner):
    runner = make_runner()
    return [runner.decide(case_of(name)) for name in (CASE, "dyestuff/REML/sigma")]


def test_replicate_cases_have_a_picture_and_others_none(results, make_runner):
    tolerances = make_runner().tolerances
    found = pictures_of(results, tolerances)
    assert list(found) == [CASE]
    picture = found[CASE]
    assert picture.said.startswith("30 replicates of 4 statistics, Python against R; differences")
    kind, _, data = picture.uri.partition(",")
    assert kind == "data:image/png;base64"
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(base64.b64decode(data)))
    assert image.size == (picture.width, picture.height)
    assert len(picture.uri) < 30_000, "a page of many stays small"
    assert pictures_of(results, tolerances) == found, "the same bytes every time"
    assert pictures_of(results[::-1], tolerances) == found


def test_there_are_no_more_pictures_than_a_page_bears(results, make_runner, monkeypatch):
    monkeypatch.setattr(embedded, "MOST", 1)
    other = replace(results[0], case=replace(results[0].case, id="another"))
    assert list(pictures_of([results[0], other], make_runner().tolerances)) == [CASE]


@pytest.fixture
def report_of(make_runner):
    def report(results):
        runner = make_runner()
        return Report(
            results=results,
            oracle="recorded",
            implementation="pybootmlm",
            python={},
            r={},
            requirements=load_requirements(),
            tolerances=runner.tolerances,
            deviations=runner.deviations,
            started="2026-01-01T00:00:00Z",
            seconds=1.0,
        )

    return report


def test_the_report_embeds_the_picture_and_works_without_matplotlib(
    results, monkeypatch, report_of
):
    page = html_text(report_of(results))
    assert page.count('<img class="picture" src="data:image/png;base64,') == 1
    assert "http" not in page.partition("<img")[2].partition(">")[0]
    assert 'alt="30 replicates of 4 statistics' in page
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    without = html_text(report_of(results))
    assert "<img" not in without
    assert "Cases" in without
    assert sys.modules["matplotlib"] is not None, "control: it is there"
