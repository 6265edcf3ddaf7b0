"""Profiles, influence, predictions and simulations beside lme4.

    python benchmarks/methods.py

Needs R with lme4 and nlme.
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
days <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
crossed <- lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin)
quiet <- function(x) suppressWarnings(suppressMessages(x))
"""


def main() -> None:
    """Run the tasks and print the table."""
    days = bm.lmer("Reaction ~ Days + (Days | Subject)", bm.load_dataset("sleepstudy"))
    slope = bm.lmer("mathach ~ meanses + ses + (ses | id)", bm.load_dataset("hsb"))
    crossed = bm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", bm.load_dataset("Penicillin"))
    tasks = [
        Task("confint, sleepstudy", lambda: days.confint(), "quiet(confint(days))", 3, 1),
        Task("profile, sleepstudy", lambda: days.profile(), "quiet(profile(days))", 3, 1),
        Task("confint, hsb", lambda: slope.confint(), "quiet(confint(slope))", 1, 1),
        Task("confint, Penicillin", lambda: crossed.confint(), "quiet(confint(crossed))", 1, 1),
        Task(
            "influence by Subject, sleepstudy",
            lambda: days.influence("Subject"),
            'quiet(influence(days, "Subject"))',
            5,
            3,
        ),
        Task(
            "influence by row, sleepstudy", lambda: days.influence(), "quiet(influence(days))", 3, 1
        ),
        Task(
            "ranef with variances, hsb",
            lambda: slope.ranef(cond_var=True),
            "ranef(slope, condVar = TRUE)",
        ),
        Task(
            "100 simulations, hsb",
            lambda: slope.simulate(100, rng=bm.RStream(1)),
            "simulate(slope, 100, seed = 1)",
        ),
    ]
    run(SETUP, tasks)


if __name__ == "__main__":
    main()
