"""A user's own model: its tags, read off the model itself, and the cases that apply to it."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from parity.cases.case import Case, Model
from parity.cases.limits import too_large
from parity.cases.load import cases_of, tag_grids
from parity.errors import CaseError
from pybootmlm import LmerFit, lmer
from pybootmlm.design.model import ModelDesign
from pybootmlm.exceptions import PybootmlmError, PybootmlmWarning
from pybootmlm.formula import parse_formula
from pybootmlm.formula.expression import Name

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
        Names of `parity.probes.statistics`, computed on both sides.
    everything
        Ask R also what takes it minutes or all memory (see `parity.cases.limits`).
    """

    bootstraps: Sequence[str] = ()
    nsim: int = 200
    seed: int = 85957
    statistics: Sequence[str] = ()
    everything: bool = False

    def __post_init__(self) -> None:
        strange = [name for name in self.bootstraps if name not in BOOTSTRAPS]
        if strange:
            message = f"there is no bootstrap '{strange[0]}'; they are {', '.join(BOOTSTRAPS)}"
            raise CaseError(message)
        if self.nsim < 2:
            message = f"`nsim` must be 2 or more; got {self.nsim}"
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
    rows
        Number of rows without missing values: those that are used.
    """

    model: Model
    frame: pd.DataFrame
    rows: int


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
) -> OwnModel:
    """Describe a model of the user's: fit it once, and derive the tags that grids go by.

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
    try:
        text = parse_formula(formula).text
        columns = [*parse_formula(formula).columns, *(c for c in (weights, offset) if c)]
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
        tags=tags_of(fit, weighted=weights is not None),
        weights=weights,
        offset=offset,
        cluster=_cluster(fit),
    )
    used = frame[list(dict.fromkeys(columns))].reset_index(drop=True)
    return OwnModel(model, used, len(fit.design.y))


def tags_of(fit: LmerFit, *, weighted: bool) -> frozenset[str]:
    """Read off a fit what grids of cases and deviations ask about a model."""
    design = fit.design
    read = parse_formula(design.formula)
    one = len(design.factors) == 1
    plain = all(isinstance(expression, Name) for expression in read.expressions)
    single = all(len(bar.grouping.variables) == 1 for bar in read.bars)
    singular = fit.is_singular()
    facts = {
        "one-factor": one,
        "several-factors": not one,
        "intercept": [term.names for term in design.terms] == [("(Intercept)",)],
        "slope": any(len(term.names) > 1 for term in design.terms),
        "uncorrelated": len(design.terms) > len(design.factors),
        "several-fixed-effects": design.X.shape[1] > 1,
        "weighted": weighted,
        "offset": design.offset is not None,
        "missing-rows": len(design.y) < design.n_total,
        "unsorted": _is_unsorted(design),
        "singular": singular,
        "regular": not singular,
        "transformed": not plain,
        "interaction-grouping": not single,
        "scores": one,
        "scores-level-1": not one,
        "influence": one and plain and single,
    }
    return frozenset(tag for tag, holds in facts.items() if holds)


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
                kind = " and ".join(unproven)
                reasons[case.id] = f"R's answer is known to be wrong for a model that is {kind}"
    cases.extend(_bootstraps(own.model, extras))
    if not extras.everything:
        for case in cases:
            why = too_large(case.quantity, own.rows)
            if why is not None:
                reasons[case.id] = why
    return OwnCases(tuple(cases), reasons)


def _bootstraps(model: Model, extras: Extras) -> Iterator[Case]:
    for name in extras.bootstraps:
        inputs = {**BOOTSTRAPS[name], "seed": extras.seed, "nsim": extras.nsim}
        refits, data = {
            "parametric": ("boot_mer", "simulate"),
            "case": ("bootstrap_case", "case_rows"),
        }.get(inputs.get("type", name), ("bootstrap_mer", "responses"))
        shown = {**inputs, "nsim": min(_RESPONSES, extras.nsim)}
        kind = {"requirement": "bootstrap.responses", "quantity": data, "tolerance": "resampled"}
        if "singular" in model.tags:
            kind["tolerance"] = "resampled_singular"
        case = Case(id=f"{model.id}/{data}/{name}", model=model, inputs=shown, **kind)
        yield case
        yield replace(
            case,
            id=f"{model.id}/{refits}/{name}",
            requirement="bootstrap.refits",
            quantity=refits,
            tolerance="replicates",
            inputs=inputs,
        )


def _cluster(fit: LmerFit) -> str | None:
    """Return the column whose values are the clusters of a two-level model."""
    bars = parse_formula(fit.design.formula).bars
    variables = {variable for bar in bars for variable in bar.grouping.variables}
    only = next(iter(variables))
    return only.name if len(variables) == 1 and isinstance(only, Name) else None


def _is_unsorted(design: ModelDesign) -> bool:
    return any(bool((np.diff(factor.codes) < 0).any()) for factor in design.factors)
