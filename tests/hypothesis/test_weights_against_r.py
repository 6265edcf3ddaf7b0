"""pbkrtest forgets prior weights: its numbers are those of the formulas with I for the errors."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pybootmlm as bm

SCRIPT = """
suppressMessages({library(lme4); library(pbkrtest); library(jsonlite)})
d <- sleepstudy
d$w <- 1 + seq_len(nrow(d)) %% 3
fit <- lmer(Reaction ~ Days + (Days | Subject), d, weights = w)
cat(toJSON(list(theta = getME(fit, "theta"), adjusted = as.matrix(vcovAdj(fit))), digits = 17))
"""


def adjusted(fit: bm.LmerFit, error_variances: np.ndarray) -> np.ndarray:
    """Kenward and Roger's covariance matrix by dense algebra, Phi being the fit's own."""
    X, Phi = fit.design.X, fit.vcov.to_numpy()
    codes, Z = fit.design.factors[0].codes, fit.design.terms[0].Z
    same, cov = codes[:, None] == codes[None], fit.varcorr["Subject"].to_numpy()
    G, values = [], []
    for a, b in ((0, 0), (1, 0), (1, 1)):
        product = np.outer(Z[:, a], Z[:, b])
        G.append(same * (product if a == b else product + product.T))
        values.append(cov[a, b])
    G.append(np.diag(error_variances))
    values.append(fit.sigma**2)
    inverse = np.linalg.inv(sum(v * g for v, g in zip(values, G, strict=True)))
    P = [-X.T @ inverse @ g @ inverse @ X for g in G]
    Q = [[X.T @ inverse @ g @ inverse @ h @ inverse @ X for h in G] for g in G]
    moved = [g @ inverse for g in G]
    information = np.array(
        [
            [
                np.trace(moved[i] @ moved[j])
                - 2 * np.trace(Phi @ Q[i][j])
                + np.trace(Phi @ P[i] @ Phi @ P[j])
                for j in range(4)
            ]
            for i in range(4)
        ]
    )
    W = 2 * np.linalg.inv(information)
    U: Any = sum(W[i, j] * (Q[i][j] - P[i] @ Phi @ P[j]) for i in range(4) for j in range(4))
    return np.asarray(Phi + 2 * Phi @ U @ Phi)


@pytest.mark.live_r("pbkrtest")
def test_r_is_explained_by_the_weights_it_forgets(tmp_path: Path):
    script = tmp_path / "weights.R"
    script.write_text(SCRIPT, encoding="utf-8")
    run = subprocess.run(["Rscript", str(script)], capture_output=True, text=True, check=True)
    said = json.loads(run.stdout)
    data = bm.load_dataset("sleepstudy")
    data["w"] = 1.0 + np.arange(1, 181) % 3
    fit = bm.lmer("Reaction ~ Days + (Days | Subject)", data, weights="w")
    fit = fit.at_theta(said["theta"])
    theirs, ours = np.array(said["adjusted"]), bm.vcov_adj(fit).to_numpy()
    # Dense algebra on both sides, of 180 by 180 matrices.
    np.testing.assert_allclose(theirs, adjusted(fit, np.ones(180)), rtol=1e-6)
    np.testing.assert_allclose(ours, adjusted(fit, 1 / data["w"].to_numpy()), rtol=1e-7)
    assert np.abs(theirs / ours - 1).max() > 1e-3
