"""What is to be proved, as data: models, and grids of quantities over them."""

from parity.cases.case import Case, Model
from parity.cases.load import load_cases, select_cases

__all__ = ["Case", "Model", "load_cases", "select_cases"]
