"""bootmlm's argument `seed`."""

from parity.proofs.evidence import Evidence
from parity.trial import Trial


def seed_is_discarded(trial: Trial) -> Evidence | None:
    """Show that R's two runs are one without the argument `seed`, and differ with seed = NULL."""
    without = float(trial.answer.evidence["without_it"].numbers[0])
    if (trial.expected.numbers[0], trial.observed.numbers[0], without) != (0.0, 1.0, 1.0):
        return None
    return {
        "R, set.seed(seed) and seed = NULL": "two runs differ",
        "R, set.seed(seed) and no argument seed": "two runs are the same, as ours are",
    }
