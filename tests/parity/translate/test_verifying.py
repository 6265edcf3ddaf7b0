"""A verification finds what a translation got wrong, and explains only what can be explained."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from parity.tolerances import load_tolerances
from parity.translate import translate
from parity.translate.verifying.bootstraps import judge_bootstrap
from parity.translate.verifying.judge import Rules, judge
from parity.translate.verifying.observed import observe
from parity.translate.verifying.page import html_page
from parity.translate.verifying.run import Setting, run_python, tolerance_names, verify_all
from parity.values import Value
from parity.verdict import Verdict

SCRIPT = """\
library(lme4)
d <- subset(sleepstudy, Days >= 2)
d$c <- d$Days - mean(d$Days)
spread <- sd(d$Reaction)
fit <- lmer(Reaction ~ c + (1 | Subject), d, REML = FALSE)
est <- function(x) c(fixef(x)[[2]], sigma(x))
set.seed(7)
z <- rnorm(4)
boo <- bootMer(fit, est, nsim = 9)
fixef(fit)[["c"]]
names(d)
"""
# What a wrong translation might have written, and the line of R at which it must be seen.
MUTATIONS = {
    "another condition": ('d = sleepstudy[sleepstudy["Days"] >= 2]',
                          'd = sleepstudy[sleepstudy["Days"] > 2]', 2),
    "another centre": ('d["Days"].mean()', 'd["Days"].median() + 0.001', 3),
    "another denominator": ('d["Reaction"].std()', 'd["Reaction"].std(ddof=0)', 4),
    "another criterion": ("reml=False", "reml=True", 5),
    "another model": ("Reaction ~ c", "Reaction ~ c + I(c^2)", 5),
    "another statistic": ("x.sigma", "x.sigma**2", 9),
    "another seed": ("RStream(7)", "RStream(8)", 8),
    "another draw": ("rng.rnorm(4)", "rng.runif(4)", 8),
    "another bootstrap": ('type="parametric"', 'type="residual"', 9),
    "another index": ('fit.fixef["c"]', 'fit.fixef["(Intercept)"]', 10),
    "a line that stops": ("z = rng.rnorm(4)", "z = rng.rnorm(-4)", 8),
    "names in another order": ("print(list(d.columns))", "print(sorted(d.columns))", 11),
}  # fmt: skip


@pytest.fixture(scope="module")
def verified():
    made = translate(SCRIPT, "script.R")
    assert made.complete
    changed = [
        replace(made, python=made.python.replace(old, new)) for old, new, _ in MUTATIONS.values()
    ]
    assert all(one.python != made.python for one in changed)
    right, *wrong = verify_all([made, *changed], Setting())
    return right, dict(zip(MUTATIONS, wrong, strict=True))


@pytest.mark.live_r
def test_a_right_translation_is_verified(verified):
    right, _ = verified
    assert right.passed
    assert {item.verdict for item in right.items} == {Verdict.MATCH}
    assert len(right.items) == 8
    assert right.versions["lme4"]


@pytest.mark.live_r
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_control_a_wrong_translation_is_found_at_its_line(mutation, verified):
    found = verified[1][mutation]
    assert not found.passed
    failing = [line.piece.line for line in found.lines if line.verdict and line.verdict.fails]
    assert failing[0] == MUTATIONS[mutation][2]


@pytest.mark.live_r
def test_the_page_shows_every_statement_with_its_verdict(verified):
    right, wrong = verified
    page = html_page(right)
    assert "Both scripts say the same" in page
    assert page.count("<tr>") == len(right.lines) + 1
    assert "The scripts DIFFER" in html_page(wrong["another seed"])


# --- the judges, without R

RULES = Rules(load_tolerances(), {"R": "4.2.2", "lme4": "1.1.31"})


def boots(t, witness, about=None):
    said = {"type": "boot", "t0": Value.of([1.0]).to_json(), "t": Value.of(t).to_json(),
            "witness": Value.of(witness).to_json()}  # fmt: skip
    return said if about is None else {**said, "about": Value.of(about).to_json()}


def decided(theirs, ours):
    return judge_bootstrap("b", theirs, ours, RULES.tolerances["replicates"], RULES.versions)


T = np.array([[1.0], [2.0], [3.0]])
WITNESS = np.array([[0.5, 100.0], [0.6, 101.0], [0.7, 102.0]])


@pytest.mark.parametrize(
    ("theta", "criterion", "verdict"),
    [
        (0.9, -1e-3, Verdict.EXPLAINED),  # ours is the better optimum
        (0.9, 0.0, Verdict.EXPLAINED),  # flat
        (0.9, 1e-3, Verdict.MISMATCH),  # ours is the worse one
        (0.6, 0.0, Verdict.MISMATCH),  # the same refit: the statistics differ
    ],
)
def test_a_replicate_that_differs_is_explained_by_the_criterion_alone(theta, criterion, verdict):
    t, witness = T.copy(), WITNESS.copy()
    t[1] += 0.1
    witness[1] = theta, 101.0 + criterion
    assert decided(boots(T, WITNESS), boots(t, witness)).verdict is verdict


def test_replicates_of_a_wrong_refit_are_not_compared():
    by_reml = boots(T, WITNESS, [1.0, 2.0, 1.0])
    assert decided(by_reml, boots(T, WITNESS)).verdict is Verdict.NOT_RUN
    one_effect = boots(T, WITNESS, [1.0, 1.0, 1.0])
    assert decided(one_effect, boots(T, WITNESS)).verdict is Verdict.MATCH


@pytest.mark.parametrize(
    ("theirs", "ours", "verdict"),
    [
        ([1.0, 2.0], [1.0, 2.0], Verdict.MATCH),
        ([1.0, 2.0], [1.0, 2.0 + 1e-8], Verdict.MISMATCH),
        ([1.0, 2.0], [1.0], Verdict.MISMATCH),
        (pd.Series({"a": 1.0}), pd.Series({"b": 1.0}), Verdict.MISMATCH),
        ("text", "text", Verdict.MATCH),
        ("text", "other", Verdict.MISMATCH),
        ("1", 1.0, Verdict.MISMATCH),
        ({"a": 1.0}, {"a": 1.0}, Verdict.MATCH),
        ({"a": 1.0}, {"b": 1.0}, Verdict.MISMATCH),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}), Verdict.MATCH),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 1]}), Verdict.MISMATCH),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"c": [1, 2]}), Verdict.MISMATCH),
        (pd.Series(["x", "y"], dtype="category"), pd.Series(["x", "y"], dtype="category"),
         Verdict.MATCH),
        (pd.Series(pd.Categorical(["x"], categories=["x", "y"])),
         pd.Series(pd.Categorical(["x"], categories=["y", "x"])), Verdict.MISMATCH),
        (print, print, Verdict.NOT_RUN),
    ],
)  # fmt: skip
def test_values_are_compared_by_what_they_are(theirs, ours, verdict):
    found = judge("x", observe(theirs), observe(ours), "deterministic", RULES)
    assert found.verdict is verdict


def test_a_fit_may_be_better_than_r_s_and_never_worse():
    fit = bm.lmer("Yield ~ (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    said = observe(fit)
    assert judge("f", said, said, "replicates", RULES).verdict is Verdict.MATCH
    away = observe(fit.at_theta(fit.theta + 0.05))
    assert judge("f", away, said, "replicates", RULES).verdict is Verdict.EXPLAINED
    assert judge("f", said, away, "replicates", RULES).verdict is Verdict.MISMATCH


def test_numbers_are_held_to_ten_digits_until_a_fit_is_involved():
    made = translate("x <- rnorm(2)\nfit <- lmer(Yield ~ (1 | Batch), Dyestuff)\n"
                     "y <- x + 1\ns <- sigma(fit)\nz <- s * y\n")  # fmt: skip
    names = tolerance_names(made)
    assert names == ["deterministic", "replicates", "deterministic", "replicates", "replicates"]


def test_a_bootstrap_can_be_run_from_another_theta_and_continued_with_other_replicates():
    made = translate(
        "fit <- lmer(Yield ~ (1 | Batch), Dyestuff, REML = FALSE)\nset.seed(1)\n"
        "b <- bootMer(fit, sigma, nsim = 5)\nm <- mean(b$t)\n"
    )
    fit = bm.lmer("Yield ~ (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    here = bm.bootstrap_mer(fit, "sigma", 5, rng=bm.RStream(1)).t
    there = bm.bootstrap_mer(fit.at_theta([0.5]), "sigma", 5, rng=bm.RStream(1)).t
    assert np.abs(there - here).max() > 1
    replicates = {"t": Value.of(here + 1).to_json(), "t0": Value.of([1.0]).to_json()}
    given = [{}, {"2": {"theta": Value.of([0.5]).to_json()}}, {"2": replicates}]
    plain, moved, replaced = run_python([made] * 3, Setting(), given)
    for said, expected in ((plain, here), (moved, there), (replaced, here + 1)):
        boot, mean = said[2]["values"]["b"]["t"], said[3]["values"]["m"]["value"]
        np.testing.assert_allclose(Value.from_json(boot).numbers, expected, rtol=1e-12)
        np.testing.assert_allclose(Value.from_json(mean).numbers, [expected.mean()], rtol=1e-12)
