"""Resampling plans that make the slips that R makes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.emulation.cut import CutPlan
from parity.emulation.effects import by_symmetric_root, reflated_without_weights
from parity.emulation.told import without_offset, without_weights
from pybootmlm import LmerFit
from pybootmlm.resampling.scheme import Responses, Scheme
from pybootmlm.rng.draws import Source

Array = NDArray[np.float64]
Change = Callable[[Responses], Responses]
# Types whose pools are made of y - X beta, so that what is not in the mean is resampled.
_OF_MARGINAL_RESIDUALS = ("residual_trans", "reb")


@dataclass(frozen=True)
class Changed:
    """A plan whose responses are changed before they are given out."""

    plan: Any
    change: Change

    def draw(self, source: Source, counts: Iterable[int]) -> Iterator[Any]:
        """Draw what the plan draws."""
        draws: Iterator[Any] = self.plan.draw(source, counts)
        return draws

    def apply(self, draws: Any) -> Responses:
        """Change what the plan makes of them."""
        return self.change(self.plan.apply(draws))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plan, name)


def plan_as_r(fit: LmerFit, scheme: Scheme, inputs: Mapping[str, Any]) -> Any:
    """Prepare a scheme for a fit, with the slips that ``inputs["as_r"]`` names."""
    slips, kind = frozenset(inputs["as_r"]), scheme.name
    if kind == "case":
        return scheme.plan(fit)
    if kind == "parametric":
        plan: Any = scheme.plan(fit)
        return Changed(plan, _weighted_errors(fit)) if "weights" in slips else plan
    told = without_weights(fit) if "weights" in slips else fit
    blind = without_offset(told) if "offset" in slips else told
    if kind in _OF_MARGINAL_RESIDUALS:
        plan = scheme.plan(blind)
    else:
        plan = replace(scheme.plan(told), fit=blind)  # type: ignore[type-var]
    if kind == "residual" and "weights" in slips:
        plan = replace(plan, effects=reflated_without_weights(fit))
    if kind == "residual_cgr" and "symmetric-root" in slips:
        plan = replace(plan, effects=by_symmetric_root(fit))
    if "pools" in slips:
        plan = _with_pools(fit, plan, inputs)
    if "terms" in slips:
        plan = CutPlan.of(plan)
    if kind == "reb" and "level-order" in slips:
        plan = Changed(plan, _in_level_order(fit))
    return plan


def _with_pools(fit: LmerFit, plan: Any, inputs: Mapping[str, Any]) -> Any:
    """Put R's effects and errors, which are inputs, in the place of ours."""
    sizes = [
        (len(term.names), len(fit.design.factors[term.factor].levels)) for term in fit.design.terms
    ]
    ends = np.cumsum([q * levels for q, levels in sizes])[:-1]
    parts = np.split(inputs["effects"].numbers, ends)
    effects = tuple(part.reshape(size, order="F") for part, size in zip(parts, sizes, strict=True))
    errors = inputs["errors"].numbers.copy()
    if inputs["type"] == "reb":  # R has them cluster by cluster
        errors[plan.by_cluster] = inputs["errors"].numbers
    return replace(plan, effects=effects, errors=errors)


def _weighted_errors(fit: LmerFit) -> Change:
    """Take back the division of errors by the roots of their weights."""

    def change(data: Responses) -> Responses:
        return replace(data, errors=fit.model.coordinates.weigh(data.errors))

    return change


def _in_level_order(fit: LmerFit) -> Change:
    """Lay errors, which stand cluster by cluster, on the rows as they come."""
    order = np.argsort(fit.design.factors[0].codes, kind="stable")

    def change(data: Responses) -> Responses:
        return replace(data, errors=data.errors[order])

    return change
