"""Studies: what is counted, what it depends on, and that a kill loses nothing."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError
from pybootmlm.study.proportions import binomial_interval, standard_error
from pybootmlm.study.replication import tasks_of

DESIGNS = bm.design_grid(clusters=[8, 12], size=[4], icc=[0.3], distribution=["normal", "t"])
SMALL: dict[str, Any] = {
    "datasets": 4,
    "nsim": 39,
    "intervals": ["norm", "perc", "stud"],
    "seed": 3,
}


@pytest.fixture(scope="module")
def study() -> bm.CoverageStudy:
    return bm.coverage_study(DESIGNS, **SMALL)


def by_hand() -> bm.CoverageStudy:
    """Two designs, five data sets, one bootstrap, one interval, one estimand."""
    designs = (bm.Design(8, 4, 0.3), bm.Design(8, 4, 0.0))
    limits = np.array(
        [
            [[0.1, 0.5], [0.3, 0.4], [0.31, 0.5], [0.0, 0.2], [np.nan, np.nan]],
            [[0.0, 0.1], [0.0, 0.3], [0.0, 0.2], [0.0, 0.2], [0.1, 0.2]],
        ]
    )[:, :, None, None, None]
    done = np.ones((2, 5), bool)
    done[1, 4] = False
    return bm.CoverageStudy(designs, ("residual",), ("perc",), ("icc",), limits, done)


class TestFrame:
    def test_counts(self) -> None:
        frame = by_hand().frame
        first = frame.iloc[0]
        assert (first["datasets"], first["failed"], first["truth"]) == (5, 1, 0.3)
        assert first["coverage"] == 0.5  # a limit that is the truth holds it
        assert (first["missed_below"], first["missed_above"]) == (0.25, 0.25)
        assert first["mean_width"] == pytest.approx((0.4 + 0.1 + 0.19 + 0.2) / 4)
        assert first["median_width"] == pytest.approx(0.195)
        assert first["mc_se"] == pytest.approx(0.25)
        second = frame.iloc[1]  # what was not run is not counted
        assert (second["datasets"], second["failed"], second["coverage"]) == (4, 0, 1.0)
        assert not by_hand().complete

    def test_has_a_row_for_everything(self, study: bm.CoverageStudy) -> None:
        frame = study.frame
        names = ["clusters", "distribution", "estimand", "bootstrap", "interval"]
        assert len(frame) == len(frame.drop_duplicates(names)) == 4 * 2 * 2 * 3
        assert list(frame.columns[:9]) == [
            "clusters", "size", "icc", "distribution", "d", "estimand", "truth", "bootstrap",
            "interval",
        ]  # fmt: skip
        assert study.complete
        assert "4 designs, 4 data sets each, 2 bootstraps, 3 intervals of 2 est" in repr(study)

    def test_nothing_but_failures(self) -> None:
        one = by_hand()
        frame = replace(one, limits=np.full_like(one.limits, np.nan)).frame
        assert frame["failed"].tolist() == [5, 4]
        assert frame[["coverage", "mc_se", "coverage_low", "mean_width"]].isna().all(axis=None)

    @pytest.mark.parametrize(("k", "n"), [(0, 7), (7, 7), (3, 10), (380, 400)])
    def test_limits_of_a_share_are_clopper_and_pearson_s(self, k: int, n: int) -> None:
        exact = scipy.stats.binomtest(k, n).proportion_ci(0.95, method="exact")
        np.testing.assert_allclose(binomial_interval(k, n), exact, rtol=1e-10)
        assert standard_error(k, n) == pytest.approx(np.sqrt(k / n * (1 - k / n) / n))


class TestWhatItDependsOn:
    @pytest.mark.filterwarnings("ignore::pybootmlm.exceptions.IntervalWarning")
    def test_intervals_are_those_of_the_public_functions(self, study: bm.CoverageStudy) -> None:
        """Data set 2 of design 1, step by step, with the seeds that are documented."""
        import hashlib

        own = int.from_bytes(hashlib.sha256(repr(DESIGNS[1]).encode()).digest()[:8], "little")
        rng = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(own, 2)))
        fit = bm.lmer(DESIGNS[1].formula, DESIGNS[1].data(rng))
        for s, type_ in enumerate(("parametric", "residual")):
            seed = int(rng.integers(2**63))
            boot = bm.bootstrap_mer(fit, DESIGNS[1].statistic, 39, type_, rng=seed)
            for i, kind in enumerate(("norm", "perc")):
                frame = boot.confint(["icc", "d"], type=kind)
                np.testing.assert_array_equal(study.limits[1, 2, s, i], frame.to_numpy())
            stud = bm.boot_ci(boot, ("d", "variance of d"), type="stud").intervals[0]
            assert study.limits[1, 2, s, 2, 1].tolist() == [stud.lower, stud.upper]

    def test_not_the_other_designs_nor_how_many_data_sets(self, study: bm.CoverageStudy) -> None:
        alone = bm.coverage_study(DESIGNS[2:3], **{**SMALL, "datasets": 7})
        np.testing.assert_array_equal(alone.limits[0, :4], study.limits[2])
        other = bm.coverage_study(DESIGNS[2:3], **{**SMALL, "seed": 4})  # control
        assert (other.limits[0] != study.limits[2]).mean() > 0.8  # some lower limits are 0


@dataclass(frozen=True)
class Stopping:
    """A design of one's own, whose user presses Ctrl-C at a data set."""

    at: float

    formula = "y ~ 1 + (1 | cluster)"
    truth: Any = None
    calls: Any = None

    def __repr__(self) -> str:
        return "Stopping()"

    @property
    def statistic(self) -> Any:
        return bm.statistics.icc

    @property
    def factors(self) -> Mapping[str, Any]:
        return {"name": "mine"}

    def data(self, rng: np.random.Generator) -> pd.DataFrame:
        self.calls.append(1)
        if len(self.calls) > self.at:
            raise KeyboardInterrupt
        return bm.Design(8, 4, 0.3).data(rng)


def stopping(at: float) -> Stopping:
    return Stopping(at, {"icc": 0.3}, [])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a study of two designs."""
    path = tmp_path_factory.mktemp("study") / "study"
    bm.coverage_study(DESIGNS[:2], **SMALL, checkpoint=path)
    return path.read_bytes()


OWN: dict[str, Any] = {"datasets": 12, "nsim": 19, "intervals": ["perc"], "seed": 1}


class TestCheckpoint:
    def test_an_interrupted_study_goes_on(self, tmp_path: Path) -> None:
        whole = bm.coverage_study([stopping(np.inf)], **OWN)
        path = tmp_path / "study"
        for at, done in ((3, 3), (4, 7)):
            part = bm.coverage_study([stopping(at)], **OWN, checkpoint=path)
            assert part.done.sum() == done
            assert part.frame["datasets"].unique() == [done]
        last = stopping(np.inf)
        rest = bm.coverage_study([last], **OWN, checkpoint=path)
        assert len(last.calls) == 5
        np.testing.assert_array_equal(rest.limits, whole.limits)
        assert rest.problems == whole.problems
        pd.testing.assert_frame_equal(rest.frame, whole.frame)

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
    def test_a_killed_study_goes_on_and_gives_the_same_bits(self, tmp_path: Path) -> None:
        path = tmp_path / "study"
        code = f"""
            import time
            import pybootmlm as bm
            from pybootmlm.study import replication
            own = replication.intervals_of
            def slowly(*arguments):
                print("at work", flush=True)
                time.sleep(0.01)
                return own(*arguments)
            replication.intervals_of = slowly
            designs = [bm.Design(8, 4, 0.3)]
            bm.coverage_study(designs, **{OWN!r}, checkpoint={str(path)!r})
        """
        arguments = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(8):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        cut = path.read_bytes()
        path.write_bytes(cut[:-7])  # as if the power had failed in a record
        designs = [bm.Design(8, 4, 0.3)]
        rest = bm.coverage_study(designs, **OWN, checkpoint=path)
        np.testing.assert_array_equal(rest.limits, bm.coverage_study(designs, **OWN).limits)
        assert path.read_bytes()[: len(cut) // 2] == cut[: len(cut) // 2]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"seed": 4}, "seed: 3 there, 4 here"),
            ({"nsim": 40}, "nsim: 39 there, 40 here"),
            ({"datasets": 5}, "datasets: 4 there, 5 here"),
            ({"reml": False}, "criterion: REML there, ML here"),
            ({"types": ["case"]}, r"bootstraps: Parametric\(\), Residual\(\) there, Case"),
            ({"intervals": ["norm"]}, "intervals: norm, perc, stud at level 0.95 there, norm at"),
            ({"level": 0.9}, "intervals: .* at level 0.9 here"),
            ({"designs": DESIGNS[:1]}, "designs: 2, .* there, 1, .* here"),
            ({"designs": [DESIGNS[0], bm.Design(8, 4, 0.31)]}, "designs: 2, .* there, 2, .* here"),
        ],
    )
    def test_another_study_is_refused(
        self, tmp_path: Path, finished: bytes, change: dict[str, Any], said: str
    ) -> None:
        path = tmp_path / "study"
        options = {"designs": DESIGNS[:2], **SMALL}
        path.write_bytes(finished)
        with pytest.raises(ArgumentError, match=f"holds another run .*{said}"):
            bm.coverage_study(**{**options, **change}, checkpoint=path)
        assert path.read_bytes() == finished

    def test_a_bootstrap_is_no_study(self, tmp_path: Path) -> None:
        path = tmp_path / "boot"
        fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
        bm.bootstrap_mer(fit, "sigma", 5, rng=1, checkpoint=path)
        with pytest.raises(ArgumentError, match="run: a bootstrap there, a study of coverage here"):
            bm.coverage_study(DESIGNS, **SMALL, checkpoint=path)
        path.write_text("clusters,size\n")
        with pytest.raises(DataError, match="is not a checkpoint"):
            bm.coverage_study(DESIGNS, **SMALL, checkpoint=path)


def test_tasks_are_what_is_missing() -> None:
    done = np.array([[1, 0, 0, 0, 1, 0], [1, 1, 1, 1, 1, 1]], bool)
    found = [(t.design, t.first, t.count) for t in tasks_of(done, 2)]
    assert found == [(0, 1, 1), (0, 2, 2), (0, 5, 1)]


def test_tasks_take_the_designs_in_turn() -> None:
    """What is finished when a study is stopped says as much about each."""
    found = [(t.design, t.first, t.count) for t in tasks_of(np.zeros((2, 5), bool), 2)]
    assert found == [(0, 0, 2), (1, 0, 2), (0, 2, 2), (1, 2, 2), (0, 4, 1), (1, 4, 1)]


def test_failures_are_counted_by_their_reason() -> None:
    """Without variation between clusters BCa has no limits for an ICC estimated as zero."""
    study = bm.coverage_study(
        [bm.Design(6, 4, 0.0)], datasets=6, nsim=39, intervals=["bca"], types=["residual"], seed=1
    )
    failed = study.frame.set_index("estimand")["failed"]
    assert failed["icc"] > 0
    assert sum(study.problems.values()) == failed.sum()
    assert all(text.startswith("residual, bca, ") for text in study.problems)
    assert any("all # replicates" in text for text in study.problems)


class TestBadInput:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"datasets": 0}, "`datasets` must be a positive integer"),
            ({"nsim": 2.5}, "`nsim` must be a positive integer"),
            ({"seed": None}, "`seed` must be an integer from 0"),
            ({"seed": -1}, "`seed` must be an integer from 0"),
            ({"level": 95}, "`level` must lie between 0 and 1"),
            ({"types": "residual"}, "`types` must be a list, of one or more"),
            ({"types": ["residual", "residual"]}, "`types` must not name one twice"),
            ({"types": ["wild"]}, "`type` must be one of"),
            ({"intervals": ["bias"]}, "`intervals` must be one of 'norm', 'basic', 'stud'"),
            ({"intervals": []}, "`intervals` must be a list, of one or more"),
            ({"designs": []}, "`designs` must be a list, of one or more"),
            ({"designs": [3]}, "`designs` must hold designs"),
            ({"designs": [DESIGNS[0], stopping(1)]}, "same estimands and the same factors"),
            ({"reml": 1}, "`reml` must be True or False"),
            ({"n_jobs": 0}, "`n_jobs` must be a number of workers"),
        ],
    )
    def test_is_named(self, change: dict[str, Any], said: str) -> None:
        with pytest.raises(ArgumentError, match=said):
            bm.coverage_study(**{"designs": DESIGNS, **SMALL, **change})


class TestPlot:
    def test_shows_every_share_with_its_limits(self, study: bm.CoverageStudy) -> None:
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("Agg")
        from matplotlib import pyplot

        try:
            panels = study.plot("d").axes
            assert [panel.get_title() for panel in panels] == ["parametric", "residual"]
            frame = study.frame
            rows = (frame["estimand"] == "d") & (frame["bootstrap"] == "residual")
            drawn = [c[0].get_xdata() for c in panels[1].containers]
            shares = [
                frame.loc[rows & (frame["interval"] == k), "coverage"] for k in study.intervals
            ]
            np.testing.assert_array_equal(np.array(drawn), np.array(shares))
            labels = [label.get_text() for label in panels[0].get_yticklabels()]
            assert labels == ["8, normal", "8, t(5)", "12, normal", "12, t(5)"]
        finally:
            pyplot.close("all")

    def test_of_an_unknown_estimand(self, study: bm.CoverageStudy) -> None:
        with pytest.raises(ArgumentError, match="`estimand` must be one of 'icc', 'd'; got 'r2'"):
            study.plot("r2")


def test_progress_counts_data_sets(capsys: pytest.CaptureFixture[str]) -> None:
    bm.coverage_study(DESIGNS[:1], **SMALL, progress=True)
    out, error = capsys.readouterr()
    assert out == ""
    assert "4/4" in error
    assert "data set" in error
