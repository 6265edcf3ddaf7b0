# Covariance structures in nlme: lme's pdMat classes, and gls's corExp with a nugget, whose marginal
# covariance is that of an AR(1) process over groups plus an independent residual.
#
# Writes structures_nlme.json beside itself, or to the file named:  Rscript structures_nlme.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
suppressMessages(library(nlme))
exact <- function(x) sprintf("%.17g", unname(as.vector(x)))
unbox <- jsonlite::unbox
data(sleepstudy, package = "lme4")
data(cake, package = "lme4")
sleepstudy <- sleepstudy[order(sleepstudy$Subject, sleepstudy$Days), ]

sharp <- lmeControl(msMaxIter = 500, maxIter = 500, tolerance = 1e-12, msTol = 1e-14,
                    opt = "optim", reltol = 1e-14)
of_lme <- function(formula, fixed, data, random) lapply(c("REML", "ML"), function(method) {
  fit <- lme(fixed, data, random = random, method = method, control = sharp)
  list(formula = unbox(formula), data = unbox(if ("temp" %in% names(data)) "cake" else "sleepstudy"),
       method = unbox(method), criterion = exact(-2 * as.numeric(logLik(fit))),
       beta = exact(fixef(fit)), sigma = exact(fit$sigma), vcov = exact(vcov(fit)),
       S = exact(getVarCov(fit)))
})
of_gls <- function(method) {
  fit <- gls(Reaction ~ Days, sleepstudy, method = method,
             correlation = corExp(c(8, 0.1), form = ~ Days | Subject, nugget = TRUE),
             control = glsControl(tolerance = 1e-12, msTol = 1e-14, opt = "optim"))
  at <- coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  process <- fit$sigma^2 * (1 - at[["nugget"]])
  lag <- abs(outer(0:9, 0:9, "-"))
  list(formula = unbox("Reaction ~ Days + ar1(0 + f | Subject)"), data = unbox("sleepstudy"),
       method = unbox(method), criterion = exact(-2 * as.numeric(logLik(fit))),
       beta = exact(coef(fit)), sigma = exact(fit$sigma * sqrt(at[["nugget"]])),
       # gls divides by n - p in the covariance of the coefficients under ML too.
       vcov = exact(vcov(fit) * if (method == "ML") 1 - 2 / nrow(sleepstudy) else 1),
       S = exact(process * exp(-lag / at[["range"]])))
}
cases <- c(
  of_lme("Reaction ~ Days + us(Days | Subject)", Reaction ~ Days, sleepstudy,
         list(Subject = pdSymm(~ Days))),
  of_lme("Reaction ~ Days + diag(Days | Subject)", Reaction ~ Days, sleepstudy,
         list(Subject = pdDiag(~ Days))),
  of_lme("Reaction ~ Days + diag(Days | Subject, hom = TRUE)", Reaction ~ Days, sleepstudy,
         list(Subject = pdIdent(~ Days))),
  of_lme("Reaction ~ Days + cs(Days | Subject, hom = TRUE)", Reaction ~ Days, sleepstudy,
         list(Subject = pdCompSymm(~ Days))),
  of_lme("angle ~ temp * recipe + cs(0 + recipe | replicate, hom = TRUE)",
         angle ~ temp * recipe, cake, list(replicate = pdCompSymm(~ 0 + recipe))),
  lapply(c("REML", "ML"), of_gls))
provenance <- list(R = unbox(R.version.string), nlme = unbox(as.character(packageVersion("nlme"))),
                   script = unbox("structures_nlme.R"))
target <- c(commandArgs(TRUE), file.path(here, "structures_nlme.json"))[1]
writeLines(jsonlite::toJSON(list(provenance = provenance, cases = cases), pretty = TRUE), target)
