"""The covariance structures by their names in formulas."""

from collections.abc import Callable, Mapping

from pybootmlm.formula import Structure
from pybootmlm.lmm.templates.autoregressive import Autoregressive
from pybootmlm.lmm.templates.compound_symmetry import CompoundSymmetry
from pybootmlm.lmm.templates.diagonal import Diagonal
from pybootmlm.lmm.templates.template import Template
from pybootmlm.lmm.templates.unstructured import Unstructured

BUILDERS: Mapping[str, Callable[[int, bool], Template]] = {
    "us": lambda size, _: Unstructured(size),
    "diag": lambda size, homogeneous: Diagonal(size, homogeneous),
    "cs": lambda size, homogeneous: CompoundSymmetry(size, homogeneous),
    "ar1": lambda size, homogeneous: Autoregressive(size, homogeneous),
}


def template_of(structure: Structure, size: int) -> Template:
    """The template of a term with so many effects; a single one has nothing to covary with."""
    return Unstructured(1) if size == 1 else BUILDERS[structure.name](size, structure.homogeneous)
