"""Two bootstraps, replicate by replicate: who is right where they differ, by the criterion."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.tolerances import Tolerance
from parity.translate.verifying.outcome import Item
from parity.values import Value
from parity.verdict import Verdict

Said = Mapping[str, Any]
Array = NDArray[np.float64]

_FIXED_IN = (1, 1, 33)  # lme4's refit() of REML models: deviation lme4-refit-reml-df
_SAME_THETA = 1e-5


def judge_bootstrap(
    name: str, theirs: Said, ours: Said, tolerance: Tolerance, versions: Mapping[str, str]
) -> Item:
    """Compare the estimates, then every replicate.

    A replicate that differs is explained where the criterion of ours is no higher than that of R
    (plus what lme4's stopping rule leaves open) and theta differs: then R's refit stopped early, or
    on flat ground. Where theta is the same, a difference is one of the statistics.
    """
    left, right = (_pair(said) for said in (theirs, ours))
    at_fit = compare(Value.of(left[0]), Value.of(right[0]), tolerance)
    if not at_fit.passed:
        return Item(name, Verdict.MISMATCH, f"t0: {at_fit.problem}", at_fit.digits)
    about = Value.from_json(theirs["about"]).numbers if "about" in theirs else (0.0, 0.0, 0.0)
    refusal = wrong_refits(about, versions)
    if refusal:
        return Item(name, Verdict.NOT_RUN, refusal, at_fit.digits)
    t, s = left[1], right[1]
    if t.shape != s.shape:
        return Item(name, Verdict.MISMATCH, f"replicates: R has {t.shape}, Python {s.shape}")
    whole = compare(Value.of(t), Value.of(s), tolerance)
    if whole.passed:
        return Item(name, Verdict.MATCH, f"{len(t)} replicates", whole.digits)
    finite = np.where(np.isfinite(t), np.abs(t), 0.0)
    allowed = tolerance.absolute + tolerance.relative * finite.max(axis=0)
    with np.errstate(invalid="ignore"):
        close = (np.abs(t - s) <= allowed) | (np.isnan(t) & np.isnan(s))
    rows = np.flatnonzero(~close.all(axis=1))
    return _explained(name, rows, theirs, ours, (t, s), tolerance, whole.digits)


def _pair(said: Said) -> tuple[Array, Array]:
    t0, t = (Value.from_json(said[part]).numbers for part in ("t0", "t"))
    return t0, t.reshape(-1, len(t0)) if t.ndim == 1 else t


def wrong_refits(about: Sequence[float] | Array, versions: Mapping[str, str]) -> str:
    """Why R's refits cannot be compared: they may be wrong for REML; empty if they can.

    Parameters
    ----------
    about
        Whether the fit is by REML, how many fixed effects it has, whether refit() was used.
    """
    reml, p, refits = about
    version = tuple(int(part) for part in versions.get("lme4", "9").replace("-", ".").split("."))
    if reml and p > 1 and refits and version < _FIXED_IN:
        return (
            f"lme4 {versions['lme4']} refits REML models by a wrong criterion (deviation "
            "lme4-refit-reml-df): use an lme4 from 1.1-33 on by --rscript"
        )
    return ""


def _explained(
    name: str, rows: NDArray[np.intp], theirs: Said, ours: Said, pair: tuple[Array, Array],
    tolerance: Tolerance, digits: float,
) -> Item:  # fmt: skip
    said = f"{len(rows)} of {len(pair[0])} replicates differ"
    if "witness" not in theirs or "witness" not in ours:
        return Item(name, Verdict.MISMATCH, f"{said}, and the refits were not looked at", digits)
    left, right = (Value.from_json(s["witness"]).numbers[rows] for s in (theirs, ours))
    above = right[:, -1] - left[:, -1]
    failed = np.isnan(pair[0][rows]).all(axis=1) & np.isfinite(pair[1][rows]).all(axis=1)
    worse = failed | (above <= tolerance.criterion)
    moved = failed | (np.abs(right[:, :-1] - left[:, :-1]).max(axis=1) > _SAME_THETA)
    if not worse.all():
        row = int(rows[np.flatnonzero(~worse)[0]]) + 1
        reason = f"{said}; in replicate {row} our criterion is not the lower one"
        return Item(name, Verdict.MISMATCH, reason, digits)
    if not moved.all():
        row = int(rows[np.flatnonzero(~moved)[0]]) + 1
        reason = f"{said}; in replicate {row} theta is the same and the statistic is not"
        return Item(name, Verdict.MISMATCH, reason, digits)
    parts = []
    early = int((above[~failed] < -tolerance.criterion).sum())
    flat = len(rows) - early - int(failed.sum())
    if early:
        parts.append(
            f"in {early} R's refit stopped early, up to {-above[~failed].min():.2g} above ours"
        )
    if flat:
        parts.append(f"in {flat} both criteria are within {tolerance.criterion:g}")
    if failed.any():
        parts.append(f"in {int(failed.sum())} R's refit failed")
    return Item(name, Verdict.EXPLAINED, f"{said}: {'; '.join(parts)}", digits)
