# Responses that bootmlm's own samplers, and lme4's simulate, draw after set.seed(85957).
#
# Writes responses.json beside itself, or to the file named:  Rscript responses.R [FILE]
# Needs the packages lme4, bootmlm and jsonlite; pop_syn.csv is read from pybootmlm/datasets.
# Numbers are text with 17 significant digits, so no bit is lost.
suppressMessages({
  library(lme4)
  library(bootmlm)
  library(jsonlite)
})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- file.path(here, "..", "..", "pybootmlm", "datasets")
pop_syn <- read.csv(list.files(folder, "^pop_syn[.]csv", recursive = TRUE, full.names = TRUE)[1])

# 20 schools of 2 to 6 pupils; and Dyestuff with its batches scattered over the rows.
few <- subset(pop_syn, school <= 20)
number <- ave(seq_len(nrow(few)), few$school, FUN = seq_along)
few <- few[number <= 2 + few$school %% 5, ]
scattered <- Dyestuff[order((seq_len(30) * 7) %% 31), ]

models <- list(
  list("Dyestuff", Dyestuff, Yield ~ 1 + (1 | Batch), c(TRUE, FALSE)),
  list("Dyestuff scattered", scattered, Yield ~ 1 + (1 | Batch), FALSE),
  list("Dyestuff2", Dyestuff2, Yield ~ 1 + (1 | Batch), c(TRUE, FALSE)),
  list("sleepstudy", sleepstudy, Reaction ~ Days + (Days | Subject), c(TRUE, FALSE)),
  list("sleepstudy", sleepstudy, Reaction ~ Days + (Days || Subject), TRUE),
  list("Penicillin", Penicillin, diameter ~ 1 + (1 | plate) + (1 | sample), c(TRUE, FALSE)),
  list("Pastes", Pastes, strength ~ 1 + (1 | batch/cask), c(TRUE, FALSE)),
  list("pop_syn few", few, popular ~ sex + texp + (1 | school), c(TRUE, FALSE))
)

digits <- function(x) paste(sprintf("%.17g", as.numeric(x)), collapse = " ")
drawn <- function(sampler) {
  set.seed(85957)
  tryCatch(
    vapply(sampler(), function(y) digits(if (is.data.frame(y)) y[[1]] else y), ""),
    error = function(e) list(error = unbox(conditionMessage(e)))
  )
}
residual <- function(fit, type, corrected = FALSE) function() {
  bootmlm:::.resid_resample(fit, 2, type = type, corrected = corrected)
}

recorded <- list()
for (model in models) for (reml in model[[4]]) {
  data <- model[[2]]
  fit <- suppressMessages(lmer(model[[3]], data, REML = reml))
  responses <- list(
    parametric = drawn(function() as.list(simulate(fit, 2))),
    residual = drawn(residual(fit, "residual")),
    residual_cgr = drawn(residual(fit, "residual_cgr")),
    residual_trans = drawn(residual(fit, "residual_trans")),
    corrected_trans = drawn(residual(fit, "residual_trans", corrected = TRUE))
  )
  # Of clusters and rows, once a data set is enough.
  if (length(fit@flist) == 1 && reml == model[[4]][1] && length(fit@cnms) == 1) {
    responses$case <- drawn(function() bootmlm:::.case_resample(fit, 2))
    responses$lv1_resample <- drawn(function() {
      bootmlm:::.case_resample(fit, 2, lv1_resample = TRUE)
    })
    # Of scattered rows bootmlm returns residuals to the wrong ones; see the deviations.
    if (model[[1]] != "Dyestuff scattered") {
      responses$reb <- drawn(function() bootmlm:::.reb_resample(fit, 2))
      responses$reb_scale <- drawn(function() bootmlm:::.reb_resample(fit, 2, scale = TRUE))
    }
  }
  recorded[[length(recorded) + 1]] <- list(
    data = unbox(model[[1]]), formula = unbox(deparse(model[[3]])), reml = unbox(reml),
    theta = digits(getME(fit, "theta")), responses = responses
  )
}
target <- commandArgs(TRUE)
if (length(target) == 0) target <- file.path(here, "responses.json")
version <- function(package) unbox(as.character(packageVersion(package)))
writeLines(toJSON(list(
  provenance = list(
    R = unbox(R.version.string), lme4 = version("lme4"), bootmlm = version("bootmlm"),
    RNGkind = RNGkind(), seed = unbox(85957), script = unbox("responses.R")
  ),
  models = recorded
), pretty = 1), target)
