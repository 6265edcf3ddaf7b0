# Bootstrap intervals by lme4's confint(method = "boot").
#
# Models are fitted by ML: lme4 before 1.1-33 refits REML models wrongly. Writes confint_boot.json
# beside itself, or to the file named:  Rscript confint_boot.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))

cases <- list(
  list(data = "Dyestuff", formula = "Yield ~ 1 + (1 | Batch)", reml = FALSE),
  list(data = "sleepstudy", formula = "Reaction ~ Days + (Days | Subject)", reml = FALSE)
)
record <- function(case) {
  fit <- fitted_model(case)
  intervals <- lapply(c(perc = "perc", basic = "basic", norm = "norm"), function(type) {
    exact(suppressWarnings(suppressMessages(confint(
      fit, method = "boot", nsim = 99, seed = 7, boot.type = type, level = 0.9, quiet = TRUE))))
  })
  c(described(case, fit), list(intervals = intervals))
}
write_record("confint_boot", list(cases = lapply(cases, record)))
