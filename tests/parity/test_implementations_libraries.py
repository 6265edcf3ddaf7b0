"""The adapters of other libraries, each where its library is installed, against R's record.

The expected verdicts are those that live lme4 gave when the survey was made; a library may get
better, which the survey shows when it is made again.
"""

import warnings

import numpy as np
import pandas as pd
import pytest

from parity.cases import Model
from parity.errors import NotProvidedError
from parity.implementations import Native, implementation_of
from parity.implementations.parts import Block, lower_root, roots_of, theta_of, varcorr_of
from parity.implementations.spelling import fixed_formula, r_name, random_terms
from parity.verdict import Verdict
from pybootmlm.datasets import load_dataset

MODULES = {
    "statsmodels": "statsmodels",
    "mixedlm": "mixedlm",
    "mixedlm_rs": "mixedlm_rs",
    "lme_python": "lme_python",
    "interlace": "interlace",
    "gpboost": "gpboost",
}
FIT = ("fixef", "sigma", "varcorr", "ranef", "fitted")
# What each library claims and does well by default: an intercept, a slope, nested, crossed.
AGREE = {
    "statsmodels": ("dyestuff/REML", "sleepstudy-slope/ML", "pastes-nested/REML",
                    "penicillin-crossed/REML", "sleepstudy-uncorrelated/ML", "cake-interaction/ML"),
    "mixedlm": ("dyestuff/REML", "sleepstudy-slope/ML", "pastes-nested/REML",
                "penicillin-crossed/ML", "sleepstudy-uncorrelated/ML", "cake-interaction/REML",
                "sleepstudy-weighted/ML", "sleepstudy-offset/REML", "pop-slope/REML"),
    "mixedlm_rs": ("dyestuff/REML", "sleepstudy-slope/ML", "cake-interaction/REML",
                   "pop-slope/REML"),
    "lme_python": ("dyestuff/REML", "sleepstudy-slope/ML", "pastes-nested/REML",
                   "penicillin-crossed/ML", "sleepstudy-uncorrelated/ML"),
    "interlace": ("dyestuff/REML", "sleepstudy-slope/ML", "cake-interaction/REML",
                  "sleepstudy-uncorrelated/ML", "sleepstudy-offset/REML"),
    "gpboost": ("dyestuff/ML", "hsb-intercept/ML", "cake-interaction/ML"),
}  # fmt: skip


def installed(name: str):
    pytest.importorskip(MODULES[name])
    return implementation_of(name)


@pytest.mark.parametrize(
    ("name", "model"), [(name, model) for name, models in AGREE.items() for model in models]
)
def test_a_library_agrees_with_r_where_it_claims_the_model(name, model, case_of, make_runner):
    runner = make_runner(installed(name))
    for quantity in (*FIT, "optimum"):
        finding = runner.decide(case_of(f"{model}/{quantity}")).finding
        assert finding.verdict is Verdict.MATCH, (quantity, finding.reason)


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [
        ("statsmodels", "sleepstudy-weighted/ML", "neither weights nor offset"),
        ("mixedlm_rs", "penicillin-crossed/ML", "one grouping factor"),
        ("mixedlm_rs", "sleepstudy-offset/ML", "neither weights nor offset"),
        ("lme_python", "cake-interaction/ML", "no polynomial contrasts"),
        ("gpboost", "dyestuff/REML", "no REML"),
        ("gpboost", "sleepstudy-slope/ML", "independent of the intercepts"),
    ],
)
def test_what_a_library_does_not_claim_is_not_run(name, model, said, case_of, make_runner):
    finding = make_runner(installed(name)).decide(case_of(f"{model}/fixef")).finding
    assert finding.verdict is Verdict.NOT_RUN
    assert said in finding.reason


@pytest.mark.parametrize("name", MODULES)
def test_quantities_of_bootmlm_are_not_run(name, case_of, make_runner):
    runner = make_runner(installed(name))
    for case in ("dyestuff/ML/vcov_theta", "dyestuff/ML/bootstrap_mer/reb", "stream/rnorm"):
        finding = runner.decide(case_of(case)).finding
        assert finding.verdict is Verdict.NOT_RUN
        assert "does not provide" in finding.reason or "no REML" in finding.reason


def test_standard_errors_of_statsmodels_are_of_the_joint_hessian(case_of, make_runner):
    """What the survey's note says: they are another quantity, not a slip of the adapter."""
    runner = make_runner(installed("statsmodels"))
    finding = runner.decide(case_of("hsb-slope/REML/std_errors")).finding
    assert finding.verdict is Verdict.MISMATCH
    mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    data = load_dataset("hsb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        r = mixed.MixedLM.from_formula(
            "mathach ~ meanses + ses", data, groups="id", re_formula="1 + ses"
        ).fit()
    hessian, _ = r.model.hessian(r.params_object)
    joint = np.sqrt(np.diag(np.linalg.inv(-hessian)))[:3]
    np.testing.assert_allclose(joint, r.bse_fe, rtol=1e-6)
    block = np.sqrt(np.diag(np.linalg.inv(-hessian[:3, :3])))
    lme4 = finding.comparison.worst
    assert abs(lme4.expected - lme4.observed) > 1e-3 * lme4.expected
    assert lme4.expected in [pytest.approx(x, rel=1e-4) for x in block]


# --- translation --------------------------------------------------------------------------------


def model_of(formula: str, **fields) -> Model:
    return Model(id="m/ML", data="d", formula=formula, reml=False, **fields)


def test_random_terms_are_read_as_lme4_reads_them():
    pastes = load_dataset("Pastes")
    inner, outer = random_terms(model_of("strength ~ 1 + (1 | batch/cask)"), pastes)
    assert (inner.group, inner.variables, outer.group) == ("cask:batch", ("cask", "batch"), "batch")
    assert inner.labels(pastes)[0] == "a:A"
    assert inner.levels(pastes)[:3] == ["a:A", "a:B", "a:C"]
    hsb = load_dataset("hsb")
    (term,) = random_terms(model_of("mathach ~ 1 + (ses + sector | id)"), hsb)
    assert term.names == ("(Intercept)", "ses", "sectorCatholic")
    assert term.one_sided == "1 + ses + sector"
    sleep = load_dataset("sleepstudy")
    (term,) = random_terms(model_of("Reaction ~ Days + (I(Days^2) | Subject)"), sleep)
    assert (term.names, term.slopes) == (("(Intercept)", "I(Days^2)"), ("I(Days ** 2)",))


def test_levels_are_in_the_order_of_lme4s_effects():
    """lme4's u is by level: Orthodont's levels are no alphabet."""
    data = load_dataset("Orthodont")
    model = model_of("distance ~ age + (age | Subject)")
    (term,) = random_terms(model, data)
    fit = Native().fit(model, data)
    rows = fit.quantity("ranef").rows
    assert term.levels(data) == [row.split("|")[1] for row in rows[: len(term.levels(data))]]


def test_fixed_formulas_give_ordered_factors_rs_contrasts():
    cake = load_dataset("cake")
    model = model_of("angle ~ recipe * temperature + (1 | recipe:replicate)")
    assert fixed_formula(model, cake, "Poly") == "angle ~ recipe * C(temperature, Poly)"
    assert r_name("recipe[T.B]:C(temperature, Poly).Cubic") == "recipeB:temperature.C"
    assert r_name("C(temperature, contr.poly)[^4]") == "temperature^4"


def test_theta_is_lme4s_whatever_the_order_of_the_terms():
    small = Block("b", ("(Intercept)",), np.array([[9.0]]), 3)
    root = np.array([[2.0, 0.0, 0.0], [1.0, 3.0, 0.0], [4.0, 5.0, 6.0]])
    large = Block("a", ("(Intercept)", "x", "y"), root @ root.T * 4.0, 30)
    theta = theta_of([small, large], sigma=2.0)
    np.testing.assert_allclose(theta, [2, 1, 4, 3, 5, 6, 1.5])  # column by column, then b's
    again = roots_of(theta, [small, large])
    np.testing.assert_allclose(again[1], root)
    assert list(varcorr_of([small, large], 2.0).index)[:3] == [
        "a|(Intercept)|",
        "a|x|",
        "a|(Intercept)|x",
    ]


def test_the_root_of_a_singular_covariance_has_zeros_where_lme4_has():
    column = np.array([[1.0], [-0.5]])
    np.testing.assert_allclose(lower_root(column @ column.T), [[1.0, 0.0], [-0.5, 0.0]])
    np.testing.assert_array_equal(lower_root(np.zeros((2, 2))), np.zeros((2, 2)))


def test_terms_of_independent_effects_have_names_of_their_own():
    blocks = [Block("g", ("(Intercept)",), np.eye(1), 5), Block("g", ("x",), np.eye(1), 5)]
    assert list(varcorr_of(blocks, 1.0).index) == ["g|(Intercept)|", "g.1|x|", "Residual||"]


def test_statsmodels_refuses_correlated_effects_of_a_second_factor():
    data = pd.DataFrame(
        {"y": [1.0, 2, 3, 4], "x": [0.0, 1, 0, 1], "a": list("abab"), "b": [*"aabb"]}
    )
    with pytest.raises(NotProvidedError, match="correlated effects for one grouping factor"):
        installed("statsmodels").fit(model_of("y ~ x + (x | a) + (x | b)"), data)
