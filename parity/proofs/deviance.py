"""bootmlm's deviance function with weights or an offset, and what is derived from it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.emulation.components import hessian_by_components
from parity.emulation.deviance import (
    Deviance,
    right_deviance,
    with_squared_weights,
    without_the_offset,
)
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial
from parity.values import Value
from pybootmlm import LmerFit

Array = NDArray[np.float64]
_Emulation = Callable[[LmerFit], Deviance | None]
_WEIGHTS = "with squared weights, plus the sum of their logarithms"
_OFFSET = "of y, with the offset taken from the residuals afterwards"
# uniroot stops within 1.2e-4 of theta; R's own limits miss the quantile by up to this much.
_MISSED = 5e-3


def weights_not_rooted(trial: Trial) -> Evidence | None:
    """Square the weights and leave their logarithms out: then our deviance is R's."""
    return _deviance(trial, with_squared_weights, _WEIGHTS)


def offset_not_subtracted(trial: Trial) -> Evidence | None:
    """Fit y as it is and put the offset into the residuals: then our deviance is R's."""
    return _deviance(trial, without_the_offset, _OFFSET)


def covariance_of_squared_weights(trial: Trial) -> Evidence | None:
    """Invert the Hessian of the deviance with squared weights: then it is R's covariance."""
    return _covariance(trial, with_squared_weights, _WEIGHTS)


def covariance_of_lost_offset(trial: Trial) -> Evidence | None:
    """Invert the Hessian of the deviance that loses the offset: then it is R's covariance."""
    return _covariance(trial, without_the_offset, _OFFSET)


def limits_of_squared_weights(trial: Trial) -> Evidence | None:
    """Profile the deviance with squared weights: R's limits lie where it meets the quantile."""
    return _limits(trial, with_squared_weights, _WEIGHTS)


def limits_of_lost_offset(trial: Trial) -> Evidence | None:
    """Profile the deviance that loses the offset: R's limits lie where it meets the quantile."""
    return _limits(trial, without_the_offset, _OFFSET)


def _deviance(trial: Trial, emulation: _Emulation, said: str) -> Evidence | None:
    fit, points = native_fit(trial), trial.answer.evidence["points"].numbers
    wrong, right = emulation(fit), right_deviance(fit)
    if wrong is None:
        return None
    emulated = compare(trial.expected, Value.of(wrong(points)), trial.tolerance)
    follows = compare(Value.of(right(points)), trial.observed, trial.tolerance)
    if not emulated.passed or not follows.passed:
        return None
    return {
        "our deviance function": "equals, at every point, what follows from our criterion (which "
        "the cases of devfun_lme4 compare with lme4's)",
        f"our deviance {said}, against R's": (
            f"all {emulated.count} points agree, to {emulated.digits:.1f} digits or more"
        ),
    }


def _covariance(trial: Trial, emulation: _Emulation, said: str) -> Evidence | None:
    fit = native_fit(trial)
    wrong = emulation(fit)
    if wrong is None:
        return None
    sd_cor = bool(trial.case.inputs["sd_cor"])
    ours = _twice_inverse(hessian_by_components(fit, right_deviance(fit), sd_cor))
    theirs = _twice_inverse(hessian_by_components(fit, wrong, sd_cor))
    names = trial.observed.names
    follows = compare(Value(ours, names, trial.observed.missing), trial.observed, trial.tolerance)
    emulated = compare(
        trial.expected, Value(theirs, names, trial.observed.missing), trial.tolerance
    )
    if not follows.passed or not emulated.passed:
        return None
    return {
        "the Hessian of our deviance by differences, inverted, against ours": agree(follows),
        f"that of our deviance {said}, inverted, against R's": agree(emulated),
    }


def _twice_inverse(hessian: Array) -> Array:
    return np.asarray(2.0 * np.linalg.inv(hessian), dtype=np.float64)


def _limits(trial: Trial, emulation: _Emulation, said: str) -> Evidence | None:
    _, theta = trial.model_sides()
    fit = native_fit(trial)
    wrong = emulation(fit)
    if wrong is None:
        return None
    quantile = float(trial.answer.evidence["quantile"].numbers[0])
    missed = _height(wrong, theta, trial.expected.numbers) - quantile
    ours = _height(right_deviance(fit), theta, trial.observed.numbers) - quantile
    # A limit of zero is the boundary: the deviance there has not yet risen to the quantile.
    theirs_met = (np.abs(missed) <= _MISSED) | ((trial.expected.numbers == 0) & (missed <= 0))
    met = np.abs(ours) <= trial.tolerance.criterion
    if not theirs_met.all() or not (met | ((trial.observed.numbers == 0) & (ours <= 0))).all():
        return None
    return {
        f"at R's limits, our profile deviance {said}, less the quantile": _list(missed),
        "at ours, our profile deviance less the quantile": _list(ours),
    }


def _height(deviance: Deviance, theta: Array, icc: Array) -> Array:
    """Return the profile deviance at limits of the ICC, above its value at theta."""
    at = np.sqrt(icc / (1.0 - icc))[:, None]
    height: Array = deviance(at) - deviance(theta[None])
    return height


def _list(numbers: Array) -> str:
    return ", ".join(f"{x:.2e}" for x in numbers)
