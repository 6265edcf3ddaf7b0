"""Models of users' kinds against live R: nothing differs that is not explained.

Where bootmlm is not installed its quantities are not run, and say so.
"""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import parity
import pybootmlm as bm
from parity.bridge import RProcess
from parity.cases.own import Extras, cases_for, own_model
from parity.checking.question import Question
from parity.checking.run import Source, run_check
from parity.cli import main
from parity.errors import OracleError
from parity.frames import Frames
from parity.oracles.live import LiveOracle
from parity.verdict import Side

pytestmark = pytest.mark.live_r


@pytest.fixture(scope="module")
def has_bootmlm():
    oracle = LiveOracle()
    try:
        return oracle.has("bootmlm")
    finally:
        oracle.close()


def sleepstudy():
    return bm.load_dataset("sleepstudy")


def made():
    """Slopes of a factor, a cluster of one row, rows in no order."""
    rng = np.random.default_rng(5)
    g = rng.integers(0, 12, 150)
    g[0] = 12
    x, c = rng.normal(size=150), rng.choice(list("abc"), 150)
    y = 1 + x + rng.normal(size=13)[g] + rng.normal(size=13)[g] * x + rng.normal(size=150)
    return pd.DataFrame({"y": y, "x": x, "c": c, "g": g})


MODELS = {
    "missing-rows": ("Reaction ~ Days + (Days | Subject)", {}),
    "factor-order": ("Reaction ~ Days + (Days | Subject)", {}),
    "weighted": ("Reaction ~ Days + (Days | Subject)", {"weights": "w"}),
    "offset": ("Reaction ~ 1 + offset(o) + (1 | Subject)", {}),
    "transformed": ("log(Reaction) ~ poly(Days, 2) + (1 | Subject)", {"reml": False}),
    "uncorrelated": ("Reaction ~ Days + (Days || Subject)", {"reml": False}),
    "crossed": ("diameter ~ 1 + (1 | plate) + (1 | sample)", {}),
    "nested": ("strength ~ 1 + (1 | batch/cask)", {"reml": False}),
    "singular": ("Yield ~ 1 + (1 | Batch)", {}),
    "interaction": ("angle ~ recipe + temp + (1 | recipe:replicate)", {"reml": False}),
    "small-clusters": ("y ~ x + (x | g)", {"reml": False}),
}


def data_of(name):
    if name in ("crossed", "nested", "singular", "interaction"):
        packaged = {"crossed": "Penicillin", "nested": "Pastes", "singular": "Dyestuff2"}
        return bm.load_dataset(packaged.get(name, "cake"))
    if name == "small-clusters":
        return made()
    frame = sleepstudy()
    frame["w"], frame["o"] = 1 + frame["Days"] / 4, 10.5 * frame["Days"]
    if name == "missing-rows":
        frame.loc[[3, 50, 77], "Reaction"] = np.nan
    if name == "factor-order":
        levels = frame["Subject"].cat.categories
        frame["Subject"] = frame["Subject"].cat.reorder_categories(list(levels[::-1]))
    return frame


@pytest.mark.parametrize("name", MODELS)
def test_every_difference_is_explained(name, has_bootmlm):
    formula, options = MODELS[name]
    several = name in ("crossed", "nested")
    types = ["parametric", "residual", "residual_cgr"] + ([] if several else ["case", "reb"])
    result = parity.check(
        formula, data_of(name), name=name, bootstrap=types, nsim=4, statistic="r2", **options
    )
    assert result.passed, str(result)
    frame = result.to_frame().set_index("quantity")
    assert (frame["verdict"] == "match").sum() >= 17
    assert frame["verdict"]["statistic/r2"] == "match"
    left_out = set(frame.index[frame["verdict"] == "not-run"])
    assert ("scores_mer/level1" in left_out) is not has_bootmlm
    if has_bootmlm:
        assert left_out == set()


def test_an_error_of_python_is_found(perturbed):
    def change(name, value):
        if name not in ("fixef", "boot_mer"):
            return value
        return replace(value, numbers=value.numbers * (1 + 1e-5))

    own = own_model("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), name="dye")
    question = Question(own, perturbed(change), Extras(bootstraps=["parametric"], nsim=4))
    frame = run_check(question, Source()).to_frame()
    assert set(frame["quantity"][frame["verdict"] == "mismatch"]) >= {
        "fixef",
        "boot_mer/parametric",
    }


def test_what_is_saved_with_r_is_found_again_without(tmp_path, monkeypatch):
    arguments = {
        "name": "sleep", "bootstrap": "parametric", "nsim": 60, "statistic": ["r2", deviance_twice],
        "r_statistic": "function(x) 2 * as.numeric(-2 * logLik(x))",
    }  # fmt: skip
    formula, frame = "Reaction ~ Days + (1 | Subject)", sleepstudy()
    asked, answer = [], LiveOracle.answer

    def counted(oracle, case):
        asked.append((case.id, case.digest))
        return answer(oracle, case)

    monkeypatch.setattr(LiveOracle, "answer", counted)
    live = parity.check(formula, frame, save_reference=tmp_path / "kept", **arguments)
    assert len(asked) == len(set(asked)), "R was asked something twice"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    kept = parity.check(formula, frame, reference=tmp_path / "kept", **arguments)
    same = ["quantity", "verdict"]
    pd.testing.assert_frame_equal(live.to_frame()[same], kept.to_frame()[same])
    question = json.loads((tmp_path / "kept" / "question.json").read_text("utf-8"))
    assert "python_statistic" not in json.dumps(question)


def test_who_is_right_is_said_from_a_saved_reference_too(tmp_path, monkeypatch):
    """Time in years: R stops early. Its tightened refits and its rows were kept beside."""
    frame = sleepstudy().assign(years=lambda d: d.Days / 365.25)
    formula, kept = "Reaction ~ years + (years | Subject)", tmp_path / "kept"
    live = parity.check(formula, frame, save_reference=kept)
    [witnesses] = kept.glob("*referee*")
    assert str(frame["Reaction"][0]) not in witnesses.read_text("utf-8")  # they hold no data
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    again = parity.check(formula, frame, reference=kept)
    rulings = [
        next(r for r in check.report.results if r.case.quantity == "optimum").finding.ruling
        for check in (live, again)
    ]
    assert [ruling.nearer for ruling in rulings] == [Side.PYTHON] * 2
    assert all("told to look harder, R ends" in ruling.sentence for ruling in rulings)
    assert all("criterion, in 50 digits" in ruling.evidence for ruling in rulings)


def deviance_twice(fit):
    return 2 * -2 * fit.loglik


def test_any_rscript_will_do(tmp_path):
    rscript = shutil.which("Rscript")
    odd = sleepstudy().rename(columns={"Days": "dé jours", "Subject": "wer?"})
    odd["wer?"] = odd["wer?"].cat.rename_categories(lambda level: f'Nº {level} "ü"')
    result = parity.check("Reaction ~ `dé jours` + (1 | `wer?`)", odd, rscript=rscript)
    assert result.passed, str(result)


def test_names_and_levels_that_are_code_are_names_and_levels(tmp_path):
    canary = tmp_path / "canary"
    frame = sleepstudy()
    frame["Subject"] = frame["Subject"].cat.rename_categories(
        lambda level: f"{level}\"); system('touch {canary}'); (\""
    )
    rscript = shutil.which("Rscript")
    for command in (None, rscript):
        result = parity.check("Reaction ~ Days + (1 | Subject)", frame, rscript=command)
        assert result.passed, str(result)
    assert not canary.exists()


def test_only_the_code_that_the_user_gave_is_run(tmp_path):
    canary = tmp_path / "canary"
    code = f"function(x) {{ file.create('{canary}'); 1 }}"
    own = own_model("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), name="dye")
    extras = Extras(own_statistic={"python_statistic": "math:sqrt", "r_statistic": code})
    case = next(case for case in cases_for(own, extras).cases if case.id.endswith("own"))
    oracle = LiveOracle(frames=Frames({"dye": own.frame}))
    try:
        with pytest.raises(OracleError, match="R code that nobody asked to run"):
            oracle.answer(case)
    finally:
        oracle.close()
    assert not canary.exists()
    result = parity.check(own.fit, name="dye", statistic=one, r_statistic=code)
    assert canary.exists()
    assert result.to_frame().set_index("quantity")["verdict"]["statistic/own"] == "match"


def one(_fit):
    return 1.0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("function(x) stop('no way')", "R stopped: no way"),
        ("1", "must be a function of a fit"),
        ("function(x) 'text'", "must return numbers"),
        ("function(x", "unexpected"),
    ],
)
def test_a_twin_that_fails_in_r_is_the_verdict_on_it_alone(code, said):
    fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    result = parity.check(fit, name="dye", statistic=lambda fit: fit.sigma, r_statistic=code)
    frame = result.to_frame().set_index("quantity")
    assert frame["verdict"]["statistic/own"] == "r-error"
    assert said in frame["reason"]["statistic/own"]
    assert (frame["verdict"] == "r-error").sum() == 1


def test_the_command_on_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data_of("missing-rows").to_csv("mine.csv", index=False)
    (tmp_path / "mine_too.py").write_text("def s2(fit):\n    return [fit.sigma ** 2]\n")
    status = main([
        "check", "Reaction ~ Days + (Days | Subject)", "--data", "mine.csv", "--statistic",
        "mine_too:s2,r2", "--r-statistic", "function(m) sigma(m)^2", "--bootstrap", "parametric",
        "--nsim", "3",
    ])  # fmt: skip
    out = " ".join(capsys.readouterr().out.split())
    sys.modules.pop("mine_too", None)
    assert status == 0, out
    assert "177 rows" in out
    assert "statistic/own match" in out
    assert (tmp_path / "report" / "index.html").is_file()


def test_a_worker_that_holds_other_data_of_the_same_name_is_not_asked():
    """Two checks in one session, each with its own data under the same name."""
    first = parity.check("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"))
    second = parity.check("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff2"))
    assert first.passed
    assert second.passed
    assert RProcess().running is False
