"""Run cases: ask both sides, let the judge decide, forget nothing."""

import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parity.asking import Asked, as_value, ask, checked_fit
from parity.cases import Case, Model
from parity.deviations import Deviation, claims_on
from parity.errors import NotAskedError, NotProvidedError, OracleError, RError
from parity.frames import Frames
from parity.implementation import Fitted, Implementation
from parity.implementations.native import Native
from parity.judges import JUDGES
from parity.judges.own_optimum import judge_other_optimum, judge_own_optimum
from parity.oracles import Answer, Oracle
from parity.probes import probe_of
from parity.settling import not_compared, settle
from parity.stopped import stopped
from parity.tolerances import Tolerance
from parity.trial import Trial
from parity.values import Value
from parity.verdict import Finding, Verdict
from parity.witnesses import BY_ITSELF, hear_witness


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
    _failed: dict[tuple[str, bytes], Exception] = field(default_factory=dict)
    _referees: dict[str, Fitted] = field(default_factory=dict)

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
        claims = claims_on(self.deviations, case, answer.versions)
        try:
            asked = self._ours(case, answer)
            trial = self._trial(case, answer, asked.value)
        except Exception as error:
            refused = [one for one in claims if one.scope.refusal == type(error).__name__]
            if not refused:
                raise
            blank = Value.of(np.full(answer.value.numbers.shape, np.nan))
            trial = self._trial(case, answer, blank)
            finding = Finding(Verdict.MISMATCH, _said(error))
            return trial, settle(trial, refused, finding, reference=self._is_reference)
        finding = self._judged(trial, asked.own_optimum)
        return trial, settle(trial, claims, finding, reference=self._is_reference)

    def _refused(self, case: Case, error: RError) -> Finding:
        """R has an error: explained only if a deviation says so, and whether we answer."""
        claims = claims_on(self.deviations, case, error.versions)
        for one in claims:
            if one.scope.error and one.scope.error in str(error):
                return self._answered(case, error, one.deviation)
        refusals = {one.scope.refusal: one.deviation for one in claims if one.scope.refusal}
        if refusals and case.model is not None:
            try:
                self._fit(case.model).quantity(case.quantity, None, **case.inputs)
            except NotProvidedError as ours:
                return Finding(Verdict.NOT_RUN, str(ours))
            except Exception as ours:
                if type(ours).__name__ in refusals:
                    evidence = {"R says": str(error), "Python says": _said(ours)}
                    reason, entry = "neither side has an answer", refusals[type(ours).__name__]
                    return Finding(Verdict.EXPLAINED, reason, None, evidence, entry.id)
        return stopped(error)

    def _answered(self, case: Case, error: RError, entry: Deviation) -> Finding:
        """Show that we answer what R has a registered error for."""
        assert case.model is not None
        try:
            fitted = self._fit(case.model)
            given = fitted.quantity(case.quantity, None, **case.inputs)
            ours = as_value(given, case.quantity)
        except NotProvidedError as lack:
            return Finding(Verdict.NOT_RUN, str(lack))
        except Exception as refusal:
            reason = f"R stopped as registered, and so did Python: {_said(refusal)}"
            return Finding(Verdict.PYTHON_ERROR, reason)
        finite = int(np.isfinite(ours.numbers).sum())
        evidence = {
            "R says": str(error),
            "Python": f"{finite} finite numbers of {ours.numbers.size}",
        }
        if finite < ours.numbers.size:
            reason = "R stopped as registered, and our answer is not finite"
            return Finding(Verdict.MISMATCH, reason, None, evidence)
        nothing = replace(ours, numbers=np.full_like(ours.numbers, np.nan))
        silent = Answer(nothing, np.asarray(fitted.theta, float), versions=error.versions)
        witness = hear_witness(self._trial(case, silent, ours))
        if witness is None:
            return Finding(Verdict.EXPLAINED, entry.title, None, evidence, entry.id, not_compared())
        evidence[BY_ITSELF] = witness.said
        if not witness.comparison.passed:
            reason = f"R stopped as registered, and our answer {witness.said}"
            return Finding(Verdict.MISMATCH, reason, None, evidence)
        ruling = not_compared(witness.said)
        return Finding(Verdict.EXPLAINED, entry.title, None, evidence, entry.id, ruling)

    def _ours(self, case: Case, answer: Answer) -> Asked:
        probe = probe_of(case.quantity)
        inputs = {**case.inputs, **{name: answer.evidence[name] for name in probe.takes}}
        if case.model is None:
            return Asked(as_value(self.implementation.compute(probe.name, inputs), probe.name))
        theta = None if probe.at_own_optimum else answer.theta
        return ask(self._fit(case.model), probe, theta, inputs)

    def _trial(self, case: Case, answer: Answer, whole: Value) -> Trial:
        model = case.model

        def fit_rows(keep: NDArray[np.bool_]) -> Fitted:
            assert model is not None
            return self._fit(model, keep)

        def referee() -> Fitted:
            assert model is not None
            if model.id not in self._referees:
                self._referees[model.id] = Native().fit(model, self.frames.of(model))
            return self._referees[model.id]

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
            referee=referee,
        )

    def _fit(self, model: Model, keep: NDArray[np.bool_] | None = None) -> Fitted:
        key = (model.id, b"" if keep is None else keep.tobytes())
        if key in self._failed:  # a fit that fails, perhaps after minutes, fails once
            raise self._failed[key].with_traceback(None)
        if key not in self._fits:
            frame = self.frames.of(model)
            rows = frame if keep is None else frame.loc[keep]
            try:
                fitted = self.implementation.fit(model, rows)
                self._fits[key] = checked_fit(fitted, self.implementation.name)
            except Exception as error:
                self._failed[key] = error
                raise
        return self._fits[key]

    def _judged(self, trial: Trial, own_optimum: bool) -> Finding:
        """Let the probe's judge decide; another library's optimum is not judged by itself."""
        if own_optimum:
            return judge_own_optimum(trial)
        if trial.probe.judge == "optimum" and not self._is_reference:
            return judge_other_optimum(trial)
        return JUDGES[trial.probe.judge](trial)

    @property
    def _is_reference(self) -> bool:
        """Whether this is pybootmlm, which deviations.toml is about and which stands in for R."""
        return bool(getattr(self.implementation, "reference", False))


def _with_warnings(finding: Finding, caught: Sequence[warnings.WarningMessage]) -> Finding:
    """Keep what Python warned of while it computed."""
    said = dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught)
    if not said:
        return finding
    return replace(finding, evidence={**finding.evidence, "Python warned": "; ".join(said)})


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
