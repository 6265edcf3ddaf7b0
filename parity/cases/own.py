"""A user's own model: its tags, read off the model itself, and the cases that apply to it."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pandas as pd

from parity.cases.case import Case, Model
from parity.cases.limits import Size, too_large
from parity.cases.load import cases_of, tag_grids
from parity.cases.tags import cluster_of, tags_of
from parity.errors import CaseError
from parity.probes.statistics import check_names
from pybootmlm import LmerFit, lmer
from pybootmlm.exceptions import PybootmlmError, PybootmlmWarning
from pybootmlm.formula import parse_formula

BOOTSTRAPS: Mapping[str, Mapping[str, Any]] = {
    "parametric": {},
    "residual": {"type": "residual"},
    "residual_cgr": {"type": "residual_cgr"},
    "residual_trans": {"type": "residual_trans"},
    "residual_trans-corrected": {"type": "residual_trans", "corrected_trans": True},
    "reb": {"type": "reb"},
    "reb-scaled": {"type": "reb", "reb_scale": True},
    "case": {"type": "case"},
    "case-rows": {"type": "case", "lv1_resample": True},
}
_ONE_FACTOR = ("reb", "reb-scaled", "case", "case-rows")
# The quantities that compare the refits and the data of a bootstrap.
_QUANTITIES = {
    "parametric": ("boot_mer", "simulate"),
    "case": ("bootstrap_case", "case_rows"),
    "case-rows": ("bootstrap_case", "case_rows"),
}
# What is compared because the user asks for it.
CHOSEN = {"statistic", "bootstrap_mer", "responses", *chain.from_iterable(_QUANTITIES.values())}
_ESTIMATES = ("fixef", "sigma", "theta")  # every replicate has them anyway
_WRONG = "not asked: R's answer is known to be wrong for a model that is {}"
_NO_NAME = set('/\\:*?"<>|\n\r\t\0')  # it becomes a part of ids and of file names
_RESPONSES = 2  # new responses are shown for so many replicates; the refits show the rest


@dataclass(frozen=True)
class Extras:
    """What is compared besides the quantities that every model has.

    Attributes
    ----------
    bootstraps
        Names of `BOOTSTRAPS`.
    nsim, seed
        Replicates of each bootstrap, and the seed of its stream.
    statistics
        Names of statistics that both sides have, such as "icc".
    own_statistic
        One of the user's own, as a case's inputs: ``python_statistic``, the name of a Python
        function, and ``r_statistic``, the same as R code.
    everything
        Ask R also what takes it minutes or all memory (see `parity.cases.limits`).
    """

    bootstraps: Sequence[str] = ()
    nsim: int = 200
    seed: int = 85957
    statistics: Sequence[str] = ()
    own_statistic: Mapping[str, str] = field(default_factory=dict)
    everything: bool = False

    def __post_init__(self) -> None:
        check_names(self.statistics)
        strange = [name for name in self.bootstraps if name not in BOOTSTRAPS]
        if strange:
            message = f"there is no bootstrap '{strange[0]}'; they are {', '.join(BOOTSTRAPS)}"
            raise CaseError(message)
        if self.nsim < 2:
            message = f"`nsim` must be 2 or more; got {self.nsim}"
            raise CaseError(message)
        if not -(2**31) < self.seed < 2**31:
            message = f"`seed` must be one of R's integers, below 2^31 in size; got {self.seed}"
            raise CaseError(message)


@dataclass(frozen=True)
class OwnModel:
    """A model of the user's, its data, and what follows from them.

    Attributes
    ----------
    model
        Formula, method and tags, under the name of the data.
    frame
        The columns that the model reads, all rows, numbered from 0.
    fit
        pybootmlm's fit of it.
    """

    model: Model
    frame: pd.DataFrame
    fit: LmerFit

    @property
    def rows(self) -> int:
        """Number of rows without missing values: those that are used."""
        return len(self.fit.design.y)

    @property
    def size(self) -> Size:
        """How much work the model is for R."""
        factors = self.fit.design.factors
        return Size(self.rows, len(factors[0].levels), len(self.fit.u), len(factors) > 1)


@dataclass(frozen=True)
class OwnCases:
    """The cases of a model, and why some of them are not put to R.

    Attributes
    ----------
    not_asked
        Reasons by the id of the case: these become the verdict "not-run".
    """

    cases: tuple[Case, ...]
    not_asked: Mapping[str, str] = field(default_factory=dict)


def own_model(
    formula: str,
    frame: pd.DataFrame,
    *,
    name: str = "own",
    data: str | None = None,
    reml: bool = True,
    weights: str | None = None,
    offset: str | None = None,
    fit: LmerFit | None = None,
) -> OwnModel:
    """Describe a model of the user's, with the tags that grids go by, which its fit tells.

    Parameters
    ----------
    formula
        An lme4 formula.
    frame
        The data; other columns than the model's are left behind.
    name
        What the model is called in reports.
    data
        What the data are called; `name` by default.
    weights, offset
        Names of columns.
    fit
        The model's fit, if it has been fitted already.

    Raises
    ------
    CaseError
        pybootmlm cannot fit the model: what it says is repeated.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> own = own_model("Yield ~ 1 + (1 | Batch)", bm.load_dataset("Dyestuff"), name="dye")
    >>> own.model.id, sorted(own.model.tags)
    ('dye/REML', ['influence', 'intercept', 'one-factor', 'regular', 'scores'])
    """
    if not name.strip() or any(mark in name for mark in _NO_NAME):
        message = f"a model's name must be text without slashes and the like; got {name!r}"
        raise CaseError(message)
    try:
        text = parse_formula(formula).text
        columns = [*parse_formula(formula).columns, *(c for c in (weights, offset) if c)]
        if fit is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PybootmlmWarning)
                fit = lmer(text, frame, reml=reml, weights=weights, offset=offset)
    except PybootmlmError as error:
        message = f"pybootmlm does not fit this model, so there is nothing to compare: {error}"
        raise CaseError(message) from error
    model = Model(
        id=f"{name}/{'REML' if reml else 'ML'}",
        data=name if data is None else data,
        formula=text,
        reml=reml,
        tags=tags_of(fit, weights, offset),
        weights=weights,
        offset=offset,
        cluster=cluster_of(fit),
    )
    used = frame[list(dict.fromkeys(columns))].reset_index(drop=True)
    return OwnModel(model, used, fit)


def cases_for(own: OwnModel, extras: Extras | None = None) -> OwnCases:
    """Expand the catalogue's grids for a model, and the bootstraps and statistics asked for."""
    extras = Extras() if extras is None else extras
    cases: list[Case] = []
    reasons: dict[str, str] = {}
    for grid in tag_grids():
        if not set(grid.get("tags", ())) <= own.model.tags:
            continue
        for case in cases_of(grid, own.model):
            cases.append(case)
            unproven = sorted(set(grid.get("without", ())) & own.model.tags)
            if unproven:
                reasons[case.id] = _WRONG.format(" and ".join(unproven))
    known = {case.id for case in cases}
    cases.extend(case for case in _statistics(own.model, extras) if case.id not in known)
    cases.extend(_bootstraps(own.model, extras))
    if not extras.everything:
        for case in cases:
            why = too_large(case, own.size)
            if why is not None:
                reasons[case.id] = why
    return OwnCases(tuple(cases), reasons)


def _statistics(model: Model, extras: Extras) -> Iterator[Case]:
    asked: dict[str, dict[str, Any]] = {name: {"statistics": [name]} for name in extras.statistics}
    if extras.own_statistic:
        asked["own"] = dict(extras.own_statistic)
    for name, inputs in asked.items():
        yield Case(
            id=f"{model.id}/statistic/{name}",
            requirement="statistics",
            quantity="statistic",
            tolerance="deterministic",
            model=model,
            inputs=inputs,
        )


def _bootstraps(model: Model, extras: Extras) -> Iterator[Case]:
    more: dict[str, Any] = dict(extras.own_statistic)
    named = [name for name in extras.statistics if name not in _ESTIMATES]
    if named:
        more["statistics"] = named
    for name in extras.bootstraps:
        if name in _ONE_FACTOR and "one-factor" not in model.tags:
            message = f"bootstrap '{name}' needs one grouping factor; this model has several"
            raise CaseError(message)
        inputs = {**BOOTSTRAPS[name], "seed": extras.seed, "nsim": extras.nsim}
        refits, data = _QUANTITIES.get(name, ("bootstrap_mer", "responses"))
        delicate = name == "residual" and bool({"singular", "deficient-cluster"} & model.tags)
        singular = "_singular" if "singular" in model.tags else ""
        yield Case(
            id=f"{model.id}/{data}/{name}",
            requirement="bootstrap.responses",
            quantity=data,
            tolerance="resampled_root" if delicate else f"resampled{singular}",
            model=model,
            inputs={**inputs, "nsim": min(_RESPONSES, extras.nsim)},
        )
        yield Case(
            id=f"{model.id}/{refits}/{name}",
            requirement="bootstrap.refits",
            quantity=refits,
            tolerance="replicates_root" if delicate else "replicates",
            model=model,
            inputs={**inputs, **more},
        )
