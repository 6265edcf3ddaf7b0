"""One quantity a file: the Python call beside its R expression."""

from types import ModuleType

from parity.errors import CaseError
from parity.probes import (
    anova_certified,
    anova_exact,
    augment,
    boot_ci,
    boot_mer,
    bootstrap_case,
    bootstrap_mer,
    case_rows,
    coefficient_tests,
    confint,
    confint_bca,
    confint_parm,
    contest,
    criterion,
    delta_method,
    devfun_lme4,
    devfun_mer,
    devfun_mer2,
    effect_pool,
    emmeans,
    empinf_mer,
    empinf_merm,
    error_pool,
    exact_lrt,
    exact_rlrt,
    fifty_digits,
    fitted,
    fixef,
    glance,
    hatvalues,
    information,
    kr_modcomp,
    loglik,
    ls_means,
    optimum,
    pb_modcomp,
    predict_interval,
    prof_ci_icc,
    published,
    random_seed,
    ranef,
    ranova,
    re_sim,
    refit_same,
    replayed,
    replayed_normals,
    resid,
    responses,
    scores_mer,
    seed_null,
    shape,
    sigma,
    sim,
    simulate,
    solve_eigen_sqrt,
    statistic,
    std_errors,
    stream,
    term_tests,
    textbook,
    tidy,
    tightened,
    u,
    varcorr,
    vcov,
    vcov_adj,
    vcov_theta,
    vcov_vc,
)
from parity.probes.probe import Probe

_MODULES: tuple[ModuleType, ...] = (
    optimum, criterion, devfun_lme4, fixef, sigma, loglik, information, vcov, std_errors,
    varcorr, ranef, u, fitted, resid, hatvalues, shape, fifty_digits, tightened, refit_same,
    statistic,
    devfun_mer, devfun_mer2, vcov_theta, vcov_vc, scores_mer, empinf_mer, empinf_merm,
    prof_ci_icc, solve_eigen_sqrt,
    stream, random_seed, effect_pool, error_pool, simulate, responses, case_rows, replayed,
    replayed_normals, boot_mer, bootstrap_mer, bootstrap_case, boot_ci, confint, confint_bca,
    confint_parm, seed_null, published, anova_certified, anova_exact, textbook,
    coefficient_tests, term_tests, contest, vcov_adj, kr_modcomp, ls_means, emmeans, ranova,
    exact_rlrt, exact_lrt, pb_modcomp, delta_method, sim, re_sim, predict_interval, tidy, glance,
    augment,
)  # fmt: skip
PROBES: dict[str, Probe] = {module.PROBE.name: module.PROBE for module in _MODULES}

__all__ = ["PROBES", "Probe", "probe_of"]


def probe_of(quantity: str) -> Probe:
    """Return the probe of a quantity."""
    if quantity not in PROBES:
        message = f"there is no quantity '{quantity}'; probes are {', '.join(sorted(PROBES))}"
        raise CaseError(message)
    return PROBES[quantity]
