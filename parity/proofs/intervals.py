"""bootmlm's intervals of several statistics."""

import numpy as np

from parity.compare import compare
from parity.proofs.evidence import Evidence
from parity.trial import Trial
from parity.values import Value


def all_influence_values_for_each(trial: Trial) -> Evidence | None:
    """Give every statistic the influence values of all: then our limits are R's."""
    fitted, theta = trial.model_sides()
    evidence = dict(trial.answer.evidence)
    by_column = Value.of(evidence["by_column"].numbers)
    ours = compare(by_column, Value.of(trial.observed.numbers), trial.tolerance)
    L = evidence["L"].numbers
    every = Value.of(np.tile(L.ravel(order="F")[:, None], (1, L.shape[1])))
    inputs = {**trial.case.inputs, **{name: evidence[name] for name in trial.probe.takes}}
    wrong = fitted.quantity(trial.probe.name, theta, **{**inputs, "L": every})
    emulated = compare(trial.expected, wrong, trial.tolerance)
    if not ours.passed or not emulated.passed:
        return None
    return {
        "our limits against R's boot.ci, one column of L at a time": f"{ours.digits:.1f} digits",
        "our limits with all of L for each, against R's": f"{emulated.digits:.1f} digits",
    }
