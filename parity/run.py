"""Run cases: ask both sides, let the judge decide, forget nothing."""

import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parity.cases import Case, Model
from parity.deviations import Deviation, claim
from parity.errors import NotAskedError, NotProvidedError, OracleError, RError
from parity.frames import Frames
from parity.implementation import Fitted, Implementation
from parity.judges import JUDGES
from parity.oracles import Answer, Oracle
from parity.probes import probe_of
from parity.proofs import proof_of
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Finding, Verdict


@dataclass(frozen=True)
class CaseResult:
    """One case, decided.

    Attributes
    ----------
    answer, observed
        R's answer and our value, where there was one.
    seconds_python
        Time of our side, judge included.
    """

    case: Case
    finding: Finding
    answer: Answer | None = None
    observed: Value | None = None
    seconds_python: float = 0.0


@dataclass
class Runner:
    """Decides cases one by one, and keeps fits between them.

    Attributes
    ----------
    implementation, oracle
        The two sides.
    tolerances, deviations
        The tables they are judged by.
    frames
        The data of the models.
    """

    implementation: Implementation
    oracle: Oracle
    tolerances: Mapping[str, Tolerance]
    deviations: Sequence[Deviation]
    frames: Frames = field(default_factory=Frames)
    _fits: dict[tuple[str, bytes], Fitted] = field(default_factory=dict)

    def run(
        self, cases: Sequence[Case], watch: Callable[[Case], None] = lambda _case: None
    ) -> list[CaseResult]:
        """Decide every case, in order; `watch` sees each before its turn."""
        results = []
        for case in cases:
            watch(case)
            results.append(self.decide(case))
        return results

    def decide(self, case: Case) -> CaseResult:
        """Decide one case; whatever goes wrong on either side is its verdict."""
        try:
            answer = self.oracle.answer(case)
        except RError as error:
            return CaseResult(case, self._refused(case, error))
        except NotAskedError as error:
            return CaseResult(case, Finding(Verdict.NOT_RUN, str(error)))
        except OracleError as error:
            return CaseResult(case, Finding(Verdict.R_ERROR, str(error)))
        started = time.perf_counter()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                trial, finding = self._compare(case, answer)
            seconds = time.perf_counter() - started
            finding = _with_warnings(finding, caught)
            return CaseResult(case, finding, answer, trial.observed, seconds)
        except NotProvidedError as error:
            return CaseResult(case, Finding(Verdict.NOT_RUN, str(error)), answer)
        except Exception as error:
            trace = {"traceback": traceback.format_exc(limit=-3)}
            return CaseResult(
                case, Finding(Verdict.PYTHON_ERROR, _said(error), None, trace), answer
            )

    def _compare(self, case: Case, answer: Answer) -> tuple[Trial, Finding]:
        entry = claim(self.deviations, case, answer.versions)
        try:
            trial = self._trial(case, answer, self._ours(case, answer))
        except Exception as error:
            if entry is None or entry.refusal != type(error).__name__:
                raise
            blank = Value.of(np.full(answer.value.numbers.shape, np.nan))
            trial = self._trial(case, answer, blank)
            return trial, _settle(trial, entry, Finding(Verdict.MISMATCH, _said(error)))
        finding = JUDGES[trial.probe.judge](trial)
        return trial, finding if entry is None else _settle(trial, entry, finding)

    def _refused(self, case: Case, error: RError) -> Finding:
        """R has an error: explained only if a deviation says so, and whether we answer."""
        entry = claim(self.deviations, case, error.versions)
        if entry is not None and entry.error and entry.error in str(error):
            return self._answered(case, error, entry)
        if entry is not None and entry.refusal and case.model is not None:
            try:
                self._fit(case.model).quantity(case.quantity, None, **case.inputs)
            except Exception as ours:
                if type(ours).__name__ == entry.refusal:
                    evidence = {"R says": str(error), "Python says": _said(ours)}
                    reason = "neither side has an answer"
                    return Finding(Verdict.EXPLAINED, reason, None, evidence, entry.id)
        return Finding(Verdict.R_ERROR, f"R stopped: {error}")

    def _answered(self, case: Case, error: RError, entry: Deviation) -> Finding:
        """Show that we answer what R has a registered error for."""
        assert case.model is not None
        try:
            ours = self._fit(case.model).quantity(case.quantity, None, **case.inputs).numbers
        except Exception as refusal:
            reason = f"R stopped as registered, and so did Python: {_said(refusal)}"
            return Finding(Verdict.PYTHON_ERROR, reason)
        finite = int(np.isfinite(ours).sum())
        evidence = {"R says": str(error), "Python": f"{finite} finite numbers of {ours.size}"}
        if finite < ours.size:
            reason = "R stopped as registered, and our answer is not finite"
            return Finding(Verdict.MISMATCH, reason, None, evidence)
        return Finding(Verdict.EXPLAINED, entry.title, None, evidence, entry.id)

    def _ours(self, case: Case, answer: Answer) -> Value:
        probe = probe_of(case.quantity)
        inputs = {**case.inputs, **{name: answer.evidence[name] for name in probe.takes}}
        if case.model is None:
            return self.implementation.compute(probe.name, inputs)
        theta = None if probe.at_own_optimum else answer.theta
        return self._fit(case.model).quantity(probe.name, theta, **inputs)

    def _trial(self, case: Case, answer: Answer, whole: Value) -> Trial:
        model = case.model

        def fit_rows(keep: NDArray[np.bool_]) -> Fitted:
            assert model is not None
            return self._fit(model, keep)

        return Trial(
            case=case,
            probe=probe_of(case.quantity),
            tolerance=self.tolerances[case.tolerance],
            answer=answer,
            whole=whole,
            oracle=self.oracle,
            fitted=None if model is None else self._fit(model),
            frame=None if model is None else self.frames.of(model),
            fit_rows=fit_rows,
            fit_model=self._fit,
        )

    def _fit(self, model: Model, keep: NDArray[np.bool_] | None = None) -> Fitted:
        key = (model.id, b"" if keep is None else keep.tobytes())
        if key not in self._fits:
            frame = self.frames.of(model)
            rows = frame if keep is None else frame.loc[keep]
            self._fits[key] = self.implementation.fit(model, rows)
        return self._fits[key]


def _settle(trial: Trial, entry: Deviation, finding: Finding) -> Finding:
    """Let a registered deviation explain a difference, if its proof holds."""
    if finding.verdict is Verdict.MATCH:
        reason = (
            f"stale deviation: '{entry.id}' claims this case under {dict(entry.packages)}, "
            "but R and Python agree; correct its versions in deviations.toml"
        )
        return replace(finding, verdict=Verdict.MISMATCH, reason=reason)
    evidence = proof_of(entry.proof)(trial)
    if evidence is None:
        reason = f"{finding.reason}; the deviation '{entry.id}' does not account for it"
        return replace(finding, verdict=Verdict.MISMATCH, reason=reason)
    said = {"Python says": finding.reason} if entry.refusal else {}
    return Finding(
        Verdict.EXPLAINED,
        entry.title,
        finding.comparison,
        {**finding.evidence, **said, **evidence},
        entry.id,
    )


def _with_warnings(finding: Finding, caught: Sequence[warnings.WarningMessage]) -> Finding:
    """Keep what Python warned of while it computed."""
    said = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
    if not said:
        return finding
    return replace(finding, evidence={**finding.evidence, "Python warned": "; ".join(said)})


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
