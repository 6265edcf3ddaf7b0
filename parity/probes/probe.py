"""What a probe is: one quantity, Python's call beside R's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parity.values import Value


@dataclass(frozen=True)
class Probe:
    """One quantity, as both languages compute it.

    Attributes
    ----------
    what
        The quantity in words, for the report.
    package
        The R package whose answer it is.
    r, python
        The two expressions, for the reader. R's runs in ``r_reference`` as
        ``quantity_<name>``.
    compute
        Takes pybootmlm's fit and the inputs; the fit stands at R's theta unless
        `at_own_optimum`.
    takes
        Names of evidence in R's answer that are inputs of ours (R's grid of points).
    judge
        Name of the rule in `parity.judges` that turns the two answers into a verdict.
    record
        What the recorded files of this quantity are called after, besides their model.
    """

    name: str
    what: str
    package: str
    r: str
    python: str
    compute: Callable[[Any, Mapping[str, Any]], Value]
    takes: tuple[str, ...] = ()
    judge: str = "values"
    at_own_optimum: bool = False
    record: str = ""

    @property
    def asks_r(self) -> bool:
        """Whether R has an answer: not where the other side is print or plain algebra."""
        return self.package not in ("published", "independent")
