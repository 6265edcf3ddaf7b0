"""Implementations under test, a file each, and how a user's own is loaded."""

from parity.implementations.isolated import Isolated
from parity.implementations.load import KNOWN, implementation_of
from parity.implementations.models_only import ModelsOnly
from parity.implementations.native import Native
from parity.implementations.own_optimum import OwnOptimum

__all__ = ["KNOWN", "Isolated", "ModelsOnly", "Native", "OwnOptimum", "implementation_of"]
