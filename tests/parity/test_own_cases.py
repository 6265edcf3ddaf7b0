"""A user's own model: its tags, its cases, and its data file."""

import pytest

import pybootmlm as bm
from parity.cases import load_cases
from parity.cases.own import cases_for, own_model
from parity.frames import Frames

MODELS = (case.model for case in load_cases() if case.model is not None)
CATALOGUE = {model.id: model for model in MODELS if "by-name" not in model.tags}
# What the catalogue's tags leave out on purpose: bootmlm's jackknife of these was not recorded.
SPARED = {
    "influence",
    "intercept",
    "slope",
    "scores",
    "scores-level-1",
    "large",
    "ordered",
    "by-name",
}
# What a tag says that the catalogue does not need to: it gives them where a deviation needs them.
NEW = {
    "grouping-covariate",
    "hidden-column",
    "deficient-cluster",
    "transformed",
    "interaction-grouping",
    "unsorted",
    "regular",
    "several-fixed-effects",
}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_tags_are_those_that_the_catalogue_was_given_by_hand(name):
    model = CATALOGUE[name]
    own = own_model(
        model.formula, Frames().of(model), reml=model.reml, weights=model.weights,
        offset=model.offset,
    )  # fmt: skip
    found = own.model.tags - SPARED - NEW
    assert found == model.tags - SPARED - NEW


def test_cases_are_those_of_the_catalogue_for_the_same_model():
    own = own_model("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), name="dyestuff")
    found = {case.id: case for case in cases_for(own).cases}
    named = {"boot_mer", "bootstrap_mer", "bootstrap_case"}
    theirs = {case.id: case for case in load_cases()}
    assert set(found) <= set(theirs)
    assert {case.quantity for case in found.values()} >= {"optimum", "vcov_vc", "empinf_merm"}
    assert not named & {case.quantity for case in found.values()}
    for name, case in found.items():
        assert (case.inputs, case.tolerance) == (theirs[name].inputs, theirs[name].tolerance)
