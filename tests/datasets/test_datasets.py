"""The packaged data sets: what the literature says of them, and the errors."""

import dataclasses
import math

import pandas as pd
import pytest

from pybootmlm.datasets import dataset_provenance, list_datasets, load_dataset
from pybootmlm.datasets import load as load_module
from pybootmlm.exceptions import ArgumentError, DataError

# Rows, and levels per factor, from the R packages' manuals (hsb: nlme's MathAchieve).
DIMENSIONS = {
    "Dyestuff": (30, {"Batch": 6}),
    "Dyestuff2": (30, {"Batch": 6}),
    "sleepstudy": (180, {"Subject": 18}),
    "Penicillin": (144, {"plate": 24, "sample": 6}),
    "Pastes": (60, {"batch": 10, "cask": 3, "sample": 30}),
    "cake": (270, {"replicate": 15, "recipe": 3, "temperature": 6}),
    "InstEval": (
        73421,
        {"s": 2972, "d": 1128, "studage": 4, "lectage": 6, "service": 2, "dept": 14},
    ),
    "Oxide": (72, {"Source": 2, "Lot": 8, "Wafer": 3, "Site": 3}),
    "Orthodont": (108, {"Subject": 27, "Sex": 2}),
    "hsb": (7185, {"id": 160, "minority": 2, "sex": 2, "sector": 2}),
    "pop_syn": (2000, {}),
}


def factors(frame: pd.DataFrame) -> dict[str, int]:
    found = frame.select_dtypes("category")
    return {column: len(found[column].cat.categories) for column in found}


def test_the_list_is_the_issues_list():
    assert set(list_datasets()) == set(DIMENSIONS)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_dimensions_against_the_manuals(name):
    frame = load_dataset(name)
    rows, levels = DIMENSIONS[name]
    assert len(frame) == rows
    assert factors(frame) == levels


@pytest.mark.parametrize("name", DIMENSIONS)
def test_frame_agrees_with_its_provenance(name):
    frame, about = load_dataset(name), dataset_provenance(name)
    assert len(frame) == about.rows
    assert list(frame.columns) == [column.name for column in about.columns]
    assert not frame.isna().to_numpy().any()  # a label outside the levels would be NaN
    for column in about.columns:
        values = frame[column.name]
        if column.kind in ("factor", "ordered"):
            assert values.cat.ordered == (column.kind == "ordered")
            assert len(values.cat.categories) == column.n_levels
            assert values.nunique() == column.n_levels
        else:
            assert values.dtype == {"numeric": "float64", "integer": "int64"}[column.kind]
    assert about.source.startswith("R package ")
    assert about.licence in ("GPL-2.0-or-later", "MIT")
    assert about.reference
    assert about.title


def test_orders_of_levels_that_sorting_would_lose():
    departments = load_dataset("InstEval")["dept"].cat.categories  # levels(InstEval$dept)
    assert departments.astype(int).tolist() == [15, 5, 10, 12, 6, 7, 4, 8, 9, 14, 1, 3, 11, 2]
    orthodont = load_dataset("Orthodont")
    subjects = orthodont["Subject"].cat
    assert subjects.ordered
    # The manual: ordered by increasing average distance within sex.
    means = orthodont.groupby("Subject", observed=True)["distance"].mean()
    assert means.iloc[:16].is_monotonic_increasing
    assert means.iloc[16:].is_monotonic_increasing
    assert load_dataset("cake")["temperature"].cat.ordered
    replicate = load_dataset("cake")["replicate"].cat
    assert list(replicate.categories) == [str(number) for number in range(1, 16)]


def test_dyestuff_against_davies_and_goldsmith():
    """Batch means and the analysis of variance of section 6.4: mean squares 11272 and 2451."""
    dyestuff = load_dataset("Dyestuff")
    grouped = dyestuff.groupby("Batch", observed=True)["Yield"]
    assert grouped.mean().tolist() == [1505, 1528, 1564, 1498, 1600, 1470]
    # Whole numbers divided by 5 and 24: the only rounding is that of a few sums.
    assert math.isclose(5 * grouped.mean().var(), 11271.5, rel_tol=1e-13)
    assert math.isclose(grouped.var().mean(), 2451.25, rel_tol=1e-13)


def test_dyestuff2_varies_less_between_than_within():
    """Box and Tiao built it so: the between mean square lies below the within one."""
    grouped = load_dataset("Dyestuff2").groupby("Batch", observed=True)["Yield"]
    assert 5 * grouped.mean().var() < grouped.var().mean()


def test_sleepstudy_first_subject_as_published():
    sleepstudy = load_dataset("sleepstudy")
    first = sleepstudy.loc[sleepstudy["Subject"] == "308", "Reaction"]
    # The ten reaction times of subject 308, as printed in lme4's own article (JSS 67(1)).
    assert first.tolist() == [
        249.56, 258.7047, 250.8006, 321.4398, 356.8519,
        414.6901, 382.2038, 290.1486, 430.5853, 466.3535,
    ]  # fmt: skip
    assert sleepstudy["Days"].tolist() == list(range(10)) * 18


def test_sleepstudy_least_squares_as_in_the_article():
    """The population line of the lme4 article, 251.405 + 10.467 Days: least squares, balanced."""
    sleepstudy = load_dataset("sleepstudy")
    days = sleepstudy["Days"] - sleepstudy["Days"].mean()
    slope = (days * sleepstudy["Reaction"]).sum() / (days**2).sum()
    intercept = sleepstudy["Reaction"].mean() - slope * sleepstudy["Days"].mean()
    assert round(intercept, 3) == 251.405
    assert round(slope, 3) == 10.467


def test_penicillin_is_crossed_and_pastes_is_nested():
    penicillin = load_dataset("Penicillin")
    assert (penicillin.groupby(["plate", "sample"], observed=False).size() == 1).all()
    pastes = load_dataset("Pastes")
    assert (
        pastes["sample"].astype(str)
        == pastes["batch"].astype(str) + ":" + pastes["cask"].astype(str)
    ).all()


def test_hsb_against_raudenbush_and_bryk():
    """70 Catholic and 90 public schools; mean achievement 12.75, sd 6.88 (their table 4.1)."""
    hsb = load_dataset("hsb")
    schools = hsb.groupby("id", observed=True).first()
    assert schools["sector"].value_counts().to_dict() == {"Public": 90, "Catholic": 70}
    assert math.isclose(hsb["mathach"].mean(), 12.75, abs_tol=0.005)
    assert math.isclose(hsb["mathach"].std(), 6.88, abs_tol=0.005)
    assert math.isclose((hsb["minority"] == "Yes").mean(), 0.27, abs_tol=0.005)
    assert math.isclose((hsb["sex"] == "Female").mean(), 0.53, abs_tol=0.005)
    # id: unordered, by number, and the rows of a school stand together in that order.
    assert not hsb["id"].cat.ordered
    assert hsb["id"].cat.codes.is_monotonic_increasing
    assert hsb["id"].cat.categories.astype(int).is_monotonic_increasing


def test_hsb_course_notes_subset_has_686_rows():
    """The 16 schools that R's set.seed(840); sample(unique(id), 16) draws."""
    drawn = "4931 4325 9104 8150 9198 2990 9158 8193 2030 7101 5761 8800 9508 5838 8188 3999"
    assert load_dataset("hsb")["id"].isin(drawn.split()).sum() == 686


def test_pop_syn_is_hoxs_layout():
    """Hox's data: 2000 pupils, 100 schools of 16 to 26 pupils, 2 to 25 years of experience."""
    pop_syn = load_dataset("pop_syn")
    schools = pop_syn.groupby("school")
    assert len(schools) == 100
    assert (schools.size().min(), schools.size().max()) == (16, 26)
    assert (schools["texp"].min() == schools["texp"].max()).all()
    assert (pop_syn["texp"].min(), pop_syn["texp"].max()) == (2, 25)
    assert set(pop_syn["sex"]) == {0, 1}


def test_a_frame_belongs_to_its_caller():
    spoiled = load_dataset("Dyestuff")
    spoiled.loc[:, "Yield"] = 0.0
    assert load_dataset("Dyestuff")["Yield"].iloc[0] == 1545


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dyestuff", "Did you mean 'Dyestuff'?"),
        ("HSB", "Did you mean 'hsb'?"),
        ("sleep_study", "Did you mean 'sleepstudy'?"),
    ],
)
def test_unknown_name_lists_and_suggests(name, hint):
    with pytest.raises(ArgumentError, match=r"`name` must be one of 'Dyestuff'") as caught:
        load_dataset(name)
    assert all(repr(known) in str(caught.value) for known in list_datasets())
    assert f"got {name!r}" in str(caught.value)
    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize("name", ["iris", "", 3, None])
def test_hopeless_name_suggests_nothing(name):
    with pytest.raises(ArgumentError, match=r"got .*\.$") as caught:
        load_dataset(name)
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("name", ["Dyestuff", "InstEval"])
@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_a_file_that_is_not_the_released_one_is_refused(name, damage, tmp_path, monkeypatch):
    about = dataset_provenance(name)
    content = bytearray((load_module.data_folder() / about.file).read_bytes())
    if damage == "changed":
        content[-10] ^= 1
    if damage != "missing":
        size = len(content) // 2 if damage == "truncated" else len(content)
        (tmp_path / about.file).write_bytes(content[:size])
    monkeypatch.setattr(load_module, "data_folder", lambda: tmp_path)
    with pytest.raises(DataError, match=rf"{about.file}.*is not the released one.*Reinstall"):
        load_dataset(name)


def test_provenance_is_immutable():
    about = dataset_provenance("cake")
    with pytest.raises(dataclasses.FrozenInstanceError):
        about.rows = 3
