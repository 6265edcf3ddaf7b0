"""A fitted merMod of R's as a fit of pybootmlm, at R's theta, without fitting it again."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from parity.bridge import RProcess
from parity.errors import RefitMovesWarning, RObjectError
from parity.r_objects.ask_r import description_of
from parity.r_objects.described import Described, Frame, described
from parity.r_objects.raw_columns import RawColumns, raw_columns
from pybootmlm.exceptions import PybootmlmError, RankDeficiencyWarning
from pybootmlm.formula import parse_formula
from pybootmlm.lmm.call import Call, response_of
from pybootmlm.lmm.fit import LmerFit, evaluate_at
from pybootmlm.lmm.model import build_model

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
        given = None if data is None else _rows_of(data, told)
        columns = raw_columns(parse_formula(told.formula), told, given)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RankDeficiencyWarning)  # R said so when it fitted
            fit = _fit_at(told, columns)
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


def _rows_of(data: pd.DataFrame, r: Described) -> Frame:
    """The rows that R used: all of them, or those at the positions that R's names say."""
    if len(data) != len(r.rows):
        texts = pd.Index([str(row) for row in data.index])
        named = texts.is_unique and not isinstance(data.index, pd.RangeIndex)
        if named and set(r.rows) <= set(texts):
            data = data.iloc[texts.get_indexer(pd.Index(r.rows))]
        elif all(row.isdigit() and 1 <= int(row) <= len(data) for row in r.rows):
            data = data.iloc[[int(row) - 1 for row in r.rows]]
        else:
            message = (
                f"`data` has {len(data)} rows and R used {len(r.rows)}, whose names are not theirs"
            )
            raise RObjectError(message)
    return {str(name): column.reset_index(drop=True) for name, column in data.items()}


def _fit_at(r: Described, raw: RawColumns) -> LmerFit:
    call = _call(r, raw)
    design = call.design()
    if not r.response_as_framed:  # R's refit(fit, newresp) leaves the old one in the frame
        call = replace(call, response=response_of(design, r.response))
        design = replace(design, y=r.response)
    if design.fixed_names != r.fixed:
        message = (
            f"the fixed effects would be {', '.join(design.fixed_names)}, but R's are "
            f"{', '.join(r.fixed)}; make the variables factors with the levels in R's order"
        )
        raise RObjectError(message)
    model = build_model(design)
    lengths = (len(r.theta), sum(len(t) * (len(t) + 1) // 2 for t in model.labels.terms))
    if lengths[0] != lengths[1]:
        message = f"R's theta has {lengths[0]} elements, the model {lengths[1]}"
        raise RObjectError(message)
    fit = evaluate_at(model, r.theta, r.reml and design.X.shape[1] > 0)
    return replace(fit, call=call, messages=r.messages)


def _call(r: Described, raw: RawColumns) -> Call:
    columns = dict(raw.columns)
    beside = {}
    for argument in ("weights", "offset"):
        if (name := f"({argument})") in r.frame:
            columns[name] = pd.Series(r.frame[name])
            beside[argument] = name
    frame = pd.DataFrame(columns)
    frame.index = _labels(r.rows)
    if r.excluded:
        kept = np.delete(np.arange(len(frame) + len(r.omitted)), r.omitted)
        whole = np.empty(len(frame) + len(r.omitted), dtype=object)
        whole[kept], whole[r.omitted] = r.rows, r.omitted_rows
        frame = frame.reindex(_labels(tuple(whole)))
    used = {n: c for n, c in r.contrasts.items() if not _default(n, c, r)}
    return Call(
        formula=r.formula,
        data=frame,
        reml=r.reml,
        contrasts=used or None,
        na_action="exclude" if r.excluded else "omit",
        states=r.states or None,
        weights=beside.get("weights"),
        offset=beside.get("offset"),
    )


def _labels(rows: tuple[str, ...]) -> "pd.Index[Any]":
    return pd.Index([int(row) for row in rows] if all(r.isdigit() for r in rows) else list(rows))


def _default(name: str, contrast: str | pd.DataFrame, r: Described) -> bool:
    ordered = getattr(getattr(r.frame.get(name), "cat", None), "ordered", False)
    return isinstance(contrast, str) and contrast == (
        "contr.poly" if ordered else "contr.treatment"
    )


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
