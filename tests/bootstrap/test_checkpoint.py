"""A bootstrap in a file: a kill loses nothing, and no other run is taken for it."""

import os
import signal
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, DataError

FORMULA = "Yield ~ 1 + (1 | Batch)"
TYPES = [("parametric", {}), ("residual_trans", {}), ("reb", {}), ("case", {"lv1_resample": True})]
RNG: dict[str, Callable[[], Any]] = {
    "int": lambda: 5,
    "Generator": lambda: np.random.default_rng(5),
    "RStream": lambda: bm.RStream(5),
}


@pytest.fixture(scope="module")
def fit() -> bm.LmerFit:
    return bm.lmer(FORMULA, bm.load_dataset("Dyestuff"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boot.checkpoint"


def theta_and_sigma(m: Any) -> dict[str, float]:
    return {"theta": float(m.theta[0]), "sigma": m.sigma}


class Interrupting:
    """A statistic that a user interrupts at its call number `at`, and that counts its calls.

    Its code is the same whatever the numbers, so a run goes on where another object stopped.
    """

    def __init__(self, at: float = np.inf) -> None:
        self.at, self.calls = at, 0

    def __call__(self, m: Any) -> dict[str, float]:
        self.calls += 1
        if self.calls > self.at:
            raise KeyboardInterrupt
        return theta_and_sigma(m)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_what_is_killed_goes_on_and_gives_the_same_bits(path: Path) -> None:
    code = f"""
        import sys, time
        import pybootmlm as bm
        fit = bm.lmer("{FORMULA}", bm.load_dataset("Dyestuff"))
        calls = 0
        def statistic(m):
            global calls
            calls += 1
            if len(sys.argv) > 1:
                print("at work", flush=True)
                time.sleep(0.002)
            return [m.theta[0], m.sigma]
        boot = bm.bootstrap_mer(
            fit, statistic, 600, "residual", rng=bm.RStream(85957),
            chunk_size=20, checkpoint={str(path)!r},
        )
        print(calls, boot.complete, boot.nsim, boot.t.tobytes().hex())
    """
    arguments = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    process = subprocess.Popen([*arguments, "slowly"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(530):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    calls, complete, nsim, bits = done.stdout.split()
    assert (complete, nsim) == ("True", "600")
    assert 1 < int(calls) <= 1 + 600 - 520  # the fit itself, and what was missing
    whole = bm.bootstrap_mer(
        bm.lmer(FORMULA, bm.load_dataset("Dyestuff")),
        lambda m: [m.theta[0], m.sigma],
        600,
        "residual",
        rng=bm.RStream(85957),
    )
    assert bits == whole.t.tobytes().hex()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pybootmlm.bootstrap.chunks.TOGETHER", 256)


@pytest.mark.usefixtures("small_batches")
class TestGoingOn:
    @pytest.mark.parametrize("rng", list(RNG))
    @pytest.mark.parametrize(("type_", "options"), TYPES, ids=str)
    def test_from_anywhere_with_other_chunks(
        self, fit: bm.LmerFit, path: Path, rng: str, type_: str, options: dict[str, bool]
    ) -> None:
        """600 replicates are more than two batches; what was interrupted is not run again."""
        whole = bm.bootstrap_mer(fit, theta_and_sigma, 600, type_, rng=RNG[rng](), **options)
        for at, chunk in ((1, 10), (37, 7), (520, 100)):
            part = bm.bootstrap_mer(
                fit, Interrupting(at), 600, type_, rng=RNG[rng](), checkpoint=path,
                chunk_size=chunk, **options,
            )  # fmt: skip
            assert not part.complete
        last = Interrupting()
        stream = RNG[rng]()
        again = bm.bootstrap_mer(fit, last, 600, type_, rng=stream, checkpoint=path, **options)
        np.testing.assert_array_equal(again.t, whole.t)
        assert again.complete
        # Three calls on the fit came before: 0, 36 and 519 replicates were finished.
        assert last.calls == 1 + 600 - (0 + 36 + 519)
        if rng == "RStream":  # and the stream is where it would be
            other = RNG[rng]()
            bm.bootstrap_mer(fit, "sigma", 600, type_, rng=other, **options)
            assert stream == other

    def test_what_is_finished_is_only_read(self, fit: bm.LmerFit, path: Path) -> None:
        first = bm.bootstrap_mer(fit, Interrupting(), 50, rng=1, checkpoint=path)
        content = path.read_bytes()
        counting = Interrupting()
        again = bm.bootstrap_mer(fit, counting, 50, rng=1, checkpoint=path)
        assert counting.calls == 1
        np.testing.assert_array_equal(again.t, first.t)
        assert path.read_bytes() == content

    def test_all_that_was_counted_comes_back(self, fit: bm.LmerFit, path: Path) -> None:
        def odd(m: Any) -> float:
            if m.sigma < 40:
                raise ValueError("small")
            if m.sigma > 52:
                warnings.warn("large", RuntimeWarning, stacklevel=1)
            return float(m.theta[0])

        with warnings.catch_warnings():
            warnings.resetwarnings()
            runs = [
                bm.bootstrap_mer(fit, odd, 200, rng=1, checkpoint=path, chunk_size=30)
                for _ in range(2)
            ]
            plain = bm.bootstrap_mer(fit, odd, 200, rng=1)
        for name in ("failures", "warnings", "singular", "not_converged", "seed", "origin"):
            assert getattr(runs[0], name) == getattr(runs[1], name) == getattr(plain, name)
        assert plain.failures
        assert plain.warnings
        assert plain.singular

    def test_without_a_seed_the_file_knows_it(self, fit: bm.LmerFit, path: Path) -> None:
        bm.bootstrap_mer(fit, Interrupting(30), 60, checkpoint=path)
        rest = bm.bootstrap_mer(fit, Interrupting(), 60, checkpoint=path)
        again = bm.bootstrap_mer(fit, Interrupting(), 60, checkpoint=path)
        np.testing.assert_array_equal(rest.t, again.t)
        assert len(np.unique(rest.t[:, 1])) == 60
        other = bm.bootstrap_mer(fit, Interrupting(), 60, checkpoint=path.with_name("other"))
        assert (other.t != rest.t).any()

    def test_without_a_stream_that_the_file_began_with(self, fit: bm.LmerFit, path: Path) -> None:
        bm.bootstrap_mer(fit, "sigma", 9, rng=bm.RStream(1), checkpoint=path)
        with pytest.raises(ArgumentError, match=r"`rng` must be given to go on with .*R's stream"):
            bm.bootstrap_mer(fit, "sigma", 9, checkpoint=path)


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "nsim": ({"nsim": 41}, "nsim: 40 there, 41 here"),
    "seed": ({"rng": 2}, "seed: 1 there, 2 here"),
    "kind of seed": ({"rng": bm.RStream(1)}, "seed: 1 there, R's stream at "),
    "type": ({"type": "case"}, r"type: Residual\(\) there, Case\(lv1_resample=False\) here"),
    "statistic": ({"statistic": "theta"}, "statistic: sigma by sigma .* there, theta1 by theta "),
    "its code": ({"statistic": lambda m: {"sigma": 1.0 * m.sigma}}, "statistic: sigma by sigma "),
    "criterion": ({"fit": (FORMULA, {"reml": False})}, "criterion: REML there, ML here"),
    "formula": ({"fit": ("Yield ~ 0 + (1 | Batch)", {})}, "formula: Yield ~ 1 .* there, Yield ~ 0"),
}  # fmt: skip


class TestAnotherRun:
    @pytest.mark.parametrize("what", list(OTHERS))
    def test_is_refused_by_what_differs(self, fit: bm.LmerFit, path: Path, what: str) -> None:
        common: dict[str, Any] = {
            "fit": fit, "statistic": "sigma", "nsim": 40, "type": "residual", "rng": 1
        }  # fmt: skip
        bm.bootstrap_mer(**common, checkpoint=path)
        content = path.read_bytes()
        change, said = OTHERS[what]
        if "fit" in change:
            formula, options = change["fit"]
            change = {"fit": bm.lmer(formula, bm.load_dataset("Dyestuff"), **options)}
        with pytest.raises(ArgumentError, match=f"`checkpoint` .* holds another run .*{said}"):
            bm.bootstrap_mer(**{**common, **change}, checkpoint=path)
        assert path.read_bytes() == content

    def test_of_other_data_is_refused(self, fit: bm.LmerFit, path: Path) -> None:
        bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)
        data = bm.load_dataset("Dyestuff")
        data.loc[3, "Yield"] += 1e-9
        with pytest.raises(ArgumentError, match=r"\(data: \w{16} there, \w{16} here"):
            bm.bootstrap_mer(bm.lmer(FORMULA, data), "sigma", 9, rng=1, checkpoint=path)

    def test_of_another_version_is_refused(
        self, fit: bm.LmerFit, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)
        monkeypatch.setattr(np, "__version__", "0.9")
        with pytest.raises(ArgumentError, match=r"versions: pybootmlm .* there, .*NumPy 0\.9"):
            bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)

    def test_what_a_statistic_holds_is_a_part_of_it(self, fit: bm.LmerFit, path: Path) -> None:
        def scaled(factor: float) -> Callable[[Any], float]:
            return lambda m: factor * float(np.sign(m.sigma - 40))

        bm.bootstrap_mer(fit, scaled(1.0), 9, rng=1, checkpoint=path)
        bm.bootstrap_mer(fit, scaled(1.0), 9, rng=1, checkpoint=path)  # control
        with pytest.raises(ArgumentError, match="statistic: "):
            bm.bootstrap_mer(fit, scaled(2.0), 9, rng=1, checkpoint=path)

    @pytest.mark.skipif(sys.platform == "win32", reason="files are locked on POSIX only")
    def test_at_the_same_time_is_refused(self, fit: bm.LmerFit, path: Path) -> None:
        def nested(m: Any) -> float:
            if m is not fit:
                bm.bootstrap_mer(fit, nested, 2, rng=1, checkpoint=path)
            return 1.0

        with pytest.raises(bm.bootstrap.replicate.StatisticError, match="in use by another run"):
            bm.bootstrap_mer(fit, nested, 2, rng=1, checkpoint=path)


class TestBadInput:
    def test_what_is_no_checkpoint_is_left_alone(self, fit: bm.LmerFit, path: Path) -> None:
        for content in (b"", b"Yield,Batch\n1,A\n", b"PK\x03\x04" + bytes(100)):
            path.write_bytes(content)
            with pytest.raises(DataError, match="is not a checkpoint"):
                bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)
            assert path.read_bytes() == content

    def test_a_folder_is_no_file(self, fit: bm.LmerFit, tmp_path: Path) -> None:
        with pytest.raises(ArgumentError, match=r"`checkpoint` must be the path of a file; .*fold"):
            bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=tmp_path)
        with pytest.raises(ArgumentError, match="`checkpoint` must be the path of a file"):
            bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=3)  # type: ignore[arg-type]

    def test_no_file_holds_fits(self, fit: bm.LmerFit, path: Path) -> None:
        with pytest.raises(ArgumentError, match="`keep_fits` and `checkpoint` exclude each other"):
            bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path, keep_fits=True)
        assert not os.path.exists(path)

    def test_a_record_of_something_else(self, fit: bm.LmerFit, path: Path) -> None:
        from pybootmlm.execution.records import encoded, framed

        bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)
        with open(path, "ab") as file:
            file.write(framed(encoded({"t": np.zeros((2, 5))}, {})))
        with pytest.raises(DataError, match="holds a record that is no part of a bootstrap"):
            bm.bootstrap_mer(fit, "sigma", 9, rng=1, checkpoint=path)
