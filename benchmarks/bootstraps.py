"""Bootstraps beside bootmlm, with R's own random numbers, end to end.

    python benchmarks/bootstraps.py

Needs R with lme4, nlme and bootmlm (``R_LIBS`` may say where it is installed). R's part takes some
minutes: 1,999 replicates of hsb alone take three.
"""

import os
import time
from importlib.resources import files

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
pop <- read.csv(Sys.getenv("POP_SYN"))
set.seed(85957)
pop <- pop[pop$school %in% sample(unique(pop$school), 30), ]
rows <- lapply(split(seq_len(nrow(pop)), factor(pop$school, unique(pop$school))),
               function(i) i[sample.int(length(i), round(length(i) * 0.25))])
pop <- lmer(popular ~ (1 | school), pop[unlist(rows), ])
icc <- function(m) 1 / (1 + m@theta^(-2))
nine <- function() {
  bootstrap_mer(pop, icc, 999, type = "parametric")
  bootstrap_mer(pop, icc, 999, type = "residual")
  bootstrap_mer(pop, icc, 999, type = "residual_cgr")
  bootstrap_mer(pop, icc, 999, type = "residual_trans")
  bootstrap_mer(pop, icc, 999, type = "residual_trans", corrected_trans = TRUE)
  bootstrap_mer(pop, icc, 999, type = "reb")
  bootstrap_mer(pop, icc, 999, type = "reb", reb_scale = TRUE)
  bootstrap_mer(pop, icc, 999, type = "case")
  bootstrap_mer(pop, icc, 999, type = "case", lv1_resample = TRUE)
}
"""
NINE: list[dict[str, str | bool]] = [
    {"type": "parametric"},
    {"type": "residual"},
    {"type": "residual_cgr"},
    {"type": "residual_trans"},
    {"type": "residual_trans", "corrected_trans": True},
    {"type": "reb"},
    {"type": "reb", "reb_scale": True},
    {"type": "case"},
    {"type": "case", "lv1_resample": True},
]
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


def vignette() -> Task:
    """The nine bootstraps of bootmlm's vignette `compare`, on its sample of pop_syn."""
    stream = bm.RStream(85957)
    pop = bm.load_dataset("pop_syn")
    pop = pop[pop["school"].isin(stream.sample(pop["school"].unique(), 30))]
    rows = []
    for _, school in pop.groupby("school", sort=False, observed=True):
        drawn = stream.sample_index(len(school), round(len(school) * 0.25))
        rows.extend(school.index[drawn])
    fit = bm.lmer("popular ~ (1 | school)", pop.loc[rows])
    return Task(
        "nine bootstraps of the vignette, 999 replicates each",
        lambda: [bm.bootstrap_mer(fit, "icc", 999, rng=stream, **options) for options in NINE],
        "nine()",
        3,
        1,
    )


def beside_mixedlm() -> None:
    """Parametric bootstraps of mixedlm, where it is installed, and ours, a replicate each."""
    try:
        import mixedlm
    except ImportError:
        print("\nmixedlm is not installed: nothing to compare with.")
        return
    print(
        f"\n| parametric, {REPLICATES} replicates | mixedlm, ms each | pybootmlm, ms each | ratio |"
    )
    print("|---|---:|---:|---:|")
    for name in ("Dyestuff", "sleepstudy"):
        data = bm.load_dataset(name)
        # mixedlm does not read categoricals as groups.
        plain = data.astype(dict.fromkeys(data.select_dtypes("category"), str))
        theirs = mixedlm.lmer(MODELS[name], plain)
        ours = bm.lmer(MODELS[name], data)
        start = time.perf_counter()
        mixedlm.bootMer(theirs, nsim=REPLICATES, seed=1)
        middle = time.perf_counter()
        bm.bootstrap_mer(ours, statistic, REPLICATES, rng=1)
        end = time.perf_counter()
        a, b = (1e3 * t / REPLICATES for t in (middle - start, end - middle))
        print(f"| {name} | {a:.2f} | {b:.3f} | {a / b:.0f} |")


if __name__ == "__main__":
    os.environ["POP_SYN"] = str(files("pybootmlm.datasets") / "data" / "pop_syn.csv")
    run(SETUP, [*(residual(name) for name in MODELS), vignette()])
    beside_mixedlm()
