"""Where R has no answer."""

from parity.proofs.evidence import Evidence
from parity.trial import Trial


def r_has_no_answer(trial: Trial) -> Evidence | None:
    """Accept nothing: where R answers after all, the entry is out of date."""
    del trial
    return None
