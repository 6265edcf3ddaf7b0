"""pybootmlm's own fit behind a trial, which emulations change."""

from parity.implementations.native import NativeFit
from parity.trial import Trial
from pybootmlm import LmerFit


def native_fit(trial: Trial) -> LmerFit:
    """Return pybootmlm's fit of the case's model, at R's theta."""
    referee = trial.referee()
    assert isinstance(referee, NativeFit)
    _, theta = trial.model_sides()
    return referee.fit.at_theta(theta)
