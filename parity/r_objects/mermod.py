"""A fitted merMod of R's as a fit of pybootmlm, at R's theta, without fitting it again."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from parity.bridge import RProcess
from parity.errors import RefitMovesWarning, RObjectError
from parity.r_objects.ask_r import description_of
from parity.r_objects.described import Described, described
from parity.r_objects.raw_columns import raw_columns
from parity.r_objects.rebuilt import fit_at, rows_of
from pybootmlm.exceptions import PybootmlmError, RankDeficiencyWarning
from pybootmlm.formula import parse_formula
from pybootmlm.lmm.fit import LmerFit

# Ours may be lower than R's criterion by more than this only where R stopped early (the rule by
# which parity judges optima).
RISE = 1e-6
# R's numbers at one theta, ours at the same: relative to sigma, standard errors or themselves.
# R's own are good to about 1e-10 where the model is well conditioned.
AGREEMENT = 1e-6


@dataclass(frozen=True, eq=False)
class MerMod:
    """A fit that was read from R.

    Attributes
    ----------
    fit : LmerFit
        The model at R's theta: nothing was optimised.
    agreement : mapping of str to float
        The largest difference between R's numbers and those of `fit`: ``beta`` in standard errors,
        ``sigma`` relative, ``u`` and ``fitted`` in units of sigma, ``logLik`` as it is.
    solved : tuple of str
        Columns of the data that neither R nor the caller had: solved for from what R's frame holds.
    messages : tuple of str
        What R said of its convergence.
    versions : mapping of str to str
        Of R and lme4, where the object was read.
    """

    fit: LmerFit
    agreement: Mapping[str, float]
    solved: tuple[str, ...]
    messages: tuple[str, ...]
    versions: Mapping[str, str]

    @cached_property
    def refitted(self) -> LmerFit:
        """The same model at our own optimum."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a singular fit, which R's reader knows
            return self.fit.refit()

    @property
    def rise(self) -> float:
        """By how much R's criterion lies above that of `refitted`."""
        return float(self.fit.criterion - self.refitted.criterion)

    @property
    def moves(self) -> bool:
        """Whether a refit would change the fit by more than R's usual tolerance."""
        return self.rise > RISE

    def __repr__(self) -> str:
        return f"<MerMod: {self.fit!r}, {self.rise:.2g} above the optimum>"


def read_mermod(
    source: "str | PathLike[str] | Any",
    *,
    data: pd.DataFrame | None = None,
    r: RProcess | None = None,
) -> MerMod:
    """Read a fit by ``lme4::lmer`` without fitting it again.

    Parameters
    ----------
    source : path or rpy2 object
        An RDS file, for which R with lme4 is needed; or the fit in a session of the caller's own.
    data : DataFrame, optional
        The data that R fitted, where the fit no longer has them and its formula transforms them:
        all its rows in R's order, or only those used.
    r : RProcess, optional
        The R that reads files, where several are read or another R is wanted; by default one is
        started, and ended.

    Returns
    -------
    MerMod
        The fit at R's theta, and how far it is from our optimum.

    Raises
    ------
    RObjectError
        The object is no linear mixed model; its data cannot be had; or our numbers at R's theta
        are not R's.
    RUnavailableError
        There is no R, or no lme4 in it.

    Warns
    -----
    RefitMovesWarning
        A refit would lower the criterion by more than 1e-6: R stopped early.

    Notes
    -----
    R's formula is read by our grammar, and the columns come from R's model frame, which holds
    ``log(y)`` rather than ``y``. The data of R's call are taken where they are still with the fit;
    else a column is solved for, which costs a rounding. Every variable is evaluated again and
    compared with R's frame, and every estimate with R's.
    """
    where = f"'{source}'" if isinstance(source, str | PathLike) else "the R object"
    document = description_of(source, "mermod", r)
    told = described(document, where)
    try:
        given = None if data is None else rows_of(data, told)
        columns = raw_columns(parse_formula(told.formula), told, given)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RankDeficiencyWarning)  # R said so when it fitted
            fit = fit_at(told, columns)
    except PybootmlmError as error:
        message = f"{where} cannot be had as a fit of pybootmlm: {error}"
        raise RObjectError(message) from error
    except RObjectError as error:
        message = f"{where}: {error}"
        raise RObjectError(message) from None
    found = MerMod(fit, _agreement(fit, told, where), columns.solved, told.messages, told.versions)
    if found.moves:
        warnings.warn(_moved(found), RefitMovesWarning, stacklevel=2)
    return found


def _agreement(fit: LmerFit, r: Described, where: str) -> dict[str, float]:
    """Our numbers at R's theta against R's.

    Raises
    ------
    RObjectError
        They are not the same, so that the model is not.
    """

    def largest(ours: Any, theirs: Any, unit: Any) -> float:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        if ours.shape != theirs.shape:
            return float("inf")
        return float((np.abs(ours - theirs) / unit).max(initial=0.0))

    errors = np.sqrt(np.diag(fit.vcov))
    found = {
        "beta": largest(fit.beta, r.beta, errors),
        "sigma": largest(fit.sigma, r.sigma, r.sigma),
        "u": largest(fit.u, r.u, r.sigma),
        "fitted": largest(fit.mu, r.fitted, r.sigma),
        "logLik": largest(fit.loglik, r.loglik, 1.0),
    }
    off = {name: value for name, value in found.items() if not value <= AGREEMENT}
    if off:
        listed = ", ".join(f"{name} by {value:.2g}" for name, value in off.items())
        message = (
            f"{where}: our numbers at R's theta are not R's ({listed}), so this is not the model "
            "that R fitted; contrasts that R took for random effects from its options or the "
            "factor are one cause, levels in another order another. Give the data as R had them "
            "(`data=`)"
        )
        raise RObjectError(message)
    return found


def _moved(found: MerMod) -> str:
    ours = found.refitted
    steps = np.abs(ours.beta - found.fit.beta) / np.sqrt(np.diag(ours.vcov))
    said = f" R said of it: {'; '.join(found.messages)}." if found.messages else ""
    return (
        f"R stopped {found.rise:.3g} above the optimum of its criterion ({found.fit.criterion:.6f};"
        f" {ours.criterion:.6f} at ours). A refit takes theta from "
        f"{np.array2string(found.fit.theta, precision=4)} to "
        f"{np.array2string(ours.theta, precision=4)} and the fixed effects by up to "
        f"{steps.max(initial=0.0):.2g} standard errors: `refitted` has it.{said}"
    )
