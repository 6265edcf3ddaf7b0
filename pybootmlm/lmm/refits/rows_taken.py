"""A design with other rows: some left out, some more than once."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.model import ModelDesign

Indices = NDArray[np.intp]


def take_rows(
    design: ModelDesign, rows: Indices, codes: Indices, levels: tuple[str, ...]
) -> ModelDesign:
    """The `rows` (m,) of a design with one grouping factor, regrouped by `codes` (m,).

    X keeps its columns, whatever their rank on these rows.
    """
    return replace(
        design,
        y=design.y[rows],
        X=design.X[rows],
        terms=tuple(replace(term, Z=term.Z[rows]) for term in design.terms),
        factors=(replace(design.factors[0], codes=codes, levels=levels),),
        weights=None if design.weights is None else design.weights[rows],
        offset=None if design.offset is None else design.offset[rows],
        given_offset=None if design.given_offset is None else design.given_offset[rows],
        index=design.index[rows],
        kept=design.kept[rows],
        frame=design.frame.iloc[rows],
        na_action="omit",
    )
