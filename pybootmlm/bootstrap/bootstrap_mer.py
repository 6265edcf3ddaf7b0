"""Bootstrap a fitted mixed model."""

import hashlib

import numpy as np

from pybootmlm.bootstrap.replicate import replicate
from pybootmlm.bootstrap.result import BootResult
from pybootmlm.checks import flag, positive_integer
from pybootmlm.inference.statistics import resolve_statistic
from pybootmlm.lmm.fit import LmerFit, checked_fit
from pybootmlm.lmm.statistic import Statistic, named_values
from pybootmlm.resampling.scheme import Scheme
from pybootmlm.resampling.table import resolve
from pybootmlm.rng.draws import RandomState, as_source, describe


def bootstrap_mer(
    fit: LmerFit,
    statistic: Statistic | str,
    nsim: int = 1,
    type: str | Scheme = "parametric",  # noqa: A002 (bootmlm's name)
    *,
    corrected_trans: bool | None = None,
    lv1_resample: bool | None = None,
    reb_scale: bool | None = None,
    rng: RandomState | None = None,
    n_jobs: int = 1,
    progress: bool = False,
    keep_fits: bool = False,
) -> BootResult:
    """Bootstrap a statistic of a fitted mixed model, as bootmlm's ``bootstrap_mer``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    statistic : callable or str
        Takes a fit and returns a number, an array, a Series or a dict of numbers; or the name of
        one in `pybootmlm.statistics`. It is called with a light view of every refit, which answers
        like a fit.
    nsim : int
        Number of replicates.
    type : str or Scheme
        ``"parametric"``, ``"residual"``, ``"residual_cgr"``, ``"residual_trans"``, ``"reb"`` or
        ``"case"``; the last two for models with one grouping factor.
    corrected_trans : bool, optional
        For ``"residual_trans"``: decorrelate with the variance of the residuals, not of y.
    lv1_resample : bool, optional
        For ``"case"``: draw rows within the drawn clusters too.
    reb_scale : bool, optional
        For ``"reb"``: rescale and centre effects and residuals.
    rng : int, Generator or RStream, optional
        A seed gives every replicate a NumPy stream of its own. An `RStream` gives R's draws:
        ``rng=RStream(85957)`` has the replicates of ``set.seed(85957)``. Without one, the result
        cannot be repeated.
    n_jobs : int
        Threads over batches of replicates; the answer does not depend on it.
    progress : bool
        Show a progress bar.
    keep_fits : bool
        Keep the refits in the result.

    Returns
    -------
    BootResult
        The statistic on the fit (`t0`), its replicates (`t`), and what can be made of them. A
        refit that fails is a row of NaN with its message. Warnings of the statistic are counted
        and not shown. Ctrl-C ends the run and gives what is
        finished, marked as incomplete.

    Raises
    ------
    ArgumentError
        An option has no meaning, does not belong to the type, or the type not to the model.
    StatisticError
        The statistic is not numeric, or fails on the fit itself or on every replicate.

    References
    ----------
    Van der Leeden, R., Meijer, E. and Busing, F. M. T. A. (2008). Resampling multilevel models. In
    Handbook of Multilevel Analysis, Springer, pp. 401-433. Carpenter, J. R., Goldstein, H. and
    Rasbash, J. (2003). Applied Statistics 52, 431-443. Chambers, R. and Chandra, H. (2013). Journal
    of Computational and Graphical Statistics 22, 452-470.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), reml=False)
    >>> boot = bm.bootstrap_mer(fit, "icc", 99, type="residual", rng=bm.RStream(85957))
    >>> boot.t.shape
    (99, 1)
    >>> boot.std_error.round(3).to_dict()
    {'icc': 0.181}
    """
    fit = checked_fit(fit)
    positive_integer(nsim, "nsim")
    positive_integer(n_jobs, "n_jobs")
    flag(progress, "progress")
    flag(keep_fits, "keep_fits")
    function = resolve_statistic(statistic)
    scheme = resolve(
        type, corrected_trans=corrected_trans, lv1_resample=lv1_resample, reb_scale=reb_scale
    )
    names, t0 = named_values(function, fit)
    source = as_source(rng)
    plan = scheme.plan(fit)
    found = replicate(fit, plan, source, function, len(t0), nsim, n_jobs, progress, keep_fits)
    return BootResult(
        t0=t0,
        t=found.t[: found.done],
        names=tuple(names),
        type=scheme.name,
        nsim=found.done,
        failures=found.failures,
        singular=found.singular,
        not_converged=found.not_converged,
        warnings=dict(found.warnings),
        formula=fit.formula,
        reml=fit.reml,
        origin=_origin(fit, scheme, names),
        seed=describe(rng),
        complete=found.done == nsim,
        fit=fit,
        statistic=function,
        kept=tuple(found.kept) if keep_fits else None,
    )


def _origin(fit: LmerFit, scheme: Scheme, names: list[str]) -> str:
    """Digest of what two runs must share to be one: model, data, estimates, scheme, statistic."""
    digest = hashlib.sha256()
    for text in (fit.formula, str(fit.reml), repr(scheme), *names):
        digest.update(text.encode() + b"\0")
    for array in (fit.design.y, fit.design.X, fit.theta):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
