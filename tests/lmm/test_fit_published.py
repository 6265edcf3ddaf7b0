"""Fits against numbers in print.

Sources, with the digits they print:

- Bates, D. M. (2010). lme4: Mixed-effects modeling with R (draft of a book), chapter 1: Dyestuff,
  Dyestuff2; chapter 2: Penicillin, Pastes.
- Bates, D., Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear mixed-effects models
  using lme4. J. Stat. Softw. 67(1): sleepstudy.

A published number has an error of half a unit of its last digit; the optimiser of the time may
add one such unit, so the bound is one and a half units.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import pybootmlm as bm

Fitted = Callable[..., bm.LmerFit]


class Published(NamedTuple):
    data: str
    formula: str
    reml: bool
    criterion: str
    sds: tuple[str, ...]  # of the random effects, in order, and of the residual
    fixef: tuple[str, ...]
    std_errors: tuple[str, ...]


DYESTUFF = "Yield ~ 1 + (1 | Batch)"
SLEEP = "Reaction ~ Days + (Days | Subject)"
PUBLISHED = [
    Published(
        "Dyestuff", DYESTUFF, True, "319.6543", ("42.001", "49.510"), ("1527.50",), ("19.38",)
    ),
    Published(
        "Dyestuff", DYESTUFF, False, "327.3271", ("37.260", "49.510"), ("1527.50",), ("17.69",)
    ),
    Published(
        "Dyestuff2", DYESTUFF, True, "161.8283", ("0.0000", "3.7157"), ("5.666",), ("0.678",)
    ),
    Published(
        "Dyestuff2", DYESTUFF, False, "162.8730", ("0.0000", "3.6532"), ("5.666",), ("0.6670",)
    ),
    Published(
        "Penicillin",
        "diameter ~ 1 + (1 | plate) + (1 | sample)",
        True,
        "330.8606",
        ("0.84671", "1.93157", "0.54992"),
        ("22.9722",),
        ("0.8086",),
    ),
    Published(
        "Pastes",
        "strength ~ 1 + (1 | sample) + (1 | batch)",
        True,
        "246.9907",
        ("2.9041", "1.2874", "0.82341"),
        ("60.0533",),
        ("0.6769",),
    ),
    Published(
        "sleepstudy",
        SLEEP,
        True,
        "1743.628",
        ("24.741", "5.922", "25.592"),
        ("251.405", "10.467"),
        ("6.825", "1.546"),
    ),
    Published(
        "sleepstudy",
        "Reaction ~ Days + (Days || Subject)",
        True,
        "1743.669",
        ("25.051", "5.988", "25.565"),
        ("251.405", "10.467"),
        ("6.885", "1.560"),
    ),
    Published(
        "sleepstudy",
        SLEEP,
        False,
        "1751.939",
        ("23.780", "5.717", "25.592"),
        ("251.405", "10.467"),
        ("6.632", "1.502"),
    ),
]


def off(value: float, printed: str) -> float:
    """Distance in units of the last printed digit."""
    decimals = len(printed.partition(".")[2])
    return abs(value - float(printed)) * 10**decimals


def misses(fit: bm.LmerFit, case: Published) -> list[str]:
    sds = [sd for term in fit.varcorr.terms for sd in term.sd] + [fit.sigma]
    pairs = [
        (fit.criterion, case.criterion),
        *zip(sds, case.sds, strict=True),
        *zip(fit.beta, case.fixef, strict=True),
        *zip(fit.std_errors, case.std_errors, strict=True),
    ]
    return [f"{value} for {printed}" for value, printed in pairs if off(value, printed) > 1.5]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda c: f"{c.data}, {c.formula}, {c.reml}")
def test_published(fitted: Fitted, case: Published):
    assert misses(fitted(case.data, case.formula, case.reml), case) == []


def test_control_two_units_are_seen(fitted: Fitted):
    case = PUBLISHED[0]
    fit = fitted(case.data, case.formula, case.reml)
    assert len(misses(fit, case._replace(criterion="319.6545"))) == 1
    assert len(misses(fit.refit_ml(), case)) == 3, "ML has another criterion, sd and error"


def test_published_correlation_and_information_criteria(fitted: Fitted):
    """JSS 2015, section 1.2 (correlation 0.07); book, section 1.3 (AIC 333.3, BIC 337.5)."""
    np.testing.assert_allclose(
        fitted("sleepstudy", SLEEP).varcorr.terms[0].cor[1, 0], 0.07, atol=5e-3
    )
    fit = fitted("Dyestuff", DYESTUFF, False)
    np.testing.assert_allclose([fit.aic, fit.bic, fit.loglik], [333.3, 337.5, -163.7], atol=0.05)
