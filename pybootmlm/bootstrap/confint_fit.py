"""Bootstrap limits for all parameters of a fit: the method ``"boot"`` of its `confint`."""

from typing import Any

import numpy as np

from pybootmlm.bootstrap.bootstrap_mer import bootstrap_mer
from pybootmlm.inference.statistics import var_corr_sd
from pybootmlm.methods.confint import METHODS, Request


def bootstrap_limits(request: Request) -> np.ndarray:
    """Limits (k, 2) from a parametric bootstrap of all parameters, as lme4 takes them."""
    t = request.fit.theta.size

    def everything(fit: Any) -> np.ndarray:
        return np.concatenate([list(var_corr_sd(fit).values()), fit.beta])

    boot = bootstrap_mer(request.fit, everything, request.nsim, rng=request.rng)
    limits = boot.confint(level=request.level, type=request.boot_type).to_numpy()
    first = {"theta": 0, "sigma": t, "beta": t + 1}
    return np.asarray(limits[[first[one.kind] + one.position for one in request.parameters]])


METHODS["boot"] = bootstrap_limits
