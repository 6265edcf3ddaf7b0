"""Packages beside lme4: weights that pbkrtest leaves out."""

from parity.compare import compare
from parity.emulation.kenward_roger import adjusted_covariance
from parity.proofs.evidence import Evidence, agree
from parity.proofs.native import native_fit
from parity.trial import Trial
from parity.values import Value


def adjusted_without_weights(trial: Trial) -> Evidence | None:
    """Take the covariance of the errors for sigma^2 I: then the formula gives R's matrix.

    The same formula with the weights must give ours.
    """
    fit = native_fit(trial)
    theirs, ours = (Value.of(adjusted_covariance(fit, as_r=as_r)) for as_r in (True, False))
    wrong = compare(Value.of(trial.expected.numbers), theirs, trial.tolerance)
    right = compare(Value.of(trial.observed.numbers), ours, trial.tolerance)
    if not wrong.passed or not right.passed:
        return None
    return {
        "the dense formula with errors of equal variance, against R's": agree(wrong),
        "the same formula with the weights, against ours": agree(right),
    }
