"""Intervals and prints against R's package boot, recorded and live (intervals.R)."""

import json
import re
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

import pybootmlm as bm
from pybootmlm.bootstrap.intervals.result import Interval
from pybootmlm.exceptions import IntervalWarning
from pybootmlm.formats import round_as_r

SCRIPT = Path(__file__).with_name("intervals.R")
RECORD = json.loads(SCRIPT.with_suffix(".json").read_text(encoding="utf-8"))

# Sums of order-of-t numbers in another order than R's; the normal quantiles are R's to the last
# bit, but pnorm (bca) and exp, qlogis, ... (h) are another library's and differ by some ulps. The
# interpolation divides by differences of quantiles, which costs up to three digits.
RTOL = 1e-13

KINDS = {"normal": "norm", "basic": "basic", "student": "stud", "percent": "perc", "bca": "bca"}
SCALES = {
    "none": {},
    "log": {"h": np.log, "hdot": lambda t: 1 / t, "hinv": np.exp},
    "logit": {"h": logit, "hdot": lambda t: 1 / (t * (1 - t)), "hinv": expit},
    "root": {"h": np.sqrt, "hdot": lambda t: 0.5 / np.sqrt(t)},
    "back": {"hinv": lambda t: 100 * t},
}
TO_ORIGINAL = (
    "Calculations on Transformed Scale;  Intervals on Original Scale",
    "Calculations on Original Scale  but Intervals Transformed",
)


def numbers(text):
    return np.array([float(number.replace("NA", "nan")) for number in text.split()])


def made(sample):
    t0 = numbers(sample["t0"])
    t = numbers(sample["t"]).reshape(sample["rows"], len(t0))
    return bm.BootResult(t0, t, tuple(f"t{i + 1}*" for i in range(len(t0))), "by hand", len(t))


def asked(record, case, **changes):
    """Our answer to a recorded call, and the number of warnings of extreme order statistics."""
    values = {
        name: numbers(case[name]) for name in ("var_t0", "var_t", "own_t0", "own_t") & case.keys()
    }
    arguments = {
        "conf": numbers(case["conf"]),
        "type": case["type"],
        "L": numbers(record["L"]),
        **SCALES[case["scale"][0]],
        **{
            name.removeprefix("own_"): v if len(v) > 1 else float(v[0])
            for name, v in values.items()
        },
    }
    boot = made(record["samples"][case["sample"][0]])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = bm.boot_ci(boot, (0, 1) if case["pair"] else 0, **{**arguments, **changes})
    assert {w.category for w in caught} <= {IntervalWarning}
    return found, sum("extreme order statistics" in str(w.message) for w in caught)


def differences(record, case, found):
    """Largest difference of the limits, in units of their tolerance; ranks must be equal."""
    worst = 0.0
    assert [KINDS[kind] for kind in case["intervals"]] == list(found.types)
    for kind, text in case["intervals"].items():
        expected = numbers(text).reshape(-1, 3 if kind == "normal" else 5)
        ours = found.to_frame().query("type == @KINDS[@kind]")
        np.testing.assert_array_equal(ours["conf"], expected[:, 0])
        if kind != "normal":
            ranks = ours[["rank_lower", "rank_upper"]].to_numpy()
            # bca's position is 1000 pnorm(...): its last ulp may decide a rounding.
            np.testing.assert_allclose(ranks, expected[:, 1:3], atol=0.01 if kind == "bca" else 0)
        limits = ours[["lower", "upper"]].to_numpy()
        size = np.abs(expected[:, -2:]).max()
        worst = max(worst, np.abs(limits - expected[:, -2:]).max() / (RTOL * size))
    return worst


def label(case):
    return "-".join([*case["sample"], *case["scale"], *case["type"]])


def agree(record):
    for case in record["cases"]:
        found, extreme = asked(record, case)
        assert differences(record, case, found) < 1, label(case)
        assert extreme == case["extreme"], label(case)
        assert case["R"] == found.R, label(case)
        np.testing.assert_allclose(found.t0, numbers(case["t0"])[0], rtol=RTOL)
        theirs = "\n".join(case["print"])
        if case["scale"] == ["back"]:  # R looks for `h` in the call by a prefix, and finds `hinv`
            theirs = theirs.replace(*TO_ORIGINAL)
        assert printed(str(found)) == printed(theirs), label(case)


def printed(text):
    """Lines of a print without blanks at their ends and without the call, or our statistic."""
    without = re.sub(r"(CALL : \n.*?\n|Statistic : .*?\n)\n", "", text, flags=re.DOTALL)
    return [line.rstrip() for line in without.split("\n")]


@pytest.mark.parametrize("case", RECORD["cases"], ids=label)
def test_recorded_intervals(case):
    agree({**RECORD, "cases": [case]})


def tables_agree(record):
    for sample in record["tables"].values():
        lines = [line.rstrip() for line in sample["print"]]
        theirs = lines[lines.index("Bootstrap Statistics :") :]
        ours = str(made(sample).summary()).split("\n")
        ours = ours[ours.index("Bootstrap Statistics :") :]
        assert ours == [line.replace("are NA", "are NaN") for line in theirs]


def test_recorded_summaries():
    tables_agree(RECORD)


@pytest.mark.parametrize("case", RECORD["cautions"], ids=lambda case: case["ranks"])
def test_recorded_remarks_on_extreme_ranks(case):
    low, high = numbers(case["ranks"])
    ours = bm.BootCI("s", 99, 1.0, (Interval("perc", 0.95, low, high, 1.0, 2.0),))
    assert printed(str(ours)) == printed("\n".join(case["print"]))


def test_recorded_rounding():
    values = numbers(RECORD["rounding"]["values"])
    for digits, name in ((2, "two"), (1, "one")):
        theirs = numbers(RECORD["rounding"][name])
        np.testing.assert_array_equal(round_as_r(values, digits), theirs)
        assert (np.round(values, digits) != theirs).any(), "control: NumPy's rounding differs"


@pytest.mark.live_r
def test_live_intervals_of_other_replicates(tmp_path):
    rscript = shutil.which("Rscript")
    assert rscript is not None
    command = [rscript, "--vanilla", str(SCRIPT), str(tmp_path / "live.json"), "20261121"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    live = json.loads((tmp_path / "live.json").read_text(encoding="utf-8"))
    assert live["samples"] != RECORD["samples"]
    agree(live)
    tables_agree(live)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"L": numbers(RECORD["L"]) + 1e-9}),
        (7, {"h": lambda t: np.log(t) * (1 + 1e-9)}),
        (7, {"hdot": lambda t: 1 / t + 1e-9}),
        (25, {"var_t0": 0.7 + 1e-9}),
    ],
)
def test_control_a_change_in_the_ninth_digit_is_seen(place, changes):
    case = RECORD["cases"][place]
    assert differences(RECORD, case, asked(RECORD, case)[0]) < 1
    assert differences(RECORD, case, asked(RECORD, case, **changes)[0]) > 1
