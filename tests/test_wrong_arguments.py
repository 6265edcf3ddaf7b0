"""Arguments of the wrong kind: an error of ours that names the argument, never one of NumPy's."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pybootmlm as bm
from pybootmlm.exceptions import ArgumentError, PybootmlmError

DATA = bm.load_dataset("Dyestuff")
FORMULA = "Yield ~ 1 + (1 | Batch)"


@cache
def fit() -> bm.LmerFit:
    return bm.lmer(FORMULA, DATA, reml=False)


@cache
def boot() -> bm.BootResult:
    return bm.bootstrap_mer(fit(), "sigma", 20, rng=1)


def model(**options: Any) -> bm.LmerFit:
    return bm.lmer(FORMULA, DATA, **options)


def newton(**options: Any) -> bm.NewtonOptions:
    return bm.NewtonOptions(**options)


# What is called, and the argument that the message has to name.
WRONG: dict[str, tuple[Callable[[Any], object], str, list[Any]]] = {
    "data first": (lambda x: bm.lmer(x, FORMULA), "formula", [DATA, None, 3, ["y"]]),
    "reml": (lambda x: model(reml=x), "reml", ["yes", None, 1]),
    "start": (lambda x: model(start=x), "start", ["a", {"theta": 1}, [1j], [1, 2], [np.nan]]),
    "control": (lambda x: model(control=x), "control", [{}, "a"]),
    "newton": (lambda x: bm.LmerControl(newton=x), "newton", [{}, 3, None]),
    "checks": (lambda x: bm.LmerControl(checks=x), "checks", [{}, "stop", None]),
    "tolerance": (lambda x: newton(tolerance=x), "tolerance", [0, -1, "a", None, np.nan]),
    "max_iterations": (lambda x: newton(max_iterations=x), "max_iterations", [0, 1.5, "a"]),
    "theta": (lambda x: fit().at_theta(x), "theta", ["a", None, [1, 2], DATA]),
    "y": (lambda x: fit().refit(x), "y", ["a", [1.0], DATA, np.full(30, np.nan)]),
    "tol": (lambda x: fit().is_singular(x), "tol", ["a", None, [1.0]]),
    "devfun_mer": (lambda x: bm.devfun_mer(fit())(x), "", ["a", {}, None, [1.0]]),
    "devfun_mer2": (lambda x: bm.devfun_mer2(fit())(x), "", ["a", {}, None, [[1.0]]]),
    "sd_cor": (lambda x: bm.vcov_vc(fit(), sd_cor=x), "sd_cor", ["yes", None, 1]),
    "names": (lambda x: bm.vcov_vc(fit(), names=x), "names", ["yes", None, 0]),
    "level": (lambda x: bm.prof_ci_icc(fit(), level=x), "level", [None, "a", [0.9], 95, np.nan]),
    "eps_max": (lambda x: bm.prof_ci_icc(fit(), eps_max=x), "eps_max", [None, "a", 0, np.nan]),
    "index": (lambda x: bm.empinf_mer(fit(), "icc", x), "index", [None, "a", 0.0, [0], True, 5]),
    "M": (lambda x: bm.solve_eigen_sqrt(x, [1.0]), "M", ["a", None, [[1j]], [[np.nan]]]),
    "b": (lambda x: bm.solve_eigen_sqrt([[1.0]], x), "b", ["a", None, {}, [1j]]),
    "progress": (
        lambda x: bm.bootstrap_mer(fit(), "icc", progress=x),
        "progress",
        ["x", None, 1],
    ),
    "keep_fits": (
        lambda x: bm.bootstrap_mer(fit(), "icc", keep_fits=x),
        "keep_fits",
        ["x", None, 1],
    ),
    "boot": (lambda x: bm.boot_ci(x), "boot", [None, 3, fit(), DATA]),
    "L": (lambda x: bm.boot_ci(boot(), type="bca", L=x), "L", ["a", {}, [1.0, 2.0], [1j] * 6]),
    "var_t0": (lambda x: bm.boot_ci(boot(), type="norm", var_t0=x), "var_t0", ["a", [1, 2], -1]),
    "t": (lambda x: bm.boot_ci(boot(), type="norm", t0=1, t=x), "t", ["a", [1, 2], {}]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_named(name: str) -> None:
    call, argument, values = WRONG[name]
    for value in values:
        with pytest.raises(PybootmlmError, match=f"`{argument}`" if argument else None):
            call(value)


def test_a_response_of_other_rows_is_refused() -> None:
    """By position it would be fitted to the wrong rows, as weights and offsets would be."""
    y = pd.Series(DATA["Yield"].to_numpy(), index=DATA.index[::-1])
    with pytest.raises(ArgumentError, match="index of `y` differs"):
        fit().refit(y)
    assert fit().refit(DATA["Yield"]).sigma == pytest.approx(fit().sigma, rel=1e-6)


def test_a_formula_nested_beyond_reading() -> None:
    with pytest.raises(PybootmlmError, match="nested too deeply"):
        bm.lmer(f"Yield ~ I({'-' * 5000}Yield) + (1 | Batch)", DATA)


def test_fits_can_be_compared_and_collected() -> None:
    """By identity: comparing their arrays is a question of tolerance, and the user's."""
    other = fit().refit_ml().at_theta([1.0])
    assert fit() == fit()
    assert fit() != other
    assert len({fit(), other}) == 2


def test_a_deviance_function_shows_itself_in_one_line() -> None:
    assert repr(bm.devfun_mer2(fit())) == (
        f"<Deviance of {fit().formula!r} as a function of theta>"
    )


def test_limits_that_overflow_are_shown_as_r_shows_them() -> None:
    """R prints ``(Inf, Inf )`` where `hinv` makes infinities of the limits."""
    huge = bm.BootResult(np.array([1500.0]), 1500 + np.arange(99.0)[:, None], ("t1",), "", 99)
    found = bm.boot_ci(huge, type="perc", hinv=lambda x: x * np.inf)
    assert "95%   (Inf, Inf )" in str(found)
    assert "Inf" in found._repr_html_()
