"""The same call of `lmer` with something changed."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pybootmlm.checks import flag
from pybootmlm.exceptions import ArgumentError
from pybootmlm.formula import label, parse_formula
from pybootmlm.formula.update import update_formula
from pybootmlm.lmm.checked import checked_fit
from pybootmlm.lmm.control import LmerControl

if TYPE_CHECKING:
    from pybootmlm.lmm.fit import LmerFit


class Unchanged:
    """What stands for an argument that is not given where None has a meaning of its own."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED: Any = Unchanged()


def update(
    fit: "LmerFit",
    formula: str | None = None,
    *,
    data: pd.DataFrame | None = None,
    reml: bool | None = None,
    weights: Any = UNCHANGED,
    offset: Any = UNCHANGED,
    contrasts: Any = UNCHANGED,
    na_action: str | None = None,
    start: Any = UNCHANGED,
    control: LmerControl | None = None,
) -> "LmerFit":
    """Fit again with some arguments of `lmer` changed, as R's ``update``.

    Parameters
    ----------
    fit : LmerFit
        The fit.
    formula : str, optional
        The change: ``.`` on the left is the old response, on the right all old terms, as in
        ``". ~ . - x + (1 | h)"``.
    data : DataFrame, optional
        Other data; by default the frame that `lmer` was given (columns added to it later are not
        seen).
    reml : bool, optional
        By REML or by maximum likelihood; by default as the fit.
    weights, offset, contrasts, start : optional
        As in `lmer`; None removes what the fit has.
    na_action : str, optional
        As in `lmer`.
    control : LmerControl, optional
        As in `lmer`.

    Returns
    -------
    LmerFit

    Raises
    ------
    FormulaError
        The new formula cannot be read.
    ArgumentError
        The fit is one of resampled rows; or it has another response than its data (by `refit`), and
        the update does not use the same response and rows.
    PybootmlmError
        Whatever else `lmer` raises.

    Examples
    --------
    >>> import pybootmlm as bm
    >>> fit = bm.lmer("Reaction ~ Days + (1 | Subject)", bm.load_dataset("sleepstudy"))
    >>> fit.update(". ~ . - (1 | Subject) + (Days | Subject)", reml=False)
    <LmerFit of 'Reaction ~ Days + (Days | Subject)' by maximum likelihood: criterion 1751.9393>
    """
    fit = checked_fit(fit)
    call = fit.call
    if call is None:
        raise ArgumentError(
            "This fit is one of resampled rows and cannot be updated: it was not made by a call of "
            "`lmer`. Use `lmer` on data of your own."
        )
    changes: dict[str, Any] = {
        "weights": weights,
        "offset": offset,
        "contrasts": contrasts,
        "start": start,
    }
    changes = {name: value for name, value in changes.items() if value is not UNCHANGED}
    if formula is not None:
        changes["formula"] = update_formula(call.formula, formula)
        if contrasts is UNCHANGED and call.contrasts:
            # As in R, those of a variable that is no longer there count for nothing.
            left = {label(one) for one in parse_formula(changes["formula"]).fixed.variables}
            kept = {name: one for name, one in call.contrasts.items() if name in left}
            changes["contrasts"] = kept or None
    if data is not None:
        changes["data"] = data.copy(deep=False) if isinstance(data, pd.DataFrame) else data
        # The response of other data is the one that they hold.
        changes["response"] = None
    if na_action is not None:
        changes["na_action"] = na_action
    if control is not None:
        if not isinstance(control, LmerControl):
            raise ArgumentError(f"`control` must be an LmerControl; got {type(control).__name__}.")
        changes["control"] = control
    if formula is not None and "start" not in changes:
        # A theta of the old model means nothing to another one.
        changes["start"] = None
    # Without fixed effects REML is maximum likelihood: such a fit does not say what was asked for.
    was = fit.reml if fit.beta.size else call.reml
    changes["reml"] = was if reml is None else flag(reml, "reml")
    return type(fit).from_call(replace(call, **changes))
