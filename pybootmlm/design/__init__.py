"""Terms and data to arrays: model frame, X, grouping factors and Z blocks."""

from pybootmlm.design.grouping import GroupingFactor
from pybootmlm.design.identifiability import DesignChecks
from pybootmlm.design.model import ModelDesign, build_design
from pybootmlm.design.random_terms import RandomTerm

__all__ = ["DesignChecks", "GroupingFactor", "ModelDesign", "RandomTerm", "build_design"]
