"""Scores of weighted models and of models with an offset: R's formula on the rows that R takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.compare import compare
from parity.trial import Trial, thin_alike
from parity.values import Value
from pybootmlm import LmerFit, lmer

Array = NDArray[np.float64]
Evidence = Mapping[str, str]


@dataclass(frozen=True)
class Rows:
    """What scores are computed of.

    Attributes
    ----------
    X, Z
        ``(n, p)`` and ``(n, q)``.
    eps
        ``(n,)`` response less the mean.
    """

    X: Array
    Z: Array
    eps: Array


def scores_of_other_rows(trial: Trial) -> Evidence | None:
    """Take the rows unweighted, and the offset for a residual: then the formula gives R's scores.

    The factors of the penalised least squares stay those of the weighted rows, as they do in R.
    The same formula with the right rows gives ours.
    """
    model, frame = trial.case.model, trial.frame
    theta = trial.answer.theta
    if model is None or frame is None or theta is None:
        return None
    fit = lmer(
        model.formula, frame, reml=model.reml, weights=model.weights, offset=model.offset
    ).at_theta(theta)
    design = fit.design
    offset = np.zeros(fit.nobs) if design.offset is None else design.offset
    root = np.ones(fit.nobs) if design.weights is None else np.sqrt(design.weights)
    Z = np.asarray(fit.getME("Zt").T.todense())
    taken = Rows(design.X, Z, design.y - design.X @ fit.beta)
    right = Rows(design.X * root[:, None], Z * root[:, None], (taken.eps - offset) * root)
    level = trial.case.inputs["level"]
    theirs = compare(
        Value.of(trial.expected.numbers),
        _as_recorded(trial, _scores(fit, taken, right, level)),
        trial.tolerance,
    )
    ours = compare(
        Value.of(trial.observed.numbers),
        _as_recorded(trial, _scores(fit, right, right, level)),
        trial.tolerance,
    )
    if not theirs.passed or not ours.passed:
        return None
    return {
        "the formula with rows unweighted and the offset not subtracted, against R's": (
            f"agrees, to {theirs.digits:.1f} digits"
        ),
        "the same formula with the rows that the model means, against ours": (
            f"agrees, to {ours.digits:.1f} digits"
        ),
    }


def _scores(fit: LmerFit, rows: Rows, solved: Rows, level: int) -> Array:
    """Scores of rows ``(n, k)`` or clusters ``(J, k)``, in theta's order.

    `solved` are the rows of which the factors of the fit were made.
    """
    sigma2, n = fit.sigma**2, fit.nobs
    Lambda = np.asarray(fit.getME("Lambdat").T.todense())
    A, solved_A = rows.Z @ Lambda, solved.Z @ Lambda
    core = np.linalg.inv(solved_A.T @ solved_A + np.eye(len(Lambda)))

    def v_inverse(columns: Array) -> Array:
        return np.asarray(columns - A @ (core @ (A.T @ columns)))

    crossed = solved_A.T @ solved.X
    H = np.linalg.inv(solved.X.T @ solved.X - crossed.T @ core @ crossed)
    VX, Ve, VZ = v_inverse(rows.X), v_inverse(rows.eps[:, None])[:, 0], v_inverse(rows.Z)
    BZ = VZ - VX @ H @ (VX.T @ rows.Z) if fit.reml else VZ
    parts = [VX * rows.eps[:, None] / sigma2]
    for moved in _derivatives(fit):
        along = v_inverse((rows.Z @ (moved @ (rows.Z.T @ Ve)))[:, None])[:, 0]
        diagonal = ((BZ @ moved) * rows.Z).sum(axis=1)
        parts.append((-diagonal + along * rows.eps / sigma2)[:, None] / 2 / sigma2)
    df = n - rows.X.shape[1] if fit.reml else n
    parts.append((-df / n + Ve * rows.eps / sigma2)[:, None] / 2 / sigma2)
    values = np.hstack(parts)
    if level == 1:
        return values
    factor = fit.design.factors[0]
    sums = np.zeros((len(factor.levels), values.shape[1]))
    np.add.at(sums, factor.codes, values)
    return sums


def _derivatives(fit: LmerFit) -> Iterator[Array]:
    """Derivative ``(q, q)`` of the effects' covariance by each of its parameters."""
    for unit in np.eye(len(fit.theta)):
        # Lambda is linear in theta, and has theta's entries where the covariance has its own.
        half = np.asarray(fit.at_theta(unit).getME("Lambdat").todense())
        yield half + half.T - np.diag(np.diag(half))


def _as_recorded(trial: Trial, values: Array) -> Value:
    """Keep the rows that a recorded answer keeps."""
    return thin_alike(Value.of(values), trial.answer)
