# What lme4 prints as the summary of many fits, and the theta at which it does.
#
# Writes summaries.json beside itself, or to the file named:  Rscript summaries.R [FILE]
# theta is text with 17 significant digits, so no bit is lost.
suppressMessages(library(lme4))
library(jsonlite)
data(Oxide, Orthodont, package = "nlme")

models <- list(
  list("Dyestuff", "Yield ~ 1 + (1 | Batch)", TRUE),
  list("Dyestuff", "Yield ~ 1 + (1 | Batch)", FALSE),
  list("Dyestuff", "I(Yield * 1e-08) ~ 1 + (1 | Batch)", TRUE),
  list("Dyestuff", "I(Yield * 1e+08) ~ 1 + (1 | Batch)", FALSE),
  list("Dyestuff", "Yield ~ 0 + (1 | Batch)", TRUE),
  list("Dyestuff2", "Yield ~ 1 + (1 | Batch)", TRUE),
  list("Dyestuff2", "Yield ~ 1 + (1 | Batch)", FALSE),
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", TRUE),
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", FALSE),
  list("sleepstudy", "Reaction ~ Days + (Days || Subject)", TRUE),
  list("sleepstudy", "Reaction ~ Days + (0 + Days | Subject)", FALSE),
  list("sleepstudy", "Reaction ~ I(Days * 1000) + (1 | Subject)", TRUE),
  list("sleepstudy", "Reaction ~ I(Days - 9) + (I(Days - 9) | Subject)", TRUE),
  list("sleepstudy", "log(Reaction) ~ Days + I(Days^2) + (1 | Subject)", TRUE),
  list("sleepstudy", "I(Reaction/1000) ~ 0 + Days + (Days | Subject)", FALSE),
  list("sleepstudy", "Reaction ~ Days + I(Days^2) + (Days + I(Days^2) | Subject)", FALSE),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", TRUE),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", FALSE),
  list("Pastes", "strength ~ 1 + (1 | batch/cask)", TRUE),
  list("Pastes", "strength ~ 1 + (1 | sample) + (1 | batch)", FALSE),
  list("Oxide", "Thickness ~ Source + Site + (1 | Lot/Wafer)", TRUE),
  list("Oxide", "Thickness ~ Source * Site + (Source | Lot)", FALSE),
  list("Orthodont", "log(distance) ~ age * Sex + (age | Subject)", TRUE),
  list("Orthodont", "log(distance) ~ poly(age, 2) * Sex + (1 | Subject)", FALSE),
  list("cake", "angle ~ recipe + temp + (1 | recipe:replicate)", TRUE),
  list("cake", "angle ~ recipe + temperature + (1 | replicate)", FALSE),
  list("cake", "angle ~ recipe * poly(temp, 3) + (1 | recipe:replicate)", TRUE),
  list("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", FALSE),
  list("cake", "angle ~ temp + (temp | replicate) + (recipe | replicate)", FALSE)
)

described <- lapply(models, function(model) {
  data <- as.data.frame(get(model[[1]]))
  fit <- suppressWarnings(suppressMessages(
    lmer(as.formula(model[[2]]), data, REML = model[[3]])
  ))
  list(
    data = unbox(model[[1]]), formula = unbox(model[[2]]), reml = unbox(model[[3]]),
    theta = sprintf("%.17g", getME(fit, "theta")),
    text = suppressMessages(capture.output(print(summary(fit)))),
    varcorr = capture.output(print(VarCorr(fit)))
  )
})
target <- commandArgs(TRUE)
if (length(target) == 0) target <- "summaries.json"
writeLines(toJSON(list(
  provenance = list(
    R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
    script = unbox("summaries.R")
  ),
  models = described
), pretty = 1), target)
