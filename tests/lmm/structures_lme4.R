# Covariance structures in lme4 2, which no distribution has yet: recorded, not run live.
#
# Writes structures_lme4.json beside itself, or to the file named; the folder of the installation of
# lme4 2 comes first:  Rscript structures_lme4.R LIBRARY [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
.libPaths(c(commandArgs(TRUE)[1], .libPaths()))
suppressMessages(library(lme4))
stopifnot(packageVersion("lme4") >= "2.0")
exact <- function(x) sprintf("%.17g", unname(as.vector(x)))
unbox <- jsonlite::unbox
sleepstudy$f <- factor(sleepstudy$Days)
# bobyqa tries points where the criterion is NaN, and stays there; nloptwrap's steps are shorter.
sharp <- lmerControl(calc.derivs = FALSE, optCtrl = list(xtol_abs = 1e-10, ftol_abs = 1e-10))
one <- function(name, formula, REML) {
  data <- get(name)
  fit <- suppressMessages(suppressWarnings(
    lmer(as.formula(formula), data, REML = REML, control = sharp)))
  if (!is.finite(logLik(fit)))  # sharpened, it leaves the domain of the correlation
    fit <- lmer(as.formula(formula), data, REML = REML)
  list(data = unbox(name), formula = unbox(formula), reml = unbox(REML),
       criterion = exact(-2 * as.numeric(logLik(fit))), par = exact(getME(fit, "par")),
       theta = exact(getME(fit, "theta")), lower = exact(getME(fit, "lower")),
       Lind = head(as.integer(getME(fit, "Lind")), 60), names = names(getME(fit, "par")),
       beta = exact(fixef(fit)), sigma = exact(sigma(fit)),
       vcov = tryCatch(exact(as.matrix(vcov(fit))), error = function(e) NA),
       b = exact(getME(fit, "b")),
       parameters = unbox(attr(logLik(fit), "df")), singular = unbox(isSingular(fit)),
       printed = capture.output(print(VarCorr(fit))))
}
formulas <- list(
  c("sleepstudy", "Reaction ~ Days + us(Days | Subject)"),
  c("sleepstudy", "Reaction ~ Days + diag(Days | Subject)"),
  c("sleepstudy", "Reaction ~ Days + diag(Days | Subject, hom = TRUE)"),
  c("sleepstudy", "Reaction ~ Days + cs(Days | Subject)"),
  c("sleepstudy", "Reaction ~ Days + cs(Days | Subject, hom = TRUE)"),
  c("sleepstudy", "Reaction ~ Days + ar1(0 + f | Subject)"),
  c("sleepstudy", "Reaction ~ Days + ar1(0 + f | Subject, hom = FALSE)"),
  c("cake", "angle ~ temp * recipe + cs(0 + recipe | replicate)"),
  c("cake", "angle ~ temp * recipe + cs(0 + recipe | replicate, hom = TRUE)"),
  c("cake", "angle ~ temp + recipe + ar1(0 + temperature | replicate) + (1 | recipe:replicate)"))
cases <- do.call(c, lapply(formulas, function(x) {
  lapply(c(TRUE, FALSE), function(REML) one(x[1], x[2], REML))
}))
provenance <- list(R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
                   source = unbox(paste("github.com/lme4/lme4 at",
                                        "32b5bfdc7cc53ef87b241be501e30ccada7ce817")),
                   script = unbox("structures_lme4.R"))
target <- c(commandArgs(TRUE)[-1], file.path(here, "structures_lme4.json"))[1]
writeLines(jsonlite::toJSON(list(provenance = provenance, cases = cases)), target)
