"""Comparisons of models against lme4's anova() and drop1(), as numbers and as printed.

`compare.json` was made by compare.R beside it, and names its versions. The models here are well
scaled: lme4's optima agree with ours to 1e-7 in the deviance, well below the digits printed.
"""

import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm
from pybootmlm.methods.anova_table import AnovaTable, format_p_values

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "compare.json").read_text(encoding="utf-8"))
Case = dict[str, Any]


def same_numbers(found: AnovaTable, expected: Case, make: ModuleType) -> list[str]:
    frame, problems = found.frame, []
    if list(frame.columns) != expected["columns"] or list(frame.index) != expected["rows"]:
        problems.append(f"{list(frame.columns)} by {list(frame.index)}")
    for name in frame.columns:
        theirs = make.floats(expected["values"][name])
        # A p-value of 1e-27 is the tail of a statistic known to 1e-7: relative to that.
        loose = 1e-3 if name.startswith("Pr") else 1e-6
        if not np.allclose(frame[name], theirs, rtol=loose, atol=2e-6, equal_nan=True):
            problems.append(f"{name}: {list(frame[name])} instead of {list(theirs)}")
    return problems


def table_lines(text: str, first: str) -> list[str]:
    """The printed table without its heading: from the line of the column titles on."""
    lines = text.split("\n")
    (start,) = [i for i, line in enumerate(lines) if line.split()[:1] == [first]]
    return lines[start:]


def trimmed(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def check_comparison(case: Case, make: ModuleType) -> None:
    reml = case["reml"]
    fits = [
        make.fit_of({"data": case["data"], "formula": f, "reml": r})
        for f, r in zip(case["formulas"], reml, strict=True)
    ]
    names = [f"m{i + 1}" for i in range(len(fits))]
    found = bm.anova(*fits, refit=case["refit"], model_names=names)
    assert same_numbers(found, case["table"], make) == []
    assert table_lines(str(found), "npar") == trimmed(case["text"])
    assert list(found.messages) == case["messages"]
    formulas = dict(zip(names, case["formulas"], strict=True))
    rows = case["table"]["rows"]
    assert list(found.heading) == ["Models:", *(f"{n}: {formulas[n]}" for n in rows)]


def check_single(case: Case, make: ModuleType) -> None:
    found = make.at_r(case).anova()
    assert same_numbers(found, case["table"], make) == []
    text, expected = str(found).split("\n"), trimmed(case["text"])
    if found.frame.empty:  # only the titles' indentation differs
        text, expected = [x.strip() for x in text], [x.strip() for x in expected]
    assert text == expected


def check_drop(case: Case, make: ModuleType) -> None:
    fit = make.fit_of(case)
    for test, expected in case["tables"].items():
        found = fit.drop1(case["scope"] or None, test=test, k=float(case["k"]))
        assert same_numbers(found, expected["table"], make) == []
        assert str(found).split("\n") == trimmed(expected["text"])


def title(case: Case) -> str:
    return f"{case['data']}: {case.get('formula') or '; '.join(case['formulas'])}"


@pytest.mark.parametrize("case", RECORD["compared"], ids=title)
def test_anova_of_several_models(case: Case, make: ModuleType):
    check_comparison(case, make)


@pytest.mark.parametrize("case", RECORD["single"], ids=title)
def test_anova_of_one_model(case: Case, make: ModuleType):
    check_single(case, make)


@pytest.mark.parametrize("case", RECORD["dropped"], ids=title)
def test_drop1(case: Case, make: ModuleType):
    check_drop(case, make)


def test_p_values_are_written_as_r_does(make: ModuleType):
    wrong = [
        (case, found)
        for case in RECORD["p_values"]
        if (found := format_p_values(list(make.floats(case["p"])), case["digits"])) != case["text"]
    ]
    assert wrong == []


@pytest.mark.parametrize("case", RECORD["varcorr"], ids=title)
def test_variance_components_print_in_every_scale(case: Case, make: ModuleType):
    varcorr = make.at_r({**case, "reml": True}).varcorr
    printed = {
        "both": varcorr.table(variance=True),
        "variance": varcorr.table(variance=True, sd=False),
        "digits3": varcorr.table(3),
    }
    for name, table in printed.items():
        # R prints a matrix without row names one blank to the right.
        found = [f" {line}".rstrip() for line in table.to_text().split("\n")]
        assert found == trimmed(case[name])


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "compare.R"
    assert len(RECORD["compared"]) == 7
    assert len(RECORD["p_values"]) == 200


def test_control_a_changed_digit_is_seen(make: ModuleType):
    case = json.loads(json.dumps(RECORD["compared"][0]))
    case["text"][2] = case["text"][2].replace("1802.1", "1802.2")
    with pytest.raises(AssertionError):
        check_comparison(case, make)
    case = json.loads(json.dumps(RECORD["dropped"][0]))
    case["tables"]["Chisq"]["table"]["values"]["LRT"][1] = "23.54"
    with pytest.raises(AssertionError):
        check_drop(case, make)


@pytest.mark.live_r
def test_against_live_lme4(make: ModuleType, tmp_path: Path):
    target = tmp_path / "compare.json"
    command = ["Rscript", str(HERE / "compare.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))
    for case in live["single"]:
        check_single(case, make)
    for case in live["dropped"]:
        check_drop(case, make)
    for case in live["compared"]:
        if "deviance" in case["table"]["columns"]:  # 1.1-37 calls it -2*log(L)
            check_comparison(case, make)
