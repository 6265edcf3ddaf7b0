"""Quantities that 50-digit arithmetic computes from R's rows at a theta."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.errors import EvidenceError
from parity.referee.covariance import scale_of
from parity.referee.criterion_50_digits import profile
from parity.referee.cross_products import CrossProducts
from parity.referee.estimates_50_digits import ESTIMATES, estimates
from parity.referee.minimum_50_digits import hessian_50_digits
from parity.trial import Trial

Array = NDArray[np.float64]
# A quantity of the data at a theta, given degrees of freedom other than the method's or None.
Compute = Callable[[CrossProducts, Sequence[Any], int | None], Array]


def computation_of(trial: Trial) -> Compute | None:
    """Return how 50-digit arithmetic computes a trial's quantity; None if it does not."""
    name, model = trial.probe.name, trial.case.model
    if model is None or trial.answer.theta is None:
        return None
    reml = model.reml
    if name in ESTIMATES:
        return lambda products, theta, df: estimates(name, profile(products, theta, reml, df))
    if name == "devfun_lme4":
        points = trial.answer.evidence["points"].numbers.tolist()
        return lambda products, _, df: np.array(
            [float(profile(products, point, reml, df).criterion) for point in points]
        )
    if name == "vcov_theta":
        return partial(_vcov_theta, reml)
    return None


def _vcov_theta(
    reml: bool, products: CrossProducts, theta: Sequence[Any], _df: int | None
) -> Array:
    """Twice the inverse Hessian; steps in units of the columns of Z."""
    hessian = hessian_50_digits(products, theta, reml, scale_of(products.rows))
    try:
        inverse = products.mp.matrix(hessian) ** -1
    except ZeroDivisionError:
        raise EvidenceError("the Hessian has no inverse in 50 digits") from None
    t = len(theta)
    return np.array([[float(2 * inverse[i, j]) for j in range(t)] for i in range(t)])
