# What R computes for the ready-made statistics, and the theta at which it does.
#
# Writes statistics.json beside itself, or to the file named:  Rscript statistics.R [FILE]
# Needs lme4 and jsonlite. Numbers are text with 17 significant digits, so no bit is lost.
# R squared is written out from Johnson (2014), equations 6 and 10, because MuMIn, which has it as
# r.squaredGLMM, need not be installed.
suppressMessages({
  library(lme4)
  library(jsonlite)
})
data(Oxide, package = "nlme")
models <- list(
  list("Dyestuff", "Yield ~ 1 + (1 | Batch)", TRUE),
  list("Dyestuff2", "Yield ~ 1 + (1 | Batch)", FALSE),
  list("sleepstudy", "Reaction ~ Days + (Days | Subject)", TRUE),
  list("sleepstudy", "Reaction ~ Days + (Days || Subject)", FALSE),
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", TRUE),
  list("Oxide", "Thickness ~ Source + Site + (1 | Lot/Wafer)", FALSE),
  list("cake", "angle ~ recipe * temp + (temp | recipe:replicate)", TRUE)
)
digits <- function(x) as.list(setNames(sprintf("%.17g", x), names(x)))
boxed <- function(x) lapply(x, unbox)

r2 <- function(fit) {
  fixed <- var(as.vector(getME(fit, "X") %*% fixef(fit)))
  parts <- mapply(function(Z, S) mean(rowSums((Z %*% S) * Z)), getME(fit, "mmList"), VarCorr(fit))
  total <- fixed + sum(parts) + sigma(fit)^2
  c(r2_marginal = fixed / total, r2_conditional = (fixed + sum(parts)) / total)
}
icc <- function(fit) {
  parts <- as.data.frame(VarCorr(fit))
  if (any(!is.na(parts$var2)) || any(na.omit(parts$var1) != "(Intercept)")) return(NULL)
  shares <- parts$vcov / sum(parts$vcov)
  names(shares) <- if (nrow(parts) == 2) c("icc", "") else paste0("icc|", parts$grp)
  shares[-length(shares)]
}

described <- lapply(models, function(model) {
  data <- as.data.frame(get(model[[1]]))
  fit <- suppressWarnings(suppressMessages(
    lmer(as.formula(model[[2]]), data, REML = model[[3]])
  ))
  parts <- as.data.frame(VarCorr(fit), order = "lower.tri")
  list(
    data = unbox(model[[1]]), formula = unbox(model[[2]]), reml = unbox(model[[3]]),
    theta_at = sprintf("%.17g", getME(fit, "theta")),
    fixef = boxed(digits(fixef(fit))), sigma = unbox(sprintf("%.17g", sigma(fit))),
    sdcor = sprintf("%.17g", parts$sdcor), vcov = sprintf("%.17g", parts$vcov),
    icc = boxed(digits(icc(fit))), r2 = boxed(digits(r2(fit)))
  )
})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
target <- commandArgs(TRUE)
if (length(target) == 0) target <- file.path(here, "statistics.json")
writeLines(toJSON(list(
  provenance = list(
    R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
    script = unbox("statistics.R")
  ),
  models = described
), pretty = 1), target)
