"""One quantity a file: the Python call beside its R expression."""

from types import ModuleType

from parity.errors import CaseError
from parity.probes import (
    criterion,
    devfun_lme4,
    devfun_mer,
    devfun_mer2,
    empinf_mer,
    empinf_merm,
    fitted,
    fixef,
    hatvalues,
    information,
    loglik,
    optimum,
    prof_ci_icc,
    ranef,
    refit_same,
    resid,
    scores_mer,
    shape,
    sigma,
    solve_eigen_sqrt,
    std_errors,
    u,
    varcorr,
    vcov,
    vcov_theta,
    vcov_vc,
)
from parity.probes.probe import Probe

_MODULES: tuple[ModuleType, ...] = (
    optimum, criterion, devfun_lme4, fixef, sigma, loglik, information, vcov, std_errors,
    varcorr, ranef, u, fitted, resid, hatvalues, shape, refit_same,
    devfun_mer, devfun_mer2, vcov_theta, vcov_vc, scores_mer, empinf_mer, empinf_merm,
    prof_ci_icc, solve_eigen_sqrt,
)  # fmt: skip
PROBES: dict[str, Probe] = {module.PROBE.name: module.PROBE for module in _MODULES}

__all__ = ["PROBES", "Probe", "probe_of"]


def probe_of(quantity: str) -> Probe:
    """Return the probe of a quantity."""
    if quantity not in PROBES:
        message = f"there is no quantity '{quantity}'; probes are {', '.join(sorted(PROBES))}"
        raise CaseError(message)
    return PROBES[quantity]
