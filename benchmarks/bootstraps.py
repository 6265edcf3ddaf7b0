"""Bootstraps beside bootmlm, with R's own random numbers, end to end.

    python benchmarks/bootstraps.py

Needs R with lme4, nlme and bootmlm (``R_LIBS`` may say where it is installed). R's part takes some
minutes: 1,999 replicates of hsb alone take three.
"""

import os

# As R's reference BLAS: one thread.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

import pybootmlm as bm
from side_by_side import Task, run

SETUP = """
suppressMessages({library(lme4); library(nlme); library(bootmlm)})
hsb <- merge(MathAchieve, MathAchSchool[c("School", "Sector")], by = "School", sort = FALSE)
names(hsb) <- tolower(names(hsb))
names(hsb)[names(hsb) == "school"] <- "id"
hsb$id <- factor(hsb$id, ordered = FALSE)
dyestuff <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff)
sleepstudy <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
hsb <- lmer(mathach ~ meanses + ses + (ses | id), hsb)
"""
MODELS = {
    "Dyestuff": "Yield ~ 1 + (1 | Batch)",
    "sleepstudy": "Reaction ~ Days + (Days | Subject)",
    "hsb": "mathach ~ meanses + ses + (ses | id)",
}
REPLICATES = 1999


def statistic(fit: bm.LmerFit) -> np.ndarray:
    """Fixed effects and sigma."""
    return np.append(fit.beta, fit.sigma)


def residual(name: str) -> Task:
    """The residual bootstrap of one model."""
    fit = bm.lmer(MODELS[name], bm.load_dataset(name))
    r = (
        f"set.seed(85957); bootstrap_mer({name.lower()}, function(m) c(fixef(m), sigma(m)), "
        f"nsim = {REPLICATES}, type = 'residual')"
    )
    return Task(
        f"{REPLICATES} residual replicates, {name}",
        lambda: bm.bootstrap_mer(
            fit, statistic, REPLICATES, type="residual", rng=bm.RStream(85957)
        ),
        r,
        3,
        1,
    )


if __name__ == "__main__":
    run(SETUP, [residual(name) for name in MODELS])
