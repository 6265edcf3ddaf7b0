"""Registered deviations: whether one explains a difference, and what an outdated one says."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parity.deviations import Claim, Deviation
from parity.errors import NotProvidedError
from parity.proofs import Evidence, proof_of
from parity.trial import Trial
from parity.verdict import Cause, Finding, Ruling, Side, Verdict
from parity.witnesses import BY_ITSELF


def settle(trial: Trial, claims: Sequence[Claim], finding: Finding, *, reference: bool) -> Finding:
    """Let the deviations that claim a case explain its difference, if a proof holds for this fit.

    Several slips of R can meet in one case; proofs that emulate them emulate all.

    Parameters
    ----------
    reference
        Whether our side is pybootmlm, which deviations.toml is about: then an agreement that a
        deviation rules out shows that its entry is out of date.
    """
    if not claims:
        return finding
    must = [one for one in claims if not one.scope.sometimes]
    if finding.verdict is Verdict.MATCH:
        return _agreed(must, finding, reference=reference) if must else finding
    if _no_numbers(trial) and not any(one.scope.refusal for one in claims):
        return finding  # no slip of R's accounts for what we lack
    slips = dict.fromkeys(slip for one in claims for slip in one.scope.as_r)
    trial = replace(trial, as_r=tuple(slips))
    lacks: list[str] = []
    for one in claims:
        try:
            evidence = proof_of(one.scope.proof)(trial)
        except NotProvidedError as lack:
            lacks.append(
                f"R is known to be wrong here ({one.deviation.id}), and whether that alone "
                f"accounts for the difference cannot be shown: {lack}"
            )
            continue
        if evidence is not None and one.scope.sometimes and not finding.verdict.fails:
            # The judge has explained it already; the entry tells the reader what it is.
            evidence = {**finding.evidence, **evidence}
            return replace(finding, deviation=one.deviation.id, evidence=evidence)
        if evidence is not None:
            return _proved(trial, one, finding, evidence)
    if lacks:
        return replace(finding, verdict=Verdict.NOT_RUN, reason=lacks[0])
    if not must:
        return finding
    ids = ", ".join(f"'{one.deviation.id}'" for one in must)
    named = f"the deviation {ids} does" if len(must) == 1 else f"the deviations {ids} do"
    reason = f"{finding.reason}; {named} not account for it"
    return replace(finding, verdict=Verdict.MISMATCH, reason=reason)


def _no_numbers(trial: Trial) -> bool:
    """Say whether ours has another shape than R's, or lacks a number that R has."""
    theirs, ours = trial.expected.numbers, trial.observed.numbers
    return theirs.shape != ours.shape or bool((np.isfinite(theirs) & ~np.isfinite(ours)).any())


def not_compared(itself: str = "") -> Ruling:
    """Say that R's fault is known, but that R gave nothing that ours could be held to.

    Parameters
    ----------
    itself
        What ours is when it is computed by us in another way, where there is one.
    """
    sentence = "open: R has no answer, so Python's was compared with none"
    sentence += f"; Python's {itself}" if itself else ", nor is there another way to it here"
    return Ruling(Side.OPEN, Cause.NO_ANSWER, sentence)


def _agreed(must: Sequence[Claim], finding: Finding, *, reference: bool) -> Finding:
    entry = must[0].deviation
    if not reference:
        noted = {"R is known to be wrong here": f"{entry.id}: {entry.title}"}
        return replace(finding, evidence={**finding.evidence, **noted})
    reason = (
        f"stale deviation: '{entry.id}' claims this case under {dict(entry.packages)}, "
        "but R and Python agree; correct its versions in deviations.toml"
    )
    return replace(finding, verdict=Verdict.MISMATCH, reason=reason)


def _proved(trial: Trial, one: Claim, finding: Finding, evidence: Evidence) -> Finding:
    entry = one.deviation
    if finding.ruling is not None and finding.ruling.nearer in (Side.R, Side.NEITHER):
        reason = f"the deviation '{entry.id}' claims it, but {finding.ruling.sentence}"
        return replace(finding, verdict=Verdict.MISMATCH, reason=reason)
    said = {"Python says": finding.reason} if one.scope.refusal else {}
    nothing = not one.scope.refusal and bool(np.isnan(trial.expected.numbers).all())
    itself = evidence.get(BY_ITSELF, "")
    return Finding(
        Verdict.EXPLAINED,
        entry.title,
        finding.comparison,
        {**finding.evidence, **said, **evidence},
        entry.id,
        not_compared(itself) if nothing else _ruled_by(entry, finding.ruling),
    )


def _ruled_by(entry: Deviation, ruling: Ruling | None) -> Ruling:
    """Rule for us where a deviation of R is registered and proved, with the judge's table."""
    sentence = f"Python is right: {entry.title}; its proof held in this run"
    if ruling is None:
        return Ruling(Side.PYTHON, Cause.DEVIATION, sentence)
    return replace(ruling, nearer=Side.PYTHON, cause=Cause.DEVIATION, sentence=sentence)
