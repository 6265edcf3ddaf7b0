"""Put a question to both sides: to R as it lives, or to what it said before."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parity.cases import Case
from parity.checking.question import Question
from parity.checking.result import CheckResult
from parity.errors import CaseError
from parity.oracles import Oracle
from parity.oracles.asked import SparingOracle
from parity.oracles.live import LiveOracle
from parity.oracles.remembering import RememberingOracle
from parity.reference import check_folder, open_reference, save_reference
from parity.session import compare_cases


@dataclass(frozen=True)
class Source:
    """Where R's answers come from, and whether they are kept.

    Attributes
    ----------
    rscript, timeout
        The live R to ask, and its time for a case.
    reference
        A folder of answers to use in its place.
    save_reference
        A folder in which the answers are kept.
    """

    rscript: str | None = None
    timeout: float = 300.0
    reference: Path | str | None = None
    save_reference: Path | str | None = None

    def __post_init__(self) -> None:
        if self.reference is not None and (self.save_reference or self.rscript):
            message = (
                "a saved reference is compared without R: give either `reference` alone, or "
                "`save_reference` (and `rscript`) on a machine with R"
            )
            raise CaseError(message)


def run_check(
    question: Question, source: Source, watch: Callable[[Case], None] = lambda _case: None
) -> CheckResult:
    """Compare both sides on every case of a question; `watch` sees each before its turn."""
    asked, models, frames = question.asked, (question.own,), question.frames
    live: LiveOracle | None = None
    oracle: Oracle
    try:
        if source.reference is not None:
            oracle = open_reference(Path(source.reference), models, asked, frames)
        else:
            if source.save_reference is not None:
                check_folder(Path(source.save_reference))
            live = LiveOracle(source.timeout, source.rscript, frames, r_code=question.r_code)
            kept = RememberingOracle(live)
            oracle = SparingOracle(kept, asked.not_asked)
        report = compare_cases(
            asked.cases, question.implementation, oracle, frames=frames, watch=watch
        )
        if live is not None and source.save_reference is not None:
            save_reference(Path(source.save_reference), models, asked, kept, frames)
    finally:
        if live is not None:
            live.close()
    model = question.own.model
    return CheckResult(f"{model.formula}, {model.method}", question.own.rows, report)
