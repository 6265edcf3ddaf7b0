# What lme4 says of a fitted model. Each function takes the built model and the
# inputs of the case, and gives `answer(value, evidence...)`.

answer <- function(value, ...) list(value = value, evidence = list(...))

numbered <- function(x) stats::setNames(as.vector(x), seq_along(x))

quantity_fixef <- function(m, inputs) answer(lme4::fixef(m$fit))

quantity_sigma <- function(m, inputs) answer(stats::sigma(m$fit))

quantity_criterion <- function(m, inputs) {
  answer(if (lme4::isREML(m$fit)) lme4::REMLcrit(m$fit) else stats::deviance(m$fit))
}

quantity_loglik <- function(m, inputs) answer(as.numeric(stats::logLik(m$fit)))

quantity_information <- function(m, inputs) {
  answer(c(AIC = stats::AIC(m$fit), BIC = stats::BIC(m$fit),
           df.residual = stats::df.residual(m$fit)))
}

quantity_vcov <- function(m, inputs) answer(as.matrix(stats::vcov(m$fit)))

quantity_std_errors <- function(m, inputs) {
  table <- stats::coef(summary(m$fit))
  answer(stats::setNames(table[, "Std. Error"], rownames(table)))
}

quantity_varcorr <- function(m, inputs) {
  frame <- as.data.frame(lme4::VarCorr(m$fit), order = "cov.last")
  label <- function(x) ifelse(is.na(x), "", x)
  rows <- paste(frame$grp, label(frame$var1), label(frame$var2), sep = "|")
  answer(matrix(c(frame$vcov, frame$sdcor), ncol = 2,
                dimnames = list(rows, c("vcov", "sdcor"))))
}

quantity_ranef <- function(m, inputs) {
  frame <- as.data.frame(lme4::ranef(m$fit, condVar = FALSE))
  answer(stats::setNames(frame$condval,
                         paste(frame$grpvar, frame$grp, frame$term, sep = "|")))
}

quantity_u <- function(m, inputs) answer(numbered(lme4::getME(m$fit, "u")))

quantity_fitted <- function(m, inputs) answer(stats::fitted(m$fit))

quantity_resid <- function(m, inputs) answer(stats::residuals(m$fit))

quantity_hatvalues <- function(m, inputs) answer(stats::hatvalues(m$fit))

quantity_shape <- function(m, inputs) {
  answer(c(nobs = stats::nobs(m$fit), lme4::ngrps(m$fit),
           singular = as.numeric(lme4::isSingular(m$fit))))
}

# R's optimum and the criterion there.
quantity_optimum <- function(m, inputs) {
  answer(c(stats::setNames(m$fit@theta, paste0("theta", seq_along(m$fit@theta))),
           criterion = quantity_criterion(m, inputs)$value))
}

# Points away from the optimum: theta * scale + shift, one point a row.
grid_points <- function(m, inputs) {
  theta <- m$fit@theta
  outer(inputs$scale, theta) + inputs$shift
}

quantity_devfun_lme4 <- function(m, inputs) {
  points <- grid_points(m, inputs)
  answer(numbered(apply(points, 1, m$criterion)), points = points)
}

# The same response again: an optimum must not move. (It does under REML with
# several fixed effects before lme4 1.1-33.)
quantity_refit_same <- function(m, inputs) {
  again <- lme4::refit(m$fit, lme4::getME(m$fit, "y"))
  built <- list(fit = again)
  answer(c(criterion = quantity_criterion(built, inputs)$value),
         theta_after = again@theta,
         rows = stats::nobs(m$fit),
         criterion_before = quantity_criterion(m, inputs)$value,
         criterion_at_theta_after = m$criterion(again@theta))
}

# The variance components of a random-intercept model, for references that are neither R nor
# Python: the sums of squares of a balanced layout give them in closed form.
variance_components <- function(m) {
  s <- stats::sigma(m$fit)
  answer(c("variance between" = (m$fit@theta[1] * s)^2, "variance within" = s^2))
}

quantity_anova_certified <- function(m, inputs) variance_components(m)

quantity_anova_exact <- function(m, inputs) variance_components(m)
