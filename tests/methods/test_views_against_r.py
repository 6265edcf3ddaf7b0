"""Residuals, effects, coefficients and components against lme4's own.

`views.json` was made by views.R beside it, and names its versions. Each model is put at lme4's
theta; what remains is rounding, of the order of 1e-10 in units of the largest number of its kind.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import pybootmlm as bm

HERE = Path(__file__).parent
RECORD = json.loads((HERE / "views.json").read_text(encoding="utf-8"))
Model = dict[str, Any]
Pairs = Iterator[tuple[str, Any, Any]]

# Both sides solve well-conditioned systems in double precision at one theta.
ROUNDING = 1e-8


def title(model: Model) -> str:
    extra = "".join(f", {model[k]}" for k in ("weights", "offset", "na") if model.get(k))
    return f"{model['data']}: {model['formula']}, {'REML' if model['reml'] else 'ML'}{extra}"


def forms(matrix: Any) -> list[float]:
    """The bilinear forms by which views.R writes a matrix down."""
    M = matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix, float)
    i, j = np.arange(1.0, len(M) + 1), np.arange(1.0, M.shape[1] + 1)
    pairs = [(np.cos(i), np.sin(j)), (np.sin(i**2), np.cos(j**2)), (np.cos(i), np.cos(j**2))]
    return [float(left @ M @ right) for left, right in pairs]


def close(ours: Any, theirs: np.ndarray) -> bool:
    """Equal to rounding, NaN where R has NaN or NA, and of one length."""
    mine = np.asarray(ours, float).ravel()
    if mine.shape != theirs.shape or (np.isnan(mine) != np.isnan(theirs)).any():
        return False
    known = theirs[np.isfinite(theirs)]
    scale = 1 + np.abs(known).max(initial=0)
    return bool(np.allclose(mine, theirs, rtol=ROUNDING, atol=ROUNDING * scale, equal_nan=True))


def by_row(model: Model, fit: bm.LmerFit) -> Pairs:
    for kind, expected in model["residuals"].items():
        yield f"residuals({kind})", fit.residuals(kind)[:40], expected
    yield "scaled residuals", fit.residuals("pearson", scaled=True)[:40], model["scaled"]
    yield "rstudent", fit.rstudent[:40], model["rstudent"]
    yield "cooks.distance", fit.cooks_distance[:40], model["cooks"]
    yield "hatvalues", fit.hatvalues[:40], model["hat"]
    yield "weights", fit.weights[:40], model["information"]["weights"]


def by_level(model: Model, fit: bm.LmerFit) -> Pairs:
    effects = fit.ranef(cond_var=True)
    frame, expected = effects.to_frame(), model["frame"]
    yield "condval", frame["condval"], expected["condval"]
    yield "condsd", frame["condsd"], expected["condsd"]
    for name, arrays in model["covariances"].items():
        ours, first = effects.covariances[name], 0
        for array in arrays:
            q = array["dim"][0]
            block = ours[:, first : first + q, first : first + q]
            yield f"postVar of {name}", np.moveaxis(block, 0, -1).ravel("F"), array["values"]
            first += q
    for name, one in model["pca"].items():
        ours = fit.re_pca()[name]
        yield f"sdev of {name}", ours.sdev, one["sdev"]
        # The sign of a component is arbitrary; one without variance has no direction at all.
        q = len(ours.sdev)
        kept = ours.sdev > 1e-6
        theirs = np.array([float(x) for x in one["rotation"]]).reshape(q, q, order="F")
        yield (
            f"rotation of {name}",
            np.abs(ours.rotation[:, kept]),
            [str(x) for x in np.abs(theirs[:, kept]).ravel()],
        )
    for name, one in (model["coef"] or {}).items():
        ours = fit.coef()[name][one["columns"]].loc[one["rows"]]
        yield f"coef of {name}", forms(ours), one["seen"]["forms"]


def information(model: Model, fit: bm.LmerFit) -> Pairs:
    expected = model["information"]
    yield "logLik", fit.log_lik(), expected["logLik"]
    yield "logLik, ML", fit.log_lik(reml=False), expected["logLik_ML"]


def refitted(model: Model, fit: bm.LmerFit) -> Pairs:
    """What rests on a refit, where ours may be lower: lme4 can stop early.

    For cake's slopes of temperature on the raw scale 1.1-31 stops 0.001 too high, 1.1-37 by 0.08.
    """
    expected = model["information"]
    yield "extractAIC", fit.extract_aic(), expected["extractAIC"]
    yield "extractAIC, k = 5", fit.extract_aic(5), expected["extractAIC5"]


NUMBERS = ["y", "mu", "u", "b", "sigma", "beta", "theta", "offset", "lower"]
COUNTS = ["REML", "is_REML", "n_rtrms", "n_rfacs", "N", "n", "p", "q", "k", "m"]
MATRICES = ["X", "A", "Zt", "Lambdat", "RX"]
LISTS_OF_MATRICES = ["Ztlist", "mmList", "Tlist", "ST"]
LISTS_OF_COUNTS = ["p_i", "l_i", "q_i", "m_i"]


def components(model: Model, fit: bm.LmerFit) -> Pairs:
    expected = model["getME"]
    for name in NUMBERS:
        found = fit.getME(name)
        yield name, found if np.ndim(found) == 0 else found[: len(expected[name])], expected[name]
    for name in COUNTS:
        yield name, fit.getME(name), str(float(expected[name]))
    for name in MATRICES:
        yield name, forms(fit.getME(name)), expected[name]["forms"]
        yield f"{name}'s shape", fit.getME(name).shape, [str(k) for k in expected[name]["dim"]]
    for name in LISTS_OF_MATRICES:
        for k, (one, other) in enumerate(
            zip(fit.getME(name).values(), expected[name], strict=True)
        ):
            yield f"{name}, {k}", forms(one), other["forms"]
    for name in LISTS_OF_COUNTS:
        yield name, list(fit.getME(name).values()), [str(k) for k in expected[name]]
    for name in ("Gp", "Tp"):
        yield name, fit.getME(name), [str(k) for k in expected[name]]
    yield "Lind", fit.getME("Lind") + 1, [str(k) for k in expected["Lind"]]
    L, RZX = fit.getME("L"), fit.getME("RZX").to_numpy()
    yield "LL'", forms(L @ L.T), expected["system"]["forms"]
    yield "RZX'RZX", forms(RZX.T @ RZX), expected["RZX_cross"]["forms"]
    cmp = fit.getME("devcomp")["cmp"]
    for name in cmp.index:
        yield name, cmp[name], expected["devcomp"][name]
    for name, count in fit.getME("devcomp")["dims"].items():
        yield name, count, str(expected["dims"][name])
    away = fit.getME("devfun")(fit.theta * 1.1 + 0.01)
    yield "devfun", away, expected["devfun"]


def differences(model: Model, fit: bm.LmerFit, make: ModuleType) -> list[str]:
    found = []
    for part in (by_row, by_level, components, information):
        for what, ours, theirs in part(model, fit):
            if not close(ours, make.floats(theirs)):
                found.append(f"{what}: {np.ravel(ours)[:4]} instead of {np.ravel(theirs)[:4]}")
    for what, (parameters, aic), theirs in refitted(model, fit):
        expected = make.floats(theirs)
        if parameters != expected[0] or not -1e-6 <= expected[1] - aic < 0.1:
            found.append(f"{what}: {(parameters, aic)} instead of {theirs}")
    frame = fit.ranef().to_frame()
    found += [
        f"{name} of as.data.frame(ranef)"
        for name in ("grpvar", "term", "grp")
        if frame[name].tolist() != model["frame"][name]
    ]
    for name, levels in model["getME"]["flist"].items():
        if fit.getME("flist")[name].astype(str).tolist()[:40] != levels:
            found.append(f"flist of {name}")
    cnms = [list(names) for _, names in fit.getME("cnms")]
    if cnms != [n if isinstance(n, list) else [n] for n in model["getME"]["cnms"]]:
        found.append("cnms")
    if [group for group, _ in fit.getME("cnms")] != model["getME"]["cnms_names"]:
        found.append("names of cnms")
    labels, assign = fit.terms.labels, fit.terms.assign
    if list(labels) != model["terms"]["labels"] or assign.tolist() != model["terms"]["assign"]:
        found.append("terms")
    if fit.fixed_formula != model["terms"]["fixed"]:
        found.append(f"formula: {fit.fixed_formula} instead of {model['terms']['fixed']}")
    if fit.df_residual != model["information"]["df"]:
        found.append("df.residual")
    return found


@pytest.mark.parametrize("model", RECORD["models"], ids=title)
def test_against_recorded_lme4(model: Model, make: ModuleType):
    assert differences(model, make.at_r(model), make) == []


@pytest.mark.parametrize("model", RECORD["models"], ids=title)
def test_the_model_frame_has_r_s_variables(model: Model, make: ModuleType):
    def flat(names: list[str]) -> set[str]:
        # Columns of poly() are a matrix in R.
        return {f"{n}{k}" for n in names for k in ((1, 2) if n.startswith("poly") else ("",))}

    fit = make.fit_of(model)
    assert set(fit.model_frame().columns) == flat(model["frame_names"])
    names = model["fixed_names"]
    expected = flat(names if isinstance(names, list) else [names])
    assert set(fit.model_frame(fixed_only=True).columns) == expected


def test_the_record_says_where_it_is_from():
    assert RECORD["provenance"]["script"] == "views.R"
    assert RECORD["provenance"]["R"].startswith("R version")
    assert len(RECORD["models"]) == 10


def test_control_a_changed_number_is_seen(make: ModuleType):
    model = json.loads(json.dumps(RECORD["models"][1]))
    fit = make.at_r(model)
    model["residuals"]["pearson"][7] = "0.5"
    model["frame"]["condsd"][3] = str(float(model["frame"]["condsd"][3]) * (1 + 1e-6))
    model["getME"]["A"]["forms"][1] = "1.0"
    model["information"]["extractAIC"][1] = "1700"
    model["frame"]["term"][0] = "Days"
    found = differences(model, fit, make)
    assert [text.split(":")[0] for text in found] == [
        "residuals(pearson)",
        "condsd",
        "A",
        "extractAIC",
        "term of as.data.frame(ranef)",
    ]


@pytest.mark.live_r
def test_against_live_lme4(make: ModuleType, tmp_path: Path):
    target = tmp_path / "views.json"
    command = ["Rscript", str(HERE / "views.R"), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    live = json.loads(target.read_text(encoding="utf-8"))["models"]
    assert [title(m) for m in live] == [title(m) for m in RECORD["models"]]
    for model in live:
        assert differences(model, make.at_r(model), make) == [], title(model)


def test_frames_are_indexed_by_the_rows_used(make: ModuleType):
    fit = make.fit_of(RECORD["models"][4])
    assert fit.model_frame().shape[0] == fit.nobs == 177
    assert fit.residuals().shape == (180,)
    assert fit.residuals().isna().sum() == 3
    assert isinstance(fit.model_frame()["Subject"].dtype, pd.CategoricalDtype)
