"""What a model is made of, in words: terms, formula, family."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybootmlm.design.contrasts import Coding
from pybootmlm.design.matrices import MatrixSpec
from pybootmlm.formula import label
from pybootmlm.lmm.components import bar_labels

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


@dataclass(frozen=True)
class Family:
    """The distribution of the response and its link; a linear mixed model has only this one."""

    name: str = "gaussian"
    link: str = "identity"


GAUSSIAN = Family()


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of a model.

    Attributes
    ----------
    response : str
    intercept : bool
        Whether the fixed effects have one.
    labels : tuple of str
        The fixed-effects terms as R labels them, the intercept not among them.
    variables : tuple of str
        The variables of the fixed effects.
    random : tuple of str
        The random terms, in the order of theta.
    assign : (p,) array of int
        For each column of X the term it belongs to: 0 is the intercept, then positions in `labels`
        counted from 1.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("angle ~ recipe * temp + (1 | recipe:replicate)", bm.load_dataset("cake"))
    >>> fit.terms.labels, fit.terms.random
    (('recipe', 'temp', 'recipe:temp'), ('1 | recipe:replicate',))
    >>> fit.terms.assign
    array([0, 1, 1, 2, 3, 3])
    """

    response: str
    intercept: bool
    labels: tuple[str, ...]
    variables: tuple[str, ...]
    random: tuple[str, ...]
    assign: NDArray[np.intp]


def terms_of(fit: "LmerFit") -> Terms:
    """The terms of a fit."""
    spec = fit.design.fixed_spec
    names = [label(variable) for variable in spec.variables]
    return Terms(
        response=fit.design.response,
        intercept=spec.intercept,
        labels=tuple(":".join(names[i] for i in term) for term in spec.terms),
        variables=tuple(names),
        random=tuple(bar_labels(fit.design)),
        assign=_assign(spec),
    )


def _assign(spec: MatrixSpec) -> NDArray[np.intp]:
    counts = []
    for parts in spec.parts:
        widths = [part.matrix.shape[1] if isinstance(part, Coding) else len(part) for part in parts]
        counts.append(int(np.prod(widths)))
    first = [0] if spec.intercept else []
    every = np.array([*first, *np.repeat(np.arange(1, len(counts) + 1), counts)], dtype=np.intp)
    return every if spec.kept is None else every[list(spec.kept)]
