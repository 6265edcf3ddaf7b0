"""Fits, scores and influence values beside lme4 and bootmlm.

    python benchmarks/fits_and_inference.py

Needs R with lme4 and nlme; scores and influence values need bootmlm too (``R_LIBS`` may say where
it is installed).
"""

import os

# As R's reference BLAS: one thread.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import pybootmlm as bm
from side_by_side import Task, run

SETUP = """
suppressMessages({library(lme4); library(nlme)})
hsb <- merge(MathAchieve, MathAchSchool[c("School", "Sector")], by = "School", sort = FALSE)
names(hsb) <- tolower(names(hsb))
names(hsb)[names(hsb) == "school"] <- "id"
hsb$id <- factor(hsb$id, ordered = FALSE)
slope <- lmer(mathach ~ meanses + ses + (ses | id), hsb)
many <- function(f, k = 10) for (i in seq_len(k)) f()
"""


def main() -> None:
    """Run the tasks and print the table."""
    sleepstudy, hsb = bm.load_dataset("sleepstudy"), bm.load_dataset("hsb")
    slope = bm.lmer("mathach ~ meanses + ses + (ses | id)", hsb)
    tasks = [
        Task(
            "10 fits of sleepstudy, Days | Subject",
            lambda: [bm.lmer("Reaction ~ Days + (Days | Subject)", sleepstudy) for _ in range(10)],
            "many(function() lmer(Reaction ~ Days + (Days | Subject), sleepstudy))",
        ),
        Task(
            "10 fits of hsb, ses | id",
            lambda: [bm.lmer("mathach ~ meanses + ses + (ses | id)", hsb) for _ in range(10)],
            "many(function() lmer(mathach ~ meanses + ses + (ses | id), hsb))",
        ),
        Task("scores_mer, hsb", lambda: bm.scores_mer(slope), "bootmlm::scores_mer(slope)", 5, 1),
        Task(
            "empinf_merm of (beta, sigma), hsb",
            lambda: bm.empinf_merm(slope, lambda m: [*m.beta, m.sigma]),
            "bootmlm::empinf_merm(slope, function(m) c(fixef(m), sigma(m)))",
            3,
            1,
        ),
    ]
    run(SETUP, tasks)


if __name__ == "__main__":
    main()
