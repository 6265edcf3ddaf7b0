"""Options of `lmer` that hardly anyone needs."""

from dataclasses import dataclass, field

from pybootmlm.design.identifiability import DesignChecks
from pybootmlm.exceptions import ArgumentError
from pybootmlm.lmm.search.newton import DEFAULT_OPTIONS, NewtonOptions


@dataclass(frozen=True)
class LmerControl:
    """How the optimum is searched for, and which models are refused.

    Attributes
    ----------
    newton : NewtonOptions
        When the optimiser stops and how far it steps.
    checks : DesignChecks
        What to do with a model that its data may not identify, as lme4's ``lmerControl``.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> one_row_a_batch = bm.load_dataset("Dyestuff").iloc[::5]
    >>> bm.lmer("Yield ~ 1 + (1 | Batch)", one_row_a_batch)
    Traceback (most recent call last):
        ...
    pybootmlm.exceptions.ModelError: ...
    >>> control = bm.LmerControl(checks=bm.DesignChecks(rows_above_levels="ignore",
    ...     rows_above_effects="ignore", rows_above_rank="ignore"))
    >>> bm.lmer("Yield ~ 1 + (1 | Batch)", one_row_a_batch, control=control).nobs
    6
    """

    newton: NewtonOptions = DEFAULT_OPTIONS
    checks: DesignChecks = field(default_factory=DesignChecks)

    def __post_init__(self) -> None:
        for name, kind in (("newton", NewtonOptions), ("checks", DesignChecks)):
            if not isinstance(value := getattr(self, name), kind):
                raise ArgumentError(
                    f"`{name}` must be of type {kind.__name__}; got {type(value).__name__}."
                )
