# Covariance structures of random effects, as nlme has them: lme's pdMat classes, and gls's corExp
# with a nugget, the marginal covariance of an AR(1) process over the rows of a group and an
# independent residual.
#
# inputs: class (pdSymm, pdDiag, pdIdent, pdCompSymm or corExp), effects (their formula, or the
# time), group, part (criterion or estimates).

structure_of_lme <- function(fixed, data, inputs, method) {
  pd <- getExportedValue("nlme", inputs$class)(stats::as.formula(inputs$effects))
  control <- nlme::lmeControl(msMaxIter = 500, maxIter = 500, tolerance = 1e-12, msTol = 1e-14,
                              opt = "optim", reltol = 1e-14)
  fit <- do.call(nlme::lme, list(fixed = fixed, data = data, method = method, control = control,
                                 random = stats::setNames(list(pd), inputs$group)))
  S <- nlme::getVarCov(fit)
  list(fit = fit, beta = nlme::fixef(fit), sigma = fit$sigma, vcov = stats::vcov(fit),
       S = matrix(S, nrow(S)))
}

structure_of_gls <- function(fixed, data, inputs, method) {
  form <- stats::as.formula(paste(inputs$effects, "|", inputs$group))
  process <- nlme::corExp(c(5, 0.1), form = form, nugget = TRUE)
  control <- nlme::glsControl(tolerance = 1e-12, msTol = 1e-14, opt = "optim")
  fit <- do.call(nlme::gls, list(model = fixed, data = data, method = method, control = control,
                                 correlation = process))
  at <- stats::coef(fit$modelStruct$corStruct, unconstrained = FALSE)
  time <- sort(unique(data[[all.vars(form)[1]]]))
  lag <- abs(outer(time, time, "-"))
  # gls divides by n - p in the covariance of the coefficients under ML too.
  n <- nrow(data)
  own <- if (method == "ML") 1 - length(stats::coef(fit)) / n else 1
  list(fit = fit, beta = stats::coef(fit), sigma = fit$sigma * sqrt(at[["nugget"]]),
       vcov = own * stats::vcov(fit),
       S = fit$sigma^2 * (1 - at[["nugget"]]) * exp(-lag / at[["range"]]))
}

quantity_structure <- function(m, inputs) {
  fixed <- lme4::nobars(stats::formula(m$fit))
  data <- model_home(m$fit)$data
  method <- if (lme4::isREML(m$fit)) "REML" else "ML"
  found <- (if (inputs$class == "corExp") structure_of_gls else structure_of_lme)(
    fixed, data, inputs, method)
  if (inputs$part == "criterion") {
    return(answer(c(criterion = -2 * as.numeric(stats::logLik(found$fit)))))
  }
  below <- lower.tri(found$S, diag = TRUE)
  S <- stats::setNames(found$S[below], paste0("S[", row(found$S)[below], ",",
                                              col(found$S)[below], "]"))
  errors <- sqrt(diag(found$vcov))
  answer(c(sigma = found$sigma, found$beta,
           stats::setNames(errors, paste("error of", names(found$beta))), S))
}
