"""Sources that are neither R nor us: they are what they say, and an error is seen by them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

import pybootmlm as bm
from parity.cases import Model
from parity.errors import RecordedError
from parity.independent.anova import variance_components
from parity.independent.nist import (
    AnovaTable,
    _generated,
    _sets,
    certified,
    exact,
    is_nist,
    nist_frame,
    nist_names,
)
from parity.independent.textbook import textbook
from parity.oracles.independent import IndependentOracle
from parity.verdict import Verdict

SCIPY_FILES = Path(scipy.stats.__file__).parent / "tests" / "data" / "nist_anova"


def decimals(name: str) -> list[Fraction]:
    """The responses as they are printed, not as a double holds them."""
    table = _sets()[name.removeprefix("NIST/")]
    texts = table.get("responses") or _generated(
        table["treatments"], table["replicates"], table["leading"]
    )
    return [Fraction(text) for text in texts]


@pytest.mark.parametrize("name", nist_names())
def test_the_data_have_the_certified_sums_of_squares(name):
    """Exact arithmetic on the printed decimals gives NIST's fifteen digits."""
    values, table = decimals(name), certified(name)
    n = table.replicates
    assert len(values) == n * table.treatments == len(nist_frame(name))
    means = [sum(values[i : i + n]) / n for i in range(0, len(values), n)]
    grand = sum(values) / len(values)
    between = n * sum((m - grand) ** 2 for m in means)
    within = sum((x - means[i // n]) ** 2 for i, x in enumerate(values))
    F = (between / (table.treatments - 1)) / (within / (len(values) - table.treatments))
    printed = Fraction(_sets()[name.removeprefix("NIST/")]["F"])
    for ours, nist in ((between, table.between), (within, table.within), (F, printed)):
        assert abs(ours - nist) <= nist * Fraction(5, 10**15)


@pytest.mark.parametrize("name", nist_names())
def test_the_data_are_nist_s_file(name):
    path = SCIPY_FILES / f"{name.removeprefix('NIST/')}.dat"
    if not path.is_file():
        pytest.skip("this SciPy was installed without NIST's files")
    rows = [line.split() for line in path.read_text("utf-8").splitlines()[60:] if line.split()]
    frame = nist_frame(name)
    assert [row[0] for row in rows] == frame["treatment"].astype(str).tolist()
    assert [float(row[1]) for row in rows] == frame["response"].tolist()


def test_exact_sums_are_those_of_fractions():
    for name in ("NIST/AtmWtAg", "NIST/SmLs07"):
        values = [Fraction(x) for x in nist_frame(name)["response"].tolist()]
        table = exact(name)
        n = table.replicates
        means = [sum(values[i : i + n]) / n for i in range(0, len(values), n)]
        assert table.within == sum((x - means[i // n]) ** 2 for i, x in enumerate(values))
        assert table.between == n * sum((m - sum(values) / len(values)) ** 2 for m in means)


def test_doubles_keep_few_digits_of_the_hardest_sets():
    stored, printed = exact("NIST/SmLs09"), certified("NIST/SmLs09")
    lost = abs(stored.within / printed.within - 1)
    assert 1e-6 < lost < 1.3e-3  # the tolerance closed_form_leading, which says why


def test_the_closed_form_at_the_boundary():
    """Less variance between groups than chance gives: none is estimated, all is within."""
    table = AnovaTable(Fraction(1), Fraction(36), 4, 10, "made up")
    assert variance_components(table, reml=True) == {
        "variance between": 0.0,
        "variance within": pytest.approx(37 / 39, rel=1e-15),
    }
    assert variance_components(table, reml=False)["variance within"] == pytest.approx(37 / 40)


def test_names_of_sets():
    assert is_nist("NIST/SiRstv")
    assert not is_nist("NIST/none")
    assert not is_nist("sleepstudy")


def test_every_nist_case_says_how_many_digits_each_side_reaches(catalogue, make_runner):
    runner = make_runner()
    hardest = {}
    for case in catalogue:
        if case.quantity == "anova_exact":
            evidence = runner.decide(case).finding.evidence
            assert "lme4" in evidence["digits reached by R"]
            hardest[case.id] = tuple(
                float(evidence[f"digits reached by {side}"].split()[0]) for side in ("us", "R")
            )
    assert len(hardest) == 22
    assert min(ours for ours, _ in hardest.values()) > 7
    assert hardest["nist-smls09/REML/anova_exact"][1] < 1  # lme4 loses every digit


def test_without_r_s_answer_the_verdict_stands(case_of, make_runner):
    class Silent:
        name = "silent"

        def environment(self):
            return {}

        def answer(self, _case):
            raise RecordedError("nothing here")

        def judge(self, _case, _quantity, _inputs):
            return None

        def close(self):
            pass

    finding = (
        make_runner(oracle=IndependentOracle(Silent()))
        .decide(case_of("nist-smls01/ML/anova_certified"))
        .finding
    )
    assert finding.verdict is Verdict.MATCH
    assert "digits reached by R" not in finding.evidence


@pytest.mark.parametrize(
    ("name", "relative"),
    [
        ("nist-smls01/REML/anova_certified", 2e-6),
        ("nist-smls09/REML/anova_certified", 3e-3),
        ("nist-smls09/REML/anova_exact", 2e-6),
        ("sleepstudy-slope/REML/textbook/estimates", 1e-9),
        ("pastes-nested/ML/textbook/effects", 1e-9),
        ("sleepstudy-weighted/ML/textbook/rows", 1e-9),
    ],
)
def test_an_error_is_seen(name, relative, case_of, make_runner, perturbed):
    def change(_name, value):
        return replace(value, numbers=value.numbers * (1 + relative))

    assert make_runner(perturbed(change)).decide(case_of(name)).finding.verdict is Verdict.MISMATCH
    assert make_runner().decide(case_of(name)).finding.verdict is Verdict.MATCH


def test_the_textbook_shares_no_design_with_the_library():
    """Columns in another order, rows shuffled: the same numbers, so nothing rests on order."""
    frame = bm.load_dataset("sleepstudy")
    model = Model("m", "sleepstudy", "Reaction ~ Days + (Days | Subject)", True)
    inputs = {
        "x": ["1", "Days"],
        "z": [{"by": ["Subject"], "columns": ["1", "Days"]}],
        "at": [0.9, 0.1, 0.2],
        "part": "effects",
    }
    one = textbook(model, frame, inputs)
    other = textbook(model, frame.sample(frac=1, random_state=1), inputs)
    assert set(one.rows) == set(other.rows)
    by_name = dict(zip(other.rows, other.numbers, strict=True))
    np.testing.assert_allclose([by_name[k] for k in one.rows], one.numbers, rtol=1e-10)
