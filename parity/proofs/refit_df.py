"""lme4's refit of a REML model: n - 1 degrees of freedom for n - p."""

from parity.compare import compare
from parity.emulation.deviance import profiled
from parity.proofs.evidence import Evidence
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value


def refit_with_one_degree_of_freedom(trial: Trial) -> Evidence | None:
    """Put n - 1 for n - p into our criterion at R's refitted theta: then it is R's number."""
    fitted, _ = trial.model_sides()
    evidence = trial.answer.evidence
    theta = evidence["theta_after"].numbers
    n = float(evidence["rows"].numbers[0])
    p = len(fitted.quantity("fixef", theta).numbers)
    right = fitted.criterion(theta)
    sigma = float(fitted.quantity("sigma", theta).numbers[0])
    rss = sigma**2 * (n - p)
    emulated = right - profiled(n - p, rss) + profiled(n - 1, rss)
    before = float(evidence["criterion_before"].numbers[0])
    reported = float(trial.expected.numbers[0])
    link = Tolerance("emulated", "deterministic", 1e-7, 0.0, "element", "the same formula")
    ours_stays = abs(float(trial.observed.numbers[0]) - before) <= trial.tolerance.absolute
    if not compare(Value.of(reported), Value.of(emulated), link).passed or not ours_stays:
        return None
    at_refit = float(evidence["criterion_at_theta_after"].numbers[0])
    return {
        "criterion that R's refit reports": f"{reported:.7f}",
        "our criterion at R's refitted theta with n - 1": f"{emulated:.7f}",
        "the right criterion there, by R's own deviance function": f"{at_refit:.7f}",
        "R's criterion before the refit": f"{before:.7f}",
        "ours after our refit": f"{float(trial.observed.numbers[0]):.7f}",
    }
