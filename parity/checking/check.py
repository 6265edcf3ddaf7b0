"""Compare one's own model with R, from Python."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from parity.cases.own import Extras, own_model
from parity.checking.from_fit import model_of_fit
from parity.checking.question import Question
from parity.checking.result import CheckResult
from parity.checking.run import Source, run_check
from parity.checking.statistic import Asked, read_statistics
from parity.errors import CaseError
from pybootmlm import LmerFit


def check(
    model: LmerFit | str,
    data: pd.DataFrame | None = None,
    *,
    reml: bool | None = None,
    weights: str | None = None,
    offset: str | None = None,
    bootstrap: str | Sequence[str] = (),
    nsim: int = 200,
    seed: int = 85957,
    statistic: Asked | None = None,
    r_statistic: str | None = None,
    everything: bool = False,
    name: str = "model",
    rscript: str | None = None,
    timeout: float = 300.0,
    reference: Path | str | None = None,
    save_reference: Path | str | None = None,
) -> CheckResult:
    """Compare a model of one's own with R, quantity by quantity.

    Parameters
    ----------
    model : LmerFit or str
        A fit by `pybootmlm.lmer`, or an lme4 formula.
    data : DataFrame, optional
        The data of a formula; with a fit, by default those that it holds.
    reml : bool, optional
        Restricted maximum likelihood (the default), or maximum likelihood. A fit knows it.
    weights, offset : str, optional
        Columns of `data`. A fit knows them.
    bootstrap : str or sequence of str
        Bootstraps to compare replicate by replicate: ``"parametric"``, ``"residual"``,
        ``"residual_cgr"``, ``"residual_trans"``, ``"residual_trans-corrected"``, ``"reb"``,
        ``"reb-scaled"``, ``"case"``, ``"case-rows"``.
    nsim, seed : int
        Replicates of each, and R's seed.
    statistic : str, callable, or sequence of these, optional
        Names that both sides know (those of `pybootmlm.statistics`), or a function of a fit, which
        needs its twin in R. Computed on the fit and on every bootstrap replicate.
    r_statistic : str, optional
        R code of the twin, ``"function(x) sigma(x)^2"``. R runs it as it stands.
    everything : bool
        Ask R also what takes it minutes and gigabytes on large data.
    name : str
        What the model is called in the report.
    rscript : str, optional
        What starts the R to ask, such as ``"chroot /trixie Rscript"``; by default rpy2's R.
    timeout : float
        Seconds that R may take for one case.
    reference : path, optional
        A folder of R's answers that `save_reference` made: no R is needed.
    save_reference : path, optional
        A folder in which R's answers are kept.

    Returns
    -------
    CheckResult
        Prints as the verdict table.

    Raises
    ------
    ParityError
        The question cannot be put; the message says why. Where R or Python fail on a quantity,
        that is the verdict on it, and no error.
    """
    names, own_statistic = read_statistics(statistic, r_statistic)
    extras = Extras(
        bootstraps=(bootstrap,) if isinstance(bootstrap, str) else tuple(bootstrap),
        nsim=nsim,
        seed=seed,
        statistics=names,
        own_statistic=own_statistic,
        everything=everything,
    )
    question = _question(model, data, name, extras, reml=reml, weights=weights, offset=offset)
    return run_check(question, Source(rscript, timeout, reference, save_reference))


def _question(
    model: Any, data: pd.DataFrame | None, name: str, extras: Extras, **options: Any
) -> Question:
    """Describe the model, from a fit or from a formula with its data."""
    given = {option: value for option, value in options.items() if value is not None}
    if isinstance(model, LmerFit):
        if given:
            message = (
                f"`{next(iter(given))}` is known from the fit: leave it out, or give a formula"
            )
            raise CaseError(message)
        return Question(*model_of_fit(model, name, data), extras)
    if not isinstance(model, str):
        message = f"`model` must be a fit of `lmer` or a formula; got {type(model).__name__}"
        raise CaseError(message)
    if data is None:
        message = "`data` is missing: a formula needs the data frame that it is fitted to"
        raise CaseError(message)
    return Question(own_model(model, data, name=name, **given), extras=extras)
