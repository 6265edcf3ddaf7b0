"""What lme4's methods make of our numbers when they make their slips."""

import numpy as np
from numpy.typing import NDArray

import pybootmlm as bm
from parity.compare import Comparison, compare
from parity.judges.limits import AGAIN, misses, rises_at
from parity.probes import probe_of
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.tolerances import Tolerance
from parity.trial import Trial, thin_alike
from parity.values import Value

Array = NDArray[np.float64]
_JUMP = 1.0  # of the deviance beside the estimate: its least rise at a limit of 95 percent is 3.8


def offset_is_left_out(trial: Trial) -> Evidence | None:
    """Take the offset from our predictions of the rows of the fit: then they are R's."""
    offset = trial.answer.evidence["offset"].numbers
    found = _as_r(trial, trial.whole.numbers - offset)
    return {"ours less the offset, against R's": agree(found)} if found.passed else None


def errors_of_one_variance(trial: Trial) -> Evidence | None:
    """Take the weights from the errors that we drew: then the responses are R's."""
    without = _computed(trial, cond_sim=False)
    root = np.sqrt(native_fit(trial).weights.to_numpy())[:, None]
    found = _as_r(trial, without + (trial.whole.numbers - without) * root)
    return {"ours with errors as if all weights were one": agree(found)} if found.passed else None


def drawn_with_the_first_theta(trial: Trial) -> Evidence | None:
    """Draw the other effects with the first element of theta: then the responses are R's."""
    fit, inputs = native_fit(trial), trial.case.inputs
    wrong = {"theta": np.full(len(fit.theta), fit.theta[0])}
    # The effects that are kept are not those at another theta: put ours in their place.
    given = {"re_form": inputs["re_form"]}
    moved = fit.predict(**given).to_numpy() - fit.predict(**given, newparams=wrong).to_numpy()
    drawn = fit.simulate(
        inputs["nsim"], **given, newparams=wrong, rng=bm.RStream(inputs["seed"])
    ).to_numpy()
    found = _as_r(trial, drawn + moved[:, None])
    if not found.passed or not _is_ours(trial):
        return None
    return {"ours with the first theta for the others": agree(found)}


def first_effect_for_each_of_its_name(trial: Trial) -> Evidence | None:
    """Add the first of several effects of one name once for each: then coefficients are R's."""
    fit = native_fit(trial)
    numbers: dict[str, float] = {}
    for factor, frame in fit.ranef().items():
        names = list(frame.columns)
        for name in dict.fromkeys(names):
            first = frame.iloc[:, names.index(name)] * names.count(name)
            numbers |= {
                f"{factor}|{level}|{name}": fit.fixef[name] + x for level, x in first.items()
            }
    found = compare(trial.expected, thin_alike(Value.of(numbers), trial.answer), trial.tolerance)
    if not found.passed or not _is_ours(trial):
        return None
    return {"ours with the first effect of a name for each": agree(found)}


def every_row_is_a_set(trial: Trial) -> Evidence | None:
    """Show that R deletes every row that differs in any column, and we the combinations."""
    assert trial.frame is not None
    groups = list(trial.case.inputs["groups"])
    there = trial.frame[groups].drop_duplicates().shape[0]
    rows = trial.frame.drop_duplicates().shape[0]
    if trial.expected.numbers[0] != rows or trial.observed.numbers[0] != there:
        return None
    return {"sets that R deletes, different rows": f"{rows}", "combinations": f"{there}"}


def errors_of_other_predictions(trial: Trial) -> Evidence | None:
    """Show that R's matrices, put into Henderson's equations, give our standard errors."""
    dense = thin_alike(trial.answer.evidence["henderson"], trial.answer)
    found = compare(dense, trial.observed, trial.tolerance)
    if not found.passed:
        return None
    ratio = trial.expected.numbers / trial.observed.numbers
    return {
        "Henderson's equations of R's own matrices, against ours": agree(found),
        "R's standard errors over those": f"{ratio.min():.3f} to {ratio.max():.3f}",
    }


def profile_jumps_beside_the_estimate(trial: Trial) -> Evidence | None:
    """Show that R's profile is off its own deviance for fixed effects, where ours is on it."""
    evidence = trial.answer.evidence
    points, again = evidence["points"], evidence["again"]
    ours = compare(again, rises_at(trial, points), AGAIN)
    rises = evidence["rises"].numbers
    fixed = np.array([not str(name).startswith(".sig") for name in points.rows or ()])
    jump = np.abs(rises[fixed]) - np.abs(again.numbers[fixed])
    others = np.abs(rises - again.numbers)[~fixed] <= trial.tolerance.allowed(rises)[~fixed] + 1e-3
    if not ours.passed or not fixed.any() or not (jump > _JUMP).all() or not others.all():
        return None
    if trial.case.quantity == "confint_profile" and not _limits_are_right(trial):
        return None
    return {
        "R's own deviance function, minimised again, against our profile": agree(ours),
        "R's profile of fixed effects above that": f"by {jump.min():.4g} to {jump.max():.4g}",
    }


def _limits_are_right(trial: Trial) -> bool:
    """Say whether our limits lie on the profile, and R's of variances are ours."""
    variances = np.array([str(name).startswith(".sig") for name in trial.expected.rows or ()])
    pairs = (trial.expected.numbers[variances], trial.observed.numbers[variances])
    near = bool(np.allclose(*pairs, rtol=trial.tolerance.relative))
    return near and bool((misses(trial, trial.observed) <= trial.tolerance.criterion).all())


def _is_ours(trial: Trial) -> bool:
    """Say whether what was observed is what we compute without a slip."""
    return bool(np.allclose(trial.whole.numbers, _computed(trial), rtol=1e-9, atol=0.0))


def _computed(trial: Trial, **changes: object) -> Array:
    """Our quantity with other inputs."""
    inputs = {**trial.case.inputs, **changes}
    return probe_of(trial.case.quantity).compute(native_fit(trial), inputs).numbers


def _as_r(trial: Trial, numbers: Array) -> Comparison:
    """Compare changed numbers of ours with R's; rounding enters once more than in ours."""
    wrong = Value(numbers, trial.whole.names, np.zeros(numbers.shape, bool))
    slack = Tolerance("as R", "link", 1e-10, 1e-9, "value", "ours, changed")
    return compare(trial.expected, thin_alike(wrong, trial.answer), slack)
