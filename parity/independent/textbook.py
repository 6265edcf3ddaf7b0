"""The linear mixed model in dense matrices, as a textbook writes it: no trick, no scaling.

Designs are written out in the case (columns of X, columns and grouping of each term of Z), so
no formula is read here, and the algebra shares no step with a mixed-model program: V is formed,
inverted and used.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parity.cases import Model
from parity.values import Value

Array = NDArray[np.float64]


def textbook(model: Model, frame: pd.DataFrame, inputs: Mapping[str, Any]) -> Value:
    """Return a part of the model at a theta.

    Parameters
    ----------
    inputs
        ``x``: columns of X, "1" for the intercept. ``z``: for each term, in the order of
        theta, ``by`` (columns that group), ``columns`` and, where it has one, ``structure``.
        ``at``: theta, lower triangles, column by column, or what the structure has. ``part``:
        "estimates", "effects" or "rows".

    References
    ----------
    Searle, Casella and McCulloch (1992), *Variance Components*, chapters 6 and 7: V = ZDZ' + R,
    generalised least squares, best linear unbiased prediction.
    """
    y = _column(frame, model.formula.partition("~")[0].strip())
    offset = _column(frame, model.offset) if model.offset else np.zeros(len(y))
    weights = _column(frame, model.weights) if model.weights else np.ones(len(y))
    X = np.column_stack([_column(frame, name) for name in inputs["x"]])
    Z, D, labels = _random_part(frame, inputs["z"], inputs["at"])
    n, p = X.shape
    V = Z @ D @ Z.T + np.diag(1 / weights)
    W = np.linalg.inv(V)
    H = np.linalg.inv(X.T @ W @ X)
    beta = H @ X.T @ W @ (y - offset)
    error = y - offset - X @ beta
    df = n - p if model.reml else n
    sigma2 = float(error @ W @ error) / df
    if inputs["part"] == "effects":
        return Value.of(dict(zip(labels, (D @ Z.T @ W @ error).tolist(), strict=True)))
    if inputs["part"] == "rows":
        P = W - W @ X @ H @ X.T @ W
        fitted = y - P @ (y - offset) / weights
        leverage = 1 - np.diag(P) / weights
        return Value.of(pd.DataFrame({"fitted": fitted, "hatvalue": leverage}).to_numpy())
    criterion = float(np.linalg.slogdet(V)[1]) + df * (1 + np.log(2 * np.pi * sigma2))
    if model.reml:
        criterion -= float(np.linalg.slogdet(H)[1])
    names = ["(Intercept)" if name == "1" else name for name in inputs["x"]]
    numbers = {"criterion": criterion, "sigma": float(np.sqrt(sigma2))}
    numbers |= {f"fixef|{name}": float(b) for name, b in zip(names, beta, strict=True)}
    for i, row in enumerate(names):
        numbers |= {f"vcov|{row}|{names[j]}": float(sigma2 * H[i, j]) for j in range(i + 1)}
    return Value.of(numbers)


def _column(frame: pd.DataFrame, name: str) -> Array:
    if name == "1":
        return np.ones(len(frame))
    return np.asarray(frame[name], dtype=np.float64)


def _covariance(structure: str, q: int, left: list[float]) -> Array:
    """Return a term's covariance in units of sigma^2 (q, q); takes its numbers from `left`."""
    if structure == "us":
        root = np.zeros((q, q))
        for j in range(q):
            for i in range(j, q):
                root[i, j] = left.pop(0)
        return root @ root.T
    # "cs", "cs hom", "ar1", ...: standard deviations, then the correlation.
    name, _, hom = structure.partition(" ")
    sd = [left.pop(0)] * q if hom else [left.pop(0) for _ in range(q)]
    rho = 0.0 if name == "diag" else left.pop(0)
    S = np.empty((q, q))
    for i in range(q):
        for j in range(q):
            lag = abs(i - j) if name == "ar1" else int(i != j)
            S[i, j] = sd[i] * sd[j] * rho**lag
    return S


def _random_part(
    frame: pd.DataFrame, terms: Sequence[Mapping[str, Any]], theta: Sequence[float]
) -> tuple[Array, Array, list[str]]:
    """Return Z (n, q), the effects' covariance in units of sigma^2 (q, q), and their names."""
    left = list(theta)
    columns: list[Array] = []
    blocks: list[Array] = []
    labels: list[str] = []
    for term in terms:
        names = term["columns"]
        covariance = _covariance(term.get("structure", "us"), len(names), left)
        group = frame[term["by"][0]].astype(str)
        for other in term["by"][1:]:
            group = group + ":" + frame[other].astype(str)
        for level in dict.fromkeys(group):
            inside = (group == level).to_numpy(dtype=np.float64)
            columns += [inside * _column(frame, name) for name in names]
            blocks.append(covariance)
            named = ["(Intercept)" if name == "1" else name for name in names]
            labels += [f"{':'.join(term['by'])}|{level}|{name}" for name in named]
    D = np.zeros((len(columns), len(columns)))
    at = 0
    for block in blocks:
        D[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return np.column_stack(columns), D, labels
