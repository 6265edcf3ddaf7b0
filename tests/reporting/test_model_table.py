"""Models side by side: what stands where, in every form."""

import xml.etree.ElementTree as ET
from typing import Any

import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError
from pybootmlm.tables import Table


def fits() -> dict[str, bm.LmerFit]:
    data = bm.load_dataset("sleepstudy")
    formulas = {
        "mean": "Reaction ~ 1 + (1 | Subject)",
        "slope": "Reaction ~ Days + (1 | Subject)",
        "slopes": "Reaction ~ Days + (Days | Subject)",
    }
    return {name: bm.lmer(formula, data) for name, formula in formulas.items()}


def test_what_a_model_lacks_is_empty():
    frame = bm.model_table(fits()).to_frame().set_index("")
    assert frame.loc["Days"].tolist() == ["", "10.467", "10.467"]
    assert frame.loc["SD (Days Subject)"].tolist() == ["", "", "5.922"]
    assert frame.loc["Num.Obs."].tolist() == ["180"] * 3
    labels = [label for label in frame.index if label]
    assert labels[-6:] == ["SD (Observations)", "Num.Obs.", "R2 Marg.", "R2 Cond.", "AIC", "BIC"]


@pytest.mark.parametrize(
    ("statistic", "below"),
    [
        ("std.error", "(1.546)"),
        ("statistic", "(6.771)"),
        ("p.value", "(<0.001)"),
        ("conf.int", "[7.206, 13.729]"),
    ],
)
def test_what_stands_below_an_estimate(statistic: str, below: str):
    frame = bm.model_table([fits()["slopes"]], statistic=statistic, stars=True).to_frame()
    at = frame[""].tolist().index("Days")
    assert frame["(1)"].iloc[at] == "10.467***"
    assert frame["(1)"].iloc[at + 1] == below


def test_html_holds_the_same_cells():
    table = bm.model_table(fits(), stars=True)
    root = ET.fromstring(table.to_html())
    rows = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert rows[0] == ["", "mean", "slope", "slopes"]
    assert rows[1:] == table.to_frame().to_numpy().tolist()
    assert root.find("p").text == table.note


def test_latex_holds_the_same_cells_and_escapes_what_is_special():
    lines = bm.model_table(fits()).to_latex().split("\n")
    assert lines[0] == r"\begin{tabular}{lrrr}"
    assert lines[-1] == r"\end{tabular}"
    assert r"Days &  & 10.467 & 10.467 \\" in lines
    assert r"Cor (Intercept\textasciitilde{}Days Subject) &  &  & 0.066 \\" in lines
    odd = Table(["a_b"], [["50% & {x} \\ #1 $ < >"]], "l").to_latex()
    assert r"a\_b \\" in odd
    assert r"50\% \& \{x\} \textbackslash{} \#1 \$ \textless{} \textgreater{} \\" in odd.split("\n")


def test_wrong_arguments_are_named():
    fit = fits()["mean"]
    calls: list[tuple[Any, str]] = [
        (lambda: bm.model_table([]), "`models`"),
        (lambda: bm.model_table([fit, 3]), "`models`"),
        (lambda: bm.model_table(pd.DataFrame()), "`models`"),
        (lambda: bm.model_table(fit, statistic="se"), "`statistic`"),
        (lambda: bm.model_table(fit, stars=1), "`stars`"),
        (lambda: bm.model_table(fit, digits=-1), "`digits`"),
        (lambda: bm.model_table(fit, ddf="kr"), "`ddf`"),
    ]
    for call, named in calls:
        with pytest.raises(ArgumentError, match=named):
            call()
