"""A user's own model against R: from a formula and data, or from a fit, to a verdict table."""

from parity.checking.check import check
from parity.checking.result import CheckResult

__all__ = ["CheckResult", "check"]
