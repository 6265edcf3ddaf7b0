"""Can the random effects be told apart from the residuals at all? lme4's checks, up front."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pybootmlm.checks import one_of
from pybootmlm.design.grouping import GroupingFactor
from pybootmlm.design.random_terms import RandomTerm
from pybootmlm.exceptions import ModelError, PybootmlmWarning

_ACTIONS = ("stop", "warning", "ignore")
#: The rank of Z is computed up to this many cells, as in lme4.
_SMALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignChecks:
    """
    What to do when a model cannot be identified: ``"stop"``, ``"warning"`` or ``"ignore"``.

    Attributes
    ----------
    levels_above_one : str
        A grouping factor with a single level (lme4's check.nlev.gtr.1).
    rows_above_levels : str
        As many levels as rows (check.nobs.vs.nlev).
    rows_above_effects : str
        As many random effects in a term as rows (check.nobs.vs.nRE).
    rows_above_rank : str
        As many independent random effects in all as rows (check.nobs.vs.rankZ).
    response_varies : str
        A response that is constant.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> bm.DesignChecks(rows_above_levels="warning").rows_above_levels
    'warning'
    """

    levels_above_one: str = "stop"
    rows_above_levels: str = "stop"
    rows_above_effects: str = "stop"
    rows_above_rank: str = "stop"
    response_varies: str = "stop"

    def __post_init__(self) -> None:
        for name in self.__slots__:
            one_of(getattr(self, name), name, _ACTIONS)


def check_identifiable(
    y: NDArray[np.float64],
    terms: Sequence[RandomTerm],
    factors: Sequence[GroupingFactor],
    checks: DesignChecks,
) -> None:
    """Apply the checks; the first that fails with action ``"stop"`` raises a `ModelError`."""
    n = len(y)
    if n and (y == y[0]).all():
        _act(
            checks.response_varies,
            f"the response is constant ({y[0]:g} in all {n} rows): there is no variance to explain",
        )
    for factor in factors:
        count = len(factor.levels)
        if count < 2:
            _act(
                checks.levels_above_one,
                f"grouping factor `{factor.name}` has only one level in the rows used "
                f"({', '.join(factor.levels)}): a variance between groups needs at least two; "
                "drop its term",
            )
        if count >= n:
            _act(
                checks.rows_above_levels,
                f"grouping factor `{factor.name}` has {count} levels for {n} rows: with one row "
                "per group the group's effect is the residual; group more coarsely, or drop the "
                "term",
            )
    for term in terms:
        factor = factors[term.factor]
        effects = len(factor.levels) * len(term.names)
        # A structure with few parameters can be told from the residual; lme4 2 asks nothing either.
        if effects >= n and term.structure.name == "us":
            _act(
                checks.rows_above_effects,
                f"the term ({', '.join(term.names)} | {factor.name}) has {effects} random effects "
                f"for {n} rows: its variances and the residual variance cannot be told apart; use "
                "fewer random slopes",
            )
    structured = any(term.structure.name != "us" for term in terms)
    if checks.rows_above_rank != "ignore" and not structured:
        _check_rank(n, terms, factors, checks)


def _check_rank(
    n: int, terms: Sequence[RandomTerm], factors: Sequence[GroupingFactor], checks: DesignChecks
) -> None:
    effects = sum(len(factors[term.factor].levels) * len(term.names) for term in terms)
    if effects < n or n * effects > _SMALL:  # the rank is below n, or too dear to know
        return
    blocks = []
    for term in terms:
        factor = factors[term.factor]
        member = np.eye(len(factor.levels))[factor.codes]
        blocks.append((member[:, :, None] * term.Z[:, None, :]).reshape(n, -1))
    rank = int(np.linalg.matrix_rank(np.concatenate(blocks, axis=1)))
    if rank >= n:
        _act(
            checks.rows_above_rank,
            f"the random effects of all terms together span {rank} dimensions for {n} rows: they "
            "can reproduce the data exactly; use fewer random terms",
        )


def _act(action: str, message: str) -> None:
    if action == "stop":
        raise ModelError(message)
    if action == "warning":
        warnings.warn(message, PybootmlmWarning, stacklevel=2)
