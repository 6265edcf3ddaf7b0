"""Which random effects a prediction or simulation is conditional on (lme4's ``re.form``)."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pybootmlm.checks import shown
from pybootmlm.design.columns import Column, read_column
from pybootmlm.design.evaluate import Evaluator
from pybootmlm.design.matrices import MatrixSpec, matrix_spec
from pybootmlm.design.model import ModelDesign
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formula import Bar, Expression, column_names, parse_formula

#: What may be written for "no random effects".
NONE_AT_ALL = ("~0", "NA")


@dataclass(frozen=True, eq=False)
class Effects:
    """Random effects of one grouping factor that belong to one bar.

    Attributes
    ----------
    factor : int
        The grouping factor.
    columns : (k,) array of int
        Their positions among all effects of the factor.
    spec : MatrixSpec
        How their model matrix is built.
    term : int or None
        The term of the fit that they are, where they are one.
    """

    factor: int
    columns: NDArray[np.intp]
    spec: MatrixSpec
    term: int | None


def chosen_effects(design: ModelDesign, re_form: Any) -> tuple[Effects, ...]:
    """The random effects that `re_form` names: None for all, ``"~0"`` or NA for none, a formula.

    Raises
    ------
    ArgumentError
        It is something else, or names effects that the fit does not have.
    """
    if re_form is None:
        return all_effects(design)
    if isinstance(re_form, str):
        text = re.sub(r"\s+", "", re_form)
        return () if text in NONE_AT_ALL else _named(design, re_form)
    if re_form is False or (np.ndim(re_form) == 0 and pd.isna(re_form)):
        return ()
    raise ArgumentError(
        "`re_form` must be None (all random effects), '~0' or NA (none), or a formula of random "
        f"terms such as '~ (1 | g)'; got {re_form!r}."
    )


def all_effects(design: ModelDesign) -> tuple[Effects, ...]:
    """Every random effect, term by term."""
    used = [0] * len(design.factors)
    out = []
    for i, term in enumerate(design.terms):
        q, at = len(term.names), used[term.factor]
        out.append(Effects(term.factor, np.arange(at, at + q), term.spec, i))
        used[term.factor] += q
    return tuple(out)


def _named(design: ModelDesign, text: str) -> tuple[Effects, ...]:
    right = text.strip().removeprefix("~")
    parsed = parse_formula(f"RESPONSE ~ {right}")
    if parsed.fixed.terms or parsed.offsets:
        raise ArgumentError(
            "`re_form` must hold random terms only, such as '~ (1 | g)'; it holds fixed terms: "
            f"{text!r}."
        )
    out: list[Effects] = []
    taken: set[tuple[int, int]] = set()
    for bar in parsed.bars:
        effects = _effects_of(design, bar)
        pairs = {(effects.factor, int(column)) for column in effects.columns}
        if pairs & taken:
            raise ArgumentError(f"`re_form` names a random effect twice: {text!r}.")
        taken |= pairs
        out.append(effects)
    return tuple(out)


def _effects_of(design: ModelDesign, bar: Bar) -> Effects:
    names = [factor.name for factor in design.factors]
    if bar.grouping.name not in names:
        raise ArgumentError(
            f"`re_form` has the grouping factor `{bar.grouping.name}`, which the fit does not "
            f"have; its grouping factors are {shown([f'`{name}`' for name in names], 20)}."
        )
    factor = names.index(bar.grouping.name)
    spec = matrix_spec(bar.terms, _columns_of_fit(design, bar.terms.variables))
    known = [name for term in design.terms if term.factor == factor for name in term.names]
    strange = [name for name in spec.names if name not in known]
    if strange:
        raise ArgumentError(
            f"`re_form` has random effects of `{names[factor]}` that the fit does not have: "
            f"{shown(strange)}; it has {shown(known, 20)}."
        )
    columns = np.array([known.index(name) for name in spec.names], dtype=np.intp)
    whole = next((e for e in all_effects(design) if _same(e, factor, columns)), None)
    return Effects(factor, columns, spec, None if whole is None else whole.term)


def _same(effects: Effects, factor: int, columns: NDArray[np.intp]) -> bool:
    return effects.factor == factor and sorted(effects.columns) == sorted(columns.tolist())


def _columns_of_fit(
    design: ModelDesign, variables: tuple[Expression, ...]
) -> dict[Expression, Column]:
    needed = dict.fromkeys(name for e in variables for name in column_names(e))
    missing = [name for name in needed if name not in design.frame.columns]
    if missing:
        raise ArgumentError(
            f"`re_form` uses {shown([f'`{name}`' for name in missing])}, which the fit does not "
            f"use; its variables are {shown([str(name) for name in design.frame.columns], 20)}."
        )
    columns = {name: read_column(design.frame[name], name) for name in needed}
    evaluator = Evaluator(columns, design.states)
    return {expression: evaluator.column(expression) for expression in variables}
