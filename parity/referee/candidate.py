"""A model's rows as pybootmlm builds them: of use only where their digest is that of R's."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from parity.cases import Model
from parity.referee.rows import Rows, Term
from pybootmlm.design.model import build_design


def candidate_rows(model: Model, frame: pd.DataFrame) -> Callable[[], Rows]:
    """Return a function that builds the rows of a model from its data, if they are asked for."""
    return lambda: _build(model, frame)


def _build(model: Model, frame: pd.DataFrame) -> Rows:
    design = build_design(model.formula, frame, weights=model.weights, offset=model.offset)
    columns, entries, terms, first = [], [], [], 0
    for term in design.terms:
        factor, (_, q) = design.factors[term.factor], term.Z.shape
        columns.append(first + factor.codes[:, None] * q + np.arange(q))
        entries.append(term.Z)
        terms.append(Term(term.factor + 1, q, len(factor.levels)))
        first += q * len(factor.levels)
    column, entry = np.hstack(columns), np.hstack(entries)
    row = np.broadcast_to(np.arange(len(column))[:, None], column.shape)
    keep = entry != 0.0
    one = design.weights is None or (design.weights == 1.0).all()
    none = design.offset is None or (design.offset == 0.0).all()
    return Rows(
        y=design.y,
        X=design.X,
        row=row[keep],
        column=column[keep].astype(np.intp),
        entry=entry[keep],
        terms=tuple(terms),
        weights=None if one else design.weights,
        offset=None if none else design.offset,
    )
