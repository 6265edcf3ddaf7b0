"""Two numbers at one theta: which of them 50-digit arithmetic gives, and why not the other."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parity.compare import Comparison, compare
from parity.errors import EvidenceError
from parity.referee.conditioning import condition_of, wobble
from parity.referee.cross_products import CrossProducts
from parity.referee.decision import Decision, Numbers, decide_numbers
from parity.referee.parts import DIGITS
from parity.referee.quantities import Compute, computation_of
from parity.referee.witness import hear_rows
from parity.trial import Trial, thin_alike
from parity.values import Value
from parity.verdict import Cause, Finding, Ruling, Side, Verdict

Array = NDArray[np.float64]
COLUMNS = ("R", "Python")
MOVED = "half a unit in the last place of the data moves the value"
LOST = "relative error that rounding may leave in R's normal equations"


@dataclass(frozen=True)
class Referee:
    """The 50-digit value of a trial's quantity, and the two sides against it.

    Attributes
    ----------
    value
        Rounded to doubles, in the form of R's answer.
    theirs, ours
        How R's and our value differ from it.
    """

    value: Value
    theirs: Comparison
    ours: Comparison


def referee_numbers(trial: Trial, plain: Comparison) -> Finding:
    """Decide a difference of numbers at one theta; a mismatch where nobody can be heard.

    Parameters
    ----------
    plain
        R's value against ours, which differ but can be compared.
    """
    mismatch = Finding(Verdict.MISMATCH, plain.problem, plain)
    compute = computation_of(trial)
    if compute is None:
        return mismatch
    try:
        products = hear_rows(trial)
        referee = hear_referee(trial, products, compute)
        decision, why = decide(trial, products, compute, referee)
    except EvidenceError as error:
        said = {f"{DIGITS}-digit arithmetic": f"not available: {error}"}
        return replace(mismatch, evidence=said)
    return finding_of(plain, referee, decision, why)


def hear_referee(
    trial: Trial, products: CrossProducts, compute: Compute, df: int | None = None
) -> Referee:
    """Compute a trial's quantity in 50 digits and compare both sides with it."""
    assert trial.answer.theta is not None
    return _against(trial, compute(products, trial.answer.theta.tolist(), df))


def _against(trial: Trial, numbers: Array) -> Referee:
    sides = ("50 digits", "R"), ("50 digits", "Python")
    whole = trial.whole
    if trial.answer.thinned and numbers.shape == whole.numbers.shape:
        # Rows stand in the order of the data on both sides.
        value = thin_alike(replace(whole, numbers=numbers), trial.answer)
    elif numbers.shape == trial.expected.numbers.shape:
        value = replace(trial.expected, numbers=numbers)
    else:
        shapes = f"{numbers.shape}, R's answer {trial.expected.numbers.shape}"
        raise EvidenceError(f"the 50-digit value has the shape {shapes}")
    tolerance = trial.tolerance
    theirs = compare(value, trial.expected, tolerance, sides[0])
    return Referee(value, theirs, compare(value, trial.observed, tolerance, sides[1]))


def decide(
    trial: Trial, products: CrossProducts, compute: Compute, referee: Referee
) -> tuple[Decision, dict[str, str]]:
    """Find out what explains the errors of both sides; with the numbers that say so."""
    theta = trial.answer.theta
    assert theta is not None
    why: dict[str, str] = {}
    ours_right, theirs_right = referee.ours.passed, referee.theirs.passed
    determined = rounding = False
    if not (ours_right and theirs_right):
        change = wobble(
            lambda seed: hear_rows(trial, seed),
            theta.tolist(),
            lambda moved, at: _against(trial, compute(moved, at, None)).value.numbers,
            referee.value.numbers,
        )
        why[MOVED] = f"by up to {change.max():.1e}"
        room = trial.tolerance.allowed(referee.value.numbers) + change
        determined = within(referee.value, trial.observed, room)
        theirs_right = within(referee.value, trial.expected, room)
    if not theirs_right:
        condition = condition_of(products.rows, theta.tolist())
        if condition is not None:
            why[LOST] = (
                f"{condition.loss:.1e}, the condition numbers being {condition.design:.1e} "
                f"without y and {condition.whole:.1e} with it"
            )
            bound = replace(trial.tolerance, absolute=0.0, relative=condition.loss)
            room = bound.allowed(referee.value.numbers)
            rounding = condition.loss < 1.0 and within(referee.value, trial.expected, room)
    others = _other_df(trial, products, compute)
    numbers = Numbers(
        ours_right=ours_right,
        theirs_right=theirs_right,
        ours_determined=determined,
        theirs_rounding=rounding,
        theirs_df=next((df for df, other in others if other.theirs.passed), None),
        ours_df=next((df for df, other in others if other.ours.passed), None),
    )
    return decide_numbers(numbers), why


def within(reference: Value, value: Value, room: Array) -> bool:
    """Say whether a value differs from a reference by no more than `room`, names matched."""
    index: list[list[int]] = []
    for names, own in zip(reference.names, value.names, strict=True):
        order = list(range(reference.numbers.shape[len(index)]))
        if names is not None and own is not None:
            order = [own.index(name) for name in names]
        index.append(order)
    difference = np.abs(value.numbers[np.ix_(*index)] - reference.numbers)
    # What is missing on both sides has been compared already.
    return bool((np.nan_to_num(difference, nan=0.0) <= room).all())


def _other_df(trial: Trial, products: CrossProducts, compute: Compute) -> list[tuple[int, Referee]]:
    """The value with n, n - 1 and n - p degrees of freedom, where it is another one."""
    model = trial.case.model
    assert model is not None
    if trial.probe.name == "vcov_theta":
        return []
    n, p = products.n, products.p
    own = n - p if model.reml else n
    own_value = hear_referee(trial, products, compute)
    out = []
    for df in sorted({n, n - 1, n - p} - {own}):
        other = hear_referee(trial, products, compute, df)
        if not compare(own_value.value, other.value, trial.tolerance).passed:
            out.append((df, other))
    return out


def finding_of(
    plain: Comparison,
    referee: Referee,
    decision: Decision,
    why: dict[str, str],
    verdict: Verdict | None = None,
) -> Finding:
    """Write a decision as a finding, with the numbers of both sides beside each other."""
    rows = (
        ("digits that 50-digit arithmetic confirms", *_each(referee, lambda c: f"{c.digits:.1f}")),
        ("largest error", *_each(referee, lambda c: f"{c.max_abs:.1e}")),
        *_worst_rows(referee),
    )
    theirs, ours = referee.theirs.digits, referee.ours.digits
    sentence = (
        f"{_who(decision.nearer)}: of the 50-digit value R has {theirs:.1f} digits, "
        f"Python {ours:.1f}"
    )
    if decision.cause is not Cause.NONE:
        sentence += f"; {decision.reason}"
    if verdict is None:
        verdict = Verdict.EXPLAINED if decision.explained else Verdict.MISMATCH
    said = verdict is not Verdict.MISMATCH
    reason = decision.reason if said else f"{plain.problem}; {decision.reason}"
    ruling = Ruling(decision.nearer, decision.cause, sentence, COLUMNS, rows)
    return Finding(verdict, reason, plain, {**ruling.evidence, **why}, ruling=ruling)


def _each(referee: Referee, text: Callable[[Comparison], str]) -> tuple[str, str]:
    return text(referee.theirs), text(referee.ours)


def _worst_rows(referee: Referee) -> list[tuple[str, ...]]:
    """The element that is worst on either side, as 50 digits have it and as the sides have it."""
    rows = []
    for side, comparison in (("R", referee.theirs), ("Python", referee.ours)):
        worst = comparison.worst
        if worst is not None and not comparison.passed:
            cells = [f"{worst.observed:.17g}" if name == side else "" for name in COLUMNS]
            rows.append((f"{worst.where}, {worst.expected:.17g} in 50 digits", *cells))
    return rows


def _who(side: Side) -> str:
    return {
        Side.R: "R is right",
        Side.PYTHON: "Python is right",
        Side.BOTH: "both are right",
        Side.NEITHER: "neither is right",
        Side.OPEN: "it is open who is right",
    }[side]
